"""What a placement must agree with: the dates and status of its campaign, the promises and consents of its asset, the
hosts that a link may lead to."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.access.link_host import find_target_host, lies_on
from app.access.organisation import list_link_hosts
from app.database import organisation_of
from app.errors import Problem
from app.i18n import _, date
from app.planning.asset import Asset, AssetStatus
from app.planning.campaign import Campaign, CampaignStatus
from app.planning.channel import Channel
from app.planning.invoice import sum_shares
from app.planning.money import check_one_currency, show_money, to_minor, to_money
from app.planning.naming import ToName
from app.planning.persona import Persona
from app.planning.placement import COSTS, Placement, PlacementIn, PlacementStatus
from app.planning.row import check_exists

_CAMPAIGN_STATUS_FOR = {
    PlacementStatus.PLANNED: (CampaignStatus.DRAFT, CampaignStatus.APPROVED, CampaignStatus.LIVE),
    PlacementStatus.LIVE: (CampaignStatus.LIVE,),
    PlacementStatus.ENDED: (CampaignStatus.LIVE, CampaignStatus.ENDED),
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What a placement brings together."""

    campaign: Campaign
    asset: Asset
    channel: Channel
    persona: Persona
    also_for: Sequence[Persona] = ()

    @property
    def personas(self) -> Sequence[Persona]:
        return (self.persona, *self.also_for)


@dataclass(frozen=True, slots=True)
class Found:
    """What of that is there, and what is wrong with the rest."""

    campaign: Campaign | None
    asset: Asset | None
    channel: Channel | None
    persona: Persona | None
    also_for: Sequence[Persona | None]
    problems: Sequence[Problem]

    @property
    def personas(self) -> Sequence[Persona]:
        """All whom it is for; none where one of them is not there."""
        every = [one for one in (self.persona, *self.also_for) if one is not None]
        return every if len(every) == 1 + len(self.also_for) else ()

    def whole(self) -> Parts | None:
        """All of it, if all is there."""
        if self.campaign is None or self.asset is None or self.channel is None or not self.personas:
            return None
        return Parts(self.campaign, self.asset, self.channel, self.personas[0], self.personas[1:])


def find_parts(session: Session, given: PlacementIn | ToName) -> Found:
    """What a placement brings together, as far as it is there."""
    problems: list[Problem] = []
    campaign = check_exists(session, Campaign, given.campaign_id, "campaign_id", problems)
    asset = check_exists(session, Asset, given.asset_id, "asset_id", problems)
    channel = check_exists(session, Channel, given.channel_id, "channel_id", problems)
    persona = check_exists(session, Persona, given.persona_id, "persona_id", problems)
    further = given.also_for_ids if isinstance(given, PlacementIn) else ()
    also_for = [check_exists(session, Persona, one, "also_for_ids", problems) for one in further]
    return Found(campaign, asset, channel, persona, also_for, problems)


def has_gone_out(placement: Placement) -> bool:
    """Whether people may have met the placement, so that its link can be anywhere."""
    return placement.status != PlacementStatus.PLANNED


def check_flight(
    starts_on: dt.date, ends_on: dt.date | None, campaign_starts_on: dt.date, campaign_ends_on: dt.date | None
) -> Iterator[Problem]:
    """A flight lies inside its campaign's dates."""
    if starts_on < campaign_starts_on:
        yield Problem(
            "starts_on",
            _("The campaign starts on %(day)s; start then or later.", day=date(campaign_starts_on)),
            rests_on=("campaign_id",),
        )
    if campaign_ends_on is None:
        return
    if ends_on is None:
        yield Problem(
            "ends_on",
            _("The campaign ends on %(day)s; end the placement by then.", day=date(campaign_ends_on)),
            rests_on=("campaign_id",),
        )
    elif ends_on > campaign_ends_on:
        yield Problem(
            "ends_on", _("The campaign ends on %(day)s; end then or earlier.", day=date(campaign_ends_on)),
            rests_on=("campaign_id",),
        )  # fmt: skip


def _check_order(starts_on: dt.date, ends_on: dt.date | None) -> Iterator[Problem]:
    if ends_on is not None and ends_on < starts_on:
        remedy = _("The placement ends before it starts; move one of the dates.")
        yield Problem("ends_on", remedy, rests_on=("starts_on",))


def check_promises(factors: set[str], personas: Sequence[Persona]) -> Iterator[Problem]:
    """An asset promises only what the documentation of one of those it is for gives as a reason to come."""
    has = {factor.slug for persona in personas for factor in persona.factors}
    if not personas or not (unknown := sorted(factors - has)):
        return
    named = ", ".join(f"{one.slug} ({_('version %(n)s', n=one.version)})" for one in personas)
    said = (
        _("The asset's claims carry %(factors)s. Persona %(persona)s does not have that. Choose another asset, or a "
          "persona with that factor.",
          factors=", ".join(unknown), persona=named)
        if len(personas) == 1
        else _("The asset's claims carry %(factors)s. None of the personas %(personas)s has that. Choose another "
               "asset, or a persona with that factor.",
               factors=", ".join(unknown), personas=named)
    )  # fmt: skip
    yield Problem("asset_id", said, rests_on=("persona_id", "also_for_ids"))


