"""The files of the demo city's assets: drawn here, taken in like anybody's, and showing what is said of them."""

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.organisation import create_organisation
from app.database import Database
from app.demo.city import build_city
from app.demo.drawn_files import bring_files, draw_files
from app.demo.plan import HOME, Plan
from app.demo.planting import plant
from app.files.store import NOWHERE, FileStore
from app.migration import shipped
from app.planning.asset import Asset
from app.planning.asset_file import AssetFile, Purpose, list_files
from app.planning.filing import find_faulty, remove_file
from app.planning.library import load_personas

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
CITY = build_city(1, NOW.date())


@pytest.fixture
def plan() -> Plan:
    return CITY.plan


@pytest.fixture
def session(sqlite_file_url: str, plan: Plan) -> Iterator[Session]:
    """A session of the city with its plan, and no file yet."""
    database = Database(sqlite_file_url)
    with database.writing() as session:
        city = create_organisation(session, "City", now=NOW, link_hosts=["ura.vaahteralahti.example"]).id
    with database.writing(city) as session:
        load_personas(session, shipped("personas"), NOW)
        plant(session, plan, NOW)
        yield session
    database.close()


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AssetFile)) or 0


def test_each_asset_of_the_city_has_a_picture_of_it_that_is_whole(session: Session, plan: Plan, tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    bring_files(session, store, plan, NOW)
    assets = session.scalars(select(Asset)).all()
    for asset in assets:
        files = list_files(session, asset.id)
        assert any(file.kind.is_picture and file.width for file in files), asset.name
        assert asset.alt_text.keys() >= {file.language for file in files} - {None}
    assert len(assets) == len(plan.assets)
    assert list(find_faulty(session, store)) == []


def test_a_film_that_is_said_to_have_captions_has_them_in_each_of_its_languages(plan: Plan) -> None:
    for asset in plan.assets:
        captions = {one.language for one in draw_files(plan, asset) if one.purpose is Purpose.CAPTIONS}
        assert captions == (set(asset.languages) if "Tekstitetty" in asset.alt_text["fi"] else set()), asset.name


def test_what_is_printed_says_its_promise_and_the_card_s_code_leads_to_the_city(plan: Plan) -> None:
    drawn = {file.name: file.content for asset in plan.assets for file in draw_files(plan, asset)}
    with pypdfium2.PdfDocument(drawn["sleep-poster.pdf"]) as document:
        assert "Yöllä nukutaan." in document[0].get_textpage().get_text_range()
        assert len(document) == 1
    card = Image.open(io.BytesIO(drawn["colleague-word-fi.png"])).convert("L")
    assert [found.text for found in zxingcpp.read_barcodes(np.asarray(card))] == [HOME]


def test_the_same_plan_is_drawn_into_the_same_bytes(plan: Plan) -> None:
    once, again = ([list(draw_files(plan, asset)) for asset in plan.assets] for _ in range(2))
    assert once == again


def test_files_are_brought_once_and_what_was_removed_stays_away(session: Session, plan: Plan, tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    bring_files(session, store, plan, NOW)
    before = count(session)
    file = session.scalars(select(AssetFile)).first()
    assert file is not None
    remove_file(session, file.asset_id, file.id, revision=None, now=NOW)
    bring_files(session, store, plan, NOW)
    assert count(session) == before > len(plan.assets)


def test_without_a_folder_the_city_has_no_files(session: Session, plan: Plan) -> None:
    bring_files(session, NOWHERE, plan, NOW)
    assert count(session) == 0


def test_an_asset_that_the_visitor_named_anew_is_left_alone(session: Session, plan: Plan, tmp_path: Path) -> None:
    asset = session.scalars(select(Asset).where(Asset.name == plan.assets[0].name)).one()
    asset.name = "Ours now"
    session.flush()
    bring_files(session, FileStore(tmp_path / "files"), plan, NOW)
    assert list_files(session, asset.id) == []
    assert count(session) > 0
