"""The paths on which people came to a stage, and the ways of sharing credit for it. They prove no effect."""

import enum
import hashlib
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.errors import Invalid, Missing, Problem
from app.funnel.columns import NEVER, NONE
from app.i18n import _
from app.measurement.credit import (
    FEWEST_CONVERTED,
    Carried,
    Ending,
    Floats,
    Paths,
    Rule,
    arrange_paths,
    part_by_person_and_row,
    share_credit,
)
from app.measurement.journeys import Cause
from app.measurement.reasons import Why as MeasuredWhy
from app.measurement.removal import RemovalEffects, TooManyStates, removal_effects
from app.measurement.resampling import RESAMPLES, bootstrap_credit
from app.measurement.untraced import Untraced, bound_credit
from app.reports.answers import Bounds, ModelCredit, PathsAnswer, PathTaken, RemovalEffect, RowKind, say_why
from app.reports.attribution import Meeting, list_meetings
from app.reports.cache import cached
from app.reports.effectiveness import REST_ROWS, rest_label
from app.reports.grouping import REST, Grouping, group_applications
from app.reports.hastening import measure_hastening
from app.reports.reading import Reading, count_totals, describe_scope, journeys_to, meeting_filters, read
from app.reports.scope import Scope, View
from app.reports.untraced import kinds_of, list_possible

Positions = NDArray[np.int64]
Way = tuple[int, ...]
WAY_DIGITS = 16

MARKOV = "markov"
ORDERS = (1, 2)
MODELS = (*(rule.value for rule in Rule), MARKOV)
MOST_PATHS = 50
"""So many of the most travelled paths are listed; the models share out all of them."""


class Touches(enum.StrEnum):
    """Which touches make a path.

    STAGE    from the lookback's start before applying up to the entry to the stage, or to going out
    BETWEEN  of these only those after the entry to the stage before: what was met on the way from there
    """

    STAGE = "stage"
    BETWEEN = "between"


@dataclass(frozen=True, slots=True)
class _How:
    """Which touches make a path, and how surely and by which chain credit is told."""

    touches: Touches
    intervals: bool
    markov_order: int


@dataclass(frozen=True, slots=True)
class _Line:
    """What a number of the rows stands for."""

    row: RowKind
    key: str | None
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """What a step of a path may be. The first steps are the lines of the answer; where an ad belongs to several lines,
    each combination that there is makes a step of its own.

    stands_for    the lines that each step stands for
    of_placement  the step that meeting each placement is; the last element answers for NONE
    """

    lines: list[_Line]
    stands_for: list[tuple[int, ...]]
    of_placement: Positions

    @property
    def carried(self) -> Carried | None:
        if len(self.stands_for) == len(self.lines):
            return None
        pairs = np.array([(step, line) for step, lines in enumerate(self.stands_for) for line in lines])
        return Carried(pairs[:, 0], pairs[:, 1], len(self.lines))

    def label(self, step: int) -> str:
        """What a step is called."""
        return " + ".join(self.lines[line].label for line in self.stands_for[step])


@dataclass(frozen=True, slots=True, eq=False)
class _Story:
    """Every application's path: element i of `paths` is the application at `application[i]` of the columns. `met` are
    the meetings of all, whether told here or not."""

    application: Positions
    paths: Paths
    rows: _Rows
    met: Meeting
    untraced: Untraced

    @property
    def lines(self) -> list[_Line]:
        return self.rows.lines


def report_paths(
    session: Session, scope: Scope, touches: Touches = Touches.STAGE, *, intervals: bool = False, markov_order: int = 1
) -> PathsAnswer:
    """Share the applications that came to the stage among what they met, in every way there is.

    A path is an application's. What has no placement is a step too, so that under every model but `any` the credit
    of all rows is the number that came; between two stages there are those who met nothing, which `untouched` counts.
    Filters on the plan choose applications as they do in the effectiveness report, whose totals these are; what was
    met on the way to one of them is a step whether it meets the filters or not. Where an ad belongs to several rows of
    the split, as by claim, these share equally what it gets.
    intervals  draw people anew, 500 times, for every model; without it the simple models have the interval of a
               count, and removal effects none
    markov_order  whether the chain of steps goes on from the last step (1), or from the last two (2)
    Raises Invalid for a chain that is too long to solve.
    """
    if markov_order not in ORDERS:
        raise Invalid([Problem("markov_order", _("Give 1 or 2."))])
    asked = replace(scope, view=View.COHORT)
    how = _How(touches, intervals, markov_order)
    return cached(session, asked, f"paths {how}", lambda: _report(read(session, asked), how))


