"""The plan as reports need it: placements with everything that is known of them, and what observed names stand for."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.access.link_host import lies_on
from app.access.organisation import list_link_hosts
from app.database import organisation_of
from app.i18n import _, pick
from app.planning.asset import Asset
from app.planning.channel import Channel
from app.planning.claim import Claim
from app.planning.job import Job, JobStatus
from app.planning.persona import Factor
from app.planning.placement import Placement, PlacementPersona, PlacementStatus
from app.planning.tracking import AliasKind, SourceAlias
from app.reports.answers import Basis
from app.reports.names import format_name
from app.reports.scope import By, Filters
from app.reports.spending import Flight, Spending, load_spending


@dataclass(frozen=True, slots=True)
class PlacementCost:
    """The best known cost of a placement: invoiced, else spent by the platform's files, else booked, else planned.
    Files that lack days of its flight tell its cost only where nothing else does."""

    minor: int
    currency: str
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPlacement:
    """One placement with the names of all it is made of."""

    id: uuid.UUID
    code: str
    name: str
    starts_on: dt.date
    ends_on: dt.date | None
    ran: bool
    """Whether it has gone live: what is only planned may never have run."""
    ended: bool
    """Whether it was ended, whatever its days say."""
    cost: PlacementCost | None
    groups: dict[By, tuple[tuple[str, str], ...]]
    """For each split, the rows this placement belongs to: their keys and labels."""

    channel_id: uuid.UUID
    campaign_id: uuid.UUID
    personas: frozenset[str]
    format: str
    place: str

    def is_over(self, day: dt.date) -> bool:
        """Whether it runs no more on a day, so that it brings no more applicants."""
        return self.ended or (self.ends_on is not None and self.ends_on < day)

    def meets(self, filters: Filters) -> bool:
        """Whether this placement is inside the filters on the plan."""
        return (
            filters.campaign in (None, self.campaign_id)
            and filters.channel in (None, self.channel_id)
            and (filters.persona is None or filters.persona in self.personas)
            and filters.format in (None, self.format)
            and filters.placement in (None, self.id)
            and filters.place in (None, self.place)
        )


@dataclass(frozen=True, slots=True)
class Vacancy:
    """Openings of one job, from day to day; without a last day they are open still."""

    opens_on: dt.date
    closes_on: dt.date | None
    openings: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All placements in a fixed order, vacancies, and what observed codes, labels, hosts and jobs lead to."""

    placements: tuple[PlannedPlacement, ...]
    vacancies: tuple[Vacancy, ...]
    channels: tuple[tuple[uuid.UUID, str], ...]
    by_code: dict[str, int]
    placement_by_name: dict[tuple[AliasKind, str], int]
    channel_by_name: dict[tuple[AliasKind, str], int]
    observed_jobs: dict[uuid.UUID, frozenset[bytes]]
    """For each vacancy that is said to be jobs of connected systems: the keys of these in the record."""
    own_hosts: tuple[str, ...] = ()
    """Where the organisation's links lead: that somebody came from there tells nothing of how they came there."""

    def is_own(self, name: str | None) -> bool:
        """Whether an observed label or host is one of the organisation's own."""
        return name is not None and any(lies_on(host, self.own_hosts) for host in (name, f"www.{name}"))


def load_plan(session: Session) -> Plan:
    """Read the organisation's plan; labels and persona names in the reader's language."""
    rows = session.scalars(
        select(Placement)
        .options(
            joinedload(Placement.asset).selectinload(Asset.claims),
            joinedload(Placement.channel),
            joinedload(Placement.campaign),
            joinedload(Placement.persona),
            selectinload(Placement.further_links).joinedload(PlacementPersona.persona),
        )
        .order_by(Placement.starts_on, Placement.name, Placement.id)
    ).all()
    factor_names = _factor_names(session, {one.id for row in rows for one in row.personas})
    spending = load_spending(session, [Flight(row.id, row.tracking_code, row.starts_on, row.ends_on) for row in rows])
    placements = tuple(_describe(row, factor_names, spending.get(row.id)) for row in rows)
    channels = tuple(
        (id, name) for id, name in session.execute(select(Channel.id, Channel.name).order_by(Channel.name, Channel.id))
    )
    place = {placement.id: index for index, placement in enumerate(placements)}
    where = {id: index for index, (id, _name) in enumerate(channels)}
    aliases = session.scalars(select(SourceAlias)).all()
    said = {one.observed: place[one.placement_id] for one in aliases
            if one.kind == AliasKind.CODE and one.placement_id in place}  # fmt: skip
    return Plan(
        placements=placements,
        vacancies=_vacancies(session),
        channels=channels,
        by_code=said | {placement.code: index for index, placement in enumerate(placements)},
        placement_by_name={
            (alias.kind, alias.observed): place[alias.placement_id] for alias in aliases if alias.placement_id in place
        },
        channel_by_name={
            (alias.kind, alias.observed): where[alias.channel_id] for alias in aliases if alias.channel_id in where
        },
        observed_jobs={
            id: frozenset(map(bytes.fromhex, keys))
            for id, keys in session.execute(select(Job.id, Job.observed_jobs).where(Job.observed_jobs.is_not(None)))
            if keys
        },
        own_hosts=tuple(list_link_hosts(session, organisation_of(session))),
    )


