"""An employer's Kutsu with a worker, and beside it an ATS that it may reach over HTTP."""

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from fastapi import FastAPI
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.access.organisation import create_organisation
from app.database import Database
from app.demo.ats import KEY, serving
from app.demo.faults import Fault, Faults
from app.demo.stand_in import RateLimit
from app.i18n import speaking
from app.intake.connection import Connection, SyncRun
from app.web.application import create_app
from app.worker.handlers import Work
from app.worker.loop import Worker
from tests.intake.town import DAY, HOUR, START, Town
from tests.support.accounts import through
from tests.support.people import add_person
from tests.support.server import serving as serving_app

SECRET = b"k" * 32


@dataclass
class Office:
    """An employer's Kutsu, with a worker, and an ATS that it may reach."""

    database: Database
    town: Town
    faults: Faults
    organisation: uuid.UUID
    app: FastAPI
    worker: Worker
    site: str = ""
    now: dt.datetime = START + 30 * DAY
    seen: list[str] = field(default_factory=list)

    def work(self) -> None:
        """Do what waits."""
        while self.worker.turn():
            pass

    def failure(self, language: str) -> str | None:
        """Why the last synchronisation that ended failed, as it is read in a language."""
        with self.database.reading(self.organisation) as session, speaking(language):
            return session.scalar(select(SyncRun.error).order_by(SyncRun.started_at.desc()).limit(1))

    def connections(self) -> list[str]:
        with self.database.reading(self.organisation) as session:
            return [one.name for one in session.query(Connection)]


@contextmanager
def open_office(url: str) -> Iterator[Office]:
    """An office on the database of this address, served until the block ends."""
    database, town, faults = Database(url), Town(), Faults()
    town.now = START + 30 * DAY
    with database.writing() as session:
        organisation = create_organisation(session, "Kivikoski", now=START, locale="en").id
    add_person(database, organisation)
    with serving(lambda: town.world, faults, rate=RateLimit(requests=10_000), clock=lambda: town.now) as europe:
        reach = through({"eu": europe})

        def now() -> dt.datetime:
            return made.now

        app = create_app(database, SECRET, clock=now, client_for=reach)
        worker = Worker(Work(database, SECRET, app.state.sealer, now, reach))
        made = Office(database, town, faults, organisation, app, worker)
        with serving_app(app) as made.site:
            yield made
    database.close()


def press(page: Page, name: str) -> None:
    """Press a button and see its answer come: what it asked for is stored then, however busy the machine is."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def break_connection(page: Page, office: Office) -> None:
    """Connect the office's ATS, which then refuses the key for some hours."""
    office.town.apply(1)
    page.goto(office.site + "/data/connect?vendor=teamtailor")
    page.get_by_label("API key").fill(KEY)
    press(page, "Try the account")
    press(page, "Yes, connect it and read it")
    expect(page.locator("h1")).to_contain_text("stages")
    office.work()
    office.faults.plan(Fault.REFUSED, on="jobs", times=100)
    office.now += 2 * HOUR
    office.town.now = office.now
    page.goto(page.url.removesuffix("/stages"))
    press(page, "Synchronise now")
    office.work()
    office.faults.clear()
