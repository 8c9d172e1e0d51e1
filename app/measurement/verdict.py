"""From one ad's comparison to a verdict with its reason."""

from dataclasses import dataclass

from app.measurement.lift import Lift
from app.measurement.needs import Needs
from app.measurement.progress import Progress
from app.measurement.reasons import Reason, ReasonCode, Verdict
from app.measurement.thresholds import THRESHOLDS, Thresholds


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and what it rests on."""

    verdict: Verdict
    reason: Reason


def decide(
    progress: Progress,
    *,
    threshold: float,
    any_advance: bool,
    early: bool,
    needs: Needs | None,
    rules: Thresholds = THRESHOLDS,
) -> Decision:
    """Did this ad's applicants go further than comparable ones, did they not, or can nobody tell yet?

    threshold    what P(b > 0) must reach: the fixed one, or the campaign's own (`guard`)
    any_advance  whether any ad's applicant has advanced in a wholly observed week
    early        whether the campaign as a whole has not been followed to the horizon
    needs        what the ad is short of, from `needs.estimate_needs`; tells too few from too early
    rules        suited to the campaign (`Thresholds.suited_to`)

    moved         P(b > 0) >= threshold and a median lift worth the name
    did_not_move  P(lift < 10 %) >= 0.9 or so: worse where P(b < 0) >= threshold too, else no different
    cannot_tell   everything else
    An observational verdict: "went further than comparable ones", never "because of".
    """
    lift = progress.lift
    if lift is None:
        return _cannot_tell(_why_no_lift(progress, any_advance), progress)
    if progress.applicants < rules.fewest_applicants:
        return _cannot_tell(ReasonCode.TOO_FEW, progress)
    if lift.probability_better >= threshold and lift.estimate >= rules.notable_lift:
        reason = _reason(ReasonCode.BETTER, progress, lift.probability_better, threshold)
        return Decision(Verdict.MOVED, reason)
    if lift.probability_small >= rules.surely_small:
        return Decision(Verdict.DID_NOT_MOVE, _why_not_moved(progress, lift, threshold, rules))
    return _cannot_tell(_why_undecided(needs, early), progress, lift.probability_better, threshold)


def _why_no_lift(progress: Progress, any_advance: bool) -> ReasonCode:
    if not progress.applicants:
        return ReasonCode.NO_APPLICANTS
    if not progress.in_company:
        return ReasonCode.NOTHING_TO_COMPARE
    return ReasonCode.TOO_EARLY if any_advance else ReasonCode.NONE_REACHED


def _why_not_moved(progress: Progress, lift: Lift, threshold: float, rules: Thresholds) -> Reason:
    probability_worse = 1 - lift.probability_better
    if probability_worse >= threshold and lift.estimate <= -rules.notable_lift:
        return _reason(ReasonCode.WORSE, progress, probability_worse, threshold)
    return _reason(ReasonCode.NO_DIFFERENT, progress, lift.probability_small, rules.surely_small)


def _why_undecided(needs: Needs | None, early: bool) -> ReasonCode:
    if early or (needs is not None and not needs.applications and needs.noticed is None):
        return ReasonCode.TOO_EARLY
    if needs is None or needs.noticed is not None:
        return ReasonCode.UNCLEAR
    return ReasonCode.TOO_FEW


def _cannot_tell(
    code: ReasonCode, progress: Progress, probability: float | None = None, threshold: float | None = None
) -> Decision:
    return Decision(Verdict.CANNOT_TELL, _reason(code, progress, probability, threshold))


def _reason(code: ReasonCode, progress: Progress, probability: float | None, threshold: float | None) -> Reason:
    compared = progress.lift is not None
    return Reason(
        code,
        progress.applicants,
        progress.observed if compared else None,
        progress.expected if compared else None,
        probability,
        threshold,
    )
