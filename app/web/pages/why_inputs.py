"""What a verdict was reckoned from, as a file: the counts, the change, what the verdict needs, and the priors."""

from collections.abc import Iterator

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.i18n import _
from app.reports.answers import Lift
from app.reports.explain_words import case_words, verdict_with_side
from app.reports.explained import Explanation
from app.reports.workbook import Sheet, Value
from app.web.pages.files import sheet_file, sheet_notes
from app.web.pages.filters import list_limits
from app.web.pages.visit import Visit, answer
from app.web.pages.why import Asked, ask_placement, ask_row, count_lines, counted_from, state_words, told_as
from app.web.pages.why_brought import find_brought

router = APIRouter(include_in_schema=False)

Line = tuple[str, str, Value, Value, Value, str]
"""The part of the page, what is told, its value, the ends of its interval, and what it says."""


@router.get("/placements/{id}/why/inputs.csv")
def placement_inputs(request: Request, id: str) -> Response:
    """Of a placement, as a table of commas."""
    return answer(request, lambda visit: _file(visit, ask_placement(visit, id), "inputs.csv"))


@router.get("/placements/{id}/why/inputs.xlsx")
def placement_inputs_workbook(request: Request, id: str) -> Response:
    """Of a placement, as a spreadsheet."""
    return answer(request, lambda visit: _file(visit, ask_placement(visit, id), "inputs.xlsx"))


@router.get("/verdicts/why/inputs.csv")
def row_inputs(request: Request) -> Response:
    """Of any row of the verdicts, as a table of commas."""
    return answer(request, lambda visit: _file(visit, ask_row(visit), "inputs.csv"))


@router.get("/verdicts/why/inputs.xlsx")
def row_inputs_workbook(request: Request) -> Response:
    """Of any row of the verdicts, as a spreadsheet."""
    return answer(request, lambda visit: _file(visit, ask_row(visit), "inputs.xlsx"))


def _file(visit: Visit, asked: Asked, name: str) -> Response:
    sheet = inputs_sheet(visit, asked, asked.explain(visit, exact=True))
    return sheet_file(visit, name, sheet, told_as=f"{told_as(asked)}/{name}")


def inputs_sheet(visit: Visit, asked: Asked, found: Explanation) -> Sheet:
    """A line for each number that the page shows above the list of applications; a change of 0.5 is half as many
    again, and a probability of 0.95 is 95 %."""
    said = [verdict_with_side(found.verdict, found.reason), found.reason.text if found.reason else "",
            found.method.text,
            state_words(visit, found)]  # fmt: skip
    return Sheet(
        title=f"{_('Why we say this')}: {found.row.label}",
        notes=sheet_notes(said, counted_from(visit, asked.scope, found), list_limits(visit, asked.scope)),
        heads=[_("Part"), _("What"), _("Value"), _("low"), _("high"), _("Meaning")],
        rows=[
            *_counted(visit, asked, found),
            *_brought(visit, asked),
            *_compared(found),
            *_needed(found),
            *_priors(found),
            *_doubted(found),
        ],
    )


def _counted(visit: Visit, asked: Asked, found: Explanation) -> Iterator[Line]:
    for line in count_lines(visit, found, asked):
        yield _("What was counted"), line.name, line.n, None, None, line.note


def _brought(visit: Visit, asked: Asked) -> Iterator[Line]:
    part, brought = _("Did more people apply than would have without it?"), find_brought(visit, asked.scope, asked.key)
    if brought:
        text = brought.reason.text if brought.reason else ""
        yield part, _("More than without it"), brought.estimate, brought.low, brought.high, text
        yield part, _("Probability that more applied"), brought.probability_more, None, None, ""


def _compared(found: Explanation) -> Iterator[Line]:
    part, method = _("How it was compared"), found.method
    yield part, _("Traced applicants who advanced, of all ads"), method.advances, None, None, method.text
    yield part, _("Ads compared"), method.ads, None, None, ""
    if found.lift:
        yield (
            part,
            _("Against comparable applicants"),
            *_ends(found.lift),
            _("0.5 is half as many again, −0.5 half as many"),
        )
        yield part, _("Probability that they go further"), found.lift.probability_better, None, None, ""


def _needed(found: Explanation) -> Iterator[Line]:
    part, rules = _("What the verdict needs"), found.threshold
    yield part, _("“Moved”: probability that they go further"), rules.better, None, None, rules.text
    yield part, _("“Moved”: rise in the middle of the bar"), rules.notable_lift, None, None, ""
    yield part, _("“Did not move”: probability of a smaller rise"), rules.surely_small, None, None, ""
    yield part, _("Fewest traced applicants"), rules.fewest_applicants, None, None, ""


def _priors(found: Explanation) -> Iterator[Line]:
    for case in found.prior.cases:
        name, verdict, _change = case_words(case)
        ends = _ends(case.lift) if case.lift else (None, None, None)
        yield _("The verdict if ads differed less or more"), name, *ends, verdict


def _doubted(found: Explanation) -> Iterator[Line]:
    if found.confounding:
        part = _("What would change it")
        yield (
            part,
            _("Strength of something unrecorded that explains all"),
            found.confounding.estimate,
            None,
            None,
            found.confounding.text,
        )
        yield part, _("Strength at which the interval reaches no difference"), found.confounding.limit, None, None, ""


def _ends(lift: Lift) -> tuple[Value, Value, Value]:
    return lift.estimate, lift.low, lift.high
