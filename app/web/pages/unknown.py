"""What don't we know yet? Every unknown with its count, why it is so, what would tell it, and the way there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.funnel.stage import Stage
from app.i18n import _, number, percent
from app.reports.attention import unmapped_stages
from app.reports.funnel_split import Split
from app.reports.listing import Cell, Odd, OddCell, Part, PartOfStage, RowCell, StageCell
from app.reports.not_known import OF_ADS, OF_THE_WHOLE, Kind, Unknown, Unknowns
from app.reports.question import PARAMETERS
from app.reports.scope import Scope
from app.reports.unknown_words import of_words
from app.reports.workbook import Sheet, Value
from app.web.pages.asking import with_bar
from app.web.pages.counted import Counted, count_cell
from app.web.pages.data_line import data_line, partial_says
from app.web.pages.files import file_links, sheet_file, sheet_notes
from app.web.pages.filters import FilterBar, filter_bar, stage_select
from app.web.pages.today import stages_address
from app.web.pages.visit import Visit, answer
from app.web.unknown import ask_unknown

router = APIRouter(include_in_schema=False)

SHOWN = 8
CELLS: dict[Kind, Cell] = {
    Kind.SOURCE_NAME: RowCell(Part.APPLIED, "unexplained"),
    Kind.SOURCE: RowCell(Part.APPLIED, "nameless"),
    Kind.AD_OF_CHANNEL: RowCell(Part.APPLIED, "partly_traced"),
    Kind.CODE: RowCell(Part.APPLIED, "unmatched"),
    Kind.PENDING: RowCell(Part.PENDING),
    Kind.SPECIALTY: StageCell(Stage.APPLIED, PartOfStage.REACHED, Split.SPECIALTY),
    Kind.STAGES_UNMAPPED: OddCell(Odd.UNMAPPED),
}
"""The applications that each number of them counts."""


@dataclass(frozen=True, slots=True)
class Line:
    """One of those of which it is not known, and its page, if it has one."""

    name: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is not known, every part in words."""

    kind: str
    what: str
    count: Counted | None
    of: str
    share: str
    why: str
    remedy: str
    way: tuple[str, str]
    """Where it is put right or looked at, and what that is called."""
    when: str
    lines: Sequence[Line]
    more: Sequence[Line]


@router.get("/unknown")
def unknown(request: Request) -> Response:
    """All that is not known yet."""

    def make(visit: Visit) -> Response:
        scope = visit.question()
        return visit.page("unknown.html", unknown_view(visit, scope, ask_unknown(visit.session, scope)))

    return answer(request, with_bar(make, _bar))


@router.get("/unknown.csv")
def unknown_file(request: Request) -> Response:
    """What the page shows, as a table of commas."""
    return answer(request, lambda visit: sheet_file(visit, "unknown.csv", unknown_sheet(visit)))


@router.get("/unknown.xlsx")
def unknown_workbook(request: Request) -> Response:
    """What the page shows, as a spreadsheet."""
    return answer(request, lambda visit: sheet_file(visit, "unknown.xlsx", unknown_sheet(visit)))


def unknown_view(visit: Visit, scope: Scope, found: Unknowns) -> dict[str, Any]:
    """All that the page shows."""
    items = [(one.kind, _item(visit, one)) for one in found.unknown]
    parts = [
        (_("Of these applications"), [item for kind, item in items if kind not in (*OF_THE_WHOLE, *OF_ADS)]),
        (_("Of these ads"), [item for kind, item in items if kind in OF_ADS]),
        (
            _("About the data and the plan, for any choice of filters"),
            [item for kind, item in items if kind in OF_THE_WHOLE],
        ),
    ]
    return {
        "title": _title(),
        "finding": found.finding,
        "any_of_them": found.beside,
        "data_line": data_line(visit, found.data, scope),
        "partial": partial_says(found.data),
        "bar": _bar(visit, scope),
        "parts": [(name, some) for name, some in parts if some],
        "files": file_links(visit, "/unknown"),
    }


