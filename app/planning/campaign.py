"""A campaign: a concept with an objective, for a while (burst) or without an end (continuous)."""

import datetime as dt
import enum
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from pydantic import BaseModel, Field, StrictBool
from sqlalchemy import BigInteger, ColumnElement, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.audit import ActorKind, actor_of
from app.database import Base, Shareable, organisation_of
from app.errors import Missing, Problem
from app.i18n import _
from app.planning.aim import Aim, Reckoning, check_aim, check_rates
from app.planning.field import Count, Day, Given, Name, Prose, Shown
from app.planning.listing import Stretch, Window, read_stretch
from app.planning.money import Money, show_money, to_minor
from app.planning.problem import read_as
from app.planning.row import PlanRow, add_row, begin_change, find_taken, get_row, refuse_with


class CampaignKind(enum.StrEnum):
    BURST = "burst"
    CONTINUOUS = "continuous"


class CampaignStatus(enum.StrEnum):
    """The steps of a campaign, in their order."""

    DRAFT = "draft"
    APPROVED = "approved"
    LIVE = "live"
    ENDED = "ended"


class Campaign(Shareable, PlanRow, Base):
    """Of campaigns only the templates are shared, to be copied."""

    __tablename__ = "campaign"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)
    shared_by = "shares_templates"

    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[CampaignKind] = mapped_column(String(12))
    concept: Mapped[str] = mapped_column(String(2000), default="")
    objective: Mapped[str] = mapped_column(String(2000), default="")
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    budget_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    expected_funnel: Mapped[dict[str, Any] | None]
    status: Mapped[CampaignStatus] = mapped_column(String(12), default=CampaignStatus.DRAFT)
    template: Mapped[bool] = mapped_column(default=False)
    aim: Mapped[dict[str, Any] | None]
    reckoning: Mapped[dict[str, Any] | None]
    steps: Mapped[list[dict[str, Any]] | None]
    """When it became what it is, and by whom; nothing of campaigns from before this was kept."""
    pattern: Mapped[str | None] = mapped_column(String(12))
    """What it was planned by, if a pattern made it whole."""

    @classmethod
    def seen_from(cls, units: Sequence[uuid.UUID], above: Sequence[uuid.UUID], /) -> ColumnElement[bool]:
        return cls.organisation_id.in_(units) | (cls.template & super().seen_from(units, above))


class ExpectedFunnel(Given):
    """How many people the campaign is meant to bring to each stage."""

    applied: Count | None = None
    screened: Count | None = None
    interview: Count | None = None
    offer: Count | None = None
    hired: Count | None = None
    started: Count | None = None


class Step(BaseModel):
    """When a campaign came to a status, and who brought it there: a user or a token by key, or a command."""

    status: CampaignStatus
    at: dt.datetime
    by: str
    kind: ActorKind


class CampaignIn(Given):
    """A concept with an objective, for a while (`burst`) or without an end (`continuous`)."""

    stand_ins: ClassVar[Mapping[str, Any]] = {
        "name": "-",
        "kind": CampaignKind.CONTINUOUS,
        "starts_on": dt.date(2000, 1, 1),
    }

    name: Name
    kind: CampaignKind
    concept: Prose = ""
    objective: Prose = ""
    starts_on: Day
    ends_on: Day | None = Field(default=None, description="A burst has one; a continuous campaign only once it ended.")
    budget: Money | None = None
    expected_funnel: ExpectedFunnel | None = None
    aim: Aim = Field(default_factory=Aim)
    reckoning: Reckoning | None = None
    status: CampaignStatus = CampaignStatus.DRAFT
    template: StrictBool = Field(
        default=False, description="To be copied: it stays a draft, and nothing is placed in it."
    )


class CampaignOut(CampaignIn, Shown):
    """A campaign as it is stored."""

    steps: list[Step] = Field(description="When it became what it is, and by whom, the first first.")


@dataclass(frozen=True, slots=True)
class CampaignFilter:
    """Which campaigns are listed; templates are asked for."""

    template: bool = False
    kind: CampaignKind | None = None
    status: CampaignStatus | None = None
    running_on: dt.date | None = None


def create_campaign(session: Session, given: CampaignIn, *, now: dt.datetime) -> Campaign:
    """Store a new campaign."""
    begin_change(session)
    check_campaign(session, given, None)
    campaign = Campaign()
    note_step(session, campaign, given.status, now)
    apply_campaign(campaign, given)
    return add_row(session, campaign, now)


def get_campaign(session: Session, campaign_id: uuid.UUID) -> Campaign:
    """One campaign."""
    return get_row(session, Campaign, campaign_id)


def get_campaign_named(session: Session, name: str, *, shared: bool = False) -> Campaign:
    """The organisation's own campaign of this name or key; where `shared`, else a template that it sees. Raises
    Missing."""
    own = Campaign.organisation_id == organisation_of(session)
    asked = select(Campaign).order_by(own.desc(), Campaign.id).limit(1)
    among = asked if shared else asked.where(own)
    try:
        found = session.scalar(among.where(Campaign.id == uuid.UUID(name)))
    except ValueError:
        found = session.scalar(among.where(Campaign.name == name))
    if found is None:
        raise Missing(_("No campaign has the name or id “%(name)s”.", name=name))
    return found


