"""What a merge leaves double: of several applications of one person to one job, those that the vendor deletes were
never others. Whether the merge, the deletion or the applications are heard of first makes no difference."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import Micros, chunks
from app.funnel.application import Application
from app.funnel.erasure import DELETED
from app.funnel.fact import STANDING, Fact, FactKind, FactRow, Origin, content_digest, read_facts
from app.funnel.person import PersonAlias, find_people, references_of
from app.funnel.projection import row_key
from app.funnel.record import record_facts


def take_back_doubles(session: Session, facts: Sequence[Fact], observed_at: Micros, origin: Origin) -> None:
    """Void what was said of applications that the vendor deleted beside another one of their person to the same job,
    where a merge made that person of several: the system knew them under several keys. `facts` are those by which
    this may have come to light. Where all of a person's were deleted, one of them stays."""
    doubles = _find_doubles(session, _find_merged(session, facts))
    for some in chunks(sorted(doubles)):
        said = list(read_facts(session, FactRow.application.in_(some), STANDING))
        record_facts(session, [make_void(fact, observed_at, origin) for fact in said])


def _find_merged(session: Session, facts: Sequence[Fact]) -> set[tuple[bytes, str]]:
    """Those of the facts' people that a system knows under several keys, each with that system."""
    references = {reference for fact in facts for reference, _namespace in references_of(fact)}
    merged: set[tuple[bytes, str]] = set()
    for some in chunks(sorted(set(find_people(session, references).values()))):
        known = select(PersonAlias.person_id, PersonAlias.namespace).where(PersonAlias.person_id.in_(some))
        several = known.group_by(PersonAlias.person_id, PersonAlias.namespace).having(func.count() > 1)
        merged.update((person, system) for person, system in session.execute(several))
    return merged


def _find_doubles(session: Session, merged: Collection[tuple[bytes, str]]) -> set[bytes]:
    doubles: set[bytes] = set()
    for beside in _list_beside_each_other(session, merged):
        said = read_facts(session, FactRow.application.in_(beside), STANDING)
        deleted = {fact.application for fact in said if fact.payload.get(DELETED)}
        gone = [application for application in beside if application in deleted]
        doubles.update(gone if len(gone) < len(beside) else gone[1:])
    return doubles


def _list_beside_each_other(session: Session, merged: Collection[tuple[bytes, str]]) -> Iterator[list[bytes]]:
    """The applications of one person to one job at one system, the earliest first, where there are several."""
    groups: dict[tuple[bytes, str, bytes], list[bytes]] = {}
    for some in chunks(sorted({person for person, _system in merged})):
        rows = select(Application.id, Application.person_id, Application.system, Application.job_id).where(
            Application.person_id.in_(some), Application.job_id.is_not(None)
        )
        for id, person, system, job in session.execute(rows.order_by(Application.applied_at, Application.id)):
            if person and job and (person, system) in merged:
                groups.setdefault((person, system, job), []).append(id)
    return (group for group in groups.values() if len(group) > 1)


def make_void(fact: Fact, observed_at: Micros, origin: Origin) -> Fact:
    """The fact that takes one back, the same whenever and however that comes to light."""
    digest = content_digest(FactKind.VOID, [fact.key.hex()])
    return Fact(
        key=row_key(fact.system, digest), digest=digest, kind=FactKind.VOID, system=fact.system,
        occurred_at=observed_at, observed_at=observed_at, origin=origin, voids=fact.key,
    )  # fmt: skip
