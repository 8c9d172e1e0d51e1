"""The rules of counting, one by one: from a few lines of facts to the row of the application."""

import dataclasses
import datetime as dt
import itertools
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import select

from app.database import from_micros
from app.funnel.columns import NEVER
from app.funnel.fact import Fact, FactRow, Origin, TimeQuality
from app.funnel.projection import Projected, project
from app.funnel.record import count_waiting
from app.funnel.stage import OutcomeKind, Stage, StageMap, StageMapping
from tests.funnel.builders import (
    DAY,
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
    transferred,
    unhired,
    void,
    withdrawn,
)
from tests.funnel.world import World

VENDOR = StageMap({"17": Stage.SCREENED, "18": Stage.INTERVIEW, "19": Stage.HIRED})


def story(*facts: Fact, stages: StageMap = VENDOR) -> Projected:
    """The application that the facts tell of."""
    projected = project(facts, stages)
    assert projected is not None
    return projected


def spans(told: Projected) -> list[tuple[str, float, float | None]]:
    """Each change and exit with the days since and until when it counts."""
    changes = [(change.stage.slug, change.occurred_at, change.undone_at) for change in told.changes]
    exits = [(exit.kind.value, exit.occurred_at, exit.undone_at) for exit in told.exits]
    every = sorted([*changes, *exits], key=lambda span: span[1])
    return [(name, _days(since), None if until is None else _days(until)) for name, since, until in every]


def _days(micros: int) -> float:
    return (micros - on(0)) / DAY


def days(values: NDArray[np.int32]) -> list[int | None]:
    """Ordinals as days of the story."""
    return [None if value == NEVER else int(value) - dt.date(2026, 1, 1).toordinal() for value in values]


# Rule 1


def test_a_stage_reached_implies_the_earlier_ones_and_invents_no_row_for_them(world: World) -> None:
    world.tell(applied(0), entered(5, "interview"))
    assert [row["stage"] for row in world.rows("stage_change")] == [Stage.INTERVIEW]
    assert days(world.columns().reached[0]) == [0, 5, 5, None, None, None]


def test_hired_is_a_stage_and_no_outcome() -> None:
    told = story(applied(0), entered(9, "hired"))
    assert (told.furthest, told.outcome) == (Stage.HIRED, None)


@pytest.mark.parametrize(("out", "kind"), [(rejected, "rejected"), (withdrawn, "withdrawn")])
def test_rejected_and_withdrawn_are_out(out: Callable[[float], Fact], kind: str) -> None:
    assert story(applied(0), out(3)).outcome == OutcomeKind(kind)


# Rule 2


def test_moved_back_keeps_the_furthest_stage_and_shows_where_it_is_now() -> None:
    told = story(applied(0), entered(3, "offer"), entered(5, "screened"))
    assert (told.furthest, told.current) == (Stage.OFFER, Stage.SCREENED)


def test_a_rejection_that_is_undone_leaves_the_application_open() -> None:
    told = story(applied(0), rejected(3), reopened(5))
    assert told.outcome is None
    assert spans(told) == [("rejected", 3, 5)]


def test_a_rejection_its_undoing_and_a_second_rejection_are_three_facts(world: World) -> None:
    world.tell(applied(0), rejected(3), reopened(5), rejected(7))
    with world.database.reading(world.id) as session:
        assert len(session.scalars(select(FactRow)).all()) == 4
    assert world.application()["outcome"] == "rejected"
    assert [(row["occurred_at"], row["undone_at"]) for row in world.rows("outcome")] == [(on(3), on(5)), (on(7), None)]


def test_the_first_of_two_equal_rejections_counts() -> None:
    assert spans(story(applied(0), rejected(3), rejected(7))) == [("rejected", 3, None)]


def test_a_withdrawal_after_a_rejection_takes_its_place() -> None:
    told = story(applied(0), rejected(3), withdrawn(5))
    assert told.outcome == OutcomeKind.WITHDRAWN
    assert spans(told) == [("rejected", 3, 5), ("withdrawn", 5, None)]


def test_an_unhired_applicant_came_as_far_as_the_offer() -> None:
    told = story(applied(0), entered(9, "hired"), entered(20, "started"), unhired(25))
    assert (told.furthest, told.current) == (Stage.OFFER, Stage.OFFER)
    assert spans(told) == [("hired", 9, 25), ("started", 20, 25)]


def test_moved_back_from_hired_is_unhired() -> None:
    told = story(applied(0), entered(9, "hired"), entered(12, "interview"))
    assert (told.furthest, told.current) == (Stage.OFFER, Stage.INTERVIEW)


