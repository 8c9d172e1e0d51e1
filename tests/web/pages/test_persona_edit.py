"""Writing personas in the browser: the form, what it refuses, versions, and files there and back."""

import io
import json
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI

from app.access.token import Role
from app.database import Database
from app.planning.asset import AssetStatus, get_asset_named
from app.planning.library import read_persona
from app.planning.persona import find_newest_persona, persona_as_given
from app.planning.persona_schema import PersonaIn
from tests.support.client import TestClient
from tests.support.databases import copy_sqlite
from tests.support.forms import Fields, read_form
from tests.support.people import add_person, browser_of
from tests.support.plan import a_persona, asset_fields
from tests.web.pages.conftest import visitor
from tests.web.pages.town import lay_empty, pages_of

FORM, NEW = "/personas/gp-young-family/edit", "/personas/new"


@pytest.fixture
def site(_migrated_file: Path, tmp_path: Path) -> Iterator[FastAPI]:
    """A town with one persona."""
    database = Database(copy_sqlite(_migrated_file, tmp_path / "kutsu.db"))
    organisation = lay_empty(database)
    with database.writing(organisation) as session:
        a_persona(session)
    app = pages_of(database)
    app.state.organisation = organisation
    yield app
    database.close()


@pytest.fixture
def planner(site: FastAPI) -> TestClient:
    return visitor(site)


def newest(site: FastAPI, slug: str = "gp-young-family") -> PersonaIn | None:
    with site.state.database.reading(site.state.organisation) as session:
        found = find_newest_persona(session, slug)
        return persona_as_given(found) if found else None


def opened(planner: TestClient, path: str = FORM) -> Fields:
    return read_form(planner.get(path).text, path)


def send(planner: TestClient, form: Fields, do: str = "keep", path: str = FORM) -> tuple[int, str]:
    answer = planner.post(path, data={**form, "do": do})
    return answer.status_code, unescape(answer.text) if answer.status_code != 303 else answer.headers["location"]


def test_a_form_sent_back_as_it_came_changes_nothing(site: FastAPI, planner: TestClient) -> None:
    before = newest(site)
    assert send(planner, opened(planner)) == (303, "/personas/gp-young-family?kept=same")
    assert newest(site) == before
    assert "Nothing was to be changed." in planner.get("/personas/gp-young-family?kept=same").text


def test_a_changed_form_is_the_next_version(site: FastAPI, planner: TestClient) -> None:
    form = opened(planner)
    form["worries.1.answer.en"] = ["In two lines,\r\nas a browser sends them."]
    assert send(planner, form) == (303, "/personas/gp-young-family?kept=2")
    kept = newest(site)
    assert kept is not None
    assert (kept.version, kept.worries[1].answer["en"]) == (2, "In two lines,\nas a browser sends them.")
    assert "Kept as version 2." in planner.get("/personas/gp-young-family?kept=2").text


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(site: FastAPI, planner: TestClient) -> None:
    form = opened(planner)
    form["factors.0.proof.fi"], form["tone.en"] = [""], ["Said plainly"]
    status, text = send(planner, form)
    assert status == 422
    assert '<a href="#field-factors.0.proof">Why they would come 1, What proves it</a>: The name is given in fi' in text
    assert 'id="field-factors.0.proof.fi-wrong"' in text
    assert "Said plainly" in text
    assert newest(site).version == 1  # type: ignore[union-attr]


def test_a_row_is_added_and_taken_out_before_anything_is_kept(site: FastAPI, planner: TestClient) -> None:
    status, text = send(planner, opened(planner), do="add:questions")
    assert status == 200
    form = read_form(text, FORM)
    form["questions.1.text.fi"], form["questions.1.text.en"] = ["Kuka sijaistaa?"], ["Who stands in?"]
    status, text = send(planner, form, do="remove:questions.0")
    form = read_form(text, FORM)
    assert form["questions.0.text.en"] == ["Who stands in?"]
    assert send(planner, form)[0] == 303
    assert [one.text["en"] for one in newest(site).questions] == ["Who stands in?"]  # type: ignore[union-attr]


