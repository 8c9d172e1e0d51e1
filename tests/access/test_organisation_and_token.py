"""Organisations are founded by rules and found by name; of tokens only a digest is kept."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.access.organisation import (
    Organisation,
    TrackingMode,
    choose_organisation,
    create_organisation,
    find_organisation,
    get_organisation,
    list_organisations,
)
from app.access.token import ApiToken, Role, create_token, find_token
from app.database import Database
from app.errors import Conflict, Denied, Invalid, Missing

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def found(database: Database, name: str = "City of Kuvitteila", **rest: str) -> Organisation:
    with database.writing() as session:
        organisation = create_organisation(session, name, now=NOW, **rest)  # type: ignore[arg-type]
        session.expunge(organisation)
    return organisation


def test_an_organisation_follows_nobody_until_it_says_so(database: Database) -> None:
    assert found(database).tracking_mode is TrackingMode.OFF


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("name", {"name": ""}), ("name", {"name": "  "}), ("name", {"name": "x" * 201}), ("name", {"name": "a\x00b"}),
        ("name", {"name": "a\ud800"}), ("locale", {"locale": "xx"}), ("time_zone", {"time_zone": "Europe/Atlantis"}),
    ],
)  # fmt: skip
def test_a_wrong_field_is_refused_and_named(database: Database, field: str, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        found(database, **wrong)
    assert [problem.field for problem in refused.value.problems] == [field]
    with database.reading() as session:
        assert list_organisations(session) == []


def test_all_problems_are_told_at_once(database: Database) -> None:
    with pytest.raises(Invalid) as refused:
        found(database, "", locale="xx", time_zone="nowhere")
    assert [problem.field for problem in refused.value.problems] == ["name", "locale", "time_zone"]


def test_a_name_is_given_once(database: Database) -> None:
    found(database, "Espoo")
    with pytest.raises(Conflict, match="Espoo"):
        found(database, " Espoo ")


def test_an_organisation_is_found_by_name_and_by_key(database: Database) -> None:
    espoo = found(database, "Espoo", time_zone="Europe/Stockholm")
    with database.reading() as session:
        assert get_organisation(session, espoo.id).zone.key == "Europe/Stockholm"
        assert getattr(find_organisation(session, "Espoo"), "id", None) == espoo.id
        assert find_organisation(session, "Vantaa") is None
        with pytest.raises(Missing):
            get_organisation(session, uuid.UUID(int=1))


def test_the_only_organisation_need_not_be_named(database: Database) -> None:
    with database.reading() as session, pytest.raises(Missing, match="kutsu organisation create"):
        choose_organisation(session, None)
    found(database, "Espoo")
    with database.reading() as session:
        assert choose_organisation(session, None).name == "Espoo"
    found(database, "Vantaa")
    with database.reading() as session:
        assert choose_organisation(session, "Vantaa").name == "Vantaa"
        for name in (None, "Turku"):
            with pytest.raises(Missing, match="Espoo, Vantaa"):
                choose_organisation(session, name)


# Tokens


def token(database: Database, organisation: Organisation, system: str = "hr", **rest: Any) -> str:
    with database.writing(organisation.id) as session:
        return create_token(session, system, Role.SERVICE, now=NOW, **rest)


def test_a_token_is_known_again_and_says_who_comes_in(database: Database) -> None:
    organisation = found(database)
    secret = token(database, organisation, " hr-register ")
    assert re.fullmatch(r"kutsu_[\w-]{43}", secret)
    with database.reading() as session:
        row = find_token(session, secret, now=NOW)
        assert (row.system, row.role, row.organisation_id) == ("hr-register", "service", organisation.id)
        assert secret.startswith(row.prefix)


def test_the_secret_itself_is_not_kept(sqlite_file_url: str) -> None:
    database = Database(sqlite_file_url)
    secret = token(database, found(database))
    path = Path(str(database.url.database))
    database.close()
    assert all(secret[13:].encode() not in file.read_bytes() for file in path.parent.glob("kutsu.db*"))


@pytest.mark.parametrize("system", ["", " ", "x" * 61, "a\x00b", "a\nb"])
def test_a_token_needs_the_name_of_a_system(database: Database, system: str) -> None:
    organisation = found(database)
    with pytest.raises(Invalid, match="system"):
        token(database, organisation, system)


@pytest.mark.parametrize("secret", ["", "kutsu_", "kutsu_" + "a" * 43, "ä\ud800"])
def test_an_unknown_token_is_refused(database: Database, secret: str) -> None:
    token(database, found(database))
    with database.reading() as session, pytest.raises(Denied):
        find_token(session, secret, now=NOW)


def test_a_token_is_good_until_it_expires(database: Database) -> None:
    secret = token(database, found(database), expires_at=NOW + dt.timedelta(days=1))
    with database.reading() as session:
        assert find_token(session, secret, now=NOW + dt.timedelta(hours=23)).system == "hr"
        with pytest.raises(Denied):
            find_token(session, secret, now=NOW + dt.timedelta(days=1))


def test_a_revoked_token_is_refused(database: Database) -> None:
    organisation = found(database)
    secret = token(database, organisation)
    with database.writing(organisation.id) as session:
        find_token(session, secret, now=NOW).revoked_at = NOW
    with database.reading() as session, pytest.raises(Denied):
        find_token(session, secret, now=NOW)


def test_a_token_is_not_found_from_another_organisation(database: Database) -> None:
    secret = token(database, found(database, "Espoo"))
    other = found(database, "Vantaa")
    with database.reading(other.id) as session, pytest.raises(Denied):
        find_token(session, secret, now=NOW)


def test_two_tokens_of_one_system_differ(database: Database) -> None:
    organisation = found(database)
    assert token(database, organisation) != token(database, organisation)
    with database.reading(organisation.id) as session:
        assert {row.system for row in session.query(ApiToken)} == {"hr"}
