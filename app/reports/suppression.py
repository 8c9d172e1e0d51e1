"""Which cells of two grids may be shown to whoever does not see small counts; pure.

The grids are counts of applications and, of these, of those that reached a stage: rows and columns with their totals.
A count under k is hidden, and so many others with it that this holds for every hidden count: given all that is shown,
and that nobody reaches a stage who has not applied, it could be any of at least k + 1 different whole numbers. So it
can be found neither exactly nor to within k.

How it is proved: a hidden count may be moved if others are moved the other way, round and round in rows and columns
whose totals are shown. Rows and columns are the nodes of a graph, hidden counts its edges, and how far a count can be
moved is a flow (a table's sums are a network). Counts of applications move with those who reached the stage held, and
on top of that both grids move alike; either leaves the other grid as it may be, so the bounds hold for both together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

K = 10
UNBOUNDED = 1_000_000
"""More than any count; a total that is hidden may be anything, since the counts beside it bound it."""

WORTH_OF_A_TOTAL = 10
"""How many times as much is lost by a total that is hidden as by a cell of the same count."""

Grid = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is hidden of each grid with its totals: True for a cell that is not shown."""

    applications: Mask
    reached: Mask


@dataclass(frozen=True, slots=True)
class _Room:
    """How far each cell may go up and down while all others of its kind stay possible."""

    up: Grid
    down: Grid


def with_totals(grid: Grid) -> Grid:
    """The grid with the sum of each row at its end, and of each column below."""
    wide = np.hstack([grid, grid.sum(axis=1, keepdims=True)])
    return np.asarray(np.vstack([wide, wide.sum(axis=0, keepdims=True)]), dtype=np.int64)


def hide(applications: Grid, reached: Grid, k: int = K) -> Hidden:
    """Which cells to hide of grids (rows × columns, without totals) of which the second counts part of the first."""
    all_, some = with_totals(applications), with_totals(reached)
    first, second = all_ < k, (some < k)
    second |= first
    together = _room(np.full_like(applications, UNBOUNDED), reached)
    alone = _room(np.full_like(applications, UNBOUNDED), applications - reached)
    within = _room(applications - reached, reached)
    while True:
        _hide_around(first, all_, [alone, together], k)
        second |= first
        _hide_around(second & ~first, some, [within], k, hidden=second)
        ways = ((second, within), (first, together))
        tight = [cell for cell in _cells(first) if all(_width(cell, *way, k) < k for way in ways)]
        if not tight:
            return Hidden(first, second)
        # What is hidden in both grids needs room in both.
        if not _hide_rectangle(first, tight[0], all_, together, k):
            return Hidden(np.ones_like(first), np.ones_like(second))


def _room(up: Grid, down: Grid) -> _Room:
    return _Room(*(np.pad(side, (0, 1), constant_values=UNBOUNDED) for side in (up, down)))


def _cells(mask: Mask) -> list[tuple[int, int]]:
    return [(int(row), int(column)) for row, column in np.argwhere(mask)]


def _hide_around(wanted: Mask, counts: Grid, rooms: list[_Room], k: int, hidden: Mask | None = None) -> None:
    """Hide more (in `hidden`, which `wanted` is part of) until each wanted cell has room, in all rooms together; what
    is hidden for that is wanted too. A cell that has room keeps it whatever else is hidden."""
    hidden = wanted if hidden is None else hidden
    seen: set[tuple[int, int]] = set()
    pending = _cells(wanted)
    while pending:
        cell = pending.pop()
        seen.add(cell)
        before = hidden.copy()
        while sum(_width(cell, hidden, room, k) for room in rooms) < k:
            if not _hide_rectangle(hidden, cell, counts, rooms[-1], k):
                break
        pending += [one for one in _cells(hidden & ~before) if one not in seen]


def _width(cell: tuple[int, int], hidden: Mask, room: _Room, k: int) -> int:
    """How far a hidden cell can be moved, down and up together; k, if it is k or more."""
    if not hidden[cell]:
        return 0
    row, column = cell
    rows = hidden.shape[0]
    capacity = np.zeros((sum(hidden.shape),) * 2, dtype=np.int32)
    capacity[:rows, rows:] = np.where(hidden, room.up, 0)
    capacity[rows:, :rows] = np.where(hidden, room.down, 0).T
    # A total stands on the other side of its sum, and moves against what it is the total of; both ways are open.
    own = int(capacity[row, rows + column]), int(capacity[rows + column, row])
    capacity[row, rows + column] = capacity[rows + column, row] = 0
    up = min(own[0], _flow(capacity, rows + column, row))
    down = min(own[1], _flow(capacity, row, rows + column)) if up < k else 0
    return min(k, up + down)


def _flow(capacity: NDArray[np.int32], source: int, sink: int) -> int:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    return int(maximum_flow(csr_array(capacity), source, sink).flow_value)


def _hide_rectangle(hidden: Mask, cell: tuple[int, int], counts: Grid, room: _Room, k: int) -> bool:
    """Hide the corners of a rectangle that gives the cell room, up to k, for the least that is lost by each unit of
    it; False if all is hidden that could help."""
    row, column = cell
    up = np.minimum(np.minimum(room.down[row, :][None, :], room.down[:, column][:, None]), room.up)
    down = np.minimum(np.minimum(room.up[row, :][None, :], room.up[:, column][:, None]), room.down)
    gain = np.minimum(np.minimum(up, room.up[cell]) + np.minimum(down, room.down[cell]), k)
    loss = np.where(hidden, 0, counts + 1)
    loss[-1, :] *= WORTH_OF_A_TOTAL
    loss[:, -1] *= WORTH_OF_A_TOTAL
    lost = loss + loss[row, :][None, :] + loss[:, column][:, None]
    useful = lost > 0
    useful[row, :] = useful[:, column] = False
    if not useful.any():
        return False
    price = np.where(useful, lost / np.maximum(gain, 0.01), np.inf)
    other_row, other_column = np.unravel_index(int(np.argmin(price)), price.shape)
    for corner in ((row, other_column), (other_row, column), (other_row, other_column)):
        hidden[corner] = True
    return True
