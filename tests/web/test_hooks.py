"""The door for webhooks: what is signed is on disk before it is answered, and nothing else is."""

import datetime as dt
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.database import Database, to_micros
from app.intake.hook_secrets import add_hook_secret, close_hook, drop_hook_secret
from app.intake.hook_source import find_hook_source, open_body
from app.intake.inbox import HookDay, InboxKey
from app.intake.vendors import get_connection
from app.web import known
from tests.intake.hooking import Sender, application, encode, find_connection, open_sender
from tests.intake.signing import NOW, sign_standard
from tests.intake.town import SEALER
from tests.support.client import TestClient
from tests.support.databases import copy_sqlite

BODY = encode(application("a1", 1))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def sender(database: Database) -> Sender:
    return open_sender(database)


def test_each_acknowledgement_has_the_same_headers_as_the_one_before(lite: Sender) -> None:
    with lite.open() as client:
        answers = [client.post(lite.path, content=BODY, headers=lite.sign(BODY)) for _again in range(3)]
    assert [answer.headers for answer in answers] == [answers[0].headers] * 3


def test_a_signed_delivery_is_sealed_stored_and_then_acknowledged(sender: Sender) -> None:
    with sender.open() as client:
        answer = client.post(sender.path, content=BODY, headers=sender.sign(BODY))
        assert (answer.status_code, answer.content) == (202, b"")
        assert answer.headers["x-content-type-options"] == "nosniff"
        (row,) = sender.rows()
    assert (row.state, row.trust, row.tries, row.connection_id) == ("received", "whole", 0, sender.connection_id)
    assert b"application" not in row.body
    source = find_hook_source(sender.database, sender.connection_id, SEALER, to_micros(sender.now))
    assert source is not None and open_body(source.cipher, row) == BODY
    assert sender.day() == {"received": 1}
    assert len(sender.rows(InboxKey)) == 1


def test_a_delivery_that_comes_again_is_acknowledged_again_and_stored_once(sender: Sender) -> None:
    with sender.open() as client:
        for seconds in (0, 1, 200):
            sender.now = NOW + dt.timedelta(seconds=seconds)
            assert client.post(sender.path, content=BODY, headers=sender.sign(BODY)).status_code == 202
    assert len(sender.rows()) == 1
    assert sender.day() == {"received": 3, "duplicate": 2}


def test_the_same_id_with_another_body_overwrites_nothing(sender: Sender) -> None:
    other = encode(application("a1", 2))
    with sender.open() as client:
        for body in (BODY, other):
            assert client.post(sender.path, content=body, headers=sender.sign(body)).status_code == 202
    assert len({row.body_digest for row in sender.rows()}) == 2


def test_what_nobody_signed_is_refused_and_leaves_a_count_and_a_digest(sender: Sender) -> None:
    with sender.open() as client:
        for headers in ({}, dict(sign_standard(b"another", "whsec_" + "A" * 32))):
            answer = client.post(sender.path, content=BODY, headers=headers)
            assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert sender.rows() == []
    assert sender.day() == {"refused": 2}
    (day,) = sender.rows(HookDay)
    assert len(day.last_refused) == 32


def test_another_tenants_secret_opens_nothing(database: Database, sender: Sender) -> None:
    other = open_sender(database, name="Other")
    with database.writing(other.organisation_id) as session:
        connection = get_connection(session, other.connection_id)
        close_hook(session, connection, now=NOW)
        theirs = add_hook_secret(session, connection, sealer=SEALER, now=NOW)
    with sender.open() as client:
        headers = dict(sign_standard(BODY, theirs, at=NOW))
        assert client.post(sender.path, content=BODY, headers=headers).status_code == 401
        assert client.post(other.path, content=BODY, headers=headers).status_code == 202
    assert sender.rows() == []
    assert len(other.rows()) == 1


@pytest.mark.parametrize("path", ["/hooks/x", f"/hooks/{uuid.UUID(int=7)}", "/hooks/%00", "/hooks/"])
def test_where_no_connection_takes_deliveries_there_is_nothing(lite: Sender, path: str) -> None:
    with lite.open() as client:
        assert client.post(path, content=BODY, headers=lite.sign(BODY)).status_code == 404


def test_a_connection_without_a_secret_takes_nothing(lite: Sender) -> None:
    with lite.database.writing(lite.organisation_id) as session:
        close_hook(session, get_connection(session, lite.connection_id), now=NOW)
    with lite.open() as client:
        assert client.post(lite.path, content=BODY, headers=lite.sign(BODY)).status_code == 404


def test_a_late_delivery_is_kept_as_one_and_not_refused(sender: Sender) -> None:
    with sender.open() as client:
        headers = sender.sign(BODY, at=NOW - dt.timedelta(days=1))
        assert client.post(sender.path, content=BODY, headers=headers).status_code == 202
    (row,) = sender.rows()
    assert row.trust == "late"
    assert sender.day() == {"received": 1, "late": 1}


