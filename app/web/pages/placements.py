"""The placements of a campaign as a table to fill: a row for each, more below for new ones; all of it is kept or
nothing. Rows from a spreadsheet are pasted on a page of their own."""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.errors import Invalid, Problem
from app.i18n import _, ngettext
from app.planning.campaign import Campaign, get_campaign
from app.planning.lines import Stored, refuse_lines, status_words, store_lines, write_line
from app.planning.placement import COSTS, Placement, PlacementStatus, cost_with_vat, is_linked_late
from app.planning.removal import delete_placement
from app.planning.row import begin_change
from app.planning.sheet import AMOUNTS, COLUMNS, Line, LineProblem, column_title
from app.planning.tracking import short_address
from app.reports.wording import money_words
from app.web.late import elsewhere_words, late_words
from app.web.pages.administering import Form
from app.web.pages.carried import carry, read_carried
from app.web.pages.columns import choose_columns, column_form, go_to_chosen
from app.web.pages.door import go_to, read_id
from app.web.pages.form_texts import complete_address
from app.web.pages.leading import hosts_address
from app.web.pages.meanwhile import Merged, merge, read_was, require_whole, said_differently
from app.web.pages.placement_choices import find_only_persona, list_choices, make_address, name_personas, write_cells
from app.web.pages.placement_columns import list_groups, with_pointed_at
from app.web.pages.placement_link import PLANNERS
from app.web.pages.units import Sent
from app.web.pages.visit import Visit, answer, change
from app.web.public import public_url

router = APIRouter(include_in_schema=False)

