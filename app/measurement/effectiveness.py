"""Everything measured about the rows of one effectiveness report, in one pass over its applications."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.measurement.cells import Floats
from app.measurement.compared import UNTRACED, Compared
from app.measurement.expected import ExpectedReached, expect_reached_by_row
from app.measurement.flips import turns_by_one
from app.measurement.guard import find_threshold, suit_rules
from app.measurement.incidence import (
    IncidencePoint,
    days_to_stage,
    effective_number,
    estimate_incidence,
    is_followed,
    trace_curve,
)
from app.measurement.journeys import HORIZON_DAYS, Cause, Journeys, require_codes
from app.measurement.lift import Lift
from app.measurement.needs import Needs, estimate_needs
from app.measurement.progress import Progress, measure_progress
from app.measurement.reasons import Reason, ReasonCode, Verdict, Why
from app.measurement.thresholds import THRESHOLDS, Thresholds
from app.measurement.verdict import Decision, decide


@dataclass(frozen=True, slots=True)
class RowMeasure:
    """One row of the report. reached, out and pending add up to applications.

    lift, verdict, reason and needs are null for rows that are not ads (unknown, partly traced, unmatched);
    needs stands beside `cannot_tell` only, and is null there too when nothing is lacking or it is too early.
    lift_why says why an ad has no lift. turned_by_one: one application that ended otherwise would turn the verdict
    (`flips.turns_by_one`); of `cannot_tell` that is not asked.
    """

    applications: int
    reached: int
    out: int
    pending: int
    conversion: IncidencePoint
    expected_reached: ExpectedReached
    lift: Lift | None = None
    lift_why: Why | None = None
    verdict: Verdict | None = None
    reason: Reason | None = None
    needs: Needs | None = None
    turned_by_one: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """One ad's comparison, the verdict on it, what it is short of where there is none, and what a verdict needed."""

    progress: Progress
    decision: Decision
    needs: Needs | None
    threshold: float
    rules: Thresholds


@dataclass(frozen=True, slots=True, eq=False)
class _Base:
    """What the ads' needs are reckoned from: the share reached at the horizon among all traced applicants
    (null while it is too early), what each ad's applicants are worth (ads,) and all of them together, how many
    ads compare, and the usual wait."""

    rate: float | None
    effective: Floats
    total: float
    ads: int
    median_days: int | None


def measure_rows(
    people: Compared,
    row: NDArray[np.int32],
    pace: NDArray[np.float64],
    *,
    horizon_days: int = HORIZON_DAYS,
    level: float = 0.9,
    seed: int = 0,
) -> tuple[RowMeasure, ...]:
    """How did the applications of each row fare, and which ads moved people forward?

    people  all applications of the report, n of them, and the ads each met
    row     (n,) in −1 (in no row) … len(pace) − 1; the first `people.ads` rows are the ads and are compared with
            each other, the others (unknown source, partly traced, unmatched) are described only
    pace    (rows,) applications per week that the row brings now; 0 or NaN when none
    Returns one `RowMeasure` per row, in order. An application belongs to one row at most; where rows overlap,
    repeat it once per row and read the verdicts with care (`progress.compare_ads`).
    Raises ValueError for codes out of range. The same seed gives the same answer.
    """
    rows, ads, journeys = len(pace), people.ads, people.journeys
    require_codes("row", row, size=len(journeys), codes=(UNTRACED, rows))
    if not np.array_equal(np.where(row < ads, row, UNTRACED), people.ad):
        raise ValueError("the first rows must be the ads that own the applications")
    expected = expect_reached_by_row(journeys, row, rows, level=level, seed=seed)
    described = [_describe_row(journeys.select(row == k), expected[k], horizon_days, level) for k in range(rows)]
    judged = judge_ads(people, pace[:ads], horizon_days=horizon_days, level=level, seed=seed)
    verdicts = [
        _add_judgement(row, judgement, turns_by_one(
            people, ad, judgement.progress, threshold=judgement.threshold,
            horizon_days=horizon_days, level=level, seed=seed, rules=judgement.rules,
        ))
        for ad, (row, judgement) in enumerate(zip(described, judged, strict=False))
    ]  # fmt: skip
    return (*verdicts, *described[ads:])


