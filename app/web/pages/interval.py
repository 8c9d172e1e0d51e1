"""The one shape of doubt: an interval as a thin bar with a mark, drawn to a scale that all rows of a table share."""

import math
from dataclasses import dataclass

from app.reports.answers import Estimate, Lift
from app.reports.wording import change_words, is_few, share_words

WIDTH = 180
EDGE = 8
OCTAVES = 2
"""Changes are drawn on a scale of ratios, from a quarter to four times."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where to draw, in the units of a picture `WIDTH` wide; an open end goes on beyond the picture."""

    kind: str
    text: str
    mark: float | None = None
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    even: float | None = None
    """Where no difference lies, on a scale that has such a place."""


def lift_interval(lift: Lift | None, verdict: str | None, code: str | None = None) -> Interval | None:
    """The change against comparable applicants, with the line of no difference; what went no less far is not drawn as
    if it had."""
    if lift is None:
        return None
    kind = code if code == "no_different" else verdict or "not_judged"
    if lift.estimate is None or lift.low is None or lift.high is None:
        return Interval(kind, change_words(lift))
    return Interval(
        kind, change_words(lift),
        mark=ratio_place(lift.estimate), low=ratio_place(lift.low), high=ratio_place(lift.high),
        open_low=_octaves(lift.low) < -OCTAVES, open_high=_octaves(lift.high) > OCTAVES,
        even=ratio_place(0),
    )  # fmt: skip


def share_interval(share: Estimate, of: int | None = None, waiting: int = 0) -> Interval:
    """A share of people on a scale from none to all; of few it is drawn as such, and said, with those who wait."""
    if share.estimate is None or share.low is None or share.high is None:
        return Interval("plain", share_words(share))
    kind = "few" if of is not None and is_few(of) else "plain"
    return Interval(
        kind,
        share_words(share, of, waiting),
        mark=_place(share.estimate),
        low=_place(share.low),
        high=_place(share.high),
    )


def ratio_place(change: float) -> float:
    """Where a relative change lies: half and double are equally far from no difference."""
    return _place((max(-OCTAVES, min(OCTAVES, _octaves(change))) + OCTAVES) / (2 * OCTAVES))


def _octaves(change: float) -> float:
    return math.log2(1 + change) if change > -1 else -math.inf


def _place(part: float) -> float:
    return round(EDGE + part * (WIDTH - 2 * EDGE), 1)
