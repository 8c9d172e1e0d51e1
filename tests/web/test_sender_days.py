"""What systems send with a token is counted day by day, and shown beside them on the page “Data in”."""

from typing import Any

from app.access.token import Role
from app.intake.sender_day import Sent, read_sent
from tests.support.client import TestClient
from tests.support.people import COOKIE, EMAIL, add_person, open_session
from tests.support.plan import NOW
from tests.web.conftest import Door

APPLICATION: dict[str, Any] = {
    "id": "a1", "kind": "application", "at": "2026-02-01T09:00:00Z", "person": "p1", "application": "x1",
}  # fmt: skip
OTHER = APPLICATION | {"application": "x2"}
WRONG = {"id": "a2", "kind": "dance"}


def test_what_came_again_contradicted_or_was_refused_is_counted_for_its_system(door: Door) -> None:
    client = door.client(Role.SERVICE)
    for items in ([APPLICATION], [APPLICATION, OTHER], [WRONG]):
        assert client.post("/api/v1/observations", json=items).status_code == 202
    with door.database.reading(door.ours) as session:
        assert list(read_sent(session, NOW).values()) == [Sent(accepted=1, duplicate=1, conflict=1, rejected=1)]
    with door.database.reading(door.theirs) as session:
        assert read_sent(session, NOW) == {}


def test_the_page_says_it_beside_the_system(door: Door) -> None:
    door.client(Role.SERVICE).post("/api/v1/observations", json=[APPLICATION, OTHER, WRONG])
    add_person(door.database, door.ours, EMAIL, Role.ADMINISTRATOR)
    visitor = TestClient(door.app, cookies={COOKIE: open_session(door.app, EMAIL)})
    page = visitor.get("/data", headers={"accept-language": "en"}).text
    assert "1 new observation; 1 contradicted an earlier one; 1 was refused as wrong." in page