def test_a_new_reason_gets_a_slug_from_its_words_and_keeps_it(site: FastAPI, planner: TestClient) -> None:
    form = read_form(send(planner, opened(planner), do="add:differentiators")[1], FORM)
    for field, said in (("statement", "A mentor of your own"), ("proof", "Named in the contract")):
        form[f"differentiators.1.{field}.fi"] = form[f"differentiators.1.{field}.en"] = [said]
    form = read_form(send(planner, form, do="again")[1], FORM)
    assert form["differentiators.1.slug"] == ["a-mentor-of-your-own"]
    form["worries.0.differentiator"] = ["a-mentor-of-your-own"]
    form["differentiators.1.statement.en"] = ["A mentor for two years"]
    assert send(planner, form)[0] == 303
    kept = newest(site)
    assert kept is not None
    assert kept.differentiators[1].slug == kept.worries[0].differentiator == "a-mentor-of-your-own"


def test_two_who_write_at_once_are_told_what_the_other_changed(site: FastAPI, planner: TestClient) -> None:
    mine, theirs = opened(planner), opened(planner)
    theirs["tone.en"], mine["summary.en"] = ["As they put it"], ["As I put it"]
    assert send(planner, theirs)[0] == 303
    status, text = send(planner, mine)
    assert status == 422
    assert "Somebody else wrote version 2 meanwhile." in text
    assert "<td>Plain</td><td>As they put it</td>" in text
    assert "As I put it" in text
    assert send(planner, read_form(text, FORM)) == (303, "/personas/gp-young-family?kept=3")


def test_a_persona_is_described_from_nothing(site: FastAPI, planner: TestClient) -> None:
    like = {name: said for name, said in opened(planner).items() if name not in ("slug", "version")}
    form = {**opened(planner, NEW), **like, "name.en": ["Senior, part time"], "slug": [""]}
    form = {name: said for name, said in form.items() if not name.endswith(".slug")}
    form["worries.0.differentiator"] = form["worries.1.differentiator"] = form["worries.2.differentiator"] = [
        "list-size-cap-is-so"
    ]
    assert send(planner, form, path=NEW) == (303, "/personas/senior-part-time?kept=1")
    assert newest(site, "senior-part-time").factors[0].slug == "no-night-duty-is-so"  # type: ignore[union-attr]


def test_an_empty_form_says_all_that_is_needed(site: FastAPI, planner: TestClient) -> None:
    status, text = send(planner, opened(planner, NEW), path=NEW)
    assert status == 422
    assert '<a href="#field-name">Who they are' not in text
    assert "What this group is called</a>: This is needed." in text
    assert "At least 3 of these are needed." in text


def test_an_older_version_is_compared_and_taken_up_again(site: FastAPI, planner: TestClient) -> None:
    form = opened(planner)
    form["tone.en"] = ["Loud"]
    send(planner, form)
    text = unescape(planner.get("/personas/gp-young-family/versions").text)
    assert "Versions 1 and 2 differ in 1 place." in text
    assert "<td>Plain</td><td>Loud</td>" in text
    answer = planner.post("/personas/gp-young-family/versions", data={"version": "1"})
    assert answer.headers["location"] == "/personas/gp-young-family?kept=3"
    assert newest(site).tone["en"] == "Plain"  # type: ignore[union-attr]
    assert "say the same" in planner.get("/personas/gp-young-family/versions?from=1&to=3").text
    assert planner.get("/personas/gp-young-family/versions?from=9").status_code == 404


def test_a_file_that_is_taken_along_is_loaded_back_without_loss(site: FastAPI, planner: TestClient) -> None:
    content = planner.get("/personas/gp-young-family.toml").content
    assert read_persona("it.toml", content) == newest(site)
    with zipfile.ZipFile(io.BytesIO(planner.get("/personas.zip").content)) as packed:
        assert packed.read("gp-young-family.toml") == content
    senior = content.replace(b'slug = "gp-young-family"', b'slug = "senior"')
    answer = planner.post("/personas", files=[("files", ("a.toml", content)), ("files", ("b.toml", senior))])
    assert answer.headers["location"] == "/personas?loaded=1-0-1"
    assert "1 added, 0 changed, 1 unchanged." in planner.get("/personas?loaded=1-0-1").text


