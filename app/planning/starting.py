"""A first campaign from nothing: a pattern becomes a campaign whose channels, claims, assets and placements are planned
for one persona or several, each with one of its reasons to come; an evening is one for all of them. All of it can be
changed; nothing has a cost yet."""

import datetime as dt
import enum
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.organisation import get_organisation, list_link_hosts
from app.database import organisation_of
from app.errors import Problem
from app.i18n import _, date, period, pick
from app.planning.agreeing import check_target
from app.planning.asset import Asset, AssetIn, Format, create_asset
from app.planning.campaign import Campaign, CampaignIn, CampaignKind, create_campaign
from app.planning.channel import Channel, ChannelIn, ChannelKind, CostModel, create_channel
from app.planning.claim import Claim, ClaimIn, create_claim
from app.planning.field import Day, Given, Name, Slug, Url
from app.planning.persona import Factor, Persona
from app.planning.placement import Placement, PlacementIn
from app.planning.placing import create_placement, name_by_rule
from app.planning.problem import read_as, refuse
from app.planning.public_holidays import find_country, list_public_holidays
from app.planning.row import begin_change, get_row
from app.planning.school_holidays import list_school_holidays

FRIDAY, SATURDAY = 4, 5


class Pattern(enum.StrEnum):
    """What a first campaign is made of."""

    BROAD = "broad"
    EVERYDAY = "everyday"
    EVENINGS = "evenings"


@dataclass(frozen=True, slots=True)
class Piece:
    """One ad of a pattern: its format, the channel it runs in, and whether it is an evening: over in a day, and
    held for all personas at once."""

    format: Format
    kind: ChannelKind
    cost_model: CostModel
    asset: Callable[[], str]
    channel: Callable[[], str]
    is_evening: bool = False


POSTER = Piece(Format.POSTER, ChannelKind.OUT_OF_HOME, CostModel.PER_PERIOD, lambda: _("poster"), lambda: _("Stops"))
VIDEO = Piece(Format.VIDEO, ChannelKind.VIDEO, CostModel.PER_THOUSAND, lambda: _("video"), lambda: _("Video"))
SOCIAL = Piece(Format.SOCIAL_AD, ChannelKind.SOCIAL, CostModel.PER_CLICK, lambda: _("social ad"),
               lambda: _("Social media"))  # fmt: skip
LETTER = Piece(Format.NEWSLETTER, ChannelKind.EMAIL, CostModel.FREE, lambda: _("newsletter"), lambda: _("Newsletters"))
EVENING = Piece(Format.EVENT, ChannelKind.EVENT, CostModel.FIXED, lambda: _("virtual evening"), lambda: _("Events"),
                is_evening=True)  # fmt: skip
INTERVIEW = Piece(Format.INTERVIEW, ChannelKind.OWN_SITE, CostModel.FREE, lambda: _("interview"), lambda: _("Own site"))
SEARCH = Piece(Format.SEARCH_AD, ChannelKind.SEARCH, CostModel.PER_CLICK, lambda: _("search ad"), lambda: _("Search"))

PIECES = {
    Pattern.BROAD: (POSTER, VIDEO, SOCIAL, LETTER, EVENING, INTERVIEW),
    Pattern.EVERYDAY: (SOCIAL, SEARCH, LETTER, INTERVIEW),
    Pattern.EVENINGS: (EVENING, LETTER, SOCIAL),
}
"""What each pattern is made of; the one for every day has no end."""


Told = tuple[Persona, Factor]
"""A persona, and which of its reasons to come it is promised."""


class PromiseIn(Given):
    """To whom something is promised, and what."""

    persona_id: uuid.UUID
    factor: Slug = Field(description="The slug of one of the persona's reasons to come, which its ads promise.")


class StartIn(Given):
    """A pattern, for whom and with which promises, from when and for how long, and where its links lead."""

    pattern: Pattern
    name: Annotated[Name, Field(max_length=100)]
    promises: Annotated[list[PromiseIn], Field(min_length=1, max_length=8)]
    starts_on: Day
    weeks: Annotated[int, Field(ge=1, le=104)] = 8
    evenings_on: Annotated[list[Day], Field(max_length=4)] = Field(
        default_factory=list, description="The days of its evenings; else there is one in the middle of the campaign."
    )
    target_url: Url


