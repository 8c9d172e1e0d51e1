"""What needs a person, found by plain questions to the plan and the record."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import from_micros
from app.funnel.application import Application
from app.funnel.stage import StageMapping
from app.planning.channel import Channel, CostModel
from app.planning.persona import Persona
from app.planning.placement import Placement, PlacementStatus
from app.planning.tracking import AliasKind, SourceAlias

REVIEW_AFTER = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Observed:
    """Something an ATS kept of a source, how many applications carry it, and when the last of them came."""

    text: str
    applications: int
    last: dt.datetime


def unmatched_codes(session: Session) -> list[Observed]:
    """Codes that came with applications and belong to no placement, the most frequent first."""
    known = select(Placement.tracking_code)
    return _observed(session, Application.code, Application.code.is_not(None), Application.code.not_in(known))


def unknown_labels(session: Session) -> list[Observed]:
    """Source labels of applications without a code that nobody has said the meaning of, the most frequent first."""
    known = select(SourceAlias.observed).where(SourceAlias.kind == AliasKind.LABEL)
    return _observed(
        session, Application.label,
        Application.code.is_(None), Application.label.is_not(None), Application.label.not_in(known),
    )  # fmt: skip


def _observed(session: Session, column: object, *conditions: object) -> list[Observed]:
    n = func.count()
    rows = session.execute(
        select(column, n, func.max(Application.applied_at))  # type: ignore[call-overload]
        .where(*conditions)
        .group_by(column)
        .order_by(n.desc(), column)
    )
    return [Observed(text, count, from_micros(last)) for text, count, last in rows]


def placements_without_cost(session: Session) -> list[Placement]:
    """Placements that have run, in channels that cost money, of which no amount is known at all."""
    costs = (Placement.invoiced_cost_minor, Placement.booked_cost_minor, Placement.planned_cost_minor)
    return list(
        session.scalars(
            select(Placement)
            .join(Channel, Channel.id == Placement.channel_id)
            .where(
                Placement.status != PlacementStatus.PLANNED,
                Channel.cost_model != CostModel.FREE,
                *(cost.is_(None) for cost in costs),
            )
            .order_by(Placement.starts_on.desc(), Placement.name)
        )
    )


def unmapped_stages(session: Session) -> list[StageMapping]:
    """Stages of connected systems of which nobody has said what they mean."""
    rows = select(StageMapping).where(StageMapping.stage.is_(None)).order_by(StageMapping.system, StageMapping.name)
    return list(session.scalars(rows))


def personas_to_review(session: Session, today: dt.date) -> list[Persona]:
    """The newest version of each persona that was last reviewed more than a year ago, the oldest first."""
    old = [one for one in newest_personas(session) if one.reviewed_on < today - REVIEW_AFTER]
    return sorted(old, key=lambda one: one.reviewed_on)


def newest_personas(session: Session) -> list[Persona]:
    """Each persona in its newest version, by slug."""
    newest = {one.slug: one for one in session.scalars(select(Persona).order_by(Persona.slug, Persona.version))}
    return list(newest.values())
