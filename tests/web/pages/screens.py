"""Every screen by name, the states that it can be in, and the sites that show it so."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from playwright.sync_api import Page
from sqlalchemy import select

from app.access.organisation import TrackingMode, create_organisation, get_organisation
from app.access.token import Role
from app.database import Database, to_micros
from app.funnel.application import ObservedJob
from app.funnel.daily_ad_total import AdImport, ImportState
from app.intake.ad_totals.keeping import hold, keep
from app.intake.ad_totals.reading import read_ad_file
from app.intake.ad_totals.settling import Hints
from app.intake.connection import Connection, SyncRun
from app.intake.inbox import InboxRow, State
from app.planning.asset import Asset
from app.planning.campaign import Campaign, CampaignStatus
from app.planning.channel import Channel
from app.planning.job import Job, JobIn, create_job
from app.reports.system_jobs import match_system_job
from app.tasks.task import enqueue
from app.web.application import create_app
from app.worker.handlers import REPLAY
from tests.support.browser import Watch
from tests.support.databases import copy_sqlite
from tests.support.pairwise import Case
from tests.support.people import COOKIE, EMAIL, add_person, open_session
from tests.support.server import serving
from tests.web.answers_examples import NOW, key_of
from tests.web.pages.town import lay_empty, lay_town, pages_of

FEW = "few@kivikoski.example"
LATER = dt.timedelta(days=9)

LOADED, EMPTY, PARTIAL, STALE, TOO_FEW, WRONG, CLOSED = STATES = (
    "loaded", "empty", "partial", "stale", "too few", "error", "not open",
)  # fmt: skip
"""In `partial` deliveries wait, work runs, a connection is broken, and touches are followed; elsewhere tracking is
off."""

PLACEMENT = "/placements/{placement}"
OF_READERS = {
    "today": "/", "months": "/monthly", "personas": "/personas", "persona": "/personas/{persona}",
    "campaign": "/campaigns/{campaign}", "placements": "/campaigns/{campaign}/placements",
    "paste placements": "/campaigns/{campaign}/placements/paste", "costs": "/campaigns/{campaign}/costs",
    "campaigns": "/campaigns", "new campaign": "/campaigns/new", "change campaign": "/campaigns/{campaign}/edit",
    "before a step": "/campaigns/{running}/status",
    "urgent": "/campaigns/urgent", "assets": "/assets", "describe assets": "/assets/describe",
    "new asset": "/assets/new", "change asset": "/assets/{asset}/edit",
    "asset": "/assets/{asset}", "asset's files": "/assets/{asset}/files",
    "channel": "/channels/{channel}", "forecasts": "/forecasts",
    "calendar": "/calendar?month=2026-03",
    "search": "/search?q=e", "views": "/views", "sources": "/data/sources", "ad files": "/data/ad-totals",
    "checks": "/checks",
    "ad file": "/data/ad-totals/{import}", "data in": "/data",
    "connection": "/data/{connection}", "stages": "/data/{connection}/stages",
    "counts by day": "/data/{connection}/counts",
    "made sources": "/data/{connection}/sources",
    "webhooks": "/data/{connection}/webhooks", "messages": "/messages", "matrix": "/messages?persona={persona}",
    "plan as a file": "/plan/file", "first hour": "/start",
    "channels": "/channels", "channel's form": "/channels/{channel}/edit", "claims": "/claims",
    "new claim": "/claims/new", "naming presets": "/naming-presets", "new naming preset": "/naming-presets/new",
    "vacancies": "/jobs", "new vacancy": "/jobs/new", "vacancy": "/jobs/{vacancy}",
    "persona's form": "/personas/{persona}/edit",
    "persona's versions": "/personas/{persona}/versions",
}  # fmt: skip
OF_QUESTIONS = {
    "funnel": "/funnel", "funnel by persona": "/funnel?split=persona", "verdicts": "/verdicts",
    "formats": "/verdicts?by=format", "no question": "/verdicts?from=2026-08-31&to=2026-06-01",
    "unknown": "/unknown",
    "beside": "/verdicts?by=channel&from=2026-06-01&to=2026-08-31&beside=before",
    "paths": "/paths", "applications": "/applications?row=unknown&part=reached", "placement": PLACEMENT,
    "why": PLACEMENT + "/why", "why of a format": "/verdicts/why?by=format&key=poster",
}  # fmt: skip
OF_ADMINISTRATORS = {
    "connect": "/data/connect", "connect a system": "/data/connect?vendor=teamtailor",
    "connect another": "/data/connect?vendor=other", "connect signed": "/data/connect?vendor=signed",
    "observations": "/data/observations", "people": "/people", "tokens": "/tokens", "audit": "/audit",
    "units": "/units", "unit": "/units/{unit}",
}  # fmt: skip
STILL = {
    "account": "/account", "second step": "/account/second-step", "help": "/help", "style guide": "/styleguide",
    "accessibility": "/accessibility", "nothing there": "/nothing",
}  # fmt: skip
SCREENS: Mapping[str, str] = OF_READERS | OF_QUESTIONS | OF_ADMINISTRATORS | STILL
ENTRIES = {
    "Today": ["today", "checks", "first hour"],
    "Funnel": ["funnel", "funnel by persona"],
    "Verdicts": [
        "verdicts", "formats", "no question", "beside", "paths", "applications", "placement", "why", "why of a format",
        "forecasts",
    ],
    "Not known": ["unknown"],
    "Months": ["months"],
    "Campaigns": [
        "campaign", "placements", "paste placements", "costs", "campaigns", "new campaign", "change campaign",
        "before a step", "urgent", "assets", "describe assets", "new asset", "change asset", "asset", "asset's files",
        "channel", "channels", "channel's form", "claims", "new claim", "naming presets", "new naming preset",
        "vacancies", "new vacancy", "vacancy", "plan as a file",
    ],
    "Personas": ["personas", "persona", "persona's form", "persona's versions", "messages", "matrix"],
    "Calendar": ["calendar"],
    "Data in": [
        "sources", "ad files", "ad file", "data in", "counts by day", "connection", "stages", "made sources",
        "webhooks", "connect", "connect a system", "connect another", "connect signed", "observations",
    ],
    "People": ["people"],
    "Find": ["search"],
}  # fmt: skip
"""The screens that belong to each entry of the menu."""
OF_NO_ENTRY = [*STILL, "views", "tokens", "audit", "units", "unit"]
"""They are reached from the head or the foot of each page, or belong to several entries."""
HAVE_NO_EMPTY = {
    "persona", "campaign", "placements", "paste placements", "costs", "asset", "channel", "connection", "stages",
    "webhooks", "placement", "why", "why of a format", "unit", "ad file", "made sources", "counts by day", "matrix",
    "channel's form", "persona's form", "persona's versions", "vacancy",
    "change campaign", "before a step", "change asset", "asset's files",
}  # fmt: skip
"""Each is a page of one thing: where it is not there, there is no page."""
SHOW_WORK = {
    "today", "checks", "data in", "connection", "webhooks", "funnel", "funnel by persona", "verdicts", "formats",
    "unknown", "beside", "paths", "placement", "why", "why of a format", "campaign", "asset", "channel",
}  # fmt: skip
"""Each is another page where something waits, runs, is broken or is followed."""
SHOW_DAYS = SHOW_WORK | {
    "new campaign", "before a step", "urgent", "forecasts", "calendar", "first hour", "new vacancy",
}  # fmt: skip
"""Each is another page some days later."""
SAY_LESS = {
    "why", "why of a format", "units", "placement", "campaign", "asset", "channel", "persona", "vacancy", "vacancies",
}  # fmt: skip
"""Each is another page for who may not see small counts."""


def is_allowed(case: Case) -> bool:
    """Whether a screen can be in a state (asked of parts of cases, too)."""
    return case["state"] in states_of(case["screen"]) if {"screen", "state"} <= case.keys() else True


def states_of(screen: str) -> list[str]:
    """The states in which a screen is another page than when it is loaded. One page says that a question does not
    work out, and one to whom a screen is not open, whichever screen it is."""
    states = {LOADED}
    if screen in OF_READERS or screen in OF_QUESTIONS:
        states |= {EMPTY} if screen not in HAVE_NO_EMPTY else set()
    states |= {PARTIAL} if screen in SHOW_WORK else set()
    states |= {STALE} if screen in SHOW_DAYS else set()
    if screen in OF_QUESTIONS and "from=" not in SCREENS[screen]:
        states |= {TOO_FEW}
    states |= {WRONG, CLOSED} if screen == "verdicts" else {CLOSED} if screen in SAY_LESS else set()
    return [state for state in STATES if state in states]


@dataclass(frozen=True, slots=True)
class Site:
    """A town's pages behind a socket, and the keys of its things by what they are called in the addresses above."""

    app: FastAPI
    base_url: str
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sites:
    """The towns that show every state."""

    by_state: Mapping[str, Site]

    def find(self, screen: str, state: str) -> tuple[str, str]:
        """The address of a screen in a state, and the session of somebody who is shown it so."""
        site = self.by_state[state]
        path = SCREENS[screen].format_map(site.keys)
        asked = {TOO_FEW: "from=2026-11-10", WRONG: "from=2026-13-01"}.get(state, "")
        joined = f"{path}{'&' if '?' in path else '?'}{asked}" if asked else path
        return site.base_url + joined, open_session(site.app, FEW if state == CLOSED else EMAIL)


