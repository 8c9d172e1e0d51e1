"""From one application's facts to its record: a pure function of the set of facts and the stage map.

The facts are put into their own order first, so arrival, repetition and delay cannot matter; running it
again after a new fact or a new map is all that a correction ever needs.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

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


Key = TypeVar("Key")
Said = TypeVar("Said", Change, Exit)


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
    """What has been read of the facts so far, in their order.

    Changes and exits are kept by what makes them one: saying the same entry or exit again adds nothing, and
    makes one that was undone stand after all.
    """

    changes: dict[tuple[str, Micros], Change] = field(default_factory=dict)
    exits: dict[Micros, Exit] = field(default_factory=dict)
    unmapped: set[str] = field(default_factory=set)
    current: Stage = Stage.APPLIED
    current_ref: str | None = None
    hires: set[tuple[str, Micros]] = field(default_factory=set)
    """The changes to hired or beyond that stand."""
    out_since: Micros | None = None

    def enter(self, fact: Fact, stages: StageMap, at: Micros, quality: TimeQuality) -> None:
        stage_ref = fact.stage_ref or ""
        stage = stages.stage_of(stage_ref)
        if stage is None:
            if stage_ref not in stages.passed_over:
                self.unmapped.add(stage_ref)
            return
        if stage_ref == self.current_ref or (stage_ref, at) in self.hires:
            return  # a hire that stands is said again, as by a system that has no stage for who has started
        if stage < Stage.HIRED:
            self.take_back_hire(at)
        else:
            self.hires.add((stage_ref, at))
        self.current, self.current_ref = stage, stage_ref
        said = self.changes.get((stage_ref, at))
        self.changes[stage_ref, at] = (
            replace(said, undone_at=None)
            if said is not None
            else Change(
                stage=stage,
                stage_ref=stage_ref,
                occurred_at=at,
                time_quality=quality,
                observed_at=fact.observed_at,
                origin=fact.origin,
            )
        )

    def take_back_hire(self, at: Micros) -> None:
        """Undo the hire, if there is one: what stands then is the offer."""
        if self.current >= Stage.HIRED:
            for hire in self.hires:
                self.changes[hire] = replace(self.changes[hire], undone_at=at)
            self.hires.clear()
            self.current, self.current_ref = Stage.OFFER, None

    def go_out(self, fact: Fact, at: Micros) -> None:
        kind, reason = OutcomeKind(fact.payload["outcome"]), fact.payload.get("reason")
        if self.out_since not in (None, at) and self.exits[self.out_since].kind is kind:
            return
        self.open_again(at)
        said = self.exits.pop(at, None) or Exit(
            kind=kind,
            reason=None,
            occurred_at=at,
            time_quality=fact.time_quality,
            observed_at=fact.observed_at,
            origin=fact.origin,
        )
        self.exits[at] = replace(said, kind=kind, reason=reason or said.reason, undone_at=None)
        self.out_since = at

    def open_again(self, at: Micros) -> None:
        if self.out_since is not None:
            self.exits[self.out_since] = replace(self.exits[self.out_since], undone_at=at)
            self.out_since = None

    @property
    def outcome(self) -> OutcomeKind | None:
        return None if self.out_since is None else self.exits[self.out_since].kind

    @property
    def furthest(self) -> Stage:
        """The furthest stage that still counts; an undone hire counts as the offer that it was."""
        reached = (
            change.stage if change.undone_at is None else Stage(min(change.stage, Stage.OFFER))
            for change in self.changes.values()
        )
        return max(reached, default=Stage.APPLIED)


def project(facts: Iterable[Fact], stages: StageMap) -> Projected | None:
    """The record of one application from its standing facts, or None while none says that it was made at all."""
    ordered = sorted(_best_told(facts), key=lambda fact: fact.order)
    starts = [fact for fact in ordered if fact.kind in (FactKind.APPLICATION, FactKind.SNAPSHOT)]
    if not starts:
        return None
    earliest = min(starts, key=lambda fact: (_applied_at(fact), fact.order))
    journey = _Journey()
    for fact in ordered:
        _READERS[fact.kind](journey, fact, stages)
    return Projected(
        id=earliest.application or b"",
        system=earliest.system,
        person=next((fact.person for fact in starts if fact.person is not None), None),
        job=_job(ordered),
        applied_at=_applied_at(earliest),
        time_quality=earliest.time_quality,
        source=_source(starts),
        attributes=_attributes(starts),
        furthest=journey.furthest,
        current=journey.current,
        outcome=journey.outcome,
        unmapped=len(journey.unmapped),
        observed_at=min(fact.observed_at for fact in starts),
        origin=_union(fact.origin for fact in starts),
        changes=_with_support(journey.changes, ordered, _entered),
        exits=_with_support(journey.exits, ordered, _out_at),
    )


def _best_told(facts: Iterable[Fact]) -> list[Fact]:
    """The facts without the moves of which only about when they were is known, where another says it exactly."""
    facts = list(facts)
    moves = [fact for fact in facts if fact.kind is FactKind.STAGE_CHANGE]
    exact = {fact.stage_ref for fact in moves if fact.time_quality is TimeQuality.EXACT}
    vague = {fact.key for fact in moves if fact.time_quality is TimeQuality.APPROXIMATE and fact.stage_ref in exact}
    return [fact for fact in facts if fact.key not in vague] if vague else facts


def _applied_at(fact: Fact) -> Micros:
    return fact.payload["applied_at"] if fact.kind is FactKind.SNAPSHOT else fact.occurred_at


def _job(ordered: Sequence[Fact]) -> bytes | None:
    """The job it was transferred to last, be it said or seen in how it stood later; else the one it was first
    made to."""
    moved = [fact.job for fact in ordered if fact.kind in _SAYING_WHERE and fact.job is not None]
    return moved[-1] if moved else next((fact.job for fact in ordered if fact.job is not None), None)


_SAYING_WHERE = (FactKind.TRANSFERRED, FactKind.SNAPSHOT)


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


def _with_support(said: Mapping[Key, Said], ordered: Sequence[Fact], key_of: Callable[[Fact], Any]) -> tuple[Said, ...]:
    """Each change or exit with the least time it was seen at and all the ways it came by."""
    observed_at: dict[Any, Micros] = {}
    origin: dict[Any, Origin] = {}
    for fact in ordered:
        if (key := key_of(fact)) in said:
            observed_at[key] = min(observed_at.get(key, fact.observed_at), fact.observed_at)
            known = origin.setdefault(key, fact.origin)
            origin[key] = known if known == fact.origin else known | fact.origin
    return tuple(_seen(one, observed_at[key], origin[key]) for key, one in said.items())


def _seen(one: Said, observed_at: Micros, origin: Origin) -> Said:
    if one.observed_at == observed_at and one.origin == origin:
        return one
    return replace(one, observed_at=observed_at, origin=origin)


def _entered(fact: Fact) -> tuple[str, Micros] | None:
    """Which stage a fact says was entered, and when."""
    return None if fact.stage_ref is None else (fact.stage_ref, fact.payload.get("entered_at") or fact.occurred_at)


def _out_at(fact: Fact) -> Micros | None:
    """When a fact says that the application went out."""
    return fact.occurred_at if fact.kind is FactKind.OUTCOME else fact.payload.get("out_at")


def _read_snapshot(journey: _Journey, fact: Fact, stages: StageMap) -> None:
    if (entered := _entered(fact)) is not None:
        stated = fact.payload.get("entered_at") is not None
        journey.enter(fact, stages, entered[1], TimeQuality.EXACT if stated else TimeQuality.INFERRED)
    if (out_at := _out_at(fact)) is not None:
        journey.go_out(fact, out_at)
    else:
        journey.open_again(fact.occurred_at)


def _read_stage_change(journey: _Journey, fact: Fact, stages: StageMap) -> None:
    journey.enter(fact, stages, fact.occurred_at, fact.time_quality)


def _read_outcome(journey: _Journey, fact: Fact, _stages: StageMap) -> None:
    journey.go_out(fact, fact.occurred_at)


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
