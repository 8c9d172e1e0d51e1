"""By which secret each delivery came is counted, so that an older one is dropped when nobody uses it any more."""

import datetime as dt
import json
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from app.database import Database, to_micros
from app.intake.connectors.hook import Delivery, Reading
from app.intake.connectors.teamtailor.hooks import TeamtailorHooks
from app.intake.hook_secrets import HookSecret, add_hook_secret, drop_hook_secret, open_hook_secrets
from app.intake.signed_day import Signed, SignedDay, change_sentence, list_signed
from app.intake.vendors import get_connection
from tests.intake.hooking import Sender, application, encode, find_connection, open_sender
from tests.intake.signing import NOW, TT_KEY, WHSEC, sign_standard, sign_teamtailor
from tests.intake.town import SEALER

HELSINKI = ZoneInfo("Europe/Helsinki")
HOUR = dt.timedelta(hours=1)
OLDER, NEWER = HookSecret("old", to_micros(NOW)), HookSecret("new", to_micros(NOW + HOUR))


@pytest.fixture
def sender(database_url: str) -> Iterator[Sender]:
    database = Database(database_url)
    yield open_sender(database)
    database.close()


def send(sender: Sender, secret: str, number: int) -> int:
    body = encode(application(f"a{number}", number))
    headers = dict(sign_standard(body, secret, at=sender.now, id=f"m{number}"))
    with sender.open() as client:
        return client.post(sender.path, content=body, headers=headers).status_code


def add_secret(sender: Sender) -> str:
    """Let one more secret vouch, of which the door is told as by the page."""
    sender.app.state.hooks.forget(sender.connection_id)
    with sender.database.writing(sender.organisation_id) as session:
        return add_hook_secret(session, get_connection(session, sender.connection_id), sealer=SEALER, now=sender.now)


def told(sender: Sender) -> str:
    live = open_hook_secrets(find_connection(sender), SEALER)
    with sender.database.reading(sender.organisation_id) as session:
        signed = list_signed(session, sender.connection_id, sender.now)
    return change_sentence(live, signed, sender.now, HELSINKI)


def test_a_change_of_secrets_says_when_the_older_one_can_be_dropped(sender: Sender) -> None:
    assert send(sender, WHSEC, 1) == 202
    assert told(sender) == ""
    sender.now += HOUR
    fresh = add_secret(sender)
    assert told(sender) == "No delivery has come by the newer secret yet: keep both."
    sender.now += HOUR
    assert [send(sender, WHSEC, 2), send(sender, WHSEC, 3), send(sender, fresh, 4)] == [202] * 3
    assert told(sender).startswith("2 deliveries still came by the older secret, the last on 2 Mar")
    sender.now += 8 * 24 * HOUR
    assert send(sender, fresh, 5) == 202
    assert told(sender) == (
        "All deliveries of the last seven days came by the newer secret: the older one can be dropped."
    )
    readings = {row.reading for row in sender.rows(SignedDay)}
    assert (readings, sum(row.deliveries for row in sender.rows(SignedDay))) == ({Reading.DECODED}, 5)


def test_what_came_before_the_newer_secret_keeps_the_older_one_from_nothing() -> None:
    before = Signed(OLDER.since, Reading.RAW, 3, 0, NOW)
    after = Signed(NEWER.since, Reading.RAW, 1, 0, NOW + 2 * HOUR)
    said = change_sentence([OLDER, NEWER], [before, after], NOW + 3 * HOUR, HELSINKI)
    assert said.startswith("All deliveries since 2 Mar") and said.endswith("can be dropped.")


def test_what_comes_by_the_older_secret_before_the_door_knows_of_the_newer_one_keeps_it() -> None:
    signed = [
        Signed(OLDER.since, Reading.RAW, 3, 0, NOW + HOUR),
        Signed(NEWER.since, Reading.RAW, 1, 0, NOW + 2 * HOUR),
    ]
    said = change_sentence([OLDER, NEWER], signed, NOW + 3 * HOUR, HELSINKI)
    assert said.startswith("1 delivery still came by the older secret, on 2 Mar")


def test_a_forged_delivery_is_counted_for_no_secret(sender: Sender) -> None:
    assert send(sender, "whsec_" + "A" * 32, 1) == 401
    assert sender.rows(SignedDay) == []


def test_what_comes_late_is_counted_as_late_and_for_its_secret(sender: Sender) -> None:
    body = encode(application("a1", 1))
    with sender.open() as client:
        headers = sender.sign(body, at=NOW - HOUR)
        assert client.post(sender.path, content=body, headers=headers).status_code == 202
    assert sender.day() == {"received": 1, "late": 1}
    (row,) = sender.rows(SignedDay)
    assert (row.deliveries, row.is_older, row.last_at) == (1, False, to_micros(NOW))


def test_secrets_sealed_before_this_was_noted_are_told_apart_by_their_place(sender: Sender) -> None:
    with sender.database.writing(sender.organisation_id) as session:
        connection = get_connection(session, sender.connection_id)
        connection.hook_secrets = SEALER.seal(json.dumps([WHSEC]))
        fresh = add_hook_secret(session, connection, sealer=SEALER, now=NOW)
    live = open_hook_secrets(find_connection(sender), SEALER)
    assert live == (HookSecret(WHSEC, 0), HookSecret(fresh, to_micros(NOW)))
    assert [send(sender, WHSEC, 1), send(sender, fresh, 2)] == [202, 202]
    assert sorted(row.since for row in sender.rows(SignedDay)) == [0, to_micros(NOW)]


def test_a_newer_secret_that_was_a_mistake_is_dropped_and_the_older_one_stays(sender: Sender) -> None:
    fresh = add_secret(sender)
    with sender.database.writing(sender.organisation_id) as session:
        connection = get_connection(session, sender.connection_id)
        drop_hook_secret(session, connection, "newer", sealer=SEALER, now=NOW)
    assert [send(sender, WHSEC, 1), send(sender, fresh, 2)] == [202, 401]


@pytest.mark.parametrize("whole", [True, False])
def test_what_teamtailor_signs_is_told_from_what_it_may_sign(whole: bool) -> None:
    payload = b'{"event_name":"job_application.update","data":{"id":"7"}}'
    body = b'{"payload":' + payload + b"}"
    signed = sign_teamtailor(body if whole else payload, TT_KEY)
    reading = Reading.RAW if whole else Reading.PAYLOAD
    found = TeamtailorHooks().verify(body, signed, ["another", TT_KEY], NOW)
    assert found == Delivery(key=None, secret=1, reading=reading)
