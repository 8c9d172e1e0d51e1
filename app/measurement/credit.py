"""Ways of sharing a stage's conversions among the touches before it. They describe; they prove no effect."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from app.measurement.intervals import weighted_count_interval
from app.measurement.journeys import require_codes

Floats = NDArray[np.float64]

HALF_LIFE_DAYS = 7.0
END_PART = 0.4
FEWEST_CONVERTED = 10
"""Removal effects and Shapley values are hidden below so many conversions."""


class Ending(IntEnum):
    """How a person's path ended; the values are the coding of `Paths.ending`."""

    NULL = 0
    CONVERTED = 1
    UNRESOLVED = 2


class Rule(StrEnum):
    """first, last: the whole to one touch. linear: equal parts to all. any: the whole to each row touched.

    time_decay  half as much for every seven days that a touch is older
    position    two fifths each to the first and the last touch, the rest in equal parts to those between
    shapley     the Shapley value of the game in which a set of rows is worth the conversions of those who met no
                others: every converted person's parts are equal for the rows met, however often (exact, since
                that game is a sum of unanimity games; Shapley 1953)
    """

    FIRST = "first"
    LAST = "last"
    LINEAR = "linear"
    TIME_DECAY = "time_decay"
    POSITION = "position"
    SHAPLEY = "shapley"
    ANY = "any"


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Touches of people on their way to one stage, sorted by person and order; made by `arrange_paths`.

    person, row  shape (touches,): who was touched, and by which row of the report
    ending       shape (people,): an `Ending` for each person, touched or not
    day          shape (touches,): when, on any scale of days
    rows         number of rows
    """

    person: NDArray[np.int32]
    row: NDArray[np.int32]
    ending: NDArray[np.int8]
    day: NDArray[np.int32]
    rows: int

    @property
    def converted(self) -> int:
        return int(np.count_nonzero(self.ending == Ending.CONVERTED))

    @property
    def unresolved(self) -> int:
        return int(np.count_nonzero(self.ending == Ending.UNRESOLVED))

    def of_converted(self) -> "Paths":
        """The paths that have credit to share: without the touches of those who did not convert. Asking for several
        ways of sharing, take these once."""
        kept = self.ending[self.person] == Ending.CONVERTED
        if kept.all():
            return self
        return replace(self, person=self.person[kept], row=self.row[kept], day=self.day[kept])


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """What the rows of paths stand for, where they are not the report's own: an ad may carry several claims.

    step, row  parallel: the row `step` of the paths stands for the row `row` of the report, in the order of `step`;
               every row of the paths for one of the report at least
    rows       number of the report's rows
    """

    step: NDArray[np.int64]
    row: NDArray[np.int64]
    rows: int

    @property
    def parts(self) -> Floats:
        """The part of each row of the paths that each of the report has, equal ones; shape (rows of paths, rows)."""
        parts = np.zeros((int(self.step.max(initial=-1)) + 1, self.rows))
        parts[self.step, self.row] = 1
        return np.asarray(parts / parts.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True, eq=False)
class Credit:
    """Credit of each row, with an interval; arrays of shape (rows,).

    value       conversions credited; with `untouched` they add up to the conversions, except under `any`
    untouched   conversions of people without a touch: the unknown source's
    unresolved  people whose path is still open: left out, and counted here
    """

    value: Floats
    low: Floats
    high: Floats
    untouched: int
    unresolved: int


def arrange_paths(
    person: NDArray[np.int32],
    row: NDArray[np.int32],
    order: NDArray[np.int64],
    ending: NDArray[np.int8],
    rows: int,
    day: NDArray[np.integer] | None = None,
) -> Paths:
    """Sort touches into paths. person in 0 … len(ending) − 1, row in 0 … rows − 1; order within the person.

    Without `day` all touches are of one day, and time decay shares as linear does. Touches of one person with
    the same order are taken by row. Raises ValueError for codes out of range.
    """
    size = len(person)
    require_codes("person", person, size=size, codes=(0, len(ending)))
    require_codes("row", row, size=size, codes=(0, rows))
    require_codes("order", order, size=size)
    require_codes("ending", ending, size=len(ending), codes=(Ending.NULL, Ending.UNRESOLVED + 1))
    day = np.zeros(size, dtype=np.int32) if day is None else day
    require_codes("day", day, size=size)
    if not _are_sorted(person, order, row):
        path = np.lexsort((row, order, person))
        person, row, day = person[path], row[path], day[path]
    return Paths(person, row, ending, day.astype(np.int32, copy=False), rows)


def _are_sorted(*keys: NDArray[np.integer]) -> bool:
    """Whether they already stand by the first, among equals by the second, and so on."""
    equal = np.ones(max(len(keys[0]) - 1, 0), dtype=np.bool_)
    for key in keys:
        step = np.diff(key)
        if np.any(equal & (step < 0)):
            return False
        equal &= step == 0
    return True


def share_credit(paths: Paths, rule: Rule, level: float = 0.9, carried: Carried | None = None) -> Credit:
    """How many conversions does each row get under this way of sharing?

    With `carried` the answer has the report's rows: what a row of the paths gets is shared equally among those it
    stands for, except under `any`, which counts one for each.

    Only converted people's touches get credit, and each such person shares out exactly one. The interval is
    for the expected credit of such a period, people being independent: Jeffreys' for a count, scaled where
    touches get parts (`intervals.weighted_count_interval`); it is not doubt about what was counted. It
    agrees with a bootstrap over people once there are a handful, and does not collapse at 0.
    """
    _person, row, total = part_by_person_and_row(paths, rule, carried)
    rows = carried.rows if carried else paths.rows
    value, squares = _sum_by_code(row, total, rows), _sum_by_code(row, total**2, rows)
    low, high = weighted_count_interval(value, squares, level)
    return Credit(value, low, high, _count_untouched(paths), paths.unresolved)


def part_by_person_and_row(
    paths: Paths, rule: Rule, carried: Carried | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Person, row and the part of the person's conversion that the row gets, for each pair that met."""
    paths = paths.of_converted()
    part = _weigh_touches(paths, rule)
    some = part > 0  # where one touch has the whole of a path, the others need no sorting
    person, row, part = _sum_by_pair(paths.person[some], paths.row[some], part[some], paths.rows)
    if carried is None:
        return person, row, part
    count = np.bincount(carried.step, minlength=paths.rows)
    repeats, start = count[row], (np.cumsum(count) - count)[row]
    offset = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    own = carried.row[np.repeat(start, repeats) + offset]
    of_each = np.repeat(part if rule is Rule.ANY else part / repeats, repeats)
    person, row, part = _sum_by_pair(np.repeat(person, repeats), own, of_each, carried.rows)
    return person, row, np.minimum(part, 1.0)