def test_hired_again_after_an_undone_hire_is_hired() -> None:
    told = story(applied(0), entered(9, "hired"), unhired(12), entered(15, "hired"))
    assert told.furthest == Stage.HIRED
    assert spans(told) == [("hired", 9, 12), ("hired", 15, None)]


def test_undoing_a_hire_that_never_was_moves_nobody_on() -> None:
    told = story(applied(0), entered(3, "screened"), unhired(5))
    assert (told.furthest, told.current) == (Stage.SCREENED, Stage.SCREENED)


def test_a_person_with_two_applications_is_one_person_and_two_applications(world: World) -> None:
    world.tell(applied(0, "x1", "p1"), applied(1, "x2", "p1"))
    assert world.person_of("x1") == world.person_of("x2")
    assert (world.columns().count, len(set(world.columns().person))) == (2, 1)


def test_as_of_a_day_an_undone_hire_still_stood(world: World) -> None:
    world.tell(applied(0), entered(3, "hired"), unhired(6))
    standing = world.columns(as_of=dt.date(2026, 1, 5))
    assert days(standing.reached[0]) == [0, 3, 3, 3, 3, None]
    assert days(world.columns().reached[0]) == [0, 3, 3, 3, None, None]


def test_as_of_a_day_an_undone_rejection_still_stood(world: World) -> None:
    world.tell(applied(0), rejected(3), reopened(6))
    assert days(world.columns(as_of=dt.date(2026, 1, 6)).out) == [3]
    assert days(world.columns(as_of=dt.date(2026, 1, 7)).out) == [None]


# Rule 3


def test_the_same_fact_by_two_ways_is_one_row_with_the_first_time_and_both_ways(world: World) -> None:
    seen = [touched(1, id="t"), lead(1, id="l"), applied(1, id="a"), entered(2, "offer", id="s"), rejected(3, id="o")]
    world.tell(*(dataclasses.replace(one, observed_at=on(9), origin=Origin.POLL) for one in seen))
    world.tell(*(dataclasses.replace(one, observed_at=on(8), origin=Origin.WEBHOOK) for one in seen))
    record = world.record()
    for table in ("touchpoint", "lead", "application", "stage_change", "outcome"):
        (row,) = record[table]
        assert (row["observed_at"], row["origin"]) == (on(8), Origin.POLL | Origin.WEBHOOK), table
    world.replay()
    assert world.record() == record


def test_the_same_fact_twice_in_one_batch_keeps_the_first_time_and_both_ways(world: World) -> None:
    one = touched(1, id="t")
    world.tell(dataclasses.replace(one, origin=Origin.POLL), dataclasses.replace(one, observed_at=on(0.5)))
    (row,) = world.record()["touchpoint"]
    assert (row["observed_at"], row["origin"]) == (on(0.5), Origin.POLL | Origin.API)


def test_a_stage_change_and_the_snapshot_that_shows_it_support_one_change() -> None:
    told = story(
        applied(0),
        entered(5, "18", seen=5, origin=Origin.WEBHOOK),
        snapshot(6, "18", entered=5, seen=7),
    )
    (change,) = told.changes
    assert (change.observed_at, change.origin) == (on(5), Origin.WEBHOOK | Origin.POLL)


def test_a_rejection_and_the_snapshot_that_shows_it_support_one_exit() -> None:
    told = story(applied(0), rejected(5, seen=9), snapshot(6, None, out=("rejected", 5), seen=7))
    (exit,) = told.exits
    assert (exit.observed_at, exit.origin) == (on(7), Origin.API | Origin.POLL)


def test_first_is_what_happened_first_and_not_what_arrived_first(world: World) -> None:
    world.tell(applied(4, code="zzz999", id="late"))
    world.tell(applied(2, code="h7k2mq", id="early"))
    assert (world.application()["applied_at"], world.application()["code"]) == (on(2), "h7k2mq")


def test_a_later_stage_at_the_same_instant_comes_later() -> None:
    assert story(applied(0), entered(3, "offer"), entered(3, "screened")).current == Stage.OFFER


def test_a_stage_change_may_come_before_its_application(world: World) -> None:
    world.tell(entered(3, "interview"))
    assert world.record()["application"] == []
    world.tell(applied(0))
    assert world.application()["furthest"] == Stage.INTERVIEW


