"""What the invented city intends: its plan in frozen pieces that refer to each other by key.

Money is in integer cents; all dates lie relative to the day the city is built for.
"""

import datetime as dt
from dataclasses import dataclass

from app.planning.aim import Reckoning
from app.planning.asset import AssetStatus, Format
from app.planning.campaign import CampaignKind, CampaignStatus
from app.planning.channel import ChannelKind, CostModel, Weekday
from app.planning.job import JobStatus
from app.planning.placement import PlacementStatus
from app.planning.tracking import AliasKind
from app.reports.reckoning import NO_HISTORY, reckon

CURRENCY = "EUR"
ORGANISATION = "Vaahteralahden kaupungin terveyspalvelut"
HOME = "https://ura.vaahteralahti.example"
"""The career site of a city that does not exist, under a name that nobody can register."""

Texts = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedClaim:
    slug: str
    factor: str
    text: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChannel:
    key: str
    name: str
    kind: ChannelKind
    cost_model: CostModel
    lead_time_days: int
    booking_closes_days: int | None
    booking_closes_on: Weekday | None
    booking_closes_at: str | None
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAlias:
    """What the ATS calls a channel, in the folded form that aliases are compared by."""

    kind: AliasKind
    observed: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCampaign:
    key: str
    name: str
    kind: CampaignKind
    concept: str
    objective: str
    starts_on: dt.date
    ends_on: dt.date | None
    budget_minor: int
    reckoning: Reckoning | None
    jobs: tuple[str, ...]
    """The vacancies it is for, by key; whom it speaks to and what it promises, its placements say."""

    leads_wanted: int | None = None
    """How many people it is to bring into the talent pool, where it is for that and for no vacancy."""

    status: CampaignStatus
    currency: str

    @property
    def expected_funnel(self) -> dict[str, int]:
        """What the city reckoned when it planned: it had no history then."""
        return {} if self.reckoning is None else reckon(NO_HISTORY, self.reckoning).expected()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAsset:
    key: str
    name: str
    format: Format
    claims: tuple[str, ...]
    theme: str
    languages: tuple[str, ...]
    url: str
    alt_text: Texts
    status: AssetStatus = AssetStatus.APPROVED
    variant_of: str | None = None
    shows_people: bool = False
    consent_expires_on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPlacement:
    key: str
    name: str
    campaign: str
    asset: str
    channel: str
    persona: str
    also_for: tuple[str, ...] = ()
    starts_on: dt.date
    ends_on: dt.date | None
    place: str
    audience: str
    planned_cost_minor: int | None
    booked_cost_minor: int | None
    invoiced_cost_minor: int | None
    production_cost_minor: int | None
    target_url: str
    tracking_code: str
    status: PlacementStatus
    currency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedJob:
    key: str
    title: str
    specialty: str
    unit: str
    openings: int
    opens_on: dt.date
    closes_on: dt.date | None
    status: JobStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything the city planned, in the order in which rows can be made of it."""

    organisation: str
    claims: tuple[PlannedClaim, ...]
    channels: tuple[PlannedChannel, ...]
    aliases: tuple[PlannedAlias, ...]
    campaigns: tuple[PlannedCampaign, ...]
    assets: tuple[PlannedAsset, ...]
    placements: tuple[PlannedPlacement, ...]
    jobs: tuple[PlannedJob, ...]
    next_campaign: PlannedCampaign
    next_placements: tuple[PlannedPlacement, ...]
    """What is planned ahead: nobody has met it yet."""

    pool_campaign: PlannedCampaign
    pool_placements: tuple[PlannedPlacement, ...]
    """What asks for an address and not for an application."""

    @property
    def every_campaign(self) -> tuple[PlannedCampaign, ...]:
        return (*self.campaigns, self.pool_campaign, self.next_campaign)

    @property
    def every_placement(self) -> tuple[PlannedPlacement, ...]:
        return (*self.placements, *self.pool_placements, *self.next_placements)

    def placement(self, key: str) -> PlannedPlacement:
        """The placement with this key."""
        return next(placement for placement in self.placements if placement.key == key)
