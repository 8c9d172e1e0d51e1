"""Why we say of a row what we say: its verdict joined with the applications, rules and doubts behind it."""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.errors import Invalid, Missing, Problem
from app.funnel.columns import NEVER
from app.funnel.stage import Stage
from app.i18n import _
from app.measurement.explanation import SPREAD_SHAPE, Use, explain_ad
from app.measurement.explanation import Explanation as Explained
from app.measurement.journeys import Cause
from app.measurement.lift import Lift as MeasuredLift
from app.measurement.mixture import SPREAD_RATE
from app.measurement.thresholds import VERSION
from app.reports.answers import Confounding, Lift
from app.reports.cache import cached
from app.reports.explain_words import (
    assumption_words,
    confounding_words,
    flip_words,
    method_words,
    prior_words,
    threshold_words,
)
from app.reports.explained import (
    Change,
    Counted,
    CountedApplication,
    CountedAs,
    ExplainedRow,
    Explanation,
    Method,
    Prior,
    PriorCase,
    ReadUpTo,
    Threshold,
    UseWord,
)
from app.reports.grouping import Group, Grouping, group_applications
from app.reports.listing import stage_days
from app.reports.measuring import Gathered, gather
from app.reports.reading import Reading, describe_scope, journeys_to, read
from app.reports.scope import By, Scope, View
from app.reports.telling import tell_lift, tell_needs, tell_reason
from app.reports.untraced import count_possible

COUNTED: Mapping[int, CountedAs] = {Cause.ADVANCED: "reached", Cause.OUT: "out", Cause.PENDING: "pending"}
USES: Mapping[int, UseWord] = {
    Use.ADVANCED: "advanced", Use.AT_RISK: "at_risk", Use.UNWATCHED: "unwatched", Use.ALONE: "alone",
}  # fmt: skip


def report_explanation(session: Session, scope: Scope, key: str, *, exact: bool) -> Explanation:
    """Explain the verdict that the effectiveness report gives on the row of this key, for the scope's split and stage.

    exact  whether the reader may see small counts; else no number of people is told, nothing made of some, and no
           application, and the whole record is asked about: the same of a part of it could be told apart.
    Raises Missing for a row that is not there.
    """
    asked = Scope(organisation_id=scope.organisation_id, now=scope.now, stage=scope.stage, by=scope.by)
    if exact:
        # Whom a placement is compared with is the same whichever are chosen; other rows consist of those chosen.
        filters = scope.filters.of_applications if scope.by is By.PLACEMENT else scope.filters
        asked = replace(scope, view=View.COHORT, filters=filters)
    name = f"explanation of {key}, {'exact' if exact else 'protected'}"
    return cached(session, asked, name, lambda: _explain(read(session, asked), key, exact=exact))


def name_explanation(by: By, key: str) -> str:
    """What the audit calls it when it leaves."""
    return f"explain/{key}" if by is By.PLACEMENT else f"explain/{by.value}/{key}"


def refuse_parts(scope: Scope) -> None:
    """Refuse a question about a part of the record, for who may not see small counts. Raises Invalid."""
    whole = Scope(organisation_id=scope.organisation_id, now=scope.now, stage=scope.stage)
    if replace(scope, by=whole.by, model=whole.model) != whole:
        text = _("You may not see small counts, so ask about the whole record: give no more than a stage.")
        raise Invalid([Problem("stage", text)])


def _explain(reading: Reading, key: str, *, exact: bool) -> Explanation:
    grouping = group_applications(reading)
    number = next((n for n, group in enumerate(grouping.groups) if group.shown and group.key == key), None)
    if number is None:
        raise Missing(_("No ad that is asked about belongs to “%(key)s”.", key=key))
    scope, gathered = reading.scope, gather(reading, grouping)
    explained = explain_ad(
        gathered.people,
        number,
        gathered.pace[: gathered.people.ads],
        horizon_days=scope.horizon_days,
        level=scope.level,
    )
    decision = explained.judgement.decision
    lift = _lift(explained.judgement.progress.lift, scope.horizon_days)
    counted = _Behind(reading, grouping, number, gathered, explained)
    return Explanation(
        scope=describe_scope(scope),
        data=ReadUpTo(version=reading.data_version, through=reading.data.through),
        row=_describe_row(reading, grouping.groups[number]),
        exact=exact,
        verdict=decision.verdict.value,
        reason=tell_reason(decision.verdict, decision.reason, scope.stage, lift) if exact else None,
        counts=_count(counted) if exact else None,
        lift=lift if exact else None,
        method=_tell_method(explained, scope.by, exact=exact),
        assumptions=assumption_words(
            explained.choice, scope.lookback_days, scope.stage, scope.by, overlapping=grouping.overlapping
        ),
        threshold=_tell_threshold(explained, scope.level, exact=exact),
        prior=_tell_prior(explained, scope.horizon_days, exact=exact),
        confounding=_tell_confounding(explained) if exact else None,
        needs=tell_needs(explained.judgement.needs) if exact else None,
        changes=_tell_changes(explained, scope.stage) if exact else [],
        not_recorded=reading.unheard_slugs,
        applications=_list_applications(counted) if exact else None,
    )


