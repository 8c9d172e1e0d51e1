"""What is read of an account, and in which windows, so that nothing is missed while it changes.

First all applications by their creation, then again and again those that were changed or moved since, and the people
of the talent pool by their last change. Each window is bounded at both ends and read in the order of the field that
bounds it: rows can only leave it, and when some did, reading starts again from where it had come.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from app.errors import Refused, TryLater, Unadmitted, Unpermitted
from app.i18n import _
from app.intake.connectors.page import ApplicationSeen, Client, CompanySeen, Cursor, ErasedSeen, Page, Probe, Probed
from app.intake.connectors.reading import Read, checked
from app.intake.connectors.teamtailor.calls import PAGE_SIZE, TEAMTAILOR, ask, ask_one, walk
from app.intake.connectors.teamtailor.offers import Offer, is_hired, read_offers, trace
from app.intake.connectors.teamtailor.records import (
    JobSeen,
    read_applications,
    read_company,
    read_included_stages,
    read_jobs,
    read_jobs_of,
    read_pool,
    read_stages,
)
from app.intake.connectors.teamtailor.shapes import Listing, read_instant
from app.intake.connectors.unread import Backlog, Unread

JOBS, STAGES, HISTORY, UPDATED, MOVED, FETCHED = "jobs", "stages", "history", "updated", "moved", "fetched"
OFFERS, POOL = "offers", "pool"
APPLICATIONS, CANDIDATES, COMPANY = "/job-applications", "/candidates", "/company"
INCLUDED = "candidate,job,stage,reject-reason"
BESIDE: Mapping[str, str] = {APPLICATIONS: INCLUDED, CANDIDATES: "job-applications"}
"""What is to come along with each list that is read in windows."""
READ: Mapping[Probed, tuple[str, Mapping[str, str]]] = {
    "stages": ("/stages", {}),
    "jobs": ("/jobs", {"filter[status]": "all", "include": "department"}),
    "applications": (APPLICATIONS, {"include": INCLUDED}),
}
"""Each list that is read, as it is asked for."""
PROBES: Mapping[Probed, Callable[[Listing], Read]] = {
    "stages": read_stages,
    "jobs": read_jobs,
    "applications": lambda listing: read_applications(listing, {}),
}
RIGHT = "Admin + Read"
"""The scope and the right that a key needs for them."""

OVERLAP = dt.timedelta(minutes=10)
"""How far a window reaches back into what was read: clocks differ, and rows become visible late."""
SLACK = dt.timedelta(seconds=1)
"""Whether a filter's bound is itself inside is not documented."""
MOST_RESTARTS = 10
"""How often a window is begun again without having come any further."""


@dataclass(slots=True)
class _Window:
    """A window over one instant of the applications or candidates, and how far it has been read."""

    field: str
    start: dt.datetime | None
    end: dt.datetime
    path: str = APPLICATIONS
    in_order: bool = True

    @property
    def params(self) -> Mapping[str, str]:
        bounds = {f"filter[{self.field}][to]": self.end.isoformat()}
        if self.start is not None:
            bounds[f"filter[{self.field}][from]"] = (self.start - SLACK).isoformat()
        return {**bounds, "sort": self.field.replace("-", "_"), "include": BESIDE[self.path]}

    def advance(self, listing: Listing) -> None:
        """Move the start to the last row read; once rows come out of order it stays where it is."""
        name = self.field.replace("-", "_")
        times = [time for raw in listing.data if (time := read_instant(raw, name)) is not None]
        reached = [] if self.start is None else [self.start - SLACK]
        self.in_order = self.in_order and [*reached, *times] == sorted([*reached, *times])
        if times and self.in_order:
            self.start = max(times) if self.start is None else max(self.start, *times)


