"""Before a campaign goes live or ends, a page says what of it is not in order, and only then is the step taken."""

import uuid
from collections.abc import Iterator
from html import unescape

import pytest
from playwright.sync_api import expect

from app.access.membership import change_role, list_people
from app.access.token import Role, create_token
from app.database import Database
from app.planning.campaign import Campaign, CampaignStatus
from app.planning.placement import Placement, PlacementStatus
from tests.support.browser import Watch, barriers
from tests.support.client import TestClient
from tests.support.hands import Keys
from tests.support.people import COOKIE, browser_of, open_session
from tests.support.plan import a_campaign, a_channel, a_placement, an_asset, name_hosts
from tests.support.server import serving
from tests.web.pages.planning_office import OTHER, PlanningOffice, send

BOOKED = {"booked_cost": {"amount": "900.00", "currency": "EUR"}}
DAYS = {"starts_on": "2026-12-01", "ends_on": "2026-12-14"}
LATER = {"starts_on": "2026-12-20", "ends_on": "2026-12-30"}
ELSEWHERE = "https://ads.example.com/doctor"
DRAFT = {"name": "Draft poster", "status": "draft"}


@pytest.fixture
def office(sqlite_file_url: str) -> Iterator[PlanningOffice]:
    database = Database(sqlite_file_url)
    yield PlanningOffice(database)
    database.close()


def open_campaign(office: PlanningOffice, status: str = "approved", **changes: str) -> uuid.UUID:
    with office.database.writing(office.city) as session:
        fields = {"name": "Winter", "starts_on": "2026-11-01", "ends_on": "2026-12-31", **changes}
        return a_campaign(session, status=status, **fields).id


def asked(office: PlanningOffice, campaign: uuid.UUID) -> str:
    return unescape(office.first.get(f"/campaigns/{campaign}/status").text)


def status_of(office: PlanningOffice, campaign: uuid.UUID) -> str:
    return office.get(Campaign, campaign).status


def break_all(office: PlanningOffice, campaign: uuid.UUID) -> dict[str, str]:
    """Placements of a campaign of which each has something that is not in order, and where each is put right."""
    with office.database.writing(office.city) as session:
        draft = an_asset(session, **DRAFT)
        slow = a_channel(session, name="Trams", lead_time_days=30)
        late = a_placement(session, campaign_id=campaign, name="Unbooked", channel_id=slow.id, **DAYS)
        unapproved = a_placement(session, campaign_id=campaign, asset_id=draft.id, target_url=ELSEWHERE, **LATER)
        running = a_placement(session, campaign_id=campaign, starts_on="2026-11-10", ends_on="2026-12-14", **BOOKED)
        running.linked_on = running.starts_on.replace(day=15)
        row = f"/campaigns/{campaign}/placements#row-%s"
        return {"late": row % late.id, "draft": f"/assets/{draft.id}", "running": row % running.id,
                "costless": row % unapproved.id}  # fmt: skip


def test_going_live_first_asks_and_names_all_that_is_not_in_order_with_where_it_is_put_right(
    office: PlanningOffice,
) -> None:
    campaign = open_campaign(office)
    ways = break_all(office, campaign)
    assert f'<a class="button" href="/campaigns/{campaign}/status">Take it live</a>' in office.first.get(
        f"/campaigns/{campaign}").text  # fmt: skip
    text = asked(office, campaign)
    assert "Take “Winter” live?" in text and "5 things of this campaign are not in order:" in text
    for said in (
        "1 link leads to a host that is not allowed", "1 asset is not approved", "2 placements have no cost yet",
        "1 placement should have been booked by now", "It should have been booked by 1 Nov 2026.",
        "1 placement began before it had a link", "Linked on 15 Nov 2026: what came before has no link.",
        "This step cannot be taken back. Its placements can still be corrected afterwards",
    ):  # fmt: skip
        assert said in text
    assert "not live, although" not in text, "none can be before its campaign is"
    for way in ways.values():
        assert f'href="{way}"' in text
    assert status_of(office, campaign) == CampaignStatus.APPROVED


def test_the_api_answers_a_campaign_that_goes_live_with_what_its_page_said_before_and_says_now(
    office: PlanningOffice,
) -> None:
    campaign = open_campaign(office)
    break_all(office, campaign)
    text = asked(office, campaign)
    with office.database.writing(office.city) as session:
        secret = create_token(session, "tests", Role.MARKETER, now=office.app.state.clock())
    machine = TestClient(office.app, headers={"Authorization": f"Bearer {secret}", "If-Match": "*"})
    warned = machine.patch(f"/api/v1/campaigns/{campaign}", json={"status": "live"}).json()["warnings"]
    *before, link = warned
    assert len(before) == 5 and link["what"] == "1 placement is not live, although its dates say it should run"
    for one in before:
        assert one["what"] in text and one["remedy"] in text
        assert one["things"] and all(thing["name"] in text and thing["note"] in text for thing in one["things"])
    now = unescape(office.first.get(f"/campaigns/{campaign}").text)
    assert "6 things are not in order" in now and all(one["what"] in now for one in warned)
    assert status_of(office, campaign) == CampaignStatus.LIVE


def test_what_is_not_in_order_in_another_campaign_is_not_told_of(office: PlanningOffice) -> None:
    break_all(office, open_campaign(office, name="Another"))
    campaign = open_campaign(office)
    with office.database.writing(office.city) as session:
        name_hosts(session)
        a_placement(session, campaign_id=campaign, **LATER, **BOOKED)
    text = asked(office, campaign)
    assert "Everything is in order." in text and 'class="list ways"' not in text
    assert "Go live" in text and "Not yet" in text


