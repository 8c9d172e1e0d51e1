"""An asset: one creative, in one format, that makes claims; one person writes it, and another approves it."""

import datetime as dt
import enum
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field
from sqlalchemy import ForeignKey, String, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, Session, column_property, mapped_column, relationship, selectinload

from app.access.audit import Actor, ActorKind, actor_of
from app.database import Base, OfOrganisation, organisation_of
from app.errors import Denied, Missing, Problem
from app.i18n import _
from app.planning.asset_file import AssetFile, Purpose, list_spoken
from app.planning.claim import Claim
from app.planning.field import Day, Given, Language, Languages, Name, Passage, Shown, Theme, Url
from app.planning.listing import Stretch, Window, read_stretch
from app.planning.row import PlanRow, add_row, begin_change, check_exists, find_taken, get_row, refuse_with

CONTENT = ("format", "languages", "url", "alt_text", "shows_people", "claim_ids")
"""What an approval is of: what the ad says and shows, and to whom in which languages."""
WRITTEN = tuple(name for name in CONTENT if name != "alt_text")
"""Whoever changes this is the author. Who only describes what another made did not make it, and may approve it."""
ANSWERS = (ActorKind.USER, ActorKind.TOKEN)
"""Who is held to what was approved; a command answers for itself."""
COMMAND = "kutsu "
"""How the key of a command begins, which a person's or token's never does."""


class Format(enum.StrEnum):
    """What kind of creative it is: the question the first users asked is which of these moved doctors."""

    POSTER = "poster"
    VIDEO = "video"
    SOCIAL_AD = "social_ad"
    DISPLAY_AD = "display_ad"
    SEARCH_AD = "search_ad"
    NEWSLETTER = "newsletter"
    EVENT = "event"
    ARTICLE = "article"
    INTERVIEW = "interview"
    LANDING_PAGE = "landing_page"
    RADIO = "radio"
    PRINT = "print"
    JOB_AD = "job_ad"


OF_WORDS = (
    Format.SEARCH_AD, Format.JOB_AD, Format.ARTICLE, Format.NEWSLETTER, Format.LANDING_PAGE, Format.EVENT,
)  # fmt: skip
"""Formats that are words alone: they are described once a file of theirs shows or says more, or people are shown."""


class AssetStatus(enum.StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


class AssetClaim(OfOrganisation, Base):
    """That an asset makes a claim."""

    __tablename__ = "asset_claim"

    asset_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("asset.id"), primary_key=True)
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claim.id"), primary_key=True, index=True)


class Asset(PlanRow, Base):
    __tablename__ = "asset"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    name: Mapped[str] = mapped_column(String(200))
    format: Mapped[Format] = mapped_column(String(20), index=True)
    variant_of_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("asset.id"))
    theme: Mapped[str | None] = mapped_column(String(80))
    languages: Mapped[list[str]]
    url: Mapped[str | None] = mapped_column(String(2000))
    alt_text: Mapped[dict[str, str]]
    shows_people: Mapped[bool] = mapped_column(default=False)
    consent_expires_on: Mapped[dt.date | None]
    status: Mapped[AssetStatus] = mapped_column(String(12), default=AssetStatus.DRAFT)
    written_by: Mapped[str | None] = mapped_column(String(120))
    approved_by: Mapped[str | None] = mapped_column(String(120))
    approved_at: Mapped[dt.datetime | None]
    """Who wrote it as it is and who approved it: a user or a token by key, or a command; nothing of assets from before
    this was kept."""
    if TYPE_CHECKING:
        has_shown_files: bool
    claim_links: Mapped[list[AssetClaim]] = relationship(cascade="all, delete-orphan")
    claims: Mapped[list[Claim]] = relationship(secondary="asset_claim", viewonly=True, order_by=Claim.slug)


_SHOWN = exists().where(
    AssetFile.asset_id == Asset.id, AssetFile.removed_at.is_(None), AssetFile.purpose != Purpose.CAPTIONS
)
Asset.has_shown_files = column_property(_SHOWN.correlate_except(AssetFile))  # type: ignore[assignment]


class AssetIn(Given):
    """One creative in one format, with the claims it makes."""

    stand_ins: ClassVar[Mapping[str, Any]] = {"name": "-", "format": Format.POSTER, "languages": ["en"]}

    name: Name
    format: Format
    variant_of_id: uuid.UUID | None = Field(default=None, description="The original that this differs from.")
    theme: Theme | None = None
    languages: Languages
    url: Url | None = None
    alt_text: dict[Language, Passage] = Field(
        default_factory=dict,
        description="Alternative text or captions, per language; needed for approval unless the ad is words alone.",
    )
    shows_people: bool = Field(default=False, strict=True)
    consent_expires_on: Day | None = Field(default=None, description="Until when the people shown have agreed to it.")
    claim_ids: Annotated[list[uuid.UUID], Field(max_length=20)] = Field(default_factory=list)
    status: AssetStatus = AssetStatus.DRAFT