def test_secrets_are_changed_without_losing_a_delivery(lite: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "KNOWN_SECONDS", 0.0)  # each delivery reads them anew, as after two seconds
    old = lite.sign(BODY)

    def answers(*signatures: dict[str, str]) -> list[int]:
        return [client.post(lite.path, content=BODY, headers=headers).status_code for headers in signatures]

    with lite.open() as client:
        with lite.database.writing(lite.organisation_id) as session:
            fresh = add_hook_secret(session, get_connection(session, lite.connection_id), sealer=SEALER, now=NOW)
        new = dict(sign_standard(BODY, fresh, at=NOW))
        assert answers(old, new) == [202, 202]
        with lite.database.writing(lite.organisation_id) as session:
            drop_hook_secret(session, get_connection(session, lite.connection_id), "older", sealer=SEALER, now=NOW)
        assert answers(old, new) == [401, 202]


def test_what_was_read_of_a_connection_is_forgotten_when_it_is_told_to_be(lite: Sender) -> None:
    with lite.open() as client:
        assert client.post(lite.path, content=BODY, headers=lite.sign(BODY)).status_code == 202
        with lite.database.writing(lite.organisation_id) as session:
            close_hook(session, get_connection(session, lite.connection_id), now=NOW)
        lite.app.state.hooks.forget(lite.connection_id)
        assert client.post(lite.path, content=BODY, headers=lite.sign(BODY)).status_code == 404


def test_a_connection_in_use_is_read_again_while_deliveries_go_on(
    lite: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter((0.0,) * 3)
    monkeypatch.setattr(known, "time", SimpleNamespace(monotonic=lambda: next(clock, known.KNOWN_SECONDS * 0.6)))
    headers = lite.sign(BODY)
    with lite.open() as client:
        assert client.post(lite.path, content=BODY, headers=headers).status_code == 202
        with lite.database.writing(lite.organisation_id) as session:
            close_hook(session, get_connection(session, lite.connection_id), now=NOW)
        answers = [client.post(lite.path, content=BODY, headers=headers).status_code]
        while answers[-1] != 404 and len(answers) < 10_000:
            answers.append(client.post(lite.path, content=BODY, headers=headers).status_code)
    assert answers[0] == 202, "who comes first is answered by what is known"
    assert answers[-1] == 404, "and what is known is soon what was read since"


def test_a_new_day_has_a_key_of_its_own(lite: Sender) -> None:
    with lite.open() as client:
        for day in range(2):
            lite.now = NOW + dt.timedelta(days=day)
            body = encode(application(f"a{day}", day))
            headers = lite.sign(body, id=f"m{day}")
            assert client.post(lite.path, content=body, headers=headers).status_code == 202
    assert len(lite.rows(InboxKey)) == 2


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 10_000, b'{"a": NaN}', b"\x00", '"\ud83d"'.encode(errors="surrogatepass")]
)
def test_a_signed_body_that_nobody_can_read_is_stored_and_acknowledged(lite: Sender, body: bytes) -> None:
    with lite.open() as client:
        assert client.post(lite.path, content=body, headers=lite.sign(body)).status_code == 202
    assert len(lite.rows()) == 1


def test_a_body_that_is_too_large_is_refused_and_counted(lite: Sender) -> None:
    big = b"x" * (1024 * 1024 + 1)
    with lite.open() as client:
        client.post(lite.path, content=BODY, headers=lite.sign(BODY))
        assert client.post(lite.path, content=big, headers=lite.sign(big)).status_code == 413

        def parts() -> Iterator[bytes]:
            yield from (big[:1000], big)

        assert client.post(lite.path, content=parts(), headers=lite.sign(big)).status_code == 413
    assert lite.day() == {"received": 1, "oversize": 2}


def test_secrets_are_nowhere_in_the_database_file(lite: Sender) -> None:
    connection = find_connection(lite)
    assert connection.hook_secrets is not None and b"whsec" not in connection.hook_secrets


@given(body=st.binary(max_size=300), signature=st.text(max_size=60), stamp=st.text(max_size=15))
def test_whatever_a_stranger_sends_is_no_error_of_ours(body: bytes, signature: str, stamp: str) -> None:
    headers: dict[bytes, bytes] = {
        b"webhook-id": b"x",
        b"webhook-timestamp": stamp.encode("ascii", "ignore").strip(),
        b"webhook-signature": signature.encode("utf-8"),
    }
    assert _CLIENT is not None
    answer = _CLIENT.post(_PATH, content=body, headers=headers)
    assert answer.status_code in (400, 401)


_CLIENT: TestClient | None = None
_PATH = ""


@pytest.fixture(autouse=True, scope="module")
def _running(_migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    global _CLIENT, _PATH
    database = Database(copy_sqlite(_migrated_file, tmp_path_factory.mktemp("fuzz") / "kutsu.db"))
    sender = open_sender(database)
    with sender.open() as client:
        _CLIENT, _PATH = client, sender.path
        yield
    database.close()
