"""What a connector yields, whatever the vendor: pages of what was seen, each with the place to go on from.

Nothing here is stored as it is: addresses and keys become keyed hashes in `app.intake.snapshots` at once.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

TimeQuality: TypeAlias = Literal["exact", "approximate", "inferred"]
Cursor: TypeAlias = Mapping[str, Any]
"""Where a stream goes on: whatever JSON its connector needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSeen:
    """A stage of the vendor's, with what helps to tell which of ours it is."""

    ref: str
    name: str
    vendor_type: str | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveSeen:
    """That an application came into a stage, from a vendor that keeps the history of its moves."""

    application: str
    stage: StageSeen
    at: dt.datetime
    quality: TimeQuality = "exact"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationSeen:
    """How one application stood when the vendor last changed it (`updated_at`).

    `entered_at` is when it came into its present stage, None where the vendor does not say. `reason` is the
    key of a reason from the vendor's list, never a text that somebody wrote. `code` is what a tracking link made
    at the vendor is called, where it keeps that.
    """

    application: str
    candidate: str | None
    email: str | None
    job: str | None
    job_title: str | None
    applied_at: dt.datetime
    updated_at: dt.datetime
    stage: StageSeen | None = None
    entered_at: dt.datetime | None = None
    out_at: dt.datetime | None = None
    outcome: Literal["rejected", "withdrawn"] | None = None
    reason: str | None = None
    url: str | None = None
    label: str | None = None
    code: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadSeen:
    """Somebody who left their address or was added by a recruiter: a person of the talent pool who has not applied."""

    lead: str
    candidate: str | None
    email: str | None
    seen_at: dt.datetime
    updated_at: dt.datetime
    url: str | None = None
    label: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedSeen:
    """That the vendor destroyed or anonymised a candidate, or one application alone: exactly one of both is named.

    `unless_merged`: the vendor says the same of a candidate who was merged into another and whose applications live
    on there, so nobody is erased of whom an application is known. `unless_listed`: it says the same, and its list
    tells which of both it is.
    """

    candidate: str | None = None
    application: str | None = None
    unless_merged: bool = False
    unless_listed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedSeen:
    """That a candidate turned out to be another one already known; `at` is None where the vendor does not say when."""

    candidate: str
    into: str
    at: dt.datetime | None = None


Seen: TypeAlias = StageSeen | MoveSeen | ApplicationSeen | LeadSeen | ErasedSeen | MergedSeen


UNREADABLE_BODY = "unreadable: body"
"""Why nothing of a delivery can be read."""


class Unusable(Exception):
    """A record that lacks something we need; `reason` names the field and holds nothing of its content."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one answer held. `cursor` is where `stream` goes on once this page is stored; None leaves it where
    it is. `skipped` counts, by reason, the records that could not be used."""

    stream: str
    read: int
    seen: tuple[Seen, ...]
    skipped: Mapping[str, int] = field(default_factory=dict)
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanySeen:
    """Whose account it is: the vendor's key of the company, and what it is called there."""

    ref: str
    name: str


Probed: TypeAlias = Literal["stages", "jobs", "applications"]
"""What an account is asked for to see whether it can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What one question brought: how many there are, where the vendor says so, and the first of the stages and of the
    jobs' titles."""

    count: int | None = None
    stages: tuple[StageSeen, ...] = ()
    titles: tuple[str, ...] = ()


class Answer(Protocol):
    """What the vendor said."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def json(self) -> Any: ...


class Client(Protocol):
    """What a connector calls with: raises TryLater where there is no answer, Drifted where it is no JSON."""

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer: ...


class Connector(Protocol):
    """Reads one account of a vendor."""

    def pages(self, cursors: Mapping[str, Cursor], now: dt.datetime) -> Iterator[Page]:
        """What changed since the cursors (of each stream, by name), up to now.

        A page is yielded only after the ones before it were stored. A VendorError ends the run: what was
        yielded stays, and the next run goes on from the cursors that were stored with it.
        """

    def created(self, start: dt.datetime, end: dt.datetime) -> Iterator[tuple[str, dt.datetime]]:
        """The vendor's key of every application made from `start` on and before `end`, and when, be it readable or
        not; leads are none."""

    def fetch(self, applications: Sequence[str]) -> Iterator[Page]:
        """How these applications, named by the vendor's keys, stand now; one that is no more was erased.

        What is seen must be equal to what `pages` sees of the same state, so that both are one fact. Pages move
        no cursor. A VendorError ends it; what was yielded stays.
        """

    def company(self) -> CompanySeen | None:
        """Whose account the key opens; None where the vendor does not say so. Raises a VendorError where it cannot be
        asked."""

    def jobs(self) -> Iterator[tuple[str, str]]:
        """The vendor's key and the title of every job of the account that can be read."""

    def probe(self, what: Probed) -> Probe:
        """Ask one small question, to see whether the account can be read; raises a VendorError where it cannot."""

    def lacking(self) -> tuple[str, ...]:
        """Those of the vendor's `rights` that the account's key was not given, after asking for everything that
        is read; raises a VendorError where it cannot be told."""


class Vendor(Protocol):
    """What there is to know of a vendor before an account is opened."""

    @property
    def regions(self) -> Mapping[str, str]:
        """The base address for each region."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What the vendor gives out for an account: `key`, or the parts of a pair."""

    @property
    def rights(self) -> tuple[str, ...]:
        """What the key has to be given so that everything that is read can be, as the vendor calls it."""

    def headers(self, secrets: Mapping[str, str]) -> Mapping[str, str]:
        """What every call carries from its beginning."""

    def token_url(self, base_url: str) -> str | None:
        """Where a pair (`client_id`, `client_secret`) is exchanged for the token that calls carry; None where
        calls carry the key itself. A stand-in at `base_url` exchanges its own."""

    def connector(self, client: Client) -> Connector:
        """A connector that calls with this client."""
