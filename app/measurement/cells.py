"""Applicants of a kind, counted by week of waiting: what the hazard models read instead of people."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.measurement.journeys import WEEK_DAYS, WEEKS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

BAND_STARTS = np.array([0, 2, 4, 6, 9, 13, 18, WEEKS])
"""Weeks that share a hazard: 0-1, 2-3, 4-5, 6-8, 9-12, 13-17 and 18-25. A parameter per week buys nothing."""
EVERY_WEEK = np.arange(WEEKS + 1)
"""Where exposure grows as people wait it would be taken for time passing inside a band: there each week is one."""
BANDS = len(BAND_STARTS) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """One row for each kind of applicant of each family: the same covariates, and the same ads met.

    family   (rows,) rising; a family is one campaign to be fitted by itself
    columns  (rows, k) the columns of the design that are 1, the first of them covariates, then the ads;
             `width` fills up where there are fewer than k
    quiet    (rows, bands) weeks at risk that passed without an advance
    event_row, event_band, events  where advances happened, and how many
    spells   (rows,) how many spells at risk the row stands for
    """

    family: Ints
    columns: Ints
    quiet: Floats
    event_row: Ints
    event_band: Ints
    events: Floats
    spells: Floats
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
    starts: Ints = BAND_STARTS,
) -> Cells:
    """Gather spells at risk, one a row of every argument, into kinds; columns in any order.

    entry and weeks are the first week at risk and the week after the last one; `advanced` says that the last
    week ended in the advance; the bands begin in the weeks `starts`. A spell without a week at risk counts for nothing.
    """
    at_risk = weeks > entry
    family, columns = family[at_risk], np.sort(columns[at_risk], axis=1)
    entry, weeks, advanced = entry[at_risk], weeks[at_risk], advanced[at_risk]
    key, kind = _number_kinds(np.column_stack([family, columns]))
    quiet = _weeks_by_band(kind, entry, weeks - advanced, len(key), starts)
    bands = len(starts) - 1
    event, events = np.unique(kind[advanced] * bands + band_of(weeks[advanced] - 1, starts), return_counts=True)
    return Cells(
        key[:, 0],
        key[:, 1:],
        quiet,
        event // bands,
        event % bands,
        events.astype(np.float64),
        np.bincount(kind, minlength=len(key)).astype(np.float64),
        int(family.max(initial=0)) + 1,
        width,
    )


def band_of(week: NDArray[Any], starts: Ints = BAND_STARTS) -> Ints:
    """The band of each week of waiting."""
    return np.asarray(np.searchsorted(starts, week, side="right") - 1, dtype=np.int64)


def weeks_in_bands(days: int) -> Floats:
    """How much of each band has passed after so many days, in weeks; shape (BANDS,)."""
    return np.clip(days / WEEK_DAYS - BAND_STARTS[:-1], 0.0, np.diff(BAND_STARTS))


def _number_kinds(key: Ints) -> tuple[Ints, Ints]:
    """The distinct rows of `key` in rising order, and which of them each row is."""
    order = np.lexsort(key.T[::-1])
    ordered = key[order]
    new = np.ones(len(key), dtype=np.bool_)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    kind = np.empty(len(key), dtype=np.int64)
    kind[order] = np.cumsum(new) - 1
    return ordered[new], kind


def _weeks_by_band(kind: Ints, entry: Ints, end: Ints, kinds: int, starts: Ints) -> Floats:
    """Person-weeks in [entry, end) by kind and band, from how many begin and end in each week."""
    size = kinds * (WEEKS + 1)
    first, after = kind * (WEEKS + 1) + entry, kind * (WEEKS + 1) + end
    change = np.bincount(first, minlength=size) - np.bincount(after, minlength=size)
    at_risk = np.cumsum(change.reshape(kinds, WEEKS + 1), axis=1)[:, :WEEKS]
    return np.add.reduceat(at_risk, starts[:-1], axis=1).astype(np.float64)
