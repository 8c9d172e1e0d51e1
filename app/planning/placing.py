"""Putting an asset into a channel: what is stored of a placement, and what is frozen once it is live."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import cast

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.database import organisation_of
from app.errors import Conflict, Frozen, Problem
from app.i18n import _
from app.planning.agreeing import Parts, check_alone, check_borne, check_found, find_parts, has_gone_out
from app.planning.campaign import CampaignStatus
from app.planning.money import to_hundredths, to_minor
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
from app.planning.placement import COSTS, Placement, PlacementIn, PlacementPersona, PlacementStatus
from app.planning.problem import refuse
from app.planning.row import (
    Revision,
    add_row,
    begin_change,
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


def create_placement(session: Session, given: PlacementIn, *, now: dt.datetime) -> Placement:
    """Store a new placement, under the code that is given or a fresh one."""
    begin_change(session)
    parts = _check(session, given, None)
    placement = Placement(linked_on=_today(session, now))
    _apply(session, placement, given, parts)
    return _store(session, placement, given.tracking_code, now)


def replace_placement(
    session: Session, placement_id: uuid.UUID, given: PlacementIn, *, revision: Revision, now: dt.datetime
) -> Placement:
    """Change a placement to what is given; without a code it keeps the one it has."""
    placement = get_row_to_change(session, Placement, placement_id, revision)
    parts = _check(session, given, placement, _find_frozen(placement, given))
    if _changed_link(placement, given):
        placement.linked_on = _today(session, now)
    _apply(session, placement, given, parts)
    if given.tracking_code not in (None, placement.tracking_code):
        return _store(session, placement, given.tracking_code, now)
    return move_revision(session, placement, now)


def propose_name(session: Session, preset_id: uuid.UUID, given: ToName) -> ProposedName:
    """The name that a preset makes for a placement that is not stored yet."""
    preset = get_naming_preset(session, preset_id)
    named = _named_parts(given, _get_parts(session, given))
    refuse(check_parts(preset.pattern, named))
    return ProposedName(name=make_name(preset.pattern, named), locked=preset.locked)


def name_by_rule(session: Session, given: PlacementIn) -> str:
    """The name that the locked preset makes for a placement; the one given, where none is locked."""
    if (preset := find_locked_preset(session)) is None:
        return given.name
    named = _named_parts(given, _get_parts(session, given))
    refuse(check_parts(preset.pattern, named))
    return make_name(preset.pattern, named)


def show_example(session: Session, pattern: str) -> str:
    """A name that a pattern makes: of the newest placement that has every part of it, else of made-up words."""
    newest = select(Placement).where(Placement.place != "").order_by(Placement.created_at.desc(), Placement.id).limit(1)
    found = session.scalar(newest)
    return make_name(pattern, _named_parts(found, found) if found is not None else MADE_UP)


def _get_parts(session: Session, given: PlacementIn | ToName) -> Parts:
    found = find_parts(session, given)
    refuse(found.problems)
    return cast("Parts", found.whole())


def _check(session: Session, given: PlacementIn, before: Placement | None, frozen: Frozen | None = None) -> Parts:
    """What a placement brings together. Raises Invalid with all that it does not agree with, that it is `frozen` among
    it; Frozen where that is all."""
    found = find_parts(session, given)
    parts = found.whole()
    problems = [
        *(check_forward("status", PlacementStatus, before.status, given.status) if before else ()),
        *check_found(given, found, before),
        *check_alone(session, given, before),
        *check_neighbours(session, given, found.campaign, before),
        *(check_borne(session, given, before) if before else ()),
        *(_check_name(session, given, parts, before) if parts else ()),
    ]
    refuse([*problems, *([Problem("", str(frozen))] if frozen and problems else [])])
    if frozen:
        raise frozen
    return cast("Parts", parts)


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


def _find_frozen(placement: Placement, given: PlacementIn) -> Frozen | None:
    """That it changes what is out in the world, if it does."""
    changed = _changed_link(placement, given) if has_gone_out(placement) else []
    if changed == ["target_url"]:
        said = _("The placement is %(status)s and its link is published, so target_url is corrected and not changed: "
                 "on the page of the placement, or at its address /target.", status=placement.status)  # fmt: skip
        return Frozen(said)
    said = _("The placement is %(status)s and its link is published, so %(fields)s cannot change any more. Plan a new "
             "placement instead.", status=placement.status, fields=", ".join(changed))  # fmt: skip
    return Frozen(said) if changed else None


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
