"""The rules of campaigns, claims, assets, channels, jobs and source aliases, each on both databases."""

import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.errors import Conflict, Frozen, Invalid, Missing
from app.planning.alias import (
    SourceAliasFilter,
    SourceAliasIn,
    create_source_alias,
    delete_source_alias,
    list_source_aliases,
    replace_source_alias,
)
from app.planning.asset import Asset, AssetFilter, AssetIn, describe_asset, list_assets
from app.planning.campaign import (
    Campaign,
    CampaignFilter,
    CampaignIn,
    describe_campaign,
    get_campaign,
    list_campaigns,
)
from app.planning.channel import ChannelFilter, ChannelIn, describe_channel, list_channels
from app.planning.claim import Claim, ClaimFilter, ClaimIn, describe_claim, list_claims
from app.planning.job import JobFilter, JobIn, create_job, delete_job, list_jobs, replace_job
from app.planning.listing import Window
from app.planning.persona import replace_persona
from app.planning.persona_schema import PersonaIn
from app.planning.placement import PlacementStatus
from app.planning.removal import delete_asset, delete_campaign, delete_channel, delete_claim, delete_persona
from app.planning.removal import delete_placement as remove_placement
from app.planning.replacing import replace_asset, replace_campaign, replace_channel, replace_claim
from app.planning.tracking import AliasKind, SourceAlias
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


def changed_campaign(session: Session, campaign: Campaign, **changes: Any) -> Campaign:
    shown = describe_campaign(campaign).model_dump(include=set(CampaignIn.model_fields))
    return replace_campaign(
        session, campaign.id, CampaignIn.model_validate(shown | changes), revision=campaign.revision, now=LATER
    )


def changed_asset(session: Session, asset: Asset, **changes: Any) -> Asset:
    shown = describe_asset(asset).model_dump(include=set(AssetIn.model_fields))
    return replace_asset(session, asset.id, AssetIn.model_validate(shown | changes), revision=asset.revision, now=LATER)


def changed_claim(session: Session, claim: Claim, **changes: Any) -> Claim:
    shown = describe_claim(claim).model_dump(include=set(ClaimIn.model_fields))
    return replace_claim(session, claim.id, ClaimIn.model_validate(shown | changes), revision=claim.revision, now=LATER)


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        ({"kind": "burst", "ends_on": None}, "A burst has an end"),
        ({"kind": "burst", "ends_on": "2026-03-01"}, "must end after it starts"),
        ({"kind": "continuous", "ends_on": "2026-03-31"}, "no end date until it has ended"),
    ],
)
def test_a_burst_has_an_end_after_its_start_and_a_continuous_campaign_none(
    session: Session, dates: dict[str, Any], message: str
) -> None:
    with pytest.raises(Invalid) as error:
        a_campaign(session, **dates)
    assert message in refusal(error)["ends_on"]


def test_a_continuous_campaign_says_its_end_once_it_has_ended(session: Session) -> None:
    campaign = a_campaign(session, kind="continuous", ends_on="2026-03-31", status="ended")
    assert campaign.ends_on == dt.date(2026, 3, 31)


def test_expectations_fall_from_stage_to_stage(session: Session) -> None:
    with pytest.raises(Invalid) as error:
        a_campaign(session, expected_funnel={"applied": 40, "interview": 12, "hired": 13})
    assert list(refusal(error)) == ["expected_funnel.hired"]
    campaign = a_campaign(session, expected_funnel={"applied": 40, "hired": 3})
    assert campaign.expected_funnel == {"applied": 40, "hired": 3}


def test_a_budget_comes_back_as_it_was_given(session: Session) -> None:
    campaign = a_campaign(session, budget={"amount": "20000.05", "currency": "EUR"})
    assert (campaign.budget_minor, campaign.currency) == (2_000_005, "EUR")
    budget = describe_campaign(campaign).budget
    assert budget is not None
    assert (budget.amount, budget.currency) == ("20000.05", "EUR")


