"""A campaign is made, changed, copied and brought forward in the browser, and what is expected reckoned from hires."""

import re
import uuid
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from app.access.organisation import Organisation
from app.database import Database
from app.planning.asset import Asset
from app.planning.campaign import Campaign, describe_campaign
from app.planning.channel import Channel
from app.planning.persona import Persona
from app.planning.placement import Placement
from tests.support.forms import read_form
from tests.support.people import browser_of
from tests.support.plan import a_campaign, a_claim, a_placement
from tests.web.pages.planning_office import OTHER, PlanningOffice, send


@pytest.fixture
def office(sqlite_file_url: str) -> Iterator[PlanningOffice]:
    database = Database(sqlite_file_url)
    office = PlanningOffice(database)
    with database.writing(office.city) as session:
        a_claim(session, slug="no-night-duty")
    yield office
    database.close()


NEW = "/campaigns/new"
SAID = {
    "name": ["Spring"], "objective": ["Three doctors\r\nfor Kallio"], "starts_on": ["2027-03-01"],
    "ends_on": ["2027-05-31"], "budget": ["12 000"], "personas": ["gp-young-family"], "claims": ["no-night-duty"],
    "talent_pool": ["yes"], "leads_wanted": ["30"], "hires_wanted": ["3"], "rate_applied": ["4"],
    "rate_interview": ["30"], "rate_hired": ["8"], "cost_per_application": ["210"],
}  # fmt: skip


def make(office: PlanningOffice, **said: list[str]) -> tuple[str, Any]:
    form = read_form(office.first.get(NEW).text, NEW)
    answer = office.first.post(NEW, data={**form, **SAID, **said})
    assert answer.status_code == 303, unescape(answer.text)
    where = answer.headers["location"].partition("?")[0]
    return where, office.first.get(answer.headers["location"])


def test_the_way_to_a_new_campaign_names_no_campaign_that_is_not_there_yet(office: PlanningOffice) -> None:
    def way(path: str) -> list[str]:
        text = office.first.get(path).text
        return re.findall(r">([^<]+)</a>", re.findall(r'<p class="kicker">(.*?)</p>', text)[0])

    where, _shown = make(office)
    assert (way(NEW), way(f"{where}/edit")) == (["Campaigns"], ["Campaigns", "Spring"])


def test_without_an_open_vacancy_a_campaigns_form_leads_to_where_the_first_is_made(
    office: PlanningOffice,
) -> None:
    text = unescape(office.first.get(NEW).text)
    assert 'No vacancy is open. <a href="/jobs/new">Add the first one</a>' in text


def test_a_new_campaigns_money_is_in_the_currency_of_the_country_and_can_be_in_another(office: PlanningOffice) -> None:
    with office.database.writing(office.city) as session:
        session.scalars(select(Organisation)).one().time_zone = "Europe/Stockholm"
    assert read_form(office.first.get(NEW).text, NEW)["currency"] == ["SEK"]
    where, _shown = make(office)
    assert stored(office, where).currency == "SEK"
    where, _shown = make(office, name=["Autumn"], currency=["NOK"])
    assert stored(office, where).currency == "NOK"
    assert "in SEK" in unescape(office.first.get("/campaigns/urgent").text)
    where, _shown = make(office, name=["Winter"], budget=[""], cost_per_application=[""], hires_wanted=[""])
    assert read_form(office.first.get(f"{where}/edit").text, f"{where}/edit")["currency"] == ["SEK"]


def stored(office: PlanningOffice, where: str) -> Campaign:
    return office.get(Campaign, uuid.UUID(where.rpartition("/")[2]))


def test_a_campaign_is_made_and_its_expectation_reckoned_back_from_the_hires_wanted(office: PlanningOffice) -> None:
    where, shown = make(office)
    made = describe_campaign(stored(office, where))
    assert (made.objective, made.budget and made.budget.amount) == ("Three doctors\nfor Kallio", "12000.00")
    assert (made.aim.personas, made.aim.claims, made.aim.talent_pool) == (["gp-young-family"], ["no-night-duty"], True)
    assert made.aim.leads_wanted == 30
    # 3 ÷ 8 % = 37.5, so 38 must apply; 30 % of these is 11.4, so 12 interviews; 38 ÷ 4 % = 950 follow a link.
    assert made.expected_funnel is not None
    assert made.expected_funnel.model_dump(exclude_none=True) == {"applied": 38, "interview": 12, "hired": 3}
    text = unescape(shown.text).replace("\u00a0", " ")
    assert "3 hires ÷ 8 % of those who apply = 38 applications." in text
    assert '<th scope="row">Links followed</th><td class="number">950</td>' in text
    assert "7,980 €" in text
    assert "draft on 22 Nov 2026, by Anna Aalto" in text
    assert "the talent pool" in text and "0 of 30 wanted left their details." in text


