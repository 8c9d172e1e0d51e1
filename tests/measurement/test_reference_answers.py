"""Answers that others have published or that were worked by hand, to the digits that they are stated with.

Beside these: the incidence of R's mgus2 (`test_incidence`), the E-value of its authors (`test_contrasts`). Nothing of
ours gives the p-value of a randomised experiment or a James-Stein estimate, so there is nothing to hold these against.
"""

import numpy as np
import pytest

from app.measurement import applicants_required, removal_effects
from app.measurement.mixture import Contest, weigh_effects
from app.measurement.posterior import Mixture
from tests.measurement.test_credit import paths_of

HITS = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7])
"""Of 45 times at bat each: Efron and Morris 1975."""


@pytest.mark.parametrize(
    ("people", "conversion", "effect", "credit"),
    [
        (
            [([0, 1, 2], "converted", 1), ([0], "null", 1), ([1, 2], "null", 1)],
            1 / 3, [0.5, 1.0, 1.0], [0.2, 0.4, 0.4],
        ),
        (
            [([0], "converted", 2), ([1], "converted", 1), ([0, 1], "converted", 1), ([0], "null", 1)],
            0.8, [0.75, 0.5], [2.4, 1.6],
        ),
        (
            [([0, 1, 0, 1, 1, 0], "converted", 1), ([0, 1, 1, 0, 0], "converted", 1), ([0, 0], "converted", 1)],
            1.0, [1.0, 0.5], [2.0, 1.0],
        ),
    ],
    ids=["three channels", "G and M", "the example of pychattr"],
)  # fmt: skip
def test_removal_effects_are_the_published_ones(
    people: list[tuple[list[int], str, int]], conversion: float, effect: list[float], credit: list[float]
) -> None:
    """C1 C2 C3 converts, C1 ends, C2 C3 end; G twice, M once, G M once convert, G once ends; and three paths of A and
    B that all convert, in which pychattr draws walks and the solve is exact."""
    removal = removal_effects(paths_of(*people, rows=len(effect)), fewest_converted=1, resamples=0)
    assert removal.conversion == pytest.approx(conversion, abs=1e-12)
    assert removal.effect.tolist() == pytest.approx(effect, abs=1e-12)
    assert removal.credit.tolist() == pytest.approx(credit, abs=1e-12)


@pytest.mark.parametrize(
    ("base", "ratio", "stated"), [(0.1, 2.0, 199.0), (0.2, 1.5, 293.2), (0.2, 2.0, 81.2), (0.05, 2.0, 434.4)]
)
def test_two_arms_of_equal_size_need_as_many_as_the_textbook_says(base: float, ratio: float, stated: float) -> None:
    """80 % power, 5 % two-sided, which is 2.5 % one-sided: what two compared ads get (Fleiss, Levin and Paik 2003).
    The smallest whole number that the other arm, of the same size, does with."""

    def enough(arm: int) -> bool:
        required = applicants_required(base, arm, 2, ratio)
        return required is not None and required <= arm

    smallest = next(arm for arm in range(40, 1000) if enough(arm))
    assert smallest - 1 < stated <= smallest + 0.05


def test_mixtures_of_normals_give_the_eight_schools() -> None:
    """Rubin 1981 with a spread flat on [0, 60]: E(θ), E(μ) and E(τ) by normal theory given each spread, gathered by
    the mixture that ads' effects are told by; E(τ) is 6.567 on a fine grid. Scaled down by 20, for a mixture of log
    ratios looks no further than 6."""
    effect = np.array([28, 8, -3, 7, -1, 1, 18, 12]) / 20
    variance = (np.array([15, 10, 16, 11, 9, 11, 10, 18]) / 20) ** 2
    spread = np.linspace(0.0, 3.0, 241)[1:] - 0.00625
    total = variance + spread[:, None] ** 2
    spread_of_mean = 1 / (1 / total).sum(axis=1)
    mean = (effect / total).sum(axis=1) * spread_of_mean
    density = (
        np.sqrt(spread_of_mean)
        * np.prod(total**-0.5, axis=1)
        * np.exp(-((effect - mean[:, None]) ** 2 / total).sum(axis=1) / 2)
    )
    weight = density / density.sum()
    pull = variance / total
    deviation = np.sqrt(variance * (1 - pull) + pull**2 * spread_of_mean[:, None])
    schools = Mixture(weight, effect * (1 - pull) + mean[:, None] * pull, deviation)
    points = np.linspace(-6, 6, 2401)
    below = np.array([schools.below(np.full(8, point)) for point in points])
    expected = 6 - np.trapezoid(below, points, axis=0)
    assert 20 * weight @ mean == pytest.approx(7.93, abs=0.005)
    assert 20 * weight @ spread == pytest.approx(6.56, abs=0.008)
    assert 20 * expected == pytest.approx([11.40, 7.89, 6.13, 7.65, 5.13, 6.14, 10.67, 8.46], abs=0.006)


def test_shrinkage_is_near_that_of_efron_and_morris() -> None:
    """James and Stein keep .2117 of each player's distance from the mean, .2654, so .400 becomes .294 and .156 .242.
    Ours is another model, with a prior of its own, of one against all others: to within two points of a hundred."""
    own = HITS.astype(np.float64)
    contest = Contest(own, own.sum() - own, np.full(18, 1 / 18))
    effects = weigh_effects(contest)
    others = (own.sum() - own) / (17 * 45)
    middle = effects.quantile(np.array([0.5]))[:, 0]
    best, *_between, worst = others * np.exp(middle)
    assert own.mean() / 45 == pytest.approx(0.2654, abs=5e-5)
    assert [best, worst] == pytest.approx([0.294, 0.242], abs=0.02)
