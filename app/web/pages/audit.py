"""The audit: who did, exported or changed what, the newest first."""

import csv
import io
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.audit import Action, ActorKind, AuditEntry
from app.access.audit_reading import AuditFilter, all_entries, list_entries, list_nouns
from app.access.membership import Membership
from app.access.refusal import RefusalCount, Refused, list_refusals
from app.access.token import ApiToken
from app.access.user import User
from app.funnel.daily_ad_total import AdImport
from app.i18n import _, day_words, number
from app.intake.connection import Connection
from app.planning.asset import Asset
from app.planning.asset_file import AssetFile
from app.planning.campaign import Campaign
from app.planning.channel import Channel
from app.planning.invoice import Invoice
from app.planning.job import Job
from app.planning.persona import Persona
from app.planning.placement import Placement
from app.reports.export import ACTIVE_STARTS
from app.spreadsheets import Marks, marks_for
from app.web.pages.actors import name_actors
from app.web.pages.administering import require_administrator, tell_export
from app.web.pages.audit_words import fields_words, file_words
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 50
REFUSALS_SHOWN = 12
COLUMNS = (
    "number", "at", "actor_kind", "actor_name", "actor_id", "action", "noun", "noun_id", "fields", "previous", "hash",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry as the list shows it."""

    number: str
    when: str
    exact: str
    actor: str
    of_actor: str
    """Where all that they did is listed."""
    action: str
    what: str
    name: str
    """What it is called by now; of what is gone, its key."""
    address: str
    fields: str


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """How often in an hour something of nobody's was refused."""

    when: str
    exact: str
    what: str
    times: str


NAMED: Mapping[str, tuple[Any, str]] = {
    "ad_import": (select(AdImport.id, AdImport.name), "/data/ad-totals"),
    "api_token": (select(ApiToken.id, ApiToken.system), ""),
    "asset": (select(Asset.id, Asset.name), "/assets"),
    "asset_file": (select(AssetFile.id, AssetFile.name), ""),
    "campaign": (select(Campaign.id, Campaign.name), "/campaigns"),
    "channel": (select(Channel.id, Channel.name), "/channels"),
    "connection": (select(Connection.id, Connection.name), "/data"),
    "invoice": (select(Invoice.id, Invoice.reference), ""),
    "job": (select(Job.id, Job.title), "/jobs"),
    "membership": (select(Membership.id, User.name).join(User, User.id == Membership.user_id), ""),
    "persona": (select(Persona.id, Persona.slug), ""),
    "placement": (select(Placement.id, Placement.name), "/placements"),
}
"""The kinds of things that have a name, and above which address those are that have a page."""


@router.get("/audit")
def audit(request: Request) -> Response:
    """What was done here, in pages."""

    def make(visit: Visit) -> Response:
        require_administrator(visit)
        before = visit.asked.get("before", "")
        wanted = _wanted(visit)
        start = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
        found = list_entries(visit.session, wanted, before=start, limit=PAGE_SIZE + 1)
        view = audit_view(visit, wanted, found, list_nouns(visit.session))
        refused = list_refusals(visit.session, REFUSALS_SHOWN)
        return visit.page("audit.html", view | {"refused": [_refusal(visit, one) for one in refused]})

    return answer(request, make)


@router.get("/audit.csv")
def audit_file(request: Request) -> Response:
    """The same entries as a file, the oldest first, with the hashes that prove them."""

    def make(visit: Visit) -> Response:
        require_administrator(visit)
        tell_export(visit, "audit.csv")
        headers = {"Content-Disposition": 'attachment; filename="audit.csv"', "Cache-Control": "no-store"}
        text = write_csv(all_entries(visit.session, _wanted(visit)), marks_for(visit.language))
        return Response(text, media_type="text/csv", headers=headers)

    return answer(request, make)


def _wanted(visit: Visit) -> AuditFilter:
    action = visit.asked.get("action", "")
    return AuditFilter(
        action=Action(action) if action in set(Action) else None,
        noun=visit.asked.get("noun"),
        actor=visit.asked.get("actor"),
    )


def audit_view(visit: Visit, wanted: AuditFilter, found: Sequence[AuditEntry], nouns: Sequence[str]) -> dict[str, Any]:
    """All that the page shows; one entry more than a page says that there is another."""
    shown = found[:PAGE_SIZE]
    names = find_names(visit.session, shown)
    hands = name_actors(visit, [(entry.actor_kind, entry.actor_name) for entry in shown])
    asked = {"action": wanted.action, "noun": wanted.noun, "actor": wanted.actor}
    return {
        "title": _("What was done here"),
        "finding": _("Every change, export and erasure is written into a chain that nobody can change unnoticed.")
        if shown
        else _("Nothing that fits has been done yet."),
        "action": visit.address("/audit"),
        "actions": [("", _("everything"), False)]
        + [(one.value, action_words(one), one == wanted.action) for one in Action],
        "nouns": [("", _("of every kind"), False)] + [(one, noun_words(one), one == wanted.noun) for one in nouns],
        "actor": wanted.actor or "",
        "lang": visit.asked.get("lang", ""),
        "rows": [_row(visit, entry, names, hands[entry.actor_name]) for entry in shown],
        "older": visit.address("/audit", **asked, before=shown[-1].number) if len(found) > PAGE_SIZE else None,
        "csv": visit.address("/audit.csv", **asked),
    }


def find_names(session: Session, entries: Iterable[AuditEntry]) -> dict[tuple[str, str], str]:
    """What the things of these entries are called, by kind and key; what is gone has no name any more."""
    keys: dict[str, set[uuid.UUID]] = {}
    for entry in entries:
        if entry.noun in NAMED and entry.noun_id is not None:
            keys.setdefault(entry.noun, set()).add(uuid.UUID(entry.noun_id))
    names: dict[tuple[str, str], str] = {}
    for noun, some in keys.items():
        named = NAMED[noun][0]
        rows = session.execute(named.where(named.selected_columns[0].in_(some)))
        names.update(((noun, str(id)), name) for id, name in rows)
    return names


def _row(visit: Visit, entry: AuditEntry, names: Mapping[tuple[str, str], str], hand: str) -> AuditRow:
    local = entry.at.astimezone(visit.organisation.zone)
    name = names.get((entry.noun, entry.noun_id or ""))
    above = NAMED[entry.noun][1] if name is not None else ""
    address = visit.address(f"{above}/{entry.noun_id}") if above else ""
    return AuditRow(
        number(entry.number), day_words(local.date(), local.time()), local.isoformat(),
        f"{hand} ({actor_words(ActorKind(entry.actor_kind))})", visit.address("/audit", actor=entry.actor_name),
        action_words(Action(entry.action)), noun_words(entry.noun), name or _own_name(entry), address,
        fields_words(entry.fields),
    )  # fmt: skip


def _own_name(entry: AuditEntry) -> str:
    """What a thing is called that has no name here: a file by its page, a kept view by nothing, for what one looks
    at is one's own, others by their key."""
    own = "" if entry.noun == "saved_view" else entry.noun_id or ""
    return _("“%(name)s”", name=file_words(own)) if entry.noun == "report" else own


def _refusal(visit: Visit, one: RefusalCount) -> RefusalRow:
    local = one.hour.astimezone(visit.organisation.zone)
    words = {Refused.SIGN_IN: _("sign-ins with an address that has no account"), Refused.TOKEN: _("unknown tokens")}
    return RefusalRow(
        day_words(local.date(), local.time()), local.isoformat(), words[Refused(one.kind)], number(one.count)
    )


def write_csv(entries: Iterable[AuditEntry], marks: Marks) -> str:
    """Entries as a file that a spreadsheet opens without running anything in it."""
    file = io.StringIO()
    file.write(marks.begins)
    writer = csv.writer(file, delimiter=marks.between)
    writer.writerow(COLUMNS)
    for entry in entries:
        values = {**{name: getattr(entry, name) for name in COLUMNS}, "at": entry.at.isoformat()}
        values["fields"] = " ".join(entry.fields)
        writer.writerow([_cell(values[name]) for name in COLUMNS])
    return file.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(ACTIVE_STARTS) else text


def action_words(action: Action) -> str:
    """What was done, in a word."""
    return {
        Action.CREATED: _("made"),
        Action.CHANGED: _("changed"),
        Action.DELETED: _("deleted"),
        Action.EXPORTED: _("took along"),
        Action.ERASED: _("erased"),
        Action.REPLAYED: _("computed anew"),
        Action.REFUSED: _("refused"),
    }[action]


def actor_words(kind: ActorKind) -> str:
    """What kind of hand it was."""
    return {
        ActorKind.TOKEN: _("system"),
        ActorKind.USER: _("person"),
        ActorKind.COMMAND: _("command line"),
        ActorKind.SYSTEM: _("by itself"),
    }[kind]


def noun_words(noun: str) -> str:
    """What a thing is called; one that is new here keeps its technical name."""
    return {
        "ad_import": _("file of an ad platform"),
        "api_token": _("token"),
        "asset": _("asset"),
        "asset_file": _("file of an asset"),
        "calendar_share": _("link to a calendar"),
        "campaign": _("campaign"),
        "channel": _("channel"),
        "claim": _("promise"),
        "connection": _("connection"),
        "invitation": _("invitation"),
        "invoice": _("invoice"),
        "job": _("vacancy"),
        "made_source": _("source made by hand"),
        "membership": _("membership"),
        "naming_preset": _("naming preset"),
        "observations": _("observations from a file"),
        "organisation": _("organisation"),
        "person": _("applicant"),
        "persona": _("persona"),
        "placement": _("placement"),
        "put_aside": _("check put aside"),
        "record": _("the record"),
        "report": _("report"),
        "saved_view": _("kept view"),
        "sign_in": _("sign-in"),
        "source_alias": _("name of the source"),
        "stage_map": _("stage map"),
        "unit_mapping": _("unit rule"),
    }.get(noun, noun)