def test_leads_are_wanted_of_a_campaign_for_the_talent_pool_alone(office: PlanningOffice) -> None:
    form = read_form(office.first.get(NEW).text, NEW)
    for said, remedy in (({"talent_pool": []}, "Say that it is for the talent pool"), ({"leads_wanted": ["few"]},
                         "Give a whole number from 1 to 10,000.")):  # fmt: skip
        answer = office.first.post(NEW, data={**form, **SAID, **said})
        assert answer.status_code == 422 and remedy in unescape(answer.text)


def test_without_a_rate_of_hires_nothing_is_reckoned_and_the_page_says_what_is_lacking(office: PlanningOffice) -> None:
    assert "too few hires for a calculation yet" in office.first.get(NEW).text
    where, shown = make(office, rate_hired=[""])
    assert stored(office, where).expected_funnel is None
    assert "The share of applicants that is hired is not known" in shown.text


@pytest.mark.parametrize("taken_back", [{"hires_wanted": [""]}, {"rate_hired": [""]}])
def test_an_expectation_is_taken_back_with_what_it_was_reckoned_from(
    office: PlanningOffice, taken_back: dict[str, list[str]]
) -> None:
    where, _shown = make(office)
    form = read_form(office.first.get(f"{where}/edit").text, f"{where}/edit")
    assert office.first.post(f"{where}/edit", data={**form, **taken_back}).status_code == 303
    assert stored(office, where).expected_funnel is None


def test_an_expectation_that_nobody_reckoned_stays(office: PlanningOffice) -> None:
    where, _shown = make(office, hires_wanted=[""])
    with office.database.writing(office.city) as session:
        session.get_one(Campaign, uuid.UUID(where.rpartition("/")[2])).expected_funnel = {"applied": 40}
    form = read_form(office.first.get(f"{where}/edit").text, f"{where}/edit")
    assert office.first.post(f"{where}/edit", data={**form, "objective": ["Four doctors"]}).status_code == 303
    assert stored(office, where).expected_funnel == {"applied": 40}


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"ends_on": [""]}, "A burst has an end"),
        ({"hires_wanted": ["many"]}, "whole number from 1 to 10,000"),
        ({"hires_wanted": ["0000001" + "9" * 5000]}, "whole number from 1 to 10,000"),
        ({"rate_hired": ["40"]}, "That is more than come to the stage before"),
        ({"rate_hired": ["0"]}, "A rate of 0 leads nowhere"),
        ({"rate_hired": ["lots"]}, "Write the rate as a number"),
        ({"budget": ["much"]}, "“much” is no amount"),
        ({"claims": ["free-beer"]}, "There is no claim “free-beer”"),
        ({"name": ["Now we must"]}, "“Now we must” is taken by another campaign already"),
    ],
)
def test_what_is_wrong_is_named_and_what_was_written_stays(
    office: PlanningOffice, said: dict[str, list[str]], says: str
) -> None:
    form = read_form(office.first.get(NEW).text, NEW)
    answer = office.first.post(NEW, data={**form, **SAID, **said})
    assert answer.status_code == 422
    assert says in unescape(answer.text)
    again = read_form(answer.text, NEW)
    assert again["objective"] == ["Three doctors\nfor Kallio"]
    assert {field: again[field] for field in said} == said


def test_what_only_one_of_two_changed_is_kept_and_what_both_changed_is_shown(office: PlanningOffice) -> None:
    where, _shown = make(office)
    edit = f"{where}/edit"
    opened = read_form(office.first.get(edit).text, edit)
    send(office.second, edit, {**opened, "concept": ["One thought"]})
    send(office.first, edit, {**opened, "objective": ["Four doctors"]})
    kept = stored(office, where)
    assert (kept.concept, kept.objective) == ("One thought", "Four doctors")
    answer = office.first.post(edit, data={**opened, "concept": ["Another"]})
    assert answer.status_code == 422
    assert "Somebody else said meanwhile: One thought" in unescape(answer.text)
    send(office.first, edit, read_form(answer.text, edit))
    assert stored(office, where).concept == "Another"
    torn = office.first.post(edit, data={**opened, "was": ["{"]})
    assert (torn.status_code, "Part of the form is missing" in torn.text) == (422, True)


