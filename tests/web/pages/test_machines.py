"""The pages of tokens and of the audit: shown once, ended for good, told in order."""

import csv
import datetime as dt
import html
import io
import re
import uuid
from collections.abc import Iterator
from typing import cast

import pytest
from fastapi import FastAPI

from app.access.audit import BOOKKEEPING, Action, is_audited, record
from app.access.audit_reading import AuditFilter, all_entries, verify
from app.access.organisation import create_organisation
from app.access.refusal import Refused, count_refusals
from app.access.token import Role, create_token, find_token, list_tokens, note_use
from app.database import Base, Database
from app.errors import Denied
from app.i18n import speaking
from app.planning.job import JobIn, create_job
from app.planning.persona_schema import Specialty
from app.planning.removal import delete_channel
from app.web.application import create_app
from app.web.pages.audit import noun_words
from app.web.pages.audit_words import field_words
from tests.support.browser import Watch, barriers
from tests.support.client import MARK, TestClient
from tests.support.people import COOKIE, add_person, browser_of, open_session
from tests.support.plan import NOW, a_channel
from tests.support.server import serving


@pytest.fixture
def database(sqlite_file_url: str) -> Iterator[Database]:
    database = Database(sqlite_file_url)
    yield database
    database.close()


@pytest.fixture
def town(database: Database) -> uuid.UUID:
    with database.writing() as session:
        return create_organisation(session, "Harbour Town", now=NOW).id


@pytest.fixture
def visitor(database: Database, town: uuid.UUID) -> TestClient:
    add_person(database, town)
    client = browser_of(create_app(database, b"k" * 32, clock=lambda: NOW))
    client.follow_redirects = True
    return client


def said(database: Database, town: uuid.UUID) -> list[tuple[str, str, str | None]]:
    with database.reading(town) as session:
        return [(one.action, one.noun, one.actor_kind) for one in all_entries(session, AuditFilter())]


def secret_in(text: str) -> str:
    return html.unescape(re.findall(r"<code>(kutsu_[\w-]{43})</code>", text)[0])


def test_a_token_is_made_shown_once_and_revoked(visitor: TestClient, database: Database, town: uuid.UUID) -> None:
    made = visitor.post("/tokens", data={"system": "HR <register>", "role": "service", "scopes": "all", "days": "30"})
    secret = secret_in(made.text)
    again = visitor.get("/tokens").text
    assert (made.status_code, secret in again) == (200, False)
    assert "HR &lt;register&gt;" in again
    assert "1 token is valid." in again
    with database.reading(town) as session:
        token = find_token(session, secret, now=NOW)
        assert (token.system, token.role) == ("HR <register>", "service")
        assert token.expires_at == NOW + dt.timedelta(days=30)
        key = token.id
    assert visitor.post(f"/tokens/{key}/revoke").url.path == "/tokens"
    with database.reading(town) as session, pytest.raises(Denied):
        find_token(session, secret, now=NOW)
    assert "revoked on 1 Mar 2026" in visitor.get("/tokens").text
    assert said(database, town)[2:] == [("created", "api_token", "user"), ("changed", "api_token", "user")]


def test_a_token_may_be_given_a_part_of_its_role(visitor: TestClient, database: Database, town: uuid.UUID) -> None:
    visitor.post("/tokens", data={"system": "board", "role": "marketer", "scopes": ["reports:read", "plan:read"]})
    with database.reading(town) as session:
        assert sorted(list_tokens(session)[0].allowed) == ["plan:read", "reports:read"]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"system": "", "role": "viewer", "scopes": "all"}, "system"),
        ({"system": "x", "role": "viewer"}, "scopes"),
        ({"system": "x", "role": "king"}, "role"),
        ({"system": "x"}, "role"),
        ({"system": "x", "role": "viewer", "scopes": "plan:write"}, "scopes"),
        ({"system": "x", "role": "viewer", "scopes": "everything"}, "scopes"),
        ({"system": "x", "role": "viewer", "days": "0"}, "days"),
        ({"system": "x", "role": "viewer", "days": "a week"}, "days"),
        ({"system": "x", "role": "viewer", "days": "9999999999"}, "days"),
        ({"system": "x", "role": "viewer", "days": "0000019999999999"}, "days"),
    ],
)
def test_a_wrong_field_is_named_and_what_was_typed_is_kept(
    visitor: TestClient, database: Database, town: uuid.UUID, form: dict[str, str], field: str
) -> None:
    answer = visitor.post("/tokens", data=form)
    assert (answer.status_code, f'id="problem-{field}"' in answer.text) == (422, True)
    assert f'value="{form["system"]}"' in answer.text
    with database.reading(town) as session:
        assert list_tokens(session) == []


