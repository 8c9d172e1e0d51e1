"""Model C's weekly hazards: all ads' effects at once beside specialty, job and time waited, by Laplace's method."""

from dataclasses import dataclass

import numpy as np

from app.measurement.cells import Cells, Floats
from app.measurement.design import Design, mirror, sums
from app.measurement.laplace import Fit, Quadratic, fit_effects

WEEK_MEAN = -4.0
COMMON_DEVIATION = 10.0
DRIFT_DEVIATION = 1.0
LEAST_WEEK, MOST_WEEK = -14.0, 3.0
FARTHEST_PREDICTOR = 9.0


def fit_hazard(cells: Cells, deviations: Floats) -> Fit:
    """How does meeting each ad change the weekly chance to advance, among those at risk?

    Complementary log-log: an applicant's chance in a week is 1 − exp(−exp(η)), η = week + covariates + the effects of
    all ads met. Each week differs from the one before by N(0, 1), and the first may lie anywhere; covariates ~
    N(0, deviations²), effects as `laplace.fit_effects` has them. The design's columns are the covariates, `deviations`
    of them, then the ads. The posterior is concave; where nobody met two ads, their block of the Hessian is diagonal.

    Which weeks count as at risk is for the caller to decide. Source: Prentice and Gloeckler 1978 for the grouped
    hazard; how often it is right is measured by simulation.
    """
    problem = _Problem(cells, deviations)
    state = np.zeros((cells.families, problem.weeks + cells.width))
    state[:, : problem.weeks] = WEEK_MEAN
    return fit_effects(problem, state)


def _drift(weeks: int) -> Floats:
    """Prior precision of weeks each of which differs from the one before by N(0, 1), the first lying anywhere."""
    steps = np.diff(np.eye(weeks), axis=0) / DRIFT_DEVIATION
    first = np.zeros((weeks, weeks))
    first[0, 0] = COMMON_DEVIATION**-2.0
    return np.asarray(steps.T @ steps + first)


@dataclass(frozen=True, slots=True, eq=False)
class _Course:
    """A state's expected advances: weeks (families, weeks) and rows as factors, and what follows from them.

    mass      (rows, weeks) quiet weeks times the row's factor;  due  (rows,) advances expected in them
    hazard, chance  (events,) of the weeks in which somebody advanced
    """

    weeks: Floats
    mass: Floats
    due: Floats
    hazard: Floats
    chance: Floats


class _Problem:
    """The cells as sparse sums. State: (families, weeks + covariates + ads)."""

    def __init__(self, cells: Cells, deviations: Floats) -> None:
        self.cells = cells
        self.weeks = weeks = cells.quiet.shape[1]
        self.level = weeks + len(deviations)
        self.ads = cells.width - len(deviations)
        self.precision = np.diag(np.concatenate([np.zeros(weeks), deviations**-2.0]))
        self.precision[:weeks, :weeks] = _drift(weeks)
        width, families = cells.width, cells.families
        self.design = Design.of(cells.family, cells.columns, families=families, width=width, levels=len(deviations))
        self.event_family = cells.family[cells.event_row]
        event, slot = np.nonzero(cells.columns[cells.event_row] < width)
        place = self.event_family[event] * width + cells.columns[cells.event_row[event], slot]
        size = families * width * weeks
        self.by_column_and_week = sums(place * weeks + cells.event_week[event], event, size, len(cells.events))

    def log_density(self, state: Floats, spread: float) -> Floats:
        """Log posterior up to a constant, without the normalising term of the effects; shape (families,)."""
        course = self._follow(state)
        log_chance = self.cells.events * np.log(course.chance)
        advances = np.bincount(self.event_family, weights=log_chance, minlength=self.cells.families)
        level, effects = np.split(self._centre(state), [self.level], axis=1)
        prior = ((level @ self.precision) * level).sum(axis=1) + (effects**2).sum(axis=1) / spread**2
        return np.asarray(advances - self.design.by_family @ course.due - prior / 2)

    def quadratic(self, state: Floats, spread: float, *, climbing: bool) -> Quadratic:
        """The log posterior around the state."""
        cells, course = self.cells, self._follow(state)
        shape = (cells.families, cells.width, self.weeks)
        pull = cells.events * course.hazard * np.exp(-course.hazard) / course.chance
        press = pull * (course.hazard / course.chance - 1)
        slope = self._slope(course, pull) - self._pull_of_prior(state, spread)
        weight = course.due + np.bincount(cells.event_row, weights=press, minlength=len(course.due))
        pairs = self.design.sum_by_pair(weight)
        by_column = np.asarray(self.design.by_column @ course.mass).reshape(shape) * course.weeks[:, None]
        by_column += np.asarray(self.by_column_and_week @ press).reshape(shape)
        by_week = self._by_week(course, press)
        covariates, weeks = self.level - self.weeks, np.arange(self.weeks)
        level = np.zeros((cells.families, self.level, self.level))
        level[:, weeks, weeks] = by_week
        level[:, self.weeks :, : self.weeks] = by_column[:, :covariates]
        level[:, : self.weeks, self.weeks :] = np.swapaxes(by_column[:, :covariates], 1, 2)
        level[:, self.weeks :, self.weeks :] = mirror(pairs[:, :covariates, :covariates])
        level += self.precision
        mixed = np.concatenate(
            [by_column[:, covariates:], np.swapaxes(pairs[:, :covariates, covariates:], 1, 2)], axis=2
        )
        own = pairs[:, covariates:, covariates:]
        if self.design.apart:
            own = np.diagonal(own, axis1=1, axis2=2) + spread**-2.0
        else:
            own = mirror(own) + np.eye(self.ads) * spread**-2.0
        return Quadratic(slope, level, mixed, np.asarray(own))

    def _follow(self, state: Floats) -> _Course:
        cells = self.cells
        predictor = self.design.by_row @ state[:, self.weeks :].ravel()
        own = np.exp(np.clip(predictor, -FARTHEST_PREDICTOR, FARTHEST_PREDICTOR))
        weeks = np.exp(np.clip(state[:, : self.weeks], LEAST_WEEK, MOST_WEEK))
        mass = cells.quiet * own[:, None]
        due = mass @ weeks[0] if cells.families == 1 else np.einsum("rb,rb->r", mass, weeks[cells.family])
        hazard = weeks[self.event_family, cells.event_week] * own[cells.event_row]
        return _Course(weeks, mass, due, hazard, -np.expm1(-hazard))

    def _centre(self, state: Floats) -> Floats:
        centred = state.copy()
        centred[:, : self.weeks] -= WEEK_MEAN
        return centred

    def _slope(self, course: _Course, pull: Floats) -> Floats:
        cells = self.cells
        by_row = np.bincount(cells.event_row, weights=pull, minlength=len(course.due)) - course.due
        return np.concatenate([self._by_week(course, pull, -1.0), self.design.sum_by_column(by_row)], axis=1)

    def _by_week(self, course: _Course, at_events: Floats, sign: float = 1.0) -> Floats:
        """Sums over families and weeks: of what was due in quiet weeks, by `sign`, and of `at_events`."""
        families, weeks = self.cells.families, self.weeks
        place = self.event_family * weeks + self.cells.event_week
        happened = np.bincount(place, weights=at_events, minlength=families * weeks).reshape(families, weeks)
        return np.asarray(sign * (self.design.by_family @ course.mass) * course.weeks + happened)

    def _pull_of_prior(self, state: Floats, spread: float) -> Floats:
        level, effects = np.split(self._centre(state), [self.level], axis=1)
        return np.concatenate([level @ self.precision, effects / spread**2], axis=1)
