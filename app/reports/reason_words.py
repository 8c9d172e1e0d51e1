"""Why a verdict is what it is, in sentences: what was counted, and what of it is said after allowing for chance."""

from collections.abc import Callable, Mapping
from typing import Any

from app.funnel.stage import Stage
from app.i18n import _, ngettext, number, unbroken
from app.reports.answers import Lift
from app.reports.names import came_to_stage
from app.reports.wording import change_words, signed

LEAST_USUAL = 0.05
"""Of fewer that would be usual, as written, nothing can be counted plainly."""
NOT_BY_APPLICANTS = frozenset({"no_different", "unclear", "too_few"})
"""What is said of how sure one can be, beside which rows of more applicants may stand that say less."""

SENTENCES: Mapping[str, Callable[[int], str]] = {
    "better": lambda _n: _("Its applicants went further than comparable applicants of other ads"),
    "worse": lambda _n: _("Its applicants went less far than comparable applicants of other ads"),
    "no_different": lambda _n: _("Its applicants went no further than comparable applicants of other ads"),
    "unclear": lambda _n: _(
        "There are enough applicants to notice an ad that doubles the rate; the difference is smaller than that"
    ),
    "too_few": lambda n: ngettext(
        "%(n)s traced applicant is too few for an ad that doubles the rate to be noticed four times out of five",
        "%(n)s traced applicants are too few for an ad that doubles the rate to be noticed four times out of five",
        n,
    ),
    "too_early": lambda _n: _("There are enough applicants, but too many of them have not had the time yet"),
    "no_applicants": lambda _n: _("Nobody is known to have applied through it"),
    "none_reached": lambda _n: _("No applicant of any ad has come so far in a week that was watched to its end"),
    "nothing_to_compare": lambda _n: _("No other ad has comparable applicants"),
}
"""What is found, by the reason's code and how many applicants could be traced."""


def reason_sentence(code: str, params: dict[str, Any], stage: Stage, lift: Lift | None = None) -> str:
    """Why the verdict is what it is, in sentences that a recruiter understands; beside a lift, how it comes from the
    counts."""
    came, applicants = came_to_stage(stage), params.get("applicants") or 0
    observed, expected = params.get("observed"), params.get("expected")
    counts = ""
    if observed is not None and expected is not None:
        counts = _(
            "of those compared, %(observed)s %(came)s; among comparable applicants, %(expected)s would be usual",
            observed=number(observed), came=came, expected=number(expected, 1),
        )  # fmt: skip
    sentence = SENTENCES[code](applicants) if code in SENTENCES else _("The numbers do not allow a verdict")
    said = f"{sentence}: {counts}." if counts else f"{sentence}."
    return " ".join([said, *_more_words(code, observed, expected, lift)])


def plain_change(observed: float, expected: float) -> str:
    """How many more than usual were counted, as it stands: `+162 %`; empty where next to none would be usual."""
    return f"{signed(observed / expected - 1)} %" if expected >= LEAST_USUAL else ""


def _more_words(code: str, observed: float | None, expected: float | None, lift: Lift | None) -> list[str]:
    """How the change beside the verdict comes from the counts, and what it is that makes a verdict sure."""
    if observed is None or expected is None or lift is None or lift.estimate is None:
        return []
    plain, said = plain_change(observed, expected), []
    if plain:
        said.append(_("Counted plainly, that is %(plain)s. Few applicants can deceive, so it is drawn toward what ads "
                      "like it show: %(change)s.",
                      plain=unbroken(plain), change=change_words(lift)))  # fmt: skip
    if code in NOT_BY_APPLICANTS:
        said.append(
            _("How sure one can be depends not only on how many applied, but on how many would usually have come.")
        )
    return said
