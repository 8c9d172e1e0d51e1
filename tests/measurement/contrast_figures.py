"""How often what is said of two that are set beside each other is right; few in the tests, many in proofs."""

from collections.abc import Iterator

import numpy as np

from app.measurement.contrasts import Contrast, Further, change_of_share, contrast_ads, find_obstacle, judge_contrast
from tests.measurement.campaigns import Campaign, Design, draw_campaign
from tests.measurement.figures import Rate


def contrast_campaigns(design: Design, count: int, seed: int = 1) -> Iterator[tuple[Campaign, Contrast | None]]:
    """Campaigns with their last ad beside their first, where the two can be compared at all."""
    generator = np.random.default_rng(seed)
    for _ in range(count):
        campaign = draw_campaign(design, generator)
        people, pair = campaign.people, (campaign.ads - 1, 0)
        yield campaign, None if find_obstacle(people, *pair) else contrast_ads(people, [pair])[0]


def rate_of_false_claims(design: Design, count: int, seed: int = 1) -> Rate:
    """Campaigns in which it is said of two without a difference that one goes further."""
    return Rate.of(
        [judge_contrast(one) is not Further.CANNOT_TELL for _, one in contrast_campaigns(design, count, seed)]
    )


def rates_of_claims(design: Design, count: int, seed: int = 1) -> tuple[Rate, Rate]:
    """Campaigns in which it is said that the last ad, which moves people, goes further than the first; and the
    opposite."""
    said = [judge_contrast(one) for _, one in contrast_campaigns(design, count, seed)]
    return tuple(Rate.of([one is wanted for one in said]) for wanted in (Further.FIRST, Further.SECOND))  # type: ignore[return-value]


def coverage_of_contrast(design: Design, count: int, seed: int = 1) -> Rate:
    """Campaigns in which the interval of the change holds the true one: over all applicants, had they met the last ad
    instead of the first."""
    hits = []
    for campaign, one in contrast_campaigns(design, count, seed):
        if one is not None:
            first, second = (share_with(campaign, ad) for ad in (campaign.ads - 1, 0))
            low, high = (change_of_share(end, second) for end in (one.low, one.high))
            hits.append(low <= first / second - 1 <= high)
    return Rate.of(hits)


def share_with(campaign: Campaign, ad: int) -> float:
    """The share of all applicants that would advance, had they all met this ad."""
    own = campaign.ad == ad
    odds = campaign.chance[own] / (1 - campaign.chance[own])
    before = campaign.common[own] / (1 - campaign.common[own])
    moved = campaign.common / (1 - campaign.common) * (odds / before).mean()
    return float((moved / (1 + moved)).mean())
