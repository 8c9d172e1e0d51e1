"""Why we say of a row what we say: the numbers, the model, its doubts, and the applications counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.funnel.stage import Stage
from app.i18n import _, date, moment, ngettext, number
from app.measurement.thresholds import DOUBLED
from app.reports.answers import Needs
from app.reports.credit_words import alike_words
from app.reports.effectiveness import report_effectiveness
from app.reports.explain import name_explanation, report_explanation
from app.reports.explain_words import (
    at_most_note,
    case_words,
    counted_name,
    no_flip_words,
    use_name,
    usual_note,
    verdict_with_side,
)
from app.reports.explained import Counted as Counts
from app.reports.explained import CountedApplication, CountedAs, Explanation, UseWord
from app.reports.export import explanation_csv
from app.reports.names import came_to_stage, counted_by, not_recorded_words, stage_name
from app.reports.scope import By, Scope
from app.reports.wording import needs_words, one_sided_words, whole_range
from app.reports.workbook import Sheet, Value
from app.spreadsheets import marks_for
from app.web.pages.counted import Counted
from app.web.pages.data_line import partial_now, through_words
from app.web.pages.files import file_links, sheet_file, sheet_notes, text_file
from app.web.pages.filters import list_limits, stage_select
from app.web.pages.interval import lift_interval
from app.web.pages.judgement import asked_but_stage
from app.web.pages.placement import get_placement
from app.web.pages.row_pages import row_address
from app.web.pages.visit import Visit, answer
from app.web.pages.why_brought import brought_view, find_brought

router = APIRouter(include_in_schema=False)

LATER = [stage for stage in Stage if stage > Stage.APPLIED]
LIST = "list"
MOST_LISTED = 200
"""The file has them all."""
KEY_SHOWN = 12
"""Digits of a record's key on the page; the file has all of them."""


def _own_counted(name: str, one: CountedApplication) -> bool:
    return one.owned and one.counted == name


def _used(name: str, one: CountedApplication) -> bool:
    return one.compared == name


def _compared(one: CountedApplication) -> bool:
    return one.compared not in (None, "several")


@dataclass(frozen=True, slots=True)
class CountedLine:
    """One number of people, and which lines of the list below it counts."""

    name: str
    value: Counted
    note: str
    n: float


ONLY: Mapping[str, Callable[[CountedApplication], bool]] = MappingProxyType(
    {
        "own": lambda one: one.owned,
        **{name: partial(_own_counted, name) for name in ("reached", "pending", "out")},
        "compared": _compared,
        **{name: partial(_used, name) for name in ("advanced", "unwatched", "alone", "several")},
    }
)
"""What the list can be narrowed to, as an address says it: those that one of the numbers counts."""


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """One application of the list, every cell in words."""

    key: str
    applied: str
    days: list[str]
    out: str
    counted: str
    use: str
    through: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The row whose verdict is explained, the question it is judged by, and where that stands."""

    path: str
    scope: Scope
    key: str

    @property
    def named(self) -> dict[str, object]:
        """What its address says of the row; a placement's says it by its path."""
        return {} if self.scope.by is By.PLACEMENT else {"by": self.scope.by.value, "key": self.key}

    @property
    def as_explained(self) -> Scope:
        """The question that is explained: of a placement the same, whichever others are chosen."""
        filters = self.scope.filters
        return replace(self.scope, filters=filters.of_applications) if self.scope.by is By.PLACEMENT else self.scope

    def explain(self, visit: Visit, *, exact: bool) -> Explanation:
        return report_explanation(visit.session, self.scope, self.key, exact=exact)


@router.get("/placements/{id}/why")
def why_placement(request: Request, id: str) -> Response:
    """Of a placement."""
    return answer(request, lambda visit: _page(visit, ask_placement(visit, id)))


@router.get("/placements/{id}/why.csv")
def why_placement_file(request: Request, id: str) -> Response:
    """The applications behind the numbers, as a file."""
    return answer(request, lambda visit: _file(visit, ask_placement(visit, id)))


