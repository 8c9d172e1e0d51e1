"""Two rows or periods beside each other, in sentences."""

from app.funnel.stage import Stage
from app.i18n import _, ngettext, number, percent, unbroken
from app.measurement.contrasts import Contrast, Further, Obstacle, judge_contrast
from app.measurement.progress import FEWEST_ADVANCES
from app.measurement.thresholds import THRESHOLDS
from app.reports.answers import Estimate
from app.reports.names import came_to_stage, quotable, to_stage
from app.reports.wording import signed

SLIGHT = 0.01


def comparison_sentence(a: str, b: str, contrast: Contrast, change: Estimate, stage: Stage, level: float) -> str:
    """How probable it is that applicants of the one go further, whether that is enough to say so, by how much, and that
    no cause is claimed."""
    a, b = quotable(a), quotable(b)
    chance = _("The probability that applicants of “%(a)s” go further than comparable applicants of “%(b)s” is "
               "%(chance)s.",
               a=a, b=b, chance=chance_words(contrast.probability_better))  # fmt: skip
    cause = _("Things that go together need not cause each other.")
    said = [chance, _enough(a, b, contrast), _how_much(a, b, contrast, change, stage), _apart(contrast, level), cause]
    return " ".join(filter(None, said))


def obstacle_words(a: str, b: str, obstacle: Obstacle | None, stage: Stage) -> str:
    """Why the two cannot be set beside each other."""
    if obstacle is Obstacle.TOO_FEW_ADVANCED:
        why = _("of all who can be traced to an ad, at least %(n)s must be known to have come %(goal)s",
                n=number(FEWEST_ADVANCES), goal=to_stage(stage))  # fmt: skip
    else:
        why = _("no applicant of the one has the specialty of an applicant of the other")
    return _("“%(a)s” and “%(b)s” cannot be compared: %(why)s.", a=quotable(a), b=quotable(b), why=why)


def _enough(a: str, b: str, contrast: Contrast) -> str:
    verdict, needed = judge_contrast(contrast), THRESHOLDS.contrast_of(contrast.ads)
    if verdict is Further.CANNOT_TELL:
        return _("That is not enough to say whose go further: it takes %(high)s or more, or %(low)s or less.",
                 high=percent(needed), low=percent(1 - needed))  # fmt: skip
    return _("That is enough to say that those of “%(name)s” do.", name=a if verdict is Further.FIRST else b)


def _apart(contrast: Contrast, level: float) -> str:
    """Why the range may leave out that there is no difference while nothing is said: it leaves out as much on either
    side, and a verdict asks for more of the one."""
    if judge_contrast(contrast) is not Further.CANNOT_TELL or contrast.low <= 1 <= contrast.high:
        return ""
    return _("That range holds with %(level)s certainty and leaves out no difference. To say whose go further takes "
             "more, so that of 100 pairs without a difference no more than 5 are told apart.",
             level=percent(level))  # fmt: skip


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


def _how_much(a: str, b: str, contrast: Contrast, change: Estimate, stage: Stage) -> str:
    if change.estimate is not None and change.low is not None and change.high is not None:
        said = _("The share of “%(a)s” who %(came)s is an estimated %(change)s %% (%(low)s to %(high)s %%) against "
                 "that of “%(b)s”.",
                 a=a, b=b, came=came_to_stage(stage), change=signed(change.estimate), low=signed(change.low),
                 high=signed(change.high))  # fmt: skip
        return unbroken(said)
    ends = [number(end, 2) for end in (contrast.ratio, contrast.low, contrast.high)]
    return _("In a week those of “%(a)s” advance an estimated %(ratio)s times as often (%(low)s to %(high)s). It is "
             "too early to say what share will advance in the end.",
             a=a, ratio=ends[0], low=ends[1], high=ends[2])  # fmt: skip