def _title() -> str:
    return _("What don't we know yet?")


def _bar(visit: Visit, scope: Scope) -> FilterBar:
    return filter_bar(visit, scope, stage_select(visit, scope))


def _item(visit: Visit, one: Unknown) -> Item:
    lines = [
        Line(named.label, visit.address(f"/placements/{named.key}", stage=visit.asked.get("stage")))
        for named in one.named
        if named.key
    ]
    return Item(
        kind=one.kind.value, what=one.what, count=_count(visit, one), of=of_words(one.unit, one.all, one.n or 0),
        share="" if one.share is None else percent(one.share), why=one.why, remedy=one.remedy,
        way=_way(visit, one.kind), when=one.when, lines=lines[:SHOWN], more=lines[SHOWN:],
    )  # fmt: skip


def _count(visit: Visit, one: Unknown) -> Counted | None:
    if one.n is None or one.all == 0:
        return None
    cell = CELLS.get(one.kind)
    if cell is None:
        return Counted(number(one.n), None)
    whole = dict.fromkeys(PARAMETERS) if one.kind in OF_THE_WHOLE else {}
    return count_cell(visit, one.n, cell, **{**whole, "seen": "unknown"})


def _way(visit: Visit, kind: Kind) -> tuple[str, str]:
    """The page on which it is put right, or looked at more closely."""
    asked = {name: said for name, said in visit.asked.items() if name in PARAMETERS}
    verdicts = (visit.address("/verdicts", **asked), _("All verdicts"))
    channels = (visit.address("/verdicts", **{**asked, "by": "channel"}), _("Verdicts by channel"))
    funnel = (visit.address("/funnel", **asked), _("Funnel"))
    data = (visit.address("/data"), _("How the data comes in"))
    sources = (visit.address("/data/sources"), _("Say what they mean"))
    checks = (visit.address("/checks"), _("Are the numbers in order?"))
    return {
        Kind.COST: checks, Kind.SOURCE_NAME: sources, Kind.SOURCE: ("", ""),
        Kind.AD_OF_CHANNEL: sources, Kind.CODE: checks, Kind.PENDING: funnel,
        Kind.SHARE: funnel, Kind.TOO_EARLY: verdicts, Kind.TOO_FEW: verdicts, Kind.ENDED: channels,
        Kind.HARDLY_EVER: channels, Kind.TOO_SLOW: channels, Kind.UNCLEAR: verdicts, Kind.NOBODY_CAME: checks,
        Kind.NOTHING_BESIDE: verdicts, Kind.BROUGHT: (visit.address("/calendar"), _("Calendar")),
        Kind.NOT_FOLLOWED: ("", ""),
        Kind.STAGES_UNMAPPED: (_stages_address(visit), _("Say what it means")),
    }.get(kind, data)  # fmt: skip


def _stages_address(visit: Visit) -> str:
    """Where the first stage that stands for nothing is given its meaning."""
    systems = [stage.system for stage in unmapped_stages(visit.session)]
    return stages_address(visit, systems[0]) if systems else visit.address("/data")


def unknown_sheet(visit: Visit) -> Sheet:
    """A row for each thing, with its numbers in cells of their own."""
    scope = visit.question()
    found = ask_unknown(visit.session, scope)
    weeks, low, high = _("Weeks"), _("low"), _("high")
    return Sheet(
        title=_title(),
        notes=sheet_notes(
            [found.finding, found.beside], data_line(visit, found.data, scope), _bar(visit, scope).limits
        ),
        heads=[_("Not known"), _("Number"), _("of"), _("Share"), _("Why"), _("What would tell"), _("When"),
               f"{weeks}, {low}", f"{weeks}, {high}"],
        rows=[_sheet_row(one) for one in found.unknown],
        shares=frozenset({3}),
    )  # fmt: skip


def _sheet_row(one: Unknown) -> list[Value]:
    weeks = (one.weeks.least, one.weeks.most) if one.weeks else (None, None)
    return [one.what, one.n, one.all, one.share, one.why, one.remedy, one.when, *weeks]
