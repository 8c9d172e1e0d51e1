"""Long work on Today: what somebody asked for is seen while it runs, and what it did when it has ended."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from app.intake.inbox import PROJECT
from app.tasks.task import Asker, State, Task, enqueue, get_task
from app.web.pages.task_words import result_words
from app.worker.handlers import OBSERVATIONS, RECONCILE, REPLAY, RETENTION, SYNC
from tests.support.people import add_person, browser_of
from tests.web.pages.office import Office, open_office
from tests.web.pages.test_plan_pages import words

ASKED = (Asker.USER, "somebody")


@pytest.fixture
def office(sqlite_file_url: str) -> Iterator[Office]:
    with open_office(sqlite_file_url) as office:
        yield office


def ask(office: Office, kind: str = REPLAY, asked: tuple[Asker, str] = ASKED, **parts: Any) -> uuid.UUID:
    """Put a task in the queue and make it stand as it is said to."""
    with office.database.writing(office.organisation) as session:
        task = enqueue(session, kind, now=office.now, asked=asked)
        for name, value in parts.items():
            setattr(task, name, value)
        return task.id


def today(office: Office, email: str | None = None) -> str:
    browser = browser_of(office.app, email) if email else browser_of(office.app)
    return browser.get("/").text


def test_work_that_somebody_asked_for_is_seen_while_it_runs_with_its_pace_and_may_be_left(office: Office) -> None:
    began = office.now - dt.timedelta(seconds=100)
    ask(office, state=State.RUNNING, started_at=began, lease_until=office.now, done=250, total=1000)
    text = today(office)
    assert '<section id="work" data-live>' in text
    said = words(text)
    assert "Computing the whole record anew" in said
    assert "250 of 1,000 done, 2.5 a second, about 5 minutes left." in said
    assert "You can leave this page; the result will be on Today." in said
    assert 'aria-label="Stop: Computing the whole record anew"' in text


def test_what_it_did_stands_there_when_it_has_ended_with_the_way_to_see_it(office: Office) -> None:
    ask(office)
    office.work()
    text = today(office)
    assert "data-live" not in text
    assert "Computing the whole record anew Done on" in words(text)
    assert "0 applications computed." in words(text)
    assert '<a href="/data">Open it</a>' in text


def test_what_waits_is_taken_back_and_may_be_tried_again(office: Office) -> None:
    key = ask(office)
    browser = browser_of(office.app)
    assert browser.post(f"/data/work/{key}/stop").status_code == 303
    text = browser.get("/").text
    assert "Computing the whole record anew Stopped on" in words(text)
    assert 'aria-label="Try again: Computing the whole record anew"' in text
    browser.post(f"/data/work/{key}/again")
    with office.database.reading(office.organisation) as session:
        assert get_task(session, key).state == State.QUEUED


def test_who_does_not_administer_sees_it_and_stops_nothing(office: Office) -> None:
    from app.access.token import Role

    add_person(office.database, office.organisation, "viewer@kivikoski.example", Role.VIEWER)
    ask(office)
    text = today(office, "viewer@kivikoski.example")
    assert "Computing the whole record anew" in text
    assert "/stop" not in text


def test_what_is_done_by_itself_stands_there_only_when_it_failed(office: Office) -> None:
    by_itself = (Asker.SYSTEM, "")
    ask(office, RETENTION, by_itself, state=State.DONE, finished_at=office.now)
    ask(office, PROJECT, by_itself, state=State.FAILED, finished_at=office.now, error="The disk is full.")
    said = words(today(office))
    assert "Deleting what has been kept long enough" not in said
    assert "Reading what waits in the inbox Failed on" in said
    assert "The disk is full." in said


def test_after_a_week_it_is_gone(office: Office) -> None:
    ask(office, state=State.DONE, finished_at=office.now - dt.timedelta(days=8))
    assert "Long work" not in today(office)


@pytest.mark.parametrize(
    ("kind", "result", "said"),
    [
        (SYNC, {"read": 1200, "stored": 3, "text": "…"}, "1,200 read, 3 of them new."),
        (PROJECT, {"taken": 7, "text": "…"}, "7 deliveries read."),
        (RECONCILE, {"theirs": 412, "ours": 410, "missing": 2}, "They say 412, we have 410; 2 are not here."),
        (REPLAY, {"applications": 9}, "9 applications computed."),
        (OBSERVATIONS, {"accepted": 5, "duplicate": 4, "conflict": 1, "rejected": 2, "rejects": "file"},
         "5 taken in, 4 were here already, 1 contradict what is here, 2 were refused."),
        (RETENTION, {"tasks": 1, "keys": 0, "ended": 0}, ""),
        (SYNC, {}, ""),
    ],
)  # fmt: skip
def test_every_kind_of_work_says_what_it_did(kind: str, result: dict[str, Any], said: str) -> None:
    assert result_words(Task(kind=kind, result=result)) == said
