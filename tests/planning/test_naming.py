"""A locked naming preset rules the names of placements, an unlocked one proposes them; units follow what is shared."""

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.access.organisation import create_organisation, get_organisation
from app.database import Database
from app.errors import Conflict, Invalid
from app.planning.listing import Window
from app.planning.naming import (
    PARTS,
    NamingPreset,
    NamingPresetFilter,
    NamingPresetIn,
    ToName,
    create_naming_preset,
    find_locked_preset,
    list_naming_presets,
    make_name,
    replace_naming_preset,
)
from app.planning.placement import Placement, PlacementIn
from app.planning.placing import create_placement, propose_name, replace_placement
from app.planning.removal import delete_naming_preset
from tests.support.plan import LATER, NOW, a_campaign, a_channel, placement_fields

PATTERN = "{campaign} – {format} – {channel} {year}-{month}"
MADE = "Now we must – poster – Tram stops 2026-03"


def a_preset(session: Session, **changes: Any) -> NamingPreset:
    fields = {"name": "House rule", "pattern": PATTERN, "locked": True, **changes}
    return create_naming_preset(session, NamingPresetIn.model_validate(fields), now=NOW)


def named_parts(session: Session) -> dict[str, Any]:
    campaign, channel = a_campaign(session, name="Now we must"), a_channel(session, name="Tram stops")
    return placement_fields(session, campaign_id=campaign.id, channel_id=channel.id)


def place(session: Session, fields: dict[str, Any], **changes: Any) -> Placement:
    return create_placement(session, PlacementIn.model_validate(fields | changes), now=NOW)


def problems_of(found: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(problem.field, problem.message) for problem in found.value.problems]


def test_a_locked_preset_refuses_another_name_and_says_the_one_it_should_be(session: Session) -> None:
    a_preset(session)
    fields = named_parts(session)
    with pytest.raises(Invalid) as found:
        place(session, fields, name="Something else")
    assert problems_of(found) == [("name", f"The locked preset “House rule” makes the name “{MADE}”; use that.")]
    assert place(session, fields, name=MADE).name == MADE


def test_an_unlocked_preset_proposes_a_name_and_takes_any(session: Session) -> None:
    preset = a_preset(session, locked=False)
    fields = named_parts(session)
    wanted = ToName.model_validate({name: fields[name] for name in ToName.model_fields if name in fields})
    assert propose_name(session, preset.id, wanted).model_dump() == {"name": MADE, "locked": False}
    assert place(session, fields, name="Something else").name == "Something else"


def test_a_name_that_is_made_of_the_place_needs_a_place(session: Session) -> None:
    a_preset(session, pattern="{place}, {persona}")
    fields = named_parts(session)
    with pytest.raises(Invalid) as found:
        place(session, fields)
    assert problems_of(found) == [("place", "Say the place: the name is made from it.")]


def test_a_name_that_would_not_fit_is_refused_with_its_length(session: Session) -> None:
    a_preset(session, pattern="{campaign} {campaign}")
    campaign = a_campaign(session, name="x" * 150)
    with pytest.raises(Invalid, match="301 characters"):
        place(session, placement_fields(session, campaign_id=campaign.id))


def test_what_changes_nothing_of_the_name_keeps_the_one_it_has(session: Session) -> None:
    fields = named_parts(session)
    placement = place(session, fields, name="From before")
    a_preset(session)

    def change(**changes: Any) -> Placement:
        given = PlacementIn.model_validate(fields | {"name": "From before"} | changes)
        return replace_placement(session, placement.id, given, revision=None, now=LATER)

    assert change(audience="Doctors on their way home").name == "From before"
    for renaming in ({"name": "Another"}, {"starts_on": "2026-03-05", "campaign_id": a_campaign(session).id}):
        with pytest.raises(Invalid, match="locked preset"):
            change(**renaming)
    assert change(name=MADE).name == MADE


def test_one_pattern_rules_at_a_time(session: Session) -> None:
    first, second = a_preset(session), a_preset(session, name="Another", locked=False)
    with pytest.raises(Conflict, match="“House rule” is locked already"):
        a_preset(session, name="Third")
    lock = NamingPresetIn(name="Another", pattern=PATTERN, locked=True)
    with pytest.raises(Conflict, match="Unlock that one first"):
        replace_naming_preset(session, second.id, lock, revision=1, now=LATER)
    replace_naming_preset(session, first.id, NamingPresetIn(name="House rule", pattern=PATTERN), revision=1, now=LATER)
    assert replace_naming_preset(session, second.id, lock, revision=1, now=LATER).revision == 2
    assert find_locked_preset(session) is second
    found = list_naming_presets(session, NamingPresetFilter(locked=True), Window(sort="name"))
    assert list(found.rows) == [second]


def test_names_stay_when_their_preset_goes(session: Session) -> None:
    preset = a_preset(session)
    placement = place(session, named_parts(session), name=MADE)
    delete_naming_preset(session, preset.id, revision=1)
    assert (placement.name, find_locked_preset(session)) == (MADE, None)


@pytest.mark.parametrize("pattern", ["", "no part", "{campaing}", "{campaign", "{campaign} }", "{{campaign}}", "{}"])
def test_a_pattern_is_made_of_text_and_of_known_parts(pattern: str) -> None:
    with pytest.raises(ValidationError):
        NamingPresetIn(name="House rule", pattern=pattern)


@given(st.dictionaries(st.sampled_from(PARTS), st.text(), min_size=len(PARTS)))
def test_what_stands_in_a_part_is_never_read_as_a_pattern(parts: dict[str, str]) -> None:
    pattern = " ".join(f"{{{part}}}" for part in PARTS)
    assert make_name(pattern, parts) == " ".join(" ".join(parts[part] for part in PARTS).split())


def test_a_unit_names_by_what_is_shared_from_above_until_it_locks_a_rule_of_its_own(database: Database) -> None:
    with database.writing() as session:
        city = create_organisation(session, "City", now=NOW)
        unit = create_organisation(session, "Unit", now=NOW, parent=city)
        ward = create_organisation(session, "Ward", now=NOW, parent=unit)
        stranger = create_organisation(session, "Stranger", now=NOW)
        ids = city.id, unit.id, ward.id, stranger.id

    def rules() -> list[str | None]:
        return [rule_of(database, one) for one in ids]

    with database.writing(ids[0]) as session:
        a_preset(session, name="The city's")
    assert rules() == ["The city's", None, None, None]
    with database.writing() as session:
        get_organisation(session, ids[0]).shares_presets = True
    assert rules() == ["The city's", "The city's", "The city's", None]
    with database.writing(ids[1]) as session:
        a_preset(session, name="The unit's")
        get_organisation(session, ids[1]).shares_presets = True
    assert rules() == ["The city's", "The unit's", "The unit's", None]


def rule_of(database: Database, organisation: uuid.UUID) -> str | None:
    with database.reading(organisation) as session:
        found = find_locked_preset(session)
        return found.name if found else None
