"""Whose an application is: the one place where observed codes meet the placements that published them.

An application is owned by what its own source says, else by the last touch inside the lookback that leads to a
placement. Every application gets exactly one owner, so rows, partly traced, unmatched and unknown add up to all.
Touches count by local day: after an erasure the day is all that is left of them, and no report may change.
"""

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.funnel.columns import NONE, Columns, Ints
from app.planning.tracking import AliasKind
from app.reports.plan import Plan


class Trace(enum.IntEnum):
    """How far an application can be traced."""

    UNKNOWN = 0
    UNMATCHED = 1
    PARTLY = 2
    KNOWN = 3


@dataclass(frozen=True, slots=True)
class Meeting:
    """Meetings of applicants with placements, in order: one element per touch inside the lookback.

    application, placement  positions in the columns and in the plan;  the applicant's own source comes last
    day                     of the touch, or of applying
    """

    application: NDArray[np.int64]
    placement: NDArray[np.int64]
    day: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Attribution:
    """One element per application: how far it is traced, its placement or channel (else NONE), and the placement
    that its own source leads to."""

    trace: Ints
    placement: Ints
    channel: Ints
    own: Ints
    meetings: Meeting


def attribute(columns: Columns, plan: Plan, lookback_days: int) -> Attribution:
    """Find the owner of every application."""
    own = _resolve(columns, plan, columns.code, columns.label, columns.host)
    touches = columns.touches
    touch = _resolve(columns, plan, touches.code, touches.label, touches.host)
    application, position = touches_of(columns, columns.applied - lookback_days, columns.applied)
    last_known = _last(application, touch.placement[position], columns.count)
    last_channel = _last(application, touch.channel[position], columns.count)
    last_foreign = _last(application, np.where(touch.unmatched[position], 0, NONE), columns.count)
    placement = np.where(own.placement != NONE, own.placement, last_known)
    placement = np.where(own.unmatched, NONE, placement)
    channel = np.where(own.channel != NONE, own.channel, last_channel)
    channel = np.where((placement != NONE) | own.unmatched, NONE, channel)
    trace = np.full(columns.count, Trace.UNKNOWN, dtype=np.int32)
    trace[last_foreign != NONE] = Trace.UNMATCHED
    trace[channel != NONE] = Trace.PARTLY
    trace[own.unmatched] = Trace.UNMATCHED
    trace[placement != NONE] = Trace.KNOWN
    meetings = _meetings(application, touch.placement[position], touches.day[position], own.placement, columns.applied)
    return Attribution(trace, placement, channel, own.placement, meetings)


def list_meetings(columns: Columns, plan: Plan, first: Ints, last: Ints) -> Meeting:
    """Every touch that leads to a placement, from the day `first` of each application to its day `last`, in order."""
    touches = columns.touches
    touch = _resolve(columns, plan, touches.code, touches.label, touches.host)
    application, position = touches_of(columns, first, last)
    met = touch.placement[position] != NONE
    application, position = application[met], position[met]
    return Meeting(application, touch.placement[position].astype(np.int64), touches.day[position].astype(np.int64))


@dataclass(frozen=True, slots=True)
class _Resolved:
    """What each observed source leads to: a placement, else a channel, else a code that nobody published."""

    placement: Ints
    channel: Ints
    unmatched: NDArray[np.bool_]


def _resolve(columns: Columns, plan: Plan, code: Ints, label: Ints, host: Ints) -> _Resolved:
    by_code = _table([plan.by_code.get(name, NONE) for name in columns.codes])
    placement = by_code[code]
    channel = np.full(len(code), NONE, dtype=np.int32)
    for kind, names, observed in (
        (AliasKind.LABEL, columns.labels, label),
        (AliasKind.HOST, columns.hosts, host),
    ):
        known = _table([plan.placement_by_name.get((kind, name), NONE) for name in names])[observed]
        partly = _table([plan.channel_by_name.get((kind, name), NONE) for name in names])[observed]
        without_code = code == NONE
        placement = np.where(without_code & (placement == NONE), known, placement)
        channel = np.where(without_code & (channel == NONE), partly, channel)
    channel = np.where(placement == NONE, channel, NONE)
    return _Resolved(placement, channel, (code != NONE) & (placement == NONE))


def _table(values: list[int]) -> Ints:
    """A look-up table whose last element answers for NONE (−1)."""
    return np.array([*values, NONE], dtype=np.int32)


def touches_of(columns: Columns, first: Ints, last: Ints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each application beside each touch of its person from its first day to its last, in order."""
    touches = columns.touches
    order = np.argsort(touches.person, kind="stable")
    people = touches.person[order]
    start = np.searchsorted(people, columns.person, side="left")
    count = np.searchsorted(people, columns.person, side="right") - start
    application = np.repeat(np.arange(columns.count), count)
    offset = np.arange(len(application)) - np.repeat(np.cumsum(count) - count, count)
    position = order[np.repeat(start, count) + offset]
    day = touches.day[position]
    inside = (first[application] <= day) & (day <= last[application])
    return application[inside], position[inside]


def _last(application: NDArray[np.int64], value: Ints, size: int) -> Ints:
    """For each application the last value that is not NONE."""
    last = np.full(size, NONE, dtype=np.int32)
    known = value != NONE
    last[application[known]] = value[known]  # assignment keeps the last of equal positions
    return last


def _meetings(application: NDArray[np.int64], touched: Ints, day: Ints, own: Ints, applied: Ints) -> Meeting:
    met = touched != NONE
    itself = np.flatnonzero(own != NONE)
    every = np.concatenate([application[met], itself])
    order = np.argsort(every, kind="stable")
    placement = np.concatenate([touched[met], own[itself]]).astype(np.int64)
    days = np.concatenate([day[met], applied[itself]]).astype(np.int64)
    return Meeting(every[order], placement[order], days[order])
