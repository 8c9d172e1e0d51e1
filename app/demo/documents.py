"""The stand-in's records in the vendor's form: JSON:API with kebab-case names, text keys and links."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.demo.world import Application, Candidate, Job, Offer, RejectReason, Stage, World

HELSINKI = zoneinfo.ZoneInfo("Europe/Helsinki")

RELATIONSHIPS: Mapping[str, Mapping[str, str]] = {
    "job-applications": {
        "candidate": "candidates",
        "job": "jobs",
        "stage": "stages",
        "reject-reason": "reject-reasons",
    },
    "jobs": {"department": "departments", "stages": "stages"},
    "stages": {"job": "jobs"},
    "candidates": {"job-applications": "job-applications"},
    "reject-reasons": {},
    "departments": {},
    "job-offers": {"job-application": "job-applications"},
}
"""What each resource points to, by the name of the relationship; these may be included."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: attributes as they are shown, the instants of filters and sorts, what it points to."""

    kind: str
    id: int
    attributes: Mapping[str, Any]
    instants: Mapping[str, dt.datetime | None] = field(default_factory=dict)
    points_to: Mapping[str, int | tuple[int, ...] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every record of a world, by resource and key."""

    records: Mapping[str, Mapping[int, Record]]

    def find(self, kind: str, id: int) -> Record | None:
        return self.records[kind].get(id)


def shelve(world: World, gone: Iterable[tuple[str, int]] = (), spoilt: Iterable[tuple[str, int, str]] = ()) -> Shelf:
    """Turn a world into records, without those that are gone and without the attributes that some lack."""
    departments = sorted({job.department for job in world.jobs if job.department})
    numbers = {name: number for number, name in enumerate(departments, start=1)}
    found = [
        *(_job(job, numbers) for job in world.jobs),
        *(_stage(stage, job) for job in world.jobs for stage in job.stages),
        *(Record("departments", number, {"name": name}) for name, number in numbers.items()),
        *(_reason(reason) for reason in world.reject_reasons),
        *_candidates(world),
        *(_application(application) for application in world.applications),
        *(_offer(offer) for offer in world.offers or ()),
    ]
    absent = frozenset(gone)
    records: dict[str, dict[int, Record]] = {kind: {} for kind in RELATIONSHIPS}
    for record in found:
        if (record.kind, record.id) not in absent:
            records[record.kind][record.id] = record
    for kind, id, name in spoilt:
        record = records[kind][id]
        others = {other: value for other, value in record.attributes.items() if other != name}
        records[kind][id] = replace(record, attributes=others)
    return Shelf(records)


def _job(job: Job, departments: Mapping[str, int]) -> Record:
    instants = {"created-at": job.created_at, "updated-at": job.updated_at}
    attributes = {
        "title": job.title, "status": job.status, "human-status": job.status, "internal": False,
        "tags": list(job.tags), **_shown(instants), "start-date": None, "end-date": None,
    }  # fmt: skip
    points_to = {
        "department": departments[job.department] if job.department else None,
        "stages": tuple(stage.id for stage in job.stages),
    }
    return Record("jobs", job.id, attributes, instants, points_to)


def _stage(stage: Stage, job: Job) -> Record:
    attributes = {"name": stage.name, "stage-type": stage.type, "row-order": stage.position}
    return Record("stages", stage.id, attributes, points_to={"job": job.id})


def _reason(reason: RejectReason) -> Record:
    attributes = {"reason": reason.reason, "rejected-by-company": reason.rejected_by_company}
    return Record("reject-reasons", reason.id, attributes)


def _candidates(world: World) -> Iterable[Record]:
    applications: dict[int, list[int]] = {}
    for application in world.applications:
        applications.setdefault(application.candidate_id, []).append(application.id)
    for candidate in world.candidates:
        yield _candidate(candidate, tuple(applications.get(candidate.id, ())))


def _candidate(candidate: Candidate, applications: tuple[int, ...]) -> Record:
    instants = {"created-at": candidate.created_at, "updated-at": candidate.updated_at}
    attributes: dict[str, Any] = {
        "first-name": candidate.first_name, "last-name": candidate.last_name, "email": candidate.email,
        "phone": None, "pitch": None, "tags": [], "sourced": candidate.sourced, "referred": False,
        "connected": candidate.connected, "internal": False, "unsubscribed": False,
        "referring-site": candidate.referring_site, "referring-url": candidate.referring_url,
        **_shown(instants),
    }  # fmt: skip
    return Record("candidates", candidate.id, attributes, instants, {"job-applications": applications})


def _application(application: Application) -> Record:
    instants = {
        "created-at": application.created_at,
        "updated-at": application.updated_at,
        "changed-stage-at": application.changed_stage_at,
    }
    attributes = {
        **_shown({**instants, "rejected-at": application.rejected_at}), "sourced": application.sourced,
        "referring-url": application.referring_url, "referring-site": application.referring_site,
        "cover-letter": application.cover_letter,
    }  # fmt: skip
    points_to = {
        "candidate": application.candidate_id,
        "job": application.job_id,
        "stage": application.stage_id,
        "reject-reason": application.reject_reason_id,
    }
    return Record("job-applications", application.id, attributes, instants, points_to)


def _offer(offer: Offer) -> Record:
    instants = {"created-at": offer.created_at, "sent-at": offer.sent_at, "answered-at": offer.answered_at}
    details = {
        "start-date": offer.starts_on.isoformat() if offer.starts_on else None, "salary": "secret",
        "acceptance-message": "secret", "rejection-message": None,
    }  # fmt: skip
    attributes = {**_shown(instants), "response": offer.response, "status": "sent", "details": details}
    return Record("job-offers", offer.id, attributes, instants, {"job-application": offer.application_id})


def _shown(instants: Mapping[str, dt.datetime | None]) -> dict[str, str | None]:
    """Instants as the vendor writes them: local time with its offset, to the millisecond."""
    return {
        name: instant.astimezone(HELSINKI).isoformat(timespec="milliseconds") if instant else None
        for name, instant in instants.items()
    }


def render(
    record: Record, base: str, include: Iterable[str] = (), renamed: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """One record as JSON:API: `data` of a relationship is there only when it was asked for."""
    url = f"{base}/{record.kind}/{record.id}"
    names = renamed or {}
    relationships: dict[str, dict[str, Any]] = {}
    for name, kind in RELATIONSHIPS[record.kind].items():
        relationships[name] = {"links": {"self": f"{url}/relationships/{name}", "related": f"{url}/{name}"}}
        if name in include:
            relationships[name]["data"] = _identifiers(kind, record.points_to.get(name))
    return {
        "id": str(record.id),
        "type": record.kind,
        "links": {"self": url},
        "attributes": {names.get(name, name): value for name, value in record.attributes.items()},
        "relationships": relationships,
    }


def render_company(world: World, base: str) -> dict[str, Any] | None:
    """Whose account it is, as JSON:API."""
    if world.company is None:
        return None
    url = f"{base}/companies/{world.company.id}"
    manager = {"links": {"self": f"{url}/relationships/manager", "related": f"{url}/manager"}}
    attributes = {"name": world.company.name, "locale": "fi", "website": "https://www.city.example"}
    relationships = {"manager": manager}
    return {
        "data": {
            "id": world.company.id, "type": "companies", "links": {"self": url}, "attributes": attributes,
            "relationships": relationships,
        }
    }  # fmt: skip


def _identifiers(kind: str, target: int | tuple[int, ...] | None) -> Any:
    if target is None:
        return None
    if isinstance(target, int):
        return {"type": kind, "id": str(target)}
    return [{"type": kind, "id": str(id)} for id in target]


def render_included(
    records: Iterable[Record], shelf: Shelf, base: str, include: Iterable[str], renamed: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The records that the given ones point to, each once."""
    found: dict[tuple[str, int], Record] = {}
    for record in records:
        for name in include:
            target = record.points_to.get(name)
            targets = target if isinstance(target, tuple) else () if target is None else (target,)
            kind = RELATIONSHIPS[record.kind][name]
            for id in targets:
                if (pointed := shelf.find(kind, id)) is not None:
                    found[kind, id] = pointed
    return [render(record, base, renamed=renamed) for record in found.values()]
