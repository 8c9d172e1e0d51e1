"""The shapes reports answer in, as JSON and to pages alike. Whatever cannot be estimated is null, with its `why`."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from app.measurement.reasons import Why as MeasuredWhy
from app.measurement.thresholds import DOUBLED

Why = Literal["too_early", "too_few", "not_recorded", "mixed_currency", "did_not_run"]
RowKind = Literal["known", "unknown", "partly_traced", "unmatched"]
Basis = Literal["invoiced", "spent", "booked", "planned"]


def say_why(why: MeasuredWhy | None) -> Why | None:
    """Measurement's word for why a number is missing, as reports spell it."""
    return None if why is None else why.value


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Waiting(Answer):
    """Deliveries not wholly in the numbers: not mapped in stage or shape, to be looked at, to be read by themselves."""

    needs_mapping: int
    dead: int
    received: int

    @property
    def for_somebody(self) -> int:
        return self.needs_mapping + self.dead


class Data(Answer):
    """Which state of the data was read, and up to when each system had been read. `waiting` is as of now, whatever
    was asked, and null where nobody has looked."""

    version: int
    through: dict[str, dt.datetime]
    unmapped_applications: int
    waiting: Waiting | None = None


class Totals(Answer):
    """Counts over the whole scope; reached, out and pending add up to applications."""

    people: int
    applications: int
    reached: int
    out: int
    pending: int
    traced_share: float | None
    hired: int | None = None
    """How many have been hired so far, whatever stage is asked about."""

    @property
    def untraced(self) -> int:
        """How many applications are not known to have come through any placement."""
        return round(self.applications * (1 - (self.traced_share or 0)))


class Cost(Answer):
    """An amount in one currency, and whether it was invoiced, booked or only planned."""

    amount: str
    currency: str
    basis: Basis


class Touched(Answer):
    """Of the applications that reached the stage: whose first, last or any touch was this row's."""

    first: int
    last: int
    any: int


class Credit(Answer):
    """The row's share of the applications that reached the stage; all rows' add up to them, unless they overlap
    or every touch counts (`any`)."""

    model: str
    value: float | None
    low: float | None
    high: float | None
    why: Why | None = None


class Bounds(Answer):
    """What a row's number would be if none, or all, of what cannot be traced and may be its own were so. Every row's
    most counts the same applications, so not all can be right at once."""

    least: float
    most: float


class Estimate(Answer):
    """A number with its interval at the scope's level."""

    estimate: float | None
    low: float | None
    high: float | None
    why: Why | None = None


class Conversion(Estimate):
    """The share that reaches the stage within the horizon, over all who had the time or may yet have it."""

    horizon_days: int


class Lift(Estimate):
    """The change of that share against comparable applicants of other ads: associated, not caused."""

    measure: Literal["relative_change"] = "relative_change"
    horizon_days: int
    probability_better: float | None


class Brought(Estimate):
    """How many more people applied in the placement's weeks than would have without it, by those weeks against the
    others: all who applied, traced or not. The reason says it in a sentence, or what is lacking; `weeks` is about how
    many more weeks would tell, of the kind that its code names."""

    level: float
    probability_more: float | None = None
    weeks: int | None = None
    reason: "Reason | None" = None


class Reason(Answer):
    """Why the verdict is what it is: a code with its numbers, and one plain sentence."""

    code: str
    params: dict[str, Any]
    text: str


class Needs(Answer):
    """What would have to come before an ad is noticed that multiplies the rate by `ratio`; capped means over 1,000."""

    applications: int | None
    weeks: int | None
    capped: bool
    ratio: float = DOUBLED


class CostPer(Answer):
    """Money for each application that reached the stage; attributed, not caused."""

    estimate: str | None
    low: str | None
    high: str | None
    currency: str | None
    why: Why | None = None


class Row(Answer):
    row: RowKind
    key: str | None
    code: str | None = None
    label: str
    begun: bool = True
    """Whether any of its placements has gone live, or somebody came by it."""
    placements: int = 0
    """How many placements that have run it is made of."""
    ended: bool = False
    """Whether all of its placements are over: what it still needs, only a repetition would bring."""
    in_period: bool = True
    """Whether any of its placements runs on a day of the period asked about; `costs` are of those days alone."""
    costs: list[Cost]
    costs_to_come: list[Cost] = []
    """Known costs of those of its placements that have not begun, where others have: not in `costs`, which applicants
    may be set against; of all days, whatever period is asked about."""
    applications: int
    reached: int
    out: int
    pending: int
    hired: int | None = None
    """How many have been hired so far, whatever stage is asked about; null while nobody is known to have been."""
    reached_bounds: Bounds | None
    """Of `reached`; null for rows of what cannot be traced."""
    touched: Touched
    credit: Credit
    conversion: Conversion
    expected_reached: Estimate
    lift: Lift | None
    brought: Brought
    reached_because: Estimate
    """Of those it brought, how many will have reached the stage by the horizon."""
    cost_per_reached_because: CostPer
    verdict: Literal["moved", "did_not_move", "cannot_tell"] | None
    reason: Reason | None
    turned_by_one: bool = False
    """Whether one application that ended otherwise would turn the verdict; of `cannot_tell` that is not asked."""
    needs: Needs | None
    cost_per_reached: CostPer

    @property
    def is_idle(self) -> bool:
        """Whether nobody came by it because it has not run, or not in the period: there is nothing to judge."""
        return not self.applications and not (self.begun and self.in_period)


