"""Filling the invented city: its plan is stored, its past is pulled over HTTP, and who met which ad is sent in.

Each step is skipped when it has been done, so a demo that was broken off goes on where it stopped.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select

from app.access.organisation import create_organisation, find_organisation
from app.database import Database
from app.demo.ats import KEY, serving
from app.demo.city import City, build_city
from app.demo.drawn_files import bring_files
from app.demo.plan import HOME
from app.demo.planting import plant
from app.demo.stand_in import RateLimit
from app.demo.touchpoints import CityTouchpoint
from app.demo.world import World
from app.errors import Conflict, TryLater
from app.files.store import NOWHERE, FileStore
from app.funnel.daily_ad_total import AdImport
from app.i18n import _
from app.intake.ad_totals.keeping import hold, keep
from app.intake.ad_totals.reading import read_ad_file
from app.intake.ad_totals.settling import Hints
from app.intake.connection import Connection, SyncRun
from app.intake.connectors.page import Client
from app.intake.observe import take_in
from app.intake.sealing import Sealer
from app.intake.sync import DONE, ClientFor, sync_connection
from app.intake.vendors import connect, open_account
from app.migration import shipped
from app.planning.campaign import Campaign
from app.planning.library import load_personas
from app.reports.system_jobs import list_system_jobs, match_system_job

BETWEEN_PULLS = dt.timedelta(days=7)
"""The city's ATS was asked once a week, so that what came to pass between two pulls shows as it would in earnest."""
BEFORE_THE_FIRST = dt.timedelta(days=430)
EVENTS_SYSTEM = "events"
UNMATCHED = "Lääkäri, laillistusharjoittelu"
PATIENT = RateLimit(requests=100_000, seconds=10)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the filling has come: `done` of `total` steps, and what is being done."""

    done: int
    total: int
    doing: str


@dataclass(frozen=True, slots=True)
class Keys:
    """What the demo seals and makes pseudonyms with."""

    pseudonyms: bytes
    sealer: Sealer


def fill_city(
    database: Database,
    name: str,
    *,
    seed: int,
    now: dt.datetime,
    keys: Keys,
    files: FileStore = NOWHERE,
    truth_file: Path | None = None,
    on_progress: Callable[[Progress], None] = lambda _progress: None,
) -> City:
    """Fill the organisation of this name with the city of this seed, as it is on the day it was first filled."""
    organisation_id, today = _found(database, name, now)
    city = build_city(seed, today)
    if truth_file is not None:
        truth_file.write_text(city.truth.to_json())
    _plant(database, organisation_id, city, now)
    _draw(database, organisation_id, city, files, now)
    _read_ad_files(database, organisation_id, city, today, now)
    _pull(database, organisation_id, city, seed, today, keys, on_progress)
    _match(database, organisation_id, now)
    _send(database, organisation_id, city, keys, now)
    return city


@contextmanager
def serving_ats(
    database: Database, name: str, city: City, *, seed: int, now: dt.datetime, keys: Keys
) -> Iterator[ClientFor]:
    """The ATS of a city that was filled, as it stood on that day, at an address of this machine; what is yielded opens
    accounts there, and elsewhere as anybody does."""
    organisation_id, today = _found(database, name, now)
    world = city.world_at(dt.datetime.combine(today, dt.time(), dt.UTC))
    with serving(world, rate=PATIENT) as base_url:
        _connect(database, organisation_id, seed, base_url, keys.sealer, now)

        def open_there(
            connection: Connection, secrets: Mapping[str, str], **options: Any
        ) -> AbstractContextManager[Client]:
            return open_account(connection, secrets, allow_private=connection.base_url == base_url, **options)

        yield open_there


def _found(database: Database, name: str, now: dt.datetime) -> tuple[uuid.UUID, dt.date]:
    with database.writing() as session:
        organisation = find_organisation(session, name) or create_organisation(
            session, name, now=now, link_hosts=[urlsplit(HOME).netloc]
        )
        return organisation.id, organisation.created_at.date()


def _plant(database: Database, organisation_id: uuid.UUID, city: City, now: dt.datetime) -> None:
    with database.writing(organisation_id) as session:
        load_personas(session, shipped("personas"), now)
        if not session.scalar(select(func.count()).select_from(Campaign)):
            plant(session, city.plan, now)


def _draw(database: Database, organisation_id: uuid.UUID, city: City, files: FileStore, now: dt.datetime) -> None:
    with database.writing(organisation_id) as session:
        bring_files(session, files, city.plan, now)


def _read_ad_files(
    database: Database, organisation_id: uuid.UUID, city: City, today: dt.date, now: dt.datetime
) -> None:
    """Take in what the ad platforms say, as their files are read anywhere."""
    with database.writing(organisation_id) as session:
        if session.scalar(select(func.count()).select_from(AdImport)):
            return
        for name, content in city.ad_files.items():
            held = hold(session, read_ad_file(content, name, Hints(), today), name, now)
            keep(session, held.id, now)


def _pull(
    database: Database,
    organisation_id: uuid.UUID,
    city: City,
    seed: int,
    today: dt.date,
    keys: Keys,
    on_progress: Callable[[Progress], None],
) -> None:
    """Ask the stand-in ATS once for each week of the city's past, through the connector and over HTTP."""
    moments = list(_moments(today))
    shown: dict[str, World] = {}
    with serving(lambda: shown["now"], rate=PATIENT) as base_url:
        connection_id, last = _connect(database, organisation_id, seed, base_url, keys.sealer, moments[0])
        for done, moment in enumerate(moments):
            on_progress(Progress(done, len(moments), f"{moment:%Y-%m-%d}"))
            if last is not None and moment <= last:
                continue
            shown["now"] = city.world_at(moment)
            report = sync_connection(
                database,
                organisation_id,
                connection_id,
                keys.pseudonyms,
                sealer=keys.sealer,
                clock=partial(_tell, moment),
                client_for=partial(open_account, allow_private=True),
            )
            if report.state != DONE:
                raise TryLater(_("The demo's stand-in ATS could not be read: %(error)s", error=report.error))
        on_progress(Progress(len(moments), len(moments), f"{today}"))