def test_names_are_given_once_in_an_organisation(session: Session) -> None:
    a_campaign(session, name="Spring")
    with pytest.raises(Conflict, match="is taken by another"):
        a_campaign(session, name="Spring")
    other = a_campaign(session, name="Autumn")
    with pytest.raises(Conflict):
        changed_campaign(session, other, name="Spring")


def test_names_that_look_the_same_are_the_same(session: Session) -> None:
    a_campaign(session, name="Kevät")
    with pytest.raises(Conflict):
        a_campaign(session, name="Keva\u0308t ")


def test_a_campaign_moves_only_forward(session: Session) -> None:
    campaign = a_campaign(session, status="approved")
    with pytest.raises(Invalid) as error:
        changed_campaign(session, campaign, status="draft")
    assert list(refusal(error)) == ["status"]
    assert changed_campaign(session, campaign, status="live").status == "live"


def test_a_campaigns_dates_keep_its_flights_inside(session: Session) -> None:
    campaign = a_campaign(session)
    a_placement(session, name="Tram", campaign_id=campaign.id)
    with pytest.raises(Conflict, match=r"“Tram”: The campaign ends on 29 Mar 2026"):
        changed_campaign(session, campaign, ends_on="2026-03-29")


def test_a_campaign_ends_after_its_placements(session: Session) -> None:
    campaign = a_campaign(session, status="live")
    a_live_placement(session, name="Tram", campaign_id=campaign.id)
    with pytest.raises(Conflict, match="“Tram”"):
        changed_campaign(session, campaign, status="ended")


def test_a_campaigns_name_in_a_link_that_is_out_is_frozen(session: Session) -> None:
    campaign = a_campaign(session, name="Night", status="live")
    a_live_placement(session, campaign_id=campaign.id)
    with pytest.raises(Frozen):
        changed_campaign(session, campaign, name="Day")
    assert changed_campaign(session, campaign, name="NIGHT!").name == "NIGHT!"  # the same in a link


def test_a_placement_whose_link_changes_is_at_a_new_revision(session: Session) -> None:
    campaign, channel = a_campaign(session), a_channel(session)
    placement = a_placement(session, campaign_id=campaign.id, channel_id=channel.id)
    changed_campaign(session, campaign, name="Renamed")
    assert placement.revision == 2
    given = ChannelIn.model_validate(
        describe_channel(channel).model_dump(include=set(ChannelIn.model_fields)) | {"kind": "print"}
    )
    replace_channel(session, channel.id, given, revision=1, now=LATER)
    assert (placement.revision, placement.updated_at) == (3, LATER)


