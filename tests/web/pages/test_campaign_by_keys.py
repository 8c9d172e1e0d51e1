"""A whole campaign is planned in a real browser by keys alone, and ends with what is printed and the calendar."""

from pathlib import Path

import httpx
from sqlalchemy import select

from app.access.organisation import create_organisation
from app.access.token import Role
from app.database import Database
from app.planning.placement import Placement
from tests.files.samples import CAPTIONS as SPOKEN
from tests.files.samples import a_film, a_picture
from tests.planning.test_print_kit import pages, read_codes
from tests.support.browser import Watch
from tests.support.hands import Keys
from tests.support.people import COOKIE, add_person, open_session
from tests.support.plan import NOW
from tests.support.server import serving
from tests.web.pages.campaign_walk import (
    ASSETS,
    CAPTIONS,
    FILM,
    PICTURE,
    approve_all,
    bring_live,
    plan_campaign,
    take_away,
)
from tests.web.pages.town import pages_of

OTHER, PUBLIC = "other@kivikoski.example", "https://kutsu.kivikoski.example"


def test_a_campaign_for_four_personas_is_planned_approved_and_taken_live_by_keys_alone(
    watch: Watch, sqlite_file_url: str, tmp_path: Path
) -> None:
    database = Database(sqlite_file_url)
    with database.writing() as session:
        organisation = create_organisation(session, "Kivikoski", now=NOW, locale="en").id
    add_person(database, organisation)
    add_person(database, organisation, OTHER, Role.MARKETER)
    app = pages_of(database)
    app.state.public_url = PUBLIC
    for name, content in ((PICTURE, a_picture()), (FILM, a_film()), (CAPTIONS, SPOKEN)):
        (tmp_path / name).write_bytes(content)
    with serving(app) as site:
        watch.carry_cookie(COOKIE, open_session(app))
        mine = watch.open()
        plan_campaign(Keys(mine), mine, site, tmp_path)
        watch.carry_cookie(COOKIE, open_session(app, OTHER))
        other = watch.open(viewport={"width": 1280, "height": 800})
        approve_all(Keys(other), other, site)
        bring_live(Keys(mine), mine, site)
        kit, feed = take_away(Keys(mine), mine)
        calendar = httpx.get(feed.replace(PUBLIC, site)).text
    with database.reading(organisation) as session:
        placed = {one.asset.name: one for one in session.scalars(select(Placement))}
        assert {one.status for one in placed.values()} == {"live"}
        assert [one.slug for one in placed["Evening of all"].personas] == [
            "gp-young-family", "newly-licensed", "researcher-clinician", "senior-part-time",
        ]  # fmt: skip
        codes = {f"{PUBLIC}/k/{placed[name].tracking_code}" for name in ("Dark windows", "A pencil")}
    assert {code for picture, _text in pages(kit.read_bytes()) for code in read_codes(picture)} == codes
    assert calendar.startswith("BEGIN:VCALENDAR")
    assert all(name in calendar for name in ASSETS)
    database.close()
