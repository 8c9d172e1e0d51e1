"""Keeping the record equal to its facts: project what was touched, all of it, or what was known at some time."""

import gc
import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, true
from sqlalchemy.orm import Session

from app.access.audit import Action, record
from app.database import Micros, add_rows, chunks
from app.funnel.application import Application, Lead, ObservedJob, Outcome, StageChange
from app.funnel.fact import (
    STANDING,
    Fact,
    FactKind,
    FactRow,
    Stored,
    by_application,
    find_facts,
    find_voided,
    load_facts,
    read_facts,
    standing,
    store_facts,
)
from app.funnel.person import (
    People,
    Person,
    PersonAlias,
    find_people,
    resolve_people,
    take_apart,
)
from app.funnel.projection import Projected, project, row_key
from app.funnel.stage import StageMap, load_stage_maps
from app.funnel.touchpoint import Touchpoint
from app.funnel.unit import UnitRules, find_unit, load_unit_rules
from app.rows import put_rows

REPLAY_APPLICATIONS = 20_000
REPLAY_LOOSE_FACTS = 50_000
NOTHING_READ: Mapping[bytes, list[Fact]] = MappingProxyType({})
EVERYWHERE = true()
LOOSE = (FactKind.TOUCHPOINT, FactKind.LEAD)
"""Facts that are rows of the record by themselves, with no application to belong to."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Work on many small rows without looking for cycles among them, of which there are none: a third faster."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def record_facts(session: Session, facts: Sequence[Fact]) -> Stored:
    """Store facts and bring the record up to date with those that change it."""
    stored = store_facts(session, facts)
    update_record(session, stored.changed)
    return stored


@uncollected()
def update_record(session: Session, facts: Sequence[Fact]) -> None:
    """Bring the record up to date with stored facts; doing it again with the same ones changes nothing."""
    if not facts:
        return
    taken_back = find_facts(session, [fact.voids for fact in facts if fact.voids is not None])
    voided = find_voided(session, [fact.key for fact in facts])
    facts = [fact for fact in facts if fact.key not in voided]
    _settle(session, facts, taken_back, again=taken_back)
    if taken_back:
        name_jobs_again(session, {fact.job for fact in taken_back if fact.job is not None})
    _record_jobs(session, facts)


@uncollected()
def project_again(
    session: Session, facts: Sequence[Fact], taken_back: Sequence[Fact], elsewhere: ColumnElement[bool]
) -> None:
    """Compute anew whatever hangs on these facts and on others that were taken back, which are all that there are of
    their applications; jobs keep their names. What else is said of the same people is read from `elsewhere`."""
    again = [*facts, *taken_back]
    _settle(session, facts, taken_back, again=again, read=by_application(facts), elsewhere=elsewhere)


def _settle(
    session: Session,
    facts: Sequence[Fact],
    taken_back: Sequence[Fact],
    *,
    again: Sequence[Fact],
    read: Mapping[bytes, list[Fact]] = NOTHING_READ,
    elsewhere: ColumnElement[bool] = EVERYWHERE,
) -> None:
    """Let the record say what these facts say, and of whom these and those taken back speak. Who is spoken of
    `again` is made out anew: people who were joined by what no longer stands come apart."""
    apart = take_apart(session, {fact.person for fact in again if fact.person is not None})
    theirs = {fact.key: fact for fact in facts}
    for some in chunks(sorted(apart.references)):
        theirs.update((fact.key, fact) for fact in read_facts(session, FactRow.person.in_(some), STANDING, elsewhere))
    people = resolve_people(session, theirs.values(), apart)
    touched = {fact.application for fact in (*theirs.values(), *taken_back) if fact.application is not None}
    for some in chunks(sorted(apart.people)):
        touched.update(session.scalars(select(Application.id).where(Application.person_id.in_(some))))
    _record_applications(session, sorted(touched), people, read)
    _record_loose(session, theirs.values(), people, taken_back)


def name_jobs_again(session: Session, jobs: Collection[bytes]) -> None:
    """Find these jobs' titles anew, after facts that may have stated them were taken back or blurred."""
    for some in chunks(sorted(jobs)):
        session.execute(delete(ObservedJob).where(ObservedJob.id.in_(some)))
        _record_jobs(session, read_facts(session, FactRow.job.in_(some), STANDING))


