"""`/ad-totals`: what ad platforms say was shown, clicked and spent, from the files that they export."""

import datetime as dt
import uuid
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.funnel.daily_ad_total import AdImport, AdSum, ImportState, Platform
from app.intake.ad_totals.headers import Field as Column
from app.intake.ad_totals.keeping import foresee, hold, keep, list_imports, undo
from app.intake.ad_totals.reading import read_ad_file
from app.intake.ad_totals.settling import Hints
from app.intake.ad_totals.values import DayOrder
from app.planning.field import Place
from app.planning.money import Currency, Money, show_money
from app.planning.problem import read_as
from app.reports.spending import load_flights, load_unmatched
from app.web.problems import documented
from app.web.session import Caller, Now, ReadSession, Store, WriteSession, writing_for

router = APIRouter(prefix="/ad-totals", tags=["ad totals"])

BINARY = {"schema": {"type": "string", "format": "binary"}}


class AdFileQuery(BaseModel):
    """What the file is called, and what is to be known of it that it does not say."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=200)] = ""
    dry_run: bool = Field(default=False, description="Say what would happen and store nothing.")
    platform: Platform | None = None
    account: Place = ""
    currency: Currency | None = None
    decimal: Annotated[str, Field(pattern=r"^[.,]$")] | None = None
    dates: DayOrder | None = None
    day: Annotated[str, Field(max_length=200)] | None = Field(default=None, description="What that column is called.")
    campaign: Annotated[str, Field(max_length=200)] | None = None
    ad: Annotated[str, Field(max_length=200)] | None = None
    url: Annotated[str, Field(max_length=200)] | None = None
    code: Annotated[str, Field(max_length=200)] | None = None
    impressions: Annotated[str, Field(max_length=200)] | None = None
    clicks: Annotated[str, Field(max_length=200)] | None = None
    spend: Annotated[str, Field(max_length=200)] | None = None
    results: Annotated[str, Field(max_length=200)] | None = None

    def hints(self) -> Hints:
        """What is said of the file."""
        columns = {column: said for column in Column if (said := getattr(self, column.value, None))}
        columns.pop(Column.ACCOUNT, None)
        columns.pop(Column.CURRENCY, None)
        said = {name: getattr(self, name) for name in ("platform", "account", "currency", "decimal", "dates")}
        return read_as(Hints, said | {"columns": columns})


class AdImportOut(BaseModel):
    """One file: its days, how many totals it brought, and what it says was spent."""

    id: uuid.UUID
    name: str
    platform: Platform
    state: ImportState
    at: dt.datetime
    first_day: dt.date
    last_day: dt.date
    count: int = Field(description="Totals of one day and one ad.")
    sums_left_out: int = Field(description="Rows of the file that add others up.")
    columns_left_out: list[str] | None = Field(
        description="What the columns that nothing was read of are called; null where that was not kept."
    )
    spent: Money | None


class TakenOut(AdImportOut):
    """What became of the file, or would."""

    replaced: int = Field(description="Totals that stood for these days and accounts and no longer do.")
    gone: list[str] = Field(description="Campaigns of these days that the file does not name any more.")
    unmatched: list[str] = Field(description="Campaigns of all files that lead to no placement yet.")


class UnmatchedAdOut(BaseModel):
    """An ad that leads to no placement; a source alias of kind `ad` says which it is."""

    platform: Platform
    account: str
    campaign: str
    ad: str
    code: str | None
    first_day: dt.date
    last_day: dt.date
    impressions: int | None
    clicks: int | None
    spent: Money | None


class AdTotalsOut(BaseModel):
    """The files that were taken in, the newest first, and what of them leads nowhere yet."""

    imports: list[AdImportOut]
    unmatched: list[UnmatchedAdOut]


async def _body(request: Request) -> bytes:
    return await request.body()


def describe_import(one: AdImport) -> AdImportOut:
    """A file as the API shows it."""
    return AdImportOut(**_describe(one))


def _describe(one: AdImport) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in AdImportOut.model_fields.keys() - {"spent"}}
    return plain | {"spent": show_money(one.spend_minor, one.currency)}


def describe_ad(ad: AdSum) -> UnmatchedAdOut:
    """An ad that leads nowhere as the API shows it."""
    plain = {name: getattr(ad, name) for name in UnmatchedAdOut.model_fields.keys() - {"spent"}}
    return UnmatchedAdOut(**plain, spent=show_money(ad.spend_minor, ad.currency))


@router.get("", summary="List ad platforms' files", responses=documented(401, 403, 422, 503))
def list_all(session: ReadSession) -> AdTotalsOut:
    """What was taken in, and the campaigns and ads that lead to no placement yet, those that cost most first."""
    return AdTotalsOut(
        imports=[describe_import(one) for one in list_imports(session)],
        unmatched=[describe_ad(ad) for ad in load_unmatched(session, load_flights(session))],
    )


@router.post(
    "",
    summary="Take in an ad platform's file",
    status_code=HTTPStatus.CREATED,
    responses=documented(400, 401, 403, 409, 413, 422, 503),
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}},
)
def take_in(
    query: Annotated[AdFileQuery, Query()],
    caller: Caller,
    body: Annotated[bytes, Depends(_body)],
    database: Store,
    now: Now,
) -> TakenOut:
    """CSV or XLSX as the platform exports it, broken down by day. It takes the place of what is here for exactly its
    days and accounts, whole or not at all; each row that cannot be read is named."""
    file = read_ad_file(body, query.name, query.hints(), now.date())
    opening = database.rehearsing(caller.organisation_id) if query.dry_run else writing_for(caller, database, now)
    with opening as session:
        held = hold(session, file, query.name, now)
        foreseen = foresee(session, held)
        kept = keep(session, held.id, now)
        names = {ad.campaign: None for ad in load_unmatched(session, load_flights(session))}
        return TakenOut(**_describe(kept), replaced=foreseen.replaced, gone=list(foreseen.gone), unmatched=list(names))


@router.post("/{import_id}/undo", summary="Take a file back", responses=documented(401, 403, 404, 409, 422, 503))
def take_back(import_id: uuid.UUID, session: WriteSession, now: Now) -> AdImportOut:
    """Within 30 days: for the days on which it stands, what stood before stands again."""
    return describe_import(undo(session, import_id, now))
