"""How often measurement is right over many simulated campaigns; few in the tests, many in `tests/prove`."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.measurement import (
    THRESHOLDS,
    Progress,
    ReasonCode,
    Thresholds,
    Verdict,
    compared,
    estimate_incidence,
    expect_reached,
    expect_reached_by_row,
)
from app.measurement.guard import find_threshold, suit_rules
from app.measurement.hazard import fit_hazard
from app.measurement.journeys import Cause, Journeys
from app.measurement.later import arrange_later_touches, judge_later_touches, measure_later_touches
from app.measurement.posterior import Effects, Mixture
from app.measurement.progress import FEWEST_ADVANCES
from app.measurement.verdict import Decision, decide
from tests.measurement.batches import TOGETHER, measure_together, stack_cells
from tests.measurement.campaigns import Campaign, Design, draw_campaign

FOLLOWED_DAYS = 182
FEW = (5, 20)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of trials, with its Monte-Carlo standard error."""

    hits: int
    trials: int

    @classmethod
    def of(cls, hits: list[bool]) -> Self:
        return cls(sum(hits), len(hits))

    @property
    def share(self) -> float:
        return self.hits / self.trials

    @property
    def error(self) -> float:
        share = min(max(self.share, 1 / self.trials), 1 - 1 / self.trials)
        return math.sqrt(share * (1 - share) / self.trials)

    def __str__(self) -> str:
        return f"{100 * self.share:5.1f} ± {100 * self.error:.1f} %"


def judge_campaigns(
    design: Design, count: int, seed: int = 1
) -> Iterator[tuple[Campaign, tuple[tuple[Progress, Decision], ...]]]:
    """Campaigns of one design with what is said of their ads; needs, which no figure here asks for, are left out."""
    generator = np.random.default_rng(seed)
    campaigns = [draw_campaign(design, generator) for _ in range(count)]
    people = [campaign.people for campaign in campaigns]
    for number, (campaign, measured) in enumerate(zip(campaigns, measure_together(people), strict=True)):
        threshold = find_threshold(people[number], measured, seed=number)
        rules = suit_rules(people[number], measured)
        yield campaign, tuple((progress, _decide(progress, threshold, rules)) for progress in measured)


def _decide(progress: Progress, threshold: float, rules: Thresholds) -> Decision:
    return decide(progress, threshold=threshold, any_advance=True, early=False, needs=None, rules=rules)


def rate_of_any_false_mover(design: Design, count: int, seed: int = 1) -> Rate:
    """Campaigns in which some ad without an effect is said to have moved people; a mover is the last ad."""
    innocent = slice(None) if design.mover is None else slice(0, -1)
    return Rate.of(
        [
            any(decision.verdict is Verdict.MOVED for _, decision in ads[innocent])
            for _, ads in judge_campaigns(design, count, seed)
        ]
    )


def rate_of_last(design: Design, verdict: Verdict, count: int, seed: int = 1) -> Rate:
    """Campaigns in which the last ad gets this verdict."""
    return Rate.of([ads[-1][1].verdict is verdict for _, ads in judge_campaigns(design, count, seed)])


def rate_of_first(design: Design, verdict: Verdict, count: int, seed: int = 1) -> Rate:
    """Campaigns in which the first ad gets this verdict."""
    return Rate.of([ads[0][1].verdict is verdict for _, ads in judge_campaigns(design, count, seed)])


def rates_beside_movers(design: Design, count: int, seed: int = 1) -> tuple[Rate, Rate]:
    """Ads between the harmful first and the moving last ones that are said to have moved people, and movers found."""
    innocent, found = [], []
    for _, ads in judge_campaigns(design, count, seed):
        moved = [decision.verdict is Verdict.MOVED for _, decision in ads]
        innocent += moved[design.harmful : -design.movers]
        found += moved[-design.movers :]
    return Rate.of(innocent), Rate.of(found)


def rate_of_ads(design: Design, verdict: Verdict, count: int, seed: int = 1) -> Rate:
    """Ads that get this verdict."""
    return Rate.of(
        [decision.verdict is verdict for _, ads in judge_campaigns(design, count, seed) for _, decision in ads]
    )


def coverage_of_lift(design: Design, count: int, seed: int = 1) -> Rate:
    """Ads whose true lift lies in its 90 % interval; with a real mover, that one alone."""
    chosen = slice(None) if design.mover is None else slice(-1, None)
    return Rate.of(
        [
            progress.lift.low <= truth <= progress.lift.high
            for campaign, ads in judge_campaigns(design, count, seed)
            for (progress, _), truth in zip(ads[chosen], campaign.lifts[chosen].tolist(), strict=True)
            if progress.lift is not None
        ]
    )


