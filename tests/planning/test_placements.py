"""What a placement must agree with, what freezes, and the code and link it publishes."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.access.organisation import create_organisation
from app.database import Database
from app.errors import Conflict, Frozen, Invalid, Missing, Stale
from app.planning.listing import Window
from app.planning.persona import replace_persona
from app.planning.persona_schema import PersonaIn
from app.planning.placement import (
    Placement,
    PlacementFilter,
    PlacementIn,
    describe_placement,
    get_placement,
    list_placements,
)
from app.planning.placing import replace_placement
from app.planning.removal import delete_persona, delete_placement
from tests.support.plan import (
    LATER,
    NOW,
    UNKNOWN_ID,
    a_campaign,
    a_channel,
    a_claim,
    a_live_placement,
    a_persona,
    a_placement,
    an_asset,
    persona_fields,
    reason,
)


def refusal(error: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {problem.field: problem.message for problem in error.value.problems}


def changed(session: Session, placement: Placement, **changes: Any) -> Placement:
    shown = describe_placement(placement).model_dump(include=set(PlacementIn.model_fields))
    given = PlacementIn.model_validate(shown | changes)
    return replace_placement(session, placement.id, given, revision=placement.revision, now=LATER)


@pytest.mark.parametrize(
    ("flight", "field"),
    [
        ({"starts_on": "2026-02-28"}, "starts_on"),
        ({"ends_on": "2026-04-01"}, "ends_on"),
        ({"ends_on": None}, "ends_on"),
        ({"starts_on": "2026-03-20", "ends_on": "2026-03-19"}, "ends_on"),
    ],
)
def test_a_flight_lies_inside_its_campaigns_dates(session: Session, flight: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        a_placement(session, **flight)
    assert list(refusal(error)) == [field]


def test_a_flight_of_one_day_is_a_flight(session: Session) -> None:
    assert a_placement(session, starts_on="2026-03-03", ends_on="2026-03-03").starts_on.day == 3


def test_a_flight_in_a_continuous_campaign_may_have_no_end(session: Session) -> None:
    campaign = a_campaign(session, kind="continuous", ends_on=None)
    assert a_placement(session, campaign_id=campaign.id, ends_on=None).ends_on is None


def test_all_costs_of_a_placement_are_in_one_currency(session: Session) -> None:
    with pytest.raises(Invalid) as error:
        a_placement(
            session,
            planned_cost={"amount": "10", "currency": "EUR"},
            invoiced_cost={"amount": "100", "currency": "SEK"},
        )
    assert refusal(error) == {
        "invoiced_cost.currency": "All amounts here are in one currency; this is SEK, the first is EUR."
    }


def test_costs_are_kept_in_minor_units_and_shown_with_all_decimals(session: Session) -> None:
    placement = a_placement(
        session, booked_cost={"amount": "300", "currency": "EUR"}, invoiced_cost={"amount": "1900.5", "currency": "EUR"}
    )
    assert (placement.booked_cost_minor, placement.invoiced_cost_minor, placement.currency) == (30_000, 190_050, "EUR")
    shown = describe_placement(placement)
    assert shown.invoiced_cost is not None
    assert (shown.planned_cost, shown.invoiced_cost.amount) == (None, "1900.50")


def test_an_asset_promises_a_persona_only_what_that_version_of_it_has(session: Session) -> None:
    first = a_persona(session)
    claim = a_claim(session, factor="no-night-duty")
    asset = an_asset(session, claim_ids=[claim.id])
    without = PersonaIn.model_validate(persona_fields(version=2, factors=[reason("day-that-ends")]))
    second = replace_persona(session, first.id, without, revision=1, now=LATER)

    assert a_placement(session, asset_id=asset.id, persona_id=first.id).persona.version == 1
    with pytest.raises(Invalid) as error:
        a_placement(session, asset_id=asset.id, persona_id=second.id)
    assert "no-night-duty" in refusal(error)["asset_id"]
    assert "gp-young-family (version 2)" in refusal(error)["asset_id"]


def test_an_ad_for_several_personas_promises_each_reason_to_one_of_them_at_least(session: Session) -> None:
    junior = a_persona(session, slug="junior", factors=[reason("supervision")])
    senior = a_persona(session, slug="senior", factors=[reason("week-you-draw")])
    promised = [a_claim(session, factor=factor).id for factor in ("supervision", "week-you-draw")]
    evening = {"asset_id": an_asset(session, claim_ids=promised).id, "persona_id": junior.id}

    placement = a_placement(session, **evening, also_for_ids=[senior.id])
    assert [one.slug for one in placement.personas] == ["junior", "senior"]
    assert describe_placement(placement).also_for_ids == [senior.id]
    with pytest.raises(Invalid) as error:
        a_placement(session, **evening, also_for_ids=[a_persona(session, slug="other").id])
    assert "None of the personas junior (version 1), other (version 1)" in refusal(error)["asset_id"]
    with pytest.raises(Invalid, match="asset_id"):
        changed(session, placement, also_for_ids=[])


def test_a_persona_is_named_once_whatever_its_version(session: Session) -> None:
    first, second = a_persona(session), a_persona(session, version=2)
    with pytest.raises(Invalid) as error:
        a_placement(session, persona_id=first.id, also_for_ids=[second.id])
    assert refusal(error) == {"also_for_ids": "It names gp-young-family twice; name each one once."}
    with pytest.raises(Invalid) as error:
        a_placement(session, also_for_ids=[UNKNOWN_ID])
    assert list(refusal(error)) == ["also_for_ids"]


def test_an_ad_for_several_personas_is_found_by_each_and_keeps_each(session: Session) -> None:
    first, second = (a_persona(session, slug=slug) for slug in ("first", "second"))
    placement = a_placement(session, persona_id=first.id, also_for_ids=[second.id])
    for wanted in ({"persona": "first"}, {"persona": "second"}, {"persona_id": first.id}, {"persona_id": second.id}):
        found = list_placements(session, PlacementFilter(**wanted), Window(sort="name", limit=9))
        assert [one.id for one in found.rows] == [placement.id]
    with pytest.raises(Conflict, match=placement.name):
        delete_persona(session, second.id, revision=None)
    revision = placement.revision
    assert changed(session, placement).revision == revision
    assert changed(session, placement, also_for_ids=[]).revision == revision + 1
    delete_persona(session, second.id, revision=None)


def test_what_a_placement_brings_together_must_be_there(session: Session) -> None:
    nothing = dict.fromkeys(["campaign_id", "asset_id", "channel_id", "persona_id"], UNKNOWN_ID)
    with pytest.raises(Invalid) as error:
        a_placement(session, **nothing)
    assert list(refusal(error)) == ["campaign_id", "asset_id", "channel_id", "persona_id"]


@pytest.mark.parametrize(
    "change",
    [
        {"target_url": "https://jobs.example.org/other"},
        {"tracking_code": "h7k2mq"},
        {"asset_id": "another"},
        {"campaign_id": "another"},
        {"channel_id": "another"},
        {"persona_id": "another"},
        {"also_for_ids": "another"},
    ],
)
@pytest.mark.parametrize("status", ["live", "ended"])
def test_what_the_link_and_the_answers_rest_on_is_frozen_once_out(
    session: Session, change: dict[str, str], status: str
) -> None:
    campaign = a_campaign(session, status="live")
    placement = a_placement(session, campaign_id=campaign.id, status=status)
    others: dict[str, Callable[[], object]] = {
        "asset_id": lambda: an_asset(session).id,
        "campaign_id": lambda: a_campaign(session, status="live").id,
        "channel_id": lambda: a_channel(session).id,
        "persona_id": lambda: a_persona(session).id,
        "also_for_ids": lambda: [a_persona(session).id],
    }
    (field, value), *_ = change.items()
    with pytest.raises(Frozen, match=field):
        changed(session, placement, **{field: others[field]() if value == "another" else value})


def test_a_live_placement_may_still_be_described_paid_and_ended(session: Session) -> None:
    placement = a_live_placement(session)
    changed(
        session,
        placement,
        name="Poster at Kallio",
        invoiced_cost={"amount": "1900.00", "currency": "EUR"},
        status="ended",
        tracking_code=None,
    )
    assert (placement.name, placement.status, placement.revision) == ("Poster at Kallio", "ended", 2)


def test_a_placement_moves_only_forward(session: Session) -> None:
    placement = a_live_placement(session)
    with pytest.raises(Invalid) as error:
        changed(session, placement, status="planned")
    assert refusal(error) == {"status": "This is live already and cannot go back. Choose one of live, ended."}


@pytest.mark.parametrize(
    ("campaign_status", "placement_status", "allowed"),
    [
        ("draft", "planned", True),
        ("approved", "planned", True),
        ("live", "planned", True),
        ("ended", "planned", False),
        ("draft", "live", False),
        ("approved", "live", False),
        ("live", "live", True),
        ("ended", "live", False),
        ("approved", "ended", False),
        ("live", "ended", True),
        ("ended", "ended", True),
    ],
)
def test_a_placement_is_as_far_as_its_campaign_lets_it(
    session: Session, campaign_status: str, placement_status: str, allowed: bool
) -> None:
    campaign = a_campaign(session, status=campaign_status)
    if allowed:
        assert a_placement(session, campaign_id=campaign.id, status=placement_status).status == placement_status
        return
    with pytest.raises(Invalid) as error:
        a_placement(session, campaign_id=campaign.id, status=placement_status)
    assert f"The campaign is {campaign_status}" in refusal(error)["status"]


def test_a_draft_does_not_go_live(session: Session) -> None:
    campaign = a_campaign(session, status="live")
    draft = an_asset(session, status="draft")
    placement = a_placement(session, campaign_id=campaign.id, asset_id=draft.id)
    with pytest.raises(Invalid) as error:
        changed(session, placement, status="live")
    assert refusal(error) == {"status": "The asset is a draft; approve it before the placement goes live."}


def test_a_retired_asset_is_placed_no_more(session: Session) -> None:
    with pytest.raises(Invalid) as error:
        a_placement(session, asset_id=an_asset(session, status="retired").id)
    assert list(refusal(error)) == ["asset_id"]


def test_an_ended_placement_says_when_it_ended(session: Session) -> None:
    campaign = a_campaign(session, kind="continuous", ends_on=None, status="live")
    with pytest.raises(Invalid) as error:
        a_placement(session, campaign_id=campaign.id, ends_on=None, status="ended")
    assert refusal(error) == {"ends_on": "The placement has ended; say on which day."}


def test_people_are_shown_no_longer_than_they_agreed_to(session: Session) -> None:
    asset = an_asset(session, shows_people=True, consent_expires_on="2026-03-29")
    with pytest.raises(Invalid) as error:
        a_placement(session, asset_id=asset.id, ends_on="2026-03-30")
    assert "until 29 Mar 2026" in refusal(error)["ends_on"]
    assert a_placement(session, asset_id=asset.id, ends_on="2026-03-29").revision == 1


def test_a_code_is_made_when_none_is_given_and_stays_when_none_is_given_again(session: Session) -> None:
    placement = a_placement(session)
    code = placement.tracking_code
    assert len(code) == 6
    changed(session, placement, tracking_code=None, name="Other")
    assert placement.tracking_code == code


def test_a_code_may_be_given_as_a_person_writes_it(session: Session) -> None:
    assert a_placement(session, tracking_code=" H7K-2MQ ").tracking_code == "h7k2mq"


def test_a_planned_placements_code_may_change(session: Session) -> None:
    placement = changed(session, a_placement(session), tracking_code="h7k2mq")
    assert (placement.tracking_code, placement.revision) == ("h7k2mq", 2)


def test_a_code_is_unique_over_the_installation(session: Session, database: Database) -> None:
    a_placement(session, tracking_code="h7k2mq")
    with pytest.raises(Conflict, match="h7k2mq is taken"):
        a_placement(session, tracking_code="h7k2mq")
    other = a_placement(session)
    with pytest.raises(Conflict, match="h7k2mq is taken"):
        changed(session, other, tracking_code="h7k2mq")


def test_another_organisations_code_is_taken_too(database: Database) -> None:
    with database.writing() as session:
        first, second = (create_organisation(session, name, now=NOW).id for name in ("One", "Two"))
    with database.writing(first) as session:
        a_placement(session, tracking_code="h7k2mq")
    with database.writing(second) as session, pytest.raises(Conflict, match="taken"):
        a_placement(session, tracking_code="h7k2mq")


def test_a_made_code_that_is_taken_is_made_again(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    a_placement(session, tracking_code="h7k2mq")
    letters = iter("h7k2mqx3y4zw")  # chance deals the taken code first
    monkeypatch.setattr("secrets.choice", lambda _alphabet: next(letters))
    assert a_placement(session).tracking_code == "x3y4zw"


def test_the_link_names_channel_medium_campaign_and_code(session: Session) -> None:
    placement = a_placement(
        session,
        campaign_id=a_campaign(session, name="Ei yöpäivystystä").id,
        channel_id=a_channel(session, name="Raitiovaunupysäkit").id,
        target_url="https://jobs.example.org/doctor?lang=fi#apply",
        tracking_code="h7k2mq",
    )
    assert describe_placement(placement).link == (
        "https://jobs.example.org/doctor?lang=fi&utm_source=raitiovaunupysakit&utm_medium=out-of-home"
        "&utm_campaign=ei-yopaivystysta&utm_content=h7k2mq#apply"
    )
    assert "&gh_src=h7k2mq#apply" in describe_placement(placement, vendor="greenhouse").link


def test_a_name_without_latin_letters_still_gives_a_link(session: Session) -> None:
    channel = a_channel(session, name="広告")
    placement = a_placement(session, channel_id=channel.id)
    assert f"utm_source={channel.id.hex[-8:]}&" in describe_placement(placement).link


def test_a_change_made_from_an_old_revision_is_refused(session: Session) -> None:
    placement = a_placement(session)
    changed(session, placement, name="Mine")
    given = PlacementIn.model_validate(
        describe_placement(placement).model_dump(include=set(PlacementIn.model_fields)) | {"name": "Yours"}
    )
    with pytest.raises(Stale, match="at revision 2, yours is 1"):
        replace_placement(session, placement.id, given, revision=1, now=LATER)
    assert replace_placement(session, placement.id, given, revision=None, now=LATER).name == "Yours"


def test_a_change_that_changes_nothing_keeps_the_revision(session: Session) -> None:
    placement = a_placement(session, planned_cost={"amount": "5", "currency": "EUR"})
    session.flush()
    session.expire(placement)
    changed(session, placement)
    assert (placement.revision, placement.updated_at) == (1, NOW)


def test_a_placement_that_went_out_stays_on_record(session: Session) -> None:
    placement = a_live_placement(session)
    with pytest.raises(Frozen, match="end it instead"):
        delete_placement(session, placement.id, revision=1)
    planned = a_placement(session)
    delete_placement(session, planned.id, revision=1)
    with pytest.raises(Missing):
        get_placement(session, planned.id)


def test_placements_are_found_by_what_they_bring_together_and_when(session: Session) -> None:
    persona = a_persona(session)
    poster = a_placement(session, name="A", persona_id=persona.id, starts_on="2026-03-02", ends_on="2026-03-05")
    video = a_placement(session, name="B", asset_id=an_asset(session, format="video").id, starts_on="2026-03-20")
    live = a_live_placement(session, name="C", starts_on="2026-03-10", ends_on="2026-03-12")

    def names(**wanted: Any) -> str:
        rows = list_placements(session, PlacementFilter(**wanted), Window(sort="name")).rows
        return "".join(placement.name for placement in rows)

    assert names() == "ABC"
    assert names(persona="gp-young-family") == "A"
    assert names(persona_id=persona.id) == "A"
    assert names(format="video") == "B"
    assert names(status="live") == "C"
    assert names(campaign_id=poster.campaign_id) == "A"
    assert names(asset_id=video.asset_id) == "B"
    assert names(channel_id=live.channel_id) == "C"
    assert names(tracking_code=live.tracking_code) == "C"
    assert names(running_from=dt.date(2026, 3, 6)) == "BC"
    assert names(running_to=dt.date(2026, 3, 19)) == "AC"
    assert names(running_from=dt.date(2026, 3, 12), running_to=dt.date(2026, 3, 12)) == "C"
    assert names(campaign_id=uuid.uuid4()) == ""
