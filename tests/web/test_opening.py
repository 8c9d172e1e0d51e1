"""Deliveries are taken from a server's first moment on, and all the rest as soon as it is loaded."""

import threading
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from app.database import Database
from app.web.application import build_app
from app.web.opening import Doors, Opening
from tests.intake.hooking import Sender, application, encode, open_sender
from tests.intake.town import SEALER, SECRET

BODY, OTHER = encode(application("a1", 1)), encode(application("a2", 2))


@pytest.fixture
def sender(sqlite_file_url: str) -> Iterator[Sender]:
    database = Database(sqlite_file_url)
    yield open_sender(database)
    database.close()


class Loading:
    """The rest of an application, which comes when it is let, or not at all."""

    def __init__(self, sender: Sender, *, breaks: bool = False) -> None:
        self.sender, self.breaks = sender, breaks
        self.let, self.given_up = threading.Event(), threading.Event()
        self.opening = Opening(
            Doors(sender.database, SEALER, lambda: sender.now), self._load, give_up=self.given_up.set
        )

    def _load(self, doors: Doors) -> ASGIApp:
        assert self.let.wait(60)
        if self.breaks:
            raise RuntimeError
        return build_app(doors, SECRET)

    def deliver(self, client: TestClient, body: bytes) -> int:
        status: int = client.post(self.sender.path, content=body, headers=self.sender.sign(body)).status_code
        return status


def test_deliveries_are_taken_before_the_rest_is_loaded_and_after(sender: Sender) -> None:
    loading = Loading(sender)
    with TestClient(loading.opening) as client:
        assert loading.deliver(client, BODY) == 202
        assert len(sender.rows()) == 1
        loading.let.set()
        assert client.get("/healthz").status_code == 200
        assert loading.deliver(client, OTHER) == 202
        counted = 'kutsu_requests_total{method="POST",route="/hooks/{connection_id}",status="202"} 2.0'
        assert counted in client.get("/metrics").text
    assert sender.day() == {"received": 2}


def test_what_is_no_delivery_waits_for_the_rest(sender: Sender) -> None:
    loading = Loading(sender)
    answered: list[int] = []
    with TestClient(loading.opening) as client:
        asking = threading.Thread(target=lambda: answered.append(client.get("/healthz").status_code))
        asking.start()
        assert loading.deliver(client, BODY) == 202
        assert answered == []
        loading.let.set()
        asking.join(60)
    assert answered == [200]


def test_a_server_that_cannot_be_loaded_whole_ends_and_keeps_what_it_took(
    sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    loading = Loading(sender, breaks=True)
    with TestClient(loading.opening, raise_server_exceptions=False) as client:
        assert loading.deliver(client, BODY) == 202
        loading.let.set()
        assert loading.given_up.wait(60)
    assert "could not be loaded whole" in caplog.text
    assert len(sender.rows()) == 1
    assert sender.day() == {"received": 1}