def _tell(moment: dt.datetime) -> dt.datetime:
    return moment


def _match(database: Database, organisation_id: uuid.UUID, now: dt.datetime) -> None:
    """Say which vacancies the system's jobs are, but for one that still waits for somebody to say it."""
    with database.writing(organisation_id) as session:
        jobs = list_system_jobs(session)
        if all(one.waits for one in jobs):
            for one in jobs:
                if one.proposed is not None and one.title != UNMATCHED:
                    match_system_job(session, one.proposed.id, one.key, now=now)


def _moments(today: dt.date) -> Iterator[dt.datetime]:
    last = dt.datetime.combine(today, dt.time(), dt.UTC)
    moment = last - BEFORE_THE_FIRST
    while moment < last:
        yield moment
        moment += BETWEEN_PULLS
    yield last


def _connect(
    database: Database,
    organisation_id: uuid.UUID,
    seed: int,
    base_url: str,
    sealer: Sealer,
    now: dt.datetime,
) -> tuple[uuid.UUID, dt.datetime | None]:
    """The connection to the stand-in, which listens at another port each time, and when it was last read."""
    name = f"Stand-in for Teamtailor, seed {seed}"
    with database.writing(organisation_id) as session:
        connection = session.scalar(select(Connection).order_by(Connection.created_at))
        if connection is None:
            connection = connect(session, "teamtailor", name, "eu", {"key": KEY}, sealer=sealer, now=now)
        elif connection.name != name:
            raise Conflict(
                _(
                    "This city was filled as “%(name)s”; use another database for seed %(seed)s.",
                    name=connection.name,
                    seed=seed,
                )
            )
        connection.base_url = base_url
        last = session.scalar(select(func.max(SyncRun.started_at)).where(SyncRun.state == DONE))
        return connection.id, last


def _send(database: Database, organisation_id: uuid.UUID, city: City, keys: Keys, now: dt.datetime) -> None:
    """Send in who came to an evening, who was referred, and what people said themselves."""
    items = [_observation(touchpoint) for touchpoint in city.touchpoints]
    with database.writing(organisation_id) as session:
        take_in(session, EVENTS_SYSTEM, items, secret=keys.pseudonyms, now=now)


def _observation(touchpoint: CityTouchpoint) -> dict[str, Any]:
    observed = {"tracking_code": touchpoint.tracking_code, "label": touchpoint.label}
    return {
        "id": touchpoint.id,
        "kind": "touchpoint",
        "type": touchpoint.kind.value,
        "at": touchpoint.at.isoformat(),
        "email": touchpoint.email,
        **{name: value for name, value in observed.items() if value is not None},
    }
