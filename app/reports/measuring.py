"""From rows of applications to measurement: who is compared with whom, and which numbers stand beside a row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.funnel.columns import NONE
from app.measurement.compared import UNTRACED, Compared, compared
from app.measurement.effectiveness import RowMeasure, measure_rows
from app.reports.grouping import REST, Group, Grouping
from app.reports.reading import Reading, journeys_to
from app.reports.scope import By

PACE_WEEKS = 8

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Applications gathered to be measured: element i of `people` and `row` is application[i] of the columns.

    row   the row that each belongs to, groups first, or UNTRACED
    pace  applications per week that each row brings now: of the last weeks, or where none came in them though its ads
          go on, since its first; 0 where they are over
    """

    application: Positions
    row: Positions
    people: Compared
    pace: NDArray[np.float64]


def measure_groups(reading: Reading, grouping: Grouping) -> list[RowMeasure]:
    """Every row's measures, the groups first and then the rest."""
    if grouping.overlapping:
        return _measure_overlapping(reading, grouping)
    return _measure(reading, gather(reading, grouping))


def gather(reading: Reading, grouping: Grouping) -> Gathered:
    """The applications of a split, each group an ad to be compared with the others."""
    if grouping.overlapping:
        return _gather_apart(reading, grouping)
    groups = len(grouping.groups)
    application, row = _with_rest(grouping, grouping.application, grouping.group, groups)
    meetings = _list_meetings(reading, grouping, application)
    kind = _formats(reading, grouping)
    gathered = _gather(reading, application, row, groups + len(REST), ads=groups, meetings=meetings, kind=kind)
    return _with_slow_pace(reading, grouping.groups, gathered)


def _formats(reading: Reading, grouping: Grouping) -> Positions | None:
    """Each placement's or asset's format, as a code; other splits have no kinds."""
    if reading.scope.by not in (By.PLACEMENT, By.ASSET):
        return None
    placements = reading.plan.placements
    formats = [placements[group.placements[0]].format for group in grouping.groups]
    return np.unique(np.array(formats, dtype=str), return_inverse=True)[1].astype(np.int64)


def _list_meetings(reading: Reading, grouping: Grouping, application: Positions) -> tuple[Positions, Positions]:
    """Which groups' placements each of these applicants met up to applying, as positions in `application`."""
    meetings = reading.attribution.meetings
    position = np.full(reading.columns.count, NONE)
    position[application] = np.arange(len(application))
    group_of = np.full(len(reading.plan.placements), NONE)
    for number, group in enumerate(grouping.groups):
        group_of[list(group.placements)] = number
    who, met = position[meetings.application], group_of[meetings.placement]
    known = (who != NONE) & (met != NONE)
    return who[known], met[known]


def _gather_apart(reading: Reading, grouping: Grouping) -> Gathered:
    """Where rows overlap, the comparison uses only applicants who met one row's ads and no other's: those of several
    are a side of their own, so that nobody is compared with himself."""
    groups = len(grouping.groups)
    single, first, count = np.unique(grouping.application, return_index=True, return_counts=True)
    side = np.where(count == 1, grouping.group[first], groups)
    application, row = _with_rest(grouping, single, side, groups + 1)
    gathered = _gather(reading, application, row, groups + 1 + len(REST), ads=groups + 1)
    return _with_slow_pace(reading, grouping.groups, gathered)


def _measure_overlapping(reading: Reading, grouping: Grouping) -> list[RowMeasure]:
    """Counts are each row's whole, whomever the comparison uses."""
    groups = len(grouping.groups)
    gathered = gather(reading, grouping)
    compared, application = _measure(reading, gathered), gathered.application
    judged = []
    for number in range(groups):
        members = grouping.application[grouping.group == number]
        apart = np.where(np.isin(application, members), 0, 1)
        described = _measure(reading, _gather(reading, application, apart, 2, ads=0))[0]
        judged.append(_judged_as(described, compared[number]))
    return [*judged, *compared[groups + 1 :]]


def _with_rest(grouping: Grouping, application: Positions, row: Positions, start: int) -> tuple[Positions, Positions]:
    """Add the rows of what cannot be traced from number `start` on, and what only helps to foretell to no row."""
    parts = [*(grouping.rest[kind] for kind in REST), grouping.elsewhere]
    rows = [*range(start, start + len(REST)), UNTRACED]
    return (
        np.concatenate([application, *parts]),
        np.concatenate([row, *(np.full(len(part), number) for part, number in zip(parts, rows, strict=True))]),
    )


def _judged_as(described: RowMeasure, compared: RowMeasure) -> RowMeasure:
    return replace(
        described,
        lift=compared.lift,
        lift_why=compared.lift_why,
        verdict=compared.verdict,
        reason=compared.reason,
        needs=compared.needs,
        turned_by_one=compared.turned_by_one,
    )


def _gather(
    reading: Reading,
    application: Positions,
    row: Positions,
    rows: int,
    *,
    ads: int,
    meetings: tuple[Positions, Positions] | None = None,
    kind: Positions | None = None,
) -> Gathered:
    columns, scope = reading.columns, reading.scope
    recent = (columns.applied[application] > reading.last_day.toordinal() - 7 * PACE_WEEKS) & (row != UNTRACED)
    pace = np.bincount(row[recent], minlength=rows) / PACE_WEEKS
    journeys = journeys_to(columns, scope.stage, application)
    specialty, job = (codes[application] - NONE for codes in (columns.specialty, columns.job))
    ad = np.where(row < ads, row, UNTRACED).astype(np.int32)
    month = months_of(columns.applied[application])
    people = compared(journeys, ad, specialty, ads, job=job, meetings=meetings, kind=kind, month=month)
    return Gathered(application, row, people, pace)


def _with_slow_pace(reading: Reading, groups: Sequence[Group], gathered: Gathered) -> Gathered:
    """The same, where nobody came of late through ads that go on: at such a pace it can still be told how long it would
    take, as of any other row."""
    pace, last = gathered.pace.copy(), reading.last_day.toordinal()
    applied = reading.columns.applied[gathered.application]
    for number, group in enumerate(groups):
        members = applied[gathered.row == number]
        over = group.placements and all(
            reading.plan.placements[one].is_over(reading.last_day) for one in group.placements
        )
        if not pace[number] and len(members) and not over:
            pace[number] = len(members) * 7 / (last - int(members.min()) + 1)
    return replace(gathered, pace=pace)


def months_of(days: NDArray[np.integer]) -> NDArray[np.int64]:
    """The calendar month of each of these ordinals, as a code."""
    dates = np.datetime64("0001-01-01", "D") + (days.astype(np.int64) - 1)
    return dates.astype("datetime64[M]").astype(np.int64)


def _measure(reading: Reading, gathered: Gathered) -> list[RowMeasure]:
    scope = reading.scope
    row = gathered.row.astype(np.int32)
    return list(measure_rows(gathered.people, row, gathered.pace, horizon_days=scope.horizon_days, level=scope.level))
