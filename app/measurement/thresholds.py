"""The figures that turn probabilities into verdicts: one versioned table, each with where it comes from."""

from dataclasses import dataclass, replace

VERSION = "2026-9"
DOUBLED = 2.0
"""The size of effect, as a ratio of rates, that is looked for first."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Change a figure only with the tests marked `prove`, and change VERSION with it.

    Calibrated means: at this figure no more than 5 % of simulated campaigns in which no ad works name a
    mover, over 8 and 20 ads, 5-60 and 30-300 traced applicants, base rates of 8, 20 and 40 %, running and
    followed up, specialty confounded. It belongs to the priors in `mixture`: another prior, another figure.
    """

    better_fates: tuple[tuple[int, float], ...] = ((3, 0.86), (8, 0.93), (12, 0.94))
    """P(b > 0) that `moved` needs by fates: up to so many compared ads, so much; the last for more. Calibrated where no
    ad works. More than a dozen ads are compared by counts (`progress.MOST_ADS`): a model of all of them named innocent
    ones beside strong movers."""
    better_later: float = 0.95
    """P(b > 0) that touches after the entry to the stage need (`later`): 0.91 named a null touch in 8-11 % of
    campaigns."""
    better_later_counts: float = 0.92
    """The same below 30 advances, where each ad is counted by itself. Calibrated: 0.9 named one of three or eight null
    touches in 4-6 % of campaigns."""
    better_counts: float = 0.95
    """P(b > 0) that `moved` needs by counts. Calibrated with the prior spread ~ Gamma(2, rate 3) of `mixture`:
    0.94 would do where no ad works. Where some ads truly differ the family spreads, and in 40 cities with three
    strong movers 0.94 named a false one in 20-23 % of cities, 0.95 in 5-7 %, while both found 97 % of the movers.
    It also keeps a verdict from contradicting its own interval: at 90 % that excludes no difference."""
    better_contrast: tuple[tuple[int, float], ...] = ((2, 0.97), (4, 0.95), (8, 0.92))
    """P(the one's applicants go further), either way, at which it is said of two that are compared: beside how many ads
    with applicants (themselves among them), so much; the last for more. Calibrated: where neither does, it is said of
    5 % or less of pairs. Two alone are least drawn to each other."""
    notable_lift: float = 0.1
    """A median lift below this is not called a move, and a lift surely below it did not move. Plain sense."""
    surely_small: float = 0.9
    """P(lift < notable_lift) that `did_not_move` needs: what `small_lifts` says of the campaign, by `suited_to`."""
    small_lifts: tuple[tuple[int, float, float], ...] = (
        (8, 0.885, 0.9), (12, 0.91, 0.92), (24, 0.92, 0.93), (48, 0.945, 0.955), (100, 0.97, 0.98)
    )  # fmt: skip
    """Up to so many compared ads, what `surely_small` is while many wait, and afterwards; the last for more.
    Calibrated: 5 % or less of ads truly x 1.25 get it, and a quarter of ads of 30-300 without effect. The more ads of
    no effect are beside one that has some, the more it is drawn to them."""
    many_waiting: float = 0.1
    """Share of the traced applicants who still wait, from which on they are many."""
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
    ratios: tuple[float, ...] = (DOUBLED, 1.5)
    """Sizes of effect the needs are stated for: the first one not yet within reach."""

    def better_of(self, ads: int) -> float:
        """What P(b > 0) must reach when so many ads were compared by fates."""
        return _pick(self.better_fates, ads)

    def suited_to(self, ads: int, waiting: float) -> "Thresholds":
        """The figures for a campaign that compares so many ads, and of whose traced applicants this share waits."""
        _most, during, after = next((row for row in self.small_lifts if ads <= row[0]), self.small_lifts[-1])
        return replace(self, surely_small=during if waiting > self.many_waiting else after)

    def contrast_of(self, ads: int) -> float:
        """What the probability that the one goes further must reach, or fall short of one by, beside so many ads."""
        return _pick(self.better_contrast, ads)


def _pick(figures: tuple[tuple[int, float], ...], ads: int) -> float:
    return next((figure for most, figure in figures if ads <= most), figures[-1][1])


THRESHOLDS = Thresholds()