class Teamtailor:
    """One account; `pages` is what the sync calls, `fetch` what a webhook that tells too little leads to."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._backlog = Backlog(TEAMTAILOR.vendor)
        self._jobs: dict[str, JobSeen] = {}
        self._broken_jobs: dict[str, str] = {}
        self._hired: set[str] = set()
        self._answered_at: dt.datetime | None = None

    def pages(self, cursors: Mapping[str, Cursor], now: dt.datetime) -> Iterator[Page]:
        """Jobs and stages whole, then what could not be read before, then the history until it is done, then what
        changed since it was begun, then the talent pool, then what offers tell."""
        self._backlog.load(cursors)
        yield from self._read_jobs()
        yield from self._read_stages()
        if self._answered_at is not None:
            # What changes from here on must lie behind the windows' end, so the vendor's clock counts.
            now = min(now, self._answered_at)
        for stream, cursor in cursors.items():
            yield from self._read_again(stream, cursor)
        history = cursors.get(HISTORY, {"began": now.isoformat(), "through": None, "done": False})
        yield from self._read_history(history)
        for stream, field in ((UPDATED, "updated-at"), (MOVED, "changed-stage-at")):
            through = dt.datetime.fromisoformat(cursors.get(stream, {"through": history["began"]})["through"])
            window = _Window(field, through - OVERLAP, now)
            yield from self._read_window(stream, window, lambda reached: {"through": reached.isoformat()})
            through_now = self._backlog.move(stream, {"through": now.isoformat()})
            yield Page(stream=stream, read=0, seen=(), cursor=through_now)
        yield from self._read_pool(cursors.get(POOL, {"through": None}), now)
        yield from self._read_offers(cursors.get(OFFERS, {"through": None}), now)
        self._backlog.settle()

    def fetch(self, applications: Sequence[str]) -> Iterator[Page]:
        """Each of the applications by its key, a page for each; one that the vendor no longer knows was destroyed."""
        for page, read in self._fetch_each(applications):
            yield from checked(TEAMTAILOR.vendor, page, read)

    def _fetch_each(self, applications: Sequence[str]) -> Iterator[tuple[Page, Read]]:
        for key in applications:
            listing = ask_one(self._client, f"{APPLICATIONS}/{quote(key, safe='')}", {"include": INCLUDED})
            if listing is None:
                yield Page(stream=FETCHED, read=1, seen=(ErasedSeen(application=key),)), Read()
                continue
            for job in read_jobs_of(listing):
                self._learn_job(job)
            read = read_applications(listing, self._jobs, self._broken_jobs)
            yield _page(FETCHED, listing, read, None), read

    def _read_offers(self, cursor: Cursor, now: dt.datetime) -> Iterator[Page]:
        """All offers, for there is no other way to ask for them, and the applications of those of which something
        happened. Where one cannot be read the next run looks back as far as this one. An account without the add-on
        gives none."""
        offers: dict[str, list[Offer]] = {}
        whole = True
        try:
            for listing in walk(self._client, "/job-offers", {"include": "job-application"}):
                read = read_offers(listing)
                whole = whole and not read.broken
                self._backlog.judge(OFFERS, read)
                for one in read.records:
                    offers.setdefault(one.application or "", []).append(one)
                yield Page(stream=OFFERS, read=len(listing.data), seen=(), skipped=read.skipped)
        except Unadmitted:
            raise
        except Refused:
            yield Page(stream=OFFERS, read=0, seen=(), skipped={"offers not given": 1})
            return
        since = cursor["through"] and dt.datetime.fromisoformat(cursor["through"]) - OVERLAP
        for key in sorted(offers.keys() - {""}):
            if key in self._hired or any(one.is_due(since, now) for one in offers[key]):
                for page, read in self._fetch_each([key]):
                    made = [one for one in read.records if isinstance(one, ApplicationSeen)]
                    moves = [move for one in made for move in trace(one, offers[key], now.date())]
                    whole = whole and not read.broken
                    yield replace(page, stream=OFFERS, seen=(*page.seen, *moves))
        if whole:
            yield Page(stream=OFFERS, read=0, seen=(), cursor={"through": now.isoformat()})

    def created(self, start: dt.datetime, end: dt.datetime) -> Iterator[tuple[str, dt.datetime]]:
        """The key of every application that was made in this time, and when, also of those that cannot be read; leads
        are none."""
        window = _Window("created-at", start, end)
        for listing in _read_whole(self._client, window):
            window.advance(listing)
            read = read_applications(listing, {})
            read.require_most(TEAMTAILOR.vendor)
            for seen in read.records:
                if isinstance(seen, ApplicationSeen) and start <= seen.applied_at < end:
                    yield seen.application, seen.applied_at
            for raw, _why in read.broken:
                at = read_instant(raw, "created_at")
                if at is not None and start <= at < end and "id" in raw:
                    yield str(raw["id"]), at

    def _learn_job(self, key: str) -> None:
        """What a list of jobs would say of this one: an application is the same fact however it was read."""
        if key not in self._jobs:
            listing = ask_one(self._client, f"/jobs/{quote(key, safe='')}", {"include": "department"})
            if listing is not None:
                self._take_jobs(read_jobs(listing))

    def company(self) -> CompanySeen | None:
        """The one company that a key belongs to."""
        return read_company(ask_one(self._client, COMPANY, {}))

    def jobs(self) -> Iterator[tuple[str, str]]:
        """All jobs, whatever their status."""
        for listing in walk(self._client, *READ["jobs"]):
            yield from ((job.ref, job.title) for job in read_jobs(listing).records)

    def probe(self, what: Probed) -> Probe:
        """The first page of a list: what it needs of the key is what all of the list needs, and records that cannot be
        read here cannot be anywhere."""
        path, params = READ[what]
        listing = ask(self._client, path, {**params, "page[size]": str(PAGE_SIZE)})
        read = PROBES[what](listing)
        read.require_most(TEAMTAILOR.vendor)
        stages = tuple(read.records) if what == "stages" else ()
        titles = tuple(job.title for job in read.records) if what == "jobs" else ()
        return Probe(count=listing.meta.record_count, stages=stages, titles=titles)

    def lacking(self) -> tuple[str, ...]:
        """The right that the key lacks, if it does."""
        try:
            for what in READ:
                self.probe(what)
        except Unpermitted:
            return (RIGHT,)
        return ()

    def _read_jobs(self) -> Iterator[Page]:
        for listing in walk(self._client, *READ["jobs"]):
            self._answered_at = self._answered_at or listing.answered_at
            read = read_jobs(listing)
            self._take_jobs(read)
            self._backlog.judge(JOBS, read)
            yield Page(stream=JOBS, read=len(listing.data), seen=(), skipped=read.skipped)

    def _take_jobs(self, read: Read) -> None:
        """Which jobs there are; the applications to one that cannot be read wait for it."""
        self._jobs.update((job.ref, job) for job in read.records)
        for raw, why in read.broken:
            if isinstance(raw, dict) and "id" in raw:
                self._broken_jobs[str(raw["id"])] = why
            else:
                self._backlog.hold(JOBS, why)

    def _read_stages(self) -> Iterator[Page]:
        for listing in walk(self._client, *READ["stages"]):
            read = read_stages(listing)
            self._backlog.judge(STAGES, read)
            yield Page(stream=STAGES, read=len(listing.data), seen=tuple(read.records), skipped=read.skipped)

    def _read_history(self, cursor: Cursor) -> Iterator[Page]:
        if cursor["done"]:
            return
        through = cursor["through"] and dt.datetime.fromisoformat(cursor["through"])
        window = _Window("created-at", through, dt.datetime.fromisoformat(cursor["began"]))
        yield from self._read_window(HISTORY, window, lambda reached: {**cursor, "through": reached.isoformat()})
        done = self._backlog.move(HISTORY, {**cursor, "through": cursor["began"], "done": True})
        yield Page(stream=HISTORY, read=0, seen=(), cursor=done)

    def _read_again(self, stream: str, cursor: Cursor) -> Iterator[Page]:
        """What a stream could not read before; what it still cannot stays in its cursor."""
        waiting = self._backlog.take(stream)
        for at in sorted({one.at for one in waiting if one.at is not None}):
            path = CANDIDATES if stream == POOL else APPLICATIONS
            for listing in _read_whole(self._client, _Window("updated-at", at, at + SLACK, path)):
                page, read = self._read_page(stream, path, listing)
                yield from self._backlog.keep(page, _unread(path, read))
        if waiting and (moved := self._backlog.move(stream, cursor)) is not None:
            yield Page(stream=stream, read=0, seen=(), cursor=moved)

    def _read_window(
        self, stream: str, window: _Window, cursor_at: Callable[[dt.datetime], dict[str, Any]]
    ) -> Iterator[Page]:
        for listing in _read_whole(self._client, window):
            page, read = self._read_page(stream, window.path, listing)
            window.advance(listing)
            seen = (one for one in read.records if isinstance(one, ApplicationSeen))
            self._hired |= {one.application for one in seen if is_hired(one)}
            cursor = cursor_at(window.start) if window.in_order and window.start else None
            yield from self._backlog.keep(replace(page, cursor=cursor), _unread(window.path, read), read)

    def _read_pool(self, cursor: Cursor, now: dt.datetime) -> Iterator[Page]:
        """The people without an application, as far as they were changed since the last time."""
        through = cursor["through"] and dt.datetime.fromisoformat(cursor["through"]) - OVERLAP
        window = _Window("updated-at", through, now, CANDIDATES)
        yield from self._read_window(POOL, window, lambda reached: {"through": reached.isoformat()})
        done = self._backlog.move(POOL, {"through": now.isoformat()})
        yield Page(stream=POOL, read=0, seen=(), cursor=done)

    def _read_page(self, stream: str, path: str, listing: Listing) -> tuple[Page, Read]:
        """What one page of a list that is read in windows holds."""
        if path == CANDIDATES:
            read = read_pool(listing)
            leads = tuple(one for one in read.records if one is not None)
            return Page(stream=stream, read=len(listing.data), seen=leads, skipped=read.skipped), read
        read = read_applications(listing, self._jobs, self._broken_jobs)
        return _page(stream, listing, read, None), read


def _page(stream: str, listing: Listing, read: Read, cursor: Cursor | None) -> Page:
    seen = (*read_included_stages(listing), *read.records)
    return Page(stream=stream, read=len(listing.data), seen=seen, skipped=read.skipped, cursor=cursor)


def _unread(path: str, read: Read) -> list[Unread]:
    """What is to be read again, by when it was last changed."""
    return [Unread(path.removeprefix("/"), read_instant(raw, "updated_at"), why) for raw, why in read.broken]


def _read_whole(client: Client, window: _Window) -> Iterator[Listing]:
    """The pages of a window, again from where they had come whenever rows left it meanwhile: the rows behind
    those moved up, perhaps from a page not yet read to one that was."""
    in_vain = 0
    while in_vain < MOST_RESTARTS:
        start, count = window.start, None
        for listing in walk(client, window.path, window.params):
            fewer = listing.meta.record_count
            if count is not None and fewer is not None and fewer < count:
                break
            count = fewer
            yield listing
        else:
            return
        in_vain = in_vain + 1 if window.start == start else 0
    raise TryLater(_("The applications at Teamtailor change faster than they can be read."))
