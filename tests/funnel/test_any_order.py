"""The record is a function of the set of facts: no order, repetition, batching or way in can be seen in it."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.database import add_rows, from_micros
from app.funnel.application import Application, Lead, ObservedJob, StageChange
from app.funnel.fact import STANDING, Fact, FactKind, FactRow, read_facts
from app.funnel.person import Person, PersonAlias
from app.funnel.record import replay
from app.funnel.replay import Phase, Place, replay_step
from app.funnel.stage import Stage
from app.funnel.touchpoint import Touchpoint
from tests.funnel.builders import applied, on, touched, void
from tests.funnel.histories import History, histories
from tests.funnel.world import RECORD, World, dump, numbers, rehearsal, tell_in
from tests.support.proofs import Proof

# One world serves all examples of a test: each is rolled back.
ONE_WORLD = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def assert_same_record(world: World, history: History) -> None:
    """Tells a history twice and replays it; all three must give the same rows."""
    with rehearsal(world) as session:
        in_order = tell_in(session, [history.told])
    with rehearsal(world) as session:
        assert tell_in(session, history.batches) == in_order
        replay(session)
        assert dump(session, (FactRow, *RECORD)) == in_order


def spoil(session: Session) -> None:
    """Make the record wrong in every way that a fault might: rows lacking, rows too many, people joined wrongly."""
    for row in (StageChange, ObservedJob, Lead):
        session.execute(delete(row))
    people = session.scalars(select(Person.id).order_by(Person.id)).all()
    if people:
        for of_people in (PersonAlias, Application, Touchpoint):
            session.execute(update(of_people).values(person_id=people[0]).where(of_people.person_id.is_not(None)))
    session.execute(update(Application).values(furthest=Stage.HIRED))
    nobody = b"nobody" + bytes(10)
    add_rows(session, Person, [{"id": nobody}])
    alias = {"reference": nobody, "person_id": nobody, "namespace": "email", "key_version": 1}
    add_rows(session, PersonAlias, [alias])
    add_rows(session, ObservedJob, [{"id": nobody, "system": "none", "title": "None", "titled_at": 0}])
    taken_back = read_facts(session, FactRow.kind == FactKind.TOUCHPOINT.value, ~STANDING)
    add_rows(session, Touchpoint, [_touch(fact) for fact in taken_back])


def _touch(fact: Fact) -> dict[str, Any]:
    """A row as it would stand if nobody had taken its fact back, and was forgotten whose it was."""
    said = {"code": None, "label": None, "host": None, "kind": "click", "person_id": None}
    facts = {name: getattr(fact, name) for name in ("system", "occurred_at", "observed_at", "sequence")}
    return {"id": fact.key, "origin": int(fact.origin), **facts, **said}


def replay_in_steps(session: Session) -> None:
    """Replay a few rows at a time."""
    place: Place | None = Place()
    while place is not None:
        place = replay_step(session, Place.of_json(place.to_json()), dict.fromkeys(Phase, 2))


@settings(suppress_health_check=ONE_WORLD)
@given(history=histories())
def test_any_order_repetition_batching_and_mixture_of_ways_in_gives_the_same_record_as_a_replay(
    sqlite_world: World, history: History
) -> None:
    assert_same_record(sqlite_world, history)


@pytest.mark.postgresql
@settings(suppress_health_check=ONE_WORLD, max_examples=12)
@given(history=histories())
def test_the_same_holds_on_postgresql(postgresql_world: World, history: History) -> None:
    assert_same_record(postgresql_world, history)


@pytest.mark.prove
def test_a_thousand_random_histories_give_no_difference(sqlite_world: World, proof: Proof) -> None:
    told = 0

    @settings(suppress_health_check=ONE_WORLD, max_examples=1000)
    @given(history=histories())
    def tell(history: History) -> None:
        nonlocal told
        assert_same_record(sqlite_world, history)
        told += 1

    tell()
    proof("random histories in any order, repetition, batching and way in: differences", "0 of 1000", f"0 of {told}")


@settings(suppress_health_check=ONE_WORLD, max_examples=20)
@given(history=histories())
def test_a_replay_in_steps_mends_any_record_as_one_at_once_does(sqlite_world: World, history: History) -> None:
    with rehearsal(sqlite_world) as session:
        right = tell_in(session, history.batches)
        spoil(session)
        replay_in_steps(session)
        assert dump(session, (FactRow, *RECORD)) == right


def test_a_replay_in_steps_takes_out_what_lingers_of_an_applicants_touch_that_was_taken_back(
    sqlite_world: World,
) -> None:
    touch = touched(1, "p1", id="t1")
    with rehearsal(sqlite_world) as session:
        right = tell_in(session, [[touch, applied(2, "a1", "p1"), void(3, of=touch, id="v1")]])
        spoil(session)
        assert session.scalars(select(Touchpoint)).all() != []
        replay_in_steps(session)
        assert dump(session, (FactRow, *RECORD)) == right


@settings(suppress_health_check=ONE_WORLD)
@given(history=histories())
def test_what_was_known_on_a_day_is_what_a_replay_of_the_facts_seen_by_then_gives(
    sqlite_world: World, history: History
) -> None:
    with rehearsal(sqlite_world) as session:
        tell_in(session, history.batches)
        known = numbers(session, known_at=from_micros(on(2)))
    with rehearsal(sqlite_world) as session:
        tell_in(session, [[fact for fact in history.told if fact.observed_at < on(2.5)]])
        assert numbers(session) == known
