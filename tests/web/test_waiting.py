"""Numbers say what is not in them yet: the deliveries that wait, beside each answer and on the pages."""

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from app.access.token import Role, create_token
from app.database import Database
from app.intake.inbox import InboxRow, State
from app.intake.inbox_projection import project_inbox
from tests.intake.hooking import Sender, application, encode, open_sender
from tests.intake.signing import NOW
from tests.intake.town import SEALER, SECRET
from tests.support.client import TestClient
from tests.support.people import add_person, browser_of

REPORTS = ("/api/v1/reports/effectiveness", "/api/v1/reports/funnel")
PAGES = ("/", "/funnel", "/verdicts")
SAID = "2 deliveries are not mapped or could not be read"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def fill(sender: Sender) -> None:
    """One delivery that nobody can read, one that waits for a mapping, and one that waits."""
    with sender.open() as client:

        def deliver(body: bytes, id: str) -> None:
            assert client.post(sender.path, content=body, headers=sender.sign(body, id=id)).status_code == 202

        deliver(b"{", "m1")
        deliver(encode(application("a1", 1)), "m2")
        project_inbox(sender.database, sender.organisation_id, SECRET, sealer=SEALER, clock=lambda: sender.now)
        with sender.database.writing(sender.organisation_id) as session:
            done = update(InboxRow).where(InboxRow.state == State.DONE.value)
            session.execute(done.values(state=State.NEEDS_MAPPING.value))
        deliver(encode(application("a2", 2)), "m3")


def client_of(sender: Sender) -> TestClient:
    with sender.database.writing(sender.organisation_id) as session:
        token = create_token(session, "tests", Role.MARKETER, now=NOW)
    return TestClient(sender.app, headers={"Authorization": f"Bearer {token}"})


def test_answers_say_how_many_deliveries_wait_in_the_organisation_that_asks(database: Database) -> None:
    sender, other = open_sender(database), open_sender(database, name="Other")
    fill(sender)
    for path in REPORTS:
        assert client_of(sender).get(path).json()["data"]["waiting"] == {"needs_mapping": 1, "dead": 1, "received": 1}
        assert client_of(other).get(path).json()["data"]["waiting"] == {"needs_mapping": 0, "dead": 0, "received": 0}


def test_pages_say_how_many_deliveries_wait_for_somebody_when_some_do(database: Database) -> None:
    sender = open_sender(database)
    add_person(database, sender.organisation_id)
    reader, finnish = browser_of(sender.app), browser_of(sender.app, language="fi")
    assert [SAID in reader.get(path).text for path in PAGES] == [False, False, False]
    fill(sender)
    assert [SAID in reader.get(path).text for path in PAGES] == [True, True, True]
    assert "2 toimitusta on selittämättömässä vaiheessa tai jäi lukematta" in finnish.get("/funnel").text