def test_applications_that_are_spoken_of_but_not_seen_are_counted(world: World) -> None:
    mistake = entered(3, "interview", "x3")
    world.tell(applied(0), entered(1, "screened"), entered(3, "interview", "x2"), entered(4, "offer", "x2"), mistake)
    with world.database.reading(world.id) as session:
        assert count_waiting(session) == 2
    world.tell(void(5, of=mistake))
    with world.database.reading(world.id) as session:
        assert count_waiting(session) == 1


def test_a_void_may_come_before_what_it_takes_back(world: World) -> None:
    rejection = rejected(3, id="o")
    world.tell(void(4, of=rejection))
    world.tell(applied(0), rejection)
    assert world.application()["outcome"] is None


def test_a_job_is_called_what_was_stated_last_whatever_came_first(world: World) -> None:
    world.tell(applied(5, job="j1", job_title="Doctor, Kontula"))
    world.tell(applied(2, "x2", job="j1", job_title="Doctor"))
    assert [row["title"] for row in world.record()["observed_job"]] == ["Doctor, Kontula"]


# What polls see


def test_a_snapshot_with_the_time_of_its_stage_is_exact_and_one_without_is_inferred() -> None:
    stated = story(snapshot(6, "17", entered=4))
    assert [(change.occurred_at, change.time_quality) for change in stated.changes] == [(on(4), TimeQuality.EXACT)]
    inferred = story(snapshot(6, "17"))
    assert [(change.occurred_at, change.time_quality) for change in inferred.changes] == [(on(6), TimeQuality.INFERRED)]


def test_a_snapshot_that_is_no_longer_out_opens_the_application_again() -> None:
    told = story(snapshot(3, "17", out=("rejected", 3)), snapshot(5, "17"))
    assert told.outcome is None
    assert spans(told) == [("screened", 3, None), ("rejected", 3, 5)]


def test_a_second_snapshot_in_the_same_stage_is_no_second_change() -> None:
    assert len(story(snapshot(3, "17"), snapshot(5, "17", label="Fair")).changes) == 1


def test_coming_back_to_a_stage_is_a_change_of_its_own() -> None:
    told = story(applied(0), entered(1, "17"), entered(2, "18"), entered(3, "17"))
    assert [_days(change.occurred_at) for change in told.changes] == [1, 2, 3]


def test_a_vendor_that_repeats_an_old_time_adds_no_second_row(world: World) -> None:
    world.tell(
        snapshot(3, "offer", entered=1), snapshot(4, "interview", entered=2), snapshot(5, "offer", entered=1),
        snapshot(6, "offer", entered=1, out=("rejected", 6)), snapshot(7, "offer", entered=1),
        snapshot(8, "offer", entered=1, out=("withdrawn", 6)),
    )  # fmt: skip
    assert [row["stage"] for row in world.rows("stage_change")] == [Stage.OFFER, Stage.INTERVIEW]
    (exit,) = world.rows("outcome")
    assert (exit["kind"], exit["undone_at"]) == ("withdrawn", None)


def test_an_exit_that_is_dated_back_takes_the_place_of_the_one_that_stood() -> None:
    told = story(applied(0), withdrawn(3), reopened(4), rejected(6), snapshot(8, None, out=("withdrawn", 3)))
    assert told.outcome == OutcomeKind.WITHDRAWN
    assert [exit.kind for exit in told.exits if exit.undone_at is None] == [OutcomeKind.WITHDRAWN]


def test_an_unknown_stage_counts_as_unmapped_and_a_map_made_later_reads_it(world: World) -> None:
    world.tell(applied(0), entered(3, "vendor 42"))
    assert (world.application()["unmapped"], world.application()["furthest"]) == (1, Stage.APPLIED)
    with world.database.writing(world.id) as session:
        session.add(StageMapping(system="system:hr", stage_ref="vendor 42", name="Chat", stage=int(Stage.INTERVIEW)))
    world.replay()
    assert (world.application()["unmapped"], world.application()["furthest"]) == (0, Stage.INTERVIEW)


# Taking back


def test_a_void_takes_back_a_stage_change(world: World) -> None:
    mistake = entered(5, "hired", id="s")
    world.tell(applied(0), entered(3, "interview"), mistake)
    world.tell(void(6, of=mistake))
    assert world.application()["furthest"] == Stage.INTERVIEW


def test_a_void_of_the_only_word_of_an_application_takes_it_out(world: World) -> None:
    only = applied(0, job="j1", job_title="Doctor", id="a")
    world.tell(only, entered(3, "interview"))
    world.tell(void(6, of=only))
    assert {name: rows for name, rows in world.record().items() if rows} == {}


