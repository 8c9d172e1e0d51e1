"""Erasure forgets who it was for good, and changes no number."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from app.database import Base, from_micros
from app.funnel.erasure import erase_person, find_speaking_of_erased
from app.funnel.fact import Fact, FactRow
from app.funnel.person import Tombstone
from app.funnel.record import replay
from tests.funnel.builders import (
    HOUR,
    applied,
    entered,
    lead,
    merged,
    on,
    ref,
    rejected,
    reopened,
    snapshot,
    touched,
    unhired,
    void,
)
from tests.funnel.histories import facts
from tests.funnel.test_any_order import ONE_WORLD
from tests.funnel.world import HELSINKI, World, dump, numbers, rehearsal, tell_in

DAYS = [*(dt.date(2026, 1, day) for day in range(1, 8)), None]
LIFE = [
    touched(0.1, "p1"),
    touched(0.2, "p1", email="e1", code="abc234"),
    touched(0.3, email="e1"),
    merged(0.35, "p9", into="p1"),
    lead(0.4, "p9"),
    applied(0.4, "x1", "p1", job="j1", job_title="Doctor", code="h7k2mq", specialty="gp"),
    entered(2.05, "hired"),
    unhired(2.1),
    entered(2.15, "hired"),
    unhired(4),
    rejected(5),
    reopened(5.1),
    rejected(5.2),
    snapshot(3, "interview", "x2", "p9", applied=1.1, entered=2.2, out=("withdrawn", 2.9), email="e1"),
]
OTHERS = [applied(1, "x7", "p7", job="j1", job_title="Doctor"), entered(3, "interview", "x7"), touched(0.5, "p7")]
REFERENCES = ["p1", "p9", "e1", "x1", "x2"]


def bytes_of(world: World) -> bytes:
    """All that lies on the disk for an SQLite world."""
    with world.database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    path = Path(str(world.database.url.database))
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def test_every_report_is_the_same_before_and_after(world: World) -> None:
    world.tell(*LIFE, *OTHERS)
    with world.database.reading(world.id) as session:
        before = [numbers(session, as_of=day) for day in DAYS]
        known = [numbers(session, known_at=from_micros(on(day))) for day in range(7)]
    assert world.erase("p1") == len(LIFE)
    with world.database.reading(world.id) as session:
        assert [numbers(session, as_of=day) for day in DAYS] == before
        assert [numbers(session, known_at=from_micros(on(day))) for day in range(7)] == known
    record = world.record()
    world.replay()
    assert world.record() == record


@settings(suppress_health_check=ONE_WORLD, max_examples=40)
@given(told=facts(), person=st.sampled_from(["p1", "p2", "e1"]), day=st.sampled_from(DAYS))
def test_erasing_anybody_out_of_any_history_changes_no_number(
    sqlite_world: World, told: list[Fact], person: str, day: dt.date | None
) -> None:
    with rehearsal(sqlite_world) as session:
        tell_in(session, [told])
        before, known = numbers(session, as_of=day), numbers(session, known_at=from_micros(on(2)))
        erase_person(session, ref(person), HELSINKI)
        session.expunge_all()
        assert numbers(session, as_of=day) == before
        # A fact that named the wrong person loses its hour while the rest of its application keeps theirs, so how
        # they followed on each other within the day, before it was taken back, can no longer be told.
        void = {fact.voids for fact in told}
        if not any(fact.key in void and fact.application is not None for fact in told):
            assert numbers(session, known_at=from_micros(on(2))) == known
        record = dump(session)
        assert ref(person) not in all_values(dump(session, [FactRow])) | all_values(record)
        replay(session)
        assert dump(session) == record


def all_values(tables: dict[str, list[dict[str, object]]]) -> set[object]:
    return {value for rows in tables.values() for row in rows for value in row.values() if isinstance(value, bytes)} | {
        bytes.fromhex(value)
        for row in tables.get("fact", [])
        for name, value in dict(row["payload"]).items()  # type: ignore[call-overload]
        if name in ("email", "into") and value
    }


def test_no_table_but_the_tombstones_holds_a_reference_of_the_person(world: World) -> None:
    world.tell(*LIFE, *OTHERS)
    world.erase("p1")
    wanted = {form for name in REFERENCES for form in (ref(name).hex(), str(ref(name)))}
    with world.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            rows = str([tuple(row) for row in session.execute(select(table))])
            found = {name for name in wanted if name in rows}
            assert not found or table.name == "tombstone", table.name


def test_no_byte_of_the_file_holds_the_persons_references_but_the_tombstones(sqlite_world: World) -> None:
    sqlite_world.tell(*LIFE, *OTHERS)
    before = bytes_of(sqlite_world)
    assert all(before.count(ref(name)) + before.count(ref(name).hex().encode()) for name in REFERENCES)
    sqlite_world.erase("p1")
    with sqlite_world.database.writing() as session:
        session.execute(Tombstone.__table__.delete())  # type: ignore[attr-defined]
    after = bytes_of(sqlite_world)
    assert {
        name: after.count(ref(name)) + after.count(ref(name).hex().encode()) for name in REFERENCES
    } == dict.fromkeys(REFERENCES, 0)
    for fact in LIFE:
        assert fact.key not in after, "made of the references, so it would give them away"
        assert fact.digest not in after


def test_times_keep_only_the_local_day_and_their_order(world: World) -> None:
    world.tell(*LIFE)
    with world.database.reading(world.id) as session:
        kinds = list(session.scalars(select(FactRow.kind).order_by(FactRow.occurred_at, FactRow.sequence)))
    world.erase("p1")
    with world.database.reading(world.id) as session:
        rows = session.scalars(select(FactRow).order_by(FactRow.occurred_at, FactRow.sequence)).all()
        assert [row.kind for row in rows] == kinds
        instants = [row.occurred_at for row in rows] + [row.observed_at for row in rows]
        instants += [
            row.payload[name] for row in rows for name in ("applied_at", "entered_at", "out_at") if name in row.payload
        ]
    for instant in instants:
        local = from_micros(instant).astimezone(HELSINKI)
        assert (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)


def test_a_day_is_the_local_one_even_late_in_the_evening(world: World) -> None:
    late = applied(0.49)  # 23:45 in Helsinki, 21:45 UTC
    assert from_micros(late.occurred_at + HOUR).astimezone(HELSINKI).date() == dt.date(2026, 1, 2)
    world.tell(late)
    world.erase("p1")
    (day,) = world.columns().applied
    assert dt.date.fromordinal(int(day)) == dt.date(2026, 1, 1)


def test_erasing_the_same_person_again_does_no_harm(world: World) -> None:
    world.tell(*LIFE)
    world.erase("p1")
    record = world.record()
    assert [world.erase(name) for name in ("p1", "p9", "e1")] == [0, 0, 0]
    assert world.record() == record


def test_whoever_was_never_seen_is_remembered_as_erased(world: World) -> None:
    assert world.erase("p5") == 0
    with world.database.writing(world.id) as session:
        assert find_speaking_of_erased(session, [applied(1, "x5", "p5")], HELSINKI) == {applied(1, "x5", "p5").key}


@pytest.mark.parametrize(
    "fact",
    [
        applied(9, "x8", "p1"),
        entered(9, "offer", "x1"),
        touched(9, "p9"),
        touched(9, email="e1"),
        touched(9, "p8", email="e1"),
        merged(9, "p8", into="p1"),
        merged(9, "p9", into="p8"),
        lead(9, "p1"),
    ],
    ids=lambda fact: f"{fact.kind}",
)
def test_whatever_speaks_of_an_erased_person_is_told_apart(world: World, fact: Fact) -> None:
    world.tell(*LIFE)
    world.erase("p9")
    harmless = touched(9, "p8")
    with world.database.writing(world.id) as session:
        assert find_speaking_of_erased(session, [fact, harmless], HELSINKI) == {fact.key}


def test_an_application_that_is_learnt_later_to_be_an_erased_persons_is_erased_too(world: World) -> None:
    early = entered(1.3, "interview", "x6")
    world.tell(early)
    world.erase("p6")
    late = applied(0.7, "x6", "p6")
    with world.database.writing(world.id) as session:
        assert find_speaking_of_erased(session, [late, entered(2, "offer", "x6")], HELSINKI) == {
            late.key,
            entered(2, "offer", "x6").key,
        }
    with world.database.reading(world.id) as session:
        (row,) = session.scalars(select(FactRow))
        assert row.application != ref("x6") and row.key != early.key


def test_erasing_somebody_named_by_mistake_leaves_the_application_with_whom_it_is_of(world: World) -> None:
    mistaken = applied(0, "x1", "p2", id="a1")
    world.tell(mistaken, void(0.1, of=mistaken), applied(0, "x1", "p1", id="a2"), touched(0, "p1"))
    world.erase("p2")
    assert world.person_of("x1") == ref("p1")
    with world.database.reading(world.id) as session:
        assert not {ref("p2")} & {row.person for row in session.scalars(select(FactRow))}


def test_what_was_taken_back_stays_taken_back(world: World) -> None:
    twice = touched(0.5, "p1", id="t1")
    world.tell(*LIFE, twice, void(1, of=twice))
    world.erase("p1")
    assert len(world.record()["touchpoint"]) == 3
    world.replay()
    assert len(world.record()["touchpoint"]) == 3


def test_the_database_is_opened_so_that_deleted_bytes_are_overwritten(sqlite_world: World) -> None:
    with sqlite_world.database.reading() as session:
        assert session.scalar(text("PRAGMA secure_delete")) == 1