class AssetOut(AssetIn, Shown):
    """An asset as it is stored."""

    written_by: str | None = Field(
        description="The user or token, by key, that wrote it as it is, or a command; describing it is not writing it."
    )
    approved_by: str | None
    approved_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class AssetFilter:
    """Which assets are listed."""

    format: Format | None = None
    status: AssetStatus | None = None
    theme: str | None = None
    claim_id: uuid.UUID | None = None
    variant_of_id: uuid.UUID | None = None


def create_asset(session: Session, given: AssetIn, *, now: dt.datetime) -> Asset:
    """Store a new asset."""
    begin_change(session)
    check_asset(session, given, None)
    asset = Asset()
    note_hands(session, asset, given, now)
    apply_asset(session, asset, given)
    return add_row(session, asset, now)


def get_asset(session: Session, asset_id: uuid.UUID) -> Asset:
    """One asset."""
    return get_row(session, Asset, asset_id)


def get_asset_named(session: Session, name: str) -> Asset:
    """The asset of this name or key. Raises Missing."""
    try:
        wanted = Asset.id == uuid.UUID(name)
    except ValueError:
        wanted = Asset.name == name
    found = session.scalar(select(Asset).where(wanted))
    if found is None:
        raise Missing(_("No asset has the name or id “%(name)s”.", name=name))
    return found


def list_assets(session: Session, wanted: AssetFilter, window: Window) -> Stretch[Asset]:
    """Assets that fit the filter."""
    statement = select(Asset).options(selectinload(Asset.claim_links))
    for column in ("format", "status", "theme", "variant_of_id"):
        if (value := getattr(wanted, column)) is not None:
            statement = statement.where(getattr(Asset, column) == value)
    if wanted.claim_id is not None:
        statement = statement.where(Asset.claim_links.any(AssetClaim.claim_id == wanted.claim_id))
    return read_stretch(session, statement, Asset, window)


def check_asset(session: Session, given: AssetIn, asset: Asset | None, found: Iterable[Problem] = ()) -> None:
    """What an asset says of itself is whole, its claims and its original are there, its name is its own; what is
    `found` beside is told with that."""
    spoken = list_spoken(session, asset.id) if asset is not None else set()
    shown = asset is not None and asset.has_shown_files
    problems = [*found, *_check_claims(session, given), *_check_consent(given), *_check_alt_text(given, spoken, shown)]
    problems += [*_check_original(session, given, asset), *_check_approval(session, given, asset)]
    refuse_with(problems, find_taken(session, Asset, asset, "name", Asset.name == given.name))


def _check_claims(session: Session, given: AssetIn) -> Iterator[Problem]:
    for index, claim_id in enumerate(given.claim_ids):
        missing: list[Problem] = []
        check_exists(session, Claim, claim_id, f"claim_ids[{index}]", missing)
        yield from missing
        if claim_id in given.claim_ids[:index]:
            yield Problem(f"claim_ids[{index}]", _("This claim is named twice; take one out."))


def _check_consent(given: AssetIn) -> Iterator[Problem]:
    if given.shows_people and given.consent_expires_on is None:
        remedy = _("The asset shows people; say until when they have agreed to it.")
        yield Problem("consent_expires_on", remedy, rests_on=("shows_people",))
    if not given.shows_people and given.consent_expires_on is not None:
        remedy = _("The asset shows nobody; take this out, or say that it shows people.")
        yield Problem("consent_expires_on", remedy, rests_on=("shows_people",))


def _check_alt_text(given: AssetIn, spoken: set[str], shown: bool) -> Iterator[Problem]:
    for language in given.alt_text:
        if language not in given.languages:
            remedy = _("The asset is not in this language; add it to languages.")
            yield Problem(f"alt_text.{language}", remedy, rests_on=("languages",))
    for code in sorted(spoken - {str(language) for language in given.languages}):
        yield Problem("languages", _("A file of the asset is in the language “%(code)s”; remove it first.", code=code))
    if given.status == AssetStatus.APPROVED and not is_words_alone(given, shown):
        for wanted in given.languages:
            if wanted not in given.alt_text:
                remedy = _("An approved asset needs its alternative text or captions.")
                yield Problem(f"alt_text.{wanted}", remedy, rests_on=("languages", "status"))


def is_words_alone(asset: Asset | AssetIn, shown: bool) -> bool:
    """Whether there is nothing that somebody might not see or hear: a screen is read aloud as it stands."""
    return asset.format in OF_WORDS and not shown and not asset.shows_people


def list_undescribed(asset: Asset) -> list[str]:
    """The languages of a draft that it is not described in yet: it cannot be approved without."""
    if asset.status != AssetStatus.DRAFT or is_words_alone(asset, asset.has_shown_files):
        return []
    return [code for code in asset.languages if code not in asset.alt_text]


