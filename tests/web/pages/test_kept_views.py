"""Views that are kept under a name: one's own, or shared inside the organisation, with links that read like one."""

import re
from html import unescape
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from app.access.audit import AuditEntry
from app.access.membership import Membership
from app.access.organisation import Organisation
from app.access.token import Role
from app.access.user import find_user
from app.reports.saved_view import SavedView, spell_name, spell_question
from tests.support.client import TestClient
from tests.support.people import EMAIL, add_person, browser_of

OTHER = "reader@kivikoski.example"
QUESTION = "by=format&stage=offer&from=2026-03-01"


@pytest.fixture
def colleague(town: FastAPI) -> TestClient:
    """Somebody else in the town, who is no administrator."""
    with town.state.database.writing() as session:
        organisation = session.scalars(select(Organisation.id)).one()
        known = find_user(session, OTHER)
    if known is None:
        add_person(town.state.database, organisation, OTHER, Role.VIEWER)
    return browser_of(town, OTHER)


@pytest.fixture(autouse=True)
def nothing_kept(town: FastAPI) -> None:
    with town.state.database.writing() as session:
        for view in session.scalars(select(SavedView)):
            session.delete(view)


def keep(reader: TestClient, name: str, **said: str) -> Any:
    return reader.post("/views", data={"name": name, "path": "/verdicts", "question": QUESTION, **said})


def key_of_view(town: FastAPI) -> str:
    with town.state.database.writing() as session:
        return str(session.scalars(select(SavedView.id)).one())


def names(reader: TestClient) -> list[str]:
    return re.findall(r'<a href="/views/[^"]*">([^<]*)</a>', reader.get("/views").text)


def test_what_is_not_known_is_kept_as_a_view_as_well(reader: TestClient) -> None:
    assert "Keep this view" in reader.get("/unknown").text
    kept = keep(reader, "Not known of offers", path="/unknown", question="stage=offer")
    assert (kept.status_code, kept.headers["location"]) == (303, "/unknown?stage=offer#kept")
    assert reader.get("/views/not-known-of-offers").headers["location"] == "/unknown?stage=offer"
    assert "Not known · to an offer" in reader.get("/views").text


def test_a_view_is_kept_under_a_name_and_its_link_reads_like_it(reader: TestClient) -> None:
    kept = keep(reader, "Forms that brought offers")
    assert (kept.status_code, kept.headers["location"]) == (303, "/verdicts?by=format&from=2026-03-01&stage=offer#kept")
    opened = reader.get("/views/forms-that-brought-offers")
    assert f"{opened.headers['location']}#kept" == kept.headers["location"]
    assert '<p id="kept" tabindex="-1">Kept as' in reader.get(kept.headers["location"]).text
    assert "Verdicts · Format · to an offer · from 1 Mar 2026" in reader.get("/views").text


def test_the_list_says_what_a_view_is_compared_with_and_how_its_table_is_looked_at(reader: TestClient) -> None:
    asked = "by=format&beside=before&from=2026-06-01&sort=-applications&columns=verdict.applied"
    keep(reader, "Summer beside spring", question=asked)
    said = ("Verdicts · Format · from 1 Jun 2026 · compared with the period before · sorted by Applied, falling · "
            "columns: Verdict, Applied")  # fmt: skip
    assert said in unescape(reader.get("/views").text)
    keep(reader, "Where they stop", path="/funnel", question="split=format&sort=label&columns=applied.offer")
    said = "Funnel · Format · sorted by Format · columns: Applied, Offer"
    assert said in unescape(reader.get("/views").text)
    keep(reader, "Ways", path="/paths", question="sort=-first&columns=first.last")
    said = "Paths · sorted by First touch, falling · columns: First touch, Last touch"
    assert said in unescape(reader.get("/views").text)


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/verdicts", "by=format&from=2026-06-01&beside=before&sort=-applications&columns=verdict.applied"),
        ("/funnel", "split=format&from=2026-06-01&beside=before&sort=label&columns=applied.offer"),
        ("/paths", "by=format&sort=-last&columns=last"),
    ],
)
def test_a_view_shows_again_what_was_looked_at(reader: TestClient, path: str, asked: str) -> None:
    def look(address: str) -> tuple[list[str], list[str], bool]:
        text = re.sub(r' href="[^"]*"', "", reader.get(address).text)
        return (re.findall(r"<th scope=.col.*?</th>", text), re.findall(r"<th scope=.row.*?</th>", text),
                "Beside each other" in text)  # fmt: skip

    keep(reader, "Again", path=path, question=asked)
    opened = look(reader.get("/views/again").headers["location"])
    assert opened == look(f"{path}?{asked}")
    assert opened != look(path)


def test_the_same_question_in_another_order_or_language_is_the_kept_one(reader: TestClient) -> None:
    keep(reader, "Offers")
    text = reader.get("/verdicts?stage=offer&lang=sv&from=2026-03-01&by=format").text
    assert "Sparad som" in text
    assert "Kept as" not in reader.get("/verdicts?stage=offer&by=format").text


