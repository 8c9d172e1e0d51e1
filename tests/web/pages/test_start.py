"""The first hour: what is done, what is next, and the forms that do it."""

import datetime as dt
import re
import uuid
from dataclasses import replace
from html import unescape

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from app.access.organisation import Organisation
from app.access.token import Role
from app.i18n import speaking
from app.planning.campaign import Campaign
from app.planning.channel import Channel
from app.planning.persona import Persona
from app.planning.placement import Placement, PlacementStatus
from app.web.pages.start import Step, finding
from tests.support.client import TestClient
from tests.support.forms import read_form, read_forms
from tests.support.people import COOKIE, add_person, browser_of, open_session
from tests.support.plan import a_campaign, an_asset
from tests.web.pages.conftest import visitor


@pytest.fixture
def planner(site: FastAPI) -> TestClient:
    return visitor(site)


def page(planner: TestClient) -> str:
    return unescape(planner.get("/start").text)


def take_personas(planner: TestClient, *slugs: str) -> None:
    answer = planner.post("/start/personas", data={"persona": list(slugs)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/start#campaign")


def test_whoever_has_nothing_is_shown_all_that_is_left_and_what_is_next(planner: TestClient) -> None:
    text = page(planner)
    assert "6 steps are left." in text
    assert '<li id="employer" aria-current="step">' in text
    assert "GP with a young family" in text
    assert '<a class="button" href="/start">' in planner.get("/").text


def test_what_is_done_stays_done_wherever_it_was_done(site: FastAPI, planner: TestClient) -> None:
    with site.state.database.writing() as session:
        session.scalars(select(Organisation)).one().link_hosts = ["jobs.example.org"]
    take_personas(planner, "gp-young-family", "senior-part-time")
    text = page(planner)
    assert "4 steps are left." in text
    assert '<li id="personas" class="done">' in text
    assert '<li id="campaign" aria-current="step">' in text
    with site.state.database.reading(site.state.organisation) as session:
        assert len(session.scalars(select(Persona)).all()) == 2


def test_from_nothing_to_links_in_two_forms(site: FastAPI, planner: TestClient) -> None:
    take_personas(planner, "gp-young-family")
    form = read_form(planner.get("/start").text, "/start/campaign")
    with site.state.database.reading(site.state.organisation) as session:
        persona = session.scalars(select(Persona.id)).one()
    said = {"pattern": "broad", "name": "Now we must", "promise": f"{persona}|no-night-duty",
            "target_url": "https://jobs.example.org/doctors", "evening": "2026-12-15"}  # fmt: skip
    answer = planner.post("/start/campaign", data={**form, **said})
    assert answer.status_code == 303
    shown = planner.get(answer.headers["location"])
    assert shown.url.path.endswith("/placements")
    assert 'go on with the first hour. <a href="/start#live">The first hour</a>' in shown.text
    assert "go on with the first hour" not in planner.get(shown.url.path).text
    with site.state.database.reading(site.state.organisation) as session:
        assert len(session.scalars(select(Placement)).all()) == 6
    assert '<li id="campaign" class="done">' in page(planner)


def plan(site: FastAPI, planner: TestClient, **said: str) -> str:
    """Plan six ads by a pattern, and give the address of their table."""
    take_personas(planner, "gp-young-family")
    with site.state.database.reading(site.state.organisation) as session:
        persona = session.scalars(select(Persona.id)).one()
    form = {"pattern": "broad", "name": "Now we must", "promise": f"{persona}|no-night-duty", "weeks": "8",
            "starts_on": "2026-11-23", "target_url": "https://jobs.example.org/doctors"}  # fmt: skip
    if said.get("pattern") != "everyday":
        form["evening"] = "2026-12-15"
    where: str = planner.post("/start/campaign", data=form | said).headers["location"]
    return where.partition("?")[0]


def test_the_first_hour_stays_with_the_campaign_that_was_planned_in_it(site: FastAPI, planner: TestClient) -> None:
    table = plan(site, planner)
    with site.state.database.writing(site.state.organisation) as session:
        planned, later = session.scalars(select(Campaign)).one(), a_campaign(session, name="Something else")
        later.created_at = planned.created_at + dt.timedelta(days=1)
        other = str(later.id)
    step = page(planner).partition('id="campaign"')[2].partition('id="live"')[0]
    assert f'href="{table}"' in step and other not in step


def test_going_live_says_what_is_left_and_who_may_approve(site: FastAPI, planner: TestClient) -> None:
    table = plan(site, planner)
    text = page(planner)
    campaign = table.partition("/placements")[0]
    assert f'<a class="action" href="{campaign}">Now we must</a>' in text
    assert "6 placements are not live yet. 6 assets wait for approval by somebody who did not write them." in text
    assert "4 of them lack the descriptions that approval needs." in text
    of = campaign.rpartition("/")[2]
    assert f'<a class="action" href="/assets/describe?campaign={of}">Describe them, all on one page</a>' in text
    assert "Nobody else here may approve yet: invite somebody as a marketer or a consultant." in text
    assert '<a class="action" href="/people">Invite somebody</a>' in text
    add_person(site.state.database, site.state.organisation, "reader@kivikoski.example", Role.VIEWER)
    assert "Nobody else here may approve yet" in page(planner)
    add_person(site.state.database, site.state.organisation, "bo@kivikoski.example", Role.MARKETER)
    text = page(planner)
    assert "These may approve: Anna Aalto." in text and "Invite somebody" not in text


def test_going_live_leads_to_the_campaigns_that_still_wait_and_to_no_other(site: FastAPI, planner: TestClient) -> None:
    waits = plan(site, planner).partition("/placements")[0]
    is_live = plan(site, planner, name="All of it is live").partition("/placements")[0]
    with site.state.database.writing(site.state.organisation) as session:
        live = update(Placement).where(Placement.campaign_id == uuid.UUID(is_live.rpartition("/")[2]))
        session.execute(live.values(status=PlacementStatus.LIVE))
    step = page(planner).partition('id="live"')[2].partition('id="data"')[0]
    assert f'href="{waits}"' in step and f'href="{is_live}"' not in step


def test_all_is_done_only_once_nothing_waits_any_more(site: FastAPI, planner: TestClient) -> None:
    steps = [Step("live", "Go live", "", True, [], left="1 placement is not live yet.")]
    with speaking("en"):
        assert finding(steps) == "Every step was done once. Still open: 1 placement is not live yet."
        assert finding([replace(steps[0], left="")]).startswith("All is done.")


def test_today_names_ads_that_start_soon_and_wait_for_approval_to_who_may_approve(
    site: FastAPI, planner: TestClient
) -> None:
    plan(site, planner)
    text = unescape(planner.get("/").text)
    assert (
        "5 placements start soon with assets that are not approved: “" in text
        and "The first starts on 23 Nov 2026." in text
    )
    assert "You wrote it, so somebody else approves it. Nobody else here may approve yet" in text
    for email, role in (("bo@kivikoski.example", Role.MARKETER), ("reader@kivikoski.example", Role.VIEWER)):
        add_person(site.state.database, site.state.organisation, email, role)
    other = unescape(browser_of(site, "bo@kivikoski.example").get("/").text)
    ways = re.findall(r"Look at it, and approve it\.(.*?)</p>", other)[0]
    describe, opened = r' <a href="/assets/describe">[^<]*</a>,', r'( <a href="/assets/[0-9a-f-]{36}">“[^<]*”</a>,?){3}'
    assert re.fullmatch(f"{describe}{opened}.*wait for approval</a>", ways), ways
    assert "not approved" not in browser_of(site, "reader@kivikoski.example").get("/").text


def test_ads_that_somebody_else_wrote_are_told_apart_from_ones_own_with_their_own_links(
    site: FastAPI, planner: TestClient
) -> None:
    plan(site, planner)
    with site.state.database.writing(site.state.organisation) as session:
        soon = session.scalars(select(Placement).order_by(Placement.starts_on, Placement.id)).first()
        assert soon is not None
        soon.asset.written_by = "somebody else"
        name = soon.asset.name
        others = sum(one.asset_id == soon.asset_id for one in session.scalars(select(Placement)))
    text = unescape(planner.get("/").text)
    theirs, mine = re.findall(r"<li><p>(\d placements? starts? soon.*?)</li>", text, re.DOTALL)
    assert "You wrote it" in mine and f"“{name}”</a>" not in mine
    assert theirs.startswith(f"{others} placement") and re.findall(r">“([^<]*)”</a>", theirs) == [name]


def test_today_does_not_hurry_ads_that_start_later_than_their_channel_needs(site: FastAPI, planner: TestClient) -> None:
    plan(site, planner, starts_on="2026-12-07")
    assert "start soon" not in planner.get("/").text
    with site.state.database.writing(site.state.organisation) as session:
        session.scalars(select(Channel).where(Channel.kind == "out_of_home")).one().lead_time_days = 21
    assert "1 placement starts soon with an asset that is not approved" in planner.get("/").text


def test_a_link_that_may_not_go_live_where_it_leads_is_told_of_at_once_with_the_way_to_the_hosts(
    site: FastAPI, planner: TestClient
) -> None:
    where = plan(site, planner)
    text = unescape(planner.get(where).text)
    assert text.count("Cannot go live: jobs.example.org is not one of your own hosts.") == 6
    hosts = f'<a href="/units/{site.state.organisation}#hosts">Name the hosts that links may lead to</a>'
    assert text.count(hosts) == 6
    with site.state.database.reading(site.state.organisation) as session:
        placement = session.scalars(select(Placement.id).limit(1)).one()
    assert hosts in planner.get(f"/placements/{placement}").text
    add_person(site.state.database, site.state.organisation, "bo@kivikoski.example", Role.MARKETER)
    marketer = unescape(browser_of(site, "bo@kivikoski.example").get(where).text)
    assert "not one of your own hosts" in marketer and "Name the hosts" not in marketer
    (form,) = [one for one in read_forms(planner.get(where).text, where) if "row" in one]
    refused = planner.post(where, data={**form, "status": ["live", *form["status"][1:]]})
    assert refused.status_code == 422 and unescape(refused.text).count(hosts) == 7
    with site.state.database.writing() as session:
        session.scalars(select(Organisation)).one().link_hosts = ["jobs.example.org"]
    assert "not one of your own hosts" not in planner.get(where).text


def test_what_was_typed_into_a_form_that_is_refused_is_kept(planner: TestClient) -> None:
    take_personas(planner, "gp-young-family")
    said = {"pattern": "evenings", "name": "Evenings", "promise": "", "starts_on": "2026-12-01", "target_url": "x"}
    answer = planner.post("/start/campaign", data=said)
    assert answer.status_code == 422
    assert "Choose for whom it is and what it promises." in unescape(answer.text)
    assert 'value="Evenings"' in answer.text
    assert planner.post("/start/personas", data={"persona": ["nobody"]}).status_code == 422


def test_a_form_that_is_refused_comes_back_open_and_in_the_language_of_its_page(planner: TestClient) -> None:
    take_personas(planner, "gp-young-family")
    (promise, *_others) = re.findall(r'<option value="([^"|]*\|[^"]*)"', planner.get("/start").text)
    said = {"pattern": "evenings", "name": "Evenings", "promise": promise, "starts_on": "2026-12-01",
            "target_url": "https://jobs.example.org/x"}  # fmt: skip
    assert planner.post("/start/campaign", data=said | {"evening": ["2026-12-08", ""]}).status_code == 303
    assert '<details class="table-of"><summary>' in planner.get("/start").text
    assert 'action="/start/campaign?lang=sv"' in planner.get("/start?lang=sv").text
    refused = planner.post("/start/campaign", data=said | {"name": "More", "evening": ["2027-12-08", ""]})
    assert refused.status_code == 422 and '<details class="table-of" open><summary>' in refused.text
    assert 'name="evening" type="date" value="2027-12-08"' in refused.text


def test_who_only_reads_sees_the_steps_without_forms(site: FastAPI) -> None:
    add_person(site.state.database, site.state.organisation, email="reader@kivikoski.example", role=Role.VIEWER)
    viewer = browser_of(site, "reader@kivikoski.example")
    assert "<form" not in viewer.get("/start").text.partition("<main")[2].partition("</main")[0]
    assert viewer.post("/start/personas", data={"persona": ["gp-young-family"]}).status_code == 403


def test_a_consultant_is_told_who_names_the_hosts_and_goes_on_with_the_personas(site: FastAPI) -> None:
    add_person(site.state.database, site.state.organisation, email="consultant@kivikoski.example", role=Role.CONSULTANT)
    consultant = browser_of(site, "consultant@kivikoski.example")
    text = page(consultant)
    assert text.count("An administrator does this: Anna Aalto. Go on with the next step meanwhile.") == 2
    assert '<li id="personas" aria-current="step">' in text
    plan(site, consultant)
    assert '<li id="live" aria-current="step">' in page(consultant)


@pytest.mark.parametrize(("pattern", "printed"), [("broad", True), ("everyday", False), ("evenings", False)])
def test_codes_to_print_are_offered_only_where_something_is_printed(
    site: FastAPI, planner: TestClient, pattern: str, printed: bool
) -> None:
    plan(site, planner, pattern=pattern)
    text = page(planner)
    assert ("Codes to print" in text) is printed
    assert "Its placements and links" in text


EVENING = "The virtual evening would be on Monday 14 Dec 2026. Plan it, or choose another day."


def test_an_evening_of_which_nobody_said_the_day_is_shown_before_it_is_planned(
    site: FastAPI, planner: TestClient
) -> None:
    take_personas(planner, "gp-young-family")
    (promise, *_others) = re.findall(r'<option value="([^"|]*\|[^"]*)"', planner.get("/start").text)
    said = {"pattern": "evenings", "name": "Evenings", "promise": promise, "starts_on": "2026-12-01", "weeks": "3",
            "target_url": "https://jobs.example.org/x", "evening": ["", ""]}  # fmt: skip
    shown = planner.post("/start/campaign", data=said)
    assert (shown.status_code, EVENING in shown.text) == (200, True)
    form = read_form(shown.text, "/start/campaign")
    assert (form["evening"], form["name"]) == (["2026-12-14", ""], ["Evenings"])
    with site.state.database.reading(site.state.organisation) as session:
        assert session.scalars(select(Campaign)).all() == []
    assert planner.post("/start/campaign", data=form | {"promise": promise}).status_code == 303
    holiday = planner.post(
        "/start/campaign", data=said | {"name": "Another", "weeks": "5", "evening": ["2026-12-24", ""]}
    )
    assert "Thursday 24 Dec 2026: Christmas Eve, Christmas holiday. Choose another day" in holiday.text
    again = read_form(holiday.text, "/start/campaign") | {"promise": promise}
    assert planner.post("/start/campaign", data=again).status_code == 303


def test_the_form_begins_with_the_organisations_own_site_and_refuses_another_at_its_field(
    site: FastAPI, planner: TestClient
) -> None:
    take_personas(planner, "gp-young-family")
    assert "No host of your own is named yet" in planner.get("/start").text
    with site.state.database.writing() as session:
        session.scalars(select(Organisation)).one().link_hosts = ["jobs.example.org"]
    page = planner.get("/start").text
    assert read_form(page, "/start/campaign")["target_url"] == ["https://jobs.example.org/"]
    (promise, *_others) = re.findall(r'<option value="([^"|]*\|[^"]*)"', page)
    said = {"pattern": "everyday", "name": "Always", "promise": promise, "starts_on": "2026-12-01",
            "target_url": "https://elsewhere.example/x"}  # fmt: skip
    refused = planner.post("/start/campaign", data=said)
    assert refused.status_code == 422
    assert "elsewhere.example is not one of your own hosts" in refused.text.partition('id="target_url-hint"')[2]


def test_who_names_a_host_is_led_back_to_the_first_hour(site: FastAPI, planner: TestClient) -> None:
    here = f"/units/{site.state.organisation}"
    kept = planner.post(f"{here}/hosts", data={"was": "", "hosts": "jobs.example.org"})
    assert 'Kept. <a href="/start">The first hour</a>' in planner.get(kept.headers["location"]).text
    assert "The first hour" not in planner.get(f"{here}?kept=name").text


def test_today_and_the_first_hour_count_the_same_steps(site: FastAPI, planner: TestClient) -> None:
    take_personas(planner, "gp-young-family")
    with site.state.database.writing() as session:
        session.scalars(select(Organisation)).one().link_hosts = ["jobs.example.org"]
    for path, said in (("/", "4 first steps are left, no verdict"), ("/start", "4 steps are left.")):
        assert re.findall(r'class="finding">([^<]*)', planner.get(path).text)[0].startswith(said)


def test_an_address_needs_no_https_before_it(site: FastAPI, planner: TestClient) -> None:
    where = plan(site, planner, target_url="jobs.example.org/x")
    assert planner.get(where).status_code == 200
    with site.state.database.reading(site.state.organisation) as session:
        assert {one.target_url for one in session.scalars(select(Placement))} == {"https://jobs.example.org/x"}


def test_a_placement_says_before_its_address_whether_it_may_be_printed_and_what_its_links_open(
    site: FastAPI, planner: TestClient
) -> None:
    plan(site, planner)
    with site.state.database.reading(site.state.organisation) as session:
        one = session.scalars(select(Placement).limit(1)).one()
        here, asset = f"/placements/{one.id}", one.asset.name
    page = unescape(planner.get(here).text)
    assert "Print and publish this address once the placement is live." in page
    assert f">Open the asset “{asset}”</a>" in page and ">Open the campaign “Now we must”</a>" in page
    local = TestClient(site, "http://127.0.0.1:8600", headers=planner.headers, follow_redirects=False)
    local.cookies.set(COOKIE, open_session(site), domain="127.0.0.1", path="/")
    page = unescape(local.get(here).text)
    assert "Print and publish" not in page and page.count("Print nothing until") == 1
    assert page.index("Print nothing until") < page.index("Its address for now.")


def test_a_persona_chosen_twice_is_marked_before_anything_else_is_asked(planner: TestClient) -> None:
    take_personas(planner, "gp-young-family")
    first, second, *_others = re.findall(r'<option value="([^"|]*\|[^"]*)"', planner.get("/start").text)
    said = {"pattern": "evenings", "name": "Evenings", "promise": ["", first, second], "starts_on": "2026-12-01",
            "weeks": "3", "target_url": "https://jobs.example.org/x", "evening": ["", "2027-12-08"]}  # fmt: skip
    refused = planner.post("/start/campaign", data=said)
    text = unescape(refused.text)
    assert refused.status_code == 422 and "The virtual evening would be" not in text
    assert text.count("“GP with a young family” is chosen twice; choose each persona once.") == 1
    assert '<input id="evening-1" name="evening" type="date" value="2027-12-08" aria-invalid="true"' in text


def test_two_personas_of_which_one_is_chosen_twice_have_the_second_field_marked(planner: TestClient) -> None:
    take_personas(planner, "gp-young-family", "senior-part-time")
    first, second, *_others = re.findall(r'<option value="([^"|]*\|[^"]*)"', planner.get("/start").text)
    said = {"pattern": "everyday", "name": "Always", "promise": [first, second], "starts_on": "2026-12-01",
            "target_url": "https://jobs.example.org/x"}  # fmt: skip
    text = unescape(planner.post("/start/campaign", data=said).text)
    assert '<select id="promise-2" name="promise" aria-invalid="true" aria-describedby="promise-2-hint">' in text
    assert "is chosen twice" in text.partition('id="promise-2-hint">')[2][:120]
    assert f'<option value="{second}" selected>GP with a young family: ' in text


def test_the_assets_that_wait_in_the_first_hour_are_those_of_its_campaign(site: FastAPI, planner: TestClient) -> None:
    here = plan(site, planner).partition("/placements")[0]
    with site.state.database.writing(site.state.organisation) as session:
        an_asset(session, name="Of another day", status="draft", alt_text={})
    add_person(site.state.database, site.state.organisation, "bo@kivikoski.example", Role.MARKETER)
    other, of = browser_of(site, "bo@kivikoski.example"), here.rpartition("/")[2]
    described = other.get(f"/assets/describe?campaign={of}").text
    assert "Of another day" not in described and described.count("<textarea") == 4
    form = read_form(described, "/assets/describe")
    kept = other.post(f"/assets/describe?campaign={of}", data=form | {"text": ["A doctor on a bicycle."] * 4})
    assert kept.headers["location"] == f"/assets/describe?kept=4&campaign={of}"
    listed = other.get(f"/assets?status=draft&campaign={of}").text
    assert "Of another day" not in listed and "Assets of “Now we must”" in unescape(listed)
    approved = other.post(f"/assets?campaign={of}", data={"asset": re.findall(r'name="asset" value="([^"]*)"', listed)})
    text = unescape(other.get(approved.headers["location"]).text)
    assert f'6 assets are approved. <a href="{here}">Open the campaign “Now we must”</a>' in text
    with site.state.database.writing(site.state.organisation) as session:
        session.scalars(select(Campaign)).one().status = "live"
    step = page(planner).partition('id="live"')[2].partition('id="data"')[0]
    assert f'href="{here}/placements">Take placements of “Now we must” live</a>' in step


def test_the_first_step_is_done_by_a_named_host_and_by_nothing_that_runs(site: FastAPI, planner: TestClient) -> None:
    plan(site, planner)
    with site.state.database.writing(site.state.organisation) as session:
        session.execute(update(Placement).values(status=PlacementStatus.LIVE))
    assert '<li id="employer" aria-current="step">' in page(planner)
    with site.state.database.writing() as session:
        session.scalars(select(Organisation)).one().link_hosts = ["jobs.example.org"]
    assert '<li id="employer" class="done">' in page(planner)
