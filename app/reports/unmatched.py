"""What was observed and leads to no placement: advertisements mistagged, and sources that nobody has named yet."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.database import Micros, from_micros
from app.funnel.application import Application
from app.funnel.columns import NONE, Columns, Ints, Touches, end_of_day, start_of_day
from app.funnel.touchpoint import Touchpoint
from app.planning.tracking import AliasKind
from app.reports.answers import Unmatched, UnmatchedSource
from app.reports.attribution import Trace, touches_of
from app.reports.cache import cached
from app.reports.plan import Plan
from app.reports.reading import Reading, describe_scope, read
from app.reports.scope import Scope

Name = tuple[Literal["code", "label", "host"], str]


@dataclass(slots=True)
class _Seen:
    """How often something was observed, and from when to when."""

    first: Micros
    last: Micros
    applications: int = 0
    touchpoints: int = 0


def report_unmatched(session: Session, scope: Scope) -> Unmatched:
    """Codes without a placement, and labels and hosts without an alias where there is no code, but for the
    organisation's own hosts; most seen first.

    `from` and `to` bound the days of applying and of touching. Filters say nothing here: what leads to no
    placement meets none.
    """
    return cached(session, scope, "unmatched", lambda: _report(session, read(session, scope)))


def _report(session: Session, reading: Reading) -> Unmatched:
    seen: dict[Name, _Seen] = {}
    for row, at, what in (
        (Application, Application.applied_at, "applications"),
        (Touchpoint, Touchpoint.occurred_at, "touchpoints"),
    ):
        statement = select(row.code, row.label, row.host, func.count(), func.min(at), func.max(at))
        criteria = [*_inside(reading, at, row.observed_at)]
        if row is Application and not reading.scope.include_units:
            criteria.append(Application.unit_id.is_(None) | (Application.unit_id == reading.organisation.id))
        for code, label, host, n, first, last in session.execute(
            statement.where(*criteria).group_by(row.code, row.label, row.host)
        ):
            for name in _leading_nowhere(reading.plan, code, label, host):
                found = seen.setdefault(name, _Seen(first, last))
                found.first, found.last = min(found.first, first), max(found.last, last)
                setattr(found, what, getattr(found, what) + n)
    order = sorted(seen.items(), key=lambda item: (-item[1].applications, -item[1].touchpoints, item[0]))
    zone = reading.organisation.zone
    return Unmatched(
        scope=describe_scope(reading.scope),
        data=reading.data,
        sources=[
            UnmatchedSource(
                kind=kind,
                observed=observed,
                applications=found.applications,
                touchpoints=found.touchpoints,
                first=_day(found.first, zone),
                last=_day(found.last, zone),
            )
            for (kind, observed), found in order
        ],
    )


def _inside(reading: Reading, at: Any, observed_at: Any) -> Iterator[ColumnElement[bool]]:
    scope, zone = reading.scope, reading.organisation.zone
    if scope.from_ is not None:
        yield at >= start_of_day(scope.from_.toordinal(), zone)
    last = min(scope.to or reading.last_day, reading.last_day)
    yield at < start_of_day(last.toordinal() + 1, zone)
    if scope.known_at is not None:
        yield observed_at <= end_of_day(scope.known_at, zone)


def observed_nowhere(reading: Reading, kind: str, observed: str = "") -> NDArray[np.bool_]:
    """Which applications the report counts under this kind of name, or under this one name."""

    def asks(name: Name) -> bool:
        return name[0] == kind and observed in ("", name[1])

    return _carry(reading, reading.columns, asks)


def lack_meaning(reading: Reading) -> NDArray[np.bool_]:
    """Which applications of an unknown source carry a label or a host that nobody has given a meaning, or whose
    person met one inside the lookback: with a meaning they lead somewhere, those of the past too."""

    def asks(name: Name) -> bool:
        return name[0] != "code"

    columns = reading.columns
    lacking, touched = _carry(reading, columns, asks), _carry(reading, columns.touches, asks)
    application, touch = touches_of(columns, columns.applied - reading.scope.lookback_days, columns.applied)
    lacking[application[touched[touch]]] = True
    return np.asarray(lacking & (reading.attribution.trace == Trace.UNKNOWN))


def _carry(reading: Reading, seen: Columns | Touches, asks: Callable[[Name], bool]) -> NDArray[np.bool_]:
    """Which of these carry a name that leads nowhere and is asked for; each distinct source is looked at once."""
    columns = reading.columns
    every = seen.code.astype(np.int64) + 1
    for codes, names in ((seen.label, columns.labels), (seen.host, columns.hosts)):
        every = every * (len(names) + 1) + codes + 1
    _keys, first, back = np.unique(every, return_index=True, return_inverse=True)
    sources = zip(
        _named(seen.code[first], columns.codes),
        _named(seen.label[first], columns.labels),
        _named(seen.host[first], columns.hosts),
        strict=True,
    )
    found = [any(map(asks, _leading_nowhere(reading.plan, *source))) for source in sources]
    return np.asarray(np.array(found, dtype=np.bool_)[back])


def _named(codes: Ints, names: Sequence[str]) -> list[str | None]:
    return [None if code == NONE else names[code] for code in codes.tolist()]


def _leading_nowhere(plan: Plan, code: str | None, label: str | None, host: str | None) -> list[Name]:
    """The names of one observed source that somebody should look at; none, if any of them leads somewhere. The
    organisation's own hosts mean no ad, and nobody is asked about them."""
    if code is not None:
        return [] if code in plan.by_code else [("code", code)]
    aliases = [(AliasKind.LABEL, label), (AliasKind.HOST, host)]
    if any(alias in plan.placement_by_name or alias in plan.channel_by_name for alias in aliases):
        return []
    names: list[Name] = [] if label is None or plan.is_own(label) else [("label", label)]
    return names if host is None or plan.is_own(host) else [*names, ("host", host)]


def _day(micros: Micros, zone: dt.tzinfo) -> dt.date:
    return from_micros(micros).astimezone(zone).date()