def judge_ads(
    people: Compared,
    pace: NDArray[np.float64],
    *,
    horizon_days: int = HORIZON_DAYS,
    level: float = 0.9,
    seed: int = 0,
    rules: Thresholds = THRESHOLDS,
) -> tuple[Judgement, ...]:
    """Which ads' applicants went further than comparable ones, and what would settle the rest?

    Arguments as `measure_rows`; pace (ads,). Model, assumptions and what misleads: `progress.compare_ads`;
    the threshold: `guard.find_threshold`.
    """
    measured = measure_progress(people, level=level, horizon_days=horizon_days)
    rules = suit_rules(people, measured, rules)
    threshold = find_threshold(people, measured, seed=seed, rules=rules)
    base = _find_base(people, measured, horizon_days)
    any_advance = _any_advance(people)
    judgements = []
    for k, progress in enumerate(measured):
        needs = _find_needs(progress, base, k, float(pace[k]), rules)
        decision = decide(
            progress,
            threshold=threshold,
            any_advance=any_advance,
            early=base.rate is None,
            needs=needs,
            rules=rules,
        )
        open_question = decision.verdict is Verdict.CANNOT_TELL
        judgements.append(Judgement(progress, decision, needs if open_question else None, threshold, rules))
    return tuple(judgements)


def _any_advance(people: Compared) -> bool:
    advanced = people.journeys.decided_in_observed_week(Cause.ADVANCED)
    return bool(advanced[people.application].any())


def _describe_row(journeys: Journeys, expected: ExpectedReached, horizon_days: int, level: float) -> RowMeasure:
    (conversion,) = estimate_incidence(journeys, (horizon_days,), level)
    return RowMeasure(
        len(journeys),
        journeys.reached_count,
        journeys.out_count,
        journeys.pending_count,
        conversion,
        expected,
    )


def _add_judgement(row: RowMeasure, judgement: Judgement, turned_by_one: bool) -> RowMeasure:
    reason, lift = judgement.decision.reason, judgement.progress.lift
    return replace(
        row,
        lift=lift,
        lift_why=None if lift else _why_no_lift(reason.code),
        verdict=judgement.decision.verdict,
        reason=reason,
        needs=judgement.needs,
        turned_by_one=turned_by_one,
    )


def _why_no_lift(code: ReasonCode) -> Why:
    early = code in (ReasonCode.TOO_EARLY, ReasonCode.NONE_REACHED)
    return Why.TOO_EARLY if early else Why.TOO_FEW


def _find_base(people: Compared, measured: tuple[Progress, ...], horizon_days: int) -> _Base:
    traced = np.unique(people.application)
    journeys = people.journeys.select(traced)
    curve = trace_curve(journeys, horizon_days)
    known = len(traced) > 0 and is_followed(curve, horizon_days)
    follow_up = people.journeys.follow_up[people.application]
    effective = [effective_number(curve, follow_up[people.met == k], horizon_days) for k in range(people.ads)]
    return _Base(
        float(curve.reached[horizon_days]) if known else None,
        np.array(effective),
        effective_number(curve, journeys.follow_up, horizon_days),
        sum(progress.in_company for progress in measured),
        days_to_stage(journeys).median,
    )


def _find_needs(progress: Progress, base: _Base, ad: int, pace: float, rules: Thresholds) -> Needs | None:
    if not base.rate:
        return None
    return estimate_needs(
        progress.applicants,
        float(base.effective[ad]),
        base_rate=base.rate,
        others=float(base.total - base.effective[ad]),
        ads=base.ads,
        pace=pace,
        median_days=base.median_days,
        rules=rules,
    )