def test_the_list_says_how_each_token_stands(visitor: TestClient, database: Database, town: uuid.UUID) -> None:
    def days(n: int) -> dt.datetime:
        return NOW + dt.timedelta(days=n)

    with database.writing(town) as session:
        create_token(session, "gone", Role.VIEWER, now=days(-3), expires_at=days(-1))
        create_token(session, "going", Role.ADMINISTRATOR, now=days(-3), expires_at=days(1))
        create_token(session, "used", Role.CONSULTANT, now=days(-3))
        note_use(session, list_tokens(session)[0].id, now=days(-2))
    shown = visitor.get("/tokens").text
    for words in ("expired on 28 Feb 2026", "valid until 2 Mar 2026", "<td>27 Feb 2026</td>", "2 tokens are valid."):
        assert words in shown


def test_a_token_from_which_small_counts_are_hidden_is_said_to_read_the_months_alone(visitor: TestClient) -> None:
    assert "a token from which they are hidden reads the months alone" in visitor.get("/tokens").text
    asked = {"system": "board", "role": "marketer", "scopes": "reports:read"}
    hidden = visitor.post("/tokens", data={**asked, "small_counts": "no"}).text
    assert "<td>read the months alone, with small counts hidden</td>" in hidden
    assert "<td>read reports, see small counts</td>" in visitor.post("/tokens", data=asked).text
    bearer = {"authorization": f"Bearer {secret_in(hidden)}"}
    assert visitor.get("/api/v1/reports/monthly", headers=bearer).status_code == 200
    for closed in ("effectiveness", "funnel", "paths"):
        assert visitor.get(f"/api/v1/reports/{closed}", headers=bearer).status_code == 403


@pytest.mark.parametrize("key", ["nothing", str(uuid.UUID(int=1))])
def test_a_token_that_is_not_there_cannot_be_revoked(visitor: TestClient, key: str) -> None:
    assert visitor.post(f"/tokens/{key}/revoke").status_code == 404


def test_the_audit_is_read_in_pages_and_by_filter(visitor: TestClient, database: Database, town: uuid.UUID) -> None:
    with database.writing(town) as session:
        for n in range(60):
            record(session, Action.EXPORTED, "report", f"{n}.csv")
        a_channel(session)
    first = visitor.get("/audit").text
    assert first.count("<time ") == 50
    older = html.unescape(re.findall(r'href="(/audit\?[^"]*before=[^"]*)"', first)[0])
    assert visitor.get(older).text.count("<time ") == 13
    assert visitor.get("/audit?action=created").text.count("<time ") == 3
    assert visitor.get("/audit?noun=channel").text.count("<time ") == 1
    assert visitor.get("/audit?actor=nobody").text.count("<time ") == 0
    assert visitor.get("/audit?before=x&action=y").text.count("<time ") == 50


def test_the_audit_calls_things_by_their_names_and_opens_them_and_what_is_gone_by_its_key(
    visitor: TestClient, database: Database, town: uuid.UUID
) -> None:
    with database.writing(town) as session:
        stays, goes = (a_channel(session, name=name).id for name in ("Stops", "Radio"))
        delete_channel(session, goes, revision=None)
    shown = visitor.get("/audit?noun=channel").text
    assert f'<a href="/channels/{stays}">Stops</a>' in shown
    with database.writing(town) as session:
        vacancy = create_job(
            session, JobIn(title="GP, Kallio", specialty=Specialty.GENERAL_PRACTICE, opens_on=NOW.date()), now=NOW
        ).id
    assert f'<a href="/jobs/{vacancy}">GP, Kallio</a>' in visitor.get("/audit?noun=job").text
    assert str(goes) in shown and "Radio" not in shown and f"/channels/{goes}" not in shown


