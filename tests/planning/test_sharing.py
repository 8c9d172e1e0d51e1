"""What an organisation shares by its own choice is read and used by every unit below it, and changed by none."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.access.organisation import change_organisation, create_organisation, get_organisation
from app.database import Database
from app.errors import Conflict, Denied, Invalid
from app.planning.campaign import Campaign
from app.planning.channel import Channel, ChannelIn
from app.planning.claim import Claim
from app.planning.listing import Window
from app.planning.naming import NamingPreset
from app.planning.persona import Factor, Persona, PersonaFilter, list_personas
from app.planning.placement import Placement
from app.planning.removal import delete_channel
from app.planning.replacing import replace_channel
from app.planning.row import get_row
from app.planning.sharing import refuse_to_part
from app.planning.tracking import SourceAlias
from tests.support.plan import (
    NOW,
    a_campaign,
    a_channel,
    a_claim,
    a_live_placement,
    a_persona,
    a_placement,
    an_asset,
    channel_fields,
)

NOUNS: dict[str, tuple[type[Any], ...]] = {
    "shares_personas": (Persona, Factor), "shares_claims": (Claim,), "shares_channels": (Channel, SourceAlias),
    "shares_presets": (NamingPreset,), "shares_templates": (Campaign,),
}  # fmt: skip


@dataclass
class Chain:
    """A city with a unit and a ward below it, and a stranger; each has a persona, a claim and a channel."""

    database: Database
    city: uuid.UUID
    unit: uuid.UUID
    ward: uuid.UUID
    stranger: uuid.UUID
    persona: uuid.UUID
    claim: uuid.UUID
    channel: uuid.UUID

    def shares(self, **choice: bool) -> None:
        with self.database.writing(self.city) as session:
            city = get_organisation(session, self.city)
            refuse_to_part(session, city, [name for name, value in choice.items() if not value])
            change_organisation(session, city, choice)

    def shares_all(self) -> None:
        self.shares(**dict.fromkeys(NOUNS, True))

    def sees(self, organisation: uuid.UUID, row: type[Any]) -> int:
        with self.database.reading(organisation) as session:
            return session.scalar(select(func.count()).select_from(row)) or 0

    def in_unit(self, act: Callable[[Session], object]) -> None:
        with self.database.writing(self.unit) as session:
            act(session)


@pytest.fixture
def chain(database_url: str) -> Iterator[Chain]:
    database = Database(database_url)
    with database.writing() as session:
        city = create_organisation(session, "City", now=NOW)
        unit = create_organisation(session, "Unit", now=NOW, parent=city)
        ward = create_organisation(session, "Ward", now=NOW, parent=unit)
        stranger = create_organisation(session, "Stranger", now=NOW)
        ids = (city.id, unit.id, ward.id, stranger.id)
    made = [plan(database, organisation) for organisation in (ids[0], ids[3])]
    yield Chain(database, *ids, *made[0])
    database.close()


def plan(database: Database, organisation: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    with database.writing(organisation) as session:
        persona, channel = a_persona(session), a_channel(session, name="Tram stops")
        claim = a_claim(session)
        a_campaign(session, template=True)
        session.add(NamingPreset(name="Ours", pattern="{campaign}", created_at=NOW, updated_at=NOW))
        session.add(SourceAlias(kind="label", observed="tram", channel_id=channel.id, created_at=NOW, updated_at=NOW))
        return persona.id, claim.id, channel.id


@pytest.mark.parametrize("choice", NOUNS)
def test_a_noun_is_seen_by_all_below_once_it_is_shared_and_by_nobody_else(chain: Chain, choice: str) -> None:
    rows = NOUNS[choice]
    assert [chain.sees(chain.unit, row) for row in rows] == [0] * len(rows)
    chain.shares(**{choice: True})
    for row in rows:
        own = chain.sees(chain.city, row)
        assert own > 0
        assert [chain.sees(below, row) for below in (chain.unit, chain.ward)] == [own, own]
        assert chain.sees(chain.stranger, row) == own, "which are its own"
    others = [row for name, kinds in NOUNS.items() if name != choice for row in kinds]
    assert [chain.sees(chain.unit, row) for row in others] == [0] * len(others)
    chain.shares(**{choice: False})
    assert [chain.sees(chain.unit, row) for row in rows] == [0] * len(rows)


def test_nothing_flows_upwards_or_sideways(chain: Chain) -> None:
    with chain.database.writing() as session:
        sibling = create_organisation(session, "Sibling", now=NOW, parent=get_organisation(session, chain.city)).id
    plan(chain.database, chain.unit)
    with chain.database.writing(chain.unit) as session:
        change_organisation(session, get_organisation(session, chain.unit), dict.fromkeys(NOUNS, True))
    assert chain.sees(chain.city, Channel) == 1
    assert chain.sees(sibling, Channel) == 0
    assert chain.sees(chain.ward, Channel) == 1


def test_a_unit_plans_with_what_is_shared(chain: Chain) -> None:
    chain.shares_all()

    def place(session: Session) -> None:
        asset = an_asset(session, claim_ids=[chain.claim])
        placement = a_placement(session, channel_id=chain.channel, persona_id=chain.persona, asset_id=asset.id)
        assert placement.organisation_id == chain.unit
        assert placement.channel.name == "Tram stops"
        assert {factor.slug for factor in placement.persona.factors} == {"no-night-duty", "list-size-cap"}

    chain.in_unit(place)
    with chain.database.reading(chain.unit) as session:
        found = list_personas(session, PersonaFilter(), Window(sort="slug", limit=10))
        assert [persona.id for persona in found.rows] == [chain.persona]


def test_a_unit_plans_with_nothing_that_is_not_shared(chain: Chain) -> None:
    with pytest.raises(Invalid, match="channel_id"):
        chain.in_unit(lambda session: a_placement(session, channel_id=chain.channel))


def test_a_unit_changes_nothing_that_is_shared_and_is_told_what_to_do(chain: Chain) -> None:
    chain.shares_all()
    given = ChannelIn.model_validate(channel_fields(name="Buses"))
    for act in (
        lambda session: replace_channel(session, chain.channel, given, revision=None, now=NOW),
        lambda session: delete_channel(session, chain.channel, revision=None),
    ):
        with pytest.raises(Denied, match="make one of your own"):
            chain.in_unit(act)


def test_not_even_a_statement_over_all_rows_reaches_what_is_shared(chain: Chain) -> None:
    chain.shares_all()

    def sweep(session: Session) -> None:
        assert session.execute(update(Channel).values(contact="us")).rowcount == 0  # type: ignore[attr-defined]
        assert session.execute(delete(Factor)).rowcount == 0  # type: ignore[attr-defined]

    chain.in_unit(sweep)
    with pytest.raises(Denied):
        chain.in_unit(lambda session: setattr(get_row(session, Channel, chain.channel), "contact", "us"))
    with chain.database.reading(chain.city) as session:
        assert get_row(session, Channel, chain.channel).contact == ""


def test_what_units_use_stays_shared_and_stays_there(chain: Chain) -> None:
    chain.shares_all()
    chain.in_unit(
        lambda session: a_placement(
            session, name="Our poster", channel_id=chain.channel, persona_id=chain.persona,
            asset_id=an_asset(session, name="Our picture", claim_ids=[chain.claim]).id,
        )
    )  # fmt: skip
    for choice, named in (
        ("shares_personas", "Our poster"), ("shares_claims", "Our picture"), ("shares_channels", "Our poster"),
    ):  # fmt: skip
        with pytest.raises(Conflict, match=named):
            chain.shares(**{choice: False})
    with chain.database.writing(chain.city) as session:
        session.execute(delete(SourceAlias))
    with pytest.raises(Conflict, match="shared and a unit uses it"), chain.database.writing(chain.city) as session:
        delete_channel(session, chain.channel, revision=None)


def test_a_unit_whose_ad_is_for_a_shared_persona_beside_its_own_keeps_it(chain: Chain) -> None:
    chain.shares_all()
    chain.in_unit(lambda session: a_placement(session, name="Our evening", also_for_ids=[chain.persona]))
    with pytest.raises(Conflict, match="Our evening"):
        chain.shares(shares_personas=False)
    with chain.database.reading(chain.unit) as session:
        placement = session.scalars(select(Placement)).one()
        assert {factor.slug for factor in placement.personas[1].factors} == {"no-night-duty", "list-size-cap"}


def test_a_shared_channel_whose_link_is_out_through_a_unit_keeps_its_name(chain: Chain) -> None:
    chain.shares_all()
    chain.in_unit(
        lambda session: a_live_placement(session, name="Our poster", channel_id=chain.channel, persona_id=chain.persona)
    )
    given = ChannelIn.model_validate(channel_fields(name="Buses"))
    with pytest.raises(Conflict, match="Our poster"), chain.database.writing(chain.city) as session:
        replace_channel(session, chain.channel, given, revision=None, now=NOW)


def test_a_shared_channel_that_is_renamed_leaves_a_units_planned_rows_to_the_unit(chain: Chain) -> None:
    chain.shares_all()
    chain.in_unit(lambda session: a_placement(session, channel_id=chain.channel, persona_id=chain.persona))
    given = ChannelIn.model_validate(channel_fields(name="Buses"))
    with chain.database.writing(chain.city) as session:
        replace_channel(session, chain.channel, given, revision=None, now=NOW)
    with chain.database.reading(chain.unit) as session:
        placement = session.scalars(select(Placement)).one()
        assert (placement.channel.name, placement.revision) == ("Buses", 1)
