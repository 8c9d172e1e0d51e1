"""Computing the record anew step by step: each step leaves the record right for all that it touched, so a replay
needs little memory, is never seen half done, and goes on where it was broken off."""

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.access.audit import Action, record
from app.database import lock, organisation_of
from app.funnel.application import Application, Lead, ObservedJob, Outcome, StageChange
from app.funnel.fact import STANDING, FactRow, read_with_taken_back
from app.funnel.person import Person, PersonAlias
from app.funnel.record import LOOSE, name_jobs_again, project_again, uncollected
from app.funnel.touchpoint import Touchpoint


class Phase(enum.StrEnum):
    """What is gone through, in this order."""

    JOBS = "jobs"
    APPLICATIONS = "applications"
    LOOSE = "loose"
    LEFTOVERS = "leftovers"


PHASES = tuple(Phase)
A_STEP = {Phase.JOBS: 20, Phase.APPLICATIONS: 2_000, Phase.LOOSE: 5_000}
"""How many jobs, applications, or facts without an application a step takes."""
_NONE = b""
_APPLIED = aliased(FactRow)
_OF_NO_APPLICANT = ~exists().where(_APPLIED.person == FactRow.person, _APPLIED.application.is_not(None))
"""The criterion of facts of nobody, or of somebody who is not known to have applied: what else is loose was gone
through with the applications."""
_GONE_THROUGH: dict[Phase, tuple[InstrumentedAttribute[Any], ColumnElement[bool]]] = {
    Phase.JOBS: (FactRow.job, FactRow.job.is_not(None)),
    Phase.APPLICATIONS: (FactRow.application, FactRow.application.is_not(None)),
    Phase.LOOSE: (FactRow.key, FactRow.application.is_(None) & _OF_NO_APPLICANT),
}
"""The keys that each phase goes through, and of which facts."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a replay is: its phase, the last key that was gone through in it, and how many keys were in all."""

    phase: Phase = Phase.JOBS
    after: bytes = _NONE
    done: int = 0

    def to_json(self) -> dict[str, Any]:
        return {"phase": self.phase, "after": self.after.hex(), "done": self.done}

    @staticmethod
    def of_json(said: Any) -> "Place":
        return Place(Phase(said["phase"]), bytes.fromhex(said["after"]), said["done"]) if said else Place()


def count_steps(session: Session) -> int:
    """How many keys a replay goes through."""
    jobs, applications = (func.count(of.distinct()) for of in (FactRow.job, FactRow.application))
    loose = select(func.count()).where(FactRow.application.is_(None), _OF_NO_APPLICANT)
    counts = (select(jobs), select(applications), loose)
    return sum(session.scalar(count) or 0 for count in counts)


@uncollected()
def replay_step(session: Session, place: Place, sizes: dict[Phase, int] = A_STEP) -> Place | None:
    """Compute the next stretch of the record anew, in the session's transaction; returns where to go on."""
    lock(session, f"intake:{organisation_of(session)}")
    if place.phase is Phase.LEFTOVERS:
        _forget_leftovers(session)
        record(session, Action.REPLAYED, "record")
        return None
    keys = _next_keys(session, place, sizes[place.phase])
    if not keys:
        return Place(PHASES[PHASES.index(place.phase) + 1], _NONE, place.done)
    if place.phase is Phase.JOBS:
        name_jobs_again(session, keys)
    else:
        of, which = _GONE_THROUGH[place.phase]
        here = which & of.between(keys[0], keys[-1])
        project_again(session, *read_with_taken_back(session, here), elsewhere=~here)
    return Place(place.phase, keys[-1], place.done + len(keys))


def _next_keys(session: Session, place: Place, count: int) -> Sequence[bytes]:
    of, which = _GONE_THROUGH[place.phase]
    stretch = select(of).where(which, of > place.after).distinct().order_by(of).limit(count)
    keys: Sequence[bytes] = session.scalars(stretch).all()
    return keys


def _forget_leftovers(session: Session) -> None:
    """Take out of the record what no fact speaks of any more."""
    for row, gone in _leftovers():
        session.execute(delete(row).where(gone), execution_options={"synchronize_session": False})


def _leftovers() -> Iterator[tuple[type[Any], ColumnElement[bool]]]:
    yield Application, _unspoken(Application.id, FactRow.application)
    for part in (StageChange, Outcome):
        yield part, part.application_id.not_in(select(Application.id))
    for row in (Touchpoint, Lead):
        yield row, row.id.not_in(select(FactRow.key).where(FactRow.kind.in_(LOOSE), STANDING))
    yield ObservedJob, _unspoken(ObservedJob.id, FactRow.job)
    spoken_of = select(PersonAlias.person_id).join(FactRow, FactRow.person == PersonAlias.reference)
    yield PersonAlias, PersonAlias.person_id.not_in(spoken_of)
    yield Person, Person.id.not_in(select(PersonAlias.person_id))


def _unspoken(key: InstrumentedAttribute[bytes], of: InstrumentedAttribute[bytes | None]) -> ColumnElement[bool]:
    return key.not_in(select(of).where(of.is_not(None)))
