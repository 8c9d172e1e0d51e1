"""A documented persona: a group of doctors, what moves them, what worries them, and what answers that."""

import datetime as dt
import enum
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column, relationship, selectinload
from sqlalchemy.sql.base import ExecutableOption

from app.database import Base, OfOrganisation, Shareable, new_id
from app.errors import Conflict, Missing, Problem
from app.i18n import _
from app.planning.field import Shown
from app.planning.listing import Stretch, Window, read_stretch
from app.planning.persona_schema import (
    LATEST_VERSION,
    CareerStage,
    PersonaIn,
    PersonaOut,
    Specialty,
    check_persona,
)
from app.planning.problem import refuse
from app.planning.row import (
    PlanRow,
    Revision,
    add_row,
    begin_change,
    get_row,
    get_row_to_change,
)


class FactorKind(enum.StrEnum):
    """Why this group would come, or what sets the employer apart."""

    ATTRACTION = "attraction"
    DIFFERENTIATOR = "differentiator"


class Persona(Shareable, PlanRow, Base):
    """One version of a persona; a change of content is a new version, placements keep theirs."""

    __tablename__ = "persona"
    __table_args__ = (UniqueConstraint("organisation_id", "slug", "version"),)
    shared_by = "shares_personas"

    slug: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    specialty: Mapped[str] = mapped_column(String(40))
    career_stage: Mapped[str] = mapped_column(String(40))
    name: Mapped[dict[str, str]]
    summary: Mapped[dict[str, str]]
    situation: Mapped[dict[str, str]]
    tone: Mapped[dict[str, str]]
    avoid: Mapped[dict[str, str]]
    motivations: Mapped[list[dict[str, Any]]]
    worries: Mapped[list[dict[str, Any]]]
    questions: Mapped[list[dict[str, Any]]]
    channels: Mapped[list[dict[str, Any]]]
    evidence: Mapped[list[dict[str, Any]]]
    reviewed_on: Mapped[dt.date]
    factors: Mapped[list["Factor"]] = relationship(
        back_populates="persona", cascade="all, delete-orphan", order_by="Factor.position"
    )


class Factor(Shareable, OfOrganisation, Base):
    """An attraction factor or a differentiator of one persona; its slug stays over versions."""

    __tablename__ = "factor"
    __table_args__ = (UniqueConstraint("persona_id", "slug"),)
    shared_by = "shares_personas"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    persona_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persona.id"), index=True)
    position: Mapped[int]
    slug: Mapped[str] = mapped_column(String(80))
    kind: Mapped[FactorKind] = mapped_column(String(20))
    statement: Mapped[dict[str, str]]
    proof: Mapped[dict[str, str]]
    persona: Mapped[Persona] = relationship(back_populates="factors")


_REASONS = {"factors": FactorKind.ATTRACTION, "differentiators": FactorKind.DIFFERENTIATOR}


@dataclass(frozen=True, slots=True)
class PersonaFilter:
    """Which personas are listed: of each slug the newest version, unless all are asked for."""

    slug: str | None = None
    specialty: Specialty | None = None
    career_stage: CareerStage | None = None
    factor: str | None = None
    all_versions: bool = False


def create_persona(session: Session, given: PersonaIn, *, now: dt.datetime) -> Persona:
    """Store a persona: the first version of its slug, or a later one than is stored."""
    begin_change(session)
    refuse(check_persona(given))
    newest = find_newest_persona(session, given.slug)
    if newest is not None and given.version <= newest.version:
        raise Conflict(
            _(
                "Version %(stored)s of %(slug)s is stored; give a change the version %(next)s or higher.",
                stored=newest.version,
                slug=given.slug,
                next=newest.version + 1,
            )
        )
    return add_row(session, _build(given), now)


def get_persona(session: Session, persona_id: uuid.UUID) -> Persona:
    """One version of a persona."""
    return get_row(session, Persona, persona_id)


def find_newest_persona(session: Session, slug: str) -> Persona | None:
    """The newest version of the persona with this slug, if there is one."""
    return session.scalar(select(Persona).where(Persona.slug == slug).order_by(Persona.version.desc()).limit(1))


def find_version(session: Session, slug: str, version: int) -> Persona | None:
    """This version of the persona with this slug, if there is one."""
    return session.scalar(select(Persona).where(Persona.slug == slug, Persona.version == version))


