"""A small town's account at the ATS, built up by tests one application at a time."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.access.organisation import create_organisation
from app.database import Base, Database
from app.demo.ats import KEY
from app.demo.world import HIRED, INBOX, Application, Candidate, Job, Offer, RejectReason, Stage, World
from app.funnel.fact import FactRow
from app.intake.connection import Connection
from app.intake.connectors.page import Client
from app.intake.sealing import Sealer
from app.intake.sync import SyncReport, sync_connection
from app.intake.vendors import VENDORS, connect, open_account
from app.outbound import Limits

SECRET = b"a secret of the installation, 32 bytes and more"
SEALER = Sealer([b"k" * 32])
START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)

STAGES = (
    Stage(id=1, name="Saapuneet", type=INBOX, position=0),
    Stage(id=2, name="Esikarsinta", position=1),
    Stage(id=3, name="Haastattelu", position=2),
    Stage(id=4, name="Tarjous", position=3),
    Stage(id=5, name="Palkattu", type=HIRED, position=4),
    Stage(id=6, name="Odottaa lupaa", position=5),
)
REJECTED, WITHDREW = 1, 2


@dataclass
class Town:
    """The world that is served, and its clock; both change as a test goes on."""

    world: World = field(
        default_factory=lambda: World(
            jobs=(
                Job(
                    id=1, title="Terveyskeskuslääkäri", stages=STAGES, created_at=START - DAY,
                    updated_at=START - DAY, department="Keskustan terveysasema", tags=("specialty:gp",),
                ),
            ),
            reject_reasons=(
                RejectReason(id=REJECTED, reason="Ei laillistusta"),
                RejectReason(id=WITHDREW, reason="Vetäytyi itse", rejected_by_company=False),
            ),
        )
    )  # fmt: skip

    now: dt.datetime = START + 365 * DAY

    def apply(self, id: int, at: dt.datetime = START, **said: Any) -> None:
        """Somebody applies; what is not said is as usual."""
        person = said.pop("candidate_id", id)
        candidates = {candidate.id: candidate for candidate in self.world.candidates}
        candidates.setdefault(
            person,
            Candidate(
                id=person, first_name="Aino", last_name=f"Virtanen-{person}",
                email=f"aino.virtanen.{person}@example.org", created_at=at, updated_at=at,
            ),
        )  # fmt: skip
        usual: dict[str, Any] = {"job_id": 1, "stage_id": 1, "created_at": at, "updated_at": at}
        application = Application(id=id, candidate_id=person, **{**usual, **said})
        self.world = dataclasses.replace(
            self.world,
            candidates=tuple(candidates.values()),
            applications=(*self.world.applications, application),
        )

    def join(self, id: int, at: dt.datetime = START, **said: Any) -> None:
        """Somebody leaves their address and asks to hear of vacancies, or is said anew as they are now."""
        usual: dict[str, Any] = {"email": f"aino.virtanen.{id}@example.org", "updated_at": at, "connected": True}
        person = Candidate(
            id=id, first_name="Aino", last_name=f"Virtanen-{id}", created_at=at, **{**usual, **said}
        )  # fmt: skip
        others = tuple(one for one in self.world.candidates if one.id != id)
        self.world = dataclasses.replace(self.world, candidates=(*others, person))

    def open_job(self, id: int) -> None:
        """Another job, with the stages of the first."""
        job = dataclasses.replace(self.world.jobs[0], id=id, title=f"Hammaslääkäri {id}", stages=())
        self.world = dataclasses.replace(self.world, jobs=(*self.world.jobs, job))

    def fill(self, count: int) -> None:
        """So many people apply, a minute apart."""
        for id in range(1, count + 1):
            self.apply(id, START + id * dt.timedelta(minutes=1))

    def change(self, id: int, at: dt.datetime, **said: Any) -> None:
        """An application is changed."""
        self.world = dataclasses.replace(
            self.world,
            applications=tuple(
                dataclasses.replace(application, updated_at=at, **said) if application.id == id else application
                for application in self.world.applications
            ),
        )

    def offer(self, id: int, application: int, at: dt.datetime, **said: Any) -> None:
        """An offer is sent."""
        offer = Offer(id=id, application_id=application, created_at=at, sent_at=at, **said)
        others = [one for one in self.world.offers or () if one.id != id]
        self.world = dataclasses.replace(self.world, offers=(*others, offer))

    def lose(self, id: int) -> None:
        """An application is deleted."""
        kept = tuple(application for application in self.world.applications if application.id != id)
        self.world = dataclasses.replace(self.world, applications=kept)

    def move(self, id: int, stage: int, at: dt.datetime) -> None:
        """An application is moved to another stage."""
        self.change(id, at, stage_id=stage, changed_stage_at=at)

    def reject(self, id: int, at: dt.datetime, reason: int = REJECTED) -> None:
        """An application goes out."""
        self.change(id, at, rejected_at=at, reject_reason_id=reason)


@dataclass
class Account:
    """An organisation with a connection to the town's ATS, and the times at which it pulls."""

    database: Database
    organisation_id: uuid.UUID
    connection: Connection
    now: dt.datetime = START + 30 * DAY
    pauses: list[float] = field(default_factory=list)
    limits: Limits = field(default_factory=lambda: Limits(attempts=3))

    def sync(self, **options: Any) -> SyncReport:
        """Pull once."""
        return sync_connection(
            self.database, self.organisation_id, self.connection.id, SECRET, sealer=SEALER,
            clock=lambda: self.now, client_for=self.client, **options,
        )  # fmt: skip

    @contextmanager
    def client(self, connection: Connection, secrets: Mapping[str, str]) -> Iterator[Client]:
        with open_account(
            connection, secrets, allow_private=True, wait=self.pauses.append, limits=self.limits
        ) as client:
            yield client

    def rows(self, row: type[Any], *order: Any) -> Sequence[Any]:
        """All rows of a table."""
        with self.database.reading(self.organisation_id) as session:
            return session.scalars(select(row).order_by(*order)).all()

    def facts(self) -> Sequence[Any]:
        return self.rows(FactRow, FactRow.occurred_at, FactRow.key)

    def dump(self, *tables: type[Base]) -> list[list[tuple[Any, ...]]]:
        """Tables as plain values, for comparing what is stored."""
        with self.database.engine.connect() as connection:
            return [
                sorted(tuple(map(repr, row)) for row in connection.execute(select(table.__table__))) for table in tables
            ]


def open_account_at(
    database: Database,
    base_url: str,
    *,
    key: str = KEY,
    name: str = "Rekry",
    vendor: str = "teamtailor",
    secrets: Mapping[str, str] | None = None,
) -> Account:
    """An organisation that pulls from this address."""
    with database.writing() as session:
        organisation = create_organisation(session, f"Kaupunki {name}", now=START).id
    with database.writing(organisation) as session:
        region = next(iter(VENDORS[vendor].regions))
        given = secrets or {"key": key}
        made = connect(session, vendor, name, region, given, sealer=SEALER, now=START)
        made.base_url, id = base_url, made.id
    with database.reading(organisation) as session:
        return Account(database, organisation, session.get_one(Connection, id))