@contextmanager
def open_sites(migrated: Path, directory: Path) -> Iterator[Sites]:
    """Lays out the towns and serves them until the block ends."""
    with ExitStack() as open_:

        def lay(name: str, template: Path) -> Database:
            database = Database(copy_sqlite(template, directory / f"{name}.db"))
            open_.callback(database.close)
            return database

        loaded, empty = lay("loaded", migrated), lay("empty", migrated)
        organisation = lay_town(loaded)
        unit = _add_people_and_a_unit(loaded, organisation)
        read_files(loaded, organisation)
        name_jobs(loaded, organisation)
        lay_empty(empty)
        loaded.close()
        partial = lay("partial", directory / "loaded.db")
        break_data(partial, organisation)
        keys = {
            "unit": str(unit),
            "placement": key_of(2),
            "persona": "gp-young-family",
            **find_keys(loaded, organisation),
        }

        def serve(app: FastAPI) -> Site:
            return Site(app, open_.enter_context(serving(app)), keys)

        full = serve(pages_of(loaded))
        late = serve(create_app(partial, b"k" * 32, clock=lambda: NOW + LATER))
        by_state = dict.fromkeys((LOADED, TOO_FEW, WRONG, CLOSED), full)
        yield Sites(by_state | {EMPTY: serve(pages_of(empty)), PARTIAL: serve(pages_of(partial)), STALE: late})


