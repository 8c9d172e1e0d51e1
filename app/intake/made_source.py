"""Sources that somebody has to make by hand in an applicant tracking system, because it keeps only those that were made
there: one for each placement, under a name that carries its code, ticked off with who and when."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column

from app.access.audit import LONGEST_NAME, Actor, ActorKind, audited
from app.database import Base, OfOrganisation, organisation_of
from app.errors import Conflict
from app.i18n import _
from app.intake.connection import Connection, ConnectionState
from app.planning.placement import Placement, PlacementStatus
from app.planning.row import get_row_to_change, move_revision

BY_HAND = frozenset({"greenhouse"})
"""The systems that know only the sources and tracking links that were made in them."""
LONGEST_SOURCE = 200


class MadeSource(OfOrganisation, Base):
    """That the source of a placement was made in a connected system."""

    __tablename__ = "made_source"
    counts_as_data = False

    connection_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    placement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("placement.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_SOURCE))
    actor_kind: Mapped[ActorKind] = mapped_column(String(10))
    actor_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    at: Mapped[dt.datetime]


audited(MadeSource)


@dataclass(frozen=True, slots=True)
class SourceByHand:
    """A placement's source in one system: the name to type there, and who made it when."""

    connection: Connection
    placement: Placement
    name: str
    made: MadeSource | None


def name_source(placement: Placement) -> str:
    """What the source is to be called, so that whoever comes by it is known by the placement's code."""
    code = f" k-{placement.tracking_code}"
    return placement.name[: LONGEST_SOURCE - len(code)].rstrip() + code


def list_sources(
    session: Session, *, connection_id: uuid.UUID | None = None, campaign_id: uuid.UUID | None = None
) -> list[SourceByHand]:
    """The sources of one system or campaign, those first that are still to be made; of a placement that has ended only
    one that was made."""
    connections = [
        one
        for one in session.scalars(select(Connection).order_by(Connection.name))
        if connection_id in (None, one.id) and makes_sources(one)
    ]
    if not connections:
        return []
    made = {(one.connection_id, one.placement_id): one for one in session.scalars(select(MadeSource))}
    wanted = select(Placement).options(joinedload(Placement.campaign)).order_by(Placement.starts_on, Placement.name)
    wanted = wanted.where(Placement.organisation_id == organisation_of(session))
    if campaign_id is not None:
        wanted = wanted.where(Placement.campaign_id == campaign_id)
    ended = Placement.status == PlacementStatus.ENDED
    ticked = Placement.id.in_([placement for _connection, placement in made])
    placements = session.scalars(wanted.where(or_(~ended, ticked))).all()
    found = [
        SourceByHand(connection, one, ticket.name if ticket else name_source(one), ticket)
        for connection in connections
        for one in placements
        for ticket in [made.get((connection.id, one.id))]
        if ticket or one.status != PlacementStatus.ENDED
    ]
    return sorted(found, key=lambda one: one.made is not None)


def makes_sources(connection: Connection) -> bool:
    """Whether sources are made by hand in this system, and it is read."""
    return connection.vendor in BY_HAND and connection.state is not ConnectionState.DISCONNECTED


def tick_source(
    session: Session, connection: Connection, placement_id: uuid.UUID, actor: Actor, *, now: dt.datetime
) -> MadeSource:
    """Say that a placement's source was made. Raises Conflict where none is made by hand; once said it stays said."""
    placement = get_row_to_change(session, Placement, placement_id, None)
    if not makes_sources(connection):
        raise Conflict(_("No sources are made by hand in “%(name)s”.", name=connection.name))
    found = _find(session, connection.id, placement_id)
    if found is not None:
        return found
    made = MadeSource(
        connection_id=connection.id, placement_id=placement_id, name=name_source(placement),
        actor_kind=actor.kind, actor_name=actor.name[:LONGEST_NAME], at=now,
    )  # fmt: skip
    session.add(made)
    placement.ats_source_ref = made.name
    move_revision(session, placement, now)
    session.flush()
    return made


def untick_source(session: Session, connection_id: uuid.UUID, placement_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Say that a placement's source was not made after all."""
    placement = get_row_to_change(session, Placement, placement_id, None)
    made = _find(session, connection_id, placement_id)
    if made is None:
        return
    session.delete(made)
    session.flush()
    if placement.ats_source_ref == made.name:
        elsewhere = select(MadeSource.name).where(MadeSource.placement_id == placement_id)
        placement.ats_source_ref = session.scalars(elsewhere.limit(1)).first()
        move_revision(session, placement, now)


def _find(session: Session, connection_id: uuid.UUID, placement_id: uuid.UUID) -> MadeSource | None:
    here = (MadeSource.connection_id == connection_id, MadeSource.placement_id == placement_id)
    return session.scalar(select(MadeSource).where(*here))
