"""From what a connector saw to facts: keys and addresses become keyed hashes here, and are dropped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, overload

from app.database import Micros, to_micros
from app.funnel.erasure import LEAD, UPDATED_AT
from app.funnel.fact import Fact, FactKind, Origin, TimeQuality, content_digest
from app.funnel.projection import row_key
from app.funnel.pseudonym import Pseudonyms
from app.intake.connectors.page import ApplicationSeen, LeadSeen, MergedSeen, MoveSeen
from app.planning.tracking import ObservedSource, observe_source


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A fact, every reference in it that an erasure may have struck, and where its code was found."""

    fact: Fact
    references: tuple[bytes, ...]
    found_in: str | None


@dataclass(frozen=True, slots=True)
class SnapshotMaker:
    """Makes the facts of one system; two polls that see the same state make the same fact."""

    system: str
    pseudonyms: Pseudonyms
    origin: Origin

    def make(self, seen: ApplicationSeen | LeadSeen | MergedSeen | MoveSeen, observed_at: Micros) -> Snapshot:
        """The fact that something seen stands for."""
        if isinstance(seen, MergedSeen):
            return self._merge(seen, observed_at)
        if isinstance(seen, MoveSeen):
            return self._move(seen, observed_at)
        source = observe_source(seen.url, seen.label, seen.code)
        email = self.pseudonyms.email(seen.email) if seen.email else None
        if isinstance(seen, LeadSeen):
            fact = self._lead(seen, source, email, observed_at)
            own: bytes | None = self.reference("application", seen.lead)
        else:
            fact = self._snapshot(seen, source, email, observed_at)
            own = fact.application
        references = tuple(reference for reference in (fact.person, email, own) if reference is not None)
        return Snapshot(fact, references, source.found_in)

    def _snapshot(
        self, seen: ApplicationSeen, source: ObservedSource, email: bytes | None, observed_at: Micros
    ) -> Fact:
        content = {
            "applied_at": to_micros(seen.applied_at),
            "entered_at": to_micros(seen.entered_at) if seen.entered_at else None,
            "out_at": to_micros(seen.out_at) if seen.out_at else None,
            "outcome": seen.outcome,
            "reason": seen.reason,
            **_source_fields(source),
            "attributes": dict(seen.attributes),
            "email": email.hex() if email else None,
            "job_title": seen.job_title,
        }
        application = self.reference("application", seen.application)
        person = self.reference("person", seen.candidate)
        job = self.reference("job", seen.job)
        stage_ref, stage_name = (seen.stage.ref, seen.stage.name or None) if seen.stage else (None, None)
        # A vendor may move somebody without saying that the application was updated.
        stated = (seen.updated_at, seen.applied_at, seen.entered_at, seen.out_at)
        occurred_at = to_micros(max(instant for instant in stated if instant is not None))
        digest = content_digest(FactKind.SNAPSHOT, [_hex((application, person, job)), stage_ref, occurred_at, content])
        # A stage is called what the stage map says, so its name is no part of what the fact says. A job is called
        # what facts say: were its title no part of them, whichever of two came first would name it.
        return Fact(
            key=row_key(self.system, digest), digest=digest, kind=FactKind.SNAPSHOT, system=self.system,
            occurred_at=occurred_at, observed_at=observed_at, origin=self.origin, application=application,
            person=person, job=job, stage_ref=stage_ref, stage_name=stage_name,
            payload=content,
        )  # fmt: skip

    def _lead(self, seen: LeadSeen, source: ObservedSource, email: bytes | None, observed_at: Micros) -> Fact:
        person = self.reference("person", seen.candidate)
        lead = self.reference("application", seen.lead)
        occurred_at = to_micros(seen.seen_at)
        digest = content_digest(FactKind.LEAD, [_hex((lead, person)), occurred_at])
        content: dict[str, Any] = {**_source_fields(source), "email": email.hex() if email else None}
        if person is not None:  # by whom alone it is found again, to take back what was said of it before
            content |= {LEAD: row_key(self.system, digest).hex(), UPDATED_AT: to_micros(seen.updated_at)}
            digest = content_digest(FactKind.LEAD, content)
        return Fact(
            key=row_key(self.system, digest), digest=digest, kind=FactKind.LEAD, system=self.system,
            occurred_at=occurred_at, observed_at=observed_at, origin=self.origin, person=person,
            payload=content,
        )  # fmt: skip

    def _move(self, seen: MoveSeen, observed_at: Micros) -> Snapshot:
        application = self.reference("application", seen.application)
        occurred_at, quality = to_micros(seen.at), TimeQuality[seen.quality.upper()]
        digest = content_digest(FactKind.STAGE_CHANGE, [application.hex(), seen.stage.ref, occurred_at, quality])
        fact = Fact(
            key=row_key(self.system, digest), digest=digest, kind=FactKind.STAGE_CHANGE, system=self.system,
            occurred_at=occurred_at, observed_at=observed_at, origin=self.origin, application=application,
            stage_ref=seen.stage.ref, stage_name=seen.stage.name or None, sequence=seen.stage.position or 0,
            time_quality=quality,
        )  # fmt: skip
        return Snapshot(fact, (application,), None)

    def _merge(self, seen: MergedSeen, observed_at: Micros) -> Snapshot:
        person, into = self.reference("person", seen.candidate), self.reference("person", seen.into)
        # Said once, whenever: that two are one person has no time of its own.
        digest = content_digest(FactKind.PERSON_MERGE, _hex((person, into)))
        fact = Fact(
            key=row_key(self.system, digest), digest=digest, kind=FactKind.PERSON_MERGE, system=self.system,
            occurred_at=to_micros(seen.at) if seen.at else observed_at, observed_at=observed_at, origin=self.origin,
            person=person, payload={"into": into.hex()},
        )  # fmt: skip
        return Snapshot(fact, (person, into), None)

    @overload
    def reference(self, kind: str, key: str) -> bytes: ...
    @overload
    def reference(self, kind: str, key: None) -> None: ...
    @overload
    def reference(self, kind: str, key: str | None) -> bytes | None: ...
    def reference(self, kind: str, key: str | None) -> bytes | None:
        """The keyed hash that stands for one of the system's own keys."""
        return None if key is None else self.pseudonyms.reference(f"{self.system}/{kind}", key)


def _source_fields(source: ObservedSource) -> Mapping[str, Any]:
    return {
        "code": source.code,
        "label": source.label,
        "host": source.host,
        "utm": dict(source.utm) if source.utm else None,
    }


def _hex(references: Iterable[bytes | None]) -> list[str | None]:
    return [reference.hex() if reference is not None else None for reference in references]
