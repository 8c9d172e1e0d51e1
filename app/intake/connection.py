"""A connection: one account at an applicant tracking system, with its sealed credentials."""

import datetime as dt
import enum
import uuid
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, OfOrganisation
from app.intake.connectors.page import CompanySeen
from app.planning.row import PlanRow
from app.tasks.said_text import SaidText


class ConnectionState(enum.StrEnum):
    """Whether a connection is read: a paused one keeps its key, a disconnected one only what was read."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISCONNECTED = "disconnected"


class Connection(PlanRow, Base):
    """Where to pull from; `base_url` stands in for the vendor's own address in tests and the demo. `company` is whose
    account it is by the vendor's own key, None where it has not said so."""

    __tablename__ = "connection"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    vendor: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    region: Mapped[str] = mapped_column(String(20))
    base_url: Mapped[str | None] = mapped_column(String(500))
    credentials: Mapped[bytes] = mapped_column(LargeBinary)
    hook_scheme: Mapped[str | None] = mapped_column(String(40))
    hook_secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    hook_settings: Mapped[dict[str, Any] | None]
    company: Mapped[str | None] = mapped_column(String(80))
    company_name: Mapped[str | None] = mapped_column(String(200))
    paused_at: Mapped[dt.datetime | None]
    disconnected_at: Mapped[dt.datetime | None]

    @property
    def state(self) -> ConnectionState:
        if self.disconnected_at is not None:
            return ConnectionState.DISCONNECTED
        return ConnectionState.ACTIVE if self.paused_at is None else ConnectionState.PAUSED

    @property
    def known_company(self) -> CompanySeen | None:
        """Whose account it is, if the vendor has said so."""
        return None if self.company is None else CompanySeen(ref=self.company, name=self.company_name or self.company)

    @property
    def system(self) -> str:
        """The name under which this connection's facts are kept."""
        return f"{self.vendor}:{self.id}"


def keep_company(session: Session, connection: Connection, seen: CompanySeen | None) -> None:
    """Keep whose account its key opens, or that this is not known any more; not once it has been given another key."""
    session.flush()
    same_key = (Connection.id == connection.id, Connection.credentials == connection.credentials)
    ref, name = (None, None) if seen is None else (seen.ref, seen.name)
    session.execute(update(Connection).where(*same_key).values(company=ref, company_name=name))


def find_vendor(session: Session) -> str | None:
    """The ATS whose parameter the organisation's links carry: the one that is connected, if it is one."""
    vendors = session.scalars(select(Connection.vendor).distinct().limit(2)).all()
    return vendors[0] if len(vendors) == 1 else None


class SyncCursor(OfOrganisation, Base):
    """How far one stream of a connection has been read; moved in the transaction that stores its page."""

    __tablename__ = "sync_cursor"

    connection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    stream: Mapped[str] = mapped_column(String(40), primary_key=True)
    cursor: Mapped[dict[str, Any]]
    updated_at: Mapped[dt.datetime]


class SyncRun(OfOrganisation, Base):
    """One pull: what was read, what was skipped and why, which codes came back, and how it ended."""

    __tablename__ = "sync_run"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("connection.id"), index=True)
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    state: Mapped[str] = mapped_column(String(12))
    error: Mapped[str | None] = mapped_column(SaidText(1000))
    read: Mapped[int] = mapped_column(default=0)
    stored: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[dict[str, Any]]
    codes: Mapped[dict[str, Any]]
