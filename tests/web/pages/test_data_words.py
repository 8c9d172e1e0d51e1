"""What comes in, in words: deliveries that wait or were refused, and counts that differ from a vendor's."""

import datetime as dt
import uuid
from typing import Any

import pytest

from app.funnel.stage import DecidedBy, Stage
from app.intake.deliveries import Deliveries
from app.intake.inbox import COUNTED
from app.intake.reconcile import CountCheck
from app.intake.stage_map import NamedStage
from app.tasks.task import State, Task
from app.web.pages.count_words import compare_words, counts_sentence, list_gaps, unknown_days
from app.web.pages.delivery_words import deliveries_sentence
from app.web.pages.health_words import data_finding
from app.web.pages.stage_map import list_rows
from app.web.pages.task_words import describe_task
from app.worker.handlers import OBSERVATIONS, REPLAY, SYNC

NOON = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 30)


def came(*, waiting: int = 0, dead: int = 0, since: dt.datetime | None = None, **counts: int) -> Deliveries:
    return Deliveries({**dict.fromkeys(COUNTED, 0), **counts}, None, waiting, since, None, 0, dead, ())


def check(theirs: int, ours: int, day: dt.date = DAY, **differ: int) -> CountCheck:
    counts: dict[str, Any] = {"missing": 0, "erased": 0, "extra": 0, **differ}
    return CountCheck(
        connection_id=uuid.UUID(int=1), day=day, theirs=theirs, ours=ours, differing={}, checked_at=NOON, **counts
    )


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (came(), ""),
        (came(received=2), "2 webhooks in seven days."),
        (came(received=9, duplicate=4, conflict=1),
         "9 webhooks in seven days; 4 came again; 1 contradicted an earlier one."),
        (came(dead=1, waiting=2, since=NOON),
         "1 delivery waits for you; 2 deliveries wait to be read, the oldest since 1 Apr 12:00."),
        (came(refused=3), "3 were refused because their signatures did not fit."),
    ],
)  # fmt: skip
def test_what_waits_for_a_person_comes_first_and_what_is_nought_is_left_out(found: Deliveries, said: str) -> None:
    assert deliveries_sentence(found, dt.UTC) == said


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ([], ""),
        ([check(400, 400), check(12, 12, DAY - dt.timedelta(1))], "They say 412, we have 412: they agree."),
        ([check(12, 10, missing=2)], "They say 12, we have 10: the counts differ on 1 day."),
        ([check(12, 11, erased=1)], "They say 12, we have 11: 1 was erased here."),
        ([check(5, 6, extra=1)], "They say 5, we have 6: the counts differ on 1 day."),
    ],
)
def test_counts_are_told_beside_each_other_with_why_they_differ(checks: list[CountCheck], said: str) -> None:
    assert counts_sentence(checks, DAY + dt.timedelta(1)) == said


def test_of_days_that_could_not_be_compared_it_is_said_that_nothing_is_known() -> None:
    agreeing = [check(412, 412)]
    assert counts_sentence(agreeing, DAY + dt.timedelta(2)) == "They say 412, we have 412: they agree."
    said = counts_sentence(agreeing, DAY + dt.timedelta(3))
    assert said.endswith("they agree. Of the days since 31 Mar 2026 it is not known: nothing was compared then.")
    assert unknown_days(agreeing, DAY + dt.timedelta(3)) == [DAY + dt.timedelta(2), DAY + dt.timedelta(1)]


def test_only_the_days_that_differ_are_listed_each_kind_with_its_remedy() -> None:
    agreeing, lacking, beyond = check(1, 1), check(3, 1, missing=2), check(1, 2, extra=1)
    compared = compare_words([agreeing, lacking], "Tea", dt.UTC, DAY)
    assert compared is not None
    assert [(day.theirs, day.ours, day.missing) for day in compared.days] == [("3", "1", "2")]
    assert len(compared.remedies) == 1
    assert '`kutsu reconcile "Tea" --bring`' in compared.remedies[0]
    both = compare_words([lacking, beyond], "Tea", dt.UTC, DAY)
    assert both is not None
    assert "deleted or merged" in both.remedies[1]
    assert compare_words([], "Tea", dt.UTC, DAY) is None


def test_days_that_were_not_compared_have_a_row_among_those_that_differ() -> None:
    def back(days: int) -> dt.date:
        return DAY - dt.timedelta(days)

    checks = [check(3, 1, back(3), missing=2), check(5, 5, back(4)), check(1, 2, back(8), extra=1)]
    assert list_gaps(checks, DAY) == [(back(2), back(1)), (back(7), back(5))]
    compared = compare_words(checks, "Tea", dt.UTC, DAY)
    assert compared is not None
    assert [(row.day, row.is_known) for row in compared.days] == [
        ("28–29 Mar 2026", False), ("27 Mar 2026", True), ("23–25 Mar 2026", False), ("22 Mar 2026", True),
    ]  # fmt: skip
    assert list_gaps(checks[:2], back(1)) == [], "yesterday may wait for its comparison"


def test_nothing_to_do_is_said_where_the_counts_agree() -> None:
    compared = compare_words([check(1, 1)], "Tea", dt.UTC, DAY)
    assert compared is not None
    assert (compared.days, compared.remedies) == ([], [])
    assert compared.when == "Applications made from 30 Mar 2026 to 30 Mar 2026, compared on 1 Apr 12:00."


def test_no_connection_is_no_fault() -> None:
    assert data_finding([], [], [], dt.UTC).startswith("No system is connected yet")


@pytest.mark.parametrize(
    ("kind", "done", "total", "said"),
    [
        (REPLAY, 0, 50, "Has begun."),
        (SYNC, 20, None, "20 records read, 2.0 a second."),
        (REPLAY, 20, 50, "20 of 50 done, 2.0 a second, about 15 seconds left."),
        (OBSERVATIONS, 20, None, "20 done, 2.0 a second."),
    ],
)
def test_work_says_how_far_it_is_how_fast_and_what_is_left_as_far_as_that_is_known(
    kind: str, done: int, total: int | None, said: str
) -> None:
    begun = NOON - dt.timedelta(seconds=10)
    task = Task(id=uuid.UUID(int=1), kind=kind, state=State.RUNNING, done=done, total=total, started_at=begun)
    assert describe_task(task, NOON).text == said


@pytest.mark.parametrize(
    ("stage", "several", "offered"),
    [(Stage.OFFER, False, "Proposed: Offer"), (None, True, "Not said yet"), (None, False, "Not said yet")],
)
def test_a_stage_that_is_left_to_its_proposal_offers_it_only_where_it_holds(
    stage: Stage | None, several: bool, offered: str
) -> None:
    named = NamedStage("Tarjous", ("1",), None, stage, False, several, DecidedBy.PROPOSAL, Stage.OFFER, 3, 2)
    (row,) = list_rows([named], {})
    assert row.options[0] == ("", offered, True)
