"""The tables that pages of the plan show, taken along: the placements each is made of, and what a campaign expected."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import ColumnElement

from app.errors import Missing
from app.funnel.stage import STAGES
from app.i18n import _, pick
from app.planning.asset import get_asset
from app.planning.campaign import get_campaign
from app.planning.channel import get_channel
from app.planning.persona import Persona, find_newest_persona
from app.planning.placement import Placement, is_for
from app.planning.sheet import column_title
from app.reports.answers import Row
from app.reports.names import format_name, stage_name
from app.reports.workbook import Sheet, Value
from app.web.pages.ads import ad_titles, claim_words, find_rows, sort_placed
from app.web.pages.campaign import report_stages
from app.web.pages.data_line import data_line
from app.web.pages.files import sheet_file, sheet_notes
from app.web.pages.filters import list_limits
from app.web.pages.funnel_shares import is_unheard
from app.web.pages.judgement import read_key, row_verdict
from app.web.pages.verdict_columns import cost_cells
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)

Made: TypeAlias = tuple[str, ColumnElement[bool]]
"""What a page is about by name, and which placements it is made of."""


def _of_campaign(visit: Visit, key: str) -> Made:
    one = get_campaign(visit.session, read_key(key, _("campaign")))
    return one.name, Placement.campaign_id == one.id


def _of_channel(visit: Visit, key: str) -> Made:
    one = get_channel(visit.session, read_key(key, _("channel")))
    return one.name, Placement.channel_id == one.id


def _of_asset(visit: Visit, key: str) -> Made:
    one = get_asset(visit.session, read_key(key, _("asset")))
    return one.name, Placement.asset_id == one.id


def _of_persona(visit: Visit, slug: str) -> Made:
    one = find_newest_persona(visit.session, slug)
    if one is None:
        raise Missing(_("There is no such %(noun)s.", noun=_("persona")))
    return pick(one.name), is_for(Persona.slug == slug)


PAGES: Mapping[str, Callable[[Visit, str], Made]] = MappingProxyType({
    "/campaigns/{campaign_id}": _of_campaign, "/channels/{channel_id}": _of_channel,
    "/assets/{asset_id}": _of_asset, "/personas/{slug}": _of_persona,
})  # fmt: skip


def _add_files(page: str, find: Callable[[Visit, str], Made], kind: str) -> None:
    @router.get(f"{page}/ads.{kind}")
    def file(request: Request) -> Response:
        (key,) = request.path_params.values()
        return answer(request, lambda visit: sheet_file(visit, f"ads.{kind}", ads_sheet(visit, *find(visit, key))))


for _page, _find in PAGES.items():
    _add_files(_page, _find, "csv")
    _add_files(_page, _find, "xlsx")


@router.get("/campaigns/{campaign_id}/expected.csv")
def expected_file(request: Request, campaign_id: str) -> Response:
    """What a campaign expected, and what came, as a table of commas."""
    return answer(request, lambda visit: sheet_file(visit, "expected.csv", expected_sheet(visit, campaign_id)))


@router.get("/campaigns/{campaign_id}/expected.xlsx")
def expected_workbook(request: Request, campaign_id: str) -> Response:
    """The same as a spreadsheet."""
    return answer(request, lambda visit: sheet_file(visit, "expected.xlsx", expected_sheet(visit, campaign_id)))


def ads_sheet(visit: Visit, name: str, condition: ColumnElement[bool]) -> Sheet:
    """The placements in the order of the page; what tells of applicants only for whoever sees small counts."""
    scope = visit.question()
    data, placed = find_rows(visit, scope, condition)
    limits = list_limits(visit, scope)
    plan = [_("Placement"), _("Promise"), _("Format"), column_title("place"), column_title("channel"),
            column_title("starts_on"), column_title("ends_on"), _("Cost"), _("Currency")]  # fmt: skip
    counts = [_("Applied"), stage_name(scope.stage), _("Verdict")] if visit.sees_small_counts else []
    lines = sort_placed(visit, placed, [*ad_titles(scope.stage), "claims"])
    return Sheet(
        title=_("Placements of %(name)s", name=name),
        notes=sheet_notes([], data_line(visit, data, scope), limits),
        heads=[*plan, *counts],
        rows=[_line(visit, *one, limited=bool(limits)) for one in lines],
    )


def _line(visit: Visit, placement: Placement, row: Row | None, *, limited: bool) -> list[Value]:
    said: list[Value] = [
        placement.name, claim_words(placement), format_name(placement.asset.format), placement.place,
        placement.channel.name, placement.starts_on, placement.ends_on, *(cost_cells(row) if row else [None, None]),
    ]  # fmt: skip
    if not visit.sees_small_counts:
        return said
    verdict = str(row_verdict(visit, row, limited=limited))
    return [*said, row.applications if row else 0, row.reached if row else 0, verdict]


def expected_sheet(visit: Visit, campaign_id: str) -> Sheet:
    """A line for each stage that something was expected of, or that some system speaks of."""
    scope = visit.question()
    campaign = get_campaign(visit.session, read_key(campaign_id, _("campaign")))
    data, stages = report_stages(visit, scope, campaign)
    expected, share = campaign.expected_funnel or {}, _("Of all who applied")
    ends = (_("low"), _("high"))
    counts = [_("Came"), share, *(f"{share}, {end}" for end in ends)] if visit.sees_small_counts else []
    return Sheet(
        title=campaign.name,
        notes=sheet_notes([], data_line(visit, data, scope), list_limits(visit, scope)),
        heads=[_("Stage"), _("Expected"), *counts],
        rows=[
            [stage_name(STAGES[row.stage]), expected.get(row.stage),
             *([None if is_unheard(row) else row.reached, row.conversion_from_start.estimate,
                row.conversion_from_start.low, row.conversion_from_start.high] if counts else [])]
            for row in stages
        ],
        shares=frozenset({3, 4, 5}),
    )  # fmt: skip
