"""Whom a placement brought, in sentences: the weeks with it against the weeks without it."""

from app.i18n import _, ngettext, number
from app.reports.answers import Brought, Estimate
from app.reports.wording import why_words

MINUS = "−"


def brought_sentence(code: str, weeks: int | None, found: Estimate, *, ended: bool = False) -> str:
    """How many more applied than in weeks without it, or what is lacking before that can be told; what has ended
    can only be repeated."""
    if found.low is not None and found.high is not None and found.estimate is not None:
        ends = {"low": whole_people(found.low), "high": whole_people(found.high)}
        if code == "more":
            return ngettext(
                "About %(n)s more person applied in its weeks than in comparable weeks without it (%(low)s to "
                "%(high)s).",
                "About %(n)s more people applied in its weeks than in comparable weeks without it (%(low)s to "
                "%(high)s).",
                round(found.estimate),
                **ends,
            )
        if found.low > 0:
            return _("More people probably applied in its weeks than in comparable weeks without it (%(low)s to "
                     "%(high)s), but that is not sure enough to be said: we ask for 99 chances in 100.",
                     **ends)  # fmt: skip
        return _("We cannot see that more people applied in its weeks than in comparable weeks without it (%(low)s to "
                 "%(high)s).", **ends)  # fmt: skip
    return _lacking(code, weeks, ended=ended)


def _lacking(code: str, weeks: int | None, *, ended: bool) -> str:
    needed = (_needed_again if ended else _needed)(code, weeks) if weeks else ""
    said = {
        "not_recorded": _("Too few weeks are on record to compare weeks with it and weeks without it."),
        "not_started": _("It did not run in any week of this period that was read to its end."),
        "too_few_people": _("Too few people apply in a week: even a year with it and without it would not tell."),
        "never_without": _("It never paused, so there are no weeks without it to compare with"),
        "not_apart": _("It ran together with other placements and cannot be told apart from them"),
    }.get(code, _("Against the weeks without it we cannot tell") if ended
          else _("Against the weeks without it we cannot tell yet"))  # fmt: skip
    if said.endswith("."):
        return said
    return _("%(said)s: %(needed)s.", said=said, needed=needed) if needed else f"{said}."


def _needed(code: str, weeks: int) -> str:
    if code == "too_short":
        return ngettext(
            "it would have to run for about %(n)s more week", "it would have to run for about %(n)s more weeks", weeks
        )
    if code == "not_apart":
        return ngettext(
            "about %(n)s week in which only one of them runs is needed",
            "about %(n)s weeks in which only one of them runs are needed",
            weeks,
        )
    return ngettext("about %(n)s more week without it is needed", "about %(n)s more weeks without it are needed", weeks)


def _needed_again(code: str, weeks: int) -> str:
    if code == "too_short":
        return ngettext("a repetition would have to run about %(n)s week longer",
                        "a repetition would have to run about %(n)s weeks longer", weeks)  # fmt: skip
    if code == "not_apart":
        return ngettext("in a repetition, only one of them would have to run for about %(n)s week",
                        "in a repetition, only one of them would have to run for about %(n)s weeks", weeks)  # fmt: skip
    return _needed(code, weeks)


def brought_words(brought: Brought) -> str:
    """`12 (4 to 21)`, or in short why it cannot be told."""
    if brought.estimate is None or brought.low is None or brought.high is None:
        return {
            "not_recorded": _("not recorded"),
            "not_started": _("no whole week"),
            "never_without": _("never paused"),
            "not_apart": _("not told apart"),
        }.get(brought.reason.code if brought.reason else "not_recorded", _("too few weeks"))
    middle, low, high = map(whole_people, (brought.estimate, brought.low, brought.high))
    return _("%(n)s (%(low)s to %(high)s)", n=middle, low=low, high=high)


def whole_people(people: float) -> str:
    """A whole number of people, a minus before those who are fewer."""
    return f"{MINUS if round(people) < 0 else ''}{number(abs(round(people)))}"


def decimal_range(found: Estimate) -> str:
    """`2.4 (0.8 to 5.1)`, or why there is none."""
    if found.estimate is None or found.low is None or found.high is None:
        return why_words(found.why)
    middle, low, high = (
        f"{MINUS if people < -0.05 else ''}{number(abs(people), 1)}"
        for people in (found.estimate, found.low, found.high)
    )
    return _("%(n)s (%(low)s to %(high)s)", n=middle, low=low, high=high)
