"""A first campaign by a pattern."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid
from app.i18n import speaking
from app.planning.aim import Aim
from app.planning.asset import Asset
from app.planning.campaign import CampaignKind, CampaignStatus, read_aim
from app.planning.channel import Channel
from app.planning.claim import Claim
from app.planning.persona import find_newest_persona
from app.planning.placement import Placement
from app.planning.starting import PIECES, Pattern, StartIn, count_ads, find_started, start_campaign
from tests.support.plan import LATER, NOW, a_campaign, a_channel, a_claim, a_persona, name_hosts, text


def given(session: Session, **changes: Any) -> StartIn:
    """A broad campaign for one persona; `factors` are what it and others are promised, by the persona's slug."""
    factors = changes.pop("factors", None) or {"gp-young-family": "no-night-duty"}
    promises = []
    for slug, factor in factors.items():
        persona = find_newest_persona(session, slug) or a_persona(session, slug=slug, name=text(slug))
        promises.append({"persona_id": persona.id, "factor": factor})
    said = {"pattern": "broad", "name": "Now we must", "promises": promises, "starts_on": "2026-03-02", "weeks": 4,
            "target_url": "https://jobs.example.org/doctors"}  # fmt: skip
    return StartIn.model_validate(said | changes)


@pytest.mark.parametrize("pattern", Pattern)
def test_every_ad_of_a_pattern_is_planned_with_its_link_and_its_promise(session: Session, pattern: Pattern) -> None:
    campaign = start_campaign(session, given(session, pattern=pattern), now=NOW)
    placements = session.scalars(select(Placement).where(Placement.campaign_id == campaign.id)).all()
    assert sorted(one.asset.format for one in placements) == sorted(one.format for one in PIECES[pattern])
    assert {claim.factor for one in placements for claim in one.asset.claims} == {"no-night-duty"}
    assert len({one.tracking_code for one in placements}) == len(PIECES[pattern])
    assert campaign.status == CampaignStatus.DRAFT
    assert read_aim(campaign) == Aim(personas=["gp-young-family"], claims=["no-night-duty"])


def test_a_broad_campaign_ends_after_its_weeks_and_one_for_every_day_never(session: Session) -> None:
    broad = start_campaign(session, given(session), now=NOW)
    assert (broad.kind, broad.ends_on) == (CampaignKind.BURST, dt.date(2026, 3, 29))
    everyday = start_campaign(session, given(session, pattern="everyday", name="Always"), now=NOW)
    assert (everyday.kind, everyday.ends_on) == (CampaignKind.CONTINUOUS, None)


def test_an_evening_is_one_day_in_the_middle_and_the_other_ads_run_as_long_as_the_campaign(session: Session) -> None:
    campaign = start_campaign(session, given(session), now=NOW)
    flights = {
        (one.asset.format == "event", one.starts_on, one.ends_on)
        for one in session.scalars(select(Placement).where(Placement.campaign_id == campaign.id))
    }
    middle = dt.date(2026, 3, 16)  # the 15th is a Sunday
    assert flights == {(True, middle, middle), (False, campaign.starts_on, campaign.ends_on)}


@pytest.mark.parametrize(
    ("starts_on", "weeks", "day"),
    [
        ("2026-11-27", 8, "2027-01-07"),
        ("2026-12-21", 1, "2026-12-23"),
        ("2026-03-02", 2, "2026-03-09"),
        ("2026-04-14", 1, "2026-04-20"),
    ],
)
def test_an_evening_of_which_nobody_said_the_day_is_on_no_holiday_and_begins_no_weekend(
    session: Session, starts_on: str, weeks: int, day: str
) -> None:
    """In Finland schools are closed from 21 December to 6 January, and nobody works on 24, 25 and 26 December."""
    start = given(session, pattern="evenings", starts_on=starts_on, weeks=weeks)
    campaign = start_campaign(session, start, now=NOW)
    evening = select(Placement).where(
        Placement.campaign_id == campaign.id, Placement.asset.has(Asset.format == "event")
    )
    assert session.scalars(evening).one().starts_on == dt.date.fromisoformat(day)


def test_evenings_are_on_the_days_that_are_said_each_an_ad_of_its_own(session: Session) -> None:
    days = [dt.date(2026, 3, 25), dt.date(2026, 3, 10)]
    start = given(session, pattern="evenings", evenings_on=[str(day) for day in days])
    campaign = start_campaign(session, start, now=NOW)
    evenings = session.scalars(
        select(Placement).where(Placement.campaign_id == campaign.id, Placement.asset.has(Asset.format == "event"))
    ).all()
    assert sorted((one.starts_on, one.ends_on) for one in evenings) == [(day, day) for day in sorted(days)]
    assert sorted(one.name for one in evenings) == [
        "Now we must: virtual evening (10 Mar 2026)", "Now we must: virtual evening (25 Mar 2026)",
    ]  # fmt: skip
    placed = session.scalars(select(Placement).where(Placement.campaign_id == campaign.id)).all()
    assert len(placed) == count_ads(Pattern.EVENINGS, 1, 2)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"evenings_on": ["2026-03-30"]}, r"evenings_on\[0\].*30 Mar 2026 is not in 2–29 Mar 2026"),
        ({"evenings_on": ["2026-03-10", "2026-03-10"]}, r"evenings_on\[1\].*Say each day once"),
        ({"pattern": "everyday", "evenings_on": ["2026-03-10"]}, "evenings_on.*This pattern has no evening"),
    ],
)
def test_an_evening_that_cannot_be_is_refused_by_its_field_and_nothing_is_planned(
    session: Session, changes: dict[str, Any], said: str
) -> None:
    a_persona(session)
    with pytest.raises(Invalid, match=said), session.begin_nested():
        start_campaign(session, given(session, **changes), now=NOW)
    assert session.scalars(select(Placement)).all() == []


