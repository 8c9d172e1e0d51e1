"""Whom placements brought: against another program, in hand-made weeks, and how often it is right."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from app.measurement.arrivals import Weeks, find_mode
from app.measurement.brought import Brought, Flights, measure_brought
from app.measurement.flights import spread_flights
from app.measurement.reasons import BroughtCode, Why
from app.measurement.season import Season, describe_season
from tests.measurement.arrival_figures import rates_of_arrivals
from tests.measurement.records import RecordDesign

MONDAY = dt.date(2025, 1, 6)
COUNTS = np.array([12, 9, 14, 11, 22, 25, 19, 10, 13, 8, 24, 31, 28, 12, 9, 11])
FIRST_ON = np.array([0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0.0])
SECOND_ON = np.array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0.0])


def fit_flat(running: NDArray[np.float64], excess: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Maximum likelihood beside one level for all weeks: effects as factors, and all standard errors."""
    weeks = Weeks(COUNTS, running, Season(np.ones((1, len(COUNTS))), 1, np.zeros(0)))
    size = 1 + len(running)
    start = np.concatenate([[np.log(COUNTS.mean())], np.zeros(len(running))])[None]
    flat, excesses = np.eye(size)[None] * 1e-10, np.array([excess])
    for _again in range(40):
        start, _level, _hessian = find_mode(weeks, flat, excesses, start)
    _mode, _level, hessian = find_mode(weeks, flat, excesses, start)
    return np.exp(start[0, 1:]), np.sqrt(np.diagonal(np.linalg.inv(hessian[0])))


def test_one_placement_is_measured_as_statsmodels_measures_it() -> None:
    """GLM(NegativeBinomial(alpha=0.05)) of statsmodels 0.15.0: log ratio 0.82342405, standard errors 0.11905592 and
    0.17093582."""
    ratio, errors = fit_flat(FIRST_ON[None], 0.05)
    assert np.log(ratio) == pytest.approx([0.82342405], abs=1e-6)
    assert errors == pytest.approx([0.11905592, 0.17093582], abs=1e-6)


@pytest.mark.parametrize(("excess", "shares"), [(0.05, [1.17933522, 0.28255351]), (1e-12, [1.17491851, 0.31555335])])
def test_placements_that_overlap_add_up_as_by_the_identity_link_of_statsmodels(
    excess: float, shares: list[float]
) -> None:
    """GLM with the identity link of statsmodels 0.15.0, negative binomial (alpha=0.05) and Poisson: what each adds,
    over the level, is e^b − 1 here."""
    ratio, _errors = fit_flat(np.stack([FIRST_ON, SECOND_ON]), excess)
    assert ratio - 1 == pytest.approx(shares, abs=1e-5)


def flights_of(
    applications: NDArray[np.int64], *runs: tuple[int, int], asked: NDArray[np.bool_] | None = None
) -> Flights:
    """Weeks from a Monday on, and placements that ran from one week to before another."""
    count = len(applications)
    first = MONDAY.toordinal()
    starts, ends = (np.array([first + 7 * run[end] for run in runs]) for end in (0, 1))
    ran, due = spread_flights(first, count, starts, ends - 1)
    every = np.ones(count, dtype=np.bool_) if asked is None else asked
    return Flights(Weeks(applications, due, describe_season(MONDAY, count)), ran, every)


def steady(count: int = 60, weekly: int = 20) -> NDArray[np.int64]:
    return np.full(count, weekly)


def brought_by(flights: Flights, *groups: list[int]) -> list[Brought]:
    return measure_brought(flights, groups)


def test_people_who_come_only_while_a_placement_runs_are_its_own() -> None:
    """20 a week for a year, 40 for six weeks: about 120 more, drawn a little toward nothing."""
    applications = steady()
    applications[20:26] += 20
    (found,) = brought_by(flights_of(applications, (20, 26)), [0])
    assert found.code is BroughtCode.MORE
    assert found.low is not None
    assert found.high is not None
    assert found.low <= 120 <= found.high
    assert found.low > 40
    assert found.probability_more is not None
    assert found.probability_more > 0.99


