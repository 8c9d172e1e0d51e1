"""Markov removal effects: what share of conversions the chain of touches would lose without a row."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.measurement.credit import FEWEST_CONVERTED, Carried, Ending, Floats, Paths, ends_path, starts_path
from app.measurement.reasons import Why
from app.measurement.resampling import RESAMPLES, draw_people

MOST_STATES = 2000


@dataclass(frozen=True, slots=True, eq=False)
class RemovalEffects:
    """Arrays of shape (rows,), or empty with `why`. effect is the share of conversions lost without the row;
    credit shares the touched conversions by it, so credits add up to them; low and high belong to the credit.
    conversion is the share of walks along the chain that convert: 0 where nothing was solved.
    """

    effect: Floats
    credit: Floats
    low: Floats
    high: Floats
    why: Why | None = None
    conversion: float = 0.0


@dataclass(frozen=True, eq=False)
class _Moves:
    """Moves of all paths: `cell` = from · (states + 2) + to, one per move, first one to each touch and then one from
    the last of each path.

    from = states is the start; to = states is conversion, states + 1 the null end. people names the path of each number
    among all paths.
    row  (states,) the row that a state is, beside the one before it; null where states are the rows
    """

    cell: NDArray[np.int32]
    begins: NDArray[np.bool_]
    people: NDArray[np.int32]
    converted: NDArray[np.bool_]
    rows: int
    states: int
    row: NDArray[np.int64] | None

    @cached_property
    def path(self) -> NDArray[np.int32]:
        """The path that each move belongs to; asked for only where paths are drawn anew."""
        return np.concatenate([np.cumsum(self.begins, dtype=np.int32) - 1, np.arange(len(self.people), dtype=np.int32)])


class TooManyStates(ValueError):
    """A chain of order two over so many pairs of rows would take minutes."""


def removal_effects(
    paths: Paths,
    *,
    order: int = 1,
    level: float = 0.9,
    seed: int = 0,
    resamples: int = RESAMPLES,
    fewest_converted: int = FEWEST_CONVERTED,
    person: NDArray[np.integer] | None = None,
    carried: Carried | None = None,
) -> RemovalEffects:
    """Which rows do the paths to the stage run through?

    Chain of this order, 1 or 2, over converted and null paths; unresolved ones are left out. Exact, by one linear
    solve: with start s, transient Q and conversion r, N = (I − Q)⁻¹, f = N r, h = sN / diag N, P = s·f and
    effect = h f / P; paths through a removed row count as lost. At order 2 a state is a row and the one before it, and
    a row A is removed in all its states at once: h = (sN)_A (N_AA)⁻¹. Interval of the credit: bootstrap of people, of
    whom `person` (paths,) says whose each path is; without it each is one person's. Without resamples both ends are
    the credit itself. With `carried` the answer has the report's rows: the credit of a row of the paths is shared
    equally among those it stands for, and the effect is that of removing at once all that stand for a row.

    A way of sharing credit, not proof: a row met only by those who would have come anyway looks large.
    Null with TOO_FEW below `fewest_converted` touched conversions. The same seed gives the same answer. Raises
    TooManyStates above 2,000 pairs of rows.
    Source: Anderl, Becker, von Wangenheim and Schumann 2016; the solve after Kemeny and Snell 1976, ch. III.
    """
    moves = _list_moves(paths, order)
    if np.count_nonzero(moves.converted) < max(1, fewest_converted):
        nothing = np.zeros(0)
        return RemovalEffects(nothing, nothing, nothing, nothing, Why.TOO_FEW)
    effect, credit, conversion = _solve(moves, None)
    parts = None if carried is None else carried.parts
    if carried is not None and parts is not None:
        effect, credit = _remove_together(moves, carried, conversion), credit @ parts
    if not resamples:
        return RemovalEffects(effect, credit, credit, credit, conversion=conversion)
    generator = np.random.default_rng(seed)
    whose = np.arange(len(moves.converted)) if person is None else _number(person[moves.people])
    people = int(whose.max()) + 1
    again = np.array([_solve(moves, draw_people(people, generator)[whose])[1] for _ in range(resamples)])
    tail = (1 - level) / 2
    low, high = np.quantile(again if parts is None else again @ parts, [tail, 1 - tail], axis=0)
    return RemovalEffects(effect, credit, low, high, conversion=conversion)


def _list_moves(paths: Paths, order: int) -> _Moves:
    person, row = paths.person, paths.row
    if paths.unresolved:
        keep = paths.ending[person] != Ending.UNRESOLVED
        person, row = person[keep], row[keep]
    begins, last = starts_path(person), ends_path(person)
    people = person[begins]
    converted = paths.ending[people] == Ending.CONVERTED
    state, of_state = (row, None) if order == 1 else _pair_with_before(row, begins, paths.rows)
    states = paths.rows if of_state is None else len(of_state)
    start, width = np.int32(states), np.int32(states + 2)
    before = np.where(begins, start, np.roll(state, 1))
    endings = np.where(converted, start, start + 1)
    cell = np.concatenate([before * width + state, state[last] * width + endings])
    return _Moves(cell, begins, people, np.asarray(converted), paths.rows, states, of_state)


def _pair_with_before(
    row: NDArray[np.int32], begins: NDArray[np.bool_], rows: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The state that each touch is, by its row and the row before it on the path, and the row of each state."""
    before = np.where(begins, rows, np.roll(row, 1)).astype(np.int64)
    pairs, state = np.unique(before * max(rows, 1) + row, return_inverse=True)
    if len(pairs) > MOST_STATES:
        raise TooManyStates(f"{len(pairs)} pairs of rows follow each other; {MOST_STATES} at most can be solved")
    return state.astype(np.int32), pairs % max(rows, 1)


