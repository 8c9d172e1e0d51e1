"""Which applications a number counts: the cell of a report opened down to the pseudonymous records behind it."""

import datetime as dt
import enum
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.errors import Missing
from app.funnel.columns import NEVER, NONE
from app.funnel.stage import Stage
from app.i18n import _
from app.measurement.journeys import Cause
from app.reports.answers import Answer, Data, RowKind
from app.reports.attribution import Trace
from app.reports.cache import in_sight
from app.reports.effectiveness import REST_ROWS, rest_label
from app.reports.funnel import who_came
from app.reports.grouping import group_applications
from app.reports.reading import Reading, describe_scope, journeys_to, meeting_filters, read
from app.reports.scope import Scope, View

Positions: TypeAlias = NDArray[np.int64]


class Part(enum.StrEnum):
    """Which of a row's applications are counted, by what they did before the scope's stage."""

    APPLIED = "applied"
    REACHED = "reached"
    OUT = "out"
    PENDING = "pending"


class PartOfStage(enum.StrEnum):
    """Which of those who came to a stage are counted, by what became of them there; who has arrived at the last stage
    that is recorded waits for nothing."""

    REACHED = "reached"
    PASSED = "passed"
    PENDING = "pending"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    ARRIVED = "arrived"


@dataclass(frozen=True, slots=True)
class RowCell:
    """A number in a row of the effectiveness report; without a kind it is that of all rows together."""

    part: Part
    kind: RowKind | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class StageCell:
    """A number in a row of the funnel."""

    at: Stage
    part: PartOfStage


Cell: TypeAlias = RowCell | StageCell

CAUSES = {Part.REACHED: Cause.ADVANCED, Part.OUT: Cause.OUT, Part.PENDING: Cause.PENDING}
KINDS: dict[RowKind, Trace] = {word: kind for kind, word in REST_ROWS.items()}


class Listed(Answer):
    """One application, by the key of its record; it names nobody.

    stages   the days of the stages it reached; null for one that a later stage implies without a day
    current  the stage where it stands, if it is still in the process
    row, key, label  of the placement that owns it, or how far it can be traced
    """

    record: str
    applied: dt.date
    stages: dict[str, dt.date | None]
    current: str | None
    out: dt.date | None
    outcome: Literal["rejected", "withdrawn"] | None
    specialty: str | None
    row: RowKind
    key: str | None
    label: str


class Listing(Answer):
    """The applications that one number counts, in the order of applying; `label` is what its row is called."""

    scope: dict[str, Any]
    data: Data
    label: str
    applications: list[Listed]


def list_counted(session: Session, scope: Scope, cell: Cell) -> Listing:
    """The applications that this number of the scope's report counts. Raises Missing for a row that is not there."""
    if isinstance(cell, RowCell):
        scope = replace(scope, view=View.COHORT)
    with in_sight(session, scope):
        reading = read(session, scope)
    label, chosen = _choose_row(reading, cell) if isinstance(cell, RowCell) else ("", _choose_stage(reading, cell))
    return Listing(
        scope=describe_scope(scope),
        data=reading.data,
        label=label,
        applications=[_describe(reading, int(position)) for position in np.sort(chosen)],
    )


def _choose_row(reading: Reading, cell: RowCell) -> tuple[str, Positions]:
    label, members = _members(reading, cell)
    if cell.part is not Part.APPLIED:
        causes = journeys_to(reading.columns, reading.scope.stage, members).cause
        members = members[causes == CAUSES[cell.part]]
    return label, members


def _members(reading: Reading, cell: RowCell) -> tuple[str, Positions]:
    if cell.kind is None:
        return "", np.flatnonzero(meeting_filters(reading))
    grouping = group_applications(reading)
    if cell.kind != "known":
        return rest_label(cell.kind), grouping.rest[KINDS[cell.kind]]
    for number, group in enumerate(grouping.groups):
        if group.shown and group.key == cell.key:
            return group.label, grouping.application[grouping.group == number]
    raise Missing(_("There is no such row in this report; it may have left the plan."))


def _choose_stage(reading: Reading, cell: StageCell) -> Positions:
    columns = reading.columns
    reached, furthest = who_came(reading, cell.at)
    out = columns.out != NEVER
    chosen = {
        PartOfStage.REACHED: reached,
        PartOfStage.PASSED: reached & ~furthest,
        PartOfStage.PENDING: furthest & ~out,
        PartOfStage.WITHDRAWN: furthest & out & columns.withdrawn,
        PartOfStage.REJECTED: furthest & out & ~columns.withdrawn,
        PartOfStage.ARRIVED: reached & ~(furthest & out),
    }[cell.part]
    return np.flatnonzero(chosen)


def _describe(reading: Reading, position: int) -> Listed:
    columns, attribution = reading.columns, reading.attribution
    reached, out = columns.reached[position], int(columns.out[position])
    specialty, placement = int(columns.specialty[position]), int(attribution.placement[position])
    planned = reading.plan.placements[placement] if placement != NONE else None
    kind: RowKind = "known" if planned else REST_ROWS[Trace(int(attribution.trace[position]))]
    return Listed(
        record=columns.ids[position].hex(),
        applied=dt.date.fromordinal(int(columns.applied[position])),
        stages=stage_days(reached, columns.dated[position]),
        current=None if out != NEVER else Stage(int(columns.current[position])).slug,
        out=None if out == NEVER else dt.date.fromordinal(out),
        outcome=None if out == NEVER else "withdrawn" if columns.withdrawn[position] else "rejected",
        specialty=None if specialty == NONE else columns.specialties[specialty],
        row=kind,
        key=str(planned.id) if planned else None,
        label=planned.name if planned else rest_label(kind),
    )


def stage_days(reached: NDArray[np.int32], dated: NDArray[np.bool_]) -> dict[str, dt.date | None]:
    """The day of each stage that an application came to, null for one that a later stage implies without a day."""
    return {
        stage.slug: dt.date.fromordinal(int(reached[stage])) if dated[stage] else None
        for stage in Stage
        if stage > Stage.APPLIED and reached[stage] != NEVER
    }
