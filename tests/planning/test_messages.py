"""Which ads speak of which of a persona's reasons to come."""

from sqlalchemy.orm import Session

from app.planning.asset import AssetStatus
from app.planning.messages import PersonaMessages, list_messages
from app.planning.placement import PlacementStatus
from tests.support.plan import a_campaign, a_claim, a_live_placement, a_persona, a_placement, an_asset, reason


def only_persona(session: Session, **which: object) -> PersonaMessages:
    (found,) = list_messages(session, **which)  # type: ignore[arg-type]
    return found


def carried(found: PersonaMessages) -> dict[str, list[tuple[str, PlacementStatus | None]]]:
    return {one.factor.slug: [(each.asset.name, each.step) for each in one.carriers] for one in found.messages}


def test_a_reason_that_no_asset_speaks_of_is_silent(session: Session) -> None:
    a_persona(session)
    found = only_persona(session)
    assert carried(found) == {"no-night-duty": [], "list-size-cap": []}
    assert [one.factor.slug for one in found.silent] == ["no-night-duty", "list-size-cap"]


def test_an_ad_that_is_planned_for_the_persona_speaks_of_what_its_claim_carries(session: Session) -> None:
    persona = a_persona(session)
    asset = an_asset(session, name="Poster", claim_ids=[str(a_claim(session).id)])
    a_placement(session, asset_id=str(asset.id), persona_id=str(persona.id))
    found = only_persona(session)
    assert carried(found)["no-night-duty"] == [("Poster", PlacementStatus.PLANNED)]
    assert [one.factor.slug for one in found.silent] == ["list-size-cap"]


def test_an_evening_for_several_personas_speaks_to_each_of_what_it_promises_them(session: Session) -> None:
    junior = a_persona(session, slug="junior", factors=[reason("supervision")])
    senior = a_persona(session, slug="senior", factors=[reason("week-you-draw")])
    promised = [str(a_claim(session, factor=factor).id) for factor in ("supervision", "week-you-draw")]
    evening = an_asset(session, name="Evening", format="event", claim_ids=promised)
    a_placement(session, asset_id=str(evening.id), persona_id=str(junior.id), also_for_ids=[str(senior.id)])
    for slug, factor in (("junior", "supervision"), ("senior", "week-you-draw")):
        found = only_persona(session, slug=slug)
        assert carried(found)[factor] == [("Evening", PlacementStatus.PLANNED)]
        assert [one.factor.slug for one in found.silent] == ["list-size-cap"]


def test_an_asset_that_is_placed_for_others_alone_leaves_the_reason_silent(session: Session) -> None:
    other = a_persona(session, slug="senior")
    a_persona(session)
    asset = an_asset(session, name="Poster", claim_ids=[str(a_claim(session).id)])
    a_placement(session, asset_id=str(asset.id), persona_id=str(other.id))
    found = only_persona(session, slug="gp-young-family")
    assert carried(found)["no-night-duty"] == [("Poster", None)]
    assert found.messages[0].is_silent


def test_a_placement_for_an_older_version_speaks_to_the_persona_all_the_same(session: Session) -> None:
    persona = a_persona(session)
    asset = an_asset(session, name="Poster", claim_ids=[str(a_claim(session).id)])
    a_placement(session, asset_id=str(asset.id), persona_id=str(persona.id))
    a_persona(session, version=2, factors=[reason("no-night-duty"), reason("own-patients")])
    found = only_persona(session)
    assert found.persona.version == 2
    assert [one.factor.slug for one in found.silent] == ["own-patients", "list-size-cap"]


def test_of_an_assets_placements_the_nearest_step_counts(session: Session) -> None:
    persona = a_persona(session)
    asset = an_asset(session, name="Poster", claim_ids=[str(a_claim(session).id)], status="approved")
    a_placement(session, asset_id=str(asset.id), persona_id=str(persona.id))
    a_live_placement(session, asset_id=str(asset.id), persona_id=str(persona.id))
    assert carried(only_persona(session))["no-night-duty"] == [("Poster", PlacementStatus.LIVE)]


def test_a_retired_asset_that_was_never_placed_is_passed_over(session: Session) -> None:
    a_persona(session)
    asset = an_asset(session, claim_ids=[str(a_claim(session).id)])
    asset.status = AssetStatus.RETIRED
    assert carried(only_persona(session))["no-night-duty"] == []


def test_of_one_campaign_only_what_is_placed_in_it_is_listed(session: Session) -> None:
    persona, claim = a_persona(session), a_claim(session)
    campaign = a_campaign(session, name="Spring")
    inside, outside = (an_asset(session, name=name, claim_ids=[str(claim.id)]) for name in ("In", "Out"))
    a_placement(session, asset_id=str(inside.id), persona_id=str(persona.id), campaign_id=str(campaign.id))
    a_placement(session, asset_id=str(outside.id), persona_id=str(persona.id))
    found = only_persona(session, campaign_id=campaign.id)
    assert carried(found)["no-night-duty"] == [("In", PlacementStatus.PLANNED)]


def test_a_reason_whose_ads_have_all_ended_has_fallen_silent_but_was_said(session: Session) -> None:
    persona = a_persona(session)
    asset = an_asset(session, claim_ids=[str(a_claim(session).id)], status="approved")
    placement = a_live_placement(session, asset_id=str(asset.id), persona_id=str(persona.id))
    placement.status = PlacementStatus.ENDED
    said = only_persona(session).messages[0]
    assert (said.is_silent, said.has_fallen_silent) == (False, True)