def test_of_files_with_one_that_is_wrong_none_is_loaded(site: FastAPI, planner: TestClient) -> None:
    content = planner.get("/personas/gp-young-family.toml").content
    senior = content.replace(b'slug = "gp-young-family"', b'slug = "senior"')
    answer = planner.post("/personas", files=[("files", ("a.toml", senior)), ("files", ("b.toml", b"slug = "))])
    assert (answer.status_code, newest(site, "senior")) == (422, None)
    assert "This is not TOML" in unescape(answer.text)
    assert planner.post("/personas", files=[("files", ("", b""))]).status_code == 422


def test_who_only_reads_is_not_offered_to_write(site: FastAPI) -> None:
    add_person(site.state.database, site.state.organisation, email="reader@kivikoski.example", role=Role.VIEWER)
    viewer = browser_of(site, "reader@kivikoski.example")
    assert "/edit" not in viewer.get("/personas/gp-young-family").text
    assert viewer.get(FORM).status_code == 403
    assert viewer.post(FORM, data={"do": "keep"}).status_code == 403
    assert viewer.post("/personas", files=[("files", ("a.toml", b"x"))]).status_code == 403


def test_the_plan_is_tried_and_then_read_in_by_its_page(site: FastAPI, planner: TestClient) -> None:
    content = planner.get("/plan/file.json").content.replace(b'"slug": "gp-young-family"', b'"slug": "senior"')

    def sent(do: str, content: bytes = content) -> str:
        return unescape(planner.post("/plan/file", data={"do": do}, files={"file": ("plan.json", content)}).text)

    assert "Nothing was stored. Reading the file in would add 1 and change 0." in sent("rehearse")
    assert newest(site, "senior") is None
    assert "1 added, 0 changed." in sent("store")
    assert newest(site, "senior") is not None
    assert "so nothing was changed" in sent("store")
    assert "This is no JSON" in sent("store", b"{")
    assert "Choose the file first." in unescape(planner.post("/plan/file", files={"file": ("", b"")}).text)


def test_the_page_names_what_of_a_file_waits_for_an_approval(site: FastAPI, planner: TestClient) -> None:
    plan = {"assets": [asset_fields(name="Poster"), asset_fields(name="Sketch", status="draft")]}

    def sent() -> str:
        file = ("plan.json", json.dumps(plan).encode())
        return unescape(planner.post("/plan/file", data={"do": "store"}, files={"file": file}).text)

    waits = "1 asset that is approved in the file is a draft here until somebody else"
    page = sent()
    assert "2 added, 0 changed." in page
    assert f"{waits} than who reads it in approves it: “Poster”." in page
    assert waits in sent()
    with site.state.database.writing(site.state.organisation) as session:
        poster = get_asset_named(session, "Poster")
        assert poster.status == "draft"
        poster.status = AssetStatus.APPROVED
    assert waits not in sent()


@pytest.mark.parametrize("format", ["xlsx", "zip"])
def test_the_plan_is_taken_along_as_tables(planner: TestClient, format: str) -> None:
    answer = planner.get(f"/plan/file.{format}")
    assert answer.headers["content-disposition"] == f'attachment; filename="plan.{format}"'
    assert answer.content[:2] == b"PK"
    assert planner.get("/plan/file.pdf").status_code == 422


@pytest.mark.parametrize(
    "mangled",
    [{"summary": ["x"]}, {"worries.0.text": ["x"]}, {"factors": ["x"]}, {"specialty.fi": ["x"]}, {"name.fi.en": ["x"]},
     {"differentiators.0.statement": ["x"]}],
)  # fmt: skip
def test_a_form_that_is_none_of_ours_is_refused_and_breaks_nothing(
    planner: TestClient, mangled: dict[str, list[str]]
) -> None:
    (field,) = mangled
    given = {name: said for name, said in opened(planner).items() if name.split(".")[0] != field.split(".")[0]}
    assert send(planner, given | mangled)[0] == 422
    assert send(planner, given | mangled | {"slug": [""]}, path=NEW)[0] == 422


def test_a_version_that_no_number_names_is_no_page(planner: TestClient) -> None:
    for version in ("9" * 5000, "-1", "x"):
        assert planner.get(f"/personas/gp-young-family/versions?from={version}").status_code == 404
