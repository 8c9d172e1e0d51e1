"""Before a delivery is refused, what is known of its connection is read anew: a sender may never try again."""

import uuid
from types import SimpleNamespace

import pytest

from app.database import Database
from app.intake import hook_source
from app.intake.hook_secrets import add_hook_secret, close_hook, drop_hook_secret
from app.intake.vendors import get_connection
from app.web import hooks, known
from tests.intake.hooking import Sender, application, encode
from tests.intake.signing import NOW, WHSEC, sign_standard
from tests.intake.town import SEALER
from tests.support.client import TestClient

BODY = encode(application("a1", 1))
FORGED = dict(sign_standard(BODY, "whsec_" + "A" * 32, at=NOW))


def send(client: TestClient, sender: Sender, headers: dict[str, str]) -> int:
    return client.post(sender.path, content=BODY, headers=headers).status_code


def add_secret(sender: Sender, secret: str | None = None) -> dict[str, str]:
    """Another process lets one more secret vouch; the headers of a delivery that it signed."""
    with sender.database.writing(sender.organisation_id) as session:
        connection = get_connection(session, sender.connection_id)
        fresh = add_hook_secret(session, connection, sealer=SEALER, now=NOW, secret=secret)
    return dict(sign_standard(BODY, fresh, at=NOW))


def stop_time(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock of what is known that stands until it is moved."""
    clock = SimpleNamespace(at=100.0)
    clock.monotonic = lambda: clock.at
    monkeypatch.setattr(known, "time", clock)
    monkeypatch.setattr(hooks, "time", clock)
    return clock


def count_readings(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    read: list[uuid.UUID] = []
    find = hook_source.find_hook_source

    def find_and_count(database: Database, connection_id: uuid.UUID, *given: object) -> object:
        read.append(connection_id)
        return find(database, connection_id, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(hooks, "find_hook_source", find_and_count)
    return read


def test_a_secret_that_another_process_added_vouches_at_once(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_time(monkeypatch)
    with sender.open() as client:
        assert send(client, sender, sender.sign(BODY)) == 202
        assert send(client, sender, add_secret(sender)) == 202
    assert sender.day() == {"received": 2, "duplicate": 1}


def test_a_way_in_that_another_process_opened_is_there_at_once(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = stop_time(monkeypatch)
    with sender.database.writing(sender.organisation_id) as session:
        close_hook(session, get_connection(session, sender.connection_id), now=NOW)
    with sender.open() as client:
        assert send(client, sender, sender.sign(BODY)) == 404
        clock.at += 0.5
        assert send(client, sender, add_secret(sender, WHSEC)) == 202


def test_a_way_in_that_another_process_closed_is_no_more_than_closed_to_who_is_refused(
    lite: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_time(monkeypatch)
    with lite.open() as client:
        assert send(client, lite, lite.sign(BODY)) == 202
        with lite.database.writing(lite.organisation_id) as session:
            close_hook(session, get_connection(session, lite.connection_id), now=NOW)
        assert send(client, lite, FORGED) == 404


def test_forgeries_keep_no_new_secret_waiting(lite: Sender) -> None:
    with lite.open() as client:
        for _again in range(3):
            assert send(client, lite, lite.sign(BODY)) == 202
            assert send(client, lite, FORGED) == 401
            headers = add_secret(lite)
            assert send(client, lite, headers) == 202, "however lately it was read for a forgery"
            with lite.database.writing(lite.organisation_id) as session:
                connection = get_connection(session, lite.connection_id)
                drop_hook_secret(session, connection, "newer", sealer=SEALER, now=NOW)


def test_forgeries_make_a_connection_be_read_seldom_and_good_deliveries_never_for_it(
    lite: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, read = stop_time(monkeypatch), count_readings(monkeypatch)
    with lite.open() as client:
        assert [send(client, lite, lite.sign(BODY)) for _again in range(20)] == [202] * 20
        assert len(read) == 1
        assert [send(client, lite, FORGED) for _again in range(20)] == [401] * 20
        assert len(read) == 2
        clock.at += known.ANEW_SECONDS
        assert [send(client, lite, FORGED) for _again in range(20)] == [401] * 20
        assert len(read) == 3
        assert send(client, lite, lite.sign(BODY)) == 202
    assert lite.day()["refused"] == 40


def test_addresses_of_nothing_are_looked_for_seldom(lite: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_time(monkeypatch)
    read = count_readings(monkeypatch)
    path = f"/hooks/{uuid.UUID(int=7)}"
    with lite.open() as client:
        assert {client.post(path, content=BODY).status_code for _again in range(20)} == {404}
    assert len(read) <= 2


def test_while_the_database_cannot_be_read_nobody_is_refused_who_may_be_right(
    lite: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = stop_time(monkeypatch)

    def fail(*_given: object) -> None:
        raise OSError

    with lite.open() as client:
        assert send(client, lite, lite.sign(BODY)) == 202
        monkeypatch.setattr(hooks, "find_hook_source", fail)
        for _again in range(2):
            answer = client.post(lite.path, content=BODY, headers=FORGED)
            assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
        clock.at += 10
        assert send(client, lite, lite.sign(BODY)) == 202, "who is known to be right is taken in all the same"
    assert "refused" not in lite.day()
