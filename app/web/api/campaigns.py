"""Campaigns: concepts with an objective, for a while or without an end."""

import datetime as dt
import uuid
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.access.token import Role
from app.planning.campaign import (
    Campaign,
    CampaignFilter,
    CampaignIn,
    CampaignKind,
    CampaignOut,
    CampaignStatus,
    create_campaign,
    describe_campaign,
    get_campaign,
    list_campaigns,
)
from app.planning.copying import CampaignCopyIn, CampaignCopyOut, copy_campaign, describe_copy
from app.planning.field import Day, Given, Language
from app.planning.lines import refuse_lines, store_lines
from app.planning.placement import PlacementOut, describe_placement
from app.planning.removal import delete_campaign
from app.planning.replacing import replace_campaign
from app.planning.sheet import COLUMNS, LONGEST_SHEET, MOST_LINES, read_sheet
from app.planning.typesetting import SheetLayout, set_sheet
from app.reports.checks import Check
from app.web.api.plan_rows import PlanRows
from app.web.before_step import Asker, Lack, asks_first, list_warnings
from app.web.etag import show_created
from app.web.paging import PageQuery
from app.web.problems import COPIES, READS
from app.web.public import public_url
from app.web.session import ApiCaller, Now, PlanSession, ReadSession


class CampaignQuery(PageQuery):
    """How campaigns are listed."""

    sort: Literal[
        "name", "-name", "starts_on", "-starts_on", "created_at", "-created_at", "updated_at", "-updated_at"
    ] = "name"
    kind: CampaignKind | None = None
    status: CampaignStatus | None = None
    running_on: Day | None = None
    template: bool = False


class ThingOut(BaseModel):
    """One thing that is not in order."""

    noun: str = Field(description="What it is a row of: placement or asset.")
    key: str
    name: str
    note: str


class WarningOut(BaseModel):
    """What of a campaign is not in order: the remedy, who can do it, and each thing by name."""

    kind: Lack | Check
    what: str
    remedy: str
    roles: list[Role]
    things: list[ThingOut] = Field(description="None where nothing is there that could be named.")


class CampaignChanged(CampaignOut):
    """A campaign as it is stored, and what was not in order when it went live or ended."""

    warnings: list[WarningOut] = Field(
        default=[],
        description="In the answer of a change by which it goes live or ends, and of no other: what of it is not in "
        "order, as its page says before that step; empty where all is. It keeps nobody from the step.",
    )


def _describe_change(session: Session, caller: ApiCaller, campaign: Campaign, now: dt.datetime) -> CampaignOut:
    shown = describe_campaign(campaign)
    step = shown.steps[-1] if shown.steps else None
    if step is None or step.at != now or not asks_first(step.status):
        return shown
    asker = Asker(now, caller.role is Role.ADMINISTRATOR, caller.sees_small_counts)
    warned = list_warnings(session, campaign, step.status, asker)
    return CampaignChanged(**shown.model_dump(), warnings=[WarningOut(**asdict(one)) for one in warned])


ROWS = PlanRows(
    one="a campaign",
    many="campaigns",
    given=CampaignIn,
    shown=CampaignOut,
    query=CampaignQuery,
    filter=CampaignFilter,
    list=list_campaigns,
    get=get_campaign,
    describe=describe_campaign,
    create=create_campaign,
    replace=replace_campaign,
    delete=delete_campaign,
    changed=CampaignChanged,
    describe_change=_describe_change,
)
router = ROWS.router(
    lists="All campaigns, or those of a kind or status, or running on a day; or the templates, those shared with you "
    "included.",
    creates="A burst has an end after its start; a continuous campaign has none.",
    replaces="Its flights stay inside its dates; its status only moves forward: `warnings` say what is not in order.",
    deletes="Refused while it has placements.",
)


@router.post(
    "/{campaign_id}/copy", summary="Copy a campaign", status_code=201, response_model=CampaignCopyOut, responses=COPIES
)
def copy(campaign_id: uuid.UUID, given: CampaignCopyIn, session: PlanSession, now: Now) -> Response:
    """A draft of your own from a campaign or a template, shared ones included: its days move together, its placements
    are planned anew with codes of their own and without what was booked or invoiced."""
    copied = copy_campaign(session, campaign_id, given, now=now)
    return show_created(describe_copy(copied), "campaigns")


class SheetQuery(BaseModel):
    """How all that is printed of a campaign is handed out."""

    model_config = ConfigDict(extra="forbid")

    layout: SheetLayout = "several"
    language: Language | None = Field(default=None, description="Of all its words; else each asset's own.")


@router.get(
    "/{campaign_id}/print-kit", summary="The codes of a campaign's posters, to print", response_class=Response,
    responses=READS | {200: {"content": {"application/pdf": {}}}},
)  # fmt: skip
def print_kit(
    campaign_id: uuid.UUID, query: Annotated[SheetQuery, Query()], session: ReadSession, request: Request
) -> Response:
    """A PDF of A4 pages, several codes on each or one, labelled with place and flight."""
    campaign = get_campaign(session, campaign_id)
    made = set_sheet(session, campaign, public_url(request), query.layout, query.language)
    return Response(made, media_type="application/pdf")


class RowsIn(Given):
    """Rows as a spreadsheet copies them."""

    rows: str = Field(
        max_length=LONGEST_SHEET,
        description=f"At most {MOST_LINES} rows parted by tabs, semicolons or commas, with a header of these columns "
        f"in any order or without one in this: {', '.join(COLUMNS)}.",
    )


class PlannedRows(BaseModel):
    """The placements that were planned, in the order of their rows."""

    placements: list[PlacementOut]


@router.post("/{campaign_id}/placements", summary="Plan many placements", status_code=201, responses=COPIES)
def plan_placements(campaign_id: uuid.UUID, given: RowsIn, session: PlanSession, now: Now) -> PlannedRows:
    """All of the rows or none: each problem names its row and column, `rows[3].ends_on`."""
    campaign = get_campaign(session, campaign_id)
    stored = store_lines(session, campaign, [(None, line) for line in read_sheet(given.rows)], now=now)
    refuse_lines(stored.problems)
    return PlannedRows(placements=[describe_placement(one) for one in stored.placements])
