"""A placement: an asset in a channel for a time, at a cost; it publishes a tracking code."""

import datetime as dt
import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy import BigInteger, ColumnElement, ForeignKey, String, Subquery, or_, select, union_all
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from app.database import Base, OfOrganisation
from app.errors import Missing
from app.i18n import _
from app.planning.asset import Asset, Format
from app.planning.campaign import Campaign
from app.planning.channel import Channel, ChannelKind, Deadline
from app.planning.field import NOBODY, Day, Given, Name, Note, Place, Shown, Url
from app.planning.listing import Stretch, Window, read_stretch
from app.planning.money import Money, Percent, add_tax, show_money, to_percent
from app.planning.persona import Persona
from app.planning.row import PlanRow, get_row
from app.planning.tracking import ALPHABET, CODE_LENGTH, link, read_code, slugify

FLIGHT_COSTS = ("planned_cost", "booked_cost", "invoiced_cost")
"""What showing an asset costs, from the least known to the best."""
COSTS = (*FLIGHT_COSTS, "production_cost")


class PlacementStatus(enum.StrEnum):
    """The steps of a placement; from live on its link is frozen."""

    PLANNED = "planned"
    LIVE = "live"
    ENDED = "ended"


class PlacementPersona(OfOrganisation, Base):
    """That a placement is for one more version of a persona, beside its first."""

    __tablename__ = "placement_persona"

    placement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("placement.id"), primary_key=True)
    persona_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persona.id"), primary_key=True, index=True)
    persona: Mapped[Persona] = relationship()


class Placement(PlanRow, Base):
    __tablename__ = "placement"

    name: Mapped[str] = mapped_column(String(200))
    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    asset_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("asset.id"), index=True)
    channel_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("channel.id"), index=True)
    persona_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persona.id"), index=True)
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    place: Mapped[str] = mapped_column(String(200), default="")
    audience: Mapped[str] = mapped_column(String(500), default="")
    planned_cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    booked_cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    invoiced_cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    vat_hundredths: Mapped[int | None]
    production_cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    linked_on: Mapped[dt.date | None]
    """The organisation's day since when its link is what it is; unknown of placements from before this was kept."""
    target_url: Mapped[str] = mapped_column(String(2000))
    tracking_code: Mapped[str] = mapped_column(String(16), unique=True)
    came_as: Mapped[str | None] = mapped_column(String(16), index=True)
    """Its code in the file of the plan that it was read from, where that is another organisation's here."""
    ats_source_ref: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[PlacementStatus] = mapped_column(String(12), default=PlacementStatus.PLANNED)
    campaign: Mapped[Campaign] = relationship()
    asset: Mapped[Asset] = relationship()
    channel: Mapped[Channel] = relationship()
    persona: Mapped[Persona] = relationship()
    further_links: Mapped[list[PlacementPersona]] = relationship(cascade="all, delete-orphan")

    @property
    def also_for_ids(self) -> list[uuid.UUID]:
        return [one.id for one in self.personas[1:]]

    @property
    def personas(self) -> list[Persona]:
        """All whom it is for: the first, then the others by what they are called."""
        return [self.persona, *sorted((link.persona for link in self.further_links), key=lambda one: one.slug)]


def _check_code(text: str) -> str:
    if (code := read_code(text)) is None:
        raise ValueError(
            _(
                "A tracking code has %(n)s characters of %(alphabet)s, a digit and a letter among them; "
                "leave it out and one is made.",
                n=CODE_LENGTH,
                alphabet=ALPHABET,
            )
        )
    return code


Code = Annotated[str, StringConstraints(max_length=40), AfterValidator(_check_code), Field(examples=["h7k2mq"])]