def test_a_campaign_goes_from_draft_to_its_end_and_says_who_took_it_there(office: PlanningOffice) -> None:
    here = f"/campaigns/{office.campaign}"
    form = read_form(office.first.get(f"{here}/edit").text, f"{here}/edit")
    always = {**form, "kind": ["continuous"], "starts_on": ["2026-11-01"], "ends_on": [""]}
    send(office.first, f"{here}/edit", always)
    for status, button in (("approved", "Approve it"), ("live", "Take it live"), ("ended", "End the campaign")):
        assert button in office.second.get(here).text
        send(office.second, f"{here}/status", {"status": status})
    ended = describe_campaign(office.get(Campaign, office.campaign))
    assert [step.status for step in ended.steps] == ["draft", "approved", "live", "ended"]
    assert len({step.by for step in ended.steps[1:]}) == 1
    refused = office.second.post(f"{here}/status", data={"status": "draft"})
    assert (refused.status_code, "Nothing was changed." in refused.text) == (422, True)
    assert "<h1>Now we must</h1>" in refused.text, "the page that was left, and not the form"


def test_a_campaign_is_copied_with_its_placements_on_other_days(office: PlanningOffice) -> None:
    with office.database.writing(office.city) as session:
        a_placement(session, campaign_id=office.campaign, starts_on="2026-12-01", ends_on="2026-12-14", place="Kallio")
    here = f"/campaigns/{office.campaign}"
    form = read_form(office.first.get(here).text, f"{here}/copy")
    assert form["name"] == ["Now we must, again"]
    answer = office.first.post(f"{here}/copy", data={**form, "starts_on": ["2027-01-01"]})
    copied = answer.headers["location"].partition("?")[0]
    assert "1 placement" in office.first.get(f"{copied}/placements").text
    assert "2027-01-14" in office.first.get(f"{copied}/placements").text
    again = office.first.post(f"{here}/copy", data={**form, "starts_on": ["2027-02-01"]})
    name = "Now we must, again"
    said = f"“{name}” is taken by another campaign already; change that one, or choose something else."
    assert f'{said} <a href="{copied}">Open it</a>' in again.text, "and no key is shown"


def test_a_copy_says_how_many_placements_came_along_and_which_stayed_behind_and_why(office: PlanningOffice) -> None:
    with office.database.writing(office.city) as session:
        everyday = a_campaign(session, kind="continuous", ends_on=None).id
        a_placement(session, campaign_id=everyday, name="Always", starts_on="2026-12-01", ends_on=None)
        a_placement(session, campaign_id=everyday, name="Winter", starts_on="2026-12-01", ends_on="2026-12-14")
    form = {"name": "Next year", "starts_on": "2027-01-01", "with_placements": "yes"}
    shown = send(office.first, f"/campaigns/{everyday}/copy", form).text
    assert "Copied, with 1 placement. Not copied, for the same asset runs in the same place on the moved days" in shown
    assert "already: “Always”. Plan them on other days" in shown
    shown = send(office.first, f"/campaigns/{everyday}/copy", form | {"name": "Pattern", "template": "yes"}).text
    assert "Copied, without placements. Not copied, for nothing is placed in a template: “Always”, “Winter”." in shown


def test_a_draft_without_ads_says_so_and_its_first_step_is_to_plan_them(office: PlanningOffice) -> None:
    where, shown = make(office)
    verbs = shown.text.partition('<div class="verbs">')[2]
    assert re.findall(r'<a class="button" href="([^"]+)">', verbs) == [f"{where}/placements"]
    assert '<button class="plain" name="status" value="approved">' in verbs
    assert shown.text.count("Plan its placements in a table") == 1
    assert "It has no ads yet." in shown.text and "Verdict for" not in shown.text
    assert "Plan its placements first" not in office.viewer.get(where).text
    with office.database.writing(office.city) as session:
        a_placement(
            session, campaign_id=uuid.UUID(where.rpartition("/")[2]), starts_on="2027-03-01", ends_on="2027-03-31"
        )
    placed = office.first.get(where).text
    assert "It has no ads yet" not in placed and "Verdict for" in placed
    assert '<button name="status" value="approved">' in placed


URGENT = "/campaigns/urgent"


def chosen(office: PlanningOffice) -> dict[str, list[str]]:
    """The channel and the persona of the form."""
    with office.reading() as session:
        return {
            "channel_id": [str(session.scalars(select(Channel.id)).one())],
            "persona_id": [str(session.scalars(select(Persona.id)).one())],
        }