def _report(reading: Reading, how: _How) -> PathsAnswer:
    grouping = _group_all(reading)
    story, touches, intervals = _tell_story(reading, grouping, how.touches), how.touches, how.intervals
    people = np.unique(reading.columns.person[story.application], return_inverse=True)[1].reshape(-1)
    level, paths = reading.scope.level, story.paths
    removal = _remove(story, how, people, level)
    converted = replace(story, paths=paths.of_converted())
    shares = {rule.value: _share(converted, rule, people, level, intervals=intervals) for rule in Rule}
    shares[MARKOV] = _share_by_removal(story, removal, intervals=intervals)
    return PathsAnswer(
        scope=describe_scope(reading.scope)
        | {"touches": touches.value, "intervals": intervals, "markov_order": how.markov_order},
        data=reading.data,
        totals=count_totals(reading, np.isin(np.arange(reading.columns.count), story.application)),
        heading=_("Ways of sharing credit, not proof"),
        overlapping=grouping.overlapping or story.rows.carried is not None,
        unresolved=paths.unresolved,
        untouched=share_credit(paths, Rule.LAST, level).untouched,
        untraced=_count_untraced(converted),
        paths=_list_paths(reading, story),
        models=shares,
        removal_effects=_tell_effects(story, removal),
        hastened=measure_hastening(reading, grouping, story.met) if touches is Touches.BETWEEN else [],
    )


def _remove(story: _Story, how: _How, people: Positions, level: float) -> RemovalEffects:
    try:
        return removal_effects(
            story.paths, order=how.markov_order, level=level, person=people,
            resamples=RESAMPLES if how.intervals else 0, carried=story.rows.carried,
        )  # fmt: skip
    except TooManyStates:
        text = _("Too many pairs of rows follow each other, so a chain of two steps cannot be solved. "
                 "Split by channel or format, or give 1.")  # fmt: skip
        raise Invalid([Problem("markov_order", text)]) from None


def _count_untraced(converted: _Story) -> int:
    """Of those who came, how many have a step of which no placement is known; the first steps are the lines."""
    steps = np.flatnonzero(converted.untraced.rows)
    return len(np.unique(converted.paths.person[np.isin(converted.paths.row, steps)]))


def _group_all(reading: Reading) -> Grouping:
    """Every row of the split: what was met on the way is a step whether it meets the filters or not."""
    everything = replace(reading.scope, filters=reading.scope.filters.of_applications)
    return group_applications(replace(reading, scope=everything))


def who_took(reading: Reading, touches: Touches, way: str) -> tuple[str, Positions]:
    """What a way of the report is called, and the applications that took it. Raises Missing for one that nobody did."""
    story = _tell_story(reading, _group_all(reading), touches)
    for steps, who in _part_by_way(story).items():
        if _spell_way(story, steps) == way:
            return " → ".join(map(story.rows.label, steps)) or _("met nothing in between"), story.application[who]
    raise Missing(_("Nobody is on this path now: the data has changed since it was shown."))


def who_shares(reading: Reading, touches: Touches, rule: Rule, row: RowKind, key: str) -> tuple[str, Positions, Floats]:
    """What a row of the report is called, the applications that it gets something of, and which part of each."""
    story = _tell_story(reading, _group_all(reading), touches)
    numbers = {(line.row, line.key or ""): number for number, line in enumerate(story.lines)}
    if (row, key) not in numbers:
        raise Missing(_("There is no such row in this report; it may have left the plan."))
    number = numbers[row, key]
    person, of_row, part = part_by_person_and_row(story.paths, rule, story.rows.carried)
    own = (of_row == number) & (part > 0)
    return story.lines[number].label, story.application[person[own]], part[own]


