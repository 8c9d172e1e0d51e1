"""What a connector saw becomes facts, and they the record: the one way for pulls, webhooks and re-fetching."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.database import Micros, lock, organisation_of
from app.funnel.application import Application
from app.funnel.erasure import erase_applications, erase_person, find_speaking_of_erased
from app.funnel.fact import Fact, FactRow, find_known_applications, read_facts, store_facts
from app.funnel.lead import take_back_older_leads
from app.funnel.merging import take_back_doubles
from app.funnel.person import find_erased, find_people
from app.funnel.record import update_record
from app.intake.connectors.page import ApplicationSeen, ErasedSeen, MoveSeen, Seen, StageSeen
from app.intake.inbox import forget_bodies
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
    erasures = [one for one in seen if isinstance(one, ErasedSeen) and _is_meant(session, maker, one)]
    made = [maker.make(one, observed_at) for one in seen if not isinstance(one, StageSeen | ErasedSeen)]
    kept = _without_struck(session, _without_erased(session, made), _references_of(maker, erasures))
    stored = store_facts(session, [snapshot.fact for snapshot in kept])
    touched = [*stored.changed, *_facts_in(session, maker.system, remapped)]
    if touched:
        update_record(session, touched)
    take_back_older_leads(session, stored.new, observed_at, maker.origin)
    _erase(session, maker, erasures, stored.changed, observed_at)
    return TakenIn(tuple(kept), len(stored.new), len(made) - len(kept))


def _stages_of(seen: Sequence[Seen]) -> list[StageSeen]:
    """The stages that were seen, those first of which only an application tells that they exist."""
    named = [one for one in seen if isinstance(one, StageSeen)]
    stood_in = [one.stage for one in seen if isinstance(one, ApplicationSeen | MoveSeen) and one.stage is not None]
    return [*stood_in, *named]


def _without_erased(session: Session, snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """The snapshots of which nothing was erased."""
    named = {snapshot.fact.key: snapshot.references for snapshot in snapshots}
    facts = [snapshot.fact for snapshot in snapshots]
    zone = get_organisation(session, organisation_of(session)).zone
    erased = find_speaking_of_erased(session, facts, zone, named)
    return [snapshot for snapshot in snapshots if snapshot.fact.key not in erased]


def _references_of(maker: SnapshotMaker, erasures: Sequence[ErasedSeen]) -> set[bytes]:
    people = {maker.reference("person", one.candidate) for one in erasures}
    applications = {maker.reference("application", one.application) for one in erasures}
    return {reference for reference in people | applications if reference is not None}


def _is_meant(session: Session, maker: SnapshotMaker, erasure: ErasedSeen) -> bool:
    """Whether somebody was deleted of whom the vendor would say the same after a merge: a deletion names their
    applications, so whoever has some was merged."""
    reference = maker.reference("person", erasure.candidate)
    if not erasure.unless_merged or reference is None:
        return True
    person = find_people(session, [reference]).get(reference)
    return person is None or not session.scalar(select(exists().where(Application.person_id == person)))


def _without_struck(session: Session, snapshots: Sequence[Snapshot], struck: set[bytes]) -> list[Snapshot]:
    """The snapshots without those that come with the erasure of somebody whose application is known already: what
    a vendor still shows of it, such as its first stage, is no more what happened to it."""
    theirs = {one.fact.application for one in snapshots if not struck.isdisjoint(one.references)} - {None}
    if not theirs:
        return list(snapshots)
    known = find_known_applications(session, [reference for reference in theirs if reference is not None])
    return [one for one in snapshots if one.fact.application not in known]


def _facts_in(session: Session, system: str, stage_refs: set[str]) -> list[Fact]:
    if not stage_refs:
        return []
    return list(read_facts(session, FactRow.system == system, FactRow.stage_ref.in_(stage_refs)))


def _erase(
    session: Session, maker: SnapshotMaker, erasures: Sequence[ErasedSeen], stored: Sequence[Fact], observed_at: Micros
) -> None:
    """Erase whoever is not erased already: a vendor says it as often as it likes. What shows itself to be double, by
    that or by what was `stored`, is taken back before it is known no more whose it was."""
    struck = _references_of(maker, erasures)
    fresh = struck - find_erased(session, sorted(struck))
    zone = get_organisation(session, organisation_of(session)).zone
    people = {reference for one in erasures if (reference := maker.reference("person", one.candidate))} & fresh
    deleted = erase_applications(session, fresh - people, zone, deleted=True) if fresh - people else []
    take_back_doubles(session, [*stored, *deleted], observed_at, maker.origin)
    for person in sorted(people):
        erase_person(session, person, zone)
    if fresh:
        forget_bodies(session)
