"""What leaves is told in the audit: who took which report, and as what."""

import datetime as dt
import uuid

from fastapi import Request

from app.access.audit import Action, Actor, act_as, record
from app.database import Database
from app.web.session import ApiCaller, Caller, Now, Store

TOLD_EVERY = dt.timedelta(hours=1)
"""How often it is told that a machine takes the same report: one that asks every minute would bury the rest."""


def note_export(database: Database, organisation_id: uuid.UUID, actor: Actor, what: str, now: dt.datetime) -> None:
    """Tell that a report leaves, before it does."""
    with database.writing(organisation_id) as session:
        act_as(session, actor, now)
        record(session, Action.EXPORTED, "report", what)


def tell_report(request: Request, caller: Caller, database: Store, now: Now) -> None:
    """Tell that a machine takes the report it asks for."""
    tell_machine_export(request, caller, database, f"{request.url.path.rpartition('/')[2]}.json", now)


def tell_machine_export(request: Request, caller: ApiCaller, database: Database, what: str, now: dt.datetime) -> None:
    """Tell that a machine takes this, once in a while."""
    told: dict[tuple[uuid.UUID, str], dt.datetime] = request.app.state.exports_told
    last = told.get((caller.token_id, what))
    if last is None or now - last >= TOLD_EVERY:
        note_export(database, caller.organisation_id, caller.actor, what, now)
        told[caller.token_id, what] = now
