"""The rows of the verdicts as they are in what the question is set beside: the period before, or another campaign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.funnel.stage import Stage
from app.i18n import _, number
from app.reports.answers import Effectiveness, Row, RowKind
from app.reports.effectiveness import report_effectiveness
from app.reports.names import stage_name
from app.reports.wording import change_words, idle_words, verdict_alone
from app.reports.workbook import Value
from app.web.pages.beside import Beside
from app.web.pages.visit import Visit

Named = tuple[RowKind, str | None]


@dataclass(frozen=True, slots=True)
class Before:
    """What the other side is called, its rows by kind and key, and the stage that both are about."""

    label: str
    rows: Mapping[Named, Row]
    stage: Stage


def find_before(visit: Visit, beside: Beside | None) -> Before | None:
    """The rows of the other side; none where the question stands alone, or nothing can be set beside it."""
    if beside is None or beside.other is None or beside.comparison is None:
        return None
    found = report_effectiveness(visit.session, beside.other)
    rows = {(row.row, row.key): row for row in found.rows}
    return Before(beside.comparison.b.label, rows, beside.other.stage)


def before_words(before: Before | None, row: Row) -> str:
    """`1 Mar – 31 May: 5 of 12 came, −10 % (−40 to +30 %), cannot tell`, or why there is nothing to say. Of a row that
    the other side does not have that is said once, above the rows."""
    if before is None:
        return ""
    other = before.rows.get((row.row, row.key))
    if other is None:
        return ""
    if other.is_idle:
        said = idle_words(other)
    elif not other.applications:
        said = _("nobody applied")
    else:
        said = ", ".join(_list_said(other))
    return _("%(name)s: %(said)s", name=before.label, said=said)


def _list_said(other: Row) -> Sequence[str]:
    counts = _("%(n)s of %(all)s", n=number(other.reached), all=number(other.applications))
    if other.verdict is None:
        return [counts]
    change = [change_words(other.lift)] if other.lift and other.lift.estimate is not None else []
    return [counts, *change, verdict_alone(other)]


def before_says(before: Before | None, found: Effectiveness) -> str:
    """What stands under each verdict, or that no row is in both."""
    if before is None:
        return ""
    in_both = [(row.row, row.key) in before.rows for row in found.rows if row.row == "known"]
    if any(in_both):
        said = _("Under each verdict stands the same row in %(name)s: how many came to “%(stage)s” of those who "
                 "applied, their change against comparable applicants, and the verdict there.",
                 name=before.label, stage=stage_name(before.stage))  # fmt: skip
        alone = _("Where nothing stands, %(name)s has no such row.", name=before.label)
        return said if all(in_both) else f"{said} {alone}"
    return _("None of the rows below is also in %(name)s, so nothing stands beside them; another kind of row may "
             "be in both.", name=before.label)  # fmt: skip


def before_heads(before: Before | None) -> list[str]:
    """The columns that a file has of it."""
    if before is None:
        return []
    names = (_("Applied"), stage_name(before.stage), _("Against comparable applicants"), _("Verdict"))
    return [f"{name}: {before.label}" for name in names]


def before_cells(before: Before | None, row: Row) -> list[Value]:
    """What a file says of the row in them."""
    if before is None:
        return []
    other = before.rows.get((row.row, row.key))
    if other is None:
        return [None] * len(before_heads(before))
    return [
        other.applications,
        other.reached,
        other.lift.estimate if other.lift else None,
        verdict_alone(other) if other.verdict else None,
    ]
