"""A campaign is copied to other days, whole or not at all; a template is there to be copied, by units as well."""

import datetime as dt
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.audit import AuditEntry
from app.access.organisation import create_organisation, get_organisation
from app.database import Database
from app.errors import Conflict, Denied, Invalid, Missing
from app.planning.campaign import (
    Campaign,
    CampaignFilter,
    CampaignIn,
    describe_campaign,
    get_campaign,
    list_campaigns,
)
from app.planning.copying import CampaignCopy, CampaignCopyIn, copy_campaign, describe_copy
from app.planning.listing import Window
from app.planning.naming import NamingPresetIn, create_naming_preset
from app.planning.placement import Placement
from app.planning.removal import delete_campaign
from app.planning.replacing import replace_campaign
from tests.support.plan import LATER, NOW, a_campaign, a_channel, a_live_placement, a_persona, a_placement, an_asset

EUROS = {"amount": "250.00", "currency": "EUR"}
SAID = {
    "concept": "Now we must", "objective": "Four doctors", "budget": EUROS,
    "expected_funnel": {"applied": 40, "hired": 4},
}  # fmt: skip


def copied(session: Session, campaign_id: uuid.UUID, **changes: Any) -> CampaignCopy:
    wanted = {"name": "Again", "starts_on": "2026-05-02", **changes}
    return copy_campaign(session, campaign_id, CampaignCopyIn.model_validate(wanted), now=LATER)


def days(row: Campaign | Placement) -> tuple[str, str | None]:
    return row.starts_on.isoformat(), row.ends_on.isoformat() if row.ends_on else None


def rename(campaign: Campaign, **changes: Any) -> CampaignIn:
    kept = describe_campaign(campaign).model_dump(include=set(CampaignIn.model_fields))
    return CampaignIn.model_validate(kept | changes)


def problems_of(found: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(problem.field, problem.message) for problem in found.value.problems]


def test_a_copy_means_what_the_campaign_meant_and_is_a_draft_on_other_days(session: Session) -> None:
    source = a_campaign(session, status="live", **SAID)
    copy = copied(session, source.id).campaign
    assert (copy.name, copy.status, copy.revision, days(copy)) == ("Again", "draft", 1, ("2026-05-02", "2026-06-01"))
    assert describe_campaign(copy).model_dump(include=set(SAID), exclude_none=True) == SAID
    assert (source.status, days(source)) == ("live", ("2026-03-01", "2026-03-31"))


def test_its_placements_are_planned_anew_and_keep_nothing_of_what_was_booked_or_went_out(session: Session) -> None:
    source = a_campaign(session, status="live")
    costs = {"planned_cost": EUROS, "booked_cost": EUROS, "invoiced_cost": EUROS}
    old = a_live_placement(session, campaign_id=source.id, place="Kallio", ats_source_ref="Tram 4", **costs)
    (new,) = copied(session, source.id).placements
    assert new.tracking_code != old.tracking_code
    assert (new.status, new.place, new.name, days(new)) == ("planned", "Kallio", old.name, ("2026-05-04", "2026-05-31"))
    assert (new.planned_cost_minor, new.currency) == (25_000, "EUR")
    assert (new.booked_cost_minor, new.invoiced_cost_minor, new.ats_source_ref) == (None, None, None)
    assert (new.asset_id, new.channel_id, new.persona_id) == (old.asset_id, old.channel_id, old.persona_id)


def test_it_comes_without_placements_where_they_are_not_wanted(session: Session) -> None:
    source = a_placement(session).campaign
    copy = copied(session, source.id, with_placements=False)
    assert (list(copy.placements), list(copy.left_out)) == ([], [])


def test_a_continuous_campaign_that_ended_is_open_again_in_its_copy(session: Session) -> None:
    source = a_campaign(session, kind="continuous", ends_on="2026-03-31", status="ended")
    assert days(copied(session, source.id).campaign) == ("2026-05-02", None)


def test_a_locked_preset_names_the_placements_of_a_copy(session: Session) -> None:
    source = a_placement(session).campaign
    preset = NamingPresetIn(name="House rule", pattern="{campaign} {year}-{month}", locked=True)
    create_naming_preset(session, preset, now=NOW)
    assert [one.name for one in copied(session, source.id).placements] == ["Again 2026-05"]


