"""How many more applicants, and weeks, it takes until an ad of a named strength would be noticed."""

import math
from dataclasses import dataclass

import numpy as np

from app.measurement.intervals import normal_quantile
from app.measurement.journeys import WEEK_DAYS
from app.measurement.thresholds import THRESHOLDS, Thresholds

FAMILY_ERROR = 0.05


@dataclass(frozen=True, slots=True)
class Needs:
    """To notice an ad that multiplies the rate by `ratio`: so many more applicants of it, in so many weeks.

    applications  0 where those there are will do once they have had the time
    weeks         until then, at the ad's pace and the usual wait for the stage; null where either is unknown
    capped        more than `most_needed` are required in all: these ads are too few to tell
    noticed       the larger ratio that is already within reach, if any
    """

    ratio: float
    applications: int
    weeks: int | None
    capped: bool
    noticed: float | None = None


def applicants_required(
    base_rate: float, others: float, ads: int, ratio: float = 2.0, rules: Thresholds = THRESHOLDS
) -> int | None:
    """How many followed-up applicants must an ad have for its effect to be noticed with 80 % chance?

    The smallest n at which a one-sided two-sample test of `ratio` times `base_rate` (share at the horizon)
    against `others` effective applicants of the other ads reaches the power, at 5 % over all `ads` compared
    (Bonferroni). None where `most_needed` do not suffice. Misleads (too low) with fewer than about 200
    others: a handful of strong ads then spoils the base. Raises ValueError unless 0 < base_rate and
    ratio * base_rate < 1. Source: Fleiss, Levin and Paik 2003, section 4.2.
    """
    if not (base_rate > 0 and ratio > 1 and ratio * base_rate < 1):
        raise ValueError("the base rate and the rate to notice must lie strictly between 0 and 1")
    if others <= 0 or ads < 2:
        return None
    n = np.arange(1, rules.most_needed + 1)
    p, q = base_rate, ratio * base_rate
    mean = (n * q + others * p) / (n + others)
    limit = normal_quantile(1 - FAMILY_ERROR / ads) * np.sqrt(mean * (1 - mean) * (1 / n + 1 / others))
    reach = (q - p - limit) / np.sqrt(q * (1 - q) / n + p * (1 - p) / others)
    enough = np.flatnonzero(reach >= normal_quantile(rules.power))
    return int(n[enough[0]]) if len(enough) else None


def estimate_needs(
    applicants: int,
    effective: float,
    *,
    base_rate: float,
    others: float,
    ads: int,
    pace: float,
    median_days: float | None,
    rules: Thresholds = THRESHOLDS,
) -> Needs | None:
    """What is this ad short of before a doubling (or else a rise by half) would be noticed?

    applicants, effective  the ad's traced applicants, and the number followed to the horizon they are worth
    others                 effective applicants of the other ads; `ads` are compared in all
    pace                   the ad's applicants per week now; 0 or NaN when it brings none any more
    median_days            the usual wait for the stage, added to the weeks; null where it is not known yet
    None where nothing is lacking for either size, or no such rise is possible at the base rate.
    """
    noticed = None
    for ratio in rules.ratios:
        if not 0 < ratio * base_rate < 1:
            continue
        required = applicants_required(base_rate, others, ads, ratio, rules)
        if required is None:
            return Needs(ratio, rules.most_needed, None, True, noticed)
        if required > effective:
            more = 0 if applicants >= required else math.ceil(required - effective)
            return Needs(ratio, more, _weeks_until(more, pace, median_days), False, noticed)
        noticed = ratio
    return None


def _weeks_until(more: int, pace: float, median_days: float | None) -> int | None:
    if median_days is None or (more and not pace > 0):
        return None
    return math.ceil((more / pace if more else 0.0) + median_days / WEEK_DAYS)