def start_campaign(session: Session, given: StartIn, *, now: dt.datetime) -> Campaign:
    """Plan a campaign by a pattern, whole or not at all: named in the language of whoever plans it, with ads in the
    organisation's."""
    begin_change(session)
    check_start(session, given)
    told, evenings = _find_told(session, given.promises), choose_evenings(session, given)
    locale = get_organisation(session, organisation_of(session)).locale
    promised = {factor.slug: _claim_of(session, factor, now) for _persona, factor in told}
    aim = {
        "personas": [persona.slug for persona, _factor in told],
        "claims": [one.slug for one in promised.values()],
    }
    campaign = create_campaign(session, _campaign(given, aim), now=now)
    campaign.pattern = given.pattern
    for piece in PIECES[given.pattern]:
        channel = _channel_of(session, piece, now)
        for met, flight in _part(piece, told, campaign, evenings):
            claims = dict.fromkeys(promised[factor.slug].id for _persona, factor in met)
            personas = [persona for persona, _factor in met]
            only_for = personas[0] if len(personas) < len(told) else None
            name = _name(campaign, piece, only_for, flight[0] if piece.is_evening and len(evenings) > 1 else None)
            asset = _make_asset(session, name, piece, list(claims), locale, now)
            _place(session, given, campaign, asset, channel, personas, flight, now)
    return campaign


def count_ads(pattern: Pattern, personas: int, evenings: int = 1) -> int:
    """How many ads a pattern has for so many personas and on so many evenings."""
    return sum(max(evenings, 1) if piece.is_evening else personas for piece in PIECES[pattern])


Flight = tuple[dt.date, dt.date | None]


def _part(
    piece: Piece, told: Sequence[Told], campaign: Campaign, evenings: Sequence[dt.date]
) -> list[tuple[Sequence[Told], Flight]]:
    """Who meets each ad of a piece together, and when: everybody comes to an evening, which is over in a day, and every
    other ad speaks to one persona for as long as the campaign runs."""
    if piece.is_evening:
        return [(told, (day, day)) for day in evenings]
    return [([one], (campaign.starts_on, campaign.ends_on)) for one in told]


def check_start(session: Session, given: StartIn) -> None:
    """Raises Invalid naming all that keeps the campaign from being planned."""
    refuse([*_check_told(session, given.promises), *_check_evenings(given), *_check_named(session, given)])


def _check_named(session: Session, given: StartIn) -> list[Problem]:
    """Where hosts are named, links lead to one of them: else no ad of the campaign could go live."""
    named = list_link_hosts(session, organisation_of(session))
    return list(check_target(session, given.target_url)) if named else []


def has_evening(pattern: Pattern) -> bool:
    """Whether an evening is held in it."""
    return any(piece.is_evening for piece in PIECES[pattern])


def choose_evenings(session: Session, given: StartIn) -> Sequence[dt.date]:
    """The days that are said, or a working day about the middle of the campaign until somebody says one."""
    last = _last_day(given)
    return sorted(given.evenings_on) or [_find_working_day(session, given.starts_on, last or given.starts_on)]


def _check_evenings(given: StartIn) -> Iterator[Problem]:
    """A day lies in the campaign, and is said once."""
    last = _last_day(given)
    if given.evenings_on and not has_evening(given.pattern):
        yield Problem("evenings_on", _("This pattern has no evening; take the day out, or choose another."))
    for at, day in enumerate(given.evenings_on):
        if last and not given.starts_on <= day <= last:
            said = _("%(day)s is not in %(period)s, when the campaign runs; choose another day, or more weeks.",
                     day=date(day), period=period(given.starts_on, last))  # fmt: skip
            yield Problem(f"evenings_on[{at}]", said)
        elif day in given.evenings_on[:at]:
            yield Problem(f"evenings_on[{at}]", _("Say each day once."))


def _find_working_day(session: Session, first: dt.date, last: dt.date) -> dt.date:
    """The middle of these days, or the next on which people work, no school is closed and no weekend begins, else the
    one before. Where there is none Fridays are taken, then schools passed over, and where nobody works it is the
    middle."""
    middle, country = first + (last - first) / 2, _country(session)
    holidays = list_public_holidays(country, first, last)
    closed = list_school_holidays(country, first, last) if country else []
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    working = [day for day in days if day.weekday() < SATURDAY and day not in holidays]
    taught = [day for day in working if not any(one.first <= day <= one.last for one in closed)]
    fitting = [day for day in taught if day.weekday() != FRIDAY] or taught or working
    after = (day for day in fitting if day >= middle)
    return next(after, next((day for day in reversed(fitting) if day < middle), middle))


def name_holidays(session: Session, day: dt.date) -> Sequence[str]:
    """Why people may have the day off: its public holidays, and the school holidays that it usually lies in."""
    country = _country(session)
    closed = list_school_holidays(country, day, day) if country else []
    schools = [f"{one.name} ({one.where})" if one.where else one.name for one in closed]
    return [*list_public_holidays(country, day, day).values(), *schools]


def _country(session: Session) -> str | None:
    return find_country(get_organisation(session, organisation_of(session)).time_zone)


