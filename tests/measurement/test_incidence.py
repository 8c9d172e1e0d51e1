"""The share reached by a day, and how long reaching takes, against another program and by hand."""

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.measurement import Cause, IncidencePoint, Journeys, Why, days_to_stage, estimate_incidence
from app.measurement.intervals import proportion_interval
from tests.measurement.build import journeys_of
from tests.measurement.campaigns import Design, draw_campaign
from tests.measurement.figures import measure_incidence

REFERENCE = Path(__file__).parents[1] / "reference"


def women_of_mgus2(event: int) -> Journeys:
    """Months stand for days; `event` (1 progression, 2 death) is taken for the advance, the other for out."""
    with (REFERENCE / "mgus2_women.csv").open() as file:
        rows = [{name: int(value) for name, value in row.items()} for row in csv.DictReader(file)]
    causes = {0: Cause.PENDING, event: Cause.ADVANCED, 3 - event: Cause.OUT}
    return journeys_of(
        *(
            (row["women"], row["months"], causes[row["event"]], row["months"] if not row["event"] else 424)
            for row in rows
        )
    )


def test_reference_data_are_the_ones_their_manifest_describes() -> None:
    for name, entry in json.loads((REFERENCE / "manifest.json").read_text()).items():
        assert hashlib.sha256((REFERENCE / name).read_bytes()).hexdigest() == entry["sha256"]
        assert entry["licence"]


def test_progression_of_women_with_mgus_is_what_r_survival_says() -> None:
    """Expected: R, survival::survfit(Surv(etime, event) ~ sex, mgus2), estimates and standard errors."""
    points = estimate_incidence(women_of_mgus2(1), (60, 120, 240))
    assert [point.estimate for point in points] == pytest.approx([0.03978962, 0.07388566, 0.10494067], abs=1e-8)
    assert [point.standard_error for point in points] == pytest.approx([0.00779833, 0.01076980, 0.01426296], abs=1e-8)


def test_death_of_women_with_mgus_is_what_r_survival_says() -> None:
    points = estimate_incidence(women_of_mgus2(2), (60, 120, 240))
    assert [point.estimate for point in points] == pytest.approx([0.26396515, 0.48049005, 0.69530780], abs=1e-8)


def test_a_curve_worked_by_hand() -> None:
    """Days 1 to 6, one each: pending, out, out, advanced, advanced, pending.

    At risk 5 4 3 2 on the four decisions; still waiting before the fourth 3/5, before the fifth 2/5:
    3/5 · 1/3 + 2/5 · 1/2 = 0.4.
    """
    journeys = journeys_of(
        (1, 1, Cause.PENDING, 1),
        (1, 2, Cause.OUT, 6),
        (1, 3, Cause.OUT, 6),
        (1, 4, Cause.ADVANCED, 6),
        (1, 5, Cause.ADVANCED, 6),
        (1, 6, Cause.PENDING, 6),
    )
    (point,) = estimate_incidence(journeys, (6,))
    assert point.estimate == pytest.approx(0.4)
    assert point.at_risk == 1


def test_with_everybody_followed_it_is_the_plain_share_and_its_binomial_error() -> None:
    journeys = journeys_of((6, 20, Cause.ADVANCED, 200), (10, 5, Cause.OUT, 200), (4, 200, Cause.PENDING, 200))
    (point,) = estimate_incidence(journeys, (120,))
    assert point.estimate == pytest.approx(0.3)
    assert point.standard_error == pytest.approx((0.3 * 0.7 / 20) ** 0.5)
    assert point.why is None


def test_everyone_decided_under_full_follow_up_is_not_too_early() -> None:
    journeys = journeys_of((10, 20, Cause.ADVANCED, 150), (10, 5, Cause.OUT, 150))
    (point,) = estimate_incidence(journeys, (120,))
    assert point.estimate == pytest.approx(0.5)
    assert (point.at_risk, point.why) == (0, None)


def test_it_is_too_early_while_fewer_than_five_have_been_followed_so_far() -> None:
    four = journeys_of((4, 130, Cause.PENDING, 130), (60, 40, Cause.PENDING, 40), (9, 9, Cause.ADVANCED, 40))
    five = journeys_of((5, 130, Cause.PENDING, 130), (60, 40, Cause.PENDING, 40), (9, 9, Cause.ADVANCED, 40))
    assert estimate_incidence(four, (120,))[0] == IncidencePoint(120, None, None, None, None, 4, Why.TOO_EARLY)
    assert estimate_incidence(five, (120,))[0].why is None


