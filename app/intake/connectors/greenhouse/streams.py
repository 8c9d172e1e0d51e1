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
from app.intake.connectors.greenhouse.joining import find_broken, join
from app.intake.connectors.greenhouse.records import (
    LISTS,
    Hanging,
    Office,
    by_application,
    choose_email,
    find_listed,
    find_owners,
    read_rows,
)
from app.intake.connectors.greenhouse.shapes import (
    Application,
    Candidate,
    Job,
    OfApplication,
    Offer,
    RejectionDetail,
    StageStay,
)
from app.intake.connectors.page import Client, Cursor, ErasedSeen, Page, Probe, Probed, Seen, StageSeen
from app.intake.connectors.reading import Read, find_instant
from app.intake.connectors.unread import Backlog, Unread

APPLICATIONS, STAYS, OFFERS, DETAILS = "applications", "application_stages", "offers", "rejection_details"
STAGES, CANDIDATES, STARTS, FETCHED = "job_interview_stages", "candidates", "starts", "fetched"
READ = (*LISTS, APPLICATIONS, STAYS, OFFERS, DETAILS, CANDIDATES)
"""Every resource that is read: each needs a scope of its own."""
CHANGED = (STAYS, DETAILS, OFFERS)
"""Whose changes change an application that may not be called updated for it."""
OVERLAP = dt.timedelta(minutes=10)
"""How far a window reaches back into what was read: clocks differ, and rows become visible late."""
SLACK = dt.timedelta(seconds=1)
"""How far around its last change a record is looked for again: a filter may round."""
LONGEST_NOTICE = dt.timedelta(days=400)
"""How long after the last change of an accepted offer somebody may still start."""


