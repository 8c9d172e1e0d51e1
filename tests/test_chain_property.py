"""Whatever the chain and wherever the rows: a session sees exactly its own rows and what is shared with it."""

import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.organisation import Organisation, create_organisation
from app.database import Database, seeing_units
from app.funnel.application import Application
from app.funnel.person import Tombstone
from app.planning.channel import Channel, ChannelKind, CostModel
from tests.reports.builders import EARLY

ORGANISATIONS = 5
places = st.integers(0, ORGANISATIONS - 1)
chains = st.tuples(*(st.one_of(st.none(), st.integers(0, number - 1)) for number in range(1, ORGANISATIONS)))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


class World:
    """Organisations by number: whose unit each is, who shares channels, who owns which rows."""

    def __init__(self, session: Session, parents: tuple[int | None, ...], sharing: set[int]) -> None:
        self.parents = (None, *parents)
        self.sharing = sharing
        self.made: list[Organisation] = []
        for number, parent in enumerate(self.parents):
            above = None if parent is None else self.made[parent]
            one = create_organisation(session, uuid.uuid4().hex, now=EARLY, parent=above)
            one.shares_channels = number in sharing
            self.made.append(one)
        session.flush()
        self.ids = [one.id for one in self.made]

    def above(self, number: int) -> set[int]:
        parent = self.parents[number]
        return set() if parent is None else {parent} | self.above(parent)

    def below(self, number: int) -> set[int]:
        return {other for other in range(ORGANISATIONS) if number in self.above(other)}


def application(owner: uuid.UUID, unit: uuid.UUID | None) -> Application:
    return Application(
        id=uuid.uuid4().bytes, organisation_id=owner, unit_id=unit, system="hr", applied_at=0, time_quality=0,
        furthest=0, current=0, unmapped=0, observed_at=0, origin=1,
    )  # fmt: skip


def channel(owner: uuid.UUID, name: str) -> Channel:
    return Channel(
        organisation_id=owner, name=name, kind=ChannelKind.RADIO, cost_model=CostModel.FREE,
        created_at=EARLY, updated_at=EARLY,
    )  # fmt: skip


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(
    parents=chains,
    sharing=st.sets(places),
    placed=st.lists(st.tuples(places, st.one_of(st.none(), places)), max_size=8),
    asker=places,
    units=st.booleans(),
)
def test_a_session_sees_exactly_its_own_rows_and_what_is_shared_or_placed(
    database: Database,
    parents: tuple[int | None, ...],
    sharing: set[int],
    placed: list[tuple[int, int | None]],
    asker: int,
    units: bool,
) -> None:
    with database.writing() as session:
        world = World(session, parents, sharing)
        channels, tombstones, applications = {}, {}, {}
        for number, id in enumerate(world.ids):
            channels[number] = channel(id, "Radio")
            tombstones[number] = Tombstone(organisation_id=id, reference=uuid.uuid4().bytes)
        for order, (owner, unit) in enumerate(placed):
            where = unit if unit in world.below(owner) else None
            applications[order] = (
                owner,
                where,
                application(world.ids[owner], None if where is None else world.ids[where]),
            )
        session.add_all(
            [*channels.values(), *tombstones.values(), *(row for _owner, _where, row in applications.values())]
        )
        session.flush()
        channel_ids = {number: row.id for number, row in channels.items()}
        references = {number: row.reference for number, row in tombstones.items()}
        application_ids = {order: row.id for order, (_owner, _where, row) in applications.items()}
    within = {asker} | (world.below(asker) if units else set())
    shared = within | (world.above(asker) & sharing)
    with database.reading(world.ids[asker]) as session:
        if units:
            with seeing_units(session):
                seen = look(session)
        else:
            seen = look(session)
    assert seen[0] == {channel_ids[number] for number in shared}
    assert seen[1] == {references[number] for number in within}
    assert seen[2] == {
        application_ids[order]
        for order, (owner, where, _row) in applications.items()
        if owner in within or where in within
    }


def look(session: Session) -> tuple[set[uuid.UUID], set[bytes], set[bytes]]:
    return (
        set(session.scalars(select(Channel.id))),
        set(session.scalars(select(Tombstone.reference))),
        set(session.scalars(select(Application.id))),
    )