@dataclass(frozen=True, slots=True)
class _Behind:
    """The people behind one row's verdict: group `number` of the grouping."""

    reading: Reading
    grouping: Grouping
    number: int
    gathered: Gathered
    explained: Explained

    @property
    def owned(self) -> NDArray[np.int64]:
        return np.asarray(self.grouping.application[self.grouping.group == self.number])

    @property
    def several(self) -> NDArray[np.int64]:
        """Its own that belong to other rows, too."""
        apart = self.gathered.application[self.gathered.row == self.number]
        return np.setdiff1d(self.owned, apart)


def _describe_row(reading: Reading, group: Group) -> ExplainedRow:
    placements, by = [reading.plan.placements[number] for number in group.placements], reading.scope.by
    return ExplainedRow(
        by=by.value,
        key=group.key,
        code=placements[0].code if by is By.PLACEMENT else None,
        label=group.label,
        ended=bool(placements) and all(placement.is_over(reading.last_day) for placement in placements),
    )


def _count(behind: _Behind) -> Counted:
    reading, progress, uses = behind.reading, behind.explained.judgement.progress, behind.explained.uses
    owned = journeys_to(reading.columns, reading.scope.stage, behind.owned)
    return Counted(
        applications=len(owned), reached=owned.reached_count, out=owned.out_count, pending=owned.pending_count,
        compared=progress.applicants, observed=progress.observed, expected=round(progress.expected, 6),
        alone=int(np.count_nonzero(uses == Use.ALONE)), unwatched=int(np.count_nonzero(uses == Use.UNWATCHED)),
        several=len(behind.several), untraced=count_possible(reading, behind.grouping)[behind.number],
    )  # fmt: skip


def _lift(lift: MeasuredLift | None, horizon_days: int) -> Lift | None:
    return None if lift is None else tell_lift(lift, horizon_days)


def _tell_method(explained: Explained, by: By, *, exact: bool) -> Method:
    return Method(
        model=explained.judgement.progress.method.value,
        why=explained.choice.value,
        text=method_words(explained.choice, by),
        advances=explained.advances if exact else None,
        ads=explained.ads if exact else None,
    )


def _tell_threshold(explained: Explained, level: float, *, exact: bool) -> Threshold:
    """A threshold that was shuffled for is made of counts, so whoever may not see these is told of the table alone."""
    better = explained.threshold if exact else None
    return Threshold(
        version=VERSION,
        better=better,
        set_by=("permutation" if explained.guarded else "table") if exact else None,
        notable_lift=explained.rules.notable_lift,
        surely_small=explained.rules.surely_small,
        fewest_applicants=explained.rules.fewest_applicants,
        text=" ".join(threshold_words(explained.rules, VERSION, better, level, guarded=explained.guarded)),
    )


def _tell_prior(explained: Explained, horizon_days: int, *, exact: bool) -> Prior:
    usual = SPREAD_SHAPE / SPREAD_RATE
    cases = [
        PriorCase(
            factor=math.exp(one.spread),
            usual=one.spread == usual,
            verdict=one.verdict.value,
            lift=_lift(one.lift, horizon_days),
        )
        for one in (explained.sensitivities if exact else ())
    ]
    return Prior(cases=cases, text=prior_words(cases, math.exp(usual)))


def _tell_confounding(explained: Explained) -> Confounding | None:
    found = explained.confounding
    if found is None:
        return None
    text = confounding_words(found.estimate, found.limit)
    return Confounding(estimate=found.estimate, limit=found.limit, text=text)


def _tell_changes(explained: Explained, stage: Stage) -> list[Change]:
    return [
        Change(
            applications=flip.change,
            verdict=flip.verdict.value,
            text=flip_words(flip.change, flip.verdict.value, stage),
        )
        for flip in explained.flips
    ]


def _list_applications(behind: _Behind) -> list[CountedApplication]:
    """Every application that some number of the explanation counts, in the order of applying."""
    reading, application, explained = behind.reading, behind.gathered.application, behind.explained
    use: dict[int, UseWord | None] = dict.fromkeys(behind.several.tolist(), "several")
    compared = application[explained.members]
    use |= {one: USES[word] for one, word in zip(compared.tolist(), explained.uses.tolist(), strict=True)}
    met = _days_met(reading, behind.grouping.groups[behind.number])
    everyone = np.union1d(behind.owned, compared)
    causes = journeys_to(reading.columns, reading.scope.stage, everyone).cause
    return [
        _describe(reading, int(one), COUNTED[cause], owned=bool(mine), met=met[int(one)], use=use.get(int(one)))
        for one, cause, mine in zip(everyone, causes.tolist(), np.isin(everyone, behind.owned), strict=True)
    ]


def _days_met(reading: Reading, group: Group) -> Mapping[int, list[int]]:
    meetings, days = reading.attribution.meetings, defaultdict(list)
    chosen = np.isin(meetings.placement, group.placements)
    for application, day in zip(meetings.application[chosen].tolist(), meetings.day[chosen].tolist(), strict=True):
        days[application].append(day)
    return days


def _describe(
    reading: Reading, position: int, counted: CountedAs, *, owned: bool, met: list[int], use: UseWord | None
) -> CountedApplication:
    columns = reading.columns
    out = int(columns.out[position])
    return CountedApplication(
        record=columns.ids[position].hex(),
        applied=dt.date.fromordinal(int(columns.applied[position])),
        stages=stage_days(columns.reached[position], columns.dated[position]),
        out=None if out == NEVER else dt.date.fromordinal(out),
        outcome=None if out == NEVER else "withdrawn" if columns.withdrawn[position] else "rejected",
        owned=owned,
        met=[dt.date.fromordinal(day) for day in met],
        counted=counted,
        compared=use,
    )