def _check_original(session: Session, given: AssetIn, asset: Asset | None) -> Iterator[Problem]:
    """Variants stand one level below their original, to be compared with it and to form no ring."""
    if given.variant_of_id is None:
        return
    missing: list[Problem] = []
    original = check_exists(session, Asset, given.variant_of_id, "variant_of_id", missing)
    yield from missing
    if original is None:
        return
    if original is asset:
        yield Problem(
            "variant_of_id", _("An asset cannot be a variant of itself; name its original, or leave this empty.")
        )
    elif original.variant_of_id is not None:
        yield Problem(
            "variant_of_id",
            _(
                "That asset is a variant itself; name its original, “%(name)s”.",
                name=get_asset(session, original.variant_of_id).name,
            ),
        )
    elif asset is not None and session.scalar(select(Asset.id).where(Asset.variant_of_id == asset.id).limit(1)):
        yield Problem("variant_of_id", _("This asset has variants of its own; it cannot be one."))
    if original.format != given.format:
        remedy = _("A variant has its original's format, %(format)s.", format=original.format)
        yield Problem("format", remedy, rests_on=("variant_of_id",))


def _check_approval(session: Session, given: AssetIn, asset: Asset | None) -> Iterator[Problem]:
    """Who answers is held to what was approved. A command answers for itself, since it also reads back whole plans."""
    if actor_of(session).kind in ANSWERS:
        yield from check_hands(session, given, asset)


def check_hands(session: Session, given: AssetIn, asset: Asset | None) -> Iterator[Problem]:
    """A person approves what another wrote, and what was approved is not written anew: it would be another ad. What a
    command wrote, no command approves: nobody knows that another hand gave it."""
    actor = actor_of(session)
    was_approved = asset is not None and asset.status == AssetStatus.APPROVED
    changed = _changes(asset, given, CONTENT)
    if was_approved and changed:
        yield _approved_as_it_is()
    approves = given.status == AssetStatus.APPROVED and not was_approved
    if approves and actor.kind is ActorKind.TOKEN:
        remedy = _(
            "A machine cannot approve an asset. Send it as a draft, and ask somebody who signs in to approve it "
            "(Assets)."
        )
        raise Denied(remedy)
    if approves and (asset is None or changed or _wrote(actor, asset)):
        remedy = (
            _("It was written by a command; somebody approves it who signs in (Assets).")
            if actor.kind is ActorKind.COMMAND
            else _("Somebody else approves what you wrote; keep it as a draft, and ask them to look.")
        )
        yield Problem("status", remedy)


def _wrote(actor: Actor, asset: Asset) -> bool:
    """Whether somebody wrote an asset, as far as is known; of commands only that one did."""
    if actor.kind is ActorKind.COMMAND:
        return asset.written_by is not None and asset.written_by.startswith(COMMAND)
    return asset.written_by == actor_key(actor)


def approved_as_it_is(session: Session, asset: Asset) -> Iterator[Problem]:
    """Why nobody but a command changes what an asset says and shows, where it was approved."""
    if asset.status == AssetStatus.APPROVED and actor_of(session).kind in ANSWERS:
        yield _approved_as_it_is()


def _approved_as_it_is() -> Problem:
    remedy = _("It was approved as it is; retire it, and make a variant that says something else.")
    return Problem("status", remedy, rests_on=CONTENT)


def note_hands(session: Session, asset: Asset, given: AssetIn, now: dt.datetime) -> None:
    """Note who writes it and who approves it, before what is given is written into the row."""
    actor = actor_key(actor_of(session))
    if asset.written_by is None or (_changes(asset, given, WRITTEN) and asset.status != AssetStatus.APPROVED):
        asset.written_by = actor
    if given.status == AssetStatus.APPROVED and asset.status != AssetStatus.APPROVED:
        asset.approved_by, asset.approved_at = actor, now


def _changes(asset: Asset | None, given: AssetIn, fields: Sequence[str]) -> bool:
    """Whether what is given says something else in these fields than the asset does."""
    if asset is None or asset.status is None:
        return True
    shown = describe_asset(asset)
    return any(_plain(getattr(given, name)) != _plain(getattr(shown, name)) for name in fields)


def actor_key(actor: Actor) -> str:
    """An actor as it is kept: a user's key, a token's, or a command."""
    return str(actor.id or actor.name)


def _plain(value: object) -> object:
    return sorted(value, key=str) if isinstance(value, list) else value


def apply_asset(session: Session, asset: Asset, given: AssetIn) -> None:
    """Write what is given into the row."""
    for field, value in given.model_dump(exclude={"claim_ids"}).items():
        setattr(asset, field, value)
    kept = {link.claim_id: link for link in asset.claim_links}
    if kept.keys() != set(given.claim_ids):
        organisation = organisation_of(session)
        asset.claim_links = [
            kept.get(claim_id) or AssetClaim(organisation_id=organisation, claim_id=claim_id)
            for claim_id in given.claim_ids
        ]


def describe_asset(asset: Asset) -> AssetOut:
    """An asset as the API shows it."""
    plain = {name: getattr(asset, name) for name in AssetOut.model_fields if name != "claim_ids"}
    return AssetOut.model_validate(plain | {"claim_ids": sorted(link.claim_id for link in asset.claim_links)})