def check_consent(asset_consent: dt.date | None, starts_on: dt.date, ends_on: dt.date | None) -> Iterator[Problem]:
    """People are shown only as long as they have agreed to be."""
    if asset_consent is not None and asset_consent < (ends_on or starts_on):
        yield Problem(
            "ends_on",
            _(
                "The people shown have agreed until %(day)s; end the placement by then or ask them anew.",
                day=date(asset_consent),
            ),
            rests_on=("asset_id", "starts_on", "status"),
        )


def check_alone(session: Session, given: PlacementIn, before: Placement | None) -> Iterator[Problem]:
    """What a placement must be whatever it brings together."""
    yield from _check_order(given.starts_on, given.ends_on)
    yield from check_one_currency({cost: getattr(given, cost) for cost in COSTS})
    yield from _check_target(session, given, before)


def check_found(given: PlacementIn, found: Found, before: Placement | None = None) -> Iterator[Problem]:
    """It agrees with what is there of that which it brings together."""
    yield from found.problems
    if found.campaign is not None:
        yield from _check_campaign(given, found.campaign)
    slugs = [persona.slug for persona in found.personas]
    if twice := sorted({slug for slug in slugs if slugs.count(slug) > 1}):
        yield Problem("also_for_ids", _("It names %(personas)s twice; name each one once.", personas=", ".join(twice)))
    if found.asset is not None:
        yield from check_promises({claim.factor for claim in found.asset.claims}, found.personas)
        yield from _check_asset(given, found.asset, before)
    if given.status == PlacementStatus.ENDED and given.ends_on is None:
        yield Problem("ends_on", _("The placement has ended; say on which day."), rests_on=("status",))


def _check_campaign(given: PlacementIn, campaign: Campaign) -> Iterator[Problem]:
    if campaign.template:
        yield Problem("campaign_id", _("This campaign is a template; copy it, and place in the copy."))
    yield from check_flight(given.starts_on, given.ends_on, campaign.starts_on, campaign.ends_on)
    allowed = _CAMPAIGN_STATUS_FOR[given.status]
    if campaign.status not in allowed:
        yield Problem(
            "status",
            _(
                "The campaign is %(status)s; for a placement that is %(wanted)s it must be %(allowed)s.",
                status=campaign.status,
                wanted=given.status,
                allowed=", ".join(allowed),
            ),
            rests_on=("campaign_id",),
        )


def _check_asset(given: PlacementIn, asset: Asset, before: Placement | None) -> Iterator[Problem]:
    if given.status != PlacementStatus.ENDED:
        yield from check_consent(asset.consent_expires_on, given.starts_on, given.ends_on)
    recorded = before is None and given.status == PlacementStatus.ENDED  # what is over already goes out no more
    if _goes_out(given, before) and not recorded and asset.status == AssetStatus.DRAFT:
        remedy = _("The asset is a draft; approve it before the placement goes live.")
        yield Problem("status", remedy, rests_on=("asset_id",))
    if given.status != PlacementStatus.ENDED and asset.status == AssetStatus.RETIRED:
        yield Problem("asset_id", _("The asset is retired; choose one that is not."), rests_on=("status",))


def check_borne(session: Session, given: PlacementIn, placement: Placement) -> Iterator[Problem]:
    """What is invoiced holds the placement's parts of invoices, and it stays in the campaign that they are of."""
    invoiced, before = given.invoiced_cost, show_money(placement.invoiced_cost_minor, placement.currency)
    moves = given.campaign_id != placement.campaign_id
    borne = sum_shares(session, [placement.id]).get(placement.id, 0) if moves or invoiced != before else 0
    if borne and moves:
        yield Problem("campaign_id", _("It has parts of its campaign's invoices; take these back under Costs first."))
    if borne and before and (not invoiced or invoiced.currency != before.currency or to_minor(invoiced) < borne):
        parts = to_money(borne, before.currency)
        yield Problem(
            "invoiced_cost",
            _("Its parts of invoices add up to %(amount)s %(currency)s: give at least that, or take an invoice back "
              "under Costs.",
              amount=parts.amount, currency=parts.currency),
        )  # fmt: skip


def _goes_out(given: PlacementIn, before: Placement | None) -> bool:
    return given.status != PlacementStatus.PLANNED and (before is None or not has_gone_out(before))


def _check_target(session: Session, given: PlacementIn, before: Placement | None) -> Iterator[Problem]:
    """Whoever goes out leads to a host of one's own; what is only planned, at least to a public site."""
    if _goes_out(given, before):
        yield from check_target(session, given.target_url)
    elif (before is None or given.target_url != before.target_url) and find_target_host(given.target_url) is None:
        yield _no_public_site()


def may_lead(session: Session, placement: Placement) -> bool:
    """Whether our address leads on to where a placement points: what went out does for good, and what is planned where
    it would be let out, so that a print can be tried."""
    return has_gone_out(placement) or not any(check_target(session, placement.target_url))


def _no_public_site() -> Problem:
    remedy = _("Give the address of a public site by its name alone, without a port: https://jobs.example.org/doctor.")
    return Problem("target_url", remedy)


def check_target(session: Session, target_url: str) -> Iterator[Problem]:
    """A link that goes out leads to the organisation's own hosts: else our address would lend its name to any other."""
    host = find_target_host(target_url)
    named = list_link_hosts(session, organisation_of(session))
    if host is None:
        yield _no_public_site()
    elif not lies_on(host, named):
        yield Problem(
            "target_url",
            _(
                "%(host)s is not one of your own hosts (%(named)s). Lead to one of these, or ask an administrator to "
                "name it first.",
                host=host,
                named=", ".join(named) or _("none are named yet"),
            ),
        )