class Greenhouse:
    """One account; `pages` is what the sync calls, `fetch` what a webhook that tells too little leads to."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._office: Office | None = None
        self._backlog = Backlog(GREENHOUSE.vendor)
        self._answered_at: dt.datetime | None = None
        self._now = dt.datetime.max.replace(tzinfo=dt.UTC)

    def pages(self, cursors: Mapping[str, Cursor], now: dt.datetime) -> Iterator[Page]:
        """The lists whole, then what could not be read before, then the applications (at first all of them), then
        those of which something changed that hangs on them, then those who have started by today."""
        self._now = now
        yield from self._read_lists()
        if self._answered_at is not None:
            # What changes from here on must lie behind the windows' end, so the vendor's clock counts.
            self._now = now = min(now, self._answered_at)
        self._backlog.load(cursors)
        for stream, cursor in cursors.items():
            yield from self._read_again(stream, cursor)
        began = cursors.get(APPLICATIONS, {"began": now.isoformat()})["began"]
        first = {"through": None, "began": began}
        yield from self._read_windows(APPLICATIONS, cursors.get(APPLICATIONS, first), now)
        for stream in CHANGED:
            yield from self._read_windows(stream, cursors.get(stream, {"through": began}), now)
        yield from self._read_starts(cursors.get(STARTS, {"through": began[:10]}), now)
        self._backlog.settle()

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

    def company(self) -> None:
        """Greenhouse says of no account whose it is."""

    def jobs(self) -> Iterator[tuple[str, str]]:
        """All jobs, whatever their status."""
        for listing in walk(self._client, "/jobs", {}):
            yield from ((job.id, job.name) for job in read_rows(Job, listing.data).records)

    def probe(self, what: Probed) -> Probe:
        """One page of a list: what it needs of the scopes is what all of the list needs, and rows that cannot be read
        here cannot be anywhere."""
        stream = {"stages": STAGES, "jobs": "jobs", "applications": APPLICATIONS}[what]
        listing = next(walk(self._client, f"/{stream}", {}))
        shape = Application if stream == APPLICATIONS else LISTS[stream][0]
        read = read_rows(shape, listing.data)
        read.require_most(GREENHOUSE.vendor)
        office = Office()
        if stream in LISTS:
            LISTS[stream][1](office, read.records)
        titles = tuple(job.name for job in office.jobs.values())
        count = None if listing.next else len(listing.data)
        return Probe(count=count, stages=tuple(office.stages.values()), titles=titles)

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
        """The key of every application that was made in this time, and when, also of those that cannot be read; leads
        are none."""
        for listing in walk(self._client, f"/{APPLICATIONS}", {"created_at": _between(start, end)}):
            read = read_rows(Application, listing.data)
            read.require_most(GREENHOUSE.vendor)
            for row in read.records:
                if not row.prospect and row.status != "converted" and start <= row.created_at < end:
                    yield row.id, row.created_at
            for raw, _why in read.broken:
                at = find_instant(raw, "created_at")
                if at is not None and start <= at < end and "id" in raw:
                    yield str(raw["id"]), at

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
            self._learn_broken(stream, read)
            seen: tuple[StageSeen, ...] = tuple(office.stages.values()) if len(office.stages) > known else ()
            self._backlog.judge(stream, read)
            yield Page(stream=stream, read=len(raws), seen=seen, skipped=read.skipped)

    def _learn_broken(self, stream: str, read: Read) -> None:
        """What leans on a broken row of a list cannot be read either; a row without its key may be leaned on by any."""
        assert self._office is not None  # noqa: S101 (made before its lists are read)
        for raw, why in read.broken:
            listed = find_listed(stream, raw)
            if listed is None:
                self._backlog.hold(stream, why)
            else:
                self._office.broken[listed] = why

    def _read_again(self, stream: str, cursor: Cursor) -> Iterator[Page]:
        """What a stream could not read before; what it still cannot stays in its cursor."""
        waiting = self._backlog.take(stream)
        for resource, at in sorted({(one.resource, one.at) for one in waiting if one.at is not None}):
            near = {"updated_at": _between(at - SLACK, at + SLACK)}
            for listing in walk(self._client, f"/{resource}", near):
                yield from self._read_listing(resource, listing, None, of=stream)
        if waiting and (moved := self._backlog.move(stream, cursor)) is not None:
            yield Page(stream=stream, read=0, seen=(), cursor=moved)

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

    def _read_listing(
        self, resource: str, listing: Listing, cursor: Cursor | None, of: str | None = None
    ) -> Iterator[Page]:
        """A page of a list; `of` is the stream that reads it again."""
        stream, strict = of or resource, of is None
        if resource == APPLICATIONS:
            read = read_rows(Application, listing.data)
            yield from self._page(stream, listing.data, read, cursor, strict=strict)
            return
        named = read_rows(OfApplication, listing.data)
        keys = [row.application_id for row in named.records]
        yield from self._page_of(stream, resource, listing.data, named, keys, cursor, strict=strict)

    def _read_starts(self, cursor: Cursor, now: dt.datetime) -> Iterator[Page]:
        """Once a day: whoever was to start by today. Nothing changes at the vendor on the day somebody starts."""
        today = now.date().isoformat()
        if cursor["through"] == today:
            return
        since = (now - LONGEST_NOTICE).isoformat()
        for listing in walk(self._client, f"/{OFFERS}", {"updated_at": _between(since, now.isoformat())}):
            read = read_rows(Offer, listing.data)
            due = [row.application_id for row in read.records if _starts_by(row, cursor["through"], now)]
            yield from self._page_of(STARTS, OFFERS, listing.data, read, due, None, strict=False)
        yield Page(stream=STARTS, read=0, seen=(), cursor=self._backlog.move(STARTS, {"through": today}))

    def _page_of(
        self,
        stream: str,
        resource: str,
        raws: Sequence[Any],
        named: Read,
        applications: Sequence[str],
        cursor: Cursor | None,
        *,
        strict: bool,
    ) -> Iterator[Page]:
        """A page of rows that hang on applications: what is seen are those applications, as they stand now."""
        found = read_rows(Application, walk_by_keys(self._client, f"/{APPLICATIONS}", "ids", applications))
        unread = [Unread(resource, find_instant(raw, "updated_at"), why) for raw, why in named.broken]
        yield from self._page(stream, raws, found, cursor, strict=strict, beside=named, unread=unread)

    def _page(
        self,
        stream: str,
        raws: Sequence[Any],
        read: Read,
        cursor: Cursor | None,
        *,
        strict: bool = True,
        asked: int = 0,
        beside: Read | None = None,
        unread: Sequence[Unread] = (),
    ) -> Iterator[Page]:
        """The applications with all that hangs on them. `strict` ends the run where most of them, or of what was
        read `beside` them, cannot be used."""
        hanging, nameless = self._read_hanging(read.records)
        office = self._office or Office()
        whole = Read(broken=list(read.broken))
        seen: list[Seen] = []
        for row in read.records:
            if (why := find_broken(row, hanging, office)) is None:
                whole.records.append(row)
                seen += join(row, hanging, office, self._now.date())
            else:
                whole.broken.append(({"updated_at": row.updated_at}, why))
        skipped = whole.skipped + (beside or Read()).skipped
        if asked > len(raws):
            skipped["not given"] += asked - len(raws)
        page = Page(stream=stream, read=len(raws), seen=(*seen, *nameless), skipped=skipped, cursor=cursor)
        again = [Unread(APPLICATIONS, find_instant(raw, "updated_at"), why) for raw, why in whole.broken]
        judged = [whole, *([beside] if beside else [])] if strict else []
        yield from self._backlog.keep(page, [*unread, *again], *judged)

    def _read_hanging(self, rows: Sequence[Application]) -> tuple[Hanging, list[ErasedSeen]]:
        """What hangs on applications, and whom of their candidates Greenhouse has made nameless."""
        keys = [row.id for row in rows]
        stays = read_rows(StageStay, self._hanging(STAYS, keys))
        offers = read_rows(Offer, self._hanging(OFFERS, keys))
        rejected = [row.id for row in rows if row.status == "rejected"]
        details = read_rows(RejectionDetail, self._hanging(DETAILS, rejected))
        people = [row.candidate_id for row in rows]
        candidates = read_rows(Candidate, walk_by_keys(self._client, f"/{CANDIDATES}", "ids", people))
        emails = {row.id: email for row in candidates.records if (email := choose_email(row)) is not None}
        broken: dict[str, str] = {}
        for raw, why in (*stays.broken, *offers.broken, *details.broken):
            broken |= dict.fromkeys(find_owners(raw, "application_id", keys), why)
        for raw, why in candidates.broken:
            owners = find_owners(raw, "id", people)
            broken |= {row.id: why for row in rows if row.candidate_id in owners}
        hanging = Hanging(
            by_application(stays.records), by_application(offers.records), by_application(details.records), emails,
            broken,
        )  # fmt: skip
        return hanging, [ErasedSeen(candidate=row.id) for row in candidates.records if row.anonymised]

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
