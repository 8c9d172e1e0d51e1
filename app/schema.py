"""Every table of the database in one place, for migrations and the test that compares both."""

from app.access import (
    account_link,
    attempt,
    audit,
    barrier_report,
    invitation,
    membership,
    organisation,
    refusal,
    second_step,
    session,
    token,
    user,
)
from app.database import Base
from app.funnel import application, daily_ad_total, daily_click, fact, person, stage, touchpoint, unit
from app.intake import connection, inbox, made_source, reconcile, sender_day, signed_day, stage_map
from app.planning import (
    asset,
    asset_file,
    calendar_share,
    campaign,
    channel,
    claim,
    invoice,
    job,
    naming,
    past_target,
    persona,
    placement,
    tracking,
)
from app.reports import put_aside, saved_view
from app.tasks import sign, task

__all__ = [
    "Base", "account_link", "application", "asset", "asset_file", "attempt", "audit", "barrier_report",
    "calendar_share", "campaign", "channel", "claim", "connection", "daily_ad_total", "daily_click", "fact",
    "inbox", "invitation", "invoice", "job", "made_source", "membership", "naming", "organisation", "past_target",
    "person", "persona", "placement", "put_aside", "reconcile", "refusal", "saved_view", "second_step", "sender_day",
    "session", "sign", "signed_day", "stage", "stage_map", "task", "token", "touchpoint", "tracking", "unit", "user",
]  # fmt: skip
