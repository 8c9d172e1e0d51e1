"""Keeping the record equal to its facts: project what was touched, all of it, or what was known at some time."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.database import Micros, add_rows, chunks, mark_changed, organisation_of
from app.funnel.application import Application, Lead, ObservedJob, Outcome, StageChange
from app.funnel.fact import Fact, FactKind, FactRow, load_facts, read_facts
from app.funnel.person import Person, PersonAlias, resolve_people
from app.funnel.projection import Projected, project, put_in_order, row_key
from app.funnel.stage import StageMap, load_stage_maps
from app.funnel.touchpoint import Touchpoint

REPLAY_APPLICATIONS = 20_000
PERSON_FACTS = (FactKind.TOUCHPOINT, FactKind.LEAD)


def update_record(session: Session, facts: Sequence[Fact]) -> None:
    """Bring the record up to date with facts that were just stored."""
    if any(fact.kind is FactKind.VOID and fact.payload["of"] == FactKind.PERSON_MERGE for fact in facts):
        replay(session)  # people who were joined come apart again
        return
    _take_back(session, [bytes.fromhex(fact.payload["voids"]) for fact in facts if fact.kind is FactKind.VOID])
    people = resolve_people(session, [fact for fact in facts if fact.person is not None])
    _record_jobs(session, facts)
    touched = {fact.application: None for fact in facts if fact.application is not None}
    _record_applications(session, list(touched), people)
    _record_people_facts(session, [fact for fact in facts if fact.kind in PERSON_FACTS], people)
    mark_changed(session)


def _take_back(session: Session, keys: Sequence[bytes]) -> None:
    for row in (Touchpoint, Lead):
        for some in chunks(keys):
            session.execute(delete(row).where(row.id.in_(some)))


def replay(session: Session) -> int:
    """Compute the organisation's whole record anew from its facts; returns how many applications there are."""
    for row in (StageChange, Outcome, Application, Touchpoint, Lead, ObservedJob, PersonAlias, Person):
        session.execute(delete(row))
    void = _voided(session)
    people: dict[bytes, bytes] = {}
    standing = (fact for fact in read_facts(session, FactRow.person.is_not(None)) if fact.key.hex() not in void)
    people = resolve_people(session, standing)
    _record_jobs(session, read_facts(session, FactRow.job.is_not(None)))
    count = 0
    for some in chunks(_applications_with_facts(session), REPLAY_APPLICATIONS):
        count += _record_applications(session, some, people)
    loose = [fact for fact in read_facts(session, FactRow.kind.in_(PERSON_FACTS)) if fact.key.hex() not in void]
    _record_people_facts(session, loose, people)
    mark_changed(session)
    return count


def project_as_known(session: Session, known_at: Micros) -> list[Projected]:
    """The applications as they stood in what had been seen by then; nothing is stored."""
    maps = load_stage_maps(session)
    by_application: dict[bytes, list[Fact]] = {}
    for fact in read_facts(session, FactRow.application.is_not(None), FactRow.observed_at <= known_at):
        by_application.setdefault(fact.application or b"", []).append(fact)
    projected = (project(facts, maps.get(facts[0].system, StageMap())) for facts in by_application.values())
    return [application for application in projected if application is not None]


def count_waiting(session: Session) -> int:
    """How many applications are spoken of by facts that came before any that says they exist."""
    known = select(Application.id)
    waiting = select(FactRow.application).where(FactRow.application.is_not(None), FactRow.application.not_in(known))
    return session.scalar(select(func.count()).select_from(waiting.distinct().subquery())) or 0


def _applications_with_facts(session: Session) -> list[bytes]:
    ids = session.scalars(select(FactRow.application).where(FactRow.application.is_not(None)).distinct())
    return sorted(id for id in ids if id is not None)


def _voided(session: Session) -> set[str]:
    return {fact.payload["voids"] for fact in read_facts(session, FactRow.kind == FactKind.VOID)}


def _record_jobs(session: Session, facts: Iterable[Fact]) -> None:
    titles = {
        fact.job: (fact.system, fact.payload["job_title"])
        for fact in sorted(facts, key=lambda fact: fact.order)
        if fact.job is not None and fact.payload.get("job_title")
    }
    for job, (system, title) in titles.items():
        session.merge(ObservedJob(id=job, organisation_id=organisation_of(session), system=system, title=title))
    session.flush()


def _record_applications(session: Session, ids: Sequence[bytes], people: dict[bytes, bytes]) -> int:
    maps = load_stage_maps(session)
    facts = load_facts(session, ids)
    projected = [
        application
        for id in ids
        if id in facts and (application := project(facts[id], maps.get(facts[id][0].system, StageMap())))
    ]
    missing = {application.person for application in projected if application.person} - people.keys()
    people = people | _people_of(session, missing)
    forget_applications(session, ids)
    add_rows(session, Application, [_application_row(application, people) for application in projected])
    add_rows(session, StageChange, [row for application in projected for row in _change_rows(application)])
    add_rows(session, Outcome, [row for application in projected for row in _exit_rows(application)])
    return len(projected)


def _people_of(session: Session, references: Collection[bytes]) -> dict[bytes, bytes]:
    people: dict[bytes, bytes] = {}
    for some in chunks(sorted(references)):
        rows = session.execute(
            select(PersonAlias.reference, PersonAlias.person_id).where(PersonAlias.reference.in_(some))
        )
        people.update((reference, person) for reference, person in rows)
    return people


def forget_applications(session: Session, ids: Sequence[bytes]) -> None:
    """Take these applications out of the record; their facts stay."""
    for some in chunks(ids):
        known = session.scalars(select(Application.id).where(Application.id.in_(some))).all()
        if known:
            session.execute(delete(StageChange).where(StageChange.application_id.in_(known)))
            session.execute(delete(Outcome).where(Outcome.application_id.in_(known)))
            session.execute(delete(Application).where(Application.id.in_(known)))


def _application_row(application: Projected, people: dict[bytes, bytes]) -> dict[str, Any]:
    source, attributes = application.source, application.attributes
    return {
        "id": application.id, "system": application.system,
        "person_id": people[application.person] if application.person else None, "job_id": application.job,
        "applied_at": application.applied_at, "time_quality": int(application.time_quality),
        "code": source.get("code"), "label": source.get("label"), "host": source.get("host"),
        "utm": source.get("utm"), "specialty": attributes.get("specialty"), "unit": attributes.get("unit"),
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


def _record_people_facts(session: Session, facts: Sequence[Fact], people: dict[bytes, bytes]) -> None:
    touchpoints, leads = [], []
    for fact in put_in_order(facts):
        row = {
            "id": fact.key, "system": fact.system,
            "person_id": people[fact.person] if fact.person else None, "occurred_at": fact.occurred_at,
            "code": fact.payload.get("code"), "label": fact.payload.get("label"),
            "host": fact.payload.get("host"), "observed_at": fact.observed_at, "origin": int(fact.origin),
        }  # fmt: skip
        if fact.kind is FactKind.LEAD:
            leads.append(row)
        else:
            touchpoints.append({**row, "kind": fact.payload["type"], "sequence": fact.sequence})
    add_rows(session, Touchpoint, touchpoints)
    add_rows(session, Lead, leads)
