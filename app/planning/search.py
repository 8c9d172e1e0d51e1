"""Finds what the plan calls by name: ads, campaigns, personas and channels, whatever the case of the letters."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.i18n import pick
from app.planning.asset import Asset
from app.planning.campaign import Campaign
from app.planning.channel import Channel
from app.planning.persona import newest_personas
from app.planning.placement import Placement

MOST_FOUND = 50


class Noun(enum.StrEnum):
    """What is found, in the order in which it is shown."""

    PLACEMENT = "placement"
    CAMPAIGN = "campaign"
    ASSET = "asset"
    PERSONA = "persona"
    CHANNEL = "channel"


ORDER = {noun: place for place, noun in enumerate(Noun)}


@dataclass(frozen=True, slots=True)
class Found:
    """A row of the plan. `key` is what its page goes by; `beside` tells rows of one name apart."""

    noun: Noun
    key: str
    name: str
    beside: str = ""


def search_plan(session: Session, asked: str, first: int = 0) -> tuple[list[Found], int]:
    """The rows in which every word asked for is found, best first, `first` of them left out, and how many there are.

    A row whose name or tracking code is what was asked for comes first, then names that begin with it; rows of a kind
    stay together. Nothing is found by no word.
    """
    asked = asked.casefold().strip()
    words = asked.split()
    if not words:
        return [], 0
    found = [one for one, text in _rows(session) if all(word in text for word in words)]
    return sorted(found, key=lambda one: _place(one, asked))[first : first + MOST_FOUND], len(found)


def _place(one: Found, asked: str) -> tuple[int, int, str, str]:
    """Where it stands in the order: by kind, by how well it fits, by name."""
    name = one.name.casefold()
    rank = 0 if asked in (name, one.beside.casefold()) else 1 if name.startswith(asked) else 2
    return ORDER[one.noun], rank, name, one.key


def _rows(session: Session) -> Iterator[tuple[Found, str]]:
    """Every row with the text that it is found in: what it is called, and what it is made of."""
    placements = session.execute(
        select(
            Placement.id, Placement.name, Placement.tracking_code, Placement.place,
            Asset.name, Campaign.name, Channel.name,
        ).join(Placement.asset).join(Placement.campaign).join(Placement.channel)
    )  # fmt: skip
    for id, name, code, place, asset, campaign, channel in placements:
        yield Found(Noun.PLACEMENT, str(id), name, code), _text(name, code, place, asset, campaign, channel)
    for id, name, starts_on in session.execute(
        select(Campaign.id, Campaign.name, Campaign.starts_on).where(Campaign.template.is_(False))
    ):
        yield Found(Noun.CAMPAIGN, str(id), name, str(starts_on.year)), _text(name)
    for id, name, theme in session.execute(select(Asset.id, Asset.name, Asset.theme)):
        yield Found(Noun.ASSET, str(id), name), _text(name, theme or "")
    for persona in newest_personas(session):
        yield Found(Noun.PERSONA, persona.slug, pick(persona.name)), _text(persona.slug, *persona.name.values())
    for id, name in session.execute(select(Channel.id, Channel.name)):
        yield Found(Noun.CHANNEL, str(id), name), _text(name)


def _text(*parts: str) -> str:
    return "\n".join(parts).casefold()
