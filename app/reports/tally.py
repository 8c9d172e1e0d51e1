"""How many rows have which verdict, and of which of the others waiting will not tell."""

from dataclasses import dataclass

from app.i18n import _, number
from app.measurement.thresholds import DOUBLED
from app.reports.answers import Effectiveness, Needs, Row

LONGEST_WAIT_WEEKS = 104
"""For more weeks nobody waits: ads, jobs and doctors will be others by then."""
MORE_WOULD_NOT_HELP = ("no_applicants", "none_reached", "nothing_to_compare")
TIME_WOULD_TELL = ("too_early", "none_reached", "nothing_to_compare")
"""What is lacking here may still come after an ad has ended: the days of its applicants, or applicants of others."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of the rows that can be judged got each verdict."""

    moved: int
    did_not_move: int
    cannot_tell: int
    settled: int
    """Of those of which we cannot tell: how many no waiting will tell."""

    @property
    def judged(self) -> int:
        return self.moved + self.did_not_move + self.cannot_tell


def tally(answer: Effectiveness) -> Tally:
    """The verdicts of an answer, counted; of what has not run there is none."""
    rows = [row for row in answer.rows if not row.is_idle]
    verdicts = [row.verdict for row in rows]
    return Tally(
        moved=verdicts.count("moved"),
        did_not_move=verdicts.count("did_not_move"),
        cannot_tell=verdicts.count("cannot_tell"),
        settled=sum(is_settled(row) for row in rows),
    )


def is_settled(row: Row) -> bool:
    """Whether we cannot tell, and no waiting will: what has ended gets no more applicants by itself, and of some no
    number of them is enough."""
    code = row.reason.code if row.reason else None
    if row.verdict != "cannot_tell":
        return False
    if row.needs and (is_out_of_reach(row.needs, code) or takes_too_long(row.needs)):
        return True
    return row.ended and code not in TIME_WOULD_TELL


def takes_too_long(needs: Needs) -> bool:
    """Whether it would be years until there are enough applicants, at the pace at which they come."""
    return needs.weeks is not None and needs.weeks > LONGEST_WAIT_WEEKS


def open_words(counts: Tally) -> str:
    """`for 2 we cannot tell yet, for 15 waiting will not tell`; empty where each can be told."""
    waits = counts.cannot_tell - counts.settled
    said = [_("for %(n)s we cannot tell yet", n=number(waits))] if waits else []
    said += [_("for %(n)s waiting will not tell", n=number(counts.settled))] if counts.settled else []
    return ", ".join(said)


def list_unsteady(answer: Effectiveness) -> list[Row]:
    """The rows whose verdict one application would turn, those with most applicants first."""
    rows = [row for row in answer.rows if row.turned_by_one and not row.is_idle]
    return sorted(rows, key=lambda row: -row.applications)


def unsteady_words(answer: Effectiveness) -> str:
    """`One application would turn 2 of these verdicts.`; empty where none is so close."""
    n = len(list_unsteady(answer))
    return _("One application would turn %(n)s of these verdicts.", n=number(n)) if n else ""


def is_out_of_reach(needs: Needs, code: str | None) -> bool:
    """Whether no number of such applicants gives a verdict; early, a doubling may still show where it is in reach."""
    early = code == "too_early" and needs.ratio < DOUBLED
    return needs.capped and not early and code not in MORE_WOULD_NOT_HELP
