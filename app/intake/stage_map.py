"""The stage map of a system as people read and change it: by the names of its stages, since a vendor may give every
job stages of its own. What a person decides stays through later proposals, and can be taken back.
"""

import datetime as dt
import enum
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.audit import Action, record
from app.database import Base, OfOrganisation, lock, organisation_of
from app.errors import Conflict, Invalid, Problem, Stale
from app.funnel.fact import STANDING, FactRow
from app.funnel.record import project_stages_again
from app.funnel.stage import STAGES, DecidedBy, Stage, StageMapping
from app.i18n import _
from app.intake.stage_proposal import fold_name, propose_stage
from app.planning.row import Revision

NO_STAGE = "none"
"""Said of a stage that is none of ours: whoever is in it still stands where they stood before."""
PROPOSED = "proposed"
"""Said of a stage that is left to Kutsu's proposal."""

Meaning: TypeAlias = tuple[int | None, str]
"""What a stage of a system means, and who says so."""


class Decision(enum.Enum):
    """What may be said of a stage besides that it is one of ours."""

    NO_STAGE = "none"
    AS_PROPOSED = "as proposed"


Choice: TypeAlias = Stage | Decision


class StageMapState(OfOrganisation, Base):
    """How often people changed a system's stage map, and what the last change replaced."""

    __tablename__ = "stage_map"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    system: Mapped[str] = mapped_column(String(80), primary_key=True)
    revision: Mapped[int]
    changed_at: Mapped[dt.datetime]
    previous: Mapped[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class NamedStage:
    """The stages of one name: what they mean, by whose word, what Kutsu would propose, and what came in them.

    `stage` is None while they wait for a person, where they are none of ours (`passed_over`), and where stages of
    the one name mean several things (`several`).
    """

    name: str
    refs: tuple[str, ...]
    vendor_type: str | None
    stage: Stage | None
    passed_over: bool
    several: bool
    decided_by: DecidedBy
    proposed: Stage | None
    events: int
    applications: int

    @property
    def key(self) -> str:
        """What a change names it by: its name, or its key at the vendor where it has none."""
        return self.name or f"#{self.refs[0]}"

    @property
    def waits(self) -> bool:
        """Whether a person has to say what it means."""
        return self.several or (self.stage is None and not self.passed_over)


@dataclass(frozen=True, slots=True)
class ShownMap:
    """A system's stage map at a revision; `undoes_from` is when the change was made that can be taken back."""

    revision: int
    stages: tuple[NamedStage, ...]
    undoes_from: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Remapped:
    """What a change of the map did: how many names mean something else, how many applications were counted anew."""

    stages: int
    applications: int


def read_stage_map(session: Session, system: str) -> ShownMap:
    """The map, those first that wait for a person and of these the ones with most events."""
    state = _find_state(session, system)
    counts = _count_events(session, system)
    stages = [_name_stages(rows, counts) for rows in _rows_by_key(session, system).values()]
    positions = {row.stage_ref: row.position for row in _list_rows(session, system)}
    stages.sort(key=lambda one: (not one.waits, -one.events if one.waits else 0, _place(one, positions), one.name))
    undoes_from = state.changed_at if state is not None and state.previous else None
    return ShownMap(state.revision if state else 1, tuple(stages), undoes_from)


def _place(stage: NamedStage, positions: Mapping[str, int | None]) -> tuple[int, int]:
    least = min((place for ref in stage.refs if (place := positions[ref]) is not None), default=0)
    return (-1 if stage.stage is None else int(stage.stage), least)


def count_waiting_events(session: Session, system: str) -> tuple[int, int]:
    """How many of a system's stage names wait for a person, and how many events came in them."""
    waiting = [stage for stage in read_stage_map(session, system).stages if stage.waits]
    return len(waiting), sum(stage.events for stage in waiting)


def _list_rows(session: Session, system: str) -> Sequence[StageMapping]:
    own = (StageMapping.organisation_id == organisation_of(session), StageMapping.system == system)
    return session.scalars(select(StageMapping).where(*own).order_by(StageMapping.stage_ref)).all()


def _rows_by_key(session: Session, system: str) -> dict[str, list[StageMapping]]:
    rows: dict[str, list[StageMapping]] = defaultdict(list)
    for row in _list_rows(session, system):
        rows[_key_of(row.name or f"#{row.stage_ref}")].append(row)
    return rows


def _key_of(name: str) -> str:
    return name.strip() if name.startswith("#") else fold_name(name)


def _count_events(session: Session, system: str) -> dict[str, tuple[int, int]]:
    rows = session.execute(
        select(FactRow.stage_ref, func.count(), func.count(FactRow.application.distinct()))
        .where(FactRow.system == system, FactRow.stage_ref.is_not(None), STANDING)
        .group_by(FactRow.stage_ref)
    )
    return {ref: (events, applications) for ref, events, applications in rows if ref is not None}


def _name_stages(rows: Sequence[StageMapping], counts: Mapping[str, tuple[int, int]]) -> NamedStage:
    first = rows[0]
    meanings = {(row.stage, row.waits) for row in rows}
    stage = Stage(first.stage) if len(meanings) == 1 and first.stage is not None else None
    return NamedStage(
        name=first.name,
        refs=tuple(row.stage_ref for row in rows),
        vendor_type=first.vendor_type,
        stage=stage,
        passed_over=meanings == {(None, False)},
        several=len(meanings) > 1,
        decided_by=DecidedBy.PERSON if all(row.decided_by == DecidedBy.PERSON for row in rows) else DecidedBy.PROPOSAL,
        proposed=propose_stage(first.vendor_type, first.name),
        events=sum(counts.get(row.stage_ref, (0, 0))[0] for row in rows),
        applications=sum(counts.get(row.stage_ref, (0, 0))[1] for row in rows),
    )


def read_choice(given: str | None) -> Choice | None:
    """What is said of a stage: one of ours by its name, `none`, `proposed` or nothing; None where it is no word."""
    if not given or given == PROPOSED:
        return Decision.AS_PROPOSED
    return Decision.NO_STAGE if given == NO_STAGE else STAGES.get(given)


def change_stage_map(
    session: Session, system: str, given: Mapping[str, str | None], *, revision: Revision, now: dt.datetime
) -> Remapped:
    """Say what stages mean, by their names; the rest stays. What was ever in them is counted anew."""
    state = _hold(session, system, revision, now)
    rows = _rows_by_key(session, system)
    choices = {_key_of(name): read_choice(choice) for name, choice in given.items()}
    _refuse(given, rows, choices)
    meanings = {
        row.stage_ref: _meaning(row, choice)
        for key, choice in choices.items()
        if choice is not None
        for row in rows[key]
    }
    return _apply(session, state, rows, meanings, now)


def undo_stage_map(session: Session, system: str, *, revision: Revision, now: dt.datetime) -> Remapped:
    """Take the last change back; taking that back again is the change itself."""
    state = _hold(session, system, revision, now)
    if not state.previous:
        raise Conflict(_("There is no change of the stage map to take back."))
    meanings: dict[str, Meaning] = {ref: (stage, by) for ref, (stage, by) in state.previous.items()}
    return _apply(session, state, _rows_by_key(session, system), meanings, now)


def _meaning(row: StageMapping, choice: Choice) -> Meaning:
    if choice is Decision.NO_STAGE:
        return (None, DecidedBy.PERSON)
    if choice is Decision.AS_PROPOSED:
        return (propose_stage(row.vendor_type, row.name), DecidedBy.PROPOSAL)
    return (int(choice), DecidedBy.PERSON)


def _refuse(given: Iterable[str], known: Mapping[str, object], choices: Mapping[str, Choice | None]) -> None:
    problems = []
    for name in given:
        if _key_of(name) not in known:
            problems.append(Problem(f"stages.{name}", _("There is no stage of this name; read the map again.")))
        elif choices[_key_of(name)] is None:
            words = ", ".join((*STAGES, NO_STAGE, PROPOSED))
            problems.append(Problem(f"stages.{name}", _("Choose one of %(known)s.", known=words)))
    if problems:
        raise Invalid(problems)


def _apply(
    session: Session,
    state: StageMapState,
    rows: Mapping[str, Sequence[StageMapping]],
    meanings: Mapping[str, Meaning],
    now: dt.datetime,
) -> Remapped:
    """Give stages their meanings, keep those they had, and count anew what was ever in a stage that means another."""
    replaced: dict[str, Any] = {}
    names, moved = set(), set()
    for key, of_name in rows.items():
        for row in of_name:
            before, after = (row.stage, row.decided_by), meanings.get(row.stage_ref)
            if after is None or after == before:
                continue
            waited = row.waits
            row.stage, row.decided_by = after
            replaced[row.stage_ref] = list(before)
            names.add(key)
            if (before[0], waited) != (row.stage, row.waits):
                moved.add(row.stage_ref)
    if replaced:
        state.revision, state.changed_at, state.previous = state.revision + 1, now, replaced
        record(session, Action.CHANGED, "stage_map", state.system, ("stages",))
        session.flush()
    return Remapped(len(names), project_stages_again(session, state.system, moved))


def _hold(session: Session, system: str, revision: Revision, now: dt.datetime) -> StageMapState:
    """The map's state, held for a change, if it still is what the change was made from."""
    lock(session, f"intake:{organisation_of(session)}")
    state = _find_state(session, system)
    if state is None:
        state = StageMapState(system=system, revision=1, changed_at=now, previous={})
        session.add(state)
    if revision not in (None, state.revision):
        raise Stale(
            _(
                "Somebody changed the stage map: it is at revision %(now)s, yours is %(yours)s. Nothing was stored; "
                "read it again and repeat your change.",
                now=state.revision,
                yours=revision,
            )
        )
    return state


def _find_state(session: Session, system: str) -> StageMapState | None:
    return session.scalar(select(StageMapState).where(StageMapState.system == system))
