"""What is hidden of the monthly grids cannot be found again: not exactly, and not to within k, from both together."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from app.reports.suppression import Hidden, K, hide, with_totals

Grid = NDArray[np.int64]


@st.composite
def grids(draw: st.DrawFn) -> tuple[Grid, Grid]:
    """Applications by month and channel, many of them few, and how many of each reached the stage."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    counts = st.integers(0, 3) | st.integers(4, 14) | st.integers(15, 60)
    applications = np.array(draw(st.lists(counts, min_size=rows * columns, max_size=rows * columns)))
    reached = np.array([draw(st.integers(0, int(n)) | st.just(int(n))) for n in applications])
    return applications.reshape(rows, columns), reached.reshape(rows, columns)


class Attack:
    """All that follows from what is shown: sums, and that reaching a stage takes applying. Found by a linear program
    over both grids at once."""

    def __init__(self, applications: Grid, reached: Grid, hidden: Hidden) -> None:
        self.shape = applications.shape
        size = applications.size
        shown, values = [], []
        for offset, grid, mask in ((0, applications, hidden.applications), (size, reached, hidden.reached)):
            full = with_totals(grid)
            for cell in np.argwhere(~mask):
                shown.append(self.parts(tuple(cell), offset))
                values.append(full[tuple(cell)])
        self.equal = (np.array(shown), np.array(values)) if shown else (None, None)
        self.order = np.hstack([-np.eye(size), np.eye(size)])

    def parts(self, cell: tuple[int, ...], offset: int) -> NDArray[np.float64]:
        """The cell as a sum of cells inside."""
        rows, columns = self.shape
        inside = np.zeros(self.shape)
        inside[cell[0] if cell[0] < rows else slice(None), cell[1] if cell[1] < columns else slice(None)] = 1
        row = np.zeros(2 * inside.size)
        row[offset : offset + inside.size] = inside.ravel()
        return row

    def bounds(self, cell: tuple[int, ...], *, of_reached: bool) -> tuple[float, float]:
        goal = self.parts(cell, self.order.shape[0] if of_reached else 0)
        ends = []
        for sign in (1, -1):
            found = linprog(
                sign * goal, A_ub=self.order, b_ub=np.zeros(len(self.order)), A_eq=self.equal[0], b_eq=self.equal[1]
            )
            ends.append(sign * float(found.fun or 0) if found.status == 0 else sign * -np.inf)
        return ends[0], ends[1]


def narrowest(applications: Grid, reached: Grid, hidden: Hidden) -> float:
    attack = Attack(applications, reached, hidden)
    widths = [np.inf]
    for of_reached, mask in ((False, hidden.applications), (True, hidden.reached)):
        for cell in np.argwhere(mask):
            low, high = attack.bounds(tuple(cell), of_reached=of_reached)
            widths.append(high - low)
    return min(widths)


@given(grids())
def test_no_hidden_count_can_be_bounded_to_within_k(both: tuple[Grid, Grid]) -> None:
    applications, reached = both
    hidden = hide(applications, reached)
    assert not (~hidden.applications & (with_totals(applications) < K)).any()
    assert not (~hidden.reached & (with_totals(reached) < K)).any()
    assert narrowest(applications, reached, hidden) >= K - 1e-6


def test_without_complements_the_attack_finds_what_is_hidden() -> None:
    applications = np.array([[3, 40], [30, 50]])
    reached = np.array([[1, 20], [15, 25]])
    bare = Hidden(with_totals(applications) < K, with_totals(reached) < K)
    assert narrowest(applications, reached, bare) == 0
    assert narrowest(applications, reached, hide(applications, reached)) >= K


def test_nothing_is_hidden_where_all_are_many_and_all_where_all_are_few() -> None:
    many = np.full((3, 2), 40)
    assert not hide(many, many // 2).reached.any()
    few = np.full((2, 2), 1)
    assert hide(few, few).applications.all()


def test_a_hidden_count_takes_as_little_with_it_as_protects_it() -> None:
    applications = np.full((6, 4), 40)
    applications[0, 0] = 3
    hidden = hide(applications, applications // 2)
    assert hidden.applications.sum() <= 7
    assert not hidden.applications[:, -1].any()
    assert not hidden.applications[-1].any()


def test_two_years_of_five_channels_keep_their_totals_and_half_of_what_is_many() -> None:
    draw = np.random.default_rng(7)
    applications = draw.poisson([2, 6, 12, 25, 40], size=(24, 5))
    reached = draw.binomial(applications, 0.4)
    hidden = hide(applications, reached)
    assert not hidden.applications[-1, -1]
    assert not hidden.applications[:24, -1].any(), "the totals of months"
    shown = ~hidden.applications[:-1, :-1] & (applications >= 20)
    assert shown.sum() > 0.5 * (applications >= 20).sum()


def test_many_channels_that_few_came_by_keep_the_totals_of_months() -> None:
    """Most cells hold nobody, so more can have reached the stage there only if more had applied."""
    draw = np.random.default_rng(7)
    applications = draw.poisson([1, 6, 5, 9, 4, 3, 0.3, 2, 0.5, 2, 5, 1, 1, 7, 5, 26], size=(15, 16))
    applications[draw.random((15, 16)) < 0.4] = 0
    reached = draw.binomial(applications, 0.2)
    hidden = hide(applications, reached)
    assert not hidden.applications[:15, -1].any(), "the totals of months"
    assert not hidden.applications[-1, -1]


def test_there_may_be_nothing_to_hide_at_all() -> None:
    nothing = np.zeros((0, 0), dtype=np.int64)
    assert hide(nothing, nothing).applications.all()
