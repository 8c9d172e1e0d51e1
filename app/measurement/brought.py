"""Did a placement bring people: who applied in its weeks, beside who would have applied without it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from app.measurement.arrivals import Weeks, fit_arrivals, total_of
from app.measurement.cells import Floats
from app.measurement.intervals import discrete_interval
from app.measurement.reasons import BroughtCode, Why
from app.measurement.telling import Telling
from app.measurement.thresholds import THRESHOLDS, Thresholds

DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Brought:
    """How many more applied because of a placement, or of several together, than would have without.

    estimate, low, high  whole people, negative where fewer applied; null with `why` where it cannot be told
    probability_more     that it was more than nobody
    weeks                how many more weeks (with it, without it, or apart from others, as `code` says) would tell
    draws                of the number of people, for what is reckoned from it
    """

    code: BroughtCode
    estimate: int | None = None
    low: int | None = None
    high: int | None = None
    probability_more: float | None = None
    why: Why | None = None
    weeks: int | None = None
    draws: Floats | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Flights:
    """What is asked: K placements over W weeks, and the weeks that count.

    weeks   who applied, the season, and how much of what each placement brings was due in each week
    ran     (K, W) for how much of each week it ran
    asked   (W,) the weeks in which those it brought are counted
    """

    weeks: Weeks
    ran: Floats
    asked: NDArray[np.bool_]


def measure_brought(
    flights: Flights,
    groups: Sequence[Sequence[int]],
    *,
    level: float = 0.9,
    seed: int = 0,
    rules: Thresholds = THRESHOLDS,
) -> list[Brought]:
    """How many of those who applied in its weeks would not have applied without it?

    groups  for each answer, the placements whose flights it is about, together
    All placements are fitted at once (`arrivals.fit_arrivals`). Draws of their effects give the share of each
    week's applications that they brought, which adds up over placements; chance itself is drawn then, so the
    interval holds people and not rates. All arrivals count, so what leaves no trace is measured as well as what does.

    No number is given where the weeks alone would not show a doubling more often than not: too short a flight, too
    few weeks without it, or never without others. A placement that runs always has no weeks to compare with,
    however long it runs. Describes weeks: whatever else began and ended with the flight is in the number too.
    Source: Steenland and Armstrong 2006 for attributable numbers. The same seed gives the same answer.
    """
    if len(flights.asked) < rules.fewest_weeks:
        return [Brought(BroughtCode.NOT_RECORDED, why=Why.NOT_RECORDED)] * len(groups)
    measuring = _Measuring.of(flights, seed, rules)
    return [measuring.answer(np.array(members, dtype=np.int64), level, rules) for members in groups]


@dataclass(frozen=True, slots=True, eq=False)
class _Measuring:
    """One fit, and what all answers share.

    weeks, telling  of the placements that ran in some weeks and not in all;  place (K,) where each stands there, or −1
    always  (K,) those that never paused
    gains   (draws, …) how many times as many each placement adds;  total (draws, W) as many for all of them
    chance  (draws,) standard normal
    """

    flights: Flights
    weeks: Weeks
    telling: Telling
    place: NDArray[np.int64]
    always: NDArray[np.bool_]
    gains: Floats
    total: Floats
    chance: Floats

    @classmethod
    def of(cls, flights: Flights, seed: int, rules: Thresholds) -> "_Measuring":
        """Placements that never ran say nothing, and those that always ran are part of the season."""
        on = flights.ran.sum(axis=1)
        always = len(flights.asked) - on < rules.fewest_weeks_without
        fitted = np.flatnonzero((flights.weeks.running.sum(axis=1) > 0) & ~always)
        place = np.full(len(on), -1)
        place[fitted] = np.arange(len(fitted))
        weeks = replace(flights.weeks, running=flights.weeks.running[fitted])
        fit, generator = fit_arrivals(weeks), np.random.default_rng(seed)
        gains, total = total_of(fit.draw(DRAWS, generator), weeks.running)
        chance = generator.standard_normal(len(gains))
        return cls(flights, weeks, Telling.of(weeks, fit), place, always, gains, total, chance)

    def answer(self, members: NDArray[np.int64], level: float, rules: Thresholds) -> Brought:
        """How many these placements brought together, or why nobody can tell."""
        counted = self.flights.asked & (self.flights.weeks.running[members].sum(axis=0) > 0)
        ran = self.flights.ran[members].max(axis=0, initial=0.0)
        # What ended just before the record is still due at its start, but no week on record tells what it brings.
        if not counted.any() or not ran.any():
            return Brought(BroughtCode.NOT_STARTED, why=Why.TOO_EARLY)
        chosen = self.place[members][self.place[members] >= 0]
        lacks = self.telling.find_lack(chosen, ran, always=bool(self.always[members].any()), rules=rules)
        if lacks is not None:
            return Brought(lacks.code, why=Why.TOO_FEW, weeks=lacks.weeks)
        return self._count(chosen, counted, level, rules)

    def _count(self, chosen: NDArray[np.int64], counted: NDArray[np.bool_], level: float, rules: Thresholds) -> Brought:
        share = self.gains[:, chosen] @ self.weeks.running[np.ix_(chosen, counted)] / self.total[:, counted]
        applications = self.weeks.applications[counted]
        expected = share @ applications
        people = np.rint(expected + np.sqrt(np.abs(share * (1 - share)) @ applications) * self.chance)
        low, middle, high = discrete_interval(people, level)
        more = float(np.mean(expected > 0))
        seen = more >= rules.more_arrivals and middle > 0
        return Brought(BroughtCode.MORE if seen else BroughtCode.NOT_SEEN, middle, low, high, more, draws=expected)