def test_the_campaign_that_is_begun_with_is_the_newest_by_a_pattern_else_the_first(session: Session) -> None:
    assert find_started(session) is None
    first = a_campaign(session)
    a_campaign(session).created_at = LATER
    assert find_started(session) == first
    started = start_campaign(session, given(session), now=NOW)
    assert find_started(session) == started
    newer = start_campaign(session, given(session, name="Now again"), now=LATER)
    assert find_started(session) == newer


def test_what_is_there_already_is_used(session: Session) -> None:
    a_persona(session)
    claim, channel = a_claim(session), a_channel(session, kind="email", name="Our letter")
    start_campaign(session, given(session, pattern="evenings"), now=NOW)
    assert session.scalars(select(Claim)).all() == [claim]
    assert session.scalars(select(Channel).where(Channel.kind == "email")).all() == [channel]


def test_of_a_campaign_that_cannot_be_planned_nothing_is_there(session: Session) -> None:
    with pytest.raises(Invalid) as error:
        start_campaign(session, given(session, factors={"gp-young-family": "gold"}), now=NOW)
    assert [one.field for one in error.value.problems] == ["promises[0].factor"]
    start_campaign(session, given(session), now=NOW)
    with pytest.raises((Conflict, Invalid)):
        start_campaign(session, given(session), now=NOW)
    assert len(session.scalars(select(Asset)).all()) == len(PIECES[Pattern.BROAD])


@pytest.mark.parametrize("pattern", Pattern)
def test_several_personas_share_the_evening_and_each_has_every_other_ad_with_its_own_promise(
    session: Session, pattern: Pattern
) -> None:
    told = {"gp-young-family": "no-night-duty", "senior": "list-size-cap"}
    campaign = start_campaign(session, given(session, pattern=pattern, factors=told), now=NOW)
    placements = session.scalars(select(Placement).where(Placement.campaign_id == campaign.id)).all()
    shared = [one for one in placements if one.asset.format == "event"]
    assert [[persona.slug for persona in one.personas] for one in shared] == [list(told)] * len(shared)
    assert [{claim.factor for claim in one.asset.claims} for one in shared] == [set(told.values())] * len(shared)
    own = [one for one in placements if one.asset.format != "event"]
    said = [(one.persona.slug, claim.factor) for one in own for claim in one.asset.claims]
    assert sorted(said) == sorted([*told.items()] * (len(PIECES[pattern]) - len(shared)))
    assert not any(one.also_for_ids for one in own)
    assert len(placements) == count_ads(pattern, 2)


def test_an_evening_makes_a_promise_that_two_personas_share_once(session: Session) -> None:
    told = {"gp-young-family": "no-night-duty", "senior": "no-night-duty"}
    start_campaign(session, given(session, pattern="evenings", factors=told), now=NOW)
    evening = session.scalars(select(Asset).where(Asset.format == "event")).one()
    assert [claim.factor for claim in evening.claims] == ["no-night-duty"]


def test_a_persona_is_promised_something_once(session: Session) -> None:
    twice = given(session).promises * 2
    with pytest.raises(Invalid) as error:
        start_campaign(session, given(session, promises=twice, evenings_on=["2027-03-02"]), now=NOW)
    assert [one.field for one in error.value.problems] == ["promises[1].persona_id", "evenings_on[0]"]


def test_ads_are_named_in_the_language_of_whoever_plans_them_and_speak_that_of_the_organisation(
    session: Session,
) -> None:
    with speaking("sv"):
        campaign = start_campaign(session, given(session, pattern="evenings"), now=NOW)
    placed = session.scalars(select(Placement).where(Placement.campaign_id == campaign.id)).all()
    assert "Now we must: virtuell kväll" in {one.name for one in placed}
    assert {tuple(one.asset.languages) for one in placed} == {("fi",)}


def test_where_hosts_are_named_a_campaign_leads_to_one_of_them(session: Session) -> None:
    name_hosts(session)
    with pytest.raises(Invalid) as error:
        start_campaign(session, given(session, target_url="https://elsewhere.example/x"), now=NOW)
    assert [one.field for one in error.value.problems] == ["target_url"]
    start_campaign(session, given(session), now=NOW)