def list_campaigns(session: Session, wanted: CampaignFilter, window: Window) -> Stretch[Campaign]:
    """Campaigns that fit the filter."""
    statement = select(Campaign).where(Campaign.template.is_(wanted.template))
    if wanted.kind is not None:
        statement = statement.where(Campaign.kind == wanted.kind)
    if wanted.status is not None:
        statement = statement.where(Campaign.status == wanted.status)
    if wanted.running_on is not None:
        statement = statement.where(
            Campaign.starts_on <= wanted.running_on,
            or_(Campaign.ends_on.is_(None), Campaign.ends_on >= wanted.running_on),
        )
    return read_stretch(session, statement, Campaign, window)


def check_campaign(
    session: Session, given: CampaignIn, campaign: Campaign | None, found: Iterable[Problem] = ()
) -> None:
    """A campaign's dates fit its kind, its expectations fall from stage to stage, its name is its own; what is `found`
    beside is told with that."""
    aimed = read_aim(campaign) if campaign is not None else None
    own = Campaign.organisation_id == organisation_of(session)
    taken = find_taken(session, Campaign, campaign, "name", own, Campaign.name == given.name)
    refuse_with(
        [
            *found,
            *_check_dates(given),
            *_check_expectations(given.expected_funnel),
            *_check_template(given),
            *check_aim(session, given.aim, aimed),
            *(check_rates(given.reckoning) if given.reckoning else ()),
        ],
        taken,
    )


def _check_dates(given: CampaignIn) -> list[Problem]:
    if given.kind == CampaignKind.BURST and given.ends_on is None:
        remedy = _("A burst has an end; give one, or make the campaign continuous.")
        return [Problem("ends_on", remedy, rests_on=("kind",))]
    if given.kind == CampaignKind.CONTINUOUS and given.ends_on is not None and given.status != CampaignStatus.ENDED:
        remedy = _("A continuous campaign has no end date until it has ended; take the date out.")
        return [Problem("ends_on", remedy, rests_on=("kind", "status"))]
    if given.ends_on is not None and given.ends_on <= given.starts_on:
        remedy = _("The campaign must end after it starts; move one of the dates.")
        return [Problem("ends_on", remedy, rests_on=("starts_on",))]
    return []


def _check_expectations(expected: ExpectedFunnel | None) -> list[Problem]:
    """Nobody reaches a stage without the ones before it."""
    given = {} if expected is None else expected.model_dump(exclude_none=True)
    stages = list(given)
    return [
        Problem(
            f"expected_funnel.{later}",
            _(
                "This is more people than at %(stage)s, the stage before. Lower one number or raise the other.",
                stage=earlier,
            ),
        )
        for earlier, later in pairwise(stages)
        if given[later] > given[earlier]
    ]


def _check_template(given: CampaignIn) -> list[Problem]:
    if given.template and given.status != CampaignStatus.DRAFT:
        remedy = _("A template stays a draft; copy it, and run the copy.")
        return [Problem("status", remedy, rests_on=("template",))]
    return []


def apply_campaign(campaign: Campaign, given: CampaignIn) -> None:
    """Write what is given into the row."""
    for field, value in given.model_dump(exclude={"budget", "expected_funnel", "aim", "reckoning"}).items():
        setattr(campaign, field, value)
    aim = given.aim.model_dump(mode="json")
    campaign.aim = aim if aim != (campaign.aim or Aim().model_dump(mode="json")) else campaign.aim
    campaign.reckoning = given.reckoning.model_dump(mode="json") if given.reckoning else None
    campaign.budget_minor = to_minor(given.budget) if given.budget else None
    campaign.currency = given.budget.currency if given.budget else None
    expected = given.expected_funnel
    campaign.expected_funnel = expected.model_dump(exclude_none=True) if expected else None


def describe_campaign(campaign: Campaign) -> CampaignOut:
    """A campaign as the API shows it."""
    computed = {
        "budget": show_money(campaign.budget_minor, campaign.currency), "aim": read_aim(campaign),
        "steps": campaign.steps or [],
    }  # fmt: skip
    plain = {name: getattr(campaign, name) for name in CampaignOut.model_fields if name not in computed}
    return CampaignOut.model_validate(plain | computed)


def campaign_as_given(campaign: Campaign) -> dict[str, Any]:
    """What somebody would give to make the campaign as it is."""
    return describe_campaign(campaign).model_dump(include=set(CampaignIn.model_fields))


def campaign_at(campaign: Campaign, status: str, today: dt.date) -> CampaignIn:
    """The campaign as it is, at a status; one that has no end yet ends today. Raises Invalid."""
    changed: dict[str, Any] = {"status": status}
    if status == CampaignStatus.ENDED and campaign.ends_on is None:
        changed["ends_on"] = today
    return read_as(CampaignIn, campaign_as_given(campaign) | changed)


def read_aim(campaign: Campaign) -> Aim:
    """What a campaign aims at."""
    return Aim.model_validate(campaign.aim or {})


def note_step(session: Session, campaign: Campaign, status: CampaignStatus, now: dt.datetime) -> None:
    """Note who brings a campaign to a status, if it is not there already."""
    if campaign.status == status:
        return
    actor = actor_of(session)
    step = Step(status=status, at=now, by=str(actor.id or actor.name), kind=actor.kind)
    campaign.steps = [*(campaign.steps or []), step.model_dump(mode="json")]