def test_a_copy_that_cannot_be_whole_is_not_made_and_each_hindrance_is_named(
    database: Database, organisation: uuid.UUID
) -> None:
    with database.writing(organisation) as session:
        source = a_campaign(session).id
        shown = {"shows_people": True, "consent_expires_on": "2026-04-30"}
        a_placement(session, campaign_id=source, name="Agreed")
        for name in ("Poster", "Film"):
            a_placement(session, campaign_id=source, name=name, asset_id=an_asset(session, **shown).id)
    with pytest.raises(Invalid) as found, database.writing(organisation) as session:
        copied(session, source)
    agreed = "The people shown have agreed until 30 Apr 2026; end the placement by then or ask them anew."
    assert problems_of(found) == [
        ("with_placements", f"“{name}” cannot be copied: {agreed} Or copy without placements.")
        for name in ("Film", "Poster")
    ]
    with database.reading(organisation) as session:
        assert session.scalar(select(func.count()).select_from(Campaign)) == 1
        assert session.scalar(select(func.count()).select_from(Placement)) == 3


def test_what_would_run_twice_in_one_place_stays_behind_and_is_named(session: Session) -> None:
    source = a_campaign(session, kind="continuous", ends_on=None)
    asset, channel, persona = an_asset(session), a_channel(session), a_persona(session)
    for name, place, first, last in (
        ("March", "Kallio", "2026-03-02", "2026-03-15"), ("April", "Kallio", "2026-04-01", "2026-04-14"),
        ("May", "Kallio", "2026-05-04", "2026-05-17"), ("Always", "Vallila", "2026-03-02", None),
    ):  # fmt: skip
        a_placement(session, name=name, campaign_id=source.id, asset_id=asset.id, channel_id=channel.id,
                    persona_id=persona.id, place=place, starts_on=first, ends_on=last)  # fmt: skip
    copy = copied(session, source.id, starts_on="2026-05-02")
    told = [(one.name, *days(one)) for one in copy.placements]
    assert told == [("April", "2026-06-02", "2026-06-15"), ("May", "2026-07-05", "2026-07-18")]
    assert describe_copy(copy).left_out == ["Always", "March"], "each runs in its place on the moved days already"


def test_what_hinders_a_copy_otherwise_is_told_without_what_would_only_stay_behind(session: Session) -> None:
    source = a_campaign(session, kind="continuous", ends_on=None)
    a_placement(session, name="Always", campaign_id=source.id, ends_on=None)
    film = an_asset(session, shows_people=True, consent_expires_on="2026-04-30")
    a_placement(session, name="Film", campaign_id=source.id, asset_id=film.id)
    with pytest.raises(Invalid) as found:
        copied(session, source.id)
    assert [message.partition(" cannot")[0] for _field, message in problems_of(found)] == ["“Film”"]


def test_a_name_that_lacks_a_part_hinders_a_copy(session: Session) -> None:
    source = a_placement(session, name="Poster").campaign
    create_naming_preset(session, NamingPresetIn(name="Rule", pattern="{campaign} {place}", locked=True), now=NOW)
    with pytest.raises(Invalid, match="“Poster” cannot be copied: Say the place"):
        copied(session, source.id)


def test_days_that_no_plan_has_are_refused(session: Session) -> None:
    with pytest.raises(Invalid) as found:
        copied(session, a_campaign(session).id, starts_on="2100-12-20")
    assert problems_of(found) == [("ends_on", "The year must be from 1900 to 2100.")]


def test_a_name_is_new_in_the_organisation(session: Session) -> None:
    with pytest.raises(Conflict, match="already"):
        copied(session, a_campaign(session, name="Again").id)


@given(start=st.dates(dt.date(1900, 1, 1), dt.date(2100, 11, 30)))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_the_day_all_days_move_by_as_many(session: Session, start: dt.date) -> None:
    with session.begin_nested() as kept:
        source = a_campaign(session, starts_on="2026-03-01", ends_on="2026-03-31")
        a_placement(session, campaign_id=source.id)
        copy = copied(session, source.id, starts_on=start, name="Moved")
        (flight,) = copy.placements
        day = dt.timedelta(days=1)
        assert (copy.campaign.ends_on, flight.starts_on, flight.ends_on) == (
            start + 30 * day, start + 2 * day, start + 29 * day,
        )  # fmt: skip
        kept.rollback()