@router.get("/placements/{id}/why.xlsx")
def why_placement_workbook(request: Request, id: str) -> Response:
    """The applications behind the numbers as a spreadsheet, under what is said of them."""
    return answer(request, lambda visit: _workbook(visit, ask_placement(visit, id)))


@router.get("/verdicts/why")
def why_row(request: Request) -> Response:
    """Of any row of the verdicts."""
    return answer(request, lambda visit: _page(visit, ask_row(visit)))


@router.get("/verdicts/why.csv")
def why_row_file(request: Request) -> Response:
    """The applications behind its numbers, as a file."""
    return answer(request, lambda visit: _file(visit, ask_row(visit)))


@router.get("/verdicts/why.xlsx")
def why_row_workbook(request: Request) -> Response:
    """The applications behind its numbers as a spreadsheet."""
    return answer(request, lambda visit: _workbook(visit, ask_row(visit)))


def ask_placement(visit: Visit, id: str) -> Asked:
    """What is asked of a placement."""
    placement = get_placement(visit.session, id)
    scope = replace(visit.question(), by=By.PLACEMENT)
    return Asked(f"/placements/{placement.id}/why", scope, str(placement.id))


def ask_row(visit: Visit) -> Asked:
    """What is asked of a row that the address names."""
    return Asked("/verdicts/why", visit.question(), visit.asked.get("key", ""))


def _page(visit: Visit, asked: Asked) -> Response:
    """The page; without the right to see small counts it says everything but numbers of people."""
    found = asked.explain(visit, exact=visit.sees_small_counts)
    return visit.page("why.html", why_view(visit, asked, found))


def _file(visit: Visit, asked: Asked) -> Response:
    text = explanation_csv(asked.explain(visit, exact=True), marks_for(visit.language))
    return text_file(visit, "applications.csv", text, told_as=f"{told_as(asked)}.csv")


def _workbook(visit: Visit, asked: Asked) -> Response:
    sheet = why_sheet(visit, asked.scope, asked.explain(visit, exact=True))
    return sheet_file(visit, "applications.xlsx", sheet, told_as=f"{told_as(asked)}.xlsx")


def told_as(asked: Asked) -> str:
    """What the audit calls a file of it."""
    return name_explanation(asked.scope.by, asked.key)


def why_sheet(visit: Visit, scope: Scope, found: Explanation) -> Sheet:
    """Every application counted, a day in each cell of a stage that has one."""
    said = [verdict_with_side(found.verdict, found.reason), found.reason.text if found.reason else "",
            found.method.text,
            found.threshold.text, state_words(visit, found)]  # fmt: skip
    return Sheet(
        title=f"{_('Why we say this')}: {found.row.label}",
        notes=sheet_notes(said, counted_from(visit, scope, found), list_limits(visit, scope)),
        heads=[_("Record"), _("Applied"), *(stage_name(stage) for stage in LATER), _("Out"), _("Outcome"), _("Its own"),
               _("Counted as"), _("In the comparison")],
        rows=[
            [one.record, one.applied, *(_sheet_day(one, stage.slug) for stage in LATER), one.out,
             _outcome(one.outcome) if one.outcome else None, _("yes") if one.owned else _("no"),
             counted_name(one.counted), use_name(one.compared)]
            for one in found.applications or ()
        ],
    )  # fmt: skip


def _sheet_day(one: CountedApplication, stage: str) -> Value:
    return (one.stages[stage] or "·") if stage in one.stages else None


