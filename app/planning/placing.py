"""Putting an asset into a channel: what a placement must agree with, and what is frozen once it is live."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.link_host import find_target_host, lies_on
from app.access.organisation import get_organisation, list_link_hosts
from app.database import organisation_of
from app.errors import Conflict, Frozen, Problem
from app.i18n import _, date
from app.planning.asset import Asset, AssetStatus
from app.planning.campaign import Campaign, CampaignStatus
from app.planning.channel import Channel
from app.planning.invoice import sum_shares
from app.planning.money import check_one_currency, show_money, to_hundredths, to_minor, to_money
from app.planning.naming import (
    ProposedName,
    ToName,
    check_name,
    check_parts,
    find_locked_preset,
    get_naming_preset,
    make_name,
)
from app.planning.neighbours import check_neighbours
from app.planning.persona import Persona
from app.planning.placement import COSTS, Placement, PlacementIn, PlacementPersona, PlacementStatus
from app.planning.problem import refuse
from app.planning.row import (
    Revision,
    add_row,
    begin_change,
    check_exists,
    check_forward,
    get_row_to_change,
    move_revision,
)
from app.planning.tracking import new_code

ATTEMPTS = 5
FROZEN_FIELDS = ("campaign_id", "asset_id", "channel_id", "persona_id", "also_for_ids", "target_url", "tracking_code")
MADE_UP = {
    "campaign": "Now we must", "format": "poster", "channel": "Tram stops", "persona": "gp-young-family",
    "place": "Kallio", "year": "2026", "month": "03",
}  # fmt: skip
"""Parts to show a pattern by where nothing is placed yet."""
_CAMPAIGN_STATUS_FOR = {
    PlacementStatus.PLANNED: (CampaignStatus.DRAFT, CampaignStatus.APPROVED, CampaignStatus.LIVE),
    PlacementStatus.LIVE: (CampaignStatus.LIVE,),
    PlacementStatus.ENDED: (CampaignStatus.LIVE, CampaignStatus.ENDED),
}


class CodeTakenError(Conflict):
    """The code is a placement's already, perhaps another organisation's."""


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


def create_placement(session: Session, given: PlacementIn, *, now: dt.datetime) -> Placement:
    """Store a new placement, under the code that is given or a fresh one."""
    begin_change(session)
    parts = _find_parts(session, given, alone=_check_alone(session, given, None))
    refuse(
        [
            *_check(given, parts),
            *_check_alone(session, given, None),
            *check_neighbours(session, given, parts.campaign, None),
            *_check_name(session, given, parts, None),
        ]
    )
    placement = Placement(linked_on=_today(session, now))
    _apply(session, placement, given, parts)
    return _store(session, placement, given.tracking_code, now)


def replace_placement(
    session: Session, placement_id: uuid.UUID, given: PlacementIn, *, revision: Revision, now: dt.datetime
) -> Placement:
    """Change a placement to what is given; without a code it keeps the one it has."""
    placement = get_row_to_change(session, Placement, placement_id, revision)
    _refuse_to_thaw(placement, given)
    parts = _find_parts(session, given, alone=_check_alone(session, given, placement))
    refuse(
        [
            *check_forward("status", PlacementStatus, placement.status, given.status),
            *_check(given, parts, placement),
            *check_neighbours(session, given, parts.campaign, placement),
            *_check_alone(session, given, placement),
            *_check_borne(session, given, placement),
            *_check_name(session, given, parts, placement),
        ]
    )
    if _changed_link(placement, given):
        placement.linked_on = _today(session, now)
    _apply(session, placement, given, parts)
    if given.tracking_code not in (None, placement.tracking_code):
        return _store(session, placement, given.tracking_code, now)
    return move_revision(session, placement, now)


def propose_name(session: Session, preset_id: uuid.UUID, given: ToName) -> ProposedName:
    """The name that a preset makes for a placement that is not stored yet."""
    preset = get_naming_preset(session, preset_id)
    named = _named_parts(given, _find_parts(session, given))
    refuse(check_parts(preset.pattern, named))
    return ProposedName(name=make_name(preset.pattern, named), locked=preset.locked)


def name_by_rule(session: Session, given: PlacementIn) -> str:
    """The name that the locked preset makes for a placement; the one given, where none is locked."""
    if (preset := find_locked_preset(session)) is None:
        return given.name
    named = _named_parts(given, _find_parts(session, given))
    refuse(check_parts(preset.pattern, named))
    return make_name(preset.pattern, named)


def show_example(session: Session, pattern: str) -> str:
    """A name that a pattern makes: of the newest placement that has every part of it, else of made-up words."""
    newest = select(Placement).where(Placement.place != "").order_by(Placement.created_at.desc(), Placement.id).limit(1)
    found = session.scalar(newest)
    return make_name(pattern, _named_parts(found, found) if found is not None else MADE_UP)


def has_gone_out(placement: Placement) -> bool:
    """Whether people may have met the placement, so that its link can be anywhere."""
    return placement.status != PlacementStatus.PLANNED


def check_flight(
    starts_on: dt.date, ends_on: dt.date | None, campaign_starts_on: dt.date, campaign_ends_on: dt.date | None
) -> Iterator[Problem]:
    """A flight lies inside its campaign's dates."""
    if starts_on < campaign_starts_on:
        yield Problem(
            "starts_on", _("The campaign starts on %(day)s; start then or later.", day=date(campaign_starts_on))
        )
    if campaign_ends_on is None:
        return
    if ends_on is None:
        yield Problem(
            "ends_on", _("The campaign ends on %(day)s; end the placement by then.", day=date(campaign_ends_on))
        )
    elif ends_on > campaign_ends_on:
        yield Problem("ends_on", _("The campaign ends on %(day)s; end then or earlier.", day=date(campaign_ends_on)))


