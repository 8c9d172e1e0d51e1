"""The shape of the monthly report: a grid of months and channels."""

import datetime as dt

from app.reports.answers import Answer


class MonthlyChannel(Answer):
    """A column of the monthly grid; without a key, all applications whose channel is not known."""

    key: str | None
    label: str


class MonthlyCell(Answer):
    """How many applied, and how many of them reached the stage; null where a count is hidden."""

    applications: int | None
    reached: int | None


class MonthlyRow(Answer):
    """One month of applying (`2026-03`), or all of them; the cells in the order of the channels."""

    month: str | None
    cells: list[MonthlyCell]
    total: MonthlyCell


class Monthly(Answer):
    """`hidden_under`: counts under it are null, and so are others that could give them away."""

    stage: str
    exact: bool
    hidden_under: int | None
    through: dict[str, dt.datetime]
    channels: list[MonthlyChannel]
    rows: list[MonthlyRow]
    totals: MonthlyRow
