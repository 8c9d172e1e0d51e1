"""From hires wanted back to applications, traffic and cost: by the organisation's own history where it has enough, by
the planner's own rates where it has none, and each number with the sum that it comes from."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.funnel.daily_click import Follower, count_clicks
from app.funnel.stage import STAGES, Stage
from app.measurement.backwards import Needed, Share, count_before, count_left, count_needed
from app.measurement.intervals import proportion_interval
from app.planning.aim import Reckoning
from app.planning.money import to_minor
from app.planning.placement import Placement
from app.reports.answers import Answer, CostPer, Estimate
from app.reports.costs import amount_of, no_cost_per, share_cost
from app.reports.effectiveness import report_effectiveness
from app.reports.funnel import report_funnel
from app.reports.plan import load_plan
from app.reports.scope import Scope

RateBasis = Literal["history", "own"]
ENOUGH_CLICKS = 30


class History(Answer):
    """What the organisation's own record says: of all who applied, what share comes to each stage; of those who
    followed a link, `clicks` of them, what share applied through it; and what an application has cost, by those that
    were `paid` for. Null, with its why, where there is not enough."""

    applications: int
    shares: dict[str, Estimate]
    applied_per_click: Estimate
    cost_per_application: CostPer
    clicks: int = 0
    paid: int = 0


class ReckonedStep(Answer):
    """How many people at one step, and the share that it rests on: of all who apply, or, of `clicks`, how many apply.
    A rate of the record was counted on `of` applications or clicks. Without a rate there is no number."""

    step: str
    rate: Estimate
    basis: RateBasis | None
    of: int | None
    estimate: int | None
    low: int | None
    high: int | None


class Reckoned(Answer):
    """The expected funnel, back from hires; `why` it cannot be reckoned while no share of hires is known. On `record`
    are so many applications, for the steps whose basis it is. The cost is that of one, `cost_each`, by `cost_of`
    applications of the record, times those needed; the ends of each range are those of the numbers that it is made
    of."""

    hires_wanted: int
    record: int
    steps: list[ReckonedStep]
    cost: CostPer
    cost_basis: RateBasis | None
    cost_each: CostPer
    cost_of: int | None = None
    why: Literal["no_rate"] | None = None

    def expected(self) -> dict[str, int]:
        """The stages as a campaign's expected funnel: nobody reaches one without those before it, also where rates of
        one's own stand beside those of the record."""
        known = {one.step: one.estimate for one in self.steps if one.step in STAGES and one.estimate is not None}
        expected: dict[str, int] = {}
        for stage in sorted(known, key=lambda slug: -STAGES[slug]):
            expected[stage] = max([known[stage], *expected.values()])
        return {stage: expected[stage] for stage in STAGES if stage in expected}

    def range_of(self, stage: str, expected: int | None) -> tuple[int | None, int | None]:
        """Between how many the number expected of a stage may lie; nothing where it is not what is reckoned now, or
        rests on typed rates alone."""
        step = next((one for one in self.steps if one.step == stage), None)
        if step is None or step.low == step.high or self.expected().get(stage) != expected:
            return None, None
        return step.low, step.high


NO_HISTORY = History(
    applications=0, shares={}, applied_per_click=Estimate(estimate=None, low=None, high=None, why="not_recorded"),
    cost_per_application=no_cost_per("not_recorded"),
)  # fmt: skip
"""Of an organisation that has none yet, or for whoever may not see what it says."""


def read_history(session: Session, scope: Scope) -> History:
    """The record of the whole organisation, whatever else the scope asks."""
    whole = Scope(organisation_id=scope.organisation_id, now=scope.now, include_units=scope.include_units)
    funnel = report_funnel(session, whole)
    applied = next((row.reached for row in funnel.stages if row.stage == Stage.APPLIED.slug), 0)
    known = {row.key or "": row.applications for row in report_effectiveness(session, whole).rows if row.row == "known"}
    clicked, clicks = _read_clicks(session, known, whole.level)
    cost, paid = _read_cost(session, known, whole.level)
    return History(
        applications=applied,
        shares={row.stage: row.conversion_from_start for row in funnel.stages if row.stage != Stage.APPLIED.slug},
        applied_per_click=clicked,
        cost_per_application=cost,
        clicks=clicks,
        paid=paid,
    )