def why_view(visit: Visit, asked: Asked, found: Explanation) -> dict[str, Any]:
    """All that the page shows; whoever may not see small counts asks of the whole record, whatever the address says."""
    scope, placed = asked.scope, asked.scope.by is By.PLACEMENT
    row = row_address(visit, scope.by, "known", asked.key, again=found.exact)
    code = found.reason.code if found.reason else None
    is_shown = ONLY.get(visit.asked.get("only") or "")
    stages = [stage for stage in LATER if stage.slug not in found.not_recorded]
    counted = [one for one in found.applications or [] if is_shown is None or is_shown(one)]
    return {
        "title": _("Why we say this"),
        "verdicts": visit.address("/verdicts", by=None if placed else scope.by.value),
        "row": found.row.label,
        "row_address": row,
        "placed": placed,
        "address": asked.path,
        "stage": stage_select(visit, scope),
        "asked": {**asked_but_stage(visit), **asked.named},
        "limits": list_limits(visit, scope) if found.exact else [],
        "goal": stage_name(scope.stage),
        "kind": code if code == "no_different" else found.verdict,
        "verdict": verdict_with_side(found.verdict, found.reason),
        "reason": found.reason.text if found.reason else "",
        "exact": found.exact,
        "data_line": counted_from(visit, scope, found),
        "partial": partial_now(visit) if found.exact else "",
        "numbers": count_lines(visit, found, asked) if found.counts else [],
        "change": lift_interval(found.lift, found.verdict, code) if found.lift else None,
        "brought": brought_view(find_brought(visit, scope, asked.key)),
        "one_sided": one_sided_words(found.lift, found.verdict, code),
        "method": found.method.text,
        "state": state_words(visit, found),
        "alike": alike_words(followed=visit.follows_people),
        "assumptions": found.assumptions,
        "threshold": found.threshold.text,
        "prior": found.prior.text,
        "cases": [case_words(case) for case in found.prior.cases] if found.lift else [],
        "confounding": found.confounding.text if found.confounding else "",
        "changes": change_words(found),
        "stages": [stage_name(stage) for stage in stages],
        "not_recorded": not_recorded_words(found.not_recorded),
        "applications": [application_line(one, stages) for one in counted[:MOST_LISTED]],
        "more": max(0, len(counted) - MOST_LISTED),
        "narrowed": number(len(counted)) if is_shown else "",
        "whole": f"{visit.same_address(only=None)}#{LIST}",
        "list": LIST,
        "files": file_links(visit, asked.path),
        "inputs": file_links(visit, f"{asked.path}/inputs"),
    }


def counted_from(visit: Visit, scope: Scope, found: Explanation) -> str:
    """From which data it was counted, and how."""
    lookback = _("ads met within %(days)s days before applying", days=scope.lookback_days)
    return " · ".join((through_words(found.data.through, visit), counted_by(scope.view), lookback))


def state_words(visit: Visit, found: Explanation) -> str:
    """When this was reckoned, and by what the data that it was reckoned from is told from earlier and later."""
    return _(
        "Reckoned on %(moment)s from all that was known by then. Whoever asks about these numbers later should give "
        "that time and the number %(version)s: it goes up whenever the data changes.",
        moment=moment(visit.now, visit.organisation.zone), version=number(found.data.version),
    )  # fmt: skip


def count_lines(visit: Visit, found: Explanation, asked: Asked) -> list[CountedLine]:
    """The numbers behind the verdict, and which applications of the list each counts and opens."""
    counts, came = found.counts, came_to_stage(asked.scope.stage)
    if counts is None:
        return []

    def line(name: str, n: int, note: str, only: str) -> CountedLine:
        address = f"{visit.same_address(only=only)}#{LIST}" if n else None
        return CountedLine(name, Counted(number(n), address), note, n)

    own, compared = _("Its own"), _("In the comparison")
    listed = _("in the list: “%(column)s” says “%(value)s”")
    lines = [
        line(_("Applied"), counts.applications, listed % {"column": own, "value": _("yes")}, "own"),
        line(came.capitalize(), counts.reached, _counted_as("reached"), "reached"),
        line(_("Pending"), counts.pending, _counted_as("pending"), "pending"),
        line(_("Out"), counts.out, _counted_as("out"), "out"),
        *_in_the_end(visit, asked, counts),
        CountedLine(_("At most"), Counted(number(counts.reached + counts.untraced), None),
                    at_most_note(counts), counts.reached + counts.untraced),
        line(_("Compared"), counts.compared,
             _("everybody in the list but those with “%(value)s” in “%(column)s”",
               value=use_name(None), column=compared), "compared"),
        line(_("Advanced"), counts.observed, listed % {"column": compared, "value": use_name("advanced")}, "advanced"),
    ]  # fmt: skip
    if counts.compared:
        usual = Counted(number(counts.expected, 1), None)
        lines.append(CountedLine(_("Usual for comparable applicants"), usual, usual_note(counts), counts.expected))
    aside: tuple[tuple[UseWord, int], ...] = (
        ("unwatched", counts.unwatched), ("alone", counts.alone), ("several", counts.several),
    )  # fmt: skip
    for name, n in aside:
        if n:
            lines.append(line(_("Left aside"), n, listed % {"column": compared, "value": use_name(name)}, name))
    return lines


