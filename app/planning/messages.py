"""Who is told what: of each reason that a persona has to come, which ads for it speak of that reason, and of which none
does."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.planning.asset import Asset, AssetStatus, Format
from app.planning.claim import Claim
from app.planning.persona import Factor, FactorKind, Persona, newest_personas
from app.planning.placement import Placement, PlacementStatus, placed_for

STEPS = (PlacementStatus.LIVE, PlacementStatus.PLANNED, PlacementStatus.ENDED)
"""How near an asset is to those it speaks to, the nearest first; one that is placed for others alone comes last."""
Steps: TypeAlias = Mapping[uuid.UUID, PlacementStatus]


@dataclass(frozen=True, slots=True)
class Carrier:
    """An asset that speaks of a factor, by the claim it does so with; `step` is that of its placement for this
    persona which is nearest to it, and None where it is not placed for this persona."""

    asset: Asset
    claim: Claim
    step: PlacementStatus | None


@dataclass(frozen=True, slots=True)
class Message:
    """A factor, and who carries it."""

    factor: Factor
    carriers: Sequence[Carrier]

    @property
    def is_silent(self) -> bool:
        """Whether nothing that ran, runs or is planned for this persona speaks of it."""
        return not any(one.step for one in self.carriers)

    @property
    def has_fallen_silent(self) -> bool:
        """Whether all that spoke of it to this persona has ended."""
        return {one.step for one in self.carriers} - {None} == {PlacementStatus.ENDED}


@dataclass(frozen=True, slots=True)
class PersonaMessages:
    """All that there is to say to one persona, in its newest version."""

    persona: Persona
    messages: Sequence[Message]

    @property
    def silent(self) -> Sequence[Message]:
        return [one for one in self.messages if one.is_silent]


def list_messages(
    session: Session, *, slug: str | None = None, campaign_id: uuid.UUID | None = None
) -> list[PersonaMessages]:
    """For every persona, or one, what is said to it; of one campaign the assets placed in it alone."""
    placed = _placed(session, campaign_id)
    wanted = {asset_id for steps in placed.values() for asset_id in steps} if campaign_id else None
    carrying = _carrying(session, wanted)
    personas = [one for one in newest_personas(session, selectinload(Persona.factors)) if slug in (None, one.slug)]
    return [
        PersonaMessages(
            persona,
            [
                Message(factor, _carriers(carrying.get(factor.slug, ()), placed.get(persona.slug, {})))
                for factor in persona.factors
            ],
        )
        for persona in personas
    ]


def _placed(session: Session, campaign_id: uuid.UUID | None) -> dict[str, dict[uuid.UUID, PlacementStatus]]:
    """By persona, the assets that are placed for any version of it, each with the nearest of its steps."""
    pair = placed_for()
    statement = (
        select(Persona.slug, Placement.asset_id, Placement.status)
        .join(pair, pair.c.persona_id == Persona.id)
        .join(Placement, Placement.id == pair.c.placement_id)
    )
    if campaign_id is not None:
        statement = statement.where(Placement.campaign_id == campaign_id)
    found: dict[str, dict[uuid.UUID, PlacementStatus]] = defaultdict(dict)
    for slug, asset_id, status in session.execute(statement.distinct()):
        found[slug][asset_id] = min(found[slug].get(asset_id, status), status, key=STEPS.index)
    return found


def _carrying(session: Session, wanted: set[uuid.UUID] | None) -> dict[str, list[tuple[Asset, Claim]]]:
    """By factor, the assets that speak of it, each with its claim."""
    statement = select(Asset).options(selectinload(Asset.claims)).order_by(Asset.name)
    found: dict[str, list[tuple[Asset, Claim]]] = defaultdict(list)
    for asset in session.scalars(statement):
        if wanted is None or asset.id in wanted:
            for claim in asset.claims:
                found[claim.factor].append((asset, claim))
    return found


def _carriers(carrying: Iterable[tuple[Asset, Claim]], steps: Steps) -> list[Carrier]:
    """The nearest first. What is retired and was never placed here says nothing to anybody."""
    found = [Carrier(asset, claim, steps.get(asset.id)) for asset, claim in carrying]
    kept = [one for one in found if one.step or one.asset.status != AssetStatus.RETIRED]
    return sorted(kept, key=lambda one: STEPS.index(one.step) if one.step else len(STEPS))


class CarrierOut(BaseModel):
    """An asset that speaks of a reason, and by which claim."""

    asset_id: uuid.UUID
    asset: str
    format: Format
    claim: str
    step: PlacementStatus | None = Field(description="Of its nearest placement for this persona; null without one.")


class MessageOut(BaseModel):
    """A reason that a persona has to come, and the assets that speak of it."""

    factor: str
    kind: FactorKind
    statement: dict[str, str]
    proof: dict[str, str]
    silent: bool = Field(description="Whether nothing that ran, runs or is planned for this persona speaks of it.")
    carriers: list[CarrierOut]


class PersonaMessagesOut(BaseModel):
    """All that there is to say to one persona, in its newest version."""

    persona: str
    persona_id: uuid.UUID
    version: int
    messages: list[MessageOut]


def describe_messages(found: PersonaMessages) -> PersonaMessagesOut:
    """What a persona is told, as the API shows it."""
    persona = found.persona
    return PersonaMessagesOut(
        persona=persona.slug,
        persona_id=persona.id,
        version=persona.version,
        messages=[_describe(one) for one in found.messages],
    )


def _describe(one: Message) -> MessageOut:
    factor = one.factor
    return MessageOut(
        factor=factor.slug,
        kind=factor.kind,
        statement=factor.statement,
        proof=factor.proof,
        silent=one.is_silent,
        carriers=[
            CarrierOut(
                asset_id=each.asset.id,
                asset=each.asset.name,
                format=each.asset.format,
                claim=each.claim.slug,
                step=each.step,
            )
            for each in one.carriers
        ],
    )
