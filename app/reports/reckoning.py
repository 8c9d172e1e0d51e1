"""From hires wanted back to applications, traffic and cost: by the organisation's own history where it has enough, by
the planner's own rates where it has none, and each number with the sum that it comes from."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.funnel.daily_click import Follower, count_clicks
from app.funnel.stage import STAGES, Stage
from app.measurement.backwards import Needed, Share, count_left, count_needed
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
    followed a link, what share applied through it; and what an application has cost. Null, with its why, where there
    is not enough."""

    applications: int
    shares: dict[str, Estimate]
    applied_per_click: Estimate
    cost_per_application: CostPer


class ReckonedStep(Answer):
    """How many people at one step, and the share that it rests on: of all who apply, or, of `clicks`, how many apply.
    Without a rate there is no number."""

    step: str
    rate: Estimate
    basis: RateBasis | None
    estimate: int | None
    low: int | None
    high: int | None


class Reckoned(Answer):
    """The expected funnel, back from hires; `why` it cannot be reckoned while no share of hires is known. On `record`
    are so many applications, for the steps whose basis it is."""

    hires_wanted: int
    record: int
    steps: list[ReckonedStep]
    cost: CostPer
    cost_basis: RateBasis | None
    why: Literal["no_rate"] | None = None

    def expected(self) -> dict[str, int]:
        """The stages as a campaign's expected funnel: nobody reaches one without those before it, also where rates of
        one's own stand beside those of the record."""
        known = {one.step: one.estimate for one in self.steps if one.step in STAGES and one.estimate is not None}
        expected: dict[str, int] = {}
        for stage in sorted(known, key=lambda slug: -STAGES[slug]):
            expected[stage] = max([known[stage], *expected.values()])
        return {stage: expected[stage] for stage in STAGES if stage in expected}


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
    rows = [row for row in report_effectiveness(session, whole).rows if row.row == "known"]
    return History(
        applications=applied,
        shares={row.stage: row.conversion_from_start for row in funnel.stages if row.stage != Stage.APPLIED.slug},
        applied_per_click=_read_clicks(session, {row.key or "": row.applications for row in rows}, whole.level),
        cost_per_application=_read_cost(session, {row.key or "": row.applications for row in rows}, whole.level),
    )


def reckon(history: History, given: Reckoning) -> Reckoned:
    """Back from hires to applications, from there to every stage, to traffic and to cost."""
    hired, basis = _choose(history.shares.get(Stage.HIRED.slug), given.rates.hired)
    if hired is None:
        return Reckoned(
            hires_wanted=given.hires_wanted, record=history.applications, steps=[], cost=no_cost_per("not_recorded"),
            cost_basis=None, why="no_rate",
        )  # fmt: skip
    applications = count_needed(given.hires_wanted, hired)
    steps = [_step(Stage.APPLIED.slug, hired, basis, applications)]
    for stage in Stage:
        if stage is Stage.APPLIED:
            continue
        share, own = _choose(history.shares.get(stage.slug), getattr(given.rates, stage.slug))
        left = count_left(applications.estimate, share) if share else None
        steps.append(_step(stage.slug, share, own, _at_most_hired(left, stage, given.hires_wanted)))
    clicked, own = _choose(history.applied_per_click, given.rates.applied)
    traffic = count_needed(applications.estimate, clicked) if clicked else None
    cost, cost_basis = _reckon_cost(history, given, applications)
    return Reckoned(
        hires_wanted=given.hires_wanted, record=history.applications,
        steps=[_step("clicks", clicked, own, traffic), *steps], cost=cost, cost_basis=cost_basis,
    )  # fmt: skip


def _at_most_hired(left: Needed | None, stage: Stage, hires: int) -> Needed | None:
    """The hires are those that are wanted; no more start than are hired."""
    if stage is Stage.HIRED:
        return Needed(hires, hires, hires)
    if left is None or stage < Stage.HIRED:
        return left
    return Needed(*(min(hires, hires if end is None else end) for end in (left.estimate, left.low, left.high)))


def _choose(known: Estimate | None, own: str | None) -> tuple[Share | None, RateBasis | None]:
    """A rate of one's own, where the planner typed one, else the record's."""
    if own is not None:
        return Share(float(own) / 100), "own"
    if known is None or not known.estimate:
        return None, None
    return Share(known.estimate, known.low, known.high), "history"


def _step(step: str, share: Share | None, basis: RateBasis | None, found: Needed | None) -> ReckonedStep:
    rate = (share.value, share.low, share.high) if share else (None, None, None)
    count = (found.estimate, found.low, found.high) if found else (None, None, None)
    return ReckonedStep(
        step=step, rate=Estimate(estimate=rate[0], low=rate[1], high=rate[2]), basis=basis, estimate=count[0],
        low=count[1], high=count[2],
    )  # fmt: skip


def _reckon_cost(history: History, given: Reckoning, applications: Needed) -> tuple[CostPer, RateBasis | None]:
    """What so many applications cost, at the cost of one; the range is that of one's cost."""
    n = applications.estimate
    if given.cost_per_application is not None:
        minor, currency = to_minor(given.cost_per_application) * n, given.cost_per_application.currency
        return CostPer(estimate=amount_of(minor, currency), low=None, high=None, currency=currency), "own"
    one = history.cost_per_application
    if one.estimate is None:
        return no_cost_per(one.why or "not_recorded"), None
    estimate, low, high = (None if end is None else str(Decimal(end) * n) for end in (one.estimate, one.low, one.high))
    return CostPer(estimate=estimate, low=low, high=high, currency=one.currency), "history"


def _read_clicks(session: Session, applications: Mapping[str, int], level: float) -> Estimate:
    """Of those people who followed links, what share applied by a code that is counted: only placements whose clicks
    were counted."""
    placed = session.execute(select(Placement.tracking_code, Placement.id))
    codes = {code: id for code, id in placed}  # noqa: C416 (rows are no plain pairs)
    counted = {codes[code]: found.get(Follower.PERSON, 0) for code, found in count_clicks(session, list(codes)).items()}
    clicks = sum(counted.values())
    came = sum(applications.get(str(id), 0) for id in counted)
    if clicks < ENOUGH_CLICKS or not came or came > clicks:
        return Estimate(estimate=None, low=None, high=None, why="too_few" if counted else "not_recorded")
    ends = proportion_interval(came, clicks, level)
    return Estimate(estimate=came / clicks, low=ends.low, high=ends.high)


def _read_cost(session: Session, applications: Mapping[str, int], level: float) -> CostPer:
    """What an application has cost by the placements that ran and whose cost is known."""
    known = [one for one in load_plan(session).placements if one.ran and one.cost is not None]
    return share_cost([one.cost for one in known], sum(_came(applications, (str(one.id) for one in known))), level)


def _came(applications: Mapping[str, int], keys: Iterable[str]) -> Iterable[int]:
    return (applications.get(key, 0) for key in keys)
