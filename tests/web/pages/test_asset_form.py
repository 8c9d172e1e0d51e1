"""An asset is made and changed in the browser, and approved by somebody else than who wrote it."""

import uuid
from collections.abc import Iterator
from html import unescape

import pytest

from app.access.membership import change_role, list_people
from app.access.token import Role, create_token
from app.database import Database
from app.planning.asset import Asset, describe_asset
from tests.support.client import TestClient
from tests.support.forms import read_form
from tests.support.plan import NOW, a_claim, a_placement, an_asset, asset_fields
from tests.web.pages.planning_office import PlanningOffice, send

NEW, DESCRIBE = "/assets/new", "/assets/describe"


@pytest.fixture
def office(sqlite_file_url: str) -> Iterator[PlanningOffice]:
    database = Database(sqlite_file_url)
    yield PlanningOffice(database)
    database.close()


SAID = {
    "name": ["Home by five"], "format": ["video"], "languages": ["en", "fi"], "theme": ["time"],
    "alt_text_en": ["A doctor\r\nleaves at four"], "shows_people": ["yes"], "consent_expires_on": ["2027-12-31"],
}  # fmt: skip


def make(office: PlanningOffice, **said: list[str]) -> str:
    form = read_form(office.first.get(NEW).text, NEW)
    assert form["languages"] == ["en"], "the organisation's own"
    answer = office.first.post(NEW, data={**form, **SAID, **said})
    assert answer.status_code == 303, unescape(answer.text)
    where: str = answer.headers["location"].partition("?")[0]
    return where


def stored(office: PlanningOffice, where: str) -> Asset:
    with office.reading() as session:
        found = session.get_one(Asset, uuid.UUID(where.rpartition("/")[2]))
        describe_asset(found)
        session.expunge_all()
        return found


def test_an_asset_is_made_as_a_draft_with_its_claims_languages_and_description(office: PlanningOffice) -> None:
    with office.database.writing(office.city) as session:
        claim = a_claim(session, slug="no-night-duty").id
    where = make(office, claim_ids=[str(claim)])
    with office.reading() as session:
        made = describe_asset(session.get_one(Asset, uuid.UUID(where.rpartition("/")[2])))
    assert (made.status, made.languages, made.alt_text) == ("draft", ["en", "fi"], {"en": "A doctor\nleaves at four"})
    assert (made.claim_ids, made.shows_people, str(made.consent_expires_on)) == ([claim], True, "2027-12-31")
    shown = unescape(office.first.get(where).text)
    assert "draft, written by Anna Aalto" in shown
    assert "1 of them waits for approval." in office.viewer.get("/assets").text


def test_nobody_approves_what_they_wrote_and_somebody_else_does_once_it_is_described(office: PlanningOffice) -> None:
    where = make(office)
    waits = "It waits until somebody else approves it: nobody approves their own work. These may approve: Anna Aalto."
    assert waits in office.first.get(where).text
    assert "Approve it" not in office.first.get(where).text
    own = office.first.post(f"{where}/status", data={"status": "approved"})
    assert (own.status_code, "Somebody else approves what you wrote" in own.text) == (422, True)
    bare = office.second.post(f"{where}/status", data={"status": "approved"})
    assert "needs its alternative text or captions" in unescape(bare.text)
    assert "Its placements" in bare.text, "the page that was left, with the reason"
    edit = f"{where}/edit"
    form = read_form(office.first.get(edit).text, edit)
    send(office.first, edit, {**form, "alt_text_fi": ["Lääkäri lähtee neljältä"]})
    shown = send(office.second, f"{where}/status", {"status": "approved"})
    assert "approved by Anna Aalto, 22 Nov 2026" in unescape(shown.text)
    assert stored(office, where).approved_by != stored(office, where).written_by


def test_a_draft_says_to_its_writer_what_it_needs_to_be_approved_and_leads_to_the_field(office: PlanningOffice) -> None:
    where = make(office)
    shown = unescape(office.first.get(where).text)
    assert "Before it can be approved, describe it for people who cannot see or hear it: Suomi." in shown
    assert f'href="{where}/edit#alt_text_fi">Describe it</a>' in shown
    edit = f"{where}/edit"
    form = office.first.get(edit).text
    assert '<label for="alt_text_fi">Suomi (still missing)</label>' in form
    assert '<label for="alt_text_en">English</label>' in form
    send(office.first, edit, {**read_form(form, edit), "alt_text_fi": ["Lääkäri lähtee neljältä"]})
    assert "Before it can be approved" not in office.first.get(where).text
    assert "Before it can be approved" not in office.viewer.get(where).text