class PlacementIn(Given):
    """An asset in a channel for a time, at a cost, for one version of a persona."""

    stand_ins: ClassVar[Mapping[str, Any]] = {
        "name": "-", "starts_on": dt.date(2000, 1, 1), "target_url": "https://example.org",
        **dict.fromkeys(("campaign_id", "asset_id", "channel_id", "persona_id"), NOBODY),
    }  # fmt: skip

    name: Name
    campaign_id: uuid.UUID
    asset_id: uuid.UUID
    channel_id: uuid.UUID
    persona_id: uuid.UUID = Field(description="The id of one version of a persona; the placement keeps it.")
    also_for_ids: Annotated[list[uuid.UUID], Field(max_length=20)] = Field(
        default_factory=list,
        description="One version each of the further personas that it is for: it counts under every one of them.",
    )
    starts_on: Day
    ends_on: Day | None = Field(default=None, description="Needed unless the campaign is continuous.")
    place: Place = ""
    audience: Note = ""
    planned_cost: Money | None = None
    booked_cost: Money | None = None
    invoiced_cost: Money | None = None
    vat_percent: Percent | None = Field(
        default=None, description="The tax that comes on top: all costs are without it."
    )
    production_cost: Money | None = Field(default=None, description="Making it, apart from what showing it costs.")
    target_url: Url
    tracking_code: Code | None = Field(default=None, description="Left out, one is made, or the one there is stays.")
    ats_source_ref: Place | None = Field(default=None, description="What the source made by hand in the ATS is called.")
    status: PlacementStatus = PlacementStatus.PLANNED


class PlacementOut(PlacementIn, Shown):
    """A placement as it is stored, with the link to publish."""

    tracking_code: str
    link: str = Field(description="The target with the tracking code; frozen once the placement has gone live.")
    cost_with_vat: Money | None = Field(description="The best known cost with the tax on top, where its rate is known.")
    linked_late: bool = Field(description="The flight began before the link was there: what came before has no link.")
    short_path: str = Field(description="Where this installation leads on to the link: to print and publish.")


@dataclass(frozen=True, slots=True)
class PlacementFilter:
    """Which placements are listed; `running_from` and `running_to` keep flights that overlap these days."""

    campaign_id: uuid.UUID | None = None
    asset_id: uuid.UUID | None = None
    channel_id: uuid.UUID | None = None
    persona_id: uuid.UUID | None = None
    persona: str | None = None
    format: Format | None = None
    status: PlacementStatus | None = None
    tracking_code: str | None = None
    running_from: dt.date | None = None
    running_to: dt.date | None = None


def get_placement(session: Session, placement_id: uuid.UUID) -> Placement:
    """One placement."""
    return get_row(session, Placement, placement_id)


def get_placement_named(session: Session, name: str) -> Placement:
    """The placement of this tracking code or key. Raises Missing."""
    try:
        key = uuid.UUID(name)
    except ValueError:
        key = None
    wanted = Placement.tracking_code == name if key is None else Placement.id == key
    placement = session.scalar(select(Placement).where(wanted))
    if placement is None:
        raise Missing(_("No placement has the tracking code or id “%(name)s”.", name=name))
    return placement


def list_placements(session: Session, wanted: PlacementFilter, window: Window) -> Stretch[Placement]:
    """Placements that fit the filter."""
    statement = select(Placement).options(joinedload(Placement.campaign), joinedload(Placement.channel))
    for column in ("campaign_id", "asset_id", "channel_id", "status", "tracking_code"):
        if (value := getattr(wanted, column)) is not None:
            statement = statement.where(getattr(Placement, column) == value)
    if wanted.persona_id is not None:
        statement = statement.where(is_for(Persona.id == wanted.persona_id))
    if wanted.persona is not None:
        statement = statement.where(is_for(Persona.slug == wanted.persona))
    if wanted.format is not None:
        statement = statement.where(Placement.asset.has(Asset.format == wanted.format))
    if wanted.running_from is not None:
        statement = statement.where(or_(Placement.ends_on.is_(None), Placement.ends_on >= wanted.running_from))
    if wanted.running_to is not None:
        statement = statement.where(Placement.starts_on <= wanted.running_to)
    return read_stretch(session, statement, Placement, window)