def _number(codes: NDArray[np.integer]) -> NDArray[np.int64]:
    """The codes without gaps, from 0."""
    return np.asarray(np.unique(codes, return_inverse=True)[1].reshape(len(codes)), dtype=np.int64)


def _solve(moves: _Moves, weight: NDArray[np.number] | None) -> tuple[Floats, Floats, float]:
    """Removal effects, credits and conversion when path p counts `weight[p]` times, or once; rows never met get 0."""
    rows = moves.rows
    met, start, step, end = _list_chances(moves, weight)
    visits = np.linalg.inv(np.eye(len(met)) - step)
    reach, through = visits @ end, start @ visits
    effect = np.zeros(rows)
    conversion = float(start @ reach)
    if conversion > 0 and moves.row is None:
        effect[met] = through / np.diag(visits) * reach / conversion
    elif conversion > 0 and moves.row is not None:
        for row, own in _list_states(moves.row[met]):
            effect[row] = through[own] @ np.linalg.solve(visits[np.ix_(own, own)], reach[own]) / conversion
    total = effect.sum()
    conversions = float(np.count_nonzero(moves.converted) if weight is None else weight[moves.converted].sum())
    return effect, effect / total * conversions if total > 0 else np.zeros(rows), conversion


def _list_states(row: NDArray[np.int64]) -> list[tuple[int, NDArray[np.int64]]]:
    """Each row that there is, with the places of its states."""
    order = np.argsort(row, kind="stable")
    rows, start = np.unique(row[order], return_index=True)
    return list(zip(rows.tolist(), np.split(order, start[1:]), strict=True))


def _list_chances(moves: _Moves, weight: NDArray[np.number] | None) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """The S states met, and the chances to begin at each (S,), to go from each to each, and to convert (S,)."""
    states = moves.states
    weights = None if weight is None else weight[moves.path]
    counts = np.bincount(moves.cell, weights=weights, minlength=(states + 1) * (states + 2))
    counts = counts.reshape(states + 1, states + 2)
    met = np.flatnonzero(counts[:states].sum(axis=1) > 0)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-300)
    return met, share[states, met], share[np.ix_(met, met)], share[met, states]


def _remove_together(moves: _Moves, carried: Carried, conversion: float) -> Floats:
    """The share of conversions lost without all rows of the paths that stand for each of the report's rows."""
    met, start, step, end = _list_chances(moves, None)
    effect = np.zeros(carried.rows)
    met_rows = met if moves.row is None else moves.row[met]
    for row in range(carried.rows):
        left = ~np.isin(met_rows, carried.step[carried.row == row])
        if conversion > 0 and not left.all():
            reach = np.linalg.solve(np.eye(int(left.sum())) - step[np.ix_(left, left)], end[left])
            effect[row] = 1 - float(start[left] @ reach) / conversion
    return effect
