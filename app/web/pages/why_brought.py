"""The second question about an ad: did more people apply while it ran than would have without it?"""

from dataclasses import dataclass, replace

from app.i18n import _, percent
from app.reports.answers import Brought
from app.reports.brought_words import brought_words
from app.reports.effectiveness import report_effectiveness
from app.reports.scope import By, Scope
from app.web.pages.judgement import find_row
from app.web.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class MoreThanWithout:
    """What is said of it, and the numbers it rests on, as a name and a value each."""

    said: str
    numbers: list[tuple[str, str]]


def find_brought(visit: Visit, scope: Scope, key: str) -> Brought | None:
    """What the list of verdicts says of this row; none for whoever may not see small counts, and of what has not run.

    Whether more applied in the weeks of a placement is the same whichever placements are chosen.
    """
    if not visit.sees_small_counts:
        return None
    filters = scope.filters.of_applications if scope.by is By.PLACEMENT else scope.filters
    row = find_row(report_effectiveness(visit.session, replace(scope, filters=filters)), key)
    return row.brought if row and not row.is_idle else None


def brought_view(brought: Brought | None) -> MoreThanWithout | None:
    """The answer with its numbers, or why it cannot be told."""
    if brought is None or brought.reason is None:
        return None
    numbers = [] if brought.estimate is None else [(_("More than without it"), brought_words(brought))]
    if brought.probability_more is not None:
        numbers.append((_("Probability that more applied"), percent(brought.probability_more, 1)))
    return MoreThanWithout(brought.reason.text, numbers)
