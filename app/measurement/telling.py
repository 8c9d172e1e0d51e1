"""What a record's weeks can tell of a placement at all, whatever it brought; and how many more weeks would."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.measurement.arrivals import Arrivals, Weeks
from app.measurement.cells import Floats
from app.measurement.reasons import BroughtCode
from app.measurement.thresholds import Thresholds

TELLING = (math.log(2) / 1.645) ** 2
"""The variance of a log rate ratio at which a doubling is noticed, at one-sided 5 %, more often than not."""
ANY_EFFECT = 10.0
"""Prior deviation of effects where it is asked what the weeks alone can tell: as good as none."""
MOST_WEEKS = 52


@dataclass(frozen=True, slots=True)
class Lack:
    """What is missing, and about how many weeks of it; no number where a year would not do."""

    code: BroughtCode
    weeks: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Telling:
    """The information in the weeks, without any shrinkage.

    variance  (K, K) of the placements' effects beside the season and each other
    running   (K, W);  precision (W,) of each week's log rate
    season    (W, W) how much of a pattern over the weeks the season may take for its own
    """

    variance: Floats
    running: Floats
    precision: Floats
    season: Floats

    @classmethod
    def of(cls, weeks: Weeks, fit: Arrivals) -> "Telling":
        """From the precision that the fit found the weeks to have."""
        columns, running = weeks.season.columns, weeks.running
        weighted = columns * fit.precision
        inner = np.linalg.inv(weighted @ columns.T + weeks.season.precision(fit.drift))
        season = weighted.T @ inner @ weighted
        information = (running * fit.precision) @ running.T - running @ season @ running.T
        variance = np.linalg.inv(information + np.eye(len(running)) * ANY_EFFECT**-2.0)
        return cls(variance, running, fit.precision, season)

    def find_lack(self, chosen: NDArray[np.int64], ran: Floats, *, always: bool, rules: Thresholds) -> Lack | None:
        """What is missing before it can be told whom the placements `chosen` brought together; None if nothing is.

        ran (W,) for how much of each week any of them ran; `always` that one of them never paused, so that it is not
        among those chosen.
        """
        running, without = float(ran.sum()), float((1 - ran).sum())
        weekly = float(np.mean(1 / self.precision))
        if always or without < rules.fewest_weeks_without:
            return _lack_without(weekly, running, without, rules)
        due = self.running[chosen]
        part = due.sum(axis=1) / due.sum()
        if running >= rules.fewest_weeks_with and part @ self.variance[np.ix_(chosen, chosen)] @ part <= TELLING:
            return None
        union = due.max(axis=0)
        alone = 1 / max(float(union @ (self.precision * union) - union @ self.season @ union), ANY_EFFECT**-2.0)
        if running >= rules.fewest_weeks_with and alone <= TELLING:
            return Lack(BroughtCode.NOT_APART, _whole(weekly / max(TELLING - alone, TELLING / 2)))
        return _lack_either(alone / (1 / running + 1 / without), running, without, rules)


def _lack_without(weekly: float, running: float, without: float, rules: Thresholds) -> Lack:
    """Weeks without it, as if the season said nothing: it may have run for years."""
    room = TELLING - weekly / max(running, 1.0)
    needed = weekly / room if room > 0 else math.inf
    return Lack(BroughtCode.NEVER_WITHOUT, _whole(max(needed, rules.fewest_weeks_without) - without))


def _lack_either(weekly: float, running: float, without: float, rules: Thresholds) -> Lack:
    """More weeks of one kind, whichever are fewer; of two samples, the variance is weekly · (1/with + 1/without)."""
    rooms = [TELLING - weekly / weeks for weeks in (without, running)]
    needed = [weekly / room if room > 0 else math.inf for room in rooms]
    more_with, more_without = needed[0] - running, needed[1] - without
    if math.isinf(min(more_with, more_without)):
        more_with, more_without = 2 * weekly / TELLING - running, math.inf
    short = max(more_with, rules.fewest_weeks_with - running)
    if min(short, more_without) > MOST_WEEKS:
        return Lack(BroughtCode.TOO_FEW_PEOPLE, None)
    if short <= more_without:
        return Lack(BroughtCode.TOO_SHORT, _whole(short))
    return Lack(BroughtCode.TOO_FEW_WITHOUT, _whole(more_without))


def _whole(weeks: float) -> int | None:
    return max(1, math.ceil(weeks)) if weeks <= MOST_WEEKS else None
