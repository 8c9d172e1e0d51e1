"""What a journey is, and what counts as wholly observed."""

import subprocess
import sys

import numpy as np
import pytest

from app.measurement import Cause, Journeys
from tests.measurement.build import journeys_of


def test_reached_out_and_pending_add_up_to_all() -> None:
    journeys = journeys_of((3, 10, Cause.ADVANCED, 40), (2, 5, Cause.OUT, 40), (4, 40, Cause.PENDING, 40))
    assert (journeys.reached_count, journeys.out_count, journeys.pending_count) == (3, 2, 4)
    assert len(journeys) == 9


def test_an_event_of_the_current_part_week_is_not_counted_yet() -> None:
    watched_to_the_end_of_the_week = journeys_of((1, 15, Cause.ADVANCED, 21))
    cut_within_the_week = journeys_of((1, 15, Cause.ADVANCED, 20))
    assert watched_to_the_end_of_the_week.decided_in_observed_week(Cause.ADVANCED).tolist() == [True]
    assert cut_within_the_week.decided_in_observed_week(Cause.ADVANCED).tolist() == [False]
    assert cut_within_the_week.risk_weeks().tolist() == [2]


def test_those_who_went_out_stay_at_risk_to_the_end_of_their_own_follow_up() -> None:
    journeys = journeys_of((1, 8, Cause.OUT, 70), (1, 8, Cause.ADVANCED, 70), (1, 70, Cause.PENDING, 70))
    assert journeys.risk_weeks().tolist() == [10, 2, 10]


def test_nobody_is_watched_for_more_than_26_weeks() -> None:
    journeys = journeys_of((1, 300, Cause.ADVANCED, 400), (1, 181, Cause.ADVANCED, 400))
    assert journeys.observed_weeks().tolist() == [26, 26]
    assert journeys.decided_in_observed_week(Cause.ADVANCED).tolist() == [False, True]
    assert journeys.risk_weeks().tolist() == [26, 26]


def test_selecting_keeps_the_journeys_that_are_asked_for() -> None:
    journeys = journeys_of((2, 10, Cause.ADVANCED, 40), (1, 40, Cause.PENDING, 40))
    assert journeys.select(np.array([False, True, True])).cause.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("wait", "cause", "follow_up", "problem"),
    [
        ([5], [3], [9], "cause must be"),
        ([-1], [1], [9], "between 0 and follow_up"),
        ([10], [1], [9], "between 0 and follow_up"),
        ([5], [0], [9], "waits until"),
        ([5, 6], [1], [9, 9], "cause must be 2 whole numbers"),
        ([5.0], [1], [9], "wait must be 1 whole numbers"),
        ([[5]], [1], [9], "wait must be"),
    ],
)
def test_journeys_that_cannot_be_are_refused(
    wait: list[int], cause: list[int], follow_up: list[int], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        Journeys(np.array(wait), np.array(cause), np.array(follow_up))


def test_importing_measurement_does_not_load_scipy() -> None:
    command = "import sys, app.measurement; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0
