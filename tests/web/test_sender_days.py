"""What systems send with a token is counted day by day, and shown beside them on the page “Data in”."""

from typing import Any

import httpx
from sqlalchemy import text

from app.access.token import Role
from app.database import lock
from app.intake.sender_day import RefusedCounts, Sent, read_sent
from tests.support.client import TestClient
from tests.support.people import COOKIE, EMAIL, add_person, open_session
from tests.support.plan import NOW
from tests.support.server import serving
from tests.web.conftest import Door

APPLICATION: dict[str, Any] = {
    "id": "a1", "kind": "application", "at": "2026-02-01T09:00:00Z", "person": "p1", "application": "x1",
}  # fmt: skip
OTHER = APPLICATION | {"application": "x2"}
WRONG = {"id": "a2", "kind": "dance"}
CLICK = {
    "id": "a3", "kind": "touchpoint", "type": "click", "at": "2026-02-01T09:00:00Z", "tracking_code": "h7k2mq",
}  # fmt: skip
"""What is refused while the tracking mode is off."""


def test_what_came_again_contradicted_or_was_refused_is_counted_for_its_system(door: Door) -> None:
    client = door.client(Role.SERVICE)
    for items in ([APPLICATION], [APPLICATION, OTHER], [WRONG]):
        assert client.post("/api/v1/observations", json=items).status_code == 202
    with door.database.reading(door.ours) as session:
        assert list(read_sent(session, NOW).values()) == [Sent(accepted=1, duplicate=1, conflict=1, rejected=1)]
    with door.database.reading(door.theirs) as session:
        assert read_sent(session, NOW) == {}


def test_what_holds_nothing_to_store_is_answered_while_the_store_is_locked_and_counted_after_it(door: Door) -> None:
    headers = {"Authorization": f"Bearer {door.token(Role.SERVICE)}"}
    with serving(door.app) as url, httpx.Client(base_url=url, headers=headers, timeout=20) as client:
        client.post("/api/v1/observations", json=[WRONG])  # once a minute the use of its token is noted
        with door.database.writing(door.ours) as session:
            session.connection()
            lock(session, f"intake:{door.ours}")
            answers = [client.post("/api/v1/observations", json=items).json() for items in ([WRONG], [WRONG, CLICK])]
    assert [len(one["rejected"]) for one in answers] == [1, 2]
    with door.database.reading(door.ours) as session:
        assert list(read_sent(session, NOW).values()) == [Sent(accepted=0, duplicate=0, conflict=0, rejected=4)]


def test_what_the_store_did_not_take_is_counted_with_what_is_refused_next(door: Door) -> None:
    counts = RefusedCounts(door.database)
    counts.add(door.ours, "tests", 2, NOW)
    with door.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE sender_day RENAME TO aside"))
    counts.write()
    with door.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE aside RENAME TO sender_day"))
    counts.add(door.ours, "tests", 1, NOW)
    counts.write()
    with door.database.reading(door.ours) as session:
        assert read_sent(session, NOW)["tests"].rejected == 3


def test_the_page_says_it_beside_the_system(door: Door) -> None:
    door.client(Role.SERVICE).post("/api/v1/observations", json=[APPLICATION, OTHER, WRONG])
    add_person(door.database, door.ours, EMAIL, Role.ADMINISTRATOR)
    visitor = TestClient(door.app, cookies={COOKIE: open_session(door.app, EMAIL)})
    page = visitor.get("/data", headers={"accept-language": "en"}).text
    assert "1 new observation; 1 contradicted an earlier one; 1 was refused as wrong." in page