def _in_the_end(visit: Visit, asked: Asked, counts: Counts) -> list[CountedLine]:
    """How many will have come once the pending have been decided, as the list of verdicts says it."""
    rows = report_effectiveness(visit.session, asked.as_explained).rows
    expected = next((row.expected_reached for row in rows if row.row == "known" and row.key == asked.key), None)
    if expected is None or expected.estimate is None:
        return []
    note = _("nobody is pending, so no more will come of these")
    if counts.pending:
        note = _("the %(reached)s who came so far, and those of the %(pending)s pending who may still come",
                 reached=number(counts.reached), pending=number(counts.pending))  # fmt: skip
    return [CountedLine(_("In the end"), Counted(whole_range(expected), None), note, expected.estimate)]


def _counted_as(name: CountedAs) -> str:
    return _("of these, counted as “%(name)s”", name=counted_name(name))


def change_words(found: Explanation) -> list[str]:
    """What would change the answer: other counts, and more applicants."""
    said = [change.text for change in found.changes]
    waiting = found.counts.pending if found.counts else 0
    if waiting and any(0 < change.applications <= waiting for change in found.changes):
        said.append(
            ngettext("%(n)s of its applicants still waits, so that may come by itself.",
                     "%(n)s of its applicants still wait, so that may come by itself.", waiting)
        )  # fmt: skip
    if found.exact and not said:
        said = [no_flip_words()]
    needs = found.needs
    if needs and (needs.capped or needs.applications):
        said.append(_more_words(needs, ended=found.row.ended))
    return said


def _more_words(needs: Needs, *, ended: bool) -> str:
    """How many more applicants would show an ad of the size that is looked for."""
    half = needs.ratio < DOUBLED
    if needs.capped and half:
        return _("It would take more than 1,000 applicants to notice an ad that raises the rate by half.")
    if needs.capped:
        return _("It would take more than 1,000 applicants to notice an ad that doubles the rate.")
    more = needs_words(needs, ended=ended)
    if half:
        return _("To notice an ad that raises the rate by half, four times out of five: %(needs)s.", needs=more)
    return _("To notice an ad that doubles the rate, four times out of five: %(needs)s.", needs=more)


def application_line(one: CountedApplication, stages: Sequence[Stage]) -> ApplicationLine:
    """One application in words, with its days at these stages."""
    days = [_day(one, stage.slug) for stage in stages]
    out = "" if one.out is None else f"{date(one.out)} {_outcome(one.outcome)}"
    return ApplicationLine(
        key=one.record[:KEY_SHOWN], applied=date(one.applied), days=days, out=out,
        counted=counted_name(one.counted), use=use_name(one.compared), through=_("yes") if one.owned else _("no"),
    )  # fmt: skip


def _day(one: CountedApplication, stage: str) -> str:
    """When it came to the stage; a dot where a later one implies it, without a day."""
    if stage not in one.stages:
        return ""
    day = one.stages[stage]
    return "·" if day is None else date(day)


def _outcome(outcome: str | None) -> str:
    return _("withdrew") if outcome == "withdrawn" else _("rejected")
