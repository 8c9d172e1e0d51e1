"""The stages in their order, and the map from an ATS's own stages to them."""

import enum
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base
from app.funnel.application import Application, ReadByUnits, StageChange


class Stage(enum.IntEnum):
    """How far an application has come; the number is the order."""

    APPLIED = 0
    SCREENED = 1
    INTERVIEW = 2
    OFFER = 3
    HIRED = 4
    STARTED = 5

    @property
    def slug(self) -> str:
        return self.name.lower()


STAGES = {stage.slug: stage for stage in Stage}


class OutcomeKind(enum.StrEnum):
    """How an application goes out: the employer says no, or the applicant does."""

    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class DecidedBy(enum.StrEnum):
    """Whose word a stage's meaning is: a proposal gives way to a person, and never the other way round."""

    PROPOSAL = "proposal"
    PERSON = "person"


class StageMapping(ReadByUnits, Base):
    """What one of a system's stages means; `stage` is null until somebody can tell, or where a person said that it
    is no stage of ours."""

    __tablename__ = "stage_mapping"
    read_along = ("system", "system")

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    system: Mapped[str] = mapped_column(String(80), primary_key=True)
    stage_ref: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    vendor_type: Mapped[str | None] = mapped_column(String(60))
    position: Mapped[int | None]
    stage: Mapped[int | None]
    decided_by: Mapped[str] = mapped_column(String(12), default=DecidedBy.PROPOSAL)

    @property
    def waits(self) -> bool:
        """Whether nobody has said yet what it means."""
        return self.stage is None and self.decided_by != DecidedBy.PERSON


@dataclass(frozen=True, slots=True)
class StageMap:
    """Which of our stages each stage of one system is; our own stage names always mean themselves. Whoever is in a
    stage that is `passed_over` still stands where they stood before."""

    stages: Mapping[str, Stage] = field(default_factory=dict)
    passed_over: Collection[str] = frozenset()

    def stage_of(self, stage_ref: str | None) -> Stage | None:
        if stage_ref is None:
            return Stage.APPLIED
        return self.stages.get(stage_ref) if stage_ref in self.stages else STAGES.get(stage_ref)

    def knows(self, stage_ref: str) -> bool:
        """Whether somebody has said what this stage means, be it nothing of ours."""
        return stage_ref in self.passed_over or self.stage_of(stage_ref) is not None


def load_stage_maps(session: Session) -> dict[str, StageMap]:
    """The stage map of every system of the organisation, by system."""
    maps: dict[str, tuple[dict[str, Stage], set[str]]] = {}
    for row in session.query(StageMapping):
        stages, passed_over = maps.setdefault(row.system, ({}, set()))
        if row.stage is not None:
            stages[row.stage_ref] = Stage(row.stage)
        elif not row.waits:
            passed_over.add(row.stage_ref)
    return {system: StageMap(stages, passed_over) for system, (stages, passed_over) in maps.items()}


def unheard_stages(session: Session, stated: Collection[Stage]) -> frozenset[Stage]:
    """The stages that no system records: none of its own stages means it, and nobody is `stated` to have come there.

    A stage that a later one implies is not recorded by that. A system without a stage map speaks our own words: that it
    said nothing of a stage that others have passed says that it does not speak of it, and of later ones it may yet.
    """
    mapped = session.execute(select(StageMapping.system, StageMapping.stage)).all()
    spoken = {Stage(stage) for _system, stage in mapped if stage is not None}.union(stated, {Stage.APPLIED})
    may_speak = not mapped or not _list_systems(session) <= {system for system, _stage in mapped}
    furthest = max(stated, default=Stage.APPLIED)
    return frozenset(stage for stage in Stage if stage not in spoken and not (may_speak and stage > furthest))


def _list_systems(session: Session) -> set[str]:
    return set(session.scalars(select(Application.system).distinct()))


def stated_stages(session: Session) -> set[Stage]:
    """The stages that somebody was ever said to have come to."""
    return {Stage(stage) for stage in session.scalars(select(StageChange.stage).distinct())}
