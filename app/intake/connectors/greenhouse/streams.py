"""What is read of an account, and in which windows, so that nothing is missed while it changes.

Lists come in the order of their keys and not of their changes, so a window is closed at both ends and its end
becomes the next one's beginning only after its last page. The cursor of the page to come is kept meanwhile: a run
that was broken off goes on inside its window.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.errors import Drifted, Refused, Unpermitted
from app.intake.connectors.greenhouse.calls import GREENHOUSE, Listing, ask, scope_of, walk, walk_by_keys
from app.intake.connectors.greenhouse.joining import join
from app.intake.connectors.greenhouse.records import (
    LISTS,
    Hanging,
    Office,
    by_application,
    choose_email,
    read_rows,
)
from app.intake.connectors.greenhouse.shapes import (
    Application,
    Candidate,
    OfApplication,
    Offer,
    RejectionDetail,
    StageStay,
)
from app.intake.connectors.page import Client, Cursor, ErasedSeen, Page, Probe, Probed, Seen, StageSeen
from app.intake.connectors.reading import Read, checked

APPLICATIONS, STAYS, OFFERS, DETAILS = "applications", "application_stages", "offers", "rejection_details"
STAGES, CANDIDATES, STARTS, FETCHED = "job_interview_stages", "candidates", "starts", "fetched"
READ = (*LISTS, APPLICATIONS, STAYS, OFFERS, DETAILS, CANDIDATES)
"""Every resource that is read: each needs a scope of its own."""
CHANGED = (STAYS, DETAILS, OFFERS)
"""Whose changes change an application that may not be called updated for it."""
OVERLAP = dt.timedelta(minutes=10)
"""How far a window reaches back into what was read: clocks differ, and rows become visible late."""
LONGEST_NOTICE = dt.timedelta(days=400)
"""How long after the last change of an accepted offer somebody may still start."""


class Greenhouse:
    """One account; `pages` is what the sync calls, `fetch` what a webhook that tells too little leads to."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._office: Office | None = None
        self._answered_at: dt.datetime | None = None
        self._now = dt.datetime.max.replace(tzinfo=dt.UTC)

    def pages(self, cursors: Mapping[str, Cursor], now: dt.datetime) -> Iterator[Page]:
        """The lists whole, then the applications (at first all of them), then those of which something changed
        that hangs on them, then those who have started by today."""
        self._now = now
        yield from self._read_lists()
        if self._answered_at is not None:
            # What changes from here on must lie behind the windows' end, so the vendor's clock counts.
            self._now = now = min(now, self._answered_at)
        began = cursors.get(APPLICATIONS, {"began": now.isoformat()})["began"]
        first = {"through": None, "began": began}
        yield from self._read_windows(APPLICATIONS, cursors.get(APPLICATIONS, first), now)
        for stream in CHANGED:
            yield from self._read_windows(stream, cursors.get(stream, {"through": began}), now)
        yield from self._read_starts(cursors.get(STARTS, {"through": began[:10]}), now)

    def fetch(self, applications: Sequence[str]) -> Iterator[Page]:
        """How these applications stand now. One that is not given may be private as well as gone, so its absence
        is counted and erases nothing: Greenhouse tells of deletions itself, and until it was heard."""
        if self._office is None:
            for _page in self._read_lists():
                pass
        if self._answered_at is not None:
            self._now = self._answered_at
        raws = list(walk_by_keys(self._client, f"/{APPLICATIONS}", "ids", applications))
        yield from self._page(FETCHED, raws, read_rows(Application, raws), None, asked=len(set(applications)))

    def probe(self, what: Probed) -> Probe:
        """One page of a list: what it needs of the scopes is what all of the list needs."""
        stream = {"stages": STAGES, "jobs": "jobs", "applications": APPLICATIONS}[what]
        listing = next(walk(self._client, f"/{stream}", {}))
        if what != "stages":
            return Probe(count=None if listing.next else len(listing.data))
        shape, learn = LISTS[STAGES]
        office = Office()
        learn(office, read_rows(shape, listing.data).records)
        return Probe(count=None if listing.next else len(listing.data), stages=tuple(office.stages.values()))

    def lacking(self) -> tuple[str, ...]:
        """The scopes that the credentials were not granted."""
        return tuple(scope_of(resource) for resource in READ if not self._may_list(resource))

    def _may_list(self, resource: str) -> bool:
        try:
            ask(self._client, f"/{resource}", {"per_page": "1"})
        except Unpermitted:
            return False
        return True

    def created(self, start: dt.datetime, end: dt.datetime) -> Iterator[tuple[str, dt.datetime]]:
        """The key of every application that was made in this time, and when; leads are none."""
        for listing in walk(self._client, f"/{APPLICATIONS}", {"created_at": _between(start, end)}):
            read = read_rows(Application, listing.data)
            read.require_most(GREENHOUSE.vendor)
            for row in read.records:
                if not row.prospect and row.status != "converted" and start <= row.created_at < end:
                    yield row.id, row.created_at

    def _read_lists(self) -> Iterator[Page]:
        self._office = office = Office()
        for stream, (shape, learn) in LISTS.items():
            raws: list[Any] = []
            for listing in walk(self._client, f"/{stream}", {}):
                self._answered_at = self._answered_at or listing.answered_at
                raws += listing.data
            read = read_rows(shape, raws)
            known = len(office.stages)
            learn(office, read.records)
            seen: tuple[StageSeen, ...] = tuple(office.stages.values()) if len(office.stages) > known else ()
            page = Page(stream=stream, read=len(raws), seen=seen, skipped=read.skipped)
            yield from checked(GREENHOUSE.vendor, page, read)

    def _read_windows(self, stream: str, cursor: Cursor, now: dt.datetime) -> Iterator[Page]:
        """What is left of the window that was begun, and then the one up to now."""
        if cursor.get("next") is not None:
            yield from self._read_window(stream, cursor)
            cursor = {**cursor, "through": cursor["end"]}
        if cursor["through"] is not None:
            since = dt.datetime.fromisoformat(cursor["through"])
            cursor = {**cursor, "since": (since - OVERLAP).isoformat()}
        yield from self._read_window(stream, {**cursor, "end": now.isoformat(), "next": None})

    def _read_window(self, stream: str, cursor: Cursor) -> Iterator[Page]:
        kept = {name: cursor[name] for name in ("began",) if name in cursor}
        for listing in self._walk_window(stream, cursor):
            more = {**cursor, "next": listing.next}
            moved = more if listing.next is not None else {**kept, "through": cursor["end"]}
            yield from self._read_listing(stream, listing, moved)

    def _walk_window(self, stream: str, cursor: Cursor) -> Iterator[Listing]:
        """The pages of a window from where it had come; from its beginning if that is no longer known there."""
        params = {"updated_at": _between(cursor.get("since"), cursor["end"])}
        if cursor["next"] is not None:
            pages = walk(self._client, f"/{stream}", params, cursor["next"])
            try:
                resumed = next(pages)
            except (Drifted, Refused):
                pages = walk(self._client, f"/{stream}", params)
            else:
                yield resumed
            yield from pages
        else:
            yield from walk(self._client, f"/{stream}", params)

    def _read_listing(self, stream: str, listing: Listing, cursor: Cursor) -> Iterator[Page]:
        if stream == APPLICATIONS:
            yield from self._page(stream, listing.data, read_rows(Application, listing.data), cursor)
            return
        named = read_rows(OfApplication, listing.data)
        yield from self._page_of(stream, listing.data, named, [row.application_id for row in named.records], cursor)

    def _read_starts(self, cursor: Cursor, now: dt.datetime) -> Iterator[Page]:
        """Once a day: whoever was to start by today. Nothing changes at the vendor on the day somebody starts."""
        today = now.date().isoformat()
        if cursor["through"] == today:
            return
        since = (now - LONGEST_NOTICE).isoformat()
        for listing in walk(self._client, f"/{OFFERS}", {"updated_at": _between(since, now.isoformat())}):
            read = read_rows(Offer, listing.data)
            due = [row.application_id for row in read.records if _starts_by(row, cursor["through"], now)]
            yield from self._page_of(STARTS, listing.data, read, due, None)
        yield Page(stream=STARTS, read=0, seen=(), cursor={"through": today})

    def _page_of(
        self, stream: str, raws: Sequence[Any], named: Read, applications: Sequence[str], cursor: Cursor | None
    ) -> Iterator[Page]:
        """A page of rows that hang on applications: what is seen are those applications, as they stand now."""
        found = read_rows(Application, walk_by_keys(self._client, f"/{APPLICATIONS}", "ids", applications))
        found.skipped.update(named.skipped)
        yield from self._page(stream, raws, found, cursor)

    def _page(
        self, stream: str, raws: Sequence[Any], read: Read, cursor: Cursor | None, asked: int = 0
    ) -> Iterator[Page]:
        keys = [row.id for row in read.records]
        stays = read_rows(StageStay, self._hanging(STAYS, keys))
        offers = read_rows(Offer, self._hanging(OFFERS, keys))
        rejected = [row.id for row in read.records if row.status == "rejected"]
        details = read_rows(RejectionDetail, self._hanging(DETAILS, rejected))
        people = [row.candidate_id for row in read.records]
        candidates = read_rows(Candidate, walk_by_keys(self._client, f"/{CANDIDATES}", "ids", people))
        emails = {row.id: email for row in candidates.records if (email := choose_email(row)) is not None}
        hanging = Hanging(
            by_application(stays.records), by_application(offers.records), by_application(details.records), emails
        )
        office = self._office or Office()
        seen: list[Seen] = []
        for row in read.records:
            seen += join(row, hanging, office, self._now.date())
        seen += [ErasedSeen(candidate=row.id) for row in candidates.records if row.anonymised]
        skipped = read.skipped + stays.skipped + offers.skipped + details.skipped + candidates.skipped
        if asked > len(raws):
            skipped["not given"] += asked - len(raws)
        page = Page(stream=stream, read=len(raws), seen=tuple(seen), skipped=skipped, cursor=cursor)
        yield from checked(GREENHOUSE.vendor, page, read, stays, offers, details, candidates)

    def _hanging(self, path: str, applications: Sequence[str]) -> Iterator[Any]:
        return walk_by_keys(self._client, f"/{path}", "application_ids", applications)


def _between(start: dt.datetime | str | None, end: dt.datetime | str) -> str:
    """A window as a filter takes it."""
    first, last = (one.isoformat() if isinstance(one, dt.datetime) else one for one in (start, end))
    return f"lte|{last}" if first is None else f"gte|{first}|lte|{last}"


def _starts_by(offer: Offer, since: str, now: dt.datetime) -> bool:
    """Whether somebody's first day has come since the day that was looked at last."""
    return (
        offer.status == "accepted" and offer.starts_on is not None and since <= str(offer.starts_on) <= str(now.date())
    )
