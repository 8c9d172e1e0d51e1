"""The placements that a page of the plan is made of, as a table that sorts, with what came of each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, select

from app.funnel.stage import Stage
from app.i18n import _, period, pick
from app.planning.placement import Placement
from app.reports.answers import Data, Row
from app.reports.effectiveness import report_effectiveness
from app.reports.listing import Part, RowCell
from app.reports.names import format_name, stage_name
from app.reports.ordering import SORTS
from app.reports.scope import By, Scope
from app.reports.wording import Verdict
from app.web.pages.counted import Counted, count_cell
from app.web.pages.files import FileLinks, file_links
from app.web.pages.filters import list_limits
from app.web.pages.judgement import cost_words, row_verdict
from app.web.pages.sorting import Head, sort_head, sort_lines
from app.web.pages.visit import Visit

Placed: TypeAlias = tuple[Placement, Row | None]
"""A placement and its row of the report, if it has one."""
HERE = "ads"
"""Where the table stands on its page."""
OF_COUNTS = ("applications", "reached", "verdict")
"""Columns that only those see, and may sort by, who see small counts."""


@dataclass(frozen=True, slots=True)
class Ad:
    """One placement as a line, every cell in words."""

    name: str
    address: str
    format: str
    place: str
    channel: tuple[str, str]
    """Its name and its page."""
    days: str
    cost: str
    applied: Counted
    reached: Counted
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class AdTable:
    """The heads, which sort, and the lines as they are asked for."""

    heads: Sequence[Head]
    lines: Sequence[Ad]
    files: FileLinks


def list_ads(visit: Visit, scope: Scope, condition: ColumnElement[bool], here: str) -> AdTable:
    """The placements that meet the condition, the newest first unless the address says otherwise; `here` is the page
    that they are of."""
    titles = ad_titles(scope.stage)
    _data, placed = find_rows(visit, scope, condition)
    limited = bool(list_limits(visit, scope))
    return AdTable(
        heads_of(visit, titles),
        [_ad(visit, *one, limited=limited) for one in sort_placed(visit, placed, titles)],
        file_links(visit, f"{here}/ads"),
    )


def find_rows(visit: Visit, scope: Scope, condition: ColumnElement[bool]) -> tuple[Data, list[Placed]]:
    """The placements that meet the condition with their rows, the newest first, and from which data these are."""
    found = report_effectiveness(visit.session, replace(scope, by=By.PLACEMENT))
    rows = {row.key: row for row in found.rows if row.row == "known"}
    return found.data, [(one, rows.get(str(one.id))) for one in find_placed(visit, condition)]


def ad_titles(stage: Stage) -> dict[str, str]:
    """The columns, where they are asked about a stage."""
    return {
        "label": _("Placement"), "format": _("Format"), "starts": _("Where and when"), "cost": _("Cost"),
        "applications": _("Applied"), "reached": stage_name(stage), "verdict": _("Verdict"),
    }  # fmt: skip


def find_placed(visit: Visit, condition: ColumnElement[bool]) -> Sequence[Placement]:
    """The placements that meet the condition, the newest first."""
    newest = select(Placement).where(condition).order_by(Placement.starts_on.desc(), Placement.name)
    return visit.session.scalars(newest).all()


def heads_of(visit: Visit, titles: Mapping[str, str]) -> list[Head]:
    """A head for each column that the visitor sees."""
    numeric = ("cost", "applications", "reached")
    return [
        sort_head(visit, name, title, numeric=name in numeric, at=HERE)
        for name, title in titles.items()
        if visit.sees_small_counts or name not in OF_COUNTS
    ]


def sort_placed(visit: Visit, placed: Sequence[Placed], titles: Collection[str]) -> list[Placed]:
    """The placements as the address asks for them, by a column that the visitor sees."""
    seen = [name for name in titles if visit.sees_small_counts or name not in OF_COUNTS]
    return sort_lines(visit, placed, {name: _value(name) for name in seen})


def _value(name: str) -> Callable[[Placed], Any]:
    """What a column is sorted by; what has not run has no numbers."""
    of_plan: dict[str, Callable[[Placement], Any]] = {
        "label": lambda one: one.name.casefold(),
        "format": lambda one: format_name(one.asset.format).casefold(),
        "starts": lambda one: one.starts_on,
        "claims": lambda one: claim_words(one).casefold(),
    }
    if name in of_plan:
        return lambda placed: of_plan[name](placed[0])
    of_row = SORTS[name]
    return lambda placed: None if placed[1] is None or (name != "cost" and placed[1].is_idle) else of_row(placed[1])


def claim_words(placement: Placement) -> str:
    """What its asset promises."""
    said = [_("“%(name)s”", name=pick(claim.text)) for claim in placement.asset.claims]
    return " · ".join(said) or _("no promise")


def _ad(visit: Visit, placement: Placement, row: Row | None, *, limited: bool) -> Ad:
    asked, channel = visit.asked_again(), placement.channel
    return Ad(
        name=placement.name,
        address=visit.address(f"/placements/{placement.id}", **asked),
        format=format_name(placement.asset.format),
        place=placement.place,
        channel=(channel.name, visit.address(f"/channels/{channel.id}", **asked)),
        days=period(placement.starts_on, placement.ends_on),
        cost=cost_words(row),
        applied=_count(visit, row, Part.APPLIED),
        reached=_count(visit, row, Part.REACHED),
        verdict=row_verdict(visit, row, limited=limited),
    )


def _count(visit: Visit, row: Row | None, part: Part) -> Counted:
    if row is None:
        return count_cell(visit, 0, RowCell(part, "known"))
    n = row.applications if part is Part.APPLIED else row.reached
    return count_cell(visit, n, RowCell(part, "known", row.key or ""), by=By.PLACEMENT.value)