def test_every_row_of_a_copy_is_told_in_the_audit(database: Database, organisation: uuid.UUID) -> None:
    with database.writing(organisation) as session:
        source = a_placement(session).campaign_id
    with database.writing(organisation) as session:
        copy = copied(session, source)
        made = {("campaign", str(copy.campaign.id)), ("placement", str(copy.placements[0].id))}
    with database.reading(organisation) as session:
        told = session.execute(select(AuditEntry.noun, AuditEntry.noun_id).where(AuditEntry.action == "created"))
        assert made <= {(noun, key) for noun, key in told}


def test_a_template_stays_a_draft_in_which_nothing_is_placed(session: Session) -> None:
    with pytest.raises(Invalid, match="A template stays a draft"):
        a_campaign(session, template=True, status="approved")
    template = a_campaign(session, template=True)
    with pytest.raises(Invalid) as found:
        a_placement(session, campaign_id=template.id)
    assert problems_of(found) == [("campaign_id", "This campaign is a template; copy it, and place in the copy.")]
    planned = a_placement(session, name="Poster").campaign
    with pytest.raises(Conflict, match="“Poster” are placed in it, and a template has no placements"):
        replace_campaign(session, planned.id, rename(planned, template=True), revision=1, now=LATER)


def test_templates_are_listed_where_they_are_asked_for_and_nowhere_else(session: Session) -> None:
    template, campaign = a_campaign(session, template=True), a_campaign(session)

    def listed(**wanted: Any) -> list[Campaign]:
        return list(list_campaigns(session, CampaignFilter(**wanted), Window(sort="name")).rows)

    assert (listed(), listed(template=True)) == ([campaign], [template])


def test_a_campaign_copied_as_a_template_says_which_placements_stayed_behind(session: Session) -> None:
    source = a_placement(session, name="Poster").campaign
    copy = describe_copy(copied(session, source.id, template=True))
    assert (copy.template, copy.status, copy.placements, copy.left_out) == (True, "draft", [], ["Poster"])
    assert describe_copy(copied(session, source.id, template=True, with_placements=False, name="Bare")).left_out == []


@pytest.fixture
def below(database: Database, organisation: uuid.UUID) -> uuid.UUID:
    with database.writing() as session:
        town = get_organisation(session, organisation)
        return create_organisation(session, "Unit", now=NOW, parent=town).id


def share(database: Database, organisation: uuid.UUID, choice: bool) -> None:
    with database.writing() as session:
        get_organisation(session, organisation).shares_templates = choice


def test_a_unit_makes_a_campaign_of_its_own_from_a_shared_template(
    database: Database, organisation: uuid.UUID, below: uuid.UUID
) -> None:
    with database.writing(organisation) as session:
        template = a_campaign(session, name="Autumn", template=True, **SAID).id
    with pytest.raises(Missing), database.writing(below) as session:
        copied(session, template)
    share(database, organisation, True)
    with database.writing(below) as session:
        copy = copied(session, template, name="Autumn").campaign
        assert (copy.organisation_id, copy.template, copy.concept) == (below, False, "Now we must")
    share(database, organisation, False)
    with database.reading(below) as session:
        assert session.scalars(select(Campaign.name)).all() == ["Autumn"], "the copy stands on its own"


def test_of_campaigns_a_unit_sees_the_shared_templates_alone_and_changes_none(
    database: Database, organisation: uuid.UUID, below: uuid.UUID
) -> None:
    share(database, organisation, True)
    with database.writing(organisation) as session:
        template, campaign = a_campaign(session, template=True).id, a_campaign(session, status="live").id
    with database.reading(below) as session:
        assert session.scalars(select(Campaign.id)).all() == [template]
    with pytest.raises(Missing), database.writing(below) as session:
        copied(session, campaign)
    with pytest.raises(Denied, match="make one of your own"), database.writing(below) as session:
        replace_campaign(session, template, rename(get_campaign(session, template)), revision=1, now=LATER)
    with pytest.raises(Denied), database.writing(below) as session:
        delete_campaign(session, template, revision=1)
    with pytest.raises(Invalid, match="copy it, and place in the copy"), database.writing(below) as session:
        a_placement(session, campaign_id=template)


def test_a_template_becomes_a_campaign_when_it_is_no_longer_one(session: Session) -> None:
    template = a_campaign(session, template=True)
    replace_campaign(session, template.id, rename(template, template=False), revision=1, now=LATER)
    assert a_placement(session, campaign_id=template.id).campaign is template