def reckon(history: History, given: Reckoning) -> Reckoned:
    """Back from hires to applications, from there to every stage, to traffic and to cost."""
    hired, basis = _choose(history.shares.get(Stage.HIRED.slug), given.rates.hired)
    if hired is None:
        return Reckoned(
            hires_wanted=given.hires_wanted, record=history.applications, steps=[], cost=no_cost_per("not_recorded"),
            cost_basis=None, cost_each=no_cost_per("not_recorded"), why="no_rate",
        )  # fmt: skip
    applications = count_needed(given.hires_wanted, hired)
    steps = [_step(Stage.APPLIED.slug, hired, basis, applications, history.applications)]
    for stage in Stage:
        if stage is Stage.APPLIED:
            continue
        share, own = _choose(history.shares.get(stage.slug), getattr(given.rates, stage.slug))
        left = count_left(applications, share) if share else None
        found = _beside_hires(left, stage, given.hires_wanted)
        steps.append(_step(stage.slug, share, own, found, history.applications))
    clicked, own = _choose(history.applied_per_click, given.rates.applied)
    traffic = count_before(applications, clicked) if clicked else None
    each, cost_basis = _cost_each(history, given)
    return Reckoned(
        hires_wanted=given.hires_wanted, record=history.applications,
        steps=[_step("clicks", clicked, own, traffic, history.clicks), *steps],
        cost=_times(each, applications), cost_basis=cost_basis, cost_each=each,
        cost_of=history.paid if cost_basis == "history" else None,
    )  # fmt: skip


def _beside_hires(left: Needed | None, stage: Stage, hires: int) -> Needed | None:
    """The hires are those that are wanted; no more start than are hired, and no fewer come to a stage before it."""
    if stage is Stage.HIRED:
        return Needed(hires, hires, hires)
    if left is None:
        return None
    if stage < Stage.HIRED:
        return Needed(left.estimate, max(hires, left.low), None if left.high is None else max(hires, left.high))
    return Needed(*(min(hires, hires if end is None else end) for end in (left.estimate, left.low, left.high)))


def _choose(known: Estimate | None, own: str | None) -> tuple[Share | None, RateBasis | None]:
    """A rate of one's own, where the planner typed one, else the record's."""
    if own is not None:
        return Share(float(own) / 100), "own"
    if known is None or not known.estimate:
        return None, None
    return Share(known.estimate, known.low, known.high), "history"


def _step(step: str, share: Share | None, basis: RateBasis | None, found: Needed | None, of: int) -> ReckonedStep:
    rate = (share.value, share.low, share.high) if share else (None, None, None)
    count = (found.estimate, found.low, found.high) if found else (None, None, None)
    return ReckonedStep(
        step=step, rate=Estimate(estimate=rate[0], low=rate[1], high=rate[2]), basis=basis,
        of=of if basis == "history" else None, estimate=count[0], low=count[1], high=count[2],
    )  # fmt: skip


def _cost_each(history: History, given: Reckoning) -> tuple[CostPer, RateBasis | None]:
    """What one application costs: as the planner typed it, else as it has cost."""
    typed = given.cost_per_application
    if typed is not None:
        amount = amount_of(to_minor(typed), typed.currency)
        return CostPer(estimate=amount, low=None, high=None, currency=typed.currency), "own"
    one = history.cost_per_application
    return (no_cost_per(one.why or "not_recorded"), None) if one.estimate is None else (one, "history")


def _times(each: CostPer, applications: Needed) -> CostPer:
    """What so many cost, at the cost of one; where both have ranges, the least of the one is that of the fewest of the
    other."""
    if each.estimate is None:
        return each
    pairs = ((each.estimate, applications.estimate), (each.low or each.estimate, applications.low),
             (each.high or each.estimate, applications.high))  # fmt: skip
    estimate, low, high = (None if n is None else str(Decimal(cost) * n) for cost, n in pairs)
    if low == high:
        low = high = None
    return CostPer(estimate=estimate, low=low, high=high, currency=each.currency)


def _read_clicks(session: Session, applications: Mapping[str, int], level: float) -> tuple[Estimate, int]:
    """Of those people who followed links, what share applied by a code that is counted, and how many they were: only
    placements whose clicks were counted."""
    placed = session.execute(select(Placement.tracking_code, Placement.id))
    codes = {code: id for code, id in placed}  # noqa: C416 (rows are no plain pairs)
    counted = {codes[code]: found.get(Follower.PERSON, 0) for code, found in count_clicks(session, list(codes)).items()}
    clicks = sum(counted.values())
    came = sum(applications.get(str(id), 0) for id in counted)
    if clicks < ENOUGH_CLICKS or not came or came > clicks:
        return Estimate(estimate=None, low=None, high=None, why="too_few" if counted else "not_recorded"), clicks
    ends = proportion_interval(came, clicks, level)
    return Estimate(estimate=came / clicks, low=ends.low, high=ends.high), clicks


def _read_cost(session: Session, applications: Mapping[str, int], level: float) -> tuple[CostPer, int]:
    """What an application has cost by the placements that ran and whose cost is known, and how many came by these."""
    known = [one for one in load_plan(session).placements if one.ran and one.cost is not None]
    came = sum(_came(applications, (str(one.id) for one in known)))
    return share_cost([one.cost for one in known], came, level), came


def _came(applications: Mapping[str, int], keys: Iterable[str]) -> Iterable[int]:
    return (applications.get(key, 0) for key in keys)
