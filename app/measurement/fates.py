"""Model S: the share that will ever advance, from those who did, those who went out, and those who still wait."""

from dataclasses import dataclass

import numpy as np

from app.measurement.cells import Floats, Ints, number_kinds
from app.measurement.design import Design, mirror
from app.measurement.journeys import WEEK_DAYS, WEEKS, Cause, Journeys
from app.measurement.laplace import SPREAD_RATE, Fit, Quadratic, fit_effects, kinship

COMMON_MEAN, COMMON_DEVIATION = -1.5, 10.0
PRIOR_APPLICATIONS = 3.0
"""Applications whose weekly chances are those of all weeks together, beside those watched in each week: in the last
weeks of a record few are watched, and one of them would decide how many ever advance."""
FARTHEST_PREDICTOR = 9.0
LEAST_SHARE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """How fast those decide themselves who advance within `weeks`, and the others; both (weeks + 1,), from 0 weeks on.

    reached  share of all that has advanced;  out  share of all that has gone out
    """

    reached: Floats
    out: Floats

    @property
    def weeks(self) -> int:
        return len(self.reached) - 1

    @property
    def arrived(self) -> Floats:
        """Of those who advance, how many have after so many weeks; they all have in the end."""
        return np.asarray(self.reached / self.reached[-1])

    @property
    def tilt(self) -> Floats:
        """How much more often somebody who advances still waits after so many weeks than somebody who does not,
        less one."""
        waits = 1 - self.arrived
        other = np.maximum(1 - self.reached[-1] - self.out, LEAST_SHARE) / (1 - self.reached[-1])
        return np.asarray(waits / other - 1)

    def hazard_ratio(self, days: int) -> float:
        """The cumulative hazard after so many days beside that after all weeks, at most one."""
        weeks = min(days / WEEK_DAYS, self.weeks)
        share = np.interp(weeks, np.arange(self.weeks + 1), self.reached)
        return float(np.log1p(-share) / np.log1p(-self.reached[-1]))


@dataclass(frozen=True, slots=True, eq=False)
class Fates:
    """One row for each kind of applicant of each family: the same covariates, and the same ads met.

    family    (rows,) rising; a family is one campaign to be fitted by itself
    columns   (rows, k) the columns of the design that are 1, the first of them covariates, then the ads; `width` fills
              up where there are fewer than k
    advanced  (rows,) have advanced;  never  (rows,) have gone out, or waited through all weeks
    waiting   (rows, weeks + 1) wait after so many weeks
    due       (rows,) how many would have advanced by now, were it certain of all that they will
    tilt      (families, weeks + 1) of each family's `Course`
    """

    family: Ints
    columns: Ints
    advanced: Floats
    never: Floats
    waiting: Floats
    due: Floats
    tilt: Floats
    width: int

    @property
    def families(self) -> int:
        return len(self.tilt)

    @property
    def applicants(self) -> Floats:
        return np.asarray(self.advanced + self.never + self.waiting.sum(axis=1))


def trace_course(journeys: Journeys) -> Course:
    """The usual course of these journeys by whole weeks (Aalen-Johansen with both causes), as far as any was watched.

    Drawn to the mean of all weeks by `PRIOR_APPLICATIONS`, so that some advance and some do not at any number.
    """
    watched = journeys.observed_weeks()
    last = int(watched.max(initial=0))
    week = journeys.wait // WEEK_DAYS
    ended = [journeys.decided_in_observed_week(cause) for cause in (Cause.ADVANCED, Cause.OUT)]
    weeks = np.where(ended[0] | ended[1], week + 1, watched)
    at_risk = np.bincount(weeks, minlength=WEEKS + 1)[::-1].cumsum()[::-1][1 : last + 1]
    events = np.array([np.bincount(week[one], minlength=WEEKS)[:last] for one in ended]).reshape(2, last)
    mean = (events.sum(axis=1, keepdims=True) + 0.5) / (at_risk.sum() + 1.0 * PRIOR_APPLICATIONS)
    advance, out = (events + PRIOR_APPLICATIONS * mean) / (at_risk + PRIOR_APPLICATIONS)
    still = np.cumprod(np.concatenate([[1.0], 1 - advance - out]))
    reached, gone = (np.concatenate([[0.0], np.cumsum(still[:-1] * rate)]) for rate in (advance, out))
    return Course(reached, gone)


def count_fates(columns: Ints, journeys: Journeys, course: Course, *, width: int) -> Fates:
    """Gather applicants who were watched for a week at least into kinds; columns (n, k) in any order.

    What happened in a week that was not watched to its end does not count, for what did not happen in it cannot.
    """
    watched = np.minimum(journeys.observed_weeks(), course.weeks)
    seen = watched > 0
    key, kind = number_kinds(np.sort(columns[seen], axis=1))
    own = journeys.select(seen)
    advanced, out = (own.decided_in_observed_week(cause) for cause in (Cause.ADVANCED, Cause.OUT))
    weeks, size, lengths = watched[seen], len(key), course.weeks + 1
    waits = ~advanced & ~out & (weeks < course.weeks)

    def count(chosen: "np.typing.NDArray[np.bool_]") -> Floats:
        return np.bincount(kind[chosen], minlength=size).astype(np.float64)

    waiting = np.bincount((kind * lengths + weeks)[waits], minlength=size * lengths).reshape(size, lengths)
    return Fates(
        np.zeros(size, dtype=np.int64),
        key,
        count(advanced),
        count(~advanced & ~waits),
        waiting.astype(np.float64),
        np.bincount(kind, weights=course.arrived[weeks], minlength=size).astype(np.float64),
        course.tilt[None],
        width,
    )