def _check_order(starts_on: dt.date, ends_on: dt.date | None) -> Iterator[Problem]:
    if ends_on is not None and ends_on < starts_on:
        yield Problem("ends_on", _("The placement ends before it starts; move one of the dates."))


def check_promises(factors: set[str], personas: Sequence[Persona]) -> Iterator[Problem]:
    """An asset promises only what the documentation of one of those it is for gives as a reason to come."""
    if not (unknown := sorted(factors - {factor.slug for persona in personas for factor in persona.factors})):
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
    yield Problem("asset_id", said, rests_on=("also_for_ids",))


def check_consent(asset_consent: dt.date | None, starts_on: dt.date, ends_on: dt.date | None) -> Iterator[Problem]:
    """People are shown only as long as they have agreed to be."""
    if asset_consent is not None and asset_consent < (ends_on or starts_on):
        yield Problem(
            "ends_on",
            _(
                "The people shown have agreed until %(day)s; end the placement by then or ask them anew.",
                day=date(asset_consent),
            ),
        )


def _find_parts(session: Session, given: PlacementIn | ToName, alone: Iterable[Problem] = ()) -> Parts:
    """What it brings together. Where some of that is not there, what is wrong with it `alone` is told beside."""
    problems: list[Problem] = []
    campaign = check_exists(session, Campaign, given.campaign_id, "campaign_id", problems)
    asset = check_exists(session, Asset, given.asset_id, "asset_id", problems)
    channel = check_exists(session, Channel, given.channel_id, "channel_id", problems)
    persona = check_exists(session, Persona, given.persona_id, "persona_id", problems)
    further = given.also_for_ids if isinstance(given, PlacementIn) else ()
    also_for = [check_exists(session, Persona, one, "also_for_ids", problems) for one in further]
    refuse([*problems, *alone] if problems else ())
    return Parts(campaign, asset, channel, persona, also_for)  # type: ignore[arg-type]  # missing ones were refused


def _check_alone(session: Session, given: PlacementIn, before: Placement | None) -> Iterator[Problem]:
    """What a placement must be whatever it brings together."""
    yield from _check_order(given.starts_on, given.ends_on)
    yield from check_one_currency({cost: getattr(given, cost) for cost in COSTS})
    yield from _check_target(session, given, before)


def _check(given: PlacementIn, parts: Parts, before: Placement | None = None) -> Iterator[Problem]:
    campaign, asset = parts.campaign, parts.asset
    if campaign.template:
        yield Problem("campaign_id", _("This campaign is a template; copy it, and place in the copy."))
    yield from check_flight(given.starts_on, given.ends_on, campaign.starts_on, campaign.ends_on)
    slugs = [persona.slug for persona in parts.personas]
    if twice := sorted({slug for slug in slugs if slugs.count(slug) > 1}):
        yield Problem("also_for_ids", _("It names %(personas)s twice; name each one once.", personas=", ".join(twice)))
    yield from check_promises({claim.factor for claim in asset.claims}, parts.personas)
    if given.status != PlacementStatus.ENDED:
        yield from check_consent(asset.consent_expires_on, given.starts_on, given.ends_on)
    yield from _check_status(given, parts, before)