@pytest.mark.parametrize("mistake", [touched(1, id="t"), lead(1, id="l")], ids=["touchpoint", "lead"])
def test_a_void_takes_back_a_touchpoint_or_a_lead_with_its_person(world: World, mistake: Fact) -> None:
    world.tell(mistake)
    world.tell(void(2, of=mistake))
    assert {name: rows for name, rows in world.record().items() if rows} == {}


def test_people_joined_by_mistake_come_apart_again(world: World) -> None:
    mistake = merged(2, "p1", into="p2", id="m")
    world.tell(applied(0, "x1", "p1"), applied(0, "x2", "p2"), touched(0, "p2"))
    before = world.record()
    world.tell(mistake)
    assert world.person_of("x1") == world.person_of("x2") == min(ref("p1"), ref("p2"))
    world.tell(void(3, of=mistake))
    assert world.record() == before


def test_people_joined_by_an_address_come_apart_when_it_is_taken_back(world: World) -> None:
    mistake = touched(0, "p1", email="e1", id="t")
    world.tell(mistake, touched(0, "p2", email="e1"), applied(1, "x1", "p1"), applied(1, "x2", "p2"))
    assert world.person_of("x1") == world.person_of("x2")
    world.tell(void(3, of=mistake))
    assert world.person_of("x1") == ref("p1")
    assert world.person_of("x2") == min(ref("p2"), ref("e1"))


# People


def test_an_application_said_to_be_of_two_is_of_one_person(world: World) -> None:
    world.tell(snapshot(1, "17", "x1", "p1"), applied(0, "x2", "p2"))
    world.tell(snapshot(2, "17", "x1", "p2"))
    assert world.person_of("x1") == world.person_of("x2")


def test_an_application_is_of_one_person_though_something_of_it_is_taken_back_in_the_same_call(world: World) -> None:
    mistake = entered(2, "interview", id="s")
    wrong = applied(3, "x1", "p3", id="a")
    world.tell(applied(0, "x1", "p1"), mistake)
    world.tell(void(4, of=mistake), wrong, void(4, of=wrong), applied(1, "x1", "p2"))
    assert [row["id"] for row in world.record()["person"]] == [min(ref("p1"), ref("p2"))]


def test_a_long_chain_of_merges_ends_in_one_person(world: World) -> None:
    names = [f"person {number}" for number in range(3000)]
    names.sort(key=ref, reverse=True)
    world.tell(*(merged(1, one, into=other) for one, other in itertools.pairwise(names)))
    assert [row["id"] for row in world.record()["person"]] == [min(map(ref, names))]


def test_an_address_is_known_by_its_own_namespace_whatever_came_first(world: World) -> None:
    world.tell(touched(1, email="e1"), touched(2, "p1", email="e1"))
    namespaces = {row["reference"]: row["namespace"] for row in world.record()["person_alias"]}
    assert namespaces == {ref("e1"): "email", ref("p1"): "system:hr"}


# Sources and jobs


def test_the_source_stated_first_is_not_overwritten() -> None:
    told = story(snapshot(1, "17"), snapshot(2, "17", label="linkedin"), snapshot(3, "17", label="fair"))
    assert told.source["label"] == "linkedin"


def test_a_transferred_application_is_to_the_job_it_was_moved_to_last() -> None:
    told = story(applied(0, job="j1"), transferred(3, "j3"), transferred(2, "j2"))
    assert told.job == ref("j3")


# Rule 5 and 8, as columns


def test_who_applied_after_the_day_is_not_counted_yet(world: World) -> None:
    world.tell(applied(0, "x1"), applied(5, "x2", "p2"))
    assert world.columns(as_of=dt.date(2026, 1, 5)).count == 1


def test_nobody_is_out_or_anywhere_before_applying_when_clocks_disagree(world: World) -> None:
    world.tell(applied(5, "x1"), entered(3, "interview"), rejected(2))
    columns = world.columns()
    assert (days(columns.reached[0]), days(columns.out)) == ([5, 5, 5, None, None, None], [5])
    assert (columns.through >= columns.applied).all()


def test_what_was_seen_later_that_day_is_known_that_day(world: World) -> None:
    world.tell(applied(0, seen=0.2), entered(1, "interview", seen=3))
    assert days(world.columns(known_at=from_micros(on(0))).reached[0]) == [0, None, None, None, None, None]
    assert world.columns(known_at=from_micros(on(-1))).count == 0
