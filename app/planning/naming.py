"""A naming preset: the pattern that names of placements are made by; a rule while it is locked, else a proposal."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StrictBool
from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.organisation import list_ancestors
from app.database import Base, Shareable, organisation_of
from app.errors import Conflict, Missing, Problem
from app.i18n import _
from app.planning.field import Day, Given, Name, Place, Shown
from app.planning.listing import Stretch, Window, read_stretch
from app.planning.row import (
    PlanRow,
    Revision,
    add_row,
    begin_change,
    check_unique,
    get_row,
    get_row_to_change,
    move_revision,
)

PARTS = ("campaign", "format", "channel", "persona", "place", "year", "month")
NAMED_BY = ("campaign_id", "asset_id", "channel_id", "persona_id", "starts_on", "place")
"""The fields of a placement that its parts come from."""
LONGEST_NAME = 200
_PART = re.compile(r"\{([^{}]*)\}")


class NamingPreset(Shareable, PlanRow, Base):
    __tablename__ = "naming_preset"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)
    shared_by = "shares_presets"
    counts_as_data = False

    name: Mapped[str] = mapped_column(String(200))
    pattern: Mapped[str] = mapped_column(String(200))
    locked: Mapped[bool] = mapped_column(default=False)


def _check_pattern(pattern: str) -> str:
    named = _PART.findall(pattern)
    if not named or not set(named) <= set(PARTS) or set("{}") & set(_PART.sub("", pattern)):
        known = " ".join(f"{{{part}}}" for part in PARTS)
        raise ValueError(_("Write a pattern with text and at least one of %(known)s.", known=known))
    return pattern


Pattern = Annotated[Name, AfterValidator(_check_pattern), Field(examples=["{campaign} {format} {channel} {year}"])]


class NamingPresetIn(Given):
    """A pattern for names of placements; while it is locked, they have the name that it makes and no other."""

    name: Name
    pattern: Pattern = Field(description=f"Text with named parts in braces: {', '.join(PARTS)}.")
    locked: StrictBool = False


class NamingPresetOut(NamingPresetIn, Shown):
    """A naming preset as it is stored."""


class ToName(Given):
    """What a placement to be named brings together; left out, it starts with its campaign."""

    campaign_id: uuid.UUID | None = None
    asset_id: uuid.UUID | None = None
    channel_id: uuid.UUID | None = None
    persona_id: uuid.UUID | None = None
    starts_on: Day | None = None
    place: Place = ""


class ProposedName(BaseModel):
    """The name that a preset makes, and whether it is the only one allowed."""

    name: str
    locked: bool


@dataclass(frozen=True, slots=True)
class NamingPresetFilter:
    """Which naming presets are listed."""

    locked: bool | None = None


def create_naming_preset(session: Session, given: NamingPresetIn, *, now: dt.datetime) -> NamingPreset:
    """Store a new naming preset."""
    begin_change(session)
    _check(session, given, None)
    return add_row(session, NamingPreset(**given.model_dump()), now)


def replace_naming_preset(
    session: Session, preset_id: uuid.UUID, given: NamingPresetIn, *, revision: Revision, now: dt.datetime
) -> NamingPreset:
    """Change a naming preset; placements keep the names they have."""
    preset = get_row_to_change(session, NamingPreset, preset_id, revision)
    _check(session, given, preset)
    for field, value in given.model_dump().items():
        setattr(preset, field, value)
    return move_revision(session, preset, now)


def get_naming_preset(session: Session, preset_id: uuid.UUID) -> NamingPreset:
    """One naming preset."""
    return get_row(session, NamingPreset, preset_id)


def list_naming_presets(session: Session, wanted: NamingPresetFilter, window: Window) -> Stretch[NamingPreset]:
    """Naming presets that fit the filter."""
    statement = select(NamingPreset)
    if wanted.locked is not None:
        statement = statement.where(NamingPreset.locked.is_(wanted.locked))
    return read_stretch(session, statement, NamingPreset, window)


def describe_naming_preset(preset: NamingPreset) -> NamingPresetOut:
    """A naming preset as the API shows it."""
    return NamingPresetOut.model_validate(preset, from_attributes=True)


def find_locked_preset(session: Session) -> NamingPreset | None:
    """The preset by which the organisation names its placements: its own that is locked, else the nearest that is
    shared from above."""
    own = organisation_of(session)
    locked = {one.organisation_id: one for one in session.scalars(select(NamingPreset).where(NamingPreset.locked))}
    line = (own, *(one.id for one in list_ancestors(session, own))) if locked else ()
    return next((locked[one] for one in line if one in locked), None)


def get_preset_named(session: Session, name: str) -> NamingPreset:
    """The organisation's own preset of this name. Raises Missing."""
    own = NamingPreset.organisation_id == organisation_of(session)
    if (found := session.scalar(select(NamingPreset).where(own, NamingPreset.name == name))) is None:
        raise Missing(_("You have no naming preset “%(name)s”.", name=name))
    return found


def state_words(preset: NamingPreset, ruling: NamingPreset | None) -> str:
    """Whether names are made by a preset, given the one that rules."""
    if preset is ruling:
        return _("locked: all of them")
    if preset.locked:
        return _("locked, but a pattern of a nearer organisation is used instead")
    return _("a proposal")


def make_name(pattern: str, parts: Mapping[str, str]) -> str:
    """The name that a pattern makes of its parts."""
    return " ".join(_PART.sub(lambda found: parts[found[1]], pattern).split())


def check_parts(pattern: str, parts: Mapping[str, str]) -> Iterator[Problem]:
    """No part that the pattern names is missing, and the name is not too long."""
    if "place" in _PART.findall(pattern) and not parts["place"]:
        yield Problem("place", _("Say the place: the name is made from it."))
    if len(made := make_name(pattern, parts)) > LONGEST_NAME:
        yield Problem(
            "name",
            _(
                "The preset makes a name of %(n)s characters; at most 200 fit. Shorten a part or the pattern.",
                n=len(made),
            ),
            rests_on=NAMED_BY,
        )


def check_name(preset: NamingPreset | None, name: str, parts: Mapping[str, str]) -> Iterator[Problem]:
    """While a preset is locked, a placement has the name that it makes."""
    if preset is None:
        return
    problems = list(check_parts(preset.pattern, parts))
    yield from problems
    made = make_name(preset.pattern, parts)
    if not problems and name != made:
        yield Problem(
            "name",
            _("The locked preset “%(preset)s” makes the name “%(name)s”; use that.", preset=preset.name, name=made),
            rests_on=NAMED_BY,
        )


def _check(session: Session, given: NamingPresetIn, preset: NamingPreset | None) -> None:
    check_unique(session, NamingPreset, preset, "name", NamingPreset.name == given.name)
    ruling = NamingPreset.locked, NamingPreset.organisation_id == organisation_of(session)
    for other in session.scalars(select(NamingPreset).where(*ruling)) if given.locked else ():
        if other is not preset:
            raise Conflict(
                _(
                    "“%(name)s” is locked already, and only one pattern can be locked. Unlock that one first.",
                    name=other.name,
                )
            )
