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
from app.measurement.credit import Floats, Rule
from app.measurement.journeys import Cause
from app.reports.answers import Answer, Data, RowKind
from app.reports.attribution import Trace
from app.reports.cache import in_sight
from app.reports.effectiveness import REST_ROWS, rest_label
from app.reports.funnel import who_came
from app.reports.funnel_split import Split, not_known, split_by
from app.reports.grouping import Grouping, group_applications
from app.reports.paths import Touches, who_shares, who_took
from app.reports.reading import Reading, describe_scope, journeys_to, known_to_meet_filters, meeting_filters, read
from app.reports.scope import Scope, View
from app.reports.unmatched import lack_meaning, observed_nowhere

Positions: TypeAlias = NDArray[np.int64]
Untraced: TypeAlias = Literal["unknown", "partly_traced", "unmatched", "untraced", "unexplained", "nameless"]
Whom: TypeAlias = Untraced | Literal["known", "fitting"]
"""A kind of row; several together, those of no known row or those known to be what the filters ask for; or those of an
unknown source by whether a name came with them that has no meaning yet."""


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


class Odd(enum.StrEnum):
    """Why somebody has to look at an application: its code, its label or the host it came from leads nowhere, or
    nobody has said what a stage stands for that it was in."""

    CODE = "code"
    LABEL = "label"
    HOST = "host"
    UNMAPPED = "unmapped"


@dataclass(frozen=True, slots=True)
class RowCell:
    """A number in a row of the effectiveness report; without a kind it is that of all rows together."""

    part: Part
    kind: Whom | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class StageCell:
    """A number in a row of the funnel; with `unknown`, of those of whom it is not known where they belong in that
    split."""

    at: Stage
    part: PartOfStage
    unknown: Split | None = None


@dataclass(frozen=True, slots=True)
class PathCell:
    """How many took one way, as the paths report spells it."""

    way: str
    touches: Touches
    part: Part


@dataclass(frozen=True, slots=True)
class CreditCell:
    """What a way of sharing gives a row of the paths report: one for each application, or a part of it."""

    rule: Rule
    touches: Touches
    kind: RowKind
    key: str = ""


@dataclass(frozen=True, slots=True)
class OddCell:
    """How many somebody has to look at, all or those of one code, label or host."""

    odd: Odd
    observed: str = ""


Cell: TypeAlias = RowCell | StageCell | PathCell | CreditCell | OddCell

CAUSES = {Part.REACHED: Cause.ADVANCED, Part.OUT: Cause.OUT, Part.PENDING: Cause.PENDING}
KINDS: dict[RowKind, Trace] = {word: kind for kind, word in REST_ROWS.items()}


class Listed(Answer):
    """One application, by the key of its record; it names nobody.

    stages   the days of the stages it reached; null for one that a later stage implies without a day
    current  the stage where it stands, if it is still in the process
    row, key, label  of the placement that owns it, or how far it can be traced
    part     of it that the number counts: all, unless credit for it is shared
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
    part: float = 1.0


class Listing(Answer):
    """The applications that one number counts, in the order of applying; `label` is what its row is called, and
    `not_recorded` the stages that no system records: that none of them came there says nothing."""

    scope: dict[str, Any]
    data: Data
    label: str
    not_recorded: list[str]
    applications: list[Listed]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What a number counts; where it is made of parts, the part of each application, else one of each."""

    positions: Positions
    label: str = ""
    parts: Floats | None = None


def list_counted(session: Session, scope: Scope, cell: Cell) -> Listing:
    """The applications that this number of the scope's report counts. Raises Missing for a row that is not there."""
    if not isinstance(cell, StageCell):
        scope = replace(scope, view=View.COHORT)
    elif cell.unknown is not None:
        scope = split_by(scope, cell.unknown)
    with in_sight(session, scope):
        reading = read(session, scope)
    chosen = _choose(reading, cell)
    parts = np.ones(len(chosen.positions)) if chosen.parts is None else chosen.parts
    order = np.argsort(chosen.positions, kind="stable")
    return Listing(
        scope=describe_scope(scope),
        data=reading.data,
        label=chosen.label,
        not_recorded=reading.unheard_slugs,
        applications=[_describe(reading, int(chosen.positions[one]), float(parts[one])) for one in order],
    )


def _choose(reading: Reading, cell: Cell) -> _Chosen:
    match cell:
        case RowCell():
            return _choose_row(reading, cell)
        case StageCell():
            return _choose_stage(reading, cell)
        case PathCell():
            label, taken = who_took(reading, cell.touches, cell.way)
            return _Chosen(_in_part(reading, taken, cell.part), label)
        case CreditCell():
            label, sharing, parts = who_shares(reading, cell.touches, cell.rule, cell.kind, cell.key)
            return _Chosen(sharing, label, parts)
        case OddCell():
            return _Chosen(np.flatnonzero(_is_odd(reading, cell)), cell.observed)


def _choose_row(reading: Reading, cell: RowCell) -> _Chosen:
    label, members = _members(reading, cell)
    return _Chosen(_in_part(reading, members, cell.part), label)


def _in_part(reading: Reading, members: Positions, part: Part) -> Positions:
    """Those of the members who did this before the scope's stage."""
    if part is Part.APPLIED:
        return members
    causes = journeys_to(reading.columns, reading.scope.stage, members).cause
    return np.asarray(members[causes == CAUSES[part]])


def _members(reading: Reading, cell: RowCell) -> tuple[str, Positions]:
    if cell.kind is None:
        return "", np.flatnonzero(meeting_filters(reading))
    if cell.kind == "fitting":
        return "", np.flatnonzero(known_to_meet_filters(reading))
    grouping = group_applications(reading)
    if cell.kind != "known":
        return _untraced(reading, grouping, cell.kind)
    for number, group in enumerate(grouping.groups):
        if group.shown and group.key == cell.key:
            return group.label, grouping.application[grouping.group == number]
    raise Missing(_("There is no such row in this report; it may have left the plan."))


def _untraced(reading: Reading, grouping: Grouping, kind: Untraced) -> tuple[str, Positions]:
    if kind == "untraced":
        return _("Not traced to an ad"), np.concatenate(list(grouping.rest.values()))
    unknown = grouping.rest[Trace.UNKNOWN]
    if kind == "unexplained":
        return _("Unknown source, with a name that nobody has explained"), unknown[lack_meaning(reading)[unknown]]
    if kind == "nameless":
        return _("Unknown source, without a name"), unknown[~lack_meaning(reading)[unknown]]
    return rest_label(kind), grouping.rest[KINDS[kind]]


def _choose_stage(reading: Reading, cell: StageCell) -> _Chosen:
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
    if cell.unknown is None:
        return _Chosen(np.flatnonzero(chosen))
    label, unknown = not_known(reading, cell.unknown)
    return _Chosen(np.flatnonzero(chosen & unknown), label)


def _is_odd(reading: Reading, cell: OddCell) -> NDArray[np.bool_]:
    if cell.odd is Odd.UNMAPPED:
        return np.asarray(reading.columns.unmapped & reading.inside)
    return np.asarray(observed_nowhere(reading, cell.odd.value, cell.observed) & reading.inside)


def _describe(reading: Reading, position: int, part: float) -> Listed:
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
        part=part,
    )


def stage_days(reached: NDArray[np.int32], dated: NDArray[np.bool_]) -> dict[str, dt.date | None]:
    """The day of each stage that an application came to, null for one that a later stage implies without a day."""
    return {
        stage.slug: dt.date.fromordinal(int(reached[stage])) if dated[stage] else None
        for stage in Stage
        if stage > Stage.APPLIED and reached[stage] != NEVER
    }