def test_a_placement_without_effect_is_not_said_to_have_brought_people() -> None:
    (found,) = brought_by(flights_of(steady(), (20, 26)), [0])
    assert (found.code, found.why, found.weeks) == (BroughtCode.NOT_SEEN, None, None)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high


def test_a_placement_that_never_pauses_gets_no_number_however_long_it_runs() -> None:
    (found,) = brought_by(flights_of(steady(150), (-4, 400)), [0])
    assert (found.code, found.estimate, found.why) == (BroughtCode.NEVER_WITHOUT, None, Why.TOO_FEW)
    assert found.weeks is not None
    assert found.weeks >= 4


def test_placements_that_always_ran_together_are_told_from_the_season_but_not_from_each_other() -> None:
    applications = steady()
    applications[20:26] += 20
    first, second, both = brought_by(flights_of(applications, (20, 26), (20, 26)), [0], [1], [0, 1])
    assert [one.code for one in (first, second)] == [BroughtCode.NOT_APART] * 2
    assert first.estimate is None
    assert first.weeks is not None
    assert both.code is BroughtCode.MORE
    assert both.low is not None
    assert both.high is not None
    assert both.low <= 120 <= both.high


def test_a_group_in_which_one_never_pauses_gets_no_number() -> None:
    (found,) = brought_by(flights_of(steady(), (-4, 100), (20, 26)), [0, 1])
    assert found.code is BroughtCode.NEVER_WITHOUT


def test_placements_that_take_turns_without_a_pause_get_no_number_together() -> None:
    (found,) = brought_by(flights_of(steady(), (0, 20), (20, 40), (40, 60)), [0, 1, 2])
    assert found.code is BroughtCode.NEVER_WITHOUT


def test_a_short_flight_says_how_many_more_weeks_it_would_need() -> None:
    (found,) = brought_by(flights_of(steady(weekly=10), (30, 31)), [0])
    assert (found.code, found.why) == (BroughtCode.TOO_SHORT, Why.TOO_FEW)
    assert found.weeks is not None
    assert 1 <= found.weeks <= 12


def test_a_flight_that_is_most_of_the_record_says_how_many_weeks_without_it_are_needed() -> None:
    applications = np.random.default_rng(3).poisson(5, 40)
    (found,) = brought_by(flights_of(applications, (5, 60)), [0])
    assert found.code is BroughtCode.TOO_FEW_WITHOUT
    assert found.weeks is not None
    assert found.weeks >= 1


def test_where_next_to_nobody_applies_a_year_would_not_tell() -> None:
    applications = np.zeros(60, dtype=np.int64)
    applications[::20] = 1
    (found,) = brought_by(flights_of(applications, (20, 26)), [0])
    assert (found.code, found.weeks) == (BroughtCode.TOO_FEW_PEOPLE, None)


def test_what_has_not_run_and_what_has_no_placement_brought_nobody_yet() -> None:
    waiting, empty = brought_by(flights_of(steady(), (70, 80)), [0], [])
    assert [one.code for one in (waiting, empty)] == [BroughtCode.NOT_STARTED] * 2
    assert waiting.why is Why.TOO_EARLY


def test_of_what_ended_just_before_the_record_no_week_tells_what_it_brings() -> None:
    flights = flights_of(steady(), (-2, 0))
    assert flights.weeks.running.any() and not flights.ran.any()
    (before,) = brought_by(flights, [0])
    assert (before.code, before.why) == (BroughtCode.NOT_STARTED, Why.TOO_EARLY)


def test_a_record_of_a_few_weeks_says_nothing() -> None:
    (found,) = brought_by(flights_of(steady(8), (3, 5)), [0])
    assert (found.code, found.why) == (BroughtCode.NOT_RECORDED, Why.NOT_RECORDED)