def _check_status(given: PlacementIn, parts: Parts, before: Placement | None) -> Iterator[Problem]:
    allowed = _CAMPAIGN_STATUS_FOR[given.status]
    if parts.campaign.status not in allowed:
        yield Problem(
            "status",
            _(
                "The campaign is %(status)s; for a placement that is %(wanted)s it must be %(allowed)s.",
                status=parts.campaign.status,
                wanted=given.status,
                allowed=", ".join(allowed),
            ),
        )
    if given.status == PlacementStatus.ENDED and given.ends_on is None:
        yield Problem("ends_on", _("The placement has ended; say on which day."))
    recorded = before is None and given.status == PlacementStatus.ENDED  # what is over already goes out no more
    if _goes_out(given, before) and not recorded and parts.asset.status == AssetStatus.DRAFT:
        yield Problem("status", _("The asset is a draft; approve it before the placement goes live."))
    if given.status != PlacementStatus.ENDED and parts.asset.status == AssetStatus.RETIRED:
        yield Problem("asset_id", _("The asset is retired; choose one that is not."))


def _check_borne(session: Session, given: PlacementIn, placement: Placement) -> Iterator[Problem]:
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


def _check_name(session: Session, given: PlacementIn, parts: Parts, before: Placement | None) -> Iterator[Problem]:
    """A locked preset names what is stored from now on; what changes nothing of its name keeps it."""
    named = _named_parts(given, parts)
    if before is None or (given.name, named) != (before.name, _named_parts(before, before)):
        yield from check_name(find_locked_preset(session), given.name, named)


def _named_parts(given: PlacementIn | ToName | Placement, parts: Parts | Placement) -> dict[str, str]:
    """What each part of a naming pattern stands for."""
    day = given.starts_on or parts.campaign.starts_on
    return {
        "campaign": parts.campaign.name, "format": parts.asset.format, "channel": parts.channel.name,
        "persona": parts.persona.slug, "place": given.place, "year": f"{day.year}",
        "month": f"{day.month:02}",
    }  # fmt: skip


def _refuse_to_thaw(placement: Placement, given: PlacementIn) -> None:
    if not has_gone_out(placement):
        return
    if changed := _changed_link(placement, given):
        raise Frozen(
            _(
                "The placement is %(status)s and its link is published, so %(fields)s cannot change any more. Plan a "
                "new placement instead.",
                status=placement.status,
                fields=", ".join(changed),
            )
        )


def _changed_link(placement: Placement, given: PlacementIn) -> list[str]:
    """What is given differently of that which the link and its answers rest on; without a code it keeps its own."""
    changed = [field for field in FROZEN_FIELDS if _plain(given, field) != _plain(placement, field)]
    return [field for field in changed if field != "tracking_code" or given.tracking_code is not None]


def _plain(of: PlacementIn | Placement, field: str) -> object:
    """A field, but for the order of what it names."""
    value = getattr(of, field)
    return set(value) if isinstance(value, list) else value


def _today(session: Session, now: dt.datetime) -> dt.date:
    return now.astimezone(get_organisation(session, organisation_of(session)).zone).date()


def _apply(session: Session, placement: Placement, given: PlacementIn, parts: Parts) -> None:
    for field, value in given.model_dump(exclude={*COSTS, "vat_percent", "tracking_code", "also_for_ids"}).items():
        setattr(placement, field, value)
    placement.vat_hundredths = None if given.vat_percent is None else to_hundredths(given.vat_percent)
    amounts = {field: getattr(given, field) for field in COSTS}
    for field, money in amounts.items():
        setattr(placement, f"{field}_minor", to_minor(money) if money else None)
    placement.currency = next((money.currency for money in amounts.values() if money), None)
    placement.campaign, placement.asset = parts.campaign, parts.asset
    placement.channel, placement.persona = parts.channel, parts.persona
    if {one.persona_id for one in placement.further_links} != set(given.also_for_ids):
        own = organisation_of(session)
        kept = {link.persona_id: link for link in placement.further_links}
        placement.further_links = [
            kept.get(one.id) or PlacementPersona(organisation_id=own, persona_id=one.id, persona=one)
            for one in parts.also_for
        ]


def _store(session: Session, placement: Placement, code: str | None, now: dt.datetime) -> Placement:
    """Store under a code new to the installation; only the unique key sees other organisations' codes."""
    is_new = placement.tracking_code is None
    for _attempt in range(ATTEMPTS):
        try:
            with session.begin_nested():
                placement.tracking_code = code or new_code()
                return add_row(session, placement, now) if is_new else move_revision(session, placement, now)
        except IntegrityError as error:
            if "tracking_code" not in str(error.orig):
                raise
            if code is not None:
                break
    raise CodeTakenError(_("The tracking code %(code)s is taken; choose another or leave it out.", code=code))
