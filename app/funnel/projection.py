"""From one application's facts to its record: a pure function of the set of facts and the stage map.

The facts are put into their own order first, so arrival, repetition and delay cannot matter; running it
again after a new fact or a new map is all that a correction ever needs.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.database import Micros
from app.funnel.fact import Fact, FactKind, Origin, TimeQuality
from app.funnel.stage import OutcomeKind, Stage, StageMap

SOURCE_FIELDS = ("code", "label", "host", "utm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """That the application entered a stage."""

    stage: Stage
    stage_ref: str | None
    occurred_at: Micros
    time_quality: TimeQuality
    undone_at: Micros | None = None
    observed_at: Micros
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """That the application went out."""

    kind: OutcomeKind
    reason: str | None
    occurred_at: Micros
    time_quality: TimeQuality
    undone_at: Micros | None = None
    observed_at: Micros
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Projected:
    """An application as its facts tell it."""

    id: bytes
    system: str
    person: bytes | None
    job: bytes | None
    applied_at: Micros
    time_quality: TimeQuality
    source: Mapping[str, Any]
    attributes: Mapping[str, str]
    furthest: Stage
    current: Stage
    outcome: OutcomeKind | None
    unmapped: int
    observed_at: Micros
    origin: Origin
    changes: tuple[Change, ...]
    exits: tuple[Exit, ...]


@dataclass(slots=True)
class _Journey:
    """What has been read of the facts so far, in their order."""

    changes: list[Change] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    unmapped: set[str] = field(default_factory=set)
    current: Stage = Stage.APPLIED
    current_ref: str | None = None

    def enter(self, fact: Fact, stage_ref: str, stages: StageMap, at: Micros, quality: TimeQuality) -> None:
        stage = stages.stage_of(stage_ref)
        if stage is None:
            self.unmapped.add(stage_ref)
            return
        if stage_ref == self.current_ref:
            return
        if self.current >= Stage.HIRED > stage:
            self.take_back_hire(at)
        self.current, self.current_ref = stage, stage_ref
        # A system that takes a move back may give the old stage its old time again: that is no second change.
        for position, change in enumerate(self.changes):
            if (change.stage_ref, change.occurred_at) == (stage_ref, at):
                self.changes[position] = replace(change, undone_at=None)
                return
        self.changes.append(
            Change(
                stage=stage,
                stage_ref=stage_ref,
                occurred_at=at,
                time_quality=quality,
                observed_at=fact.observed_at,
                origin=fact.origin,
            )
        )

    def take_back_hire(self, at: Micros) -> None:
        self.changes = [
            replace(change, undone_at=at) if change.stage >= Stage.HIRED and change.undone_at is None else change
            for change in self.changes
        ]
        self.current, self.current_ref = Stage.OFFER, None

    def go_out(self, fact: Fact, kind: OutcomeKind, at: Micros, quality: TimeQuality) -> None:
        reason = fact.payload.get("reason")
        last = self.exits[-1] if self.exits else None
        if last is not None and last.undone_at is None:
            if last.occurred_at == at:
                self.exits[-1] = replace(last, kind=kind, reason=reason or last.reason)
                return
            if last.kind is kind:
                return
            self.exits[-1] = replace(last, undone_at=at)
        # The same for a rejection that was undone and comes back with its old time.
        self.exits = [exit for exit in self.exits if exit.occurred_at != at]
        self.exits.append(
            Exit(
                kind=kind,
                reason=reason,
                occurred_at=at,
                time_quality=quality,
                observed_at=fact.observed_at,
                origin=fact.origin,
            )
        )

    def open_again(self, at: Micros) -> None:
        if self.exits and self.exits[-1].undone_at is None:
            self.exits[-1] = replace(self.exits[-1], undone_at=at)

    @property
    def furthest(self) -> Stage:
        """The furthest stage that still counts; an undone hire counts as the offer that it was."""
        reached = (
            change.stage if change.undone_at is None else Stage(min(change.stage, Stage.OFFER))
            for change in self.changes
        )
        return max(reached, default=Stage.APPLIED)


def project(facts: Iterable[Fact], stages: StageMap) -> Projected | None:
    """The record of one application, or None while no fact says that there was an application at all."""
    ordered = put_in_order(facts)
    starts = [fact for fact in ordered if fact.kind in (FactKind.APPLICATION, FactKind.SNAPSHOT)]
    if not starts:
        return None
    first = min(starts, key=lambda fact: (_applied_at(fact), fact.order))
    journey = _Journey()
    for fact in ordered:
        _READERS[fact.kind](journey, fact, stages)
    return Projected(
        id=first.application or b"",
        system=first.system,
        person=first.person,
        job=_job(ordered, first),
        applied_at=_applied_at(first),
        time_quality=first.time_quality if first.kind is FactKind.APPLICATION else TimeQuality.EXACT,
        source=_source(starts),
        attributes=_attributes(starts),
        furthest=journey.furthest,
        current=journey.current,
        outcome=next((exit.kind for exit in journey.exits[-1:] if exit.undone_at is None), None),
        unmapped=len(journey.unmapped),
        observed_at=min(fact.observed_at for fact in starts),
        origin=_union(fact.origin for fact in starts),
        changes=_merge_support(journey.changes, ordered),
        exits=tuple(journey.exits),
    )


def put_in_order(facts: Iterable[Fact]) -> list[Fact]:
    """The facts that stand, least first; a fact that was taken back is left out."""
    ordered = sorted(facts, key=lambda fact: fact.order)
    void = {fact.payload["voids"] for fact in ordered if fact.kind is FactKind.VOID}
    return [fact for fact in ordered if fact.key.hex() not in void]


def _applied_at(fact: Fact) -> Micros:
    return fact.payload["applied_at"] if fact.kind is FactKind.SNAPSHOT else fact.occurred_at


def _job(ordered: Sequence[Fact], first: Fact) -> bytes | None:
    moved = [fact.job for fact in ordered if fact.kind is FactKind.TRANSFERRED and fact.job is not None]
    return moved[-1] if moved else first.job


def _source(starts: Sequence[Fact]) -> Mapping[str, Any]:
    """The first source that was stated; what a later fact says of it does not overwrite it."""
    for fact in starts:
        if any(fact.payload.get(name) for name in SOURCE_FIELDS):
            return {name: fact.payload.get(name) for name in SOURCE_FIELDS}
    return {}


def _attributes(starts: Sequence[Fact]) -> Mapping[str, str]:
    attributes: dict[str, str] = {}
    for fact in starts:
        attributes.update(fact.payload.get("attributes", {}))
    return attributes


def _union(origins: Iterable[Origin]) -> Origin:
    union = Origin(0)
    for origin in origins:
        union |= origin
    return union


def _merge_support(changes: Sequence[Change], ordered: Sequence[Fact]) -> tuple[Change, ...]:
    """Each change with the least time it was seen at and all the ways it came by."""
    support: dict[tuple[str | None, Micros], list[Fact]] = {}
    for fact in ordered:
        if fact.stage_ref is not None:
            support.setdefault((fact.stage_ref, _entered_at(fact)), []).append(fact)
    return tuple(
        replace(
            change,
            observed_at=min(fact.observed_at for fact in support[change.stage_ref, change.occurred_at]),
            origin=_union(fact.origin for fact in support[change.stage_ref, change.occurred_at]),
        )
        for change in changes
    )


def _entered_at(fact: Fact) -> Micros:
    return fact.payload.get("entered_at") or fact.occurred_at


def _read_snapshot(journey: _Journey, fact: Fact, stages: StageMap) -> None:
    stated = fact.payload.get("entered_at") is not None
    if fact.stage_ref is not None:
        quality = TimeQuality.EXACT if stated else TimeQuality.INFERRED
        journey.enter(fact, fact.stage_ref, stages, _entered_at(fact), quality)
    out_at = fact.payload.get("out_at")
    if out_at is None:
        journey.open_again(fact.occurred_at)
    else:
        journey.go_out(fact, OutcomeKind(fact.payload["outcome"]), out_at, TimeQuality.EXACT)


def _read_stage_change(journey: _Journey, fact: Fact, stages: StageMap) -> None:
    journey.enter(fact, fact.stage_ref or "", stages, fact.occurred_at, fact.time_quality)


def _read_outcome(journey: _Journey, fact: Fact, _stages: StageMap) -> None:
    journey.go_out(fact, OutcomeKind(fact.payload["outcome"]), fact.occurred_at, fact.time_quality)


def _read_reopened(journey: _Journey, fact: Fact, _stages: StageMap) -> None:
    journey.open_again(fact.occurred_at)


def _read_unhired(journey: _Journey, fact: Fact, _stages: StageMap) -> None:
    journey.take_back_hire(fact.occurred_at)


def _read_nothing(_journey: _Journey, _fact: Fact, _stages: StageMap) -> None:
    """Kinds that say nothing about how far the application has come."""


_READERS = {
    **dict.fromkeys(FactKind, _read_nothing),
    FactKind.SNAPSHOT: _read_snapshot,
    FactKind.STAGE_CHANGE: _read_stage_change,
    FactKind.OUTCOME: _read_outcome,
    FactKind.REOPENED: _read_reopened,
    FactKind.UNHIRED: _read_unhired,
}


def row_key(*parts: object) -> bytes:
    """The key of a row of the record, derived from what the row says."""
    text = "\x1f".join(part.hex() if isinstance(part, bytes) else str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
