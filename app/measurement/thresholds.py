"""The figures that turn probabilities into verdicts: one versioned table, each with where it comes from."""

from dataclasses import dataclass

VERSION = "2026-5"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Change a figure only with the tests marked `prove`, and change VERSION with it.

    Calibrated means: at this figure no more than 5 % of simulated campaigns in which no ad works name a
    mover, over 8 and 20 ads, 5-60 and 30-300 traced applicants, base rates of 8, 20 and 40 %, running and
    followed up, specialty confounded. It belongs to the priors in `mixture`: another prior, another figure.
    """

    better_hazard: tuple[tuple[int, float], ...] = ((3, 0.86), (12, 0.93))
    """P(b > 0) that `moved` needs by the hazard model: up to so many compared ads, so much; the last for more.
    Calibrated where no ad works. More than a dozen ads are compared by counts (`progress.MOST_ADS`): of 24 ads with
    three that more than double the rate, 0.93 named an innocent one in 16-40 % of campaigns, 0.98 in 3-11 %."""
    better_later: float = 0.95
    """P(b > 0) that touches after the entry to the stage need (`later`): 0.91 named a null touch in 8-11 % of
    campaigns."""
    better_counts: float = 0.95
    """P(b > 0) that `moved` needs by counts. Calibrated with the prior spread ~ Gamma(2, rate 3) of `mixture`:
    0.94 would do where no ad works. Where some ads truly differ the family spreads, and in 40 cities with three
    strong movers 0.94 named a false one in 20-23 % of cities, 0.95 in 5-7 %, while both found 97 % of the movers.
    It also keeps a verdict from contradicting its own interval: at 90 % that excludes no difference."""
    notable_lift: float = 0.1
    """A median lift below this is not called a move, and a lift surely below it did not move. Plain sense."""
    surely_small: float = 0.9
    """P(lift < notable_lift) that `did_not_move` needs. Simulated: 5 % or less of ads truly x 1.25 get it."""
    fewest_applicants: int = 8
    """Fewer traced applicants than this get no verdict: a handful of lucky ones can pass any threshold."""
    few_ads: int = 3
    """Up to so many compared ads a fixed figure is wasteful or wrong; the permutation guard decides."""
    dominant_share: float = 0.5
    """One ad with more than this share of the traced applicants calls the guard too."""
    guard_floor: float = 0.85
    """The guard never asks for less: below it a median lift says nothing (half-normal study: 9 % false)."""
    guard_false_share: float = 0.05
    """Share of relabelled campaigns in which the guard lets some ad pass."""
    guard_permutations: int = 200
    """Relabelled campaigns; the 95 % quantile of 200 maxima is good to 1.5 points of the false share."""
    more_arrivals: float = 0.99
    """P(brought more than nobody) at which a placement is said to have brought people. Calibrated: where none
    does, 5 % or less of records name one."""
    fewest_weeks: int = 12
    """Whole weeks on record before it is asked who was brought: three months show little of the season."""
    fewest_weeks_with: float = 2.0
    fewest_weeks_without: float = 4.0
    """With less than so many weeks of either kind, the ends of a flight are most of it."""
    power: float = 0.8
    """Chance to notice, where the applicants still needed are stated."""
    most_needed: int = 1000
    """Needs beyond this are said as "these ads are too few to tell"."""
    ratios: tuple[float, ...] = (2.0, 1.5)
    """Sizes of effect the needs are stated for: the first one not yet within reach."""

    def better_of(self, ads: int) -> float:
        """What the hazard model's P(b > 0) must reach when it has compared so many ads."""
        return next((figure for most, figure in self.better_hazard if ads <= most), self.better_hazard[-1][1])


THRESHOLDS = Thresholds()