def _add_people_and_a_unit(database: Database, organisation: uuid.UUID) -> uuid.UUID:
    add_person(database, organisation, FEW, Role.VIEWER, sees_small_counts=False)
    with database.writing() as session:
        return create_organisation(session, "Satama", parent=get_organisation(session, organisation), now=NOW).id


def read_files(database: Database, organisation: uuid.UUID) -> None:
    """A file of an ad platform that is kept, of which a campaign waits to be matched, and one to look at."""
    head = "Day,Campaign,Ad name,Amount spent (EUR),Impressions,Clicks,Results\n2026-09-01,k:h7k2mq,Film,"
    first = f"{head}1010.50,12000,120,3\n2026-09-01,Doctors,Picture,10.00,500,5,\n"
    second = f"{head}1020.50,12000,120,3.5\nTotal,,,1020.50,12000,120,3.5\n"
    files = [read_ad_file(text.encode(), "meta.csv", Hints(), NOW.date()) for text in (first, second)]
    with database.writing(organisation) as session:
        keep(session, hold(session, files[0], "meta.csv", NOW).id, NOW)
        hold(session, files[1], "meta-again.csv", NOW)


def name_jobs(database: Database, organisation: uuid.UUID) -> None:
    """Two jobs of a system, of which one is said to be a vacancy and one is called like it."""
    with database.writing(organisation) as session:
        given = {"title": "GP, Kallio", "specialty": "general_practice", "opens_on": "2026-03-02"}
        vacancy = create_job(session, JobIn.model_validate(given), now=NOW)
        for key in (bytes([7]) * 16, bytes([8]) * 16):
            session.add(ObservedJob(id=key, system="hr", title="GP, Kallio", titled_at=to_micros(NOW)))
        session.flush()
        match_system_job(session, vacancy.id, "07" * 16, now=NOW)


