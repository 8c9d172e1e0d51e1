"""What was foretold half a year ago beside what has come since: a check that our own intervals have to pass."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.i18n import _, date, number
from app.measurement.journeys import WEEK_DAYS, WEEKS
from app.reports.answers import Answer, Data, Row, RowKind
from app.reports.effectiveness import report_effectiveness
from app.reports.reading import describe_scope
from app.reports.scope import Scope

AGE = dt.timedelta(days=WEEKS * WEEK_DAYS)
"""A forecast says how many will come within 26 weeks of applying, so by then it has come true or not."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """One row's applications of then: how many had come to the stage, how many were foretold, and how many came."""

    row: RowKind
    key: str | None
    label: str
    applications: int
    so_far: int
    low: int
    high: int
    came: int

    @property
    def held(self) -> bool:
        return self.low <= self.came <= self.high


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Every row of which something was still open on the day and could be foretold."""

    made_on: dt.date
    data: Data
    rows: Sequence[Forecast]

    @property
    def held(self) -> int:
        return sum(row.held for row in self.rows)


class ForecastRow(Answer):
    """One row's applications of then: how many had come to the stage (`so_far`), from how many to how many were
    foretold to come in all, how many of them came by now, and whether that lies within what was foretold."""

    row: RowKind
    key: str | None
    label: str
    applications: int
    so_far: int
    low: int
    high: int
    came: int
    held: bool


class ForecastsAnswer(Answer):
    """What was foretold on a day half a year ago, row by row, beside what has come since; `held` counts the rows in
    which it lies within what was foretold."""

    scope: dict[str, Any]
    data: Data
    made_on: dt.date
    finding: str
    held: int
    rows: list[ForecastRow]


def report_forecasts(session: Session, scope: Scope) -> ForecastsAnswer:
    """The check as machines are told it."""
    found = check_forecasts(session, scope)
    return ForecastsAnswer(
        scope=describe_scope(scope),
        data=found.data,
        made_on=found.made_on,
        finding=forecasts_finding(found),
        held=found.held,
        rows=[ForecastRow(**asdict(row), held=row.held) for row in found.rows],
    )


def check_forecasts(session: Session, scope: Scope) -> Forecasts:
    """Compare what the effectiveness report would have said 26 weeks ago with what it says of the same applications
    now. Of the scope its stage, split, units and filters count; the report of then uses what had happened by then."""
    today = scope.now.astimezone(get_organisation(session, scope.organisation_id).zone).date()
    made_on = today - AGE
    whole = replace(scope, from_=None, to=made_on, as_of=None, known_at=None)
    then = report_effectiveness(session, replace(whole, as_of=made_on))
    now = report_effectiveness(session, whole)
    came = {(row.row, row.key): row.reached for row in now.rows}
    rows = [_compare(row, came[row.row, row.key]) for row in then.rows if (row.row, row.key) in came and _was_open(row)]
    return Forecasts(made_on, now.data, rows)


def _was_open(row: Row) -> bool:
    return row.pending > 0 and row.expected_reached.low is not None and row.expected_reached.high is not None


def _compare(row: Row, came: int) -> Forecast:
    expected = row.expected_reached
    return Forecast(
        row.row, row.key, row.label, row.applications, row.reached, round(expected.low or 0), round(expected.high or 0),
        came,
    )  # fmt: skip


def forecasts_finding(found: Forecasts) -> str:
    """`12 of 14 forecasts made on 27 May 2026 hold what has come since.`"""
    if not found.rows:
        return _("On %(day)s, half a year ago, no application was open, so there was nothing to foretell. "
                 "Forecasts are checked once they are that old.", day=date(found.made_on))  # fmt: skip
    return _("%(held)s of %(all)s forecasts made on %(day)s hold what has come since.",
             held=number(found.held), all=number(len(found.rows)), day=date(found.made_on))  # fmt: skip
