"""`/checks`: is the analytics in order? What is not, the remedy, and who can do it."""

import datetime as dt
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.access.organisation import Organisation, get_organisation
from app.access.token import Role
from app.planning.field import Day, Given
from app.reports.check_words import finding_words, item_name, item_note, remedy_words, who_can
from app.reports.checks import Check, read_check
from app.reports.put_aside import Standing, put_aside, take_up
from app.web.checks import run_checks
from app.web.problems import documented
from app.web.session import Caller, Now, PlanSession, ReadSession

router = APIRouter(prefix="/checks", tags=["checks"])


class ItemOut(BaseModel):
    """One thing that is not in order."""

    name: str
    noun: str = Field(description="What it is a row of: placement, asset, connection; or label, host, code, platform.")
    key: str
    n: int | None = Field(description="How often it was met; of an account, how many days are missing.")
    first: dt.date | None
    last: dt.date | None
    note: str


class AsideOut(BaseModel):
    """Until when a check is put aside, by whom and since when; it comes back sooner when it finds more than `count`."""

    until: dt.date
    count: int
    by: str = Field(description="The key of a user, or the name of a token's system.")
    at: dt.datetime


class CheckOut(BaseModel):
    """One check: how much it found, each by name, what to do and who can."""

    check: Check
    open: bool = Field(description="Whether it waits for somebody now.")
    count: int
    finding: str
    remedy: str
    roles: list[Role]
    items: list[ItemOut]
    aside: AsideOut | None


class ChecksOut(BaseModel):
    """Every check, the most harmful to the numbers first."""

    open: int
    checks: list[CheckOut]


class AsideIn(Given):
    """Until which day a check is put aside."""

    until: Day


def _describe(one: Standing) -> CheckOut:
    found, aside = one.found, one.aside
    return CheckOut(
        check=found.check, open=one.is_open, count=len(found.items), finding=finding_words(found),
        remedy=remedy_words(found.check), roles=list(who_can(found.check)),
        items=[ItemOut(**_plain(item), note=item_note(found.check, item)) for item in found.items],
        aside=None if aside is None else AsideOut(
            until=aside.until, count=aside.count, by=aside.actor_name, at=aside.at),
    )  # fmt: skip


def _plain(item: Any) -> dict[str, Any]:
    plain = {name: getattr(item, name) for name in ItemOut.model_fields.keys() - {"note"}}
    return plain | {"name": item_name(item)}


def _own(session: ReadSession, caller: Caller) -> Organisation:
    return get_organisation(session, caller.organisation_id)


@router.get("", summary="Are the numbers in order?", responses=documented(401, 403, 422, 503))
def check(session: ReadSession, caller: Caller, now: Now) -> ChecksOut:
    """Links, codes, sources, costs, platforms' campaigns and files, what is over, who came before an ad, assets,
    consents and webhooks."""
    standing = run_checks(session, _own(session, caller), now)
    return ChecksOut(open=sum(one.is_open for one in standing), checks=[_describe(one) for one in standing])


@router.put("/{check}/aside", summary="Put a check aside", responses=documented(400, 401, 403, 404, 413, 422, 503))
def set_aside(check: str, given: AsideIn, session: PlanSession, caller: Caller, now: Now) -> CheckOut:
    """For a while, at what it finds now; when it finds more, it is open again."""
    wanted, organisation = read_check(check), _own(session, caller)
    today = now.astimezone(organisation.zone).date()
    one = next(one for one in run_checks(session, organisation, now) if one.found.check is wanted)
    return _describe(
        Standing(one.found, put_aside(session, one.found, given.until, caller.actor, today=today, now=now))
    )


@router.delete("/{check}/aside", summary="Take a check up again", status_code=204,
               responses=documented(401, 403, 404, 422, 503))  # fmt: skip
def take_up_again(check: str, session: PlanSession) -> None:
    """It is told of again."""
    take_up(session, read_check(check))