class Effectiveness(Answer):
    """Which ads moved people forward: rows add up to the totals unless they overlap. `shared` applications of
    these rows belong to several, also to such as the filters leave out: each row counts them, and the verdicts compare
    them with nobody."""

    scope: dict[str, Any]
    data: Data
    totals: Totals
    overlapping: bool
    shared: int = 0
    expected_reached: Estimate | None = None
    """Of all of them together; the ranges of rows do not add up to it."""
    rows: list[Row]
    next: str | None = None


class DaysToStage(Answer):
    median: float | None
    low: float | None
    high: float | None
    why: Why | None = None


class IncidencePoint(Answer):
    """The share that had reached the stage by this day after applying: `at_risk` still wait and are watched then, and
    `followed` applications are so old, whatever became of them."""

    day: int
    estimate: float | None
    low: float | None
    high: float | None
    at_risk: int
    followed: int
    why: Why | None = None


class OutCounts(Answer):
    rejected: int
    withdrawn: int


class StageRow(Answer):
    """One stage: reached counts all who came this far or further; out and pending are those whose furthest it is.
    Nobody is pending at the last stage that is recorded: whoever came there has arrived. Of a stage whose shares say
    `not_recorded` no system speaks, and its counts say nothing."""

    stage: str
    reached: int
    out: OutCounts
    pending: int
    conversion_from_previous: Estimate
    conversion_from_start: Estimate
    days_to_stage: DaysToStage
    incidence: list[IncidencePoint]


class Funnel(Answer):
    scope: dict[str, Any]
    data: Data
    totals: Totals
    stages: list[StageRow]


class UnmatchedSource(Answer):
    """Something observed that leads to no placement, with the local days it was first and last seen."""

    kind: Literal["code", "label", "host"]
    observed: str
    applications: int
    touchpoints: int
    first: dt.date
    last: dt.date


class Unmatched(Answer):
    scope: dict[str, Any]
    data: Data
    sources: list[UnmatchedSource]


class PathTaken(Answer):
    """One way that applications took, as the rows met in their order; `unresolved` are still open. `key` names it for
    as long as its rows are there."""

    key: str
    steps: list[str]
    people: int
    applications: int
    reached: int
    unresolved: int


class ModelCredit(Answer):
    """What one way of sharing gives a row of the applications that reached the stage. It describes what was met.
    `bounds` say how far that hangs on what cannot be traced; null for rows of that, and under removal effects, which
    have no such limits."""

    row: RowKind
    key: str | None
    label: str
    credit: float | None
    low: float | None
    high: float | None
    bounds: Bounds | None = None
    why: Why | None = None


class RemovalEffect(Answer):
    """The share of those who reached the stage whom the chain of steps would lose without this row."""

    row: RowKind
    key: str | None
    label: str
    effect: float | None
    why: Why | None = None


class Hastened(Answer):
    """`ratio` is how many times as often in a week those went on who had met this row after the stage before, beside
    comparable people who had not, or not yet: associated, not caused. By `weeks` all rows are told apart together, by
    `counts`, while fewer than 30 have gone on, each is by itself."""

    key: str | None
    label: str
    ratio: Estimate
    probability_sooner: float | None
    model: Literal["weeks", "counts"]
    verdict: Literal["sooner", "cannot_tell"]


class PathsAnswer(Answer):
    """Ways of sharing credit, never one blended score. Under every model but `any` the credits of all rows and the
    `untouched`, who met nothing, add up to those who reached the stage; `unresolved` applications are in no model. Of
    `untraced` the source leads to no placement; `overlapping` rows share ads; `hastened` is met between two stages."""

    scope: dict[str, Any]
    data: Data
    totals: Totals
    heading: str
    overlapping: bool = False
    unresolved: int
    untouched: int
    untraced: int
    paths: list[PathTaken]
    models: dict[str, list[ModelCredit]]
    removal_effects: list[RemovalEffect]
    hastened: list[Hastened]


class Confounding(Answer):
    """E-values of the middle of a difference, and of the end of its interval that is nearer to none."""

    estimate: float
    limit: float
    text: str


class ComparedSide(Answer):
    """One of two that are compared: a row of a split by its key, or a period."""

    key: str
    label: str
    applications: int
    reached: int
    out: int
    pending: int
    conversion: Conversion


class Comparison(Answer):
    """Two side by side. `ratio` is how many times as often applicants of `a` advance in a week as comparable ones of
    `b`; `change` how much that changes the share of `b`'s who reach the stage in time; `verdict` whose go further, if
    that can be said, and then `confounding` what would explain it away: associated, not caused."""

    scope: dict[str, Any]
    data: Data
    a: ComparedSide
    b: ComparedSide
    probability_better: float | None
    ratio: Estimate
    change: Estimate
    verdict: Literal["a_further", "b_further", "cannot_tell"]
    confounding: Confounding | None
    text: str