@uncollected()
def replay(session: Session) -> int:
    """Compute the organisation's whole record anew from its facts; returns how many applications there are."""
    for row in (StageChange, Outcome, Application, Touchpoint, Lead, ObservedJob, PersonAlias, Person):
        session.execute(delete(row))
    people = resolve_people(session, read_facts(session, FactRow.person.is_not(None), STANDING))
    _record_jobs(session, read_facts(session, FactRow.job.is_not(None), STANDING))
    count = 0
    for some in chunks(_applications_with_facts(session), REPLAY_APPLICATIONS):
        count += _record_applications(session, some, people)
    loose = read_facts(session, FactRow.kind.in_(LOOSE), STANDING)
    while batch := list(itertools.islice(loose, REPLAY_LOOSE_FACTS)):
        _record_loose(session, batch, people)
    record(session, Action.REPLAYED, "record")
    return count


def project_system_again(session: Session, system: str) -> int:
    """Compute a system's applications anew, after what its words mean was changed; returns how many there are."""
    ids = session.scalars(select(Application.id).where(Application.system == system)).all()
    return sum(_record_applications(session, some, {}) for some in chunks(sorted(ids), REPLAY_APPLICATIONS))


def project_stages_again(session: Session, system: str, stage_refs: Collection[str]) -> int:
    """Compute those of a system's applications anew that were ever in one of these stages; returns how many."""
    ids: set[bytes] = set()
    for some in chunks(sorted(stage_refs)):
        spoken_of = (FactRow.system == system, FactRow.stage_ref.in_(some), FactRow.application.is_not(None))
        ids.update(id for id in session.scalars(select(FactRow.application).where(*spoken_of).distinct()) if id)
    return sum(_record_applications(session, some, {}) for some in chunks(sorted(ids), REPLAY_APPLICATIONS))


@dataclass(frozen=True, slots=True)
class AsKnown:
    """The record as it stood in what had been seen by some time; `people` says who each reference stood for."""

    applications: list[Projected]
    touchpoints: list[Fact]
    people: People
    unit_rules: UnitRules


def project_as_known(session: Session, known_at: Micros) -> AsKnown:
    """What a replay of the facts seen by then would give; nothing is stored."""
    maps = load_stage_maps(session)
    people = People()
    by_application: dict[bytes, list[Fact]] = {}
    touchpoints = []
    for fact in standing(list(read_facts(session, FactRow.observed_at <= known_at))):
        people.learn(fact)
        if fact.application is not None:
            by_application.setdefault(fact.application, []).append(fact)
        if fact.kind is FactKind.TOUCHPOINT:
            touchpoints.append(fact)
    projected = (project(facts, maps.get(facts[0].system, StageMap())) for facts in by_application.values())
    applications = [application for application in projected if application is not None]
    return AsKnown(applications, touchpoints, people, load_unit_rules(session))


def count_waiting(session: Session) -> int:
    """How many applications are spoken of by facts that came before any that says they exist."""
    known = select(Application.id)
    waiting = select(FactRow.application).where(
        FactRow.application.is_not(None), FactRow.application.not_in(known), STANDING
    )
    return session.scalar(select(func.count()).select_from(waiting.distinct().subquery())) or 0


def _applications_with_facts(session: Session) -> list[bytes]:
    ids = session.scalars(select(FactRow.application).where(FactRow.application.is_not(None)).distinct())
    return sorted(id for id in ids if id is not None)


def _record_jobs(session: Session, facts: Iterable[Fact]) -> None:
    """Name the jobs by the title stated last; of two stated at one instant the greater, whichever came first."""
    stated: dict[bytes, tuple[Micros, str, str]] = {}
    for fact in facts:
        if fact.job is not None and (title := fact.payload.get("job_title")):
            one = (fact.occurred_at, title, fact.system)
            stated[fact.job] = max(stated.get(fact.job, one), one)
    known = _find_jobs(session, list(stated))
    fresh = []
    for id, (titled_at, title, system) in stated.items():
        job = known.get(id)
        if job is None:
            fresh.append({"id": id, "system": system, "title": title, "titled_at": titled_at})
        elif (titled_at, title) > (job.titled_at, job.title):
            job.titled_at, job.title = titled_at, title
    session.flush()
    add_rows(session, ObservedJob, fresh)


def _find_jobs(session: Session, ids: Sequence[bytes]) -> dict[bytes, ObservedJob]:
    return {
        job.id: job
        for some in chunks(ids)
        for job in session.scalars(select(ObservedJob).where(ObservedJob.id.in_(some)))
    }


