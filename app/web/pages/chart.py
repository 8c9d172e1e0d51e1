"""A chart on a page: the figure, the finding above it, one sentence for who cannot see it, and its table."""

from dataclasses import dataclass

from app.i18n import ngettext
from app.reports.figures import Figure


@dataclass(frozen=True, slots=True)
class Chart:
    id: str
    finding: str
    summary: str
    figure: Figure
    table: str
    """The region of the page with the table that holds every number drawn."""
    counted: str
    """Of how many applications it is drawn, in words; empty where it is of none."""


def make_chart(id: str, figure: Figure | None, summary: str, table: str, counted: int = 0) -> Chart | None:
    """The chart, whose finding is the title that the figure was given; none when there is nothing to draw."""
    if figure is None:
        return None
    return Chart(id, figure["layout"]["title"]["text"], summary, figure, table, counted_words(counted))


def counted_words(n: int) -> str:
    """Of how many applications something is drawn; empty where it is of none."""
    return ngettext("%(n)s application", "%(n)s applications", n) if n else ""
