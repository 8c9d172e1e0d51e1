"""A connection that takes deliveries, and what is asked of the inbox in tests."""

import datetime as dt
import json
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, text

from app.access.organisation import create_organisation
from app.database import Database, to_micros
from app.intake.connection import Connection
from app.intake.connectors.hook import Delivery
from app.intake.hook_secrets import add_hook_secret
from app.intake.hook_source import find_hook_source
from app.intake.inbox import INBOX, HookDay, InboxRow
from app.intake.inbox_projection import Projected, project_inbox
from app.intake.sealing import Sealer
from app.intake.vendors import connect, get_connection
from app.reports.funnel import report_funnel
from app.reports.scope import Scope
from app.web.application import create_app
from app.web.limits import Rate, Rates
from tests.intake.signing import NOW, TT_KEY, WHSEC, sign_standard
from tests.intake.town import DAY, SEALER, SECRET, START, Account
from tests.support.client import TestClient

SETTLED = dt.timedelta(hours=2)
OPEN = Rates(hooks=Rate(1_000_000, 1_000_000), address=Rate(1_000_000, 1_000_000))


@dataclass
class Sender:
    """A system that sends observations as Standard Webhooks, and the door that it sends to; `now` is both clocks."""

    database: Database
    organisation_id: uuid.UUID
    connection_id: uuid.UUID
    now: dt.datetime = NOW
    rates: Rates = field(default_factory=lambda: OPEN)

    def __post_init__(self) -> None:
        self.app = create_app(self.database, SECRET, clock=lambda: self.now, sealer=SEALER, rates=self.rates)

    @property
    def path(self) -> str:
        return f"/hooks/{self.connection_id}"

    def open(self) -> TestClient:
        """The running application, to be entered."""
        return TestClient(self.app, raise_server_exceptions=False)

    def sign(self, body: bytes, **said: Any) -> dict[str, str]:
        """The headers of a delivery."""
        return dict(sign_standard(body, WHSEC, **{"at": self.now, **said}))

    def rows(self, row: type[Any] = InboxRow, *order: Any) -> Sequence[Any]:
        """All rows of a table."""
        with self.database.reading(self.organisation_id) as session:
            return session.scalars(select(row).order_by(*order)).all()

    def project(self, sealer: Sealer = SEALER) -> None:
        """Let all that waits come into the record."""
        now = self.now + SETTLED
        while project_inbox(
            self.database, self.organisation_id, SECRET, sealer=sealer, clock=lambda: now, limit=100_000
        ).taken:
            pass

    def reported(self) -> int:
        """How many applications a report counts."""
        with self.database.reading(self.organisation_id) as session:
            scope = Scope(organisation_id=self.organisation_id, now=self.now + DAY)
            return report_funnel(session, scope).totals.applications

    def day(self) -> Mapping[str, int]:
        """What the one day counted that is not zero."""
        (day,) = self.rows(HookDay)
        counted = ("received", "duplicate", "late", "refused", "oversize", "conflict", "dead")
        return {name: getattr(day, name) for name in counted if getattr(day, name)}


class Inbox:
    """Puts deliveries in an account's inbox as the door does, and projects them; `now` is the clock."""

    def __init__(self, database: Database, organisation_id: uuid.UUID, connection_id: uuid.UUID, client: Any) -> None:
        self.database, self.organisation_id, self.connection_id = database, organisation_id, connection_id
        self.client, self.now = client, START + 30 * DAY
        self.number = 0

    def receive(self, body: bytes, *, key: str | None = None, on_time: bool = True, covers_body: bool = True) -> None:
        self.receive_all([(key, body)], on_time=on_time, covers_body=covers_body)

    def receive_all(
        self, deliveries: Iterable[tuple[str | None, bytes]], *, on_time: bool = True, covers_body: bool = True
    ) -> None:
        """One after the other, each given as its key and its body."""
        source = find_hook_source(self.database, self.connection_id, SEALER, to_micros(self.now))
        assert source is not None
        columns = [column.name for column in INBOX.columns]
        with self.database.writing(self.organisation_id) as session:
            for key, body in deliveries:
                self.number += 1
                delivery = Delivery(key=key, on_time=on_time, covers_body=covers_body)
                row = source.make_row(delivery, {}, body, to_micros(self.now) + self.number)
                session.add(InboxRow(**dict(zip(columns, row, strict=True))))

    def event(self, name: str, id: int, **said: Any) -> None:
        """A company webhook of Teamtailor's."""
        self.receive(
            json.dumps({"payload": {"event_name": name, "data": {"id": str(id)}}, "n": self.number}).encode(), **said
        )

    def project(self, after: dt.timedelta = SETTLED, sealer: Sealer = SEALER) -> Projected:
        self.now += after
        return project_inbox(
            self.database, self.organisation_id, SECRET, sealer=sealer, clock=lambda: self.now, client_for=self.client
        )

    def rows(self, row: type[Any] = InboxRow) -> Any:
        with self.database.reading(self.organisation_id) as session:
            order = row.received_at if row is InboxRow else None
            return session.scalars(select(row).order_by(order)).all()

    def states(self) -> list[str]:
        return [row.state for row in self.rows()]


def open_sender(database: Database, *, name: str = "Own system", sealer: Sealer = SEALER) -> Sender:
    """An organisation with a connection that takes Standard Webhooks."""
    with database.writing() as session:
        organisation = create_organisation(session, f"City of {name}", now=NOW).id
    with database.writing(organisation) as session:
        connection = connect(session, "standard", name, "any", {}, sealer=sealer, now=NOW)
        add_hook_secret(session, connection, sealer=sealer, now=NOW, secret=WHSEC)
        return Sender(database, organisation, connection.id)


def hook_at(account: Account) -> Inbox:
    """The inbox of an account at an ATS."""
    with account.database.writing(account.organisation_id) as session:
        connection = get_connection(session, account.connection.id)
        add_hook_secret(session, connection, sealer=SEALER, now=START, secret=TT_KEY)
    return Inbox(account.database, account.organisation_id, account.connection.id, account.client)


def find_connection(sender: Sender) -> Connection:
    """The sender's connection as it stands."""
    (connection,) = sender.rows(Connection)
    found: Connection = connection
    return found


def application(id: str, number: int | str, at: str = "2026-03-01T09:00:00Z", **said: Any) -> dict[str, Any]:
    """An observation of an application."""
    return {
        "id": id, "kind": "application", "at": at, "person": f"p{number}", "application": f"x{number}", **said,
    }  # fmt: skip


def encode(*items: Any) -> bytes:
    """The body of a delivery."""
    return json.dumps(items[0] if len(items) == 1 else list(items)).encode()


@contextmanager
def locked(sender: Sender, seconds: float | None = None) -> Iterator[None]:
    """Nobody else can write to the inbox for so long, or for as long as the block takes: SQLite's write lock or
    PostgreSQL's of the table is held."""
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with sender.database.writing(sender.organisation_id) as session:
            session.connection()
            if not sender.database.is_sqlite:
                session.execute(text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
            held.set()
            over.wait(seconds)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(60)
    try:
        yield
    finally:
        if seconds is None:
            over.set()
        holder.join()