def fit_fates(
    fates: Fates,
    deviations: Floats,
    *,
    kind: Ints | None = None,
    covariances: bool = False,
    spread_rate: float = SPREAD_RATE,
) -> Fit:
    """How does meeting each ad change the share that ever advances?

    Complementary log-log: an applicant's chance to advance is p = 1 − exp(−exp(η)), η = a common level + covariates +
    the effects of all ads met; covariates ~ N(0, deviations²), effects as `laplace.fit_effects` has them, akin by
    `kind` (ads,). Who has advanced says p, who has gone out 1 − p, and who still waits after w weeks
    p · F(w) + (1 − p) · G(w), where F and G are the shares of those who advance and of the others that still wait then:
    the usual course of all applicants of the family together (`trace_course`), taken as known.

    So an early rejection counts for as much as a late one, and a long wait speaks for an advance where the others
    would be gone. A comparison of weeks at risk in which those who went out stay (Fine and Gray 1999), which was here
    before, leaves that unused; followed up, the two are one. Simulated, 8 ads of 30-300 while running: at equal false
    movers 85 instead of 79 % of ads found that double the rate, and at 5 % wrong ones 26 instead of 21 % of those
    without effect said not to move. Assumes that all ads' applicants wait alike before they advance and before they go
    out. Where those of one ad do both slower by a quarter it errs less than weeks at risk did; where its rejections
    alone take half as long again it is called a mover 6 times in 100.

    Source: Larson and Dinse 1985, the mixture model of competing risks; its waits by all applicants' own curves.
    """
    problem = _Problem(fates, deviations, kind)
    state = np.zeros((fates.families, problem.level + problem.ads))
    state[:, 0] = COMMON_MEAN
    return fit_effects(problem, state, covariances=covariances, spread_rate=spread_rate)


@dataclass(frozen=True, slots=True, eq=False)
class _Bends:
    """Of each row's log likelihood at a state: its value, slope and negative curvature in η; all (rows,)."""

    value: Floats
    slope: Floats
    curvature: Floats


class _Problem:
    """The fates as sparse sums. State: (families, 1 + covariates + ads)."""

    def __init__(self, fates: Fates, deviations: Floats, kind: Ints | None) -> None:
        self.fates = fates
        self.level = 1 + len(deviations)
        self.ads = fates.width - len(deviations)
        self.precision = np.diag(np.concatenate([[COMMON_DEVIATION**-2.0], deviations**-2.0]))
        common = np.zeros((len(fates.family), 1), dtype=np.int64)
        columns = np.concatenate([common, fates.columns + 1], axis=1)
        self.design = Design.of(
            fates.family, columns, families=fates.families, width=fates.width + 1, levels=self.level
        )
        self.kinship = kinship(np.arange(self.ads) if kind is None else kind)
        self.apart = self.design.apart and not np.triu(self.kinship, 1).any()
        self.waits = np.nonzero(fates.waiting)
        self.waiting = fates.waiting[self.waits]
        self.tilt = fates.tilt[fates.family[self.waits[0]], self.waits[1]]

    def log_density(self, state: Floats, spread: float) -> Floats:
        """Log posterior up to a constant, without the normalising term of the effects; shape (families,)."""
        level, effects = np.split(self._centre(state), [self.level], axis=1)
        prior = ((level @ self.precision) * level).sum(axis=1) + ((effects @ self.kinship) * effects).sum(
            axis=1
        ) / spread**2
        return np.asarray(self.design.by_family @ self._bend(state).value - prior / 2)

    def quadratic(self, state: Floats, spread: float, *, climbing: bool) -> Quadratic:
        """The log posterior around the state. People who wait may bend it upwards; while climbing they do not."""
        bends = self._bend(state)
        weight = np.maximum(bends.curvature, 0.0) if climbing else bends.curvature
        pairs, slope = self.design.sum_by_pair(weight), self.design.sum_by_column(bends.slope)
        level, effects = np.split(self._centre(state), [self.level], axis=1)
        pull = np.concatenate([level @ self.precision, effects @ self.kinship / spread**2], axis=1)
        own = pairs[:, self.level :, self.level :]
        if self.apart:
            own = np.diagonal(own, axis1=1, axis2=2) + spread**-2.0
        else:
            own = mirror(own) + self.kinship * spread**-2.0
        return Quadratic(
            slope - pull,
            mirror(pairs[:, : self.level, : self.level]) + self.precision,
            np.swapaxes(pairs[:, : self.level, self.level :], 1, 2),
            np.asarray(own),
        )

    def _centre(self, state: Floats) -> Floats:
        centred = state.copy()
        centred[:, 0] -= COMMON_MEAN
        return centred

    def _bend(self, state: Floats) -> _Bends:
        fates, rows = self.fates, len(self.fates.family)
        hazard = np.exp(np.clip(self.design.by_row @ state.ravel(), -FARTHEST_PREDICTOR, FARTHEST_PREDICTOR - 6))
        stay = np.exp(-hazard)
        share = -np.expm1(-hazard)
        rise = hazard * stay
        bend = rise * (1 - hazard)
        row = self.waits[0]
        likely = 1 + share[row] * self.tilt
        part = self.tilt / likely
        one, two, logs = (
            np.bincount(row, weights=self.waiting * each, minlength=rows) for each in (part, part**2, np.log(likely))
        )
        return _Bends(
            fates.advanced * np.log(share) - fates.never * hazard + logs,
            fates.advanced * rise / share - fates.never * hazard + one * rise,
            fates.advanced * ((rise / share) ** 2 - bend / share) + fates.never * hazard - one * bend + two * rise**2,
        )