def find_keys(database: Database, organisation: uuid.UUID) -> dict[str, str]:
    """The first campaign, asset, channel and connection of a town and what runs in it, as addresses name them."""
    with database.reading(organisation) as session:
        first = {"campaign": select(Campaign.id), "asset": select(Asset.id), "channel": select(Channel.id),
                 "vacancy": select(Job.id), "connection": select(Connection.id),
                 "import": select(AdImport.id).where(AdImport.state == ImportState.HELD),
                 "running": select(Campaign.id).where(Campaign.status == CampaignStatus.LIVE)}  # fmt: skip
        return {name: str(session.scalars(query.limit(1)).one()) for name, query in first.items()}


def break_data(database: Database, organisation: uuid.UUID) -> None:
    """A delivery that nobody could read, a connection that failed, work that waits; touches are followed."""
    with database.writing() as session:
        get_organisation(session, organisation).tracking_mode = TrackingMode.CONSENTED
    at = to_micros(NOW - dt.timedelta(hours=3))
    with database.writing(organisation) as session:
        connection = session.scalars(select(Connection)).one()
        session.add(SyncRun(
            id=uuid.UUID(int=1), connection_id=connection.id, started_at=NOW - dt.timedelta(hours=2),
            finished_at=NOW - dt.timedelta(hours=1), state="failed", skipped={}, codes={},
            error="Teamtailor does not answer at the moment (status 500).",
        ))  # fmt: skip
        for n in range(3):
            session.add(InboxRow(
                id=uuid.UUID(int=n + 1), connection_id=connection.id, delivery_key=bytes([n]) * 32,
                body_digest=bytes([n]) * 32, received_at=at, day=at // 86_400_000_000, headers={}, body=None,
                trust="whole", state=State.DEAD.value, reason="payload.data.id: Field required", tries=1, due_at=at,
                projected_at=at,
            ))  # fmt: skip
        enqueue(session, REPLAY, now=NOW - dt.timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Room:
    """How wide a window is, and how large its text."""

    width: int
    text: int = 100

    def lost(self, page: Page) -> list[str]:
        """What a page does not show in this room without scrolling sideways; what scrolls by itself is not lost."""
        page.set_viewport_size({"width": self.width, "height": 900})
        page.evaluate(f"document.documentElement.style.fontSize = '{self.text}%'")
        clipped: list[str] = page.evaluate(
            """(width) => [...document.querySelectorAll("body *")].filter((one) => {
            const box = one.getBoundingClientRect();
            return box.right > width + 1 && box.width > 1 && !one.closest(".scroll, .plot, .hidden, dialog");
        }).map((one) => one.outerHTML.slice(0, 120))""",
            self.width,
        )
        if page.evaluate("document.documentElement.scrollWidth") > self.width:
            clipped.append("the page as a whole")
        return clipped


ROOMS = {"320": Room(320), "390": Room(390), "1280": Room(1280), "text 200 %": Room(1280, 200)}
THEMES = ("light", "dark")
FACTORS = {"screen": list(SCREENS), "state": list(STATES), "language": ["en", "fi", "sv", "nb"],
           "room": list(ROOMS), "theme": list(THEMES)}  # fmt: skip


def show(watch: Watch, sites: Sites, case: Case) -> Page:
    """A screen in a state and a language, with its drawings drawn."""
    address, session = sites.find(case["screen"], case["state"])
    watch.allow("40[34]|422")
    watch.carry_cookie(COOKIE, session)
    page = watch.open(locale=case["language"])
    answer = page.goto(address)
    assert answer is not None
    assert answer.status < 500
    for plot in page.locator(".plot").all():
        plot.locator(".main-svg").first.wait_for()
    return page