def is_for(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """That a placement is for such a persona, first or beside others."""
    return or_(Placement.persona.has(which), Placement.further_links.any(PlacementPersona.persona.has(which)))


def placed_for() -> Subquery:
    """Every pair of a placement and a version of a persona that it is for, as `placement_id` and `persona_id`."""
    return union_all(
        select(Placement.id.label("placement_id"), Placement.persona_id),
        select(PlacementPersona.placement_id, PlacementPersona.persona_id),
    ).subquery()


MEDIUM = {
    ChannelKind.OUT_OF_HOME: "out-of-home",
    ChannelKind.SOCIAL: "social",
    ChannelKind.SEARCH: "cpc",
    ChannelKind.DISPLAY: "display",
    ChannelKind.VIDEO: "video",
    ChannelKind.EMAIL: "email",
    ChannelKind.EVENT: "event",
    ChannelKind.REFERRAL: "referral",
    ChannelKind.JOB_BOARD: "job-board",
    ChannelKind.RADIO: "radio",
    ChannelKind.PRINT: "print",
    ChannelKind.OWN_SITE: "own-site",
}
"""What a link says in `utm_medium`, in the words that analytics tools group by."""


def name_in_link(row: Campaign | Channel, name: str) -> str:
    """A campaign's or channel's name as a link parameter; without a Latin letter, its key's end."""
    return slugify(name) or row.id.hex[-8:]


def placement_link(placement: Placement, vendor: str | None = None) -> str:
    """The link to publish, with the parameter that the connected ATS keeps when there is one."""
    return link(
        placement.target_url,
        placement.tracking_code,
        source=name_in_link(placement.channel, placement.channel.name),
        medium=MEDIUM[ChannelKind(placement.channel.kind)],
        campaign=name_in_link(placement.campaign, placement.campaign.name),
        vendor=vendor,
    )


def best_known_cost(placement: Placement) -> int | None:
    """What is invoiced, else booked, else planned."""
    stated = (placement.invoiced_cost_minor, placement.booked_cost_minor, placement.planned_cost_minor)
    return next((minor for minor in stated if minor is not None), None)


def cost_with_vat(placement: Placement) -> int | None:
    """The best known cost with the tax on top; unknown while either is."""
    cost = best_known_cost(placement)
    return None if cost is None or placement.vat_hundredths is None else add_tax(cost, placement.vat_hundredths)


def is_linked_late(placement: Placement) -> bool:
    """Whether the flight began before the link was there: what people met until then led nowhere that is measured."""
    return placement.linked_on is not None and placement.starts_on < placement.linked_on


def is_booked(placement: Placement) -> bool:
    """Whether it is known what was agreed or paid."""
    return placement.booked_cost_minor is not None or placement.invoiced_cost_minor is not None


def book_by(placement: Placement) -> Deadline | None:
    """Until when it is to be booked; None where nobody is asked ahead, or it is booked, paid or running already."""
    if is_booked(placement) or placement.status != PlacementStatus.PLANNED:
        return None
    return placement.channel.book_by(placement.starts_on)


def describe_placement(placement: Placement, vendor: str | None = None) -> PlacementOut:
    """A placement as the API shows it."""
    computed: dict[str, Money | str | bool | None] = {
        cost: show_money(getattr(placement, f"{cost}_minor"), placement.currency) for cost in COSTS
    }
    computed |= {
        "vat_percent": None if placement.vat_hundredths is None else to_percent(placement.vat_hundredths),
        "cost_with_vat": show_money(cost_with_vat(placement), placement.currency),
        "linked_late": is_linked_late(placement),
        "link": placement_link(placement, vendor),
        "short_path": f"/k/{placement.tracking_code}",
    }
    plain = {name: getattr(placement, name) for name in PlacementOut.model_fields if name not in computed}
    return PlacementOut.model_validate(plain | computed)