def test_it_is_too_early_when_all_who_were_followed_are_decided_and_the_rest_dropped_from_sight() -> None:
    """Of 45 the 40 late ones are seen for ten days only: what follows rests on nobody."""
    journeys = journeys_of((5, 3, Cause.ADVANCED, 200), (40, 10, Cause.PENDING, 10))
    assert estimate_incidence(journeys, (9, 120))[0].why is None
    assert estimate_incidence(journeys, (9, 120))[1].why is Why.TOO_EARLY


def test_no_applications_are_too_few() -> None:
    assert estimate_incidence(journeys_of(), (30,)) == (IncidencePoint(30, None, None, None, None, 0, Why.TOO_FEW),)


def test_three_applications_followed_to_the_end_get_jeffreys_interval() -> None:
    journeys = journeys_of((1, 20, Cause.ADVANCED, 200), (2, 5, Cause.OUT, 200))
    (point,) = estimate_incidence(journeys, (120,))
    expected = proportion_interval(1, 3)
    assert [point.low, point.high] == pytest.approx([expected.low, expected.high])


@pytest.mark.parametrize(("cause", "estimate"), [(Cause.ADVANCED, 1.0), (Cause.OUT, 0.0)])
def test_all_or_none_still_has_an_interval(cause: Cause, estimate: float) -> None:
    (point,) = estimate_incidence(journeys_of((30, 20, cause, 200)), (120,))
    assert point.estimate == estimate
    assert point.low is not None
    assert point.high is not None
    assert point.high - point.low == pytest.approx(proportion_interval(30, 30).high - proportion_interval(30, 30).low)


@given(st.integers(0, 1000), st.integers(1, 60))
def test_the_order_of_rows_does_not_matter(seed: int, size: int) -> None:
    generator = np.random.default_rng(seed)
    follow_up = generator.integers(0, 40, size).astype(np.int32)
    cause = generator.integers(0, 3, size).astype(np.int8)
    earlier = generator.integers(0, 40, size) % (follow_up + 1)
    wait = np.where(cause == Cause.PENDING, follow_up, earlier).astype(np.int32)
    journeys = Journeys(wait, cause, follow_up)
    shuffled = journeys.select(generator.permutation(size))
    assert estimate_incidence(journeys, (10, 20)) == estimate_incidence(shuffled, (10, 20))


def test_the_median_wait_of_fully_followed_people_is_the_plain_median() -> None:
    journeys = journeys_of(*((2, day, Cause.ADVANCED, 300) for day in (10, 20, 30, 40, 50)), (40, 5, Cause.OUT, 300))
    wait = days_to_stage(journeys)
    assert (wait.median, wait.within_days, wait.why) == (30, 182, None)
    assert wait.low is not None
    assert wait.high is not None
    assert 10 <= wait.low <= 30 <= wait.high <= 50


def test_the_median_wait_does_not_lean_to_the_quick_ones() -> None:
    """In a campaign cut at day 180 the waits seen so far have a median well below the true 65 days."""
    campaign = draw_campaign(Design(ads=1, sizes=(4000, 4000), untraced=0.0), np.random.default_rng(5))
    journeys = campaign.journeys
    wait = days_to_stage(journeys)
    assert np.median(journeys.wait[journeys.cause == Cause.ADVANCED]) < 60
    assert wait.low is not None
    assert wait.high is not None
    assert wait.low <= 64 <= wait.high
    assert wait.high - wait.low <= 8


def test_a_median_wait_needs_five_who_reached_the_stage() -> None:
    journeys = journeys_of((4, 10, Cause.ADVANCED, 300), (40, 5, Cause.OUT, 300))
    assert days_to_stage(journeys).why is Why.TOO_FEW


def test_a_median_wait_is_too_early_until_people_were_followed_for_twice_as_long() -> None:
    waits = [(3, day, Cause.ADVANCED) for day in (20, 24, 28)]
    short = journeys_of(*((*wait, 40) for wait in waits), (9, 40, Cause.PENDING, 40))
    long = journeys_of(*((*wait, 60) for wait in waits), (9, 60, Cause.PENDING, 60))
    assert days_to_stage(short).why is Why.TOO_EARLY
    assert (days_to_stage(long).median, days_to_stage(long).within_days) == (24, 60)


@pytest.mark.parametrize("size", [60, 200])
def test_incidence_in_running_campaigns_is_unbiased_and_its_interval_covers(size: int) -> None:
    bias, error, covered = measure_incidence(size, 400, seed=3)
    assert abs(bias) <= 0.005 + 2 * error
    assert 0.93 - 2 * covered.error <= covered.share <= 0.97 + 2 * covered.error