def test_every_kind_of_thing_that_the_audit_tells_of_has_a_word() -> None:
    kinds = {one.class_.__tablename__ for one in Base.registry.mappers if is_audited(one.class_)}
    with speaking("fi"):
        assert {one for one in kinds if noun_words(one) == one} == set()


def test_every_field_that_the_audit_names_is_a_word_of_the_reader() -> None:
    rows = [one for one in Base.registry.mappers if is_audited(one.class_)]
    fields = {name for one in rows for name in (*one.local_table.columns.keys(), *one.relationships.keys())}
    never_change = {"id", "organisation_id", "created_at"}
    with speaking("fi"):
        assert {one for one in fields - BOOKKEEPING - never_change if field_words(one) == one} == set()
        assert field_words("accepted:3") == "otettu vastaan 3"


def test_a_file_that_left_is_named_by_its_page(visitor: TestClient) -> None:
    visitor.get("/monthly.csv")
    assert "Months (CSV)" in visitor.get("/audit").text


def test_the_audit_shows_what_was_refused_and_is_nobodys(
    visitor: TestClient, database: Database, town: uuid.UUID
) -> None:
    assert "Nobody has tried an address without an account or a made-up token lately." in visitor.get("/audit").text
    with database.writing() as session:
        count_refusals(session, Refused.SIGN_IN, NOW, 1)
        count_refusals(session, Refused.TOKEN, NOW, 1024)
    shown = visitor.get("/audit").text
    for words in ("sign-ins with an address that has no account", "unknown tokens", '<td class="number">1,024</td>'):
        assert words in shown


def test_taking_the_audit_or_a_report_along_is_told_itself(
    visitor: TestClient, database: Database, town: uuid.UUID
) -> None:
    with database.writing(town) as session:
        record(session, Action.EXPORTED, "report", "=cmd|' /C calc'!A0")
    rows = list(csv.DictReader(io.StringIO(visitor.get("/audit.csv").text.lstrip(MARK))))
    assert [row["number"] for row in rows] == ["1", "2", "3"]
    assert rows[2]["noun_id"] == "'=cmd|' /C calc'!A0"
    visitor.get("/verdicts.csv")
    with database.reading(town) as session:
        found = [(one.action, one.noun_id) for one in all_entries(session, AuditFilter())][3:]
        assert found == [("exported", "audit.csv"), ("exported", "verdicts.csv")]
        assert verify(session, town).broken is None


def test_the_pages_are_quiet_and_without_barriers(
    watch: Watch, visitor: TestClient, database: Database, town: uuid.UUID
) -> None:
    watch.carry_cookie(COOKIE, open_session(cast(FastAPI, visitor.app)))
    with serving(visitor.app) as site:
        page = watch.open()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for path in ("/tokens", "/audit"):
                page.goto(site + path)
                page.wait_for_load_state("networkidle")
                assert barriers(page) == []
        page.goto(site + "/tokens")
        page.get_by_label("Name of the system").fill("HR register")
        page.get_by_label("What it is there for").select_option("service")
        page.get_by_label("all that its role may do").check()
        page.get_by_role("button", name="Make the token").click()
        page.locator("code", has_text="kutsu_").first.wait_for()
        page.wait_for_load_state("networkidle")
        assert barriers(page) == []
        page.goto(site + "/tokens")
        page.get_by_role("button", name="Revoke the token of HR register").click()
        page.get_by_text("revoked on").wait_for()
        page.set_viewport_size({"width": 320, "height": 700})
        for path in ("/tokens", "/audit"):
            page.goto(site + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.wait_for_load_state("networkidle")
