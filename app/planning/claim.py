"""A claim: the promise an asset makes; it carries one factor."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, Shareable, organisation_of
from app.errors import Missing, Problem
from app.i18n import _
from app.planning.field import Given, Shown, Slug, Texts
from app.planning.listing import Stretch, Window, read_stretch
from app.planning.persona import Factor
from app.planning.row import PlanRow, add_row, begin_change, find_taken, get_row, refuse_with


class Claim(Shareable, PlanRow, Base):
    """A promise in words, per language; `factor` is the slug of the factor that it carries."""

    __tablename__ = "claim"
    __table_args__ = (UniqueConstraint("organisation_id", "slug"),)
    shared_by = "shares_claims"

    slug: Mapped[str] = mapped_column(String(80))
    factor: Mapped[str] = mapped_column(String(80), index=True)
    text: Mapped[dict[str, str]]


class ClaimIn(Given):
    """A promise in words; `factor` is the slug of a factor that some persona has."""

    slug: Slug
    factor: Slug
    text: Texts


class ClaimOut(ClaimIn, Shown):
    """A claim as it is stored."""


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """Which claims are listed."""

    factor: str | None = None
    slug: str | None = None


def create_claim(session: Session, given: ClaimIn, *, now: dt.datetime) -> Claim:
    """Store a new claim."""
    begin_change(session)
    check_claim(session, given, None)
    return add_row(session, Claim(**given.model_dump()), now)


def get_claim(session: Session, claim_id: uuid.UUID) -> Claim:
    """One claim."""
    return get_row(session, Claim, claim_id)


def get_claim_named(session: Session, name: str) -> Claim:
    """The claim of this slug or key; of two of one slug the organisation's own. Raises Missing."""
    try:
        wanted = Claim.id == uuid.UUID(name)
    except ValueError:
        wanted = Claim.slug == name
    own = Claim.organisation_id == organisation_of(session)
    found = session.scalar(select(Claim).where(wanted).order_by(own.desc(), Claim.id).limit(1))
    if found is None:
        raise Missing(_("No promise has the slug or id “%(name)s”.", name=name))
    return found


def list_claims(session: Session, wanted: ClaimFilter, window: Window) -> Stretch[Claim]:
    """Claims that fit the filter."""
    statement = select(Claim)
    if wanted.factor is not None:
        statement = statement.where(Claim.factor == wanted.factor)
    if wanted.slug is not None:
        statement = statement.where(Claim.slug == wanted.slug)
    return read_stretch(session, statement, Claim, window)


def check_claim(session: Session, given: ClaimIn, claim: Claim | None) -> None:
    """A claim's slug is its own, and its factor is one of some persona's."""
    known = session.scalar(select(Factor.id).where(Factor.slug == given.factor).limit(1)) is not None
    remedy = _("No persona has a factor %(slug)s; load one that has it, or name another factor.", slug=given.factor)
    refuse_with(
        [] if known else [Problem("factor", remedy)],
        find_taken(session, Claim, claim, "slug", Claim.slug == given.slug),
    )


def describe_claim(claim: Claim) -> ClaimOut:
    """A claim as the API shows it."""
    return ClaimOut.model_validate(claim, from_attributes=True)