def get_persona_named(session: Session, name: str) -> Persona:
    """The version of a persona that `slug@2` says, or that has this key; the slug alone is enough where there is one
    version. Raises Missing."""
    slug, _at, version = name.partition("@")
    try:
        wanted = Persona.id == uuid.UUID(name)
    except ValueError:
        wanted = Persona.slug == slug
    found = {str(one.version): one for one in session.scalars(select(Persona).where(wanted))}
    if not found:
        raise Missing(_("There is no persona “%(slug)s”.", slug=slug))
    if version not in found and (version or len(found) > 1):
        there = ", ".join(f"{slug}@{one}" for one in sorted(found, key=int))
        raise Missing(_("Say which version of it: %(known)s.", known=there))
    return found[version] if version else next(iter(found.values()))


def newest_personas(session: Session, *loading: ExecutableOption) -> list[Persona]:
    """Each persona in its newest version, by slug; `loading` says what is read along."""
    statement = select(Persona).options(*loading).order_by(Persona.slug, Persona.version)
    return list({one.slug: one for one in session.scalars(statement)}.values())


def list_personas(session: Session, wanted: PersonaFilter, window: Window) -> Stretch[Persona]:
    """Personas that fit the filter."""
    statement = select(Persona).options(selectinload(Persona.factors))
    if not wanted.all_versions:
        later = aliased(Persona)
        statement = statement.where(
            ~exists().where(
                later.organisation_id == Persona.organisation_id,
                later.slug == Persona.slug,
                later.version > Persona.version,
            )
        )
    if wanted.slug is not None:
        statement = statement.where(Persona.slug == wanted.slug)
    if wanted.specialty is not None:
        statement = statement.where(Persona.specialty == wanted.specialty)
    if wanted.career_stage is not None:
        statement = statement.where(Persona.career_stage == wanted.career_stage)
    if wanted.factor is not None:
        statement = statement.where(Persona.factors.any(Factor.slug == wanted.factor))
    return read_stretch(session, statement, Persona, window)


def replace_persona(
    session: Session, persona_id: uuid.UUID, given: PersonaIn, *, revision: Revision, now: dt.datetime
) -> Persona:
    """Store changed content as the next version, and return that; placements keep the version they have."""
    persona = get_row_to_change(session, Persona, persona_id, revision)
    refuse(check_persona(given))
    newest = find_newest_persona(session, persona.slug)
    if newest is not None and newest is not persona:
        raise Conflict(
            _(
                "Version %(newest)s is newer than this one; change that (%(id)s).",
                newest=newest.version,
                id=newest.id,
            )
        )
    if given.slug != persona.slug:
        refuse([Problem("slug", _("A persona keeps its slug, %(slug)s; create a new persona.", slug=persona.slug))])
    if given.version < persona.version:
        refuse(
            [
                Problem(
                    "version",
                    _("Give version %(n)s or leave %(m)s.", n=persona.version + 1, m=persona.version),
                )
            ]
        )
    if given.model_copy(update={"version": persona.version}) == persona_as_given(persona):
        return persona
    version = max(given.version, persona.version + 1)
    if version > LATEST_VERSION:
        raise Conflict(_("A persona has at most %(n)s versions.", n=LATEST_VERSION))
    return add_row(session, _build(given.model_copy(update={"version": version})), now)


def persona_as_given(persona: Persona) -> PersonaIn:
    """A stored version in the form in which it is written."""
    columns = {name: getattr(persona, name) for name in PersonaIn.model_fields if name not in _REASONS}
    reasons = {
        field: [
            {"slug": factor.slug, "statement": factor.statement, "proof": factor.proof}
            for factor in persona.factors
            if factor.kind == kind
        ]
        for field, kind in _REASONS.items()
    }
    return PersonaIn.model_validate(columns | reasons)


def describe_persona(persona: Persona) -> PersonaOut:
    """A persona as the API shows it."""
    stamps = {name: getattr(persona, name) for name in Shown.model_fields}
    return PersonaOut.model_validate(persona_as_given(persona).model_dump() | stamps)


def _build(given: PersonaIn) -> Persona:
    columns = given.model_dump(mode="json", exclude={*_REASONS, "reviewed_on"})
    reasons = [(kind, reason) for field, kind in _REASONS.items() for reason in getattr(given, field)]
    return Persona(
        **columns,
        reviewed_on=given.reviewed_on,
        factors=[
            Factor(position=position, kind=kind, **reason.model_dump(mode="json"))
            for position, (kind, reason) in enumerate(reasons)
        ],
    )