def test_what_is_not_shared_is_seen_by_nobody_else(reader: TestClient, colleague: TestClient) -> None:
    keep(reader, "Mine alone")
    assert names(colleague) == []
    assert colleague.get("/views/mine-alone").status_code == 404


def test_what_is_shared_is_seen_by_all_and_changed_by_its_owner_and_administrators(
    town: FastAPI, reader: TestClient, colleague: TestClient
) -> None:
    keep(reader, "Ours", shared="yes")
    assert names(colleague) == ["Ours"]
    assert colleague.get("/views/ours").status_code == 303
    id = key_of_view(town)
    assert colleague.post(f"/views/{id}/forget").status_code == 403
    assert "Forget: Ours" not in colleague.get("/views").text
    assert reader.post(f"/views/{id}/share", data={}).status_code == 303
    assert names(colleague) == []
    assert colleague.post(f"/views/{id}/share", data={"shared": "yes"}).status_code == 404
    assert reader.post(f"/views/{id}/forget").status_code == 303
    assert names(reader) == []


def test_an_administrator_clears_away_what_others_shared(
    town: FastAPI, reader: TestClient, colleague: TestClient
) -> None:
    keep(colleague, "Theirs", shared="yes")
    assert reader.post(f"/views/{key_of_view(town)}/forget").status_code == 303


def test_two_views_have_two_names(reader: TestClient, colleague: TestClient) -> None:
    keep(reader, "Offers")
    again = keep(colleague, "offers!")
    assert again.status_code == 422
    assert "There is a view of this name already; choose another name." in again.text
    assert "Nothing was changed." in again.text
    assert names(colleague) == []


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"name": " ?! "}, "with a letter or a digit"),
        ({"name": "x" * 121}, "1 to 120 characters"),
        ({"path": "/people"}, "This view cannot be kept"),
        ({"path": "https://elsewhere.example"}, "This view cannot be kept"),
        ({"question": "stage=coffee"}, "“coffee” is none of applied"),
        ({"question": f"place={'x' * 2000}"}, "This view cannot be kept"),
    ],
)
def test_what_is_no_name_or_no_question_is_not_kept(reader: TestClient, said: dict[str, str], problem: str) -> None:
    answered = reader.post("/views", data={"name": "A", "path": "/verdicts", "question": QUESTION, **said})
    assert answered.status_code == 422
    assert problem in unescape(answered.text)
    assert names(reader) == []


def test_keeping_and_forgetting_is_told_in_the_audit_without_the_name(town: FastAPI, reader: TestClient) -> None:
    keep(reader, "Offers")
    id = key_of_view(town)
    reader.post(f"/views/{id}/forget")
    with town.state.database.writing() as session:
        told = session.scalars(select(AuditEntry.action).where(AuditEntry.noun_id == id)).all()
    assert {str(action) for action in told} == {"created", "deleted"}
    shown = reader.get("/audit").text
    assert "kept view" in shown and "Offers" not in shown
    assert id not in shown, "a key says nothing to whoever reads"


def test_an_empty_list_says_where_to_begin(reader: TestClient) -> None:
    assert "choose “Keep this view”" in reader.get("/views").text


@given(some.text(max_size=40))
def test_an_address_has_a_word_for_every_name_with_a_letter_or_a_digit(name: str) -> None:
    word = spell_name(name)
    assert bool(word) == any(one.isalnum() for one in name)
    assert not re.search(r"[\s/?#]", word)


@given(some.dictionaries(some.sampled_from(["by", "stage", "place", "from", "lang"]), some.text(max_size=8)))
def test_a_question_has_one_spelling(asked: dict[str, str]) -> None:
    assert spell_question(asked) == spell_question(dict(reversed(asked.items())))
    assert "lang=" not in spell_question(asked) or "lang=" in "".join(asked.values())


def test_who_leaves_takes_along_what_nobody_else_sees_and_leaves_what_all_use_to_an_administrator(
    town: FastAPI, reader: TestClient, colleague: TestClient
) -> None:
    keep(colleague, "Mine alone")
    keep(colleague, "For us all", shared="yes")
    with town.state.database.writing() as session:
        leaver, stayer = find_user(session, OTHER), find_user(session, EMAIL)
        assert leaver
        assert stayer
        member = session.scalars(select(Membership).where(Membership.user_id == leaver.id)).one()
        owner, key, heir = member.organisation_id, member.id, stayer.id
    assert reader.post("/people/remove", data={"member": str(key)}).status_code == 303
    with town.state.database.writing() as session:
        assert [(one.name, one.user_id) for one in session.scalars(select(SavedView))] == [("For us all", heir)]
    add_person(town.state.database, owner, OTHER, Role.VIEWER)
