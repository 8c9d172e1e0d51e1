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
        zone = self.organisation.zone
        return self.scope.as_of or self.scope.now.astimezone(zone).date()


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
    """Applications in scope whose placement meets the filters on the plan, or that no placement is named for."""
    meets = np.array(
        [*(placement.meets(reading.scope.filters) for placement in reading.plan.placements), True],
        dtype=np.bool_,
    )
    return np.asarray(reading.inside & meets[reading.attribution.placement])


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
    """What makes applicants comparable: their specialty; those of none stated are compared among themselves."""
    return np.asarray(columns.specialty[chosen] - NONE, dtype=np.int32)


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
