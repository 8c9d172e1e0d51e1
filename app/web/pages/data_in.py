"""Data in: how each system's data reaches us, what is wrong first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import func, select

from app.database import from_micros
from app.funnel.application import SystemProgress
from app.funnel.fact import FactRow
from app.i18n import _, date, moment, ngettext, number
from app.intake.connection import Connection
from app.intake.deliveries import Deliveries, read_deliveries
from app.intake.health import Condition, Health, comes_by_files, list_health
from app.intake.reconcile import list_count_checks
from app.intake.schemes import SIGNED, STANDARD
from app.intake.sender_day import read_sent
from app.tasks.task import find_open
from app.web.pages.age import FRESH_FOR
from app.web.pages.count_words import counts_sentence, differing_days
from app.web.pages.delivery_words import deliveries_sentence, sent_sentence
from app.web.pages.health_words import (
    codes_sentence,
    condition_word,
    data_finding,
    health_sentence,
    waiting_sentence,
)
from app.web.pages.task_words import Running, describe_task
from app.web.pages.visit import Visit, answer
from app.web.pages.work_list import list_work
from app.worker.handlers import SYNC

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection as the list shows it."""

    name: str
    vendor: str
    address: str
    state: str
    condition: str
    text: str
    remedy: str
    last: str
    codes: str
    waiting: str
    deliveries: str
    counts: str
    differs: bool


@dataclass(frozen=True, slots=True)
class SenderRow:
    """A system that sends observations by itself, or of which files are read."""

    name: str
    text: str
    fresh: bool
    by_files: bool


@router.get("/data")
def data_in(request: Request) -> Response:
    """Every way in, and how it is."""
    return answer(request, lambda visit: visit.page("data.html", data_view(visit)))


def data_view(visit: Visit, problems: Sequence[str] = ()) -> dict[str, Any]:
    """All that the page shows."""
    found = list_health(visit.session, visit.now)
    deliveries = [read_deliveries(visit.session, one.connection.id, visit.now) for one in found]
    rows = [_row(visit, one, came) for one, came in zip(found, deliveries, strict=True)]
    work = list_work(visit)
    disagreeing = [row.name for row in rows if row.differs]
    senders = _senders(visit, found)
    return {
        "title": _("Data in"),
        "finding": data_finding(found, deliveries, disagreeing, visit.organisation.zone, [one.name for one in senders]),
        "connections": rows,
        "problems": problems,
        "work": work,
        "live": any(row.running for row in work),
        "senders": [one for one in senders if not one.by_files],
        "read_in": [one for one in senders if one.by_files],
        "connect": visit.address("/data/connect"),
    }


def _row(visit: Visit, health: Health, deliveries: Deliveries) -> ConnectionRow:
    connection, zone = health.connection, visit.organisation.zone
    said = health_sentence(health, zone, is_read=find_open(visit.session, SYNC, str(connection.id)) is not None)
    checks = list_count_checks(visit.session, connection.id)
    return ConnectionRow(
        name=connection.name,
        vendor=vendor_name(connection.vendor),
        address=f"/data/{connection.id}",
        state=_mark(health),
        condition=condition_word(health.condition),
        text=said.text,
        remedy=said.remedy,
        last=last_sentence(visit, health),
        codes=codes_sentence(health),
        waiting=waiting_sentence(health),
        deliveries=deliveries_sentence(deliveries, zone),
        counts=counts_sentence(checks, visit.today),
        differs=health.condition is not Condition.DISCONNECTED and differing_days(checks) > 0,
    )


def _mark(health: Health) -> str:
    if health.condition is Condition.BROKEN:
        return "broken"
    return "late" if health.condition is Condition.LATE or health.unread else "fresh"


def vendor_name(vendor: str) -> str:
    """What people call a vendor."""
    return {
        "teamtailor": "Teamtailor",
        "greenhouse": "Greenhouse",
        STANDARD: _("signed webhooks"),
        SIGNED: _("webhooks, own signature"),
    }.get(vendor, vendor)


def last_sentence(visit: Visit, health: Health) -> str:
    """What the last run brought, and when something new was last heard."""
    parts = []
    if (run := health.last_run) is not None:
        parts.append(
            _("Last read on %(moment)s: %(read)s records, %(stored)s of them new.",
              moment=moment(run.started_at, visit.organisation.zone), read=number(run.read),
              stored=number(run.stored))
        )  # fmt: skip
    if health.last_fact_at is not None:
        parts.append(_("Last news on %(moment)s.", moment=moment(health.last_fact_at, visit.organisation.zone)))
    return " ".join(parts)


def find_running(visit: Visit, connection: Connection, kind: str = SYNC) -> Running | None:
    """The pull (or another kind of work) of a connection that waits or runs, if one does."""
    task = find_open(visit.session, kind, str(connection.id))
    return None if task is None else describe_task(task, visit.now)


def _senders(visit: Visit, found: Sequence[Health]) -> list[SenderRow]:
    """The systems that send observations by a token, and those of which files are read, the one heard of longest ago
    first."""
    own = {one.connection.system for one in found}
    last = func.max(FactRow.observed_at)
    by_system = visit.session.execute(select(FactRow.system, func.count(), last).group_by(FactRow.system))
    heard = {system: (n, from_micros(at)) for system, n, at in by_system}
    sent = read_sent(visit.session, visit.now)
    progress = visit.session.scalars(select(SystemProgress).order_by(SystemProgress.through)).all()
    rows = []
    for one in progress:
        if one.system in own or not one.system.startswith("system:"):
            continue
        through, zone = from_micros(one.through), visit.organisation.zone
        name = one.system.partition(":")[2]
        n, last_at = heard.get(one.system, (0, through))
        if comes_by_files(visit.session, one.system):
            text = ngettext("%(n)s piece of information; the last new one was read on %(when)s, and the last event is "
                            "of %(day)s.",
                            "%(n)s pieces of information; the last new ones were read on %(when)s, and the last event "
                            "is of %(day)s.",
                            n, when=moment(last_at, zone), day=date(through.astimezone(zone).date()))  # fmt: skip
            rows.append(SenderRow(name, text, fresh=True, by_files=True))
            continue
        text = ngettext("%(n)s piece of information, the last sent on %(when)s.",
                        "%(n)s pieces of information, the last sent on %(when)s.", n,
                        when=moment(through, zone))  # fmt: skip
        said = sent_sentence(sent[name]) if name in sent else ""
        rows.append(SenderRow(name, f"{text} {said}".strip(), visit.now - through <= FRESH_FOR, by_files=False))
    return rows