def rates_of_wrong_sign(design: Design, count: int, seed: int = 1) -> tuple[Rate, Rate]:
    """Wrong sign among all ads, and among verdicts with a sign whose true lift is beyond 10 %."""
    ads_wrong, verdicts_wrong = [], []
    for campaign, ads in judge_campaigns(design, count, seed):
        for (_, decision), truth in zip(ads, campaign.lifts.tolist(), strict=True):
            code = decision.reason.code
            wrong = (code is ReasonCode.BETTER and truth < 0) or (code is ReasonCode.WORSE and truth > 0)
            ads_wrong.append(wrong)
            if code in (ReasonCode.BETTER, ReasonCode.WORSE) and abs(truth) > 0.1:
                verdicts_wrong.append(wrong)
    return Rate.of(ads_wrong), Rate.of(verdicts_wrong)


def rate_of_later_mover(sizes: tuple[int, int], weekly: float, count: int, seed: int = 1) -> Rate:
    """Running campaigns in which a touch that does nothing, met at this weekly rate by those who still wait, is
    said to move them: immortal time, to whoever counts the touched as touched from the start."""
    generator = np.random.default_rng(seed)
    cells, deviations = [], np.zeros(0)
    for _ in range(count):
        campaign = draw_campaign(Design(sizes=sizes), generator)
        journeys = campaign.journeys
        day = np.floor(generator.exponential(7 / weekly, len(journeys))).astype(np.int64)
        who = np.flatnonzero(day < journeys.wait)
        people = compared(journeys, np.full(len(journeys), -1, dtype=np.int32), campaign.specialty, 1)
        own, deviations = arrange_later_touches(people, who, np.zeros(len(who), dtype=np.int64), day[who])
        cells.append(own)
    hits = []
    for start in range(0, count, TOGETHER):
        some = cells[start : start + TOGETHER]
        fit = fit_hazard(stack_cells(some), deviations)
        chances = [1 - Mixture.of(fit, number).below(np.zeros(1))[0] for number in range(len(some))]
        hits += [bool(chance >= THRESHOLDS.better_later) for chance in chances]
    return Rate.of(hits)


def rate_of_later_mover_by_counts(weekly: float, ads: int, count: int, seed: int = 1) -> Rate:
    """The same of campaigns so small that fewer than 30 advance, and of touches by so many ads that do nothing."""
    generator = np.random.default_rng(seed)
    hits: list[bool] = []
    while len(hits) < count:
        journeys = (campaign := draw_campaign(Design(sizes=FEW), generator)).journeys
        if not 3 <= np.count_nonzero(journeys.decided_in_observed_week(Cause.ADVANCED)) < FEWEST_ADVANCES:
            continue
        days = np.floor(generator.exponential(7 / weekly, (ads, len(journeys)))).astype(np.int64)
        met, who = np.nonzero(days < journeys.wait)
        people = compared(journeys, np.full(len(journeys), -1, dtype=np.int32), campaign.specialty, ads)
        later = measure_later_touches(people, who, met, days[met, who])
        hits.append(later.effects is not None and _say_sooner(later.effects, len(later.ads)))
    return Rate.of(hits)


def power_of_later_touch(ratio: float, weekly: float, count: int, seed: int = 1) -> Rate:
    """Records of 150 people, of whom fewer than 30 advance, that say so of a touch after which `ratio` times as many
    advance in a week."""
    generator = np.random.default_rng(seed)
    hits: list[bool] = []
    while len(hits) < count:
        journeys, day = _draw_touched(ratio, weekly, generator)
        if np.count_nonzero(journeys.decided_in_observed_week(Cause.ADVANCED)) >= FEWEST_ADVANCES:
            continue
        nothing = np.zeros(len(journeys), dtype=np.int32)
        who = np.flatnonzero(day < journeys.wait)
        people = compared(journeys, nothing - 1, nothing, 1)
        later = measure_later_touches(people, who, np.zeros(len(who), dtype=np.int64), day[who])
        hits.append(later.effects is not None and _say_sooner(later.effects, len(later.ads)))
    return Rate.of(hits)


