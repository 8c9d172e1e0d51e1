"""What a merge leaves double: two applications of one person to one job, of which the vendor drops one."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.database import Micros, chunks
from app.funnel.application import Application
from app.funnel.erasure import bury
from app.funnel.fact import STANDING, Fact, FactKind, FactRow, Origin, content_digest, read_facts
from app.funnel.person import PersonAlias
from app.funnel.projection import row_key
from app.funnel.record import record_facts


def find_merged_doubles(session: Session, applications: Collection[bytes]) -> set[bytes]:
    """Those of the applications beside which their person has another to the same job, by a merge: the system
    knew the person under several keys."""
    twin = aliased(Application)
    merged = (
        select(PersonAlias.person_id)
        .join(Application, Application.person_id == PersonAlias.person_id)
        .where(PersonAlias.namespace == Application.system)
        .group_by(PersonAlias.person_id)
        .having(func.count(PersonAlias.reference.distinct()) > 1)
    )
    doubles: set[bytes] = set()
    for some in chunks(sorted(applications)):
        same = (twin.person_id == Application.person_id) & (twin.job_id == Application.job_id)
        found = select(Application.id).join(twin, same & (twin.system == Application.system))
        found = found.where(Application.id.in_(some), twin.id.not_in(applications), Application.person_id.in_(merged))
        doubles.update(session.scalars(found))
    return doubles


def take_back_applications(
    session: Session, applications: Collection[bytes], observed_at: Micros, origin: Origin
) -> None:
    """Void all that was said of these applications, and let nothing say it again."""
    if not applications:
        return
    said = [
        fact
        for some in chunks(sorted(applications))
        for fact in read_facts(session, FactRow.application.in_(some), STANDING)
    ]  # fmt: skip
    bury(session, applications)
    record_facts(session, [_void(fact, observed_at, origin) for fact in said])


def _void(fact: Fact, observed_at: Micros, origin: Origin) -> Fact:
    digest = content_digest(FactKind.VOID, [fact.key.hex()])
    return Fact(
        key=row_key(fact.system, digest), digest=digest, kind=FactKind.VOID, system=fact.system,
        occurred_at=observed_at, observed_at=observed_at, origin=origin, voids=fact.key,
    )  # fmt: skip