def _share_by_removal(story: _Story, removal: RemovalEffects, *, intervals: bool) -> list[ModelCredit]:
    if removal.why:
        return _credits(story, None, None, None, removal.why)
    if not intervals:
        return _credits(story, removal.credit, None, None, None)
    return _credits(story, removal.credit, removal.low, removal.high, None)


def _tell_effects(story: _Story, removal: RemovalEffects) -> list[RemovalEffect]:
    effects = [None] * len(story.lines) if removal.why else removal.effect.tolist()
    return [
        RemovalEffect(row=line.row, key=line.key, label=line.label, effect=effect, why=say_why(removal.why))
        for line, effect in zip(story.lines, effects, strict=True)
    ]


def _tell_story(reading: Reading, grouping: Grouping, touches: Touches) -> _Story:
    columns, scope = reading.columns, reading.scope
    rows, inside = _list_rows(reading, grouping, touches), meeting_filters(reading)
    first = columns.applied - scope.lookback_days
    if touches is Touches.BETWEEN:
        entered = columns.reached[:, reading.before(scope.stage)]
        inside, first = inside & (entered != NEVER), np.maximum(first, entered + 1)
    met = list_meetings(columns, reading.plan, first, _last_days(reading))
    steps = [(met.application, rows.of_placement[met.placement], met.day)]
    if touches is Touches.STAGE:  # a source comes after the touches of its day
        steps.append(_list_sources(reading, grouping, rows))
    who, row, day = (np.concatenate(parts) for parts in zip(*steps, strict=True))
    chosen = inside[who]
    application, place = np.flatnonzero(inside), np.cumsum(inside) - 1
    order = np.empty(np.count_nonzero(chosen), dtype=np.int64)
    order[np.argsort(day[chosen], kind="stable")] = np.arange(len(order))
    paths = arrange_paths(
        place[who[chosen]].astype(np.int32), row[chosen].astype(np.int32), order, _endings(reading, application),
        len(rows.stands_for), day[chosen],
    )  # fmt: skip
    return _Story(application, paths, rows, met, _find_untraced(reading, grouping, rows, application))


def _find_untraced(reading: Reading, grouping: Grouping, rows: _Rows, application: Positions) -> Untraced:
    possible = list_possible(reading, grouping.groups)
    rest = np.array([line.row != "known" for line in rows.lines], dtype=np.bool_)
    width = (0, len(rest) - possible.shape[1])
    return Untraced(rest, kinds_of(reading, application), np.pad(possible, ((0, 0), width)))


def _list_rows(reading: Reading, grouping: Grouping, touches: Touches) -> _Rows:
    lines = [_Line("known", group.key, group.label) for group in grouping.groups]
    belongs: list[list[int]] = [[] for _placement in reading.plan.placements]
    for number, group in enumerate(grouping.groups):
        for placement in group.placements:
            belongs[placement].append(number)
    if touches is Touches.STAGE:
        lines += [_Line(REST_ROWS[kind], None, rest_label(REST_ROWS[kind])) for kind in REST]
    steps: dict[tuple[int, ...], int] = {(number,): number for number in range(len(lines))}
    of_placement = [steps.setdefault(tuple(own), len(steps)) for own in belongs]
    return _Rows(lines, list(steps), np.array([*of_placement, NONE], dtype=np.int64))


def _last_days(reading: Reading) -> NDArray[np.int32]:
    """The day on which each application came to the stage, else went out, else was last heard of."""
    columns = reading.columns
    reached, out = columns.reached[:, reading.scope.stage], columns.out
    return np.where(reached != NEVER, reached, np.where(out != NEVER, out, columns.through)).astype(np.int32)


