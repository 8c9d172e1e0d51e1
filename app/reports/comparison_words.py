"""Two rows or periods beside each other, in sentences."""

from app.funnel.stage import Stage
from app.i18n import _, ngettext, number, percent, unbroken
from app.measurement.contrasts import Further
from app.reports.answers import Estimate
from app.reports.names import came_to_stage, quotable
from app.reports.wording import signed

SLIGHT = 0.01


def comparison_sentence(
    a: str, b: str, probability_better: float | None, ratio: Estimate, change: Estimate, verdict: Further, stage: Stage
) -> str:
    """How probable it is that applicants of the one go further, whether that is enough to say so, by how much, and that
    no cause is claimed."""
    a, b = quotable(a), quotable(b)
    if probability_better is None:
        return _("“%(a)s” and “%(b)s” cannot be compared: too few applicants have advanced, or too few have "
                 "comparable applicants beside them.",
                 a=a, b=b)  # fmt: skip
    chance = _("The probability that applicants of “%(a)s” go further than comparable applicants of “%(b)s” is "
               "%(chance)s.",
               a=a, b=b, chance=chance_words(probability_better))  # fmt: skip
    cause = _("Things that go together need not cause each other.")
    return f"{chance} {_enough(a, b, verdict)} {_how_much(ratio, change, stage)} {cause}"


def _enough(a: str, b: str, verdict: Further) -> str:
    if verdict is Further.CANNOT_TELL:
        return _("That is not enough to say whose go further.")
    return _("That is enough to say that those of “%(name)s” do.", name=a if verdict is Further.FIRST else b)


def left_out_words(n: int) -> str:
    """How many belong to neither alone, so that they are on no side; empty for none."""
    if not n:
        return ""
    return ngettext(
        "%(n)s applicant came through an ad for several of these and is left out here.",
        "%(n)s applicants came through ads for several of these and are left out here.",
        n,
    )


def chance_words(probability: float) -> str:
    """A probability in whole per cent; what rounds to none or to all is not said to be certain."""
    if probability < SLIGHT:
        return _("under %(percent)s", percent=percent(0.01))
    return _("over %(percent)s", percent=percent(0.99)) if probability > 1 - SLIGHT else percent(probability)


def _how_much(ratio: Estimate, change: Estimate, stage: Stage) -> str:
    if change.estimate is not None and change.low is not None and change.high is not None:
        said = _("The share who %(came)s differs by an estimated %(change)s %% (%(low)s to %(high)s %%).",
                 came=came_to_stage(stage), change=signed(change.estimate), low=signed(change.low),
                 high=signed(change.high))  # fmt: skip
        return unbroken(said)
    ends = [number(end or 0, 2) for end in (ratio.estimate, ratio.low, ratio.high)]
    return _("In a week they advance an estimated %(ratio)s times as often (%(low)s to %(high)s). It is "
             "too early to say what share will advance in the end.",
             ratio=ends[0], low=ends[1], high=ends[2])  # fmt: skip
