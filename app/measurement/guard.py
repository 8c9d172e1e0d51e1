"""The threshold a campaign is judged by: from the calibrated table, or earned by its own shape where counts are few."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.measurement.compared import Compared
from app.measurement.counts import Comparison, Exposure, compare, contest_of, expose_people, sum_by_cell
from app.measurement.mixture import Floats, probability_better
from app.measurement.progress import Method, Progress
from app.measurement.thresholds import THRESHOLDS, Thresholds

BATCH = 50
SINGLE_PRECISION = 1e-5
THIRDS = (9, 18)


def find_threshold(
    people: Compared, measured: Sequence[Progress], *, seed: int, rules: Thresholds = THRESHOLDS
) -> float:
    """What P(b > 0) must reach: for fates by how many ads were compared, for counts the fixed figure or,
    with few ads or one giant ad, the permutation guard's."""
    if any(progress.method is Method.FATES for progress in measured):
        return rules.better_of(sum(progress.lift is not None for progress in measured))
    exposure = expose_people(people)
    comparison = compare(exposure)
    if comparison.comparable.any() and needs_guard(comparison, rules):
        return permutation_threshold(exposure, seed=seed, rules=rules)
    return rules.better_counts


def suit_rules(people: Compared, measured: Sequence[Progress], rules: Thresholds = THRESHOLDS) -> Thresholds:
    """The figures for this campaign, by how many ads were compared and how many applicants wait."""
    return rules.suited_to(sum(progress.lift is not None for progress in measured), people.waiting)


def needs_guard(comparison: Comparison, rules: Thresholds = THRESHOLDS) -> bool:
    """Whether the campaign is unlike those the fixed threshold was made for: few ads, or one giant ad."""
    applicants = comparison.applicants.sum(axis=1)
    few = np.count_nonzero(comparison.comparable) <= rules.few_ads
    return bool(few or applicants.max(initial=0) > rules.dominant_share * applicants.sum())


def permutation_threshold(exposure: Exposure, *, seed: int, rules: Thresholds = THRESHOLDS) -> float:
    """What must P(b > 0) exceed so that at most 5 % of campaigns without any effect name a mover?

    Ads' labels are shuffled among applicants of the same stratum and third of follow-up, where under no
    effect they are exchangeable; the answer is just above the 95 % quantile of the largest P(b > 0), and at
    least `guard_floor`. The same seed gives the same answer, and renaming the ads does not change it.
    Source: Westfall and Young 1993 for the maximum.
    """
    generator = np.random.default_rng(seed)
    batches = [
        _largest_probabilities(exposure, min(BATCH, rules.guard_permutations - done), generator)
        for done in range(0, rules.guard_permutations, BATCH)
    ]
    quantile = np.quantile(np.concatenate(batches), 1 - rules.guard_false_share, method="higher")
    return float(max(rules.guard_floor, quantile + SINGLE_PRECISION))


def _largest_probabilities(exposure: Exposure, times: int, generator: np.random.Generator) -> Floats:
    labels = _shuffle_labels(exposure, times, generator)
    shape = (times, exposure.ads, exposure.strata)
    cell = ((np.arange(times)[:, None] * exposure.ads + labels) * exposure.strata + exposure.stratum).ravel()
    observed = sum_by_cell(cell, np.tile(exposure.advanced, times), shape)
    due = sum_by_cell(cell, np.tile(exposure.expected, times), shape)
    contest = contest_of(observed, due)
    return np.asarray(probability_better(contest).max(axis=1))


def _shuffle_labels(exposure: Exposure, times: int, generator: np.random.Generator) -> NDArray[np.int64]:
    block = exposure.stratum * (len(THIRDS) + 1) + np.digitize(exposure.observed_weeks, THIRDS)
    labels = np.tile(exposure.ad, (times, 1))
    for value in np.unique(block):
        members = np.flatnonzero(block == value)
        labels[:, members] = generator.permuted(labels[:, members], axis=1)
    return labels
