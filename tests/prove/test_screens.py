"""Every screen in every state and language: without barriers, losing nothing; and pictures of each to be looked at."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from app.access.organisation import find_organisation
from app.database import Database
from app.demo.ats import KEY
from app.demo.fill import Keys, fill_city
from app.demo.plan import ORGANISATION
from app.files.store import FileStore, beside
from app.i18n import LANGUAGES
from app.intake.sealing import Sealer
from app.planning.placement import Placement
from app.web.application import create_app
from tests.support.browser import Watch, barriers_in
from tests.support.databases import copy_sqlite
from tests.support.hands import Mouse
from tests.support.house import ROOT
from tests.support.people import COOKIE, add_person, open_session
from tests.support.proofs import Proof
from tests.support.server import serving
from tests.web.pages.office import break_connection, open_office
from tests.web.pages.screens import (
    LOADED,
    ROOMS,
    SCREENS,
    THEMES,
    Site,
    Sites,
    find_keys,
    open_sites,
    read_files,
    show,
    states_of,
)
from tests.web.pages.walks import (
    find_where_a_persona_is_lost,
    mend_a_connection,
    plan_from_nothing,
    question_a_verdict,
)

pytestmark = pytest.mark.prove

PICTURES = ROOT / "build" / "screens"
"""A picture of each screen lies here after a proof, by theme and width; none is kept with the code."""
NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
SECRET = b"k" * 32
DRAWN_ANEW = """() => [...document.querySelectorAll(".plot .main-svg")].every(
    drawing => drawing.getBoundingClientRect().right <= document.documentElement.clientWidth)"""
"""Whether each drawing has the width that the window was given last."""
ALL = [(screen, state) for screen in SCREENS for state in states_of(screen)]


@pytest.fixture(scope="module")
def sites(_migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    with open_sites(_migrated_file, tmp_path_factory.mktemp("screens")) as sites:
        yield sites


@pytest.fixture(scope="module")
def city(_migrated_file: Path, tmp_path_factory: pytest.TempPathFactory, sites: Sites) -> Iterator[Sites]:
    """As the sites, with the demo city where all is loaded."""
    database = Database(copy_sqlite(_migrated_file, tmp_path_factory.mktemp("city") / "kutsu.db"))
    keys, files = Keys(SECRET, Sealer([SECRET])), FileStore(beside(database.url))
    fill_city(database, ORGANISATION, seed=1, now=NOW, keys=keys, files=files)
    with database.reading() as session:
        found = find_organisation(session, ORGANISATION)
        assert found is not None
        organisation = found.id
    add_person(database, organisation)
    read_files(database, organisation)
    with database.reading(organisation) as session:
        placement = session.scalars(select(Placement).order_by(Placement.starts_on).limit(1)).one()
        opened = {"unit": str(organisation), "placement": str(placement.id), "persona": placement.persona.slug}
    app = create_app(database, SECRET, clock=lambda: NOW)
    with serving(app) as base_url:
        site = Site(app, base_url, opened | find_keys(database, organisation))
        yield replace(sites, by_state={**sites.by_state, LOADED: site})
    database.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_in_every_state_is_without_barriers_and_loses_nothing(
    watch: Watch, sites: Sites, language: str, proof: Proof
) -> None:
    found = []
    for screen, state in ALL:
        page = show(watch, sites, {"screen": screen, "state": state, "language": language})
        problems = [f"{name}: {one}" for name, room in ROOMS.items() for one in room.lost(page)]
        ROOMS["1280"].lost(page)
        problems += [f"{theme}: {one}" for theme in THEMES for one in barriers_in(page, theme)]
        found += [f"{screen}, {state}: {one}" for one in problems]
        page.close()
    how = "light and dark, 320, 390 and 1280 px wide, and with text at 200 %"
    proof(f"barriers and losses in {len(ALL)} screens and states in “{language}”, {how}", "0", len(found))
    assert found == []


def test_the_main_tasks_are_done_with_the_mouse_and_each_screen_is_pictured(
    watch: Watch, city: Sites, sqlite_file_url: str, proof: Proof
) -> None:
    site = city.by_state[LOADED]
    watch.carry_cookie(COOKIE, open_session(site.app))
    page = watch.open()
    page.goto(f"{site.base_url}/verdicts")
    ad = page.locator("table.verdicts tbody th a").first.inner_text()
    taken = question_a_verdict(Mouse(), page, site.base_url, ad, keep_picture)
    assert ad in taken.read_text()
    find_where_a_persona_is_lost(Mouse(), page, site.base_url, "Newly licensed doctor", keep_picture)
    with open_office(sqlite_file_url) as office:
        watch.carry_cookie(COOKIE, open_session(office.app))
        page = watch.open(viewport={"width": 1280, "height": 720})
        assert plan_from_nothing(Mouse(), page, office.site, keep_picture).read_bytes().startswith(b"%PDF")
        break_connection(page, office)
        mend_a_connection(Mouse(), page, office.site, KEY, keep_picture)
    proof("main tasks done from the first click to the last, by three users", "4", 4)


def keep_picture(page: Page, name: str) -> None:
    folder = PICTURES / "walks"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [1280, 390])
def test_there_is_a_picture_of_every_screen_to_look_at(
    watch: Watch, city: Sites, theme: str, width: int, proof: Proof
) -> None:
    folder = PICTURES / f"{theme}-{width}"
    folder.mkdir(parents=True, exist_ok=True)
    for screen, state in ALL:
        page = show(watch, city, {"screen": screen, "state": state, "language": "en"})
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(DRAWN_ANEW)
        page.screenshot(path=folder / f"{screen}, {state}.png", full_page=True)
        page.close()
    proof(f"pictures of screens in their states, {theme}, {width} px wide", "said", len(list(folder.iterdir())))
