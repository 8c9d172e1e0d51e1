"""How often the link of a placement was followed: by people, and by programs that open links before people do."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.organisation import TrackingMode, get_organisation
from app.database import organisation_of
from app.funnel.daily_click import DailyClick, Follower
from app.reports.answers import Answer


class FollowedDay(Answer):
    """How often on one day of the organisation's calendar."""

    day: dt.date
    people: int
    programs: int


class Followed(Answer):
    """How often in all and day by day. `mode` says what may be recorded; while it is `off` nothing is counted."""

    mode: TrackingMode
    people: int
    programs: int
    days: list[FollowedDay]


def read_followed(session: Session, code: str) -> Followed:
    """What was counted of one code, the days in their order."""
    mode = TrackingMode(get_organisation(session, organisation_of(session)).tracking_mode)
    days: dict[dt.date, FollowedDay] = {}
    for one in session.scalars(select(DailyClick).where(DailyClick.code == code).order_by(DailyClick.day)):
        before = days.get(one.day) or FollowedDay(day=one.day, people=0, programs=0)
        kind = "people" if one.follower == Follower.PERSON else "programs"
        days[one.day] = before.model_copy(update={kind: getattr(before, kind) + one.n})
    return Followed(
        mode=mode, people=sum(one.people for one in days.values()), programs=sum(one.programs for one in days.values()),
        days=list(days.values()),
    )  # fmt: skip
