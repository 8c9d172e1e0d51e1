"""Compared counts over the API: the days with what differs, and the task that brings what is not here."""

import datetime as dt
import uuid

import pytest

from app.access.token import Role
from app.intake.connection_changes import disconnect
from app.intake.reconcile import CountCheck
from app.intake.sealing import Sealer
from app.intake.vendors import connect
from app.tasks.task import find_open
from app.worker.handlers import BRING
from tests.support.plan import NOW
from tests.web.conftest import Door

DAY = dt.date(2026, 2, 27)
REFERENCE = "0a" * 16


@pytest.fixture
def place(door: Door) -> str:
    """Where the counts of a connection stand that agrees on one day and lacks one application of the next."""
    with door.database.writing(door.ours) as session:
        id = connect(session, "teamtailor", "ATS", "eu", {"key": "k"}, sealer=Sealer([b"k" * 32]), now=NOW).id
        for day, theirs, missing in ((DAY, 412, 0), (DAY + dt.timedelta(1), 3, 1)):
            session.add(CountCheck(
                connection_id=id, day=day, theirs=theirs, ours=theirs - missing, missing=missing, erased=0, extra=0,
                differing={"missing": [REFERENCE] * missing, "extra": []}, checked_at=NOW,
            ))  # fmt: skip
    return f"/api/v1/connections/{id}/counts"


def test_each_day_tells_what_they_say_and_what_we_have_and_what_differs(door: Door, place: str) -> None:
    items = door.client(Role.VIEWER).get(place).json()["items"]
    agreeing = {
        "day": "2026-02-27", "theirs": 412, "ours": 412, "missing": 0, "erased": 0, "extra": 0, "agrees": True,
        "compared_at": "2026-03-01T09:00:00Z", "differing": [],
    }  # fmt: skip
    assert items[1] == agreeing
    assert (items[0]["theirs"], items[0]["ours"], items[0]["agrees"]) == (3, 2, False)
    assert items[0]["differing"] == [{"reference": REFERENCE, "reason": "missing", "job": None}]
    assert len(door.client(Role.VIEWER).get(place, params={"days": 1}).json()["items"]) == 1


def test_an_administrator_asks_for_what_is_not_here_and_is_told_the_one_task_that_brings_it(
    door: Door, place: str
) -> None:
    client = door.client(Role.ADMINISTRATOR)
    asked = client.post(f"{place}/bring")
    assert (asked.status_code, asked.json()["kind"], asked.json()["state"]) == (202, BRING, "queued")
    assert client.post(f"{place}/bring").json()["id"] == asked.json()["id"]
    assert client.get(f"/api/v1/tasks/{asked.json()['id']}").status_code == 200
    assert door.client(Role.MARKETER).post(f"{place}/bring").status_code == 403


def test_nothing_is_asked_of_a_system_that_was_disconnected(door: Door, place: str) -> None:
    with door.database.writing(door.ours) as session:
        id = place.split("/")[4]
        disconnect(session, uuid.UUID(id), revision=None, now=NOW)
    assert door.client(Role.ADMINISTRATOR).post(f"{place}/bring").status_code == 409
    with door.database.reading(door.ours) as session:
        assert find_open(session, BRING, id) is None
