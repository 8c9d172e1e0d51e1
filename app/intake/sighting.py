"""What a connector saw becomes facts, and they the record: the one way for pulls, webhooks and re-fetching."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.database import Micros, lock, organisation_of
from app.funnel.erasure import erase_applications, erase_person
from app.funnel.fact import Fact, FactKind, FactRow, read_facts, store_facts
from app.funnel.person import find_erased
from app.funnel.record import update_record
from app.intake.connectors.page import ApplicationSeen, ErasedSeen, MoveSeen, Seen, StageSeen
from app.intake.snapshots import Snapshot, SnapshotMaker
from app.intake.stage_proposal import store_proposals


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of what was seen: the snapshots that were kept, how many of them were new facts, and how many
    speak of somebody who was erased and were dropped."""

    kept: tuple[Snapshot, ...]
    new: int
    dropped: int


def take_in_seen(session: Session, maker: SnapshotMaker, seen: Sequence[Seen], observed_at: Micros) -> TakenIn:
    """Store what was seen of one system and bring the record up to date, under the organisation's lock.

    What is known already changes nothing but the ways it came by; an erasure is done last, so that it also
    strikes what came with it.
    """
    lock(session, f"intake:{organisation_of(session)}")
    remapped = store_proposals(session, maker.system, _stages_of(seen))
    made = [maker.make(one, observed_at) for one in seen if not isinstance(one, StageSeen | ErasedSeen)]
    kept = _without_erased(session, made)
    stored = store_facts(session, [snapshot.fact for snapshot in kept])
    # A fact that is known already may have come by another way before, which its record shows too.
    known = [fact for fact in stored.duplicate if fact.kind is FactKind.SNAPSHOT]
    touched = [*stored.new, *known, *_facts_in(session, maker.system, remapped)]
    if touched:
        update_record(session, touched)
    _erase(session, maker, [one for one in seen if isinstance(one, ErasedSeen)])
    return TakenIn(tuple(kept), len(stored.new), len(made) - len(kept))


def _stages_of(seen: Sequence[Seen]) -> list[StageSeen]:
    """The stages that were seen, those first of which only an application tells that they exist."""
    named = [one for one in seen if isinstance(one, StageSeen)]
    stood_in = [one.stage for one in seen if isinstance(one, ApplicationSeen | MoveSeen) and one.stage is not None]
    return [*stood_in, *named]


def _without_erased(session: Session, snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """The snapshots of which nothing was erased."""
    references = {reference for snapshot in snapshots for reference in snapshot.references}
    erased = find_erased(session, sorted(references))
    return [snapshot for snapshot in snapshots if erased.isdisjoint(snapshot.references)]


def _facts_in(session: Session, system: str, stage_refs: set[str]) -> list[Fact]:
    if not stage_refs:
        return []
    return list(read_facts(session, FactRow.system == system, FactRow.stage_ref.in_(stage_refs)))


def _erase(session: Session, maker: SnapshotMaker, erasures: Sequence[ErasedSeen]) -> None:
    """Erase whoever is not erased already: a vendor says it as often as it likes."""
    people = {maker.reference("person", one.candidate) for one in erasures} - {None}
    applications = {maker.reference("application", one.application) for one in erasures} - {None}
    struck = {reference for reference in people | applications if reference is not None}
    fresh = struck - find_erased(session, sorted(struck))
    if not fresh:
        return
    zone = get_organisation(session, organisation_of(session)).zone
    for person in sorted(fresh & people):
        erase_person(session, person, zone)
    if fresh & applications:
        erase_applications(session, sorted(fresh & applications), zone)
