"""Which cells of two grids may be shown to whoever does not see small counts; pure.

The grids are counts of applications and, of these, of those that reached a stage: rows and columns with their totals.
A count under k is hidden, and so many others with it that this holds for every hidden count: given all that is shown,
and that nobody reaches a stage who has not applied, it could be any of at least k + 1 different whole numbers. So it
can be found neither exactly nor to within k.

How it is proved: a hidden count may be moved if others are moved the other way, round and round in rows and columns
whose totals are shown. Rows and columns are the nodes of a graph, hidden counts its edges, and how far a count can be
moved is a flow (a table's sums are a network). Counts of applications move with those who reached the stage held, and
on top of that both grids move alike; either leaves the other grid as it may be, so the bounds hold for both together.
Where few of a cell applied, more may have reached the stage only if more had applied: the cell of applications is moved
up first, and then its reached count in the room that this gives.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

K = 10
UNBOUNDED = 1_000_000
"""More than any count; a total that is hidden may be anything, since the counts beside it bound it."""

WORTH_OF_A_TOTAL = 10
"""How many times as much is lost by a total that is hidden as by a cell of the same count."""

Grid = NDArray[np.int64]
Mask = NDArray[np.bool_]
Cell: TypeAlias = tuple[int, int]


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

    def has_room(cell: Cell) -> bool:
        """Whether the reached count of a cell that is hidden in both grids has."""
        if max(_width(cell, second, within, k), _width(cell, first, together, k)) >= k:
            return True
        raised = _raise(cell, first, all_, alone, k)
        return _width(cell, second, _room(raised[:-1, :-1] - reached, reached), k) >= k

    # A cell that has room keeps it whatever else is hidden, so it is looked at until it has, and not again.
    roomy: tuple[set[Cell], ...] = (set(), set(), set())
    while True:
        _hide_around(first, all_, [alone, together], k, roomy[0])
        second |= first
        _hide_around(second & ~first, some, [within], k, roomy[1], hidden=second)
        tight = next((one for one in _cells(first) if one not in roomy[2] and not has_room(one)), None)
        if tight is None:
            return Hidden(first, second)
        if not _hide_rectangle(first, tight, all_, together, k):
            return Hidden(np.ones_like(first), np.ones_like(second))


def _room(up: Grid, down: Grid) -> _Room:
    return _Room(*(np.pad(side, (0, 1), constant_values=UNBOUNDED) for side in (up, down)))


def _cells(mask: Mask) -> list[Cell]:
    return [(int(row), int(column)) for row, column in np.argwhere(mask)]


def _hide_around(
    wanted: Mask, counts: Grid, rooms: list[_Room], k: int, seen: set[Cell], hidden: Mask | None = None
) -> None:
    """Hide more (in `hidden`, which `wanted` is part of) until each wanted cell has room, in all rooms together; what
    is hidden for that is wanted too. Those seen before have it."""
    hidden = wanted if hidden is None else hidden
    pending = [one for one in _cells(wanted) if one not in seen]
    while pending:
        cell = pending.pop()
        seen.add(cell)
        before = hidden.copy()
        while sum(_width(cell, hidden, room, k) for room in rooms) < k:
            if not _hide_rectangle(hidden, cell, counts, rooms[-1], k):
                break
        pending += [one for one in _cells(hidden & ~before) if one not in seen]


def _width(cell: Cell, hidden: Mask, room: _Room, k: int) -> int:
    """How far a hidden cell can be moved, down and up together; k, if it is k or more."""
    if not hidden[cell]:
        return 0
    others = _network(cell, hidden, room)
    row, column = cell[0], hidden.shape[0] + cell[1]
    up = min(int(room.up[cell]), _flow(others, column, row)[0])
    down = min(int(room.down[cell]), _flow(others, row, column)[0]) if up < k else 0
    return min(k, up + down)


def _raise(cell: Cell, hidden: Mask, counts: Grid, room: _Room, k: int) -> Grid:
    """The counts with the cell raised, up to k, and others moved the other way."""
    rows, size = hidden.shape[0], sum(hidden.shape)
    most = np.zeros((size + 1, size + 1), dtype=np.int32)
    most[:size, :size] = _network(cell, hidden, room)
    most[size, rows + cell[1]] = min(int(room.up[cell]), k)
    by, moved = _flow(most, size, cell[0])
    raised = counts + np.maximum(moved[:rows, rows:size], 0) - np.maximum(moved[rows:size, :rows], 0).T
    raised[cell] += by
    return raised


def _network(cell: Cell, hidden: Mask, room: _Room) -> NDArray[np.int32]:
    """How far the hidden cells but this one can be moved: up from its row to its column, down from column to row."""
    row, column, rows = *cell, hidden.shape[0]
    capacity = np.zeros((sum(hidden.shape),) * 2, dtype=np.int32)
    # A total stands on the other side of its sum, and moves against what it is the total of; both ways are open.
    capacity[:rows, rows:] = np.where(hidden, room.up, 0)
    capacity[rows:, :rows] = np.where(hidden, room.down, 0).T
    capacity[row, rows + column] = capacity[rows + column, row] = 0
    return capacity


def _flow(capacity: NDArray[np.int32], source: int, sink: int) -> tuple[int, NDArray[np.int32]]:
    """The most that can be moved from source to sink, and along which edges."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    found = maximum_flow(csr_array(capacity), source, sink)
    return int(found.flow_value), np.asarray(found.flow.toarray(), dtype=np.int32)


def _hide_rectangle(hidden: Mask, cell: Cell, counts: Grid, room: _Room, k: int) -> bool:
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
