"""What was measured, as answers tell it."""

from dataclasses import asdict

from app.funnel.stage import Stage
from app.measurement.lift import Lift as MeasuredLift
from app.measurement.needs import Needs as MeasuredNeeds
from app.measurement.reasons import Reason as MeasuredReason
from app.measurement.reasons import Verdict
from app.reports.answers import Lift, Needs, Reason
from app.reports.reason_words import reason_sentence


def tell_lift(lift: MeasuredLift, horizon_days: int) -> Lift:
    """A lift that there is."""
    return Lift(
        estimate=lift.estimate,
        low=lift.low,
        high=lift.high,
        probability_better=lift.probability_better,
        horizon_days=horizon_days,
    )


def tell_reason(
    verdict: Verdict | None, reason: MeasuredReason | None, stage: Stage, lift: Lift | None
) -> Reason | None:
    """Why the verdict is what it is, with a sentence; nothing for what is not judged."""
    if reason is None or verdict is None:
        return None
    params = {name: value for name, value in asdict(reason).items() if name != "code" and value is not None}
    text = reason_sentence(reason.code.value, params, stage, lift)
    return Reason(code=reason.code.value, params=params, text=text)


def tell_needs(needs: MeasuredNeeds | None) -> Needs | None:
    """What is still needed."""
    if needs is None:
        return None
    more = None if needs.capped else needs.applications
    return Needs(applications=more, weeks=needs.weeks, capped=needs.capped, ratio=needs.ratio)
