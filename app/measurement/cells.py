"""Applicants of a kind, counted by week of waiting: what model C reads instead of people."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.measurement.journeys import WEEKS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """One row for each kind of applicant of each family: the same covariates, and the same ads met.

    family   (rows,) rising; a family is one campaign to be fitted by itself
    columns  (rows, k) the columns of the design that are 1, the first of them covariates, then the ads;
             `width` fills up where there are fewer than k
    quiet    (rows, WEEKS) weeks at risk that passed without an advance; exposure grows as people wait, so it would be
             taken for time passing were several weeks one
    event_row, event_week, events  where advances happened, and how many
    """

    family: Ints
    columns: Ints
    quiet: Floats
    event_row: Ints
    event_week: Ints
    events: Floats
    families: int
    width: int


def count_cells(
    family: Ints,
    columns: Ints,
    entry: Ints,
    weeks: Ints,
    advanced: NDArray[np.bool_],
    *,
    width: int,
) -> Cells:
    """Gather spells at risk, one a row of every argument, into kinds; columns in any order.

    entry and weeks are the first week at risk and the week after the last one; `advanced` says that the last
    week ended in the advance. A spell without a week at risk counts for nothing.
    """
    at_risk = weeks > entry
    family, columns = family[at_risk], np.sort(columns[at_risk], axis=1)
    entry, weeks, advanced = entry[at_risk], weeks[at_risk], advanced[at_risk]
    key, kind = number_kinds(np.column_stack([family, columns]))
    quiet = count_weeks(kind, entry, weeks - advanced, len(key))
    event, events = np.unique(kind[advanced] * WEEKS + weeks[advanced] - 1, return_counts=True)
    return Cells(
        key[:, 0],
        key[:, 1:],
        quiet,
        event // WEEKS,
        event % WEEKS,
        events.astype(np.float64),
        int(family.max(initial=0)) + 1,
        width,
    )


def number_kinds(key: Ints) -> tuple[Ints, Ints]:
    """The distinct rows of `key` in rising order, and which of them each row is."""
    order = np.lexsort(key.T[::-1])
    ordered = key[order]
    new = np.ones(len(key), dtype=np.bool_)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    kind = np.empty(len(key), dtype=np.int64)
    kind[order] = np.cumsum(new) - 1
    return ordered[new], kind


def count_weeks(kind: Ints, entry: Ints, end: Ints, kinds: int) -> Floats:
    """Person-weeks in [entry, end) by kind and week, from how many begin and end in each week."""
    size = kinds * (WEEKS + 1)
    first, after = kind * (WEEKS + 1) + entry, kind * (WEEKS + 1) + end
    change = np.bincount(first, minlength=size) - np.bincount(after, minlength=size)
    return np.cumsum(change.reshape(kinds, WEEKS + 1), axis=1)[:, :WEEKS].astype(np.float64)
