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
from app.planning.persona import Persona
from app.planning.placement import Placement

MOST_FOUND = 50


class Noun(enum.StrEnum):
    """What is found, in the order in which it is shown."""

    PLACEMENT = "placement"
    CAMPAIGN = "campaign"
    PERSONA = "persona"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Found:
    """A row of the plan. `key` is what its page goes by; `beside` tells rows of one name apart."""

    noun: Noun
    key: str
    name: str
    beside: str = ""


def search_plan(session: Session, asked: str) -> tuple[list[Found], int]:
    """The rows in which every word asked for is found, best first, and how many there are in all.

    A row whose name or tracking code is what was asked for comes first, then names that begin with it; rows of a kind
    stay together. Nothing is found by no word.
    """
    words = asked.casefold().split()
    if not words:
        return [], 0
    found = [
        (list(Noun).index(one.noun), _rank(one, text, asked.casefold().strip()), one.name.casefold(), one.key, one)
        for one, text in _rows(session)
        if all(word in text for word in words)
    ]
    return [one for *_order, one in sorted(found, key=lambda row: row[:4])[:MOST_FOUND]], len(found)


def _rank(one: Found, text: str, asked: str) -> int:
    name = one.name.casefold()
    return 0 if asked == name or asked in text.split("\n") else 1 if name.startswith(asked) else 2


def _rows(session: Session) -> Iterator[tuple[Found, str]]:
    """Every row with the texts that it is found by, a line each."""
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
    newest: dict[str, tuple[int, dict[str, str]]] = {}
    for slug, version, names in session.execute(select(Persona.slug, Persona.version, Persona.name)):
        newest[slug] = max(newest.get(slug, (0, {})), (version, names), key=lambda one: one[0])
    for slug, (_version, names) in newest.items():
        yield Found(Noun.PERSONA, slug, pick(names)), _text(slug, *names.values())
    for id, name in session.execute(select(Channel.id, Channel.name)):
        yield Found(Noun.CHANNEL, str(id), name), _text(name)


def _text(*parts: str) -> str:
    return "\n".join(parts).casefold()