def test_a_refused_step_comes_back_where_it_was_asked_for_who_may_not_see_small_counts_too(
    office: PlanningOffice,
) -> None:
    where = make(office)
    with office.database.writing(office.city) as session:
        for one in list_people(session):
            change_role(session, one.membership_id, one.role, sees_small_counts=False)
    with office.database.writing(office.city) as session:
        a_placement(session, campaign_id=office.campaign, starts_on="2026-12-01", ends_on="2026-12-31")
    for path in (f"{where}/status", f"/campaigns/{office.campaign}/status"):
        refused = office.first.post(path, data={"status": "nonsense"})
        assert (refused.status_code, "Its placements" in refused.text) == (422, True), path
        assert "You do not see how many people came through it" in refused.text


def test_who_mends_what_somebody_wrote_is_an_author_too(office: PlanningOffice) -> None:
    where = make(office, languages=["en"])
    edit = f"{where}/edit"
    form = read_form(office.second.get(edit).text, edit)
    send(office.second, edit, {**form, "url": ["https://example.org/film"]})
    assert office.second.post(f"{where}/status", data={"status": "approved"}).status_code == 422
    assert office.first.post(f"{where}/status", data={"status": "approved"}).status_code == 303


def test_what_was_approved_is_not_written_anew_but_renamed_and_retired(office: PlanningOffice) -> None:
    where = make(office, languages=["en"])
    send(office.second, f"{where}/status", {"status": "approved"})
    edit = f"{where}/edit"
    form = read_form(office.first.get(edit).text, edit)
    refused = office.first.post(edit, data={**form, "alt_text_en": ["Another"]})
    assert (refused.status_code, "It was approved as it is" in refused.text) == (422, True)
    send(office.first, edit, {**form, "name": ["Home at five"]})
    assert stored(office, where).name == "Home at five"
    send(office.first, f"{where}/status", {"status": "retired"})
    assert stored(office, where).status == "retired"


def test_a_variant_begins_with_what_its_original_says(office: PlanningOffice) -> None:
    where = make(office)
    form = read_form(office.first.get(f"{NEW}?variant_of={where.rpartition('/')[2]}").text, NEW)
    assert (form["variant_of_id"], form["format"], form["name"]) == ([where.rpartition("/")[2]], ["video"], [""])
    answer = office.first.post(NEW, data={**form, "name": ["Home by five, short"]})
    assert "Home by five" in office.first.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"languages": []}, "At least 1 of these are needed"),
        ({"consent_expires_on": [""]}, "say until when they have agreed"),
        ({"shows_people": []}, "The asset shows nobody"),
        ({"alt_text_sv": ["Något"]}, "The asset is not in this language"),
        ({"url": ["ftp://example.org"]}, "Give a web address"),
        ({"name": ["Poster"]}, "“Poster” is taken by another asset already"),
        ({"format": ["hologram"]}, "Choose one of"),
    ],
)
def test_what_is_wrong_with_an_asset_is_named_and_stays_written(
    office: PlanningOffice, said: dict[str, list[str]], says: str
) -> None:
    form = read_form(office.first.get(NEW).text, NEW)
    answer = office.first.post(NEW, data={**form, **SAID, **said})
    assert answer.status_code == 422
    assert says in unescape(answer.text)
    assert read_form(answer.text, NEW)["theme"] == ["time"]


