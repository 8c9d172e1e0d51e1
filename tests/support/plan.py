"""Builders of a plan: each noun with sane values, so that a test says only what matters to it."""

import datetime as dt
import itertools
import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.database import organisation_of
from app.planning.asset import Asset, AssetIn, create_asset
from app.planning.campaign import Campaign, CampaignIn, create_campaign
from app.planning.channel import Channel, ChannelIn, create_channel
from app.planning.claim import Claim, ClaimIn, create_claim
from app.planning.persona import Persona, create_persona
from app.planning.persona_schema import PersonaIn
from app.planning.placement import Placement, PlacementIn
from app.planning.placing import create_placement
from app.planning.row import PlanRow

NOW = dt.datetime(2026, 3, 1, 9, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)

OWN_HOSTS = ["jobs.example.org"]

_numbers = itertools.count(1)


def text(words: str) -> dict[str, str]:
    return {"fi": f"{words} suomeksi", "en": words}


def reason(slug: str) -> dict[str, Any]:
    return {"slug": slug, "statement": text(f"{slug} is so"), "proof": text(f"{slug} in writing")}


def persona_fields(**changes: Any) -> dict[str, Any]:
    return {
        "slug": "gp-young-family",
        "version": 1,
        "reviewed_on": "2026-01-15",
        "specialty": "general_practice",
        "career_stage": "experienced",
        "name": text("GP with a young family"),
        "summary": text("Summary"),
        "situation": text("First line\nand a second"),
        "tone": text("Plain"),
        "avoid": text("Hype"),
        "motivations": [{"text": text("Time")}],
        "factors": [reason("no-night-duty")],
        "differentiators": [reason("list-size-cap")],
        "worries": [
            {"text": text(f"Worry {n}"), "answer": text("Answer"), "differentiator": "list-size-cap"} for n in range(3)
        ],
        "questions": [{"text": text("When do people leave?")}],
        "channels": [{"kind": "poster", "place": text("Tram stop"), "why": text("Twice a day")}],
        "evidence": [
            {
                "title": f"Study {n}",
                "publisher": "A journal",
                "published": "2024-05-01",
                "url": "https://journal.example.org/study",
                "status": "claimed",
                "says": text("It says so"),
            }
            for n in range(2)
        ],
        **changes,
    }


def a_persona(session: Session, **changes: Any) -> Persona:
    return create_persona(session, PersonaIn.model_validate(persona_fields(**changes)), now=NOW)


def a_claim(session: Session, **changes: Any) -> Claim:
    fields = {"slug": f"claim-{next(_numbers)}", "factor": "no-night-duty", "text": text("No night duty"), **changes}
    return create_claim(session, ClaimIn.model_validate(fields), now=NOW)


def campaign_fields(**changes: Any) -> dict[str, Any]:
    return {
        "name": f"Campaign {next(_numbers)}",
        "kind": "burst",
        "starts_on": "2026-03-01",
        "ends_on": "2026-03-31",
        **changes,
    }


def a_campaign(session: Session, **changes: Any) -> Campaign:
    return create_campaign(session, CampaignIn.model_validate(campaign_fields(**changes)), now=NOW)


def channel_fields(**changes: Any) -> dict[str, Any]:
    return {"name": f"Tram stops {next(_numbers)}", "kind": "out_of_home", "cost_model": "per_period", **changes}


def a_channel(session: Session, **changes: Any) -> Channel:
    return create_channel(session, ChannelIn.model_validate(channel_fields(**changes)), now=NOW)


def asset_fields(**changes: Any) -> dict[str, Any]:
    return {
        "name": f"Poster {next(_numbers)}",
        "format": "poster",
        "languages": ["fi"],
        "alt_text": {"fi": "Lääkäri lähtee kotiin kello 16"},
        "status": "approved",
        **changes,
    }


def an_asset(session: Session, **changes: Any) -> Asset:
    return create_asset(session, AssetIn.model_validate(asset_fields(**changes)), now=NOW)


def placement_fields(session: Session, **changes: Any) -> dict[str, Any]:
    """Fields of a placement; what it brings together is made unless given."""
    makers: dict[str, Callable[[Session], PlanRow]] = {
        "campaign_id": a_campaign,
        "asset_id": an_asset,
        "channel_id": a_channel,
    }
    parts = {field: make(session).id for field, make in makers.items() if field not in changes}
    if "persona_id" not in changes:
        parts["persona_id"] = a_persona(session, slug=f"persona-{next(_numbers)}").id
    return {
        "name": f"Placement {next(_numbers)}",
        "starts_on": "2026-03-03",
        "ends_on": "2026-03-30",
        "target_url": "https://jobs.example.org/doctor",
        **parts,
        **changes,
    }


def name_hosts(session: Session) -> None:
    """Name the hosts that links of the session's organisation may lead to once they go out."""
    get_organisation(session, organisation_of(session)).link_hosts = OWN_HOSTS


def a_placement(session: Session, **changes: Any) -> Placement:
    if changes.get("status", "planned") != "planned":
        name_hosts(session)
    given = PlacementIn.model_validate(placement_fields(session, **changes))
    return create_placement(session, given, now=NOW)


def a_live_placement(session: Session, **changes: Any) -> Placement:
    if "campaign_id" not in changes:
        changes["campaign_id"] = a_campaign(session, status="live").id
    return a_placement(session, status="live", **changes)


UNKNOWN_ID = uuid.UUID("01890a5d-ac96-774b-bcce-b302099a8057")
