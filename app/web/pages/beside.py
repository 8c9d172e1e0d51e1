"""What a question is set beside: the period before the one asked about, or another campaign."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from app.errors import Invalid, Problem
from app.funnel.stage import STAGES, Stage
from app.i18n import _, number
from app.planning.campaign import Campaign
from app.planning.placement import Placement
from app.reports.answers import ComparedSide, Comparison, Funnel, StageRow
from app.reports.comparison import PERIOD, report_comparison
from app.reports.funnel import report_funnel
from app.reports.listing import Part, PartOfStage, RowCell, StageCell, Whom
from app.reports.names import days_name, stage_name
from app.reports.scope import By, Scope
from app.reports.wording import share_words
from app.reports.workbook import Sheet
from app.web.pages.counted import Counted, count_cell
from app.web.pages.data_line import data_line
from app.web.pages.files import file_links, sheet_file
from app.web.pages.filters import Select
from app.web.pages.interval import Interval, share_interval
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)

BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Beside:
    """Two questions beside each other, or the sentence that says what is lacking to set them so."""

    comparison: Comparison | None = None
    other: Scope | None = None
    lacking: str = ""
    field: str = ""
    """The field of the bar that says it."""
    named: str = ""
    """What that field is called."""


def beside_select(visit: Visit) -> Select:
    """What the page's question can be set beside."""
    names = _campaigns(visit)
    others = [(id, name) for id, name in names.items() if id != visit.asked.get("campaign")]
    options = [("", _("nothing else")), (BEFORE, _("the period before")), *others]
    return Select("beside", _("Compare with"), options, visit.asked.get("beside", ""))


def _campaigns(visit: Visit) -> dict[str, str]:
    """The campaigns that anybody can have come through: those with placements."""
    rows = visit.session.execute(
        select(Campaign.id, Campaign.name)
        .join(Placement, Placement.campaign_id == Campaign.id)
        .distinct()
        .order_by(Campaign.name)
    )
    return {str(id): name for id, name in rows}


def set_beside(visit: Visit, scope: Scope) -> Beside | None:
    """What the address asks to see beside the question. Raises Invalid for what is neither period nor campaign."""
    asked = visit.asked.get("beside")
    if asked is None:
        return None
    return _beside_before(visit, scope) if asked == BEFORE else _beside_campaign(visit, scope, asked)


def _beside_before(visit: Visit, scope: Scope) -> Beside:
    if scope.from_ is None:
        named = days_name(scope.view)
        return Beside(lacking=_("To compare with the period before, choose the first day of yours in “%(field)s”: "
                                "the period before is then as long.", field=named),
                      field="from", named=named)  # fmt: skip
    last = scope.to or visit.today
    before = scope.from_ - (last - scope.from_) - dt.timedelta(days=1)
    day_before = scope.from_ - dt.timedelta(days=1)
    asked, other = f"{scope.from_}/{last}", f"{before}/{day_before}"
    found = report_comparison(visit.session, replace(scope, from_=None, to=None), PERIOD, asked, other)
    return Beside(found, replace(scope, from_=before, to=day_before))


