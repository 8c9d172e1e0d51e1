"""Many placements at once from lines: all or none, each problem at its line and column; and what placements must agree
with beside themselves."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.planning.campaign import Campaign, CampaignIn, describe_campaign
from app.planning.lines import Stored, refuse_lines, store_lines, write_line
from app.planning.naming import NamingPresetIn, create_naming_preset
from app.planning.placement import Placement, PlacementIn, describe_placement
from app.planning.placing import replace_placement
from app.planning.problem import read_as
from app.planning.replacing import replace_campaign
from tests.support.plan import LATER, NOW, a_campaign, a_channel, a_persona, a_placement, an_asset, text

EUR = {"amount": "10", "currency": "EUR"}


@pytest.fixture
def campaign(session: Session) -> Campaign:
    an_asset(session, name="Poster “Home by five”")
    a_channel(session, name="Tram stops")
    a_persona(session)
    return a_campaign(session)


def line(**changes: str) -> dict[str, str]:
    return {
        "asset": "poster “home by five”", "channel": "TRAM STOPS", "place": "Kallio", "persona": "gp-young-family",
        "target_url": "https://jobs.example.org/doctor", **changes,
    }  # fmt: skip


def store(session: Session, campaign: Campaign, *lines: dict[str, str]) -> Stored:
    return store_lines(session, campaign, [(None, one) for one in lines], now=NOW)


def problems(stored: Stored) -> dict[tuple[int, str], str]:
    return {(one.line, one.problem.field): one.problem.message for one in stored.problems}


def test_a_line_names_what_it_brings_together_and_says_little_else(session: Session, campaign: Campaign) -> None:
    (made,) = store(session, campaign, line(planned_cost="1 900,50 €", vat_percent="25,5 %")).placements
    assert (made.name, made.starts_on, made.ends_on) == (
        "poster “home by five”, Kallio", dt.date(2026, 3, 1), dt.date(2026, 3, 31),
    )  # fmt: skip
    assert (made.planned_cost_minor, made.currency, made.vat_hundredths) == (190_050, "EUR", 2550)
    shown = describe_placement(made)
    assert shown.vat_percent == "25.5"
    assert shown.cost_with_vat is not None
    assert shown.cost_with_vat.amount == "2385.13"  # 1900.50 × 1.255 = 2385.1275


def test_a_line_may_name_what_an_interface_called_like_a_formula(session: Session, campaign: Campaign) -> None:
    an_asset(session, name="=1+1")
    (made,) = store(session, campaign, line(asset="=1+1", name="Poster")).placements
    assert made.asset.name == "=1+1"
    assert list(problems(store(session, campaign, line(asset="=1+1", place="Vallila", name="=1+1")))) == [(1, "name")]


def test_each_problem_of_each_line_is_named_by_its_column(session: Session, campaign: Campaign) -> None:
    wrong = line(asset="Postre", ends_on="2026-04-30", planned_cost="much", status="soon", vat_percent="lots")
    found = problems(store(session, campaign, line(), wrong, line(place="=1+1"), line(persona="", place="Vallila")))
    assert set(found) == {
        (2, "asset"), (2, "planned_cost"), (2, "status"), (2, "vat_percent"), (3, "place"), (4, "persona"),
    }  # fmt: skip
    assert found[2, "asset"] == "There is no asset “Postre”; choose one that is there, or make it first."
    late = problems(store(session, campaign, line(ends_on="30.4.2026", place="Vallila")))
    assert late == {(1, "ends_on"): "The campaign ends on 31 Mar 2026; end then or earlier."}


def test_a_line_names_several_personas_with_a_comma_between_them(session: Session, campaign: Campaign) -> None:
    a_persona(session, slug="senior", name=text("Senior, going on part-time"))
    a_persona(session, slug="resident")
    for cell, slugs in (
        ("resident, gp-young-family", ["resident", "gp-young-family"]),
        ("senior, going on part-time", ["senior"]),
    ):
        (placed,) = store(session, campaign, line(persona=cell, place=cell)).placements
        assert [one.slug for one in placed.personas] == slugs
        same = store_lines(session, campaign, [(placed, write_line(placed))], now=LATER)
        assert (same.placements[0].revision, same.problems) == (1, [])
    (made,) = store(session, campaign, line(place="Kamppi")).placements
    store_lines(session, campaign, [(made, write_line(made) | {"persona": "senior, resident"})], now=LATER)
    assert write_line(made)["persona"] == "senior, resident"
    store_lines(session, campaign, [(made, write_line(made) | {"persona": "resident"})], now=LATER)
    assert write_line(made)["persona"] == "resident"
    unknown = problems(store(session, campaign, line(persona="senior, nurses"), line(persona="senior, senior")))
    assert unknown == {
        (1, "persona"): "There is no persona “nurses”; choose one that is there, or make it first.",
        (2, "persona"): "It names senior twice; name each one once.",
    }


def test_lines_with_a_problem_are_refused_by_row_and_column(session: Session, campaign: Campaign) -> None:
    stored = store(session, campaign, line(), line(target_url="ftp://jobs.example.org", place="Vallila"))
    with pytest.raises(Invalid) as error:
        refuse_lines(stored.problems)
    (problem,) = error.value.problems
    assert problem.field == "rows[2].target_url"
    assert problem.message.startswith("Row 2, Leads to: Give a web address")


def test_a_line_changes_only_what_it_says_differently(session: Session, campaign: Campaign) -> None:
    (made,) = store(session, campaign, line(planned_cost="100")).placements
    code = made.tracking_code
    same = store_lines(session, campaign, [(made, write_line(made))], now=LATER)
    assert (same.placements[0].revision, same.problems) == (1, [])
    changed = write_line(made) | {"booked_cost": "90", "planned_cost": "", "audience": "GPs"}
    store_lines(session, campaign, [(made, changed)], now=LATER)
    assert (made.planned_cost_minor, made.booked_cost_minor, made.audience) == (None, 9000, "GPs")
    assert (made.tracking_code, made.revision) == (code, 2)


def test_a_locked_preset_names_what_lines_leave_unnamed(session: Session, campaign: Campaign) -> None:
    create_naming_preset(session, NamingPresetIn(name="Rule", pattern="{place} {year}", locked=True), now=NOW)
    (made,) = store(session, campaign, line()).placements
    assert made.name == "Kallio 2026"
    assert set(problems(store(session, campaign, line(place="Vallila", name="Mine")))) == {(1, "name")}


def test_one_asset_runs_in_one_place_once_at_a_time(session: Session, campaign: Campaign) -> None:
    store(session, campaign, line(starts_on="2026-03-01", ends_on="2026-03-10"))
    again = line(starts_on="2026-03-10", ends_on="2026-03-20")
    found = problems(store(session, campaign, again))
    assert list(found) == [(1, "starts_on")]
    assert "runs 1–10 Mar 2026" in found[1, "starts_on"].replace("\N{THIN SPACE}", "")
    others = ({"place": "Vallila"}, {"audience": "Seniors"}, {"starts_on": "2026-03-11"})
    assert not store(session, campaign, *(again | one for one in others)).problems


def test_of_two_lines_that_overlap_the_second_is_refused(session: Session, campaign: Campaign) -> None:
    assert list(problems(store(session, campaign, line(), line()))) == [(2, "starts_on")]


def test_an_overlap_from_before_keeps_nobody_from_other_changes(session: Session) -> None:
    first = a_placement(session)
    second = a_placement(session, asset_id=first.asset_id, channel_id=first.channel_id, place="Elsewhere")
    second.place = ""  # as it was before there was this rule
    session.flush()
    shown = describe_placement(second).model_dump(include=set(PlacementIn.model_fields))
    given = read_as(PlacementIn, shown | {"planned_cost": EUR})
    assert replace_placement(session, second.id, given, revision=None, now=LATER).planned_cost_minor == 1000
    moved = read_as(PlacementIn, shown | {"ends_on": dt.date(2026, 3, 29)})
    with pytest.raises(Invalid, match="same asset in the same channel"):
        replace_placement(session, second.id, moved, revision=None, now=LATER)


def test_the_money_of_a_campaign_is_in_one_currency(session: Session, campaign: Campaign) -> None:
    store(session, campaign, line(planned_cost="100"))
    found = problems(store(session, campaign, line(place="Vallila", booked_cost="SEK 100")))
    assert found == {(1, "booked_cost"): "The campaign’s money is in EUR, and this is in SEK; give it in EUR."}
    shown = describe_campaign(campaign).model_dump(include=set(CampaignIn.model_fields))
    given = read_as(CampaignIn, shown | {"budget": {"amount": "5", "currency": "NOK"}})
    with pytest.raises(Invalid, match="Its placements cost EUR"):
        replace_campaign(session, campaign.id, given, revision=None, now=LATER)


def test_amounts_that_say_no_currency_are_in_that_of_the_budget(session: Session, campaign: Campaign) -> None:
    shown = describe_campaign(campaign).model_dump(include=set(CampaignIn.model_fields))
    given = read_as(CampaignIn, shown | {"budget": {"amount": "5000", "currency": "NOK"}})
    replace_campaign(session, campaign.id, given, revision=None, now=LATER)
    (made,) = store(session, campaign, line(production_cost="300")).placements
    assert (made.production_cost_minor, made.currency) == (30_000, "NOK")
    assert describe_placement(made).planned_cost is None, "what making it costs is no cost of the flight"


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "https://intranet/jobs", "https://jobs.example.org:8443/"])
def test_what_is_only_planned_leads_to_a_public_site_too(session: Session, campaign: Campaign, url: str) -> None:
    found = problems(store(session, campaign, line(target_url=url)))
    assert list(found) == [(1, "target_url")]
    assert "a public site" in found[1, "target_url"]


def change(session: Session, placement: Placement, now: dt.datetime, **changes: Any) -> None:
    shown = describe_placement(placement).model_dump(include=set(PlacementIn.model_fields))
    replace_placement(session, placement.id, read_as(PlacementIn, shown | changes), revision=None, now=now)


def test_a_placement_made_or_linked_anew_after_its_flight_began_is_linked_late(session: Session) -> None:
    placement = a_placement(session, starts_on="2026-03-03")
    assert (placement.linked_on, describe_placement(placement).linked_late) == (dt.date(2026, 3, 1), False)
    after = NOW + dt.timedelta(days=3)
    change(session, placement, after, planned_cost=EUR)
    assert not describe_placement(placement).linked_late, "a cost changes nothing of the link"
    change(session, placement, after, target_url="https://jobs.example.org/other")
    assert (placement.linked_on, describe_placement(placement).linked_late) == (dt.date(2026, 3, 4), True)
    assert not describe_placement(a_placement(session, starts_on="2026-03-01")).linked_late, "on the day it begins"