def test_what_is_needed_this_week_is_planned_on_one_short_form(office: PlanningOffice) -> None:
    form = read_form(office.first.get(URGENT).text, URGENT)
    assert len([field for field in form if field not in ("starts_on", "ends_on")]) <= 7
    assert (form["channel_id"], form["persona_id"]) == ([""], [""]), "nothing is chosen for whoever does not look"
    said = {**form, "name": ["Summer locums"], "target_url": ["https://jobs.example.org/locums"], "place": ["Kallio"]}
    refused = office.first.post(URGENT, data=said)
    assert (refused.status_code, 'value="Kallio"' in refused.text) == (422, True)
    shown = send(office.first, URGENT, {**said, **chosen(office)})
    assert "Its link" in shown.text
    with office.reading() as session:
        (placement,) = session.query(Placement)
        assert (str(placement.starts_on), str(placement.ends_on)) == ("2026-11-22", "2026-11-28")
        assert placement.place == "Kallio"
        assert f"/k/{placement.tracking_code}" in shown.text
        (asset,) = session.query(Asset).filter(Asset.name == "Summer locums")
        assert (asset.status, asset.languages) == ("draft", ["en"])


def test_an_urgent_request_that_is_wrong_leaves_nothing_behind(office: PlanningOffice) -> None:
    form = read_form(office.first.get(URGENT).text, URGENT) | chosen(office)
    for said in (
        {"target_url": ["https://10.0.0.1/"]},
        {"planned_cost": ["much"], "target_url": ["https://jobs.example.org"]},
    ):
        answer = office.first.post(URGENT, data={**form, "name": ["Summer locums"], **said})
        assert answer.status_code == 422
        assert 'value="Summer locums"' in answer.text
    assert office.placements() == {}
    with office.reading() as session:
        assert session.query(Campaign).count() == 1


def test_an_urgent_request_that_leads_to_a_host_of_others_is_refused_at_the_field_with_the_remedy(
    office: PlanningOffice,
) -> None:
    form = read_form(office.first.get(URGENT).text, URGENT) | chosen(office)
    said = {**form, "name": ["Summer locums"], "target_url": ["https://elsewhere.example.net/locums"]}
    text = unescape(office.second.post(URGENT, data=said).text)
    wrong = re.findall(r'<small class="line meanwhile" id="target_url-problem">(.*?)</small>', text)
    assert [one.partition(" (")[0] for one in wrong] == ["elsewhere.example.net is not one of your own hosts"]
    assert 'aria-invalid="true" aria-describedby="target_url-problem target_url-hint"' in text
    assert office.placements() == {}


def test_an_amount_that_is_none_is_named_and_marked_at_its_own_field(office: PlanningOffice) -> None:
    form = read_form(office.first.get(NEW).text, NEW)
    answer = office.first.post(NEW, data={**form, **SAID, "cost_per_application": ["about ten"]})
    text = unescape(answer.text)
    assert answer.status_code == 422 and "“about ten” is no amount; write it in digits" in text
    assert re.findall(r'id="([a-z_]+)-problem"', text) == ["cost_per_application"]
    assert re.findall(r'<input id="([a-z_]+)"[^>]* aria-invalid="true"', text) == ["cost_per_application"]


def test_all_campaigns_stand_in_one_list_and_who_reads_plans_nothing(office: PlanningOffice) -> None:
    listed = office.viewer.get("/campaigns").text
    assert "Now we must" in listed
    assert "1 campaign. None of them runs now." in listed
    assert "Plan a campaign" not in listed
    assert "</a> ·&nbsp;without a budget" in listed, "the dot begins what follows it, and ends no line"
    for path in (NEW, URGENT, f"/campaigns/{office.campaign}/edit"):
        assert office.viewer.get(path).status_code == 403
        assert office.viewer.post(path, data={}).status_code == 403
    assert office.viewer.post(f"/campaigns/{office.campaign}/status", data={"status": "approved"}).status_code == 403


def test_who_may_not_see_small_counts_plans_and_reckons_by_rates_of_their_own(office: PlanningOffice) -> None:
    with office.database.writing(office.city) as session:
        from app.access.membership import change_role, list_people
        from app.access.token import Role

        (other,) = [one for one in list_people(session) if one.email == OTHER]
        change_role(session, other.membership_id, Role.MARKETER, sees_small_counts=False)
    blind = browser_of(office.app, OTHER)
    assert "your membership does not show those of the record" in blind.get(NEW).text
