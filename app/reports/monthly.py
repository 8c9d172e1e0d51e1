"""How many applied and how many of them came to an interview, by month of applying and by channel.

The one report that is open to everybody. Its grid is fixed: every month since the first application, every channel of
the plan, one stage, no filters; a choice of either would be another table to subtract. Whoever does not see small
counts gets it with these hidden (`app.reports.suppression`).
"""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.funnel.columns import NEVER, NONE
from app.i18n import _
from app.reports.cache import cached
from app.reports.monthly_answers import Monthly, MonthlyCell, MonthlyChannel, MonthlyRow
from app.reports.reading import Reading, read
from app.reports.scope import Scope
from app.reports.suppression import Grid, Hidden, K, hide, with_totals


def report_monthly(session: Session, scope: Scope, *, exact: bool) -> Monthly:
    """The grid, exact or with small counts hidden; only whose it is and the moment are read of the scope."""
    asked = Scope(organisation_id=scope.organisation_id, now=scope.now)
    name = "monthly" if exact else "monthly, protected"
    return cached(session, asked, name, lambda: _report(read(session, asked), exact))


def _report(reading: Reading, exact: bool) -> Monthly:
    months = _months(reading)
    channels = [MonthlyChannel(key=str(id), label=name) for id, name in reading.plan.channels]
    channels.append(MonthlyChannel(key=None, label=_("Channel unknown")))
    applications, reached = _count(reading, months, len(channels))
    full = with_totals(applications), with_totals(reached)
    nothing = np.zeros(full[0].shape, dtype=np.bool_)
    hidden = Hidden(nothing, nothing) if exact else _hide(_Grids(applications, reached))
    return Monthly(
        stage=reading.scope.stage.slug,
        exact=exact,
        hidden_under=None if exact else K,
        through=reading.columns.through_of,
        channels=channels,
        rows=[_row(f"{month:%Y-%m}", index, full, hidden) for index, month in enumerate(months)],
        totals=_row(None, -1, full, hidden),
    )


class _Grids(NamedTuple):
    """Both grids, equal to others of the same counts."""

    applications: Grid
    reached: Grid

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Grids) and all(map(np.array_equal, self, other))

    def __hash__(self) -> int:
        return hash((self.applications.tobytes(), self.reached.tobytes()))


@lru_cache(maxsize=64)
def _hide(grids: _Grids) -> Hidden:
    """What is hidden takes a second to find, and is the same in each language and for each who asks."""
    return hide(*grids)


def _months(reading: Reading) -> list[dt.date]:
    """The first day of every month since the first application, to that of the last day that was read: of a later one
    nothing is known, and nobody stands in it."""
    applied = reading.columns.applied
    if not len(applied):
        return []
    month, months = dt.date.fromordinal(int(applied.min())).replace(day=1), []
    last = max(reading.last_read, dt.date.fromordinal(int(applied.max())))
    while month <= last:
        months.append(month)
        month = (month + dt.timedelta(days=31)).replace(day=1)
    return months


def _count(reading: Reading, months: Sequence[dt.date], channels: int) -> tuple[Grid, Grid]:
    columns, chosen = reading.columns, reading.inside
    starts = np.array([month.toordinal() for month in months])
    month = np.searchsorted(starts, columns.applied, side="right") - 1
    channel = _channel_of(reading, unknown=channels - 1)
    applications, reached = (np.zeros((len(months), channels), dtype=np.int64) for _grid in range(2))
    came = columns.reached[:, reading.scope.stage] != NEVER
    np.add.at(applications, (month[chosen], channel[chosen]), 1)
    np.add.at(reached, (month[chosen & came], channel[chosen & came]), 1)
    return applications, reached


def _channel_of(reading: Reading, unknown: int) -> NDArray[np.int64]:
    """The column of each application: that of the placement it belongs to, or of the channel that is known alone."""
    where = {id: index for index, (id, _name) in enumerate(reading.plan.channels)}
    of_placement = [where.get(placement.channel_id, unknown) for placement in reading.plan.placements]
    known = np.array([*of_placement, unknown])[reading.attribution.placement]  # NONE is the last
    alone = np.where(reading.attribution.channel == NONE, unknown, reading.attribution.channel)
    return np.asarray(np.where(reading.attribution.placement == NONE, alone, known))


def _row(month: str | None, index: int, full: tuple[Grid, Grid], hidden: Hidden) -> MonthlyRow:
    pairs = list(
        zip(
            _shown(full[0][index], hidden.applications[index]),
            _shown(full[1][index], hidden.reached[index]),
            strict=True,
        )
    )
    cells = [MonthlyCell(applications=applications, reached=reached) for applications, reached in pairs]
    return MonthlyRow(month=month, cells=cells[:-1], total=cells[-1])


def _shown(counts: Grid, hidden: Sequence[bool]) -> list[int | None]:
    return [None if gone else int(count) for count, gone in zip(counts, hidden, strict=True)]