AT_ONCE = 20
NEW_ROWS = 3
WRAPPED = ("name", "place", "audience")
"""Texts that are longer than a column is wide, and are shown whole."""
LONGEST = {"asset": 30, "persona": 20}
"""How many letters of a name that is chosen from a list fit into its field; a longer one is shown whole, too."""
MOST_NEW_ROWS = 50
LINE_END = re.compile(r"\s*[\r\n]\s*")
PASSING = ("kept", "late", "rows", "planned")
"""What the address says of a step that was just taken."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a row: what stands in it, what is wrong with it, and what somebody else has said meanwhile."""

    column: str
    id: str
    value: str
    problem: str
    theirs: str
    way: str = ""
    """Where what it names, and nobody has made yet, is made."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A placement as the table shows it, or a row for a new one, which has no key."""

    n: int
    key: str
    label: str
    address: str
    was: str
    cells: Mapping[str, Cell]
    notes: Sequence[str]
    elsewhere: str
    """Why its link may not go live where it leads."""
    link: str
    """What is printed and published of it."""
    taken_out: bool


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A placement, and what its row says while nobody changes it."""

    placement: Placement
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SentRow:
    """A row as a form sends it: what it showed when it was opened, and what it says."""

    key: str
    was: Mapping[str, str]
    said: Mapping[str, str]

    @property
    def is_empty(self) -> bool:
        """Whether it is a new row that nobody has written into: a status is chosen in each."""
        return not self.key and not any(text for column, text in self.said.items() if column != "status")


@router.get("/campaigns/{campaign_id}/placements")
def placements(request: Request, campaign_id: str) -> Response:
    """The table, and for whoever plans the form that it is."""
    return answer(request, lambda visit: go_to_chosen(visit, list_groups()) or _page(visit, campaign_id))


@router.post("/campaigns/{campaign_id}/placements")
def keep(request: Request, campaign_id: str, sent: Sent) -> Response:
    """Keep what the rows say, make the new ones, and take out those that are marked."""
    found: list[LineProblem] = []

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        begin_change(visit.session)
        campaign = get_campaign(visit.session, read_id(campaign_id))
        stored = _keep_rows(visit, campaign, read_rows(sent), sent.get("out", []))
        found.extend(stored.problems)
        refuse_lines(stored.problems)
        late = sum(map(is_linked_late, stored.placements))
        return go_to(visit.same_address(kept=len(stored.placements), late=late or None))

    return change(request, do, lambda visit, problems: _page(visit, campaign_id, problems, sent, found))


def _keep_rows(visit: Visit, campaign: Campaign, rows: Sequence[SentRow], out: Sequence[str]) -> Stored:
    """Store what differs. Raises Stale where somebody else has said something different meanwhile."""
    there, personas = _find_there(visit, campaign, rows), name_personas(visit.session)
    for key in out:
        delete_placement(visit.session, read_id(key), revision=None)
    lines: list[tuple[Placement | None, Line]] = []
    numbers = []
    for n, row in enumerate(rows, 1):
        if row.key in out or row.is_empty:
            continue
        placement = there.get(row.key)
        merged = merge_row(placement, row, personas)
        if merged.clashes:
            raise said_differently()
        if placement is None or merged.changes:
            stands = write_line(placement) if placement else {}
            lines.append((placement, stands | dict(merged.changes) | _fill_persona(campaign, row)))
            numbers.append(n)
    return store_lines(visit.session, campaign, lines, now=visit.now, numbers=numbers)


def _fill_persona(campaign: Campaign, row: SentRow) -> dict[str, str]:
    """A new row that names no persona is for the only one of the campaign."""
    only = find_only_persona(campaign) if not row.key and not row.said["persona"] else ""
    return {"persona": only} if only else {}


def merge_row(placement: Placement | None, row: SentRow, personas: Mapping[str, str]) -> Merged[str, str]:
    """What a row changes of the placement as it stands; a new row changes nothing and says all."""
    now = write_cells(placement, personas) if placement is not None else dict.fromkeys(row.said, "")
    return merge(row.was if placement is not None else now, now, row.said)


def read_rows(sent: Form) -> list[SentRow]:
    """The rows of the form, in their order. Raises Invalid where it is torn."""
    for column in ("row_was", *COLUMNS):
        require_whole(sent, "row", column)
    shown = [read_was(text) for text in sent.get("row_was", [])]
    texts = [[_read_cell(column, cell.strip()) for cell in sent.get(column, [])] for column in COLUMNS]
    return [
        SentRow(key, was, dict(zip(COLUMNS, said, strict=True)))
        for key, was, *said in zip(sent.get("row", []), shown, *texts, strict=True)
    ]


def _read_cell(column: str, text: str) -> str:
    """What a field says: one that shows a long text whole takes the key that ends a line, and is still one line."""
    if column == "target_url":
        return complete_address(text)
    return LINE_END.sub(" ", text) if column in (*WRAPPED, "asset") else text


def _find_there(visit: Visit, campaign: Campaign, rows: Sequence[SentRow]) -> dict[str, Placement]:
    """The placements that rows are of, by key. Raises Missing for one that is not of this campaign."""
    keys = [read_id(row.key) for row in rows if row.key]
    found = visit.session.scalars(_placed(campaign.id).where(Placement.id.in_(keys)))
    there = {str(one.id): one for one in found}
    gone = [row for row in rows if row.key and row.key not in there]
    if gone:
        said = ", ".join(f"“{row.was.get('name', row.key)}”" for row in gone)
        raise Invalid([Problem("row", _("%(names)s were taken out meanwhile; open the page again.", names=said))])
    return there


def _placed(campaign_id: uuid.UUID) -> Select[Placement]:
    parts = (joinedload(Placement.asset), joinedload(Placement.channel), joinedload(Placement.persona))
    return select(Placement).options(*parts).where(Placement.campaign_id == campaign_id)


def _page(
    visit: Visit, campaign_id: str, problems: Sequence[str] = (), sent: Form | None = None,
    found: Sequence[LineProblem] = (),
) -> Response:  # fmt: skip
    campaign = get_campaign(visit.session, read_id(campaign_id))
    view = placements_view(visit, campaign, problems, sent, found)
    return visit.page("placements.html", view, 422 if problems else 200)


def placements_view(
    visit: Visit, campaign: Campaign, problems: Sequence[str], sent: Form | None, found: Sequence[LineProblem]
) -> dict[str, Any]:
    """All that the page shows; what was written into a form that was refused stays written."""
    placed = Placement.campaign_id == campaign.id
    total = visit.session.scalar(select(func.count()).select_from(Placement).where(placed)) or 0
    pages = max(1, -(-total // AT_ONCE))
    page = min(_whole(visit.asked.get("page"), 1), pages)
    may_plan = visit.member.place.role in PLANNERS and not campaign.template
    rows = _sent_rows(visit, campaign, sent, found) if sent and problems else _stored_rows(visit, campaign, page)
    if may_plan and not (sent and problems):
        new = min(_whole(visit.asked.get("rows"), NEW_ROWS), MOST_NEW_ROWS)
        typed = read_carried(visit)[:MOST_NEW_ROWS]
        texts = [*typed, *[{}] * (new - len(typed))]
        rows += [_row(visit, len(rows) + n, None, text, {}) for n, text in enumerate(texts, 1)]
    pointed_at = {cell.column for row in rows for cell in row.cells.values() if cell.problem or cell.theirs}
    groups = with_pointed_at(choose_columns(list_groups(), visit.asked.get("columns")), pointed_at)
    shown = {field for group in groups for field in group.fields}
    return {
        "title": _("Placements of %(name)s", name=campaign.name),
        "finding": _finding(campaign, total),
        "said": _said(visit) if not problems else "",
        "started": visit.address("/start") + "#live" if visit.asked.get("planned") == "yes" and not problems else "",
        "late": _late(visit) if not problems else "",
        "problems": problems,
        "hosts": hosts_address(visit),
        "misled": any(one.problem.field == "target_url" for one in found),
        "may_plan": may_plan,
        "columns": column_form(visit, list_groups(), groups, PASSING),
        "groups": groups,
        "unseen": [column for column in COLUMNS if column not in shown],
        "amounts": AMOUNTS,
        "rows": rows,
        "first_empty": next(
            (row.cells[one].id for row in rows if not row.key for of in groups for one in of.fields), ""
        ),
        "statuses": [(one.value, status_words(one)) for one in PlacementStatus],
        "choices": _offered(visit) if may_plan else {},
        "wrapped": WRAPPED,
        "longest": LONGEST,
        "only_persona": _only_persona(visit, campaign),
        "action": visit.same_address(**dict.fromkeys(PASSING)),
        "totals": list_totals(visit, campaign),
        "pages": [(n, _turned_to(visit, page=n), n == page) for n in _around(page, pages)],
        "campaign": (campaign.name, visit.address(f"/campaigns/{campaign.id}")),
        "more": _turned_to(visit, page=page, rows=MOST_NEW_ROWS),
        "paste": visit.address(f"/campaigns/{campaign.id}/placements/paste"),
    }


def _only_persona(visit: Visit, campaign: Campaign) -> str:
    only = find_only_persona(campaign)
    return name_personas(visit.session).get(only, "")


def _offered(visit: Visit) -> dict[str, list[str]]:
    """What a browser offers while one writes, by column."""
    return {column: [name for name, _slug in found] for column, found in list_choices(visit.session).items()} | {
        "persona": list(name_personas(visit.session).values())
    }


def _turned_to(visit: Visit, **where: int) -> str:
    return visit.address(visit.request.url.path, columns=visit.asked.get("columns"), **where)


def _whole(text: str | None, otherwise: int) -> int:
    return int(text[:6]) if text and text.isascii() and text.isdecimal() and int(text[:6]) > 0 else otherwise


def _around(page: int, pages: int) -> list[int]:
    """The first page, the last, and those beside this one."""
    near = {1, pages, *range(page - 2, page + 3)}
    return sorted(one for one in near if 1 <= one <= pages) if pages > 1 else []


def _finding(campaign: Campaign, total: int) -> str:
    if campaign.template:
        return _("A template has no placements; copy it, and place in the copy.")
    if not total:
        return _("Nothing is placed in this campaign yet.")
    return ngettext("%(n)s placement: what runs where, with which link and cost.",
                    "%(n)s placements: what runs where, with which link and cost.", total)  # fmt: skip


def _said(visit: Visit) -> str:
    kept = visit.asked.get("kept", "")
    if not (kept.isascii() and kept.isdecimal()):
        return ""
    n = int(kept[:6])
    return ngettext("Kept: %(n)s placement.", "Kept: %(n)s placements.", n) if n else _("Nothing was to be changed.")


def _late(visit: Visit) -> str:
    n = _whole(visit.asked.get("late"), 0)
    return ngettext("%(n)s of them got its link after it began to run. Applications from before that cannot be "
                    "traced by it.",
                    "%(n)s of them got their links after they began to run. Applications from before that cannot be "
                    "traced by them.",
                    n) if n else ""  # fmt: skip


def _stored_rows(visit: Visit, campaign: Campaign, page: int) -> list[TableRow]:
    order = _placed(campaign.id).order_by(Placement.starts_on, Placement.name, Placement.id)
    found = visit.session.scalars(order.offset((page - 1) * AT_ONCE).limit(AT_ONCE)).all()
    personas = name_personas(visit.session)
    rows = [StoredRow(one, write_cells(one, personas)) for one in found]
    return [_row(visit, n, row, row.cells, {}) for n, row in enumerate(rows, 1)]


def _sent_rows(visit: Visit, campaign: Campaign, sent: Form, found: Sequence[LineProblem]) -> list[TableRow]:
    """The rows of a form that was refused, as they were written, each problem at its field. What somebody else has
    said meanwhile stands beside, and is what the form shows when it is sent again."""
    try:
        rows = read_rows(sent)
        there = _find_there(visit, campaign, rows)
    except Invalid:
        return _stored_rows(visit, campaign, 1)
    wrong: dict[int, dict[str, str]] = {}
    for one in found:
        wrong.setdefault(one.line, {})[one.problem.field] = one.problem.message
    personas = name_personas(visit.session)
    typed = carry(campaign.id, [row.said for row in rows if not row.key and not row.is_empty])
    shown = []
    for n, row in enumerate(rows, 1):
        placement = there.get(row.key)
        merged = merge_row(placement, row, personas)
        stored = StoredRow(placement, write_cells(placement, personas)) if placement is not None else None
        now = stored.cells if stored else {}
        text = {**now, **merged.changes}
        theirs = {column: now[column] or "–" for column in merged.clashes}
        out = row.key in sent.get("out", [])
        shown.append(_row(visit, n, stored, text, wrong.get(n, {}), theirs, out, typed))
    return shown


def _row(
    visit: Visit, n: int, stored: StoredRow | None, text: Mapping[str, str], wrong: Mapping[str, str],
    theirs: Mapping[str, str] | None = None, taken_out: bool = False, typed: Mapping[str, str] | None = None,
) -> TableRow:  # fmt: skip
    theirs = theirs or {}
    there = list_choices(visit.session) if wrong else {}
    cells = {
        column: Cell(
            column,
            f"{column}-{n}",
            text.get(column, ""),
            wrong.get(column, ""),
            theirs.get(column, ""),
            make_address(visit, column, text.get(column, ""), there, typed) if column in wrong else "",
        )
        for column in COLUMNS
    }
    if stored is None:
        return TableRow(n, "", _("new"), "", "", cells, (), "", "", False)
    placement, was = stored.placement, json.dumps(stored.cells, ensure_ascii=False)
    return TableRow(
        n, str(placement.id), placement.tracking_code, visit.address(f"/placements/{placement.id}"), was, cells,
        _notes(visit, placement), elsewhere_words(visit.session, placement),
        short_address(public_url(visit.request), placement.tracking_code), taken_out,
    )  # fmt: skip


def _notes(visit: Visit, placement: Placement) -> list[str]:
    """What is to be known of a row beside what it says."""
    notes = []
    if (gross := cost_with_vat(placement)) is not None and placement.currency:
        notes.append(_("%(amount)s with VAT", amount=money_words(gross, placement.currency)))
    return [*notes, *late_words(placement, visit.now, visit.organisation.zone)]


def list_totals(visit: Visit, campaign: Campaign) -> list[tuple[str, str]]:
    """What all placements of the campaign cost together, by basis."""
    sums = [func.sum(getattr(Placement, f"{cost}_minor")) for cost in COSTS]
    placed = select(Placement.currency, *sums).where(Placement.campaign_id == campaign.id)
    totals = []
    for currency, *amounts in visit.session.execute(placed.group_by(Placement.currency).order_by(Placement.currency)):
        totals += [
            (column_title(cost), money_words(int(minor), currency))
            for cost, minor in zip(COSTS, amounts, strict=True) if minor is not None and currency
        ]  # fmt: skip
    return totals