def test_a_campaign_in_which_nothing_is_placed_is_not_said_to_be_in_order(office: PlanningOffice) -> None:
    text = asked(office, open_campaign(office))
    assert "Nothing is placed in this campaign yet." in text and "Everything is in order." not in text


def test_consent_that_ends_is_told_of_for_the_assets_of_the_campaign(office: PlanningOffice) -> None:
    campaign = open_campaign(office)
    with office.database.writing(office.city) as session:
        shown = an_asset(session, shows_people=True, consent_expires_on="2026-12-15")
        a_placement(session, campaign_id=campaign, asset_id=shown.id, **DAYS, **BOOKED)
        asset = shown.id
    text = asked(office, campaign)
    assert "Consent ends within a month for 1 asset in use" in text and f'href="/assets/{asset}"' in text


def test_ending_names_what_must_end_first_and_offers_no_button_until_it_has(office: PlanningOffice) -> None:
    campaign = open_campaign(office, "live")
    with office.database.writing(office.city) as session:
        placement = a_placement(session, campaign_id=campaign, starts_on="2026-11-02", ends_on="2026-11-09",
                                status="live", **BOOKED).id  # fmt: skip
    text = asked(office, campaign)
    assert "1 placement has not ended" in text and f"#row-{placement}" in text
    assert "<button name=" not in text.partition("<h1>")[2] and "Not yet" in text
    with office.database.writing(office.city) as session:
        session.get_one(Placement, placement).status = PlacementStatus.ENDED
    text = asked(office, campaign)
    assert "End “Winter”?" in text and "Everything is in order." in text
    assert "nothing more goes live in a campaign that has ended" in text
    send(office.first, f"/campaigns/{campaign}/status", {"status": "ended"})
    assert status_of(office, campaign) == CampaignStatus.ENDED


def test_all_that_should_run_today_goes_live_by_one_button_and_nothing_else(office: PlanningOffice) -> None:
    campaign = open_campaign(office, "live")
    running = {"starts_on": "2026-11-10", "ends_on": "2026-12-14"}
    with office.database.writing(office.city) as session:
        draft = an_asset(session, **DRAFT)
        due = [a_placement(session, campaign_id=campaign, name=f"Poster {n}", **running).id for n in range(2)]
        kept = [
            a_placement(session, campaign_id=campaign, asset_id=draft.id, **running).id,
            a_placement(session, campaign_id=campaign, **DAYS).id,
            a_placement(session, campaign_id=campaign, starts_on="2026-11-02", ends_on="2026-11-08").id,
        ]
    here = f"/campaigns/{campaign}"
    text = office.first.get(here).text
    assert "Take 2 placements live" in text
    assert f'<a class="action" href="{here}/status">End the campaign</a>' in text
    assert office.viewer.post(f"{here}/placements/live").status_code == 403
    done = office.first.post(f"{here}/placements/live")
    assert "2 placements are live now." in office.first.get(done.headers["location"]).text
    assert {office.get(Placement, one).status for one in due} == {"live"}
    assert {office.get(Placement, one).status for one in kept} == {"planned"}
    assert "placements live</button>" not in office.first.get(here).text
    again = office.first.post(f"{here}/placements/live")
    assert "0 placements are live now." in office.first.get(again.headers["location"]).text


def test_where_there_is_no_such_step_the_campaigns_page_comes_and_who_reads_is_refused(office: PlanningOffice) -> None:
    for status in ("draft", "ended"):
        campaign = open_campaign(office, status, name=status)
        answer = office.first.get(f"/campaigns/{campaign}/status")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/campaigns/{campaign}")
    assert office.viewer.get(f"/campaigns/{open_campaign(office)}/status").status_code == 403


def test_who_may_not_see_small_counts_takes_it_live_too(office: PlanningOffice) -> None:
    with office.database.writing(office.city) as session:
        (other,) = [one for one in list_people(session) if one.email == OTHER]
        change_role(session, other.membership_id, Role.MARKETER, sees_small_counts=False)
    campaign = open_campaign(office)
    blind = browser_of(office.app, OTHER)
    assert "Go live" in blind.get(f"/campaigns/{campaign}/status").text
    send(blind, f"/campaigns/{campaign}/status", {"status": "live"})
    assert status_of(office, campaign) == CampaignStatus.LIVE


def test_it_goes_live_with_keys_alone_and_without_javascript_and_not_before_it_was_asked(
    watch: Watch, office: PlanningOffice
) -> None:
    campaign = open_campaign(office)
    with office.database.writing(office.city) as session:
        name_hosts(session)
        a_placement(session, campaign_id=campaign, **LATER)
    with serving(office.app) as site:
        watch.carry_cookie(COOKIE, open_session(office.app))
        page = watch.open(java_script_enabled=False)
        page.goto(f"{site}/campaigns/{campaign}")
        keys = Keys(page)
        keys.follow(page.get_by_role("link", name="Take it live", exact=True))
        expect(page.locator("h1")).to_have_text("Take “Winter” live?")
        keys.follow(page.get_by_role("link", name="Not yet"))
        expect(page.locator("h1")).to_have_text("Winter")
        assert status_of(office, campaign) == CampaignStatus.APPROVED
        keys.follow(page.get_by_role("link", name="Take it live", exact=True))
        keys.follow(page.get_by_role("button", name="Go live"))
        expect(page.get_by_role("status").first).to_have_text("Kept.")
    assert status_of(office, campaign) == CampaignStatus.LIVE


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_that_asks_has_no_barriers(watch: Watch, office: PlanningOffice, width: int) -> None:
    campaign = open_campaign(office)
    break_all(office, campaign)
    with serving(office.app) as site:
        watch.carry_cookie(COOKIE, open_session(office.app))
        page = watch.open(viewport={"width": width, "height": 900})
        page.goto(f"{site}/campaigns/{campaign}/status")
        assert barriers(page) == []