def _record_applications(
    session: Session, ids: Sequence[bytes], people: dict[bytes, bytes], read: Mapping[bytes, list[Fact]] = NOTHING_READ
) -> int:
    maps, rules = load_stage_maps(session), load_unit_rules(session)
    facts = {**read, **load_facts(session, [id for id in ids if id not in read])}
    projected = {
        id: application
        for id in ids
        if id in facts and (application := project(facts[id], maps.get(facts[id][0].system, StageMap())))
    }
    missing = {application.person for application in projected.values() if application.person} - people.keys()
    people = people | find_people(session, missing)
    forget_applications(session, [id for id in ids if id not in projected])
    rows = [_application_row(application, people, rules) for application in projected.values()]
    put_rows(session, Application, rows, of=Application.id, among=projected)
    changes = [row for application in projected.values() for row in _change_rows(application)]
    put_rows(session, StageChange, changes, of=StageChange.application_id, among=projected)
    exits = [row for application in projected.values() for row in _exit_rows(application)]
    put_rows(session, Outcome, exits, of=Outcome.application_id, among=projected)
    return len(projected)


def forget_applications(session: Session, ids: Sequence[bytes]) -> None:
    """Take these applications out of the record; their facts stay."""
    for some in chunks(ids):
        known = session.scalars(select(Application.id).where(Application.id.in_(some))).all()
        if known:
            session.execute(delete(StageChange).where(StageChange.application_id.in_(known)))
            session.execute(delete(Outcome).where(Outcome.application_id.in_(known)))
            session.execute(delete(Application).where(Application.id.in_(known)))


def _application_row(application: Projected, people: dict[bytes, bytes], rules: UnitRules) -> dict[str, Any]:
    source, attributes = application.source, application.attributes
    return {
        "id": application.id, "system": application.system,
        "person_id": people[application.person] if application.person else None, "job_id": application.job,
        "applied_at": application.applied_at, "time_quality": int(application.time_quality),
        "code": source.get("code"), "label": source.get("label"), "host": source.get("host"),
        "utm": source.get("utm"), "specialty": attributes.get("specialty"), "unit": attributes.get("unit"),
        "unit_id": find_unit(rules, application.system, attributes.get("unit")),
        "furthest": int(application.furthest), "current": int(application.current),
        "outcome": application.outcome and application.outcome.value, "unmapped": application.unmapped,
        "observed_at": application.observed_at, "origin": int(application.origin),
    }  # fmt: skip


def _change_rows(application: Projected) -> Iterable[dict[str, Any]]:
    for change in application.changes:
        yield {
            "id": row_key(application.id, change.stage_ref, change.occurred_at),
            "application_id": application.id, "stage": int(change.stage), "stage_ref": change.stage_ref,
            "occurred_at": change.occurred_at, "time_quality": int(change.time_quality),
            "undone_at": change.undone_at, "observed_at": change.observed_at, "origin": int(change.origin),
        }  # fmt: skip


def _exit_rows(application: Projected) -> Iterable[dict[str, Any]]:
    for exit in application.exits:
        yield {
            "id": row_key(application.id, "out", exit.occurred_at),
            "application_id": application.id, "kind": exit.kind.value, "reason": exit.reason,
            "occurred_at": exit.occurred_at, "time_quality": int(exit.time_quality),
            "undone_at": exit.undone_at, "observed_at": exit.observed_at, "origin": int(exit.origin),
        }  # fmt: skip


def _record_loose(
    session: Session, facts: Iterable[Fact], people: dict[bytes, bytes], taken_back: Iterable[Fact] = ()
) -> None:
    """Let what belongs to no application stand as these facts say, and not what was taken back."""
    rows: dict[FactKind, list[dict[str, Any]]] = {kind: [] for kind in LOOSE}
    for fact in facts:
        if fact.kind in LOOSE:
            rows[fact.kind].append(_loose_row(fact, people))
    gone = [fact.key for fact in taken_back if fact.kind in LOOSE]
    for row, kind in ((Touchpoint, FactKind.TOUCHPOINT), (Lead, FactKind.LEAD)):
        put_rows(session, row, rows[kind], of=row.id, among={*gone, *(one["id"] for one in rows[kind])})


def _loose_row(fact: Fact, people: dict[bytes, bytes]) -> dict[str, Any]:
    said = fact.payload
    row = {
        "id": fact.key, "system": fact.system, "person_id": people[fact.person] if fact.person else None,
        "occurred_at": fact.occurred_at, "code": said.get("code"), "label": said.get("label"),
        "host": said.get("host"), "observed_at": fact.observed_at, "origin": int(fact.origin),
    }  # fmt: skip
    return row if fact.kind is FactKind.LEAD else {**row, "kind": said["type"], "sequence": fact.sequence}


def forget_loose(session: Session, keys: Sequence[bytes]) -> None:
    """Take the rows of these touchpoints and leads out of the record; their facts stay."""
    for row in (Touchpoint, Lead):
        for some in chunks(keys):
            session.execute(delete(row).where(row.id.in_(some)))
