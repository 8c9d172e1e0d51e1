"""The shape of what is not known: each thing with its count, why it is so, and what would tell it."""

import datetime as dt
import enum
from typing import Any, Literal

from pydantic import Field

from app.reports.answers import Answer, Data


class Kind(enum.StrEnum):
    """What is not known: of the data as a whole, of the applications asked about, of their ads."""

    NOT_READ = "not_read"
    DELIVERIES = "deliveries"
    STAGES_UNMAPPED = "stages_unmapped"
    STAGES_UNHEARD = "stages_unheard"
    NOT_FOLLOWED = "not_followed"
    COST = "cost"
    SOURCE_NAME = "source_name"
    SOURCE = "source"
    AD_OF_CHANNEL = "ad_of_channel"
    CODE = "code"
    PENDING = "pending"
    SHARE = "share"
    SPECIALTY = "specialty"
    TOO_EARLY = "too_early"
    TOO_FEW = "too_few"
    ENDED = "ended"
    HARDLY_EVER = "hardly_ever"
    TOO_SLOW = "too_slow"
    UNCLEAR = "unclear"
    NOBODY_CAME = "nobody_came"
    NOTHING_BESIDE = "nothing_beside"
    BROUGHT = "brought"


Unit = Literal["applications", "ads", "stages", "systems", "deliveries"]
OF_THE_WHOLE = (Kind.NOT_READ, Kind.DELIVERIES, Kind.STAGES_UNMAPPED, Kind.STAGES_UNHEARD, Kind.NOT_FOLLOWED, Kind.COST)
"""These stay the same whatever is asked."""
OF_ADS = (
    Kind.TOO_EARLY, Kind.TOO_FEW, Kind.ENDED, Kind.HARDLY_EVER, Kind.TOO_SLOW, Kind.UNCLEAR, Kind.NOBODY_CAME,
    Kind.NOTHING_BESIDE, Kind.BROUGHT,
)  # fmt: skip


class Span(Answer):
    """From the least to the most that one of several needs, and of how many (`n`) that can be estimated."""

    least: int
    most: int
    n: int


class Named(Answer):
    """One of those of which it is not known: an ad by its key, a stage or a system by its name. `since` is the day to
    which a system was read; it `comes_by` being read, by sending of its own, or by files that somebody brings."""

    key: str | None
    label: str
    since: dt.date | None = None
    comes_by: Literal["synchronisation", "sender", "file"] | None = None


class Unknown(Answer):
    """One thing that is not known, of `n` of `all` there are; null where there is nothing to count. A `share` is told
    of applications and ads, of which there are many. In words: `what` it is, `why` it is not known, the `remedy`, and
    `when` it will be, empty where that cannot be estimated. Each ad that lacks them needs about so many `applicants`
    more, or so many `weeks`; null where neither would tell."""

    kind: Kind
    unit: Unit
    n: int | None
    all: int | None
    share: float | None
    applicants: Span | None = None
    weeks: Span | None = None
    named: list[Named] = Field(default_factory=list)
    what: str = ""
    why: str = ""
    remedy: str = ""
    when: str = ""


class Unknowns(Answer):
    """All that is not known, of the question and of the whole; what is known is left out. `beside` says, where ads were
    chosen, that what cannot be traced is counted whole with them."""

    scope: dict[str, Any]
    data: Data
    finding: str
    beside: str = ""
    unknown: list[Unknown]