def test_only_the_weeks_asked_for_are_counted_but_all_are_compared() -> None:
    applications = steady()
    applications[20:26] += 20
    whole = flights_of(applications, (20, 26))
    asked = np.arange(60) < 23
    (part,), (everything,) = brought_by(replace(whole, asked=asked), [0]), brought_by(whole, [0])
    assert part.estimate is not None
    assert everything.estimate is not None
    assert 0.3 * everything.estimate < part.estimate < 0.7 * everything.estimate
    assert part.probability_more == everything.probability_more
    (outside,) = brought_by(replace(whole, asked=np.arange(60) > 40), [0])
    assert outside.code is BroughtCode.NOT_STARTED


def test_the_same_weeks_give_the_same_answer() -> None:
    flights = flights_of(np.random.default_rng(1).poisson(15, 60), (20, 26), (30, 36))
    assert brought_by(flights, [0], [1]) == brought_by(flights, [0], [1])


def test_more_vacancies_are_not_a_placements_merit() -> None:
    """Twice as many apply while three times as many openings are open, now and then; a placement ran in one of
    those times."""
    openings = np.where(np.arange(80) % 20 < 8, 30.0, 10.0)
    applications = np.where(openings > 10, 40, 20)
    blind = flights_of(applications, (40, 48))
    told = replace(blind, weeks=replace(blind.weeks, season=describe_season(MONDAY, 80, openings)))
    (without,), (beside,) = brought_by(blind, [0]), brought_by(told, [0])
    assert without.estimate is not None
    assert beside.estimate is not None
    assert beside.estimate < without.estimate / 2


def test_a_flight_is_due_in_its_weeks_and_for_three_more() -> None:
    """From a Thursday to the Sunday ten days later: four sevenths of a week, then a whole one."""
    first = MONDAY.toordinal()
    ran, due = spread_flights(first, 6, np.array([first + 3]), np.array([first + 13]))
    assert ran.tolist() == [[4 / 7, 1, 0, 0, 0, 0]]
    assert due[0].sum() == pytest.approx(11 / 7)
    assert due[0, 0] == pytest.approx(0.45 * 4 / 7)
    assert due[0, 4] == pytest.approx(0.05)


def test_what_ran_before_the_record_is_still_due_at_its_start() -> None:
    first = MONDAY.toordinal()
    _ran, due = spread_flights(first, 3, np.array([first - 7]), np.array([first - 1]))
    assert due[0].tolist() == pytest.approx([0.37, 0.13, 0.05])


def test_holidays_and_the_time_of_year_have_their_columns() -> None:
    season = describe_season(MONDAY, 60)
    july, christmas = season.columns[-2:]
    assert july.sum() == pytest.approx(31 / 7)
    assert christmas.sum() == pytest.approx((1 + 15) / 7)
    assert season.columns[: season.knots].sum(axis=0) == pytest.approx(np.ones(60))
    assert describe_season(MONDAY, 60, np.full(60, 3.0)).columns.shape == season.columns.shape


def test_a_few_records_are_read_rightly() -> None:
    """Few, seeded; many of them in the proofs."""
    null = rates_of_arrivals(RecordDesign(weekly=10), 12)
    assert null.any_false.hits <= 1
    assert null.covered.share > 0.85
    mover = rates_of_arrivals(RecordDesign(weekly=30, ratio=2.5, placements=4), 12)
    assert mover.found.hits >= 6
    assert rates_of_arrivals(RecordDesign(on_prior=True), 12).covered.share > 0.8


@pytest.mark.parametrize("weeks", [0, 1])
def test_vacancies_say_nothing_of_a_record_too_short_for_them_to_change(weeks: int) -> None:
    season = describe_season(MONDAY, weeks, np.full(weeks, 2.0))
    assert season.columns.shape == describe_season(MONDAY, weeks).columns.shape == (season.knots + 6, weeks)