def _last_day(given: StartIn) -> dt.date | None:
    """None of what has no end."""
    return None if given.pattern is Pattern.EVERYDAY else given.starts_on + dt.timedelta(weeks=given.weeks, days=-1)


def find_started(session: Session) -> Campaign | None:
    """The campaign that the first hour is about: the organisation's newest by a pattern, else its first one."""
    own = select(Campaign).where(Campaign.organisation_id == organisation_of(session), ~Campaign.template)
    by_pattern = own.where(Campaign.pattern.is_not(None)).order_by(Campaign.created_at.desc(), Campaign.id.desc())
    return (
        session.scalars(by_pattern.limit(1)).first()
        or session.scalars(own.order_by(Campaign.created_at, Campaign.id).limit(1)).first()
    )


def _check_told(session: Session, promises: Sequence[PromiseIn]) -> Iterator[Problem]:
    """Every persona is named once, with a reason of its own."""
    for at, promise in enumerate(promises):
        persona = get_row(session, Persona, promise.persona_id)
        if promise.factor not in {one.slug for one in persona.factors}:
            said = _("“%(persona)s” has no such reason; choose one of its own.", persona=pick(persona.name))
            yield Problem(f"promises[{at}].factor", said)
        elif promise.persona_id in {other.persona_id for other in promises[:at]}:
            said = _("“%(persona)s” is chosen twice; choose each persona once.", persona=pick(persona.name))
            yield Problem(f"promises[{at}].persona_id", said)


def _find_told(session: Session, promises: Sequence[PromiseIn]) -> list[Told]:
    """The personas with what each is promised."""
    personas = [(get_row(session, Persona, one.persona_id), one.factor) for one in promises]
    return [(persona, next(one for one in persona.factors if one.slug == slug)) for persona, slug in personas]


def _campaign(given: StartIn, aim: Mapping[str, Sequence[str]]) -> CampaignIn:
    ends_on = _last_day(given)
    return read_as(
        CampaignIn,
        {
            "name": given.name,
            "kind": CampaignKind.BURST if ends_on else CampaignKind.CONTINUOUS,
            "starts_on": given.starts_on,
            "ends_on": ends_on,
            "aim": aim,
        },
    )


def _claim_of(session: Session, factor: Factor, now: dt.datetime) -> Claim:
    """The claim that carries the factor; if there is none, one that says it in the factor's own words."""
    found = session.scalars(select(Claim).where(Claim.factor == factor.slug).order_by(Claim.slug)).first()
    return found or create_claim(
        session, read_as(ClaimIn, {"slug": factor.slug, "factor": factor.slug, "text": factor.statement}), now=now
    )


def _channel_of(session: Session, piece: Piece, now: dt.datetime) -> Channel:
    """The first channel of the kind, or a new one."""
    found = session.scalars(select(Channel).where(Channel.kind == piece.kind).order_by(Channel.name)).first()
    given = {"name": piece.channel(), "kind": piece.kind, "cost_model": piece.cost_model}
    return found or create_channel(session, read_as(ChannelIn, given), now=now)


def _name(campaign: Campaign, piece: Piece, persona: Persona | None, day: dt.date | None) -> str:
    named = _("%(campaign)s: %(asset)s", campaign=campaign.name, asset=piece.asset())
    told_apart = pick(persona.name)[:60] if persona else date(day) if day else ""
    return f"{named} ({told_apart})" if told_apart else named


def _make_asset(
    session: Session, name: str, piece: Piece, claims: Sequence[uuid.UUID], locale: str, now: dt.datetime
) -> Asset:
    given = {"name": name, "format": piece.format, "languages": [locale], "claim_ids": claims}
    return create_asset(session, read_as(AssetIn, given), now=now)


def _place(
    session: Session, given: StartIn, campaign: Campaign, asset: Asset, channel: Channel, personas: Sequence[Persona],
    flight: Flight, now: dt.datetime,
) -> Placement:  # fmt: skip
    starts_on, ends_on = flight
    placed = read_as(
        PlacementIn,
        {
            "name": asset.name, "campaign_id": campaign.id, "asset_id": asset.id, "channel_id": channel.id,
            "persona_id": personas[0].id, "also_for_ids": [one.id for one in personas[1:]], "starts_on": starts_on,
            "ends_on": ends_on, "target_url": given.target_url,
        },
    )  # fmt: skip
    return create_placement(session, placed.model_copy(update={"name": name_by_rule(session, placed)}), now=now)


def pieces_of(pattern: Pattern) -> Sequence[str]:
    """What a pattern is made of, in words."""
    return [piece.asset() for piece in PIECES[pattern]]