def _draw_touched(
    ratio: float, weekly: float, generator: np.random.Generator, people: int = 150
) -> tuple[Journeys, NDArray[np.int64]]:
    """Each week one and a half in a hundred advance and three go out, of those who still wait; and when each is
    touched."""
    follow_up = generator.integers(0, 182, people)
    day = np.floor(generator.exponential(7 / weekly, people)).astype(np.int64)
    week = np.arange(26)
    advance = 0.015 * np.where(day[:, None] // 7 + 1 <= week, ratio, 1.0)
    lot = generator.random((people, 26))
    decided = lot < advance + 0.03
    first = np.where(decided.any(axis=1), decided.argmax(axis=1), 26)
    ended = 7 * first + generator.integers(0, 7, people)
    advanced = (lot < advance)[np.arange(people), np.minimum(first, 25)]
    seen = ended < follow_up
    cause = np.where(seen, np.where(advanced, Cause.ADVANCED, Cause.OUT), Cause.PENDING).astype(np.int8)
    wait = np.where(seen, ended, follow_up).astype(np.int32)
    return Journeys(wait, cause, follow_up.astype(np.int32)), day


def _say_sooner(effects: Effects, ads: int) -> bool:
    middle = np.exp(effects.quantile(np.array([0.5]))[:, 0])
    chance = 1 - effects.below(np.zeros(ads))
    return any(judge_later_touches(*one, by_counts=True) for one in zip(middle.tolist(), chance.tolist(), strict=True))


def measure_incidence(size: int, count: int, seed: int = 1) -> tuple[float, float, Rate]:
    """Bias of F(120) with its standard error, and coverage of the 95 % interval, in running campaigns."""
    generator = np.random.default_rng(seed)
    design = Design(ads=1, sizes=(size, size), untraced=0.0)
    errors, covered = [], []
    for _ in range(count):
        campaign = draw_campaign(design, generator)
        (point,) = estimate_incidence(campaign.journeys, (120,), 0.95)
        if point.estimate is None or point.low is None or point.high is None:
            continue
        truth = TRUE_SHARE * _share_of_delays_within(121)
        errors.append(point.estimate - truth)
        covered.append(point.low <= truth <= point.high)
    return float(np.mean(errors)), float(np.std(errors) / math.sqrt(len(errors))), Rate.of(covered)


def coverage_of_expected(size: int, count: int, seed: int = 1) -> Rate:
    """Running campaigns whose number reached after 26 weeks lies in the interval foretold at the cut."""
    generator = np.random.default_rng(seed)
    hits = []
    for number in range(count):
        campaign = draw_campaign(Design(ads=1, sizes=(size, size), untraced=0.0), generator)
        foretold = expect_reached(campaign.journeys, seed=number)
        if foretold.low is not None and foretold.high is not None:
            hits.append(foretold.low <= _final_count(campaign, np.ones(size, dtype=np.bool_)) <= foretold.high)
    return Rate.of(hits)


def coverage_of_expected_by_ad(design: Design, count: int, seed: int = 1) -> Rate:
    """The same for each ad of a campaign, when ads differ."""
    generator = np.random.default_rng(seed)
    hits = []
    for number in range(count):
        campaign = draw_campaign(design, generator)
        foretold = expect_reached_by_row(campaign.journeys, campaign.ad, campaign.ads, seed=number)
        for ad, own in enumerate(foretold):
            if own.low is not None and own.high is not None:
                hits.append(own.low <= _final_count(campaign, campaign.ad == ad) <= own.high)
    return Rate.of(hits)


def simulated_need(base: float, others: int, ads: int, ratio: float, *, trials: int, seed: int = 1) -> int | None:
    """The fewest applicants at which a one-sided test at 5 % / ads finds the ratio in 80 % of trials."""
    generator = np.random.default_rng(seed)
    rest = generator.binomial(others, base, trials)
    limit = _normal_quantile(1 - 0.05 / ads)

    def power(size: int) -> float:
        own = generator.binomial(size, ratio * base, trials)
        pooled = np.clip((own + rest) / (size + others), 1e-9, 1 - 1e-9)
        error = np.sqrt(pooled * (1 - pooled) * (1 / size + 1 / others))
        return float(np.mean((own / size - rest / others) / error >= limit))

    sizes = np.unique(np.geomspace(4, 1000, 90).astype(int))
    return next((int(size) for size in sizes if power(int(size)) >= 0.8), None)


def _final_count(campaign: Campaign, own: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(campaign.reached_within(FOLLOWED_DAYS)[own]))


def _share_of_delays_within(days: float) -> float:
    return 0.5 * math.erfc(-math.log(days / 65) / 0.45 / math.sqrt(2))


def _normal_quantile(probability: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(probability)


TRUE_SHARE = float(np.mean(1 / (1 + 4 * np.exp(-np.array([-0.5, -0.15, 0.15, 0.5])))))