def _list_sources(reading: Reading, grouping: Grouping, rows: _Rows) -> tuple[Positions, Positions, Positions]:
    """The step that each application's own source is, or what it cannot be traced to: who, row and day."""
    attribution = reading.attribution
    home = np.where(attribution.placement == NONE, NONE, rows.of_placement[attribution.own])
    unplaced = grouping.application[attribution.placement[grouping.application] == NONE]
    home[unplaced] = grouping.group[np.isin(grouping.application, unplaced)]  # by channel
    for number, kind in enumerate(REST, len(rows.lines) - len(REST)):
        home[grouping.rest[kind]] = number
    who = np.flatnonzero(home != NONE)
    return who, home[who], reading.columns.applied[who].astype(np.int64)


def _endings(reading: Reading, application: Positions) -> NDArray[np.int8]:
    cause = journeys_to(reading.columns, reading.scope.stage, application).cause
    by_cause = np.zeros(len(Cause), dtype=np.int8)
    by_cause[[Cause.ADVANCED, Cause.OUT, Cause.PENDING]] = Ending.CONVERTED, Ending.NULL, Ending.UNRESOLVED
    return by_cause[cause]


def _share(story: _Story, rule: Rule, people: Positions, level: float, *, intervals: bool) -> list[ModelCredit]:
    if rule is Rule.SHAPLEY and story.paths.converted < FEWEST_CONVERTED:
        return _credits(story, None, None, None, MeasuredWhy.TOO_FEW)
    carried = story.rows.carried
    most = bound_credit(story.paths, rule, story.untraced, carried)
    credit = share_credit(story.paths, rule, level, carried)
    ends = (credit.low, credit.high)
    if intervals:
        ends = bootstrap_credit(story.paths, rule, people, level=level, carried=carried)
    lines = _credits(story, credit.value, *ends, None)
    return [
        line.model_copy(update={"bounds": Bounds(least=line.credit or 0, most=one)}) if line.row == "known" else line
        for line, one in zip(lines, most.tolist(), strict=True)
    ]


def _credits(
    story: _Story, value: Floats | None, low: Floats | None, high: Floats | None, why: MeasuredWhy | None
) -> list[ModelCredit]:
    columns = [[None] * len(story.lines) if one is None else one.tolist() for one in (value, low, high)]
    return [
        ModelCredit(row=line.row, key=line.key, label=line.label, credit=one, low=least, high=most, why=say_why(why))
        for line, one, least, most in zip(story.lines, *columns, strict=True)
    ]


def _list_paths(reading: Reading, story: _Story) -> list[PathTaken]:
    """The paths that most applications took; of two as many did, the shorter first."""
    person, taken = reading.columns.person[story.application], _part_by_way(story)
    order = sorted(taken, key=lambda steps: (-len(taken[steps]), len(steps), steps))
    return [_describe(story, steps, np.array(taken[steps]), person) for steps in order[:MOST_PATHS]]


def _part_by_way(story: _Story) -> dict[Way, list[int]]:
    """The paths of each way, by its steps."""
    paths = story.paths
    ends = np.searchsorted(paths.person, np.arange(len(paths.ending) + 1))
    rows = paths.row.tolist()
    taken: dict[Way, list[int]] = {}
    for number, (start, end) in enumerate(pairwise(ends.tolist())):
        taken.setdefault(tuple(rows[start:end]), []).append(number)
    return taken


def _spell_way(story: _Story, steps: Way) -> str:
    """A short word for a way, the same for as long as its rows are the same: names may change."""
    lines = story.lines
    spelled = [[f"{lines[line].row}:{lines[line].key}" for line in story.rows.stands_for[step]] for step in steps]
    return hashlib.sha256(repr(spelled).encode()).hexdigest()[:WAY_DIGITS]


def _describe(story: _Story, steps: Way, who: Positions, person: NDArray[np.int32]) -> PathTaken:
    ending = story.paths.ending[who]
    return PathTaken(
        key=_spell_way(story, steps),
        steps=[story.rows.label(step) for step in steps],
        people=len(np.unique(person[who])),
        applications=len(who),
        reached=int(np.count_nonzero(ending == Ending.CONVERTED)),
        unresolved=int(np.count_nonzero(ending == Ending.UNRESOLVED)),
    )