def _vacancies(session: Session) -> tuple[Vacancy, ...]:
    """Those of which it is known until when they were open: a filled or closed one may lack its last day."""
    known = or_(Job.status == JobStatus.OPEN, Job.closes_on.is_not(None))
    rows = session.execute(select(Job.opens_on, Job.closes_on, Job.openings).where(known).order_by(Job.opens_on))
    return tuple(Vacancy(*row) for row in rows)


def _factor_names(session: Session, personas: set[uuid.UUID]) -> dict[str, str]:
    rows = session.scalars(select(Factor).where(Factor.persona_id.in_(personas)).order_by(Factor.slug, Factor.id))
    names: dict[str, str] = {}
    for factor in rows:
        names.setdefault(factor.slug, pick(factor.statement))
    return names


def _describe(row: Placement, factor_names: dict[str, str], spending: Spending | None) -> PlannedPlacement:
    asset, claims = row.asset, row.asset.claims
    return PlannedPlacement(
        id=row.id,
        code=row.tracking_code,
        name=row.name,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        ran=row.status != PlacementStatus.PLANNED,
        ended=row.status == PlacementStatus.ENDED,
        cost=best_cost(row, spending),
        groups={
            By.PLACEMENT: ((str(row.id), row.name),),
            By.ASSET: ((str(asset.id), asset.name),),
            By.FORMAT: ((asset.format, format_name(asset.format)),),
            By.CHANNEL: ((str(row.channel.id), row.channel.name),),
            By.CAMPAIGN: ((str(row.campaign.id), row.campaign.name),),
            By.PERSONA: tuple((one.slug, pick(one.name)) for one in row.personas),
            By.CLAIM: tuple((claim.slug, pick(claim.text)) for claim in claims) or _none_stated(),
            By.FACTOR: _factors(claims, factor_names) or _none_stated(),
            By.THEME: ((asset.theme, asset.theme),) if asset.theme else _none_stated(),
        },
        channel_id=row.channel_id,
        campaign_id=row.campaign_id,
        personas=frozenset(one.slug for one in row.personas),
        format=asset.format,
        place=row.place,
    )


def _none_stated() -> tuple[tuple[str, str], ...]:
    return (("", _("None stated")),)


def _factors(claims: list[Claim], names: dict[str, str]) -> tuple[tuple[str, str], ...]:
    slugs = dict.fromkeys(claim.factor for claim in claims)
    return tuple((slug, names.get(slug, slug)) for slug in slugs)


def best_cost(row: Placement, spending: Spending | None) -> PlacementCost | None:
    """What a placement cost as far as it is known, and on what that rests."""
    spent = _spent(spending)
    stated: tuple[tuple[Basis, int | None], ...] = (
        ("invoiced", row.invoiced_cost_minor),
        ("booked", row.booked_cost_minor),
        ("planned", row.planned_cost_minor),
    )
    known = [PlacementCost(minor, row.currency, basis) for basis, minor in stated if minor is not None and row.currency]
    if spent is None or (known and (known[0].basis == "invoiced" or not (spending and spending.gapless))):
        return known[0] if known else None
    return spent


def _spent(spending: Spending | None) -> PlacementCost | None:
    """What the files say was spent, if it is one sum."""
    if spending is None or len(spending.spend) != 1:
        return None
    ((currency, minor),) = spending.spend.items()
    return PlacementCost(minor, currency, "spent")
