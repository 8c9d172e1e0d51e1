"""A chart on a page: the figure, the finding above it, and one sentence for who cannot see it."""

from dataclasses import dataclass

from app.reports.figures import Figure


@dataclass(frozen=True, slots=True)
class Chart:
    id: str
    finding: str
    summary: str
    figure: Figure


def make_chart(id: str, figure: Figure | None, summary: str) -> Chart | None:
    """The chart, whose finding is the title that the figure was given; none when there is nothing to draw."""
    if figure is None:
        return None
    return Chart(id, figure["layout"]["title"]["text"], summary, figure)
