"""What a report reads before it measures: the record in scope, the plan, and whose each application is."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.organisation import Organisation, get_data_version, get_organisation
from app.database import sight_of
from app.errors import Invalid, Problem
from app.funnel.application import Application
from app.funnel.columns import NEVER, NONE, Columns, load_columns
from app.funnel.stage import Stage, unheard_stages
from app.i18n import _
from app.measurement.journeys import Cause, Journeys
from app.reports.answers import Data, Totals
from app.reports.attribution import Attribution, Trace, attribute
from app.reports.plan import Plan, load_plan
from app.reports.scope import Scope, View


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything one report needs; `inside` marks the applications that the scope asks for, `unheard` are the stages
    that no system records."""

    scope: Scope
    organisation: Organisation
    data_version: int
    columns: Columns
    plan: Plan
    attribution: Attribution
    inside: NDArray[np.bool_]
    unheard: frozenset[Stage]

    @property
    def recorded(self) -> list[Stage]:
        """The stages that some system records, in their order."""
        return [stage for stage in Stage if stage not in self.unheard]

    @property
    def unheard_slugs(self) -> list[str]:
        """The others by the words of the API."""
        return [stage.slug for stage in sorted(self.unheard)]

    def before(self, stage: Stage) -> Stage:
        """The recorded stage before this one; the first is its own."""
        return max((one for one in self.recorded if one < stage), default=Stage.APPLIED)

    @property
    def data(self) -> Data:
        return Data(
            version=self.data_version,
            through=self.columns.through_of,
            unmapped_applications=int(np.count_nonzero(self.columns.unmapped & self.inside)),
        )

    @property
    def last_day(self) -> dt.date:
        today = self.scope.now.astimezone(self.organisation.zone).date()
        return min(self.scope.as_of or today, today)

    @property
    def last_read(self) -> dt.date:
        """The last day to which any system was read: of what came later nothing is known."""
        through = self.columns.through
        return min(self.last_day, dt.date.fromordinal(int(through.max()))) if len(through) else self.last_day


def read(session: Session, scope: Scope) -> Reading:
    """Read the record and the plan as the scope asks for them."""
    organisation = get_organisation(session, scope.organisation_id)
    if scope.known_at is not None:
        _refuse_what_only_the_parent_knows(session)
    columns = load_columns(session, organisation.zone, now=scope.now, as_of=scope.as_of, known_at=scope.known_at)
    plan = load_plan(session)
    attribution = attribute(columns, plan, scope.lookback_days)
    version = get_data_version(session)
    inside = _inside(columns, plan, scope)
    unheard = unheard_stages(session, [stage for stage in Stage if columns.dated[:, stage].any()])
    return Reading(scope, organisation, version, columns, plan, attribution, inside, unheard)


def _refuse_what_only_the_parent_knows(session: Session) -> None:
    """Facts stay with whoever owns the connection; a unit sees what became of them, not when they were learnt."""
    placed_from_above = Application.organisation_id.not_in(sight_of(session).within)
    if session.scalar(select(Application.id).where(placed_from_above).limit(1)) is not None:
        raise Invalid(
            [Problem("known_at", _("Only the organisation that owns the connection can tell this; leave it out."))]
        )


def _inside(columns: Columns, plan: Plan, scope: Scope) -> NDArray[np.bool_]:
    """By unit, application date, specialty and vacancy. What happened in a period may have begun before it, so an
    activity report looks at every applicant."""
    inside = of_whom(columns, plan, scope)
    if scope.view is not View.ACTIVITY:
        if scope.from_ is not None:
            inside &= columns.applied >= scope.from_.toordinal()
        if scope.to is not None:
            inside &= columns.applied <= scope.to.toordinal()
    return inside


def of_whom(columns: Columns, plan: Plan, scope: Scope) -> NDArray[np.bool_]:
    """Applications of the units, the specialty and the vacancy that the scope asks for, whenever they were made."""
    inside = np.ones(columns.count, dtype=np.bool_)
    if not scope.include_units:
        own = columns.units.index(scope.organisation_id) if scope.organisation_id in columns.units else NONE
        inside &= (columns.unit == NONE) | (columns.unit == own)
    if scope.filters.specialty is not None:
        names = columns.specialties
        wanted = names.index(scope.filters.specialty) if scope.filters.specialty in names else len(names)
        inside &= columns.specialty == wanted
    if scope.filters.vacancy is not None:
        named = plan.observed_jobs.get(scope.filters.vacancy, frozenset())
        inside &= np.isin(columns.job, [code for code, job in enumerate(columns.jobs) if job in named])
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
        hired=int(np.count_nonzero(reading.columns.reached[chosen, Stage.HIRED] != NEVER)),
    )


def describe_scope(scope: Scope) -> dict[str, Any]:
    """The question as it was understood, for whoever reads the answer later."""
    filters = scope.filters
    asked = {
        name: str(getattr(filters, name))
        for name in ("campaign", "persona", "channel", "format", "placement", "place", "specialty", "vacancy")
        if getattr(filters, name) is not None
    }
    return {
        "by": scope.by.value, "view": scope.view.value, "stage": scope.stage.slug,
        "from": scope.from_, "to": scope.to, "as_of": scope.as_of, "known_at": scope.known_at,
        "lookback_days": scope.lookback_days, "horizon_days": scope.horizon_days,
        "model": scope.model.value, "level": scope.level, "include_units": scope.include_units, "filters": asked,
    }  # fmt: skip
