"""Tasks over the API: how far they are, stopping them and trying them again; and what a monitor sees of them."""

import datetime as dt
import uuid

from app.access.token import Role
from app.tasks import claim as claims
from app.tasks.sign import give_sign
from app.tasks.task import enqueue
from tests.support.plan import NOW
from tests.web.conftest import Door


def ask(door: Door, subject: str = "") -> uuid.UUID:
    with door.database.writing(door.ours) as session:
        return enqueue(session, "dig", subject, now=NOW).id


def test_a_task_says_how_far_it_is_and_stops_when_asked(door: Door) -> None:
    task = ask(door)
    with door.database.writing(door.ours) as session:
        claim = claims.claim_this(session, task, "worker", NOW)
        assert claim is not None
        claims.keep(session, claim, NOW, done=20, total=50, message="pit")
    door.clock = NOW + dt.timedelta(seconds=10)
    admin = door.client(Role.ADMINISTRATOR)
    said = admin.get(f"/api/v1/tasks/{task}").json()
    assert (said["state"], said["done"], said["per_second"], said["seconds_left"]) == ("running", 20, 2.0, 15.0)
    assert admin.get("/api/v1/tasks?state=running&kind=dig").json()["items"] == [said]
    assert admin.get("/api/v1/tasks?state=failed").json()["items"] == []
    assert admin.post(f"/api/v1/tasks/{task}/cancel").json()["cancel_asked"] is True
    with door.database.writing(door.ours) as session:
        claims.end_cancelled(session, claim, NOW)
    assert admin.post(f"/api/v1/tasks/{task}/retry").json()["state"] == "queued"
    assert admin.post(f"/api/v1/tasks/{task}/cancel").json()["state"] == "cancelled"


def test_what_cannot_be_asked_of_a_task_is_a_conflict_and_a_foreign_one_is_not_there(door: Door) -> None:
    task = ask(door)
    assert door.client(Role.ADMINISTRATOR).post(f"/api/v1/tasks/{task}/retry").status_code == 409
    stranger = door.client(Role.ADMINISTRATOR, door.theirs)
    assert stranger.get(f"/api/v1/tasks/{task}").status_code == 404
    assert stranger.get("/api/v1/tasks").json()["items"] == []
    assert door.client(Role.VIEWER).get("/api/v1/tasks").status_code == 403


def test_a_monitor_sees_workers_queues_and_how_long_the_oldest_has_waited(door: Door) -> None:
    for subject in ("1", "2"):
        ask(door, subject)
    with door.database.writing() as session:
        give_sign(session, "worker", now=NOW)
    door.clock = NOW + dt.timedelta(seconds=90)
    client = door.stranger()
    assert client.get("/readyz").json() == {"status": "ready", "workers": 1, "oldest_due_seconds": 90.0}
    figures = client.get("/metrics").text
    for line in (
        'kutsu_tasks_waiting{kind="dig"} 2.0',
        'kutsu_tasks_running{kind="dig"} 0.0',
        'kutsu_task_oldest_due_seconds{kind="dig"} 90.0',
        "kutsu_workers 1.0",
    ):
        assert line in figures
