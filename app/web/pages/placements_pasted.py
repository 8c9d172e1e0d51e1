"""Placements pasted from a spreadsheet: shown back as a table with what is wrong in each row, and stored, all or none,
once somebody has looked at it and said so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.errors import Invalid
from app.i18n import _, ngettext
from app.planning.campaign import get_campaign
from app.planning.lines import refuse_lines, store_lines
from app.planning.placement import is_linked_late
from app.planning.sheet import COLUMNS, Line, LineProblem, column_title, read_sheet
from app.web.pages.administering import Form
from app.web.pages.carried import carry_pasted, read_carried, write_sheet
from app.web.pages.door import go_to, read_id, require_own_form
from app.web.pages.form_texts import complete_address
from app.web.pages.placement_choices import find_only_persona, list_choices, make_address
from app.web.pages.placement_link import PLANNERS
from app.web.pages.units import Sent
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)

DEFAULTS = ("persona", "target_url", "vat_percent")
"""What holds for rows that say nothing of it."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was pasted, as far as it can be read, and what is wrong with it."""

    lines: Sequence[Line] = ()
    problems: Sequence[LineProblem] = ()
    unread: Sequence[str] = ()
    late: int = 0


@router.get("/campaigns/{campaign_id}/placements/paste")
def paste(request: Request, campaign_id: str) -> Response:
    """The field to paste into."""

    def show(visit: Visit) -> Response:
        carried = write_sheet(read_carried(visit))
        return _page(visit, campaign_id, {"rows": [carried]} if carried else {}, None)

    return answer(request, show)


@router.post("/campaigns/{campaign_id}/placements/paste")
def look(request: Request, campaign_id: str, sent: Sent) -> Response:
    """Show what was pasted; store it once that is said."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        campaign = get_campaign(visit.session, read_id(campaign_id))
        lines = read_lines(sent)
        stored = store_lines(visit.session, campaign, [(None, line) for line in lines], now=visit.now)
        refuse_lines(stored.problems)
        late = sum(map(is_linked_late, stored.placements))
        to = f"/campaigns/{campaign.id}/placements"
        return go_to(visit.address(to, kept=len(stored.placements), late=late or None))

    def preview(visit: Visit) -> Response:
        require_own_form(request)
        return _page(visit, campaign_id, sent, 200)

    if "store" in sent:
        return change(request, do, lambda visit, _problems: _page(visit, campaign_id, sent, 422))
    return answer(request, preview)


def read_lines(sent: Form) -> list[Line]:
    """What was pasted, with what holds for rows that say nothing of it. Raises Invalid."""
    given = {name: sent.get(name, [""])[0].strip() for name in DEFAULTS}
    said = ({column: cell for column, cell in line.items() if cell} for line in read_sheet(sent.get("rows", [""])[0]))
    lines = ({**given, **line} for line in said)
    return [line | {"target_url": complete_address(line["target_url"])} for line in lines]


def _try(visit: Visit, campaign_id: str, sent: Form) -> Pasted:
    """What would come of it: done, looked at and taken back."""
    try:
        lines = read_lines(sent)
    except Invalid as invalid:
        return Pasted(unread=[problem.message for problem in invalid.problems])
    with visit.request.app.state.database.rehearsing(visit.organisation.id) as session:
        campaign = get_campaign(session, read_id(campaign_id))
        stored = store_lines(session, campaign, [(None, line) for line in lines], now=visit.now)
        return Pasted(lines, stored.problems, late=sum(map(is_linked_late, stored.placements)))


def _page(visit: Visit, campaign_id: str, sent: Form, status: int | None) -> Response:
    visit.require(PLANNERS)
    campaign = get_campaign(visit.session, read_id(campaign_id))
    pasted = _try(visit, campaign_id, sent) if status is not None else Pasted()
    wrong, only = bool(pasted.unread or pasted.problems), find_only_persona(campaign)
    view = {
        "title": _("Paste placements into %(name)s", name=campaign.name),
        "finding": _finding(pasted),
        "late": ngettext("%(n)s of them gets its link after it began to run. Applications from before that cannot "
                         "be traced by it.",
                         "%(n)s of them get their links after they began to run. Applications from before that "
                         "cannot be traced by them.",
                         pasted.late) if pasted.late else "",
        "unread": pasted.unread,
        "table": _table(visit, pasted, carry_pasted(campaign.id, pasted.lines)),
        "wrong": wrong,
        "ready": bool(pasted.lines) and not wrong,
        "text": sent.get("rows", [""])[0],
        "given": {name: sent.get(name, [only if name == "persona" else ""])[0] for name in DEFAULTS},
        "columns": ", ".join(column_title(column) for column in COLUMNS),
        "choices": list_choices(visit.session),
        "action": visit.address(visit.request.url.path),
        "back": visit.address(f"/campaigns/{campaign.id}/placements"),
        "campaign": (campaign.name, visit.address(f"/campaigns/{campaign.id}")),
    }  # fmt: skip
    return visit.page("placements_pasted.html", view, 422 if wrong else status or 200)


def _finding(pasted: Pasted) -> str:
    if pasted.problems:
        rows = len({one.line for one in pasted.problems})
        return ngettext("%(n)s row cannot be taken yet. Nothing was stored.",
                        "%(n)s rows cannot be taken yet. Nothing was stored.", rows)  # fmt: skip
    if pasted.unread:
        return _("This cannot be read as rows. Nothing was stored.")
    if pasted.lines:
        return ngettext("%(n)s row can be taken. Nothing is stored yet: look at it first.",
                        "%(n)s rows can be taken. Nothing is stored yet: look at them first.",
                        len(pasted.lines))  # fmt: skip
    return _("Copy rows in your spreadsheet, paste them here, and look at them before anything is stored.")


def _table(visit: Visit, pasted: Pasted, carried: Mapping[str, str]) -> dict[str, Any]:
    """The columns that anything was said in, the rows, what is wrong in each, and where what one names is made, with
    all of them `carried` along."""
    columns = [column for column in COLUMNS if any(line.get(column) for line in pasted.lines)]
    there = list_choices(visit.session)
    rows = []
    for n, line in enumerate(pasted.lines, 1):
        wrong = [one.problem for one in pasted.problems if one.line == n]
        said = [
            (f"{column_title(one.field)}: {one.message}",
             make_address(visit, one.field, line.get(one.field, ""), there, carried))
            for one in wrong
        ]  # fmt: skip
        named = {one.field for one in wrong}
        rows.append((n, [(line.get(column, ""), column in named) for column in columns], said))
    return {"columns": [column_title(column) for column in columns], "rows": rows}
