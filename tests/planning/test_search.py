"""What is found in the plan by its name."""

import pytest
from sqlalchemy.orm import Session

from app.planning.placement import Placement
from app.planning.search import MOST_FOUND, Noun, search_plan
from tests.support.plan import a_campaign, a_channel, a_persona, a_placement, an_asset


@pytest.fixture
def tram(session: Session) -> Placement:
    channel = a_channel(session, name="Raitiotiepysäkit")
    campaign = a_campaign(session, name="Kevät 2026")
    asset = an_asset(session, name="Poster “Yöllä nukutaan”")
    persona = a_persona(session, name={"fi": "Ruuhkavuosien lääkäri", "en": "GP with a young family"})
    return a_placement(
        session, name="Tram stop, Kallio", place="Hämeentie", channel_id=channel.id, campaign_id=campaign.id,
        asset_id=asset.id, persona_id=persona.id,
    )  # fmt: skip


def names(session: Session, asked: str) -> list[tuple[Noun, str]]:
    return [(one.noun, one.name) for one in search_plan(session, asked)[0]]


@pytest.mark.parametrize("asked", ["kallio TRAM", "hämeentie", "NUKUTAAN", "kevät pysäkit", "  stop,  "])
def test_a_placement_is_found_by_every_word_of_what_it_is_made_of_in_any_case(
    session: Session, tram: Placement, asked: str
) -> None:
    assert (Noun.PLACEMENT, tram.name) in names(session, asked)


def test_a_tracking_code_finds_its_placement_before_a_name_that_holds_it(session: Session, tram: Placement) -> None:
    a_placement(session, name=f"A note on {tram.tracking_code}")
    first, second = search_plan(session, tram.tracking_code.upper())[0]
    assert (first.key, first.beside) == (str(tram.id), tram.tracking_code)
    assert second.name.startswith("A note on")


def test_kinds_stay_together_and_a_name_that_begins_so_comes_first(session: Session, tram: Placement) -> None:
    a_campaign(session, name="Kallio in spring")
    a_placement(session, name="Kallio library")
    assert names(session, "kallio") == [
        (Noun.PLACEMENT, "Kallio library"), (Noun.PLACEMENT, "Tram stop, Kallio"), (Noun.CAMPAIGN, "Kallio in spring"),
    ]  # fmt: skip


def test_a_persona_is_found_in_each_of_its_languages_and_once_for_all_its_versions(session: Session) -> None:
    a_persona(session, name={"fi": "Vanha nimi", "en": "Old name"})
    a_persona(session, version=2, name={"fi": "Ruuhkavuosien lääkäri", "en": "GP with a young family"})
    assert names(session, "ruuhkavuosien") == [(Noun.PERSONA, "GP with a young family")]
    assert names(session, "old name") == []


def test_no_word_and_a_word_of_nothing_find_nothing(session: Session, tram: Placement) -> None:
    assert search_plan(session, "  ") == ([], 0)
    assert search_plan(session, "zebra") == ([], 0)


def test_a_template_is_no_campaign_that_runs(session: Session) -> None:
    a_campaign(session, name="Mould for spring", template=True)
    assert names(session, "mould") == []


def test_of_very_many_the_first_are_given_and_all_are_counted(session: Session) -> None:
    for number in range(MOST_FOUND + 3):
        a_channel(session, name=f"Radio {number:02}")
    found, total = search_plan(session, "radio")
    assert (len(found), total) == (MOST_FOUND, MOST_FOUND + 3)
    assert found[0].name == "Radio 00"
