"""What a report reads before it measures: the record in scope, the plan, and whose each application is."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.access.organisation import Organisation, get_organisation
from app.funnel.columns import NEVER, NONE, Columns, load_columns
from app.funnel.stage import Stage
from app.measurement.journeys import Cause, Journeys
from app.reports.answers import Data, Totals
from app.reports.attribution import Attribution, Trace, attribute
from app.reports.plan import Plan, load_plan
from app.reports.scope import Scope, View


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything one report needs; `inside` marks the applications that the scope asks for."""

    scope: Scope
    organisation: Organisation
    columns: Columns
    plan: Plan
    attribution: Attribution
    inside: NDArray[np.bool_]

    @property
    def data(self) -> Data:
        return Data(
            version=self.organisation.data_version,
            through=self.columns.through_of,
            unmapped_applications=int(np.count_nonzero(self.columns.unmapped & self.inside)),
        )

    @property
    def last_day(self) -> dt.date:
        today = self.scope.now.astimezone(self.organisation.zone).date()
        return min(self.scope.as_of or today, today)


def read(session: Session, scope: Scope) -> Reading:
    """Read the record and the plan as the scope asks for them."""
    organisation = get_organisation(session, scope.organisation_id)
    columns = load_columns(session, organisation.zone, now=scope.now, as_of=scope.as_of, known_at=scope.known_at)
    plan = load_plan(session)
    attribution = attribute(columns, plan, scope.lookback_days)
    return Reading(scope, organisation, columns, plan, attribution, _inside(columns, scope))


def _inside(columns: Columns, scope: Scope) -> NDArray[np.bool_]:
    """By application date and specialty. What happened in a period may have begun before it, so an activity
    report looks at every applicant."""
    inside = np.ones(columns.count, dtype=np.bool_)
    if scope.view is not View.ACTIVITY:
        if scope.from_ is not None:
            inside &= columns.applied >= scope.from_.toordinal()
        if scope.to is not None:
            inside &= columns.applied <= scope.to.toordinal()
    if scope.filters.specialty is not None:
        names = columns.specialties
        wanted = names.index(scope.filters.specialty) if scope.filters.specialty in names else len(names)
        inside &= columns.specialty == wanted
    return inside


def meeting_filters(reading: Reading) -> NDArray[np.bool_]:
    """Applications in scope that may be what the filters on the plan ask for: those whose placement meets them,
    and those of which too little is known to say."""
    attribution = reading.attribution
    placement_meets = _placement_meets(reading)
    channel_meets = (attribution.channel == NONE) | (attribution.channel == _channel_asked(reading))
    if reading.scope.filters.channel is not None:
        placement_meets &= channel_meets
    return np.asarray(reading.inside & placement_meets)


def known_to_meet_filters(reading: Reading) -> NDArray[np.bool_]:
    """Applications in scope that are known to be what the filters on the plan ask for; all, if nothing is asked."""
    filters, attribution = reading.scope.filters, reading.attribution
    if not filters.on_plan:
        return reading.inside
    known = (attribution.placement != NONE) & _placement_meets(reading)
    if not filters.on_placements:
        known |= (attribution.trace == Trace.PARTLY) & (attribution.channel == _channel_asked(reading))
    return np.asarray(reading.inside & known)


def _placement_meets(reading: Reading) -> NDArray[np.bool_]:
    meets = [placement.meets(reading.scope.filters) for placement in reading.plan.placements]
    return np.array([*meets, True], dtype=np.bool_)[reading.attribution.placement]


def _channel_asked(reading: Reading) -> int:
    """The position of the channel that the filters name, or one that no application has."""
    asked = reading.scope.filters.channel
    ids = [id for id, _name in reading.plan.channels]
    return ids.index(asked) if asked in ids else len(ids)


def journeys_to(columns: Columns, stage: Stage, chosen: NDArray[Any], *, since: Stage = Stage.APPLIED) -> Journeys:
    """The waiting times of the chosen applications for one stage, since they applied or came to another."""
    start, out = columns.reached[chosen, since], columns.out[chosen]
    reached = columns.reached[chosen, stage]
    follow_up = np.maximum(columns.through[chosen] - start, 0)
    advanced = reached != NEVER
    gone = ~advanced & (out != NEVER)
    decided = np.clip(np.where(advanced, reached, out) - start, 0, follow_up)
    cause = np.where(advanced, Cause.ADVANCED, np.where(gone, Cause.OUT, Cause.PENDING))
    return Journeys(
        np.where(advanced | gone, decided, follow_up).astype(np.int32),
        cause.astype(np.int8),
        follow_up.astype(np.int32),
    )


def count_totals(reading: Reading, chosen: NDArray[np.bool_]) -> Totals:
    """Counts over the chosen applications; the traced share is of those whose placement is known."""
    journeys = journeys_to(reading.columns, reading.scope.stage, chosen)
    traced = np.count_nonzero(reading.attribution.trace[chosen] == Trace.KNOWN)
    return Totals(
        people=len(np.unique(reading.columns.person[chosen])),
        applications=len(journeys),
        reached=journeys.reached_count,
        out=journeys.out_count,
        pending=journeys.pending_count,
        traced_share=float(traced / len(journeys)) if len(journeys) else None,
    )


def strata(columns: Columns, chosen: NDArray[Any]) -> NDArray[np.int32]:
    """What makes applicants comparable: their specialty and the job they applied to, each unstated one apart."""
    jobs = int(columns.job.max(initial=NONE)) - NONE + 1
    return np.asarray((columns.specialty[chosen] - NONE) * jobs + columns.job[chosen] - NONE, dtype=np.int32)


def describe_scope(scope: Scope) -> dict[str, Any]:
    """The question as it was understood, for whoever reads the answer later."""
    filters = scope.filters
    asked = {
        name: str(getattr(filters, name))
        for name in ("campaign", "persona", "channel", "format", "placement", "specialty")
        if getattr(filters, name) is not None
    }
    return {
        "by": scope.by.value, "view": scope.view.value, "stage": scope.stage.slug,
        "from": scope.from_, "to": scope.to, "as_of": scope.as_of, "known_at": scope.known_at,
        "lookback_days": scope.lookback_days, "horizon_days": scope.horizon_days,
        "model": scope.model.value, "level": scope.level, "filters": asked,
    }  # fmt: skip