@pytest.mark.parametrize("said", [{"booking_closes_on": "thursday"}, {"booking_closes_at": "12:00"}])
def test_a_weekday_or_time_at_which_booking_closes_belongs_to_a_number_of_days(
    session: Session, said: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as error:
        a_channel(session, **said)
    assert list(refusal(error)) == ["booking_closes_days"]
    assert a_channel(session, booking_closes_days=0, booking_closes_on="thursday").booking_closes_on == "thursday"


def test_a_channels_kind_is_frozen_once_a_link_is_out(session: Session) -> None:
    placement = a_live_placement(session)
    shown = describe_channel(placement.channel).model_dump(include=set(ChannelIn.model_fields))
    with pytest.raises(Frozen):
        replace_channel(
            session, placement.channel_id, ChannelIn.model_validate(shown | {"kind": "print"}), revision=1, now=LATER
        )
    given = ChannelIn.model_validate(shown | {"contact": "sales@example.org"})
    assert replace_channel(session, placement.channel_id, given, revision=1, now=LATER).revision == 2


def test_a_claims_factor_is_one_of_some_persona(session: Session) -> None:
    a_persona(session)
    with pytest.raises(Invalid) as error:
        a_claim(session, factor="free-parking")
    assert "free-parking" in refusal(error)["factor"]
    assert a_claim(session, factor="list-size-cap").factor == "list-size-cap"  # a differentiator is one too


def test_a_claims_slug_is_its_own(session: Session) -> None:
    a_persona(session)
    a_claim(session, slug="no-nights")
    with pytest.raises(Conflict):
        a_claim(session, slug="no-nights")


def test_a_claim_in_the_world_keeps_its_factor(session: Session) -> None:
    persona = a_persona(session)
    claim = a_claim(session)
    asset = an_asset(session, claim_ids=[claim.id])
    a_live_placement(session, asset_id=asset.id, persona_id=persona.id)
    with pytest.raises(Frozen):
        changed_claim(session, claim, factor="list-size-cap")
    assert changed_claim(session, claim, text={"fi": "Ei öitä"}).text == {"fi": "Ei öitä"}


def test_a_planned_claims_factor_stays_one_that_its_personas_have(session: Session) -> None:
    persona = a_persona(session)
    a_persona(session, slug="senior", factors=[reason("short-weeks")])
    claim = a_claim(session)
    a_placement(session, asset_id=an_asset(session, claim_ids=[claim.id]).id, persona_id=persona.id)
    with pytest.raises(Conflict, match="short-weeks"):
        changed_claim(session, claim, factor="short-weeks")
    assert changed_claim(session, claim, factor="list-size-cap").revision == 2


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"shows_people": True}, "consent_expires_on"),
        ({"consent_expires_on": "2026-12-31"}, "consent_expires_on"),
        ({"status": "approved", "alt_text": {}}, "alt_text.fi"),
        ({"status": "approved", "languages": ["fi", "sv"]}, "alt_text.sv"),
        ({"alt_text": {"fi": "a", "en": "b"}}, "alt_text.en"),
        ({"claim_ids": [UNKNOWN_ID]}, "claim_ids[0]"),
        ({"variant_of_id": UNKNOWN_ID}, "variant_of_id"),
    ],
)
def test_an_asset_says_of_itself_what_it_must(session: Session, fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(Invalid) as error:
        an_asset(session, **fields)
    assert list(refusal(error)) == [wrong]


def test_an_asset_names_a_claim_once(session: Session) -> None:
    a_persona(session)
    claim = a_claim(session)
    with pytest.raises(Invalid) as error:
        an_asset(session, claim_ids=[claim.id, claim.id])
    assert list(refusal(error)) == ["claim_ids[1]"]


def test_a_draft_may_lack_its_alternative_text(session: Session) -> None:
    draft = an_asset(session, status="draft", alt_text={})
    with pytest.raises(Invalid):
        changed_asset(session, draft, status="approved")


def test_a_variant_has_its_originals_format_and_stands_one_level_below_it(session: Session) -> None:
    original, other = an_asset(session), an_asset(session)
    variant = an_asset(session, variant_of_id=original.id)
    for wrong in ({"format": "video", "variant_of_id": original.id}, {"variant_of_id": variant.id}):
        with pytest.raises(Invalid):
            an_asset(session, **wrong)
    with pytest.raises(Invalid) as error:
        an_asset(session, variant_of_id=variant.id)
    assert f"its original, “{original.name}”" in refusal(error)["variant_of_id"]
    with pytest.raises(Invalid) as error:
        changed_asset(session, original, variant_of_id=original.id)
    assert "cannot be a variant of itself" in refusal(error)["variant_of_id"]
    with pytest.raises(Invalid) as error:
        changed_asset(session, original, variant_of_id=other.id)
    assert "variants of its own" in refusal(error)["variant_of_id"]
    with pytest.raises(Conflict, match="variants of this"):
        changed_asset(session, original, format="video")


def test_what_answers_are_given_by_is_frozen_once_an_asset_is_out(session: Session) -> None:
    persona = a_persona(session)
    asset = an_asset(session)
    a_live_placement(session, asset_id=asset.id, persona_id=persona.id)
    with pytest.raises(Frozen, match="format and claims"):
        changed_asset(session, asset, format="video")
    with pytest.raises(Frozen, match="format and claims"):
        changed_asset(session, asset, claim_ids=[a_claim(session).id])
    assert changed_asset(session, asset, theme="Evenings at home").theme == "Evenings at home"


def test_a_planned_assets_claims_stay_ones_that_its_personas_have(session: Session) -> None:
    persona = a_persona(session)
    a_persona(session, slug="senior", factors=[reason("short-weeks")])
    asset = an_asset(session)
    a_placement(session, asset_id=asset.id, persona_id=persona.id)
    with pytest.raises(Conflict, match="short-weeks"):
        changed_asset(session, asset, claim_ids=[a_claim(session, factor="short-weeks").id])
    claim = a_claim(session)
    changed_asset(session, asset, claim_ids=[claim.id])
    assert ([made.id for made in asset.claims], asset.revision) == ([claim.id], 2)


def test_consent_is_not_shortened_under_a_flight(session: Session) -> None:
    asset = an_asset(session, shows_people=True, consent_expires_on="2026-12-31")
    a_placement(session, asset_id=asset.id)
    with pytest.raises(Conflict, match="until 1 Mar 2026"):
        changed_asset(session, asset, consent_expires_on="2026-03-01")


def test_an_asset_retires_after_its_placements_and_does_not_come_back(session: Session) -> None:
    asset = an_asset(session)
    placement = a_placement(session, asset_id=asset.id)
    with pytest.raises(Conflict, match="cannot retire"):
        changed_asset(session, asset, status="retired")
    remove_placement(session, placement.id, revision=1)
    changed_asset(session, asset, status="retired")
    with pytest.raises(Invalid):
        changed_asset(session, asset, status="approved")


def test_a_job_does_not_close_before_it_opens(session: Session) -> None:
    fields = {"title": "Health centre doctor", "specialty": "general_practice", "opens_on": "2026-03-01"}
    with pytest.raises(Invalid) as error:
        create_job(session, JobIn.model_validate(fields | {"closes_on": "2026-02-28"}), now=NOW)
    assert list(refusal(error)) == ["closes_on"]
    job = create_job(session, JobIn.model_validate(fields), now=NOW)
    replace_job(session, job.id, JobIn.model_validate(fields | {"openings": 3}), revision=1, now=LATER)
    assert (job.openings, job.revision) == (3, 2)

    def found(**wanted: Any) -> int:
        return len(list_jobs(session, JobFilter(**wanted), Window(sort="title")).rows)

    assert (found(open_on=dt.date(2026, 3, 1)), found(open_on=dt.date(2026, 2, 1))) == (1, 0)
    assert (found(status="open"), found(specialty="unspecialised")) == (1, 0)
    delete_job(session, job.id, revision=2)
    assert found() == 0


def test_an_alias_of_a_code_means_a_placement_and_is_no_placements_own_code(session: Session) -> None:
    placement = a_placement(session)

    def say(observed: str, **ids: uuid.UUID) -> SourceAlias:
        given = SourceAliasIn.model_validate({"kind": "code", "observed": observed, **ids})
        return create_source_alias(session, given, now=NOW)

    for observed, ids, field in (
        ("zzz999", {"channel_id": placement.channel_id}, "placement_id"),
        (placement.tracking_code, {"placement_id": placement.id}, "observed"),
    ):
        with pytest.raises(Invalid) as error:
            say(observed, **ids)
        assert list(refusal(error)) == [field]
    with pytest.raises(ValueError, match="no tracking code"):
        say("LinkedIn", placement_id=placement.id)
    assert say("ZZZ-999", placement_id=placement.id).observed == "zzz999"


def test_an_alias_means_either_a_channel_or_a_placement(session: Session) -> None:
    channel, placement = a_channel(session), a_placement(session)
    for ids in ({}, {"channel_id": channel.id, "placement_id": placement.id}, {"channel_id": UNKNOWN_ID}):
        with pytest.raises(Invalid) as error:
            create_source_alias(
                session, SourceAliasIn.model_validate({"kind": "label", "observed": "LinkedIn", **ids}), now=NOW
            )
        assert list(refusal(error)) == ["channel_id"]
    with pytest.raises(Invalid) as error:
        create_source_alias(
            session,
            SourceAliasIn(kind=AliasKind.LABEL, observed="LinkedIn", placement_id=UNKNOWN_ID),
            now=NOW,
        )
    assert list(refusal(error)) == ["placement_id"]


def test_an_alias_is_kept_as_it_is_compared(session: Session) -> None:
    channel = a_channel(session)
    label = SourceAliasIn.model_validate({"kind": "label", "observed": " Linked  IN ", "channel_id": channel.id})
    host = SourceAliasIn.model_validate({"kind": "host", "observed": "WWW.LinkedIn.com", "channel_id": channel.id})
    assert (label.observed, host.observed) == ("linked in", "linkedin.com")
    alias = create_source_alias(session, label, now=NOW)
    with pytest.raises(Conflict):
        create_source_alias(session, label, now=NOW)
    replace_source_alias(session, alias.id, label.model_copy(update={"observed": "facebook"}), revision=1, now=LATER)
    found = list_source_aliases(session, SourceAliasFilter(channel_id=channel.id), Window(sort="observed"))
    assert [alias.observed for alias in found.rows] == ["facebook"]
    with pytest.raises(Conflict, match="name of the source “facebook”"):
        delete_channel(session, channel.id, revision=1)
    delete_source_alias(session, alias.id, revision=2)
    delete_channel(session, channel.id, revision=1)


@pytest.mark.parametrize(
    ("kind", "observed"), [("host", "not a host"), ("host", "https://a.fi"), ("label", "liisa@example.org")]
)
def test_an_alias_is_a_hosts_or_a_sources_name(kind: str, observed: str) -> None:
    with pytest.raises(ValueError, match="observed"):
        SourceAliasIn.model_validate({"kind": kind, "observed": observed, "channel_id": UNKNOWN_ID})


def test_what_something_stands_on_is_not_deleted(session: Session) -> None:
    persona = a_persona(session)
    claim = a_claim(session)
    asset = an_asset(session, name="Poster 1", claim_ids=[claim.id])
    an_asset(session, name="Poster 2", variant_of_id=asset.id)
    placement = a_placement(session, name="Tram", asset_id=asset.id, persona_id=persona.id)
    alias = create_source_alias(
        session,
        SourceAliasIn.model_validate({"kind": "label", "observed": "tram", "placement_id": placement.id}),
        now=NOW,
    )
    with pytest.raises(Conflict, match="This campaign is used by placement “Tram”; change or delete that first"):
        delete_campaign(session, placement.campaign_id, revision=1)
    with pytest.raises(Conflict, match="placement “Tram”"):
        delete_channel(session, placement.channel_id, revision=1)
    with pytest.raises(Conflict, match="placement “Tram”"):
        delete_persona(session, persona.id, revision=1)
    with pytest.raises(Conflict, match="placement “Tram”"):
        delete_asset(session, asset.id, revision=1)
    with pytest.raises(Conflict, match="asset “Poster 1”"):
        delete_claim(session, claim.id, revision=1)
    with pytest.raises(Conflict, match="name of the source “tram”"):
        remove_placement(session, placement.id, revision=1)

    delete_source_alias(session, alias.id, revision=1)
    remove_placement(session, placement.id, revision=1)
    with pytest.raises(Conflict, match="variant “Poster 2”"):
        delete_asset(session, asset.id, revision=1)
    with pytest.raises(Conflict, match="claim"):
        delete_persona(session, persona.id, revision=1)
    delete_campaign(session, placement.campaign_id, revision=1)
    with pytest.raises(Missing):
        get_campaign(session, placement.campaign_id)


def test_a_personas_last_holder_of_a_claimed_factor_stays(session: Session) -> None:
    first = a_persona(session)
    a_claim(session)
    second = replace_persona(
        session, first.id, PersonaIn.model_validate(persona_fields(tone={"fi": "x", "en": "y"})), revision=1, now=LATER
    )
    delete_persona(session, second.id, revision=1)
    with pytest.raises(Conflict, match="used by claim"):
        delete_persona(session, first.id, revision=1)


def test_many_users_are_named_by_a_few_and_counted(session: Session) -> None:
    campaign = a_campaign(session)
    for number in range(7):
        a_placement(session, name=f"P{number}", campaign_id=campaign.id)
    with pytest.raises(Conflict, match=r"“P0”, “P1”, “P2”, “P3”, “P4” \(\+2\)"):
        delete_campaign(session, campaign.id, revision=1)


def test_lists_hold_what_fits_the_filter(session: Session) -> None:
    a_persona(session)
    claim = a_claim(session, slug="no-nights")
    poster = an_asset(session, name="A", theme="Time", claim_ids=[claim.id])
    an_asset(session, name="B", format="video", status="draft", alt_text={})
    an_asset(session, name="C", variant_of_id=poster.id)
    a_campaign(session, name="Spring", status="live")
    a_campaign(session, name="Always", kind="continuous", starts_on="2026-05-01", ends_on=None)
    a_channel(session, name="Tram")
    a_channel(session, name="Letter", kind="email", cost_model="free")
    by_name = Window(sort="name")

    def assets(**wanted: Any) -> str:
        return "".join(asset.name for asset in list_assets(session, AssetFilter(**wanted), by_name).rows)

    def campaigns(**wanted: Any) -> list[str]:
        return [row.name for row in list_campaigns(session, CampaignFilter(**wanted), by_name).rows]

    def channels(**wanted: Any) -> list[str]:
        return [row.name for row in list_channels(session, ChannelFilter(**wanted), by_name).rows]

    def claims(**wanted: Any) -> int:
        return len(list_claims(session, ClaimFilter(**wanted), Window(sort="slug")).rows)

    assert [assets(), assets(format="video"), assets(status="approved"), assets(theme="Time")] == [
        "ABC",
        "B",
        "AC",
        "A",
    ]
    assert [assets(claim_id=claim.id), assets(variant_of_id=poster.id)] == ["A", "C"]
    assert campaigns(running_on=dt.date(2026, 3, 31)) == ["Spring"]
    assert campaigns(running_on=dt.date(2026, 6, 1)) == ["Always"]
    assert (campaigns(status="live"), campaigns(kind="continuous")) == (["Spring"], ["Always"])
    assert (channels(kind="email"), channels(cost_model="per_period")) == (["Letter"], ["Tram"])
    assert (claims(factor="no-night-duty"), claims(slug="no-nights"), claims(factor="other")) == (1, 1, 0)


@pytest.mark.parametrize("sort", ["name", "-name", "starts_on", "-starts_on", "created_at", "-updated_at"])
def test_stretches_cover_a_list_once_whatever_ties(session: Session, sort: str) -> None:
    for number in range(7):
        a_campaign(session, name=f"Campaign {'äaB'[number % 3]}{number}", starts_on=f"2026-03-0{1 + number % 2}")
    whole = [row.id for row in list_campaigns(session, CampaignFilter(), Window(sort=sort)).rows]
    found: list[Any] = []
    window: Window | None = Window(sort=sort, limit=2)
    while window is not None:
        stretch = list_campaigns(session, CampaignFilter(), window)
        found += [row.id for row in stretch.rows]
        window = Window(sort=sort, limit=2, after=stretch.next) if stretch.next else None
    assert found == whole
    assert len(set(found)) == 7


def test_all_that_stands_against_a_change_is_told_at_once(session: Session) -> None:
    a_persona(session)
    asset, claim = an_asset(session, shows_people=True, consent_expires_on="2026-12-31"), a_claim(session, slug="other")
    placement = a_placement(session, name="Kallio", asset_id=asset.id)
    placement.status = PlacementStatus.LIVE
    with pytest.raises(Conflict) as told:
        changed_asset(session, asset, claim_ids=[claim.id], consent_expires_on="2026-03-01", status="retired")
    for one in ("its format and claims cannot change any more", "until 1 Mar 2026", "cannot retire before “Kallio”"):
        assert one in str(told.value), one
    with pytest.raises(Invalid) as broken:
        changed_asset(session, asset, consent_expires_on="2026-03-01", claim_ids=[claim.id, claim.id])
    assert [one.field for one in broken.value.problems] == ["claim_ids[1]", "", ""]
    campaign = placement.campaign
    with pytest.raises(Conflict) as told:
        changed_campaign(session, campaign, name="Renamed", ends_on="2026-03-02", status="ended")
    for one in ("its name, which is in the link,", "The campaign ends on 2 Mar 2026", "cannot end before “Kallio”"):
        assert one in str(told.value), one