def test_no_machine_approves_an_asset_and_who_signs_in_approves_what_it_sent(office: PlanningOffice) -> None:
    with office.database.writing(office.city) as session:
        token = create_token(session, "agency", Role.MARKETER, now=NOW)
    machine = TestClient(office.app, headers={"Authorization": f"Bearer {token}", "If-Match": "*"})
    given = asset_fields(name="Sent", status="draft")
    sent = machine.post("/api/v1/assets", json=given)
    where = sent.headers["location"]
    for refused in (
        machine.post("/api/v1/assets", json=asset_fields(name="Sent at once")),
        machine.patch(where, json={"status": "approved"}),
    ):
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:kutsu:problem:denied")
        assert "ask somebody who signs in to approve it" in refused.json()["detail"]
    rows = machine.post("/api/v1/plan", json={"assets": [given | {"status": "approved"}]})
    assert (rows.json()["unchanged"], rows.json()["waiting"]) == ({"assets": 1}, {"assets": ["Sent"]})
    assert machine.get("/api/v1/assets?status=draft").json()["items"] == [sent.json()]
    page = where.removeprefix("/api/v1")
    send(office.first, f"{page}/status", {"status": "approved"})
    assert stored(office, page).status == "approved"
    rewritten = machine.patch(where, json={"alt_text": {"fi": "Something else"}})
    assert (rewritten.status_code, "It was approved as it is" in rewritten.text) == (422, True)
    assert machine.patch(where, json={"status": "retired"}).status_code == 200


def test_a_command_answers_for_what_it_stores_and_who_reads_writes_nothing(office: PlanningOffice) -> None:
    with office.database.writing(office.city) as session:
        sent = an_asset(session, name="Sent", status="approved")
        assert (sent.approved_by, sent.written_by) == ("kutsu", "kutsu")
        edit = f"/assets/{sent.id}/edit"
    for path in (NEW, edit):
        assert office.viewer.get(path).status_code == 403
        assert office.viewer.post(path, data={}).status_code == 403


def test_who_describes_what_somebody_else_wrote_may_approve_it_and_who_wrote_it_may_not(office: PlanningOffice) -> None:
    where = make(office)
    assert "Approve it" not in office.second.get(where).text, "it could not work yet"
    described = send_descriptions(office, "Lääkäri lähtee neljältä")
    assert "Every draft is described." in described
    assert "draft, written by Anna Aalto" in unescape(office.second.get(where).text)
    assert "Approve it" in office.second.get(where).text
    assert office.first.post(f"{where}/status", data={"status": "approved"}).status_code == 422
    assert "1 asset is approved." in send(office.second, "/assets", {"asset": where.rpartition("/")[2]}).text
    assert stored(office, where).approved_by != stored(office, where).written_by


def send_descriptions(office: PlanningOffice, *texts: str) -> str:
    form = read_form(office.second.get(DESCRIBE).text, DESCRIBE)
    text: str = send(office.second, DESCRIBE, {**form, "text": list(texts)}).text
    return text


def test_many_are_described_on_one_page_and_what_is_left_empty_waits(office: PlanningOffice) -> None:
    first, second = make(office, name=["A"]), make(office, name=["B"])
    assert "2 descriptions are missing." in office.second.get(DESCRIBE).text
    assert "1 description is missing." in send_descriptions(office, "Ensimmäinen", "")
    assert (stored(office, first).alt_text["fi"], "fi" in stored(office, second).alt_text) == ("Ensimmäinen", False)
    assert office.viewer.get(DESCRIBE).status_code == office.viewer.post(DESCRIBE, data={}).status_code == 403


def test_a_description_that_somebody_wrote_meanwhile_is_not_written_over(office: PlanningOffice) -> None:
    where = make(office)
    form = read_form(office.second.get(DESCRIBE).text, DESCRIBE)
    send_descriptions(office, "Ensin")
    late = office.first.post(DESCRIBE, data={**form, "text": ["Myöhemmin"]})
    assert (late.status_code, stored(office, where).alt_text["fi"]) == (422, "Ensin")


def test_a_list_offers_for_approval_only_what_can_be_approved_and_approves_all_or_none(office: PlanningOffice) -> None:
    ready, bare = make(office, name=["A"], languages=["en"]), make(office, name=["B"])
    keys = [where.rpartition("/")[2] for where in (ready, bare)]
    offered = read_form(office.second.get("/assets?status=draft").text, "/assets")
    assert "asset" not in offered and 'aria-label="Approve: A"' in office.second.get("/assets?status=draft").text
    assert 'aria-label="Approve: B"' not in office.second.get("/assets?status=draft").text
    assert "Approve those chosen" not in office.first.get("/assets?status=draft").text, "Anna wrote them"
    refused = office.second.post("/assets", data={"asset": keys})
    assert (refused.status_code, stored(office, ready).status) == (422, "draft")
    assert "Choose at least one asset." in office.second.post("/assets", data={}).text
    assert office.viewer.post("/assets", data={"asset": keys}).status_code == 403
