"""The shape of an explanation: one row's verdict with everything that it rests on."""

import datetime as dt
from typing import Any, Literal

from app.reports.answers import Answer, Confounding, Lift, Needs, Reason

VerdictWord = Literal["moved", "did_not_move", "cannot_tell"]
CountedAs = Literal["reached", "out", "pending"]
UseWord = Literal["advanced", "at_risk", "unwatched", "alone", "several"]


class ReadUpTo(Answer):
    """Which state of the data was read, and up to when each system had been read."""

    version: int
    through: dict[str, dt.datetime]


class ExplainedRow(Answer):
    """What the verdict is on: a row of the effectiveness report, split `by`. A placement has its tracking code."""

    by: str
    key: str
    code: str | None
    label: str
    ended: bool


class Counted(Answer):
    """Reached, out and pending add up to applications, which the row owns. `compared` are the applicants whom
    the comparison is about: of these `observed` advanced in weeks watched to their end, where `expected` were due;
    `alone` are of a kind that no other ad's applicants are, and `unwatched` have not been followed for a week.
    `several` are counted and compared with nobody, since their ad belongs to several rows.
    `untraced` reached the stage, cannot be traced and may be its own: at most so many more than `reached`."""

    applications: int
    reached: int
    out: int
    pending: int
    compared: int
    observed: int
    expected: float
    alone: int
    unwatched: int
    several: int
    untraced: int


class Method(Answer):
    """The model, and why it is this one: `advances` of traced applicants counted, of all ads, and `ads` compared."""

    model: Literal["fates", "counts"]
    why: Literal["enough_advances", "few_advances", "many_ads"]
    text: str
    advances: int | None
    ads: int | None


class Threshold(Answer):
    """What a verdict needs: `moved` the probability `better` that applicants go further and a middle lift of
    `notable_lift`; `did_not_move` the probability `surely_small` that the lift is smaller than that."""

    version: str
    better: float | None
    set_by: Literal["table", "permutation"] | None
    notable_lift: float
    surely_small: float
    fewest_applicants: int
    text: str


class PriorCase(Answer):
    """The verdict and lift, were ads taken beforehand to differ by `factor`, as a rule, in how many advance."""

    factor: float
    usual: bool
    verdict: VerdictWord
    lift: Lift | None


class Prior(Answer):
    cases: list[PriorCase]
    text: str


class Change(Answer):
    """So many more of its applicants advanced (fewer, below 0), and the verdict would be this."""

    applications: int
    verdict: VerdictWord
    text: str


class CountedApplication(Answer):
    """One application behind the numbers, by the key of its record.

    stages    the days of the stages it reached; null for one that a later stage implies without a day
    owned     whether it is one of the row's applications; else it met one of its ads on its way to another
    met       the days on which its person met one of its ads, the application's own source among them
    compared  what it was to the comparison; null where it belongs to none
    """

    record: str
    applied: dt.date
    stages: dict[str, dt.date | None]
    out: dt.date | None
    outcome: Literal["rejected", "withdrawn"] | None
    owned: bool
    met: list[dt.date]
    counted: CountedAs
    compared: UseWord | None


class Explanation(Answer):
    """Why we say of one row what we say. Whatever is a number of people, or made of some, is null where
    `exact` is false, for those who may not see small counts. `not_recorded` are the stages that no system records:
    that none of the applications came there says nothing."""

    scope: dict[str, Any]
    data: ReadUpTo
    row: ExplainedRow
    exact: bool
    verdict: VerdictWord
    reason: Reason | None
    counts: Counted | None
    lift: Lift | None
    method: Method
    assumptions: list[str]
    threshold: Threshold
    prior: Prior
    confounding: Confounding | None
    needs: Needs | None
    changes: list[Change]
    not_recorded: list[str]
    applications: list[CountedApplication] | None