def _sum_by_pair(
    person: NDArray[np.integer], row: NDArray[np.integer], part: Floats, rows: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Each pair of person and row that there is, once, and the sum of its parts."""
    pair, place = np.unique(person.astype(np.int64) * max(rows, 1) + row, return_inverse=True)
    return pair // max(rows, 1), pair % max(rows, 1), _sum_by_code(place, part, len(pair))


def _weigh_touches(paths: Paths, rule: Rule) -> Floats:
    """The part of its person's conversion that each touch gets, shape (touches,)."""
    new = starts_path(paths.person)
    if rule is Rule.FIRST:
        return new.astype(np.float64)
    if rule is Rule.LAST:
        return ends_path(paths.person).astype(np.float64)
    if rule is Rule.ANY:
        return _mark_first_of_pair(paths)
    return _share_within_path(paths, _PARTS[rule](paths))


def _share_within_path(paths: Paths, parts: Floats) -> Floats:
    """Parts scaled so that each person's add up to one."""
    return np.asarray(parts / np.bincount(paths.person, weights=parts)[paths.person])


def _decay(paths: Paths) -> Floats:
    """Half for every seven days before the person's latest touch."""
    latest = np.full(len(paths.ending), np.iinfo(np.int64).min)
    np.maximum.at(latest, paths.person, paths.day)
    return np.asarray(2.0 ** ((paths.day - latest[paths.person]) / HALF_LIFE_DAYS))


def _weigh_positions(paths: Paths) -> Floats:
    """Two fifths to either end and a fifth to all between; a half to each of two."""
    between = np.bincount(paths.person)[paths.person] - 2
    end = starts_path(paths.person) | ends_path(paths.person)
    return np.where(end, END_PART, (1 - 2 * END_PART) / np.maximum(between, 1))


def starts_path(person: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which of the sorted touches is the first of its person."""
    return np.asarray(np.diff(person, prepend=-1) != 0)


def ends_path(person: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which of the sorted touches is the last of its person."""
    return np.asarray(np.diff(person, append=-1) != 0)


def _mark_first_of_pair(paths: Paths) -> Floats:
    marks = np.zeros(len(paths.person))
    marks[np.unique(_pairs(paths), return_index=True)[1]] = 1.0
    return marks


def _pairs(paths: Paths) -> NDArray[np.int64]:
    """A number for each touch that is the same for the same person and row."""
    return paths.person.astype(np.int64) * max(paths.rows, 1) + paths.row


def _sum_by_code(codes: NDArray[np.int64], weights: Floats, size: int) -> Floats:
    return np.bincount(codes, weights=weights, minlength=size).astype(np.float64)


def _count_untouched(paths: Paths) -> int:
    touched = np.bincount(paths.person, minlength=len(paths.ending)) > 0
    return int(np.count_nonzero((paths.ending == Ending.CONVERTED) & ~touched))


_PARTS: dict[Rule, Callable[[Paths], Floats]] = {
    Rule.LINEAR: lambda paths: np.ones(len(paths.person)),
    Rule.TIME_DECAY: _decay,
    Rule.POSITION: _weigh_positions,
    Rule.SHAPLEY: _mark_first_of_pair,
}