def _beside_campaign(visit: Visit, scope: Scope, asked: str) -> Beside:
    mine, names = scope.filters.campaign, _campaigns(visit)
    if asked not in names:
        known = _("the period before")
        raise Invalid(
            [Problem("beside", _("“%(text)s” is neither “%(known)s” nor a campaign.", text=asked, known=known))]
        )
    if mine is None:
        return Beside(lacking=_("Choose your own campaign first, then set “%(name)s” beside it.", name=names[asked]),
                      field="campaign", named=_("Campaign"))  # fmt: skip
    if str(mine) not in names or str(mine) == asked:
        return Beside(lacking=_("Choose two campaigns that have placements."), field="campaign", named=_("Campaign"))
    everyone = replace(scope, filters=replace(scope.filters, campaign=None))
    found = report_comparison(visit.session, everyone, "campaign", str(mine), asked)
    return Beside(found, replace(scope, filters=replace(scope.filters, campaign=uuid.UUID(asked))))


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, every cell in words."""

    label: str
    counts: Sequence[Counted]
    share: Interval
    unfinished: bool = False
    """Whether it is a period that is not over."""


@dataclass(frozen=True, slots=True)
class StageBeside:
    """One stage as both came to it: how many, and what share of those before."""

    name: str
    cells: Sequence[Counted]


def beside_view(visit: Visit, beside: Beside | None) -> dict[str, Any] | None:
    """All that a page shows of it."""
    if beside is None:
        return None
    found = beside.comparison
    if found is None:
        return {"lacking": beside.lacking, "field": beside.field, "named": beside.named}
    return {
        "lacking": "",
        "text": found.text,
        "goal": stage_name(STAGES[found.scope["stage"]]),
        "days": number(found.a.conversion.horizon_days),
        "sides": [_side(visit, found, one) for one in (found.a, found.b)],
        "files": file_links(visit, f"{visit.request.url.path}/beside"),
    }


@router.get("/verdicts/beside.csv")
@router.get("/funnel/beside.csv")
def beside_file(request: Request) -> Response:
    """The two sides as the page shows them, as a table of commas."""
    return answer(request, lambda visit: sheet_file(visit, "beside.csv", beside_sheet(visit)))


@router.get("/verdicts/beside.xlsx")
@router.get("/funnel/beside.xlsx")
def beside_workbook(request: Request) -> Response:
    """The same as a spreadsheet."""
    return answer(request, lambda visit: sheet_file(visit, "beside.xlsx", beside_sheet(visit)))


def beside_sheet(visit: Visit) -> Sheet:
    """A line for each side; none where nothing is beside the question, and above it what is lacking."""
    scope = visit.question()
    beside = set_beside(visit, scope)
    found = beside.comparison if beside else None
    sides = (found.a, found.b) if found else ()
    share = _("Share within %(days)s days", days=number(scope.horizon_days))
    ends = [f"{share}, {end}" for end in (_("low"), _("high"))]
    counts = [_("Applied"), stage_name(scope.stage), _("Pending"), _("Out")]
    data = [data_line(visit, found.data, scope)] if found else []
    return Sheet(
        title=_("Beside each other"),
        notes=[found.text if found else beside.lacking if beside else "", *data],
        heads=[_("Which"), *counts, share, *ends],
        rows=[
            [one.label, one.applications, one.reached, one.pending, one.out,
             one.conversion.estimate, one.conversion.low, one.conversion.high]
            for one in sides
        ],
        shares=frozenset({5, 6, 7}),
    )  # fmt: skip


def beside_notes(beside: Beside | None) -> list[str]:
    """What a file says of it: the sentence, and the numbers of both sides as the page shows them."""
    if beside is None:
        return []
    found = beside.comparison
    if found is None:
        return [beside.lacking]
    return [found.text, *(_side_words(found, side) for side in (found.a, found.b))]


def _side_words(found: Comparison, side: ComparedSide) -> str:
    stage = STAGES[found.scope["stage"]]
    counts = ((stage_name(Stage.APPLIED), side.applications), (stage_name(stage), side.reached),
              (_("Pending"), side.pending), (_("Out"), side.out))  # fmt: skip
    share = _("Share within %(days)s days", days=number(side.conversion.horizon_days))
    said = [
        *(f"{name} {number(n)}" for name, n in counts),
        f"{share} {share_words(side.conversion, side.applications, side.pending)}",
    ]
    return f"{side.label}: {' · '.join(said)}"


def find_other_stages(visit: Visit, beside: Beside | None) -> tuple[str, dict[str, StageRow]] | None:
    """What the other side is called, and its stages; none where the question stands alone."""
    if beside is None or beside.other is None or beside.comparison is None:
        return None
    other = report_funnel(visit.session, beside.other)
    return beside.comparison.b.label, {row.stage: row for row in other.stages}


def _side(visit: Visit, found: Comparison, side: ComparedSide) -> Side:
    counts = ((side.applications, Part.APPLIED), (side.reached, Part.REACHED), (side.pending, Part.PENDING),
              (side.out, Part.OUT))  # fmt: skip
    first, last = side.key.split("/") if found.scope["by"] == PERIOD else ("", "")
    whom, asked = _whom(side, first, last)
    cells = [count_cell(visit, n, RowCell(part, *whom), view=None, **asked) for n, part in counts]
    return Side(
        side.label,
        cells,
        share_interval(side.conversion, side.applications, side.pending),
        unfinished=last >= visit.today.isoformat(),
    )


def _whom(side: ComparedSide, first: str, last: str) -> tuple[tuple[Whom, str], dict[str, object]]:
    """Whom a side counts, as the list of them is asked for: all of a period, or the row of a campaign."""
    if first:
        return ("fitting", ""), {"from": first, "to": last}
    return ("known", side.key), {"by": By.CAMPAIGN, "campaign": None}


def stages_beside(visit: Visit, beside: Beside | None, mine: Funnel) -> list[StageBeside]:
    """Each stage that some system speaks of, as both came to it."""
    if beside is None or beside.other is None:
        return []
    theirs = {"from": beside.other.from_, "to": beside.other.to, "campaign": beside.other.filters.campaign}
    other = report_funnel(visit.session, beside.other)
    return [
        StageBeside(stage_name(STAGES[one.stage]), [*_cells(visit, one), *_cells(visit, two, **theirs)])
        for one, two in zip(mine.stages, other.stages, strict=True)
        if one.conversion_from_start.why != "not_recorded"
    ]


def _cells(visit: Visit, row: StageRow, **asked: object) -> tuple[Counted, Counted]:
    stage = STAGES[row.stage]
    share = "–" if stage is Stage.APPLIED else share_words(row.conversion_from_previous)
    return count_cell(visit, row.reached, StageCell(stage, PartOfStage.REACHED), **asked), Counted(share, None)
