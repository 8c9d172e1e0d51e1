"""Data in, in a real browser against a stand-in ATS: a system is connected, its data comes, faults are seen and
cured."""

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.demo.ats import KEY
from app.demo.faults import Fault
from app.demo.world import Company
from app.demo.world import Stage as VendorStage
from app.errors import Invalid
from app.funnel.application import Application
from app.intake.inbox import PROJECT
from app.tasks.task import enqueue
from app.web.pages.sealed_draft import open_draft, seal_draft
from app.worker.handlers import OBSERVATIONS, REPLAY
from tests.intake.hooking import application, encode
from tests.intake.signing import TT_KEY, sign_teamtailor, sign_timed
from tests.intake.town import HOUR, STAGES
from tests.intake.vendor_towns import number_jobs_anew
from tests.support.browser import Watch, barriers
from tests.support.people import COOKIE, open_session
from tests.web.pages.office import Office, open_office, press


@pytest.fixture
def office(sqlite_file_url: str) -> Iterator[Office]:
    with open_office(sqlite_file_url) as office:
        yield office


@pytest.fixture
def page(watch: Watch, office: Office) -> Page:
    watch.carry_cookie(COOKIE, open_session(office.app))
    watch.allow("422|401")
    return watch.open(java_script_enabled=False)


def connect(page: Page, office: Office, key: str = KEY) -> None:
    page.goto(office.site + "/data/connect?vendor=teamtailor")
    page.get_by_label("API key").fill(key)
    press(page, "Try the account")
    if page.get_by_role("heading", name="Is this your account?").count():
        press(page, "Yes, connect it and read it")


def test_a_system_is_connected_by_a_form_without_javascript_and_an_application_arrives(
    page: Page, office: Office
) -> None:
    office.town.apply(1)
    page.goto(office.site + "/data")
    expect(page.locator(".finding")).to_have_text("No system is connected yet, so nothing comes in by itself.")
    page.get_by_role("link", name="Connect a system").click()
    page.get_by_role("link", name="Teamtailor").click()
    page.get_by_label("API key").fill(KEY)
    press(page, "Try the account")
    expect(page.locator(".finding")).to_have_text("Jobs in it: Terveyskeskuslääkäri.")
    assert office.connections() == []
    press(page, "Yes, connect it and read it")
    expect(page.locator(".finding")).to_have_text("1 stage waits for its meaning.")
    page.get_by_role("link", name="On to Teamtailor").click()
    expect(page.locator(".running")).to_have_text("It waits its turn.")
    office.work()
    page.goto(office.site + "/data")
    expect(page.locator(".finding")).to_have_text("1 stage waits for its meaning.")
    expect(page.locator(".ways")).to_contain_text("On time: all that had happened by 1 Apr")
    expect(page.locator(".ways")).to_contain_text("9 records, 1 of them new.")


def test_a_wrong_key_is_said_to_be_wrong_and_nothing_is_stored(page: Page, office: Office) -> None:
    connect(page, office, "wrong")
    expect(page.locator(".finding")).to_have_text("The account cannot be read yet. Nothing was stored.")
    expect(page.get_by_role("alert")).to_contain_text("Teamtailor refuses the key. Check the key and the region")
    assert office.connections() == []
    assert page.get_by_label("API key").input_value() == ""
    page.get_by_label("API key").fill(KEY)
    press(page, "Try the account")
    press(page, "Yes, connect it and read it")
    assert office.connections() == ["Teamtailor"]


def test_whose_account_a_key_opens_is_asked_before_anything_is_stored(page: Page, office: Office) -> None:
    office.town.world = dataclasses.replace(
        office.town.world, company=Company(id="FkZE7LWdUXo", name="City of Mallila")
    )
    page.goto(office.site + "/data/connect?vendor=teamtailor")
    page.get_by_label("API key").fill(KEY)
    press(page, "Try the account")
    expect(page.locator(".finding")).to_have_text(
        "It is the account of “City of Mallila”. Jobs in it: Terveyskeskuslääkäri."
    )
    assert KEY not in page.content()
    page.get_by_role("link", name="No, use another key").click()
    assert (office.connections(), page.get_by_label("API key").input_value()) == ([], "")
    connect(page, office)
    page.get_by_role("link", name="On to Teamtailor").click()
    expect(page.locator(".kicker")).to_contain_text("Europe · City of Mallila")


def test_a_key_that_was_tried_is_forgotten_after_a_quarter_of_an_hour_and_is_nobody_elses(
    page: Page, office: Office
) -> None:
    page.goto(office.site + "/data/connect?vendor=teamtailor")
    page.get_by_label("API key").fill(KEY)
    press(page, "Try the account")
    office.now += dt.timedelta(minutes=15)
    press(page, "Yes, connect it and read it")
    expect(page.get_by_role("alert")).to_contain_text("Enter it once more.")
    assert office.connections() == []
    sealer, typed_by, now = office.app.state.sealer, uuid.uuid4(), office.now
    draft = seal_draft(sealer, {"key": KEY}, typed_by, now)
    assert open_draft(sealer, draft, typed_by, now) == {"key": KEY}
    for whose, held in ((uuid.uuid4(), draft), (typed_by, draft[:-1]), (typed_by, "")):
        with pytest.raises(Invalid):
            open_draft(sealer, held, whose, now)


def test_an_ats_that_breaks_is_told_with_its_cure_and_reading_goes_on(page: Page, office: Office) -> None:
    office.town.apply(1)
    connect(page, office)
    office.work()
    office.now += 2 * HOUR
    office.town.now = office.now
    office.faults.plan(Fault.BROKEN, on="jobs", times=100)
    page.goto(office.site + "/data")
    page.get_by_role("link", name="Teamtailor").click()
    press(page, "Synchronise now")
    office.work()
    page.reload()
    expect(page.locator(".finding")).to_contain_text("Broken since 1 Apr")
    expect(page.locator(".finding")).to_contain_text("Teamtailor does not answer at the moment (status 500)")
    assert office.failure("fi") == "Teamtailor ei vastaa juuri nyt (status 500). Seuraava ajo jatkaa."
    here = page.url
    for told in ("/", "/checks"):
        page.goto(office.site + told)
        expect(page.locator("main")).to_contain_text("“Teamtailor” cannot be read any more")
    page.goto(here)
    page.get_by_role("button", name="Try the account").click()
    expect(page.locator("#trial")).to_contain_text("The account cannot be read properly")
    office.faults.clear()
    page.get_by_role("button", name="Try the account").click()
    expect(page.locator("#trial")).to_contain_text("1 application can be read.")
    press(page, "Synchronise now")
    office.work()
    page.reload()
    expect(page.locator(".finding")).to_contain_text("On time: all that had happened by 1 Apr 14:00")


def test_a_stage_that_nobody_knows_is_given_its_meaning_and_taken_back(page: Page, office: Office) -> None:
    office.town.apply(1)
    connect(page, office)
    office.work()
    office.town.move(1, 6, office.now + HOUR)
    office.now += 2 * HOUR
    office.town.now = office.now
    page.get_by_role("link", name="On to Teamtailor").click()
    press(page, "Synchronise now")
    office.work()
    page.reload()
    page.get_by_role("link", name="1 stage waits for its meaning; 1 event waits there.").click()
    page.get_by_label("What Odottaa lupaa means").select_option("offer")
    page.get_by_role("button", name="Keep what I said").click()
    expect(page.get_by_role("status").first).to_have_text("Kept. 1 application was counted anew.")
    expect(page.locator(".finding")).to_have_text("5 stages mean what Kutsu proposes until somebody confirms them.")
    page.get_by_role("button", name="Take back the change").click()
    expect(page.locator(".finding")).to_have_text("1 stage waits for its meaning; 1 event waits there.")


def test_what_is_proposed_is_confirmed_by_one_press(page: Page, office: Office) -> None:
    connect(page, office)
    page.get_by_role("button", name="Keep it, and confirm what is proposed").click()
    first = "counts nowhere until somebody says what it means"
    expect(page.locator("tbody td:last-child small")).to_have_text([first, *["decided"] * 5])
    assert page.get_by_role("button", name="Keep it, and confirm").count() == 0


def test_stages_that_are_only_proposed_are_not_said_to_have_their_meaning(page: Page, office: Office) -> None:
    connect(page, office)
    page.get_by_label("What Odottaa lupaa means").select_option("offer")
    press(page, "Keep what I said")
    expect(page.locator(".finding")).to_have_text("5 stages mean what Kutsu proposes until somebody confirms them.")
    press(page, "Keep it, and confirm what is proposed")
    expect(page.locator(".finding")).to_have_text("All 6 stages have their meaning.")


def test_a_connection_is_renamed_paused_resumed_and_ended(page: Page, office: Office) -> None:
    connect(page, office)
    page.get_by_role("link", name="On to Teamtailor").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".finding")).to_contain_text("Paused since 1 Apr")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".finding")).to_have_text("Not read yet.")
    page.get_by_text("Another name").click()
    page.get_by_label("Name").fill("Recruiting")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("h1")).to_have_text("Recruiting")
    page.get_by_text("Another key").click()
    page.get_by_label("API key").fill("two words")
    page.get_by_role("button", name="Replace the key").click()
    expect(page.get_by_role("alert")).to_contain_text("Paste the key as the vendor shows it")
    page.get_by_text("Another key").click()
    page.get_by_label("API key").fill("wrong-key")
    page.get_by_role("button", name="Replace the key").click()
    expect(page.locator("#trial")).to_contain_text("The new key was not taken: nothing was changed")
    page.get_by_role("button", name="Try the account").click()
    expect(page.locator("#trial")).to_contain_text("The account can be read")
    page.get_by_text("Disconnect it").click()
    page.get_by_role("button", name="Disconnect Recruiting").click()
    expect(page.locator(".finding")).to_contain_text("Disconnected on 1 Apr")
    page.get_by_label("API key").fill(KEY)
    page.get_by_role("button", name="Replace the key").click()
    expect(page.locator(".finding")).to_have_text("Not read yet.")


def test_the_key_of_another_company_is_not_taken_for_a_connection_that_was_read(page: Page, office: Office) -> None:
    office.town.apply(1)
    connect(page, office)
    office.work()
    page.get_by_role("link", name="On to Teamtailor").click()
    office.town.world = dataclasses.replace(office.town.world, applications=(), candidates=())
    number_jobs_anew(office.town)
    office.town.apply(900)
    page.get_by_text("Another key").click()
    page.get_by_label("API key").fill(KEY)
    page.get_by_role("button", name="Replace the key").click()
    expect(page.locator("#trial h2")).to_have_text("The new key was not taken: nothing was changed")
    expect(page.locator("#trial")).to_contain_text("This key opens another account")
    page.get_by_label("API key").fill(KEY)
    page.get_by_label("Where the account lives").select_option("na")
    press(page, "Replace the key")
    expect(page.get_by_label("Where the account lives")).to_have_value("na")
    expect(page.locator(".finding")).to_contain_text("On time")


def test_a_pull_is_stopped_where_it_waits(page: Page, office: Office) -> None:
    connect(page, office)
    page.get_by_role("link", name="On to Teamtailor").click()
    press(page, "Stop the synchronisation")
    expect(page.locator(".running")).to_have_count(0)
    office.work()
    page.reload()
    expect(page.locator(".finding")).to_have_text("Not read yet.")


def deliver(page: Page, office: Office, key: str, name: str = "job_application.create", id: str = "1") -> int:
    """A delivery of Teamtailor's to the address that the page shows; its status."""
    body = json.dumps({"payload": {"event_name": name, "data": {"id": id, "type": "x", "attributes": {}}}}).encode()
    headers = {"content-type": "application/json", **sign_teamtailor(body, key, at=office.now)}
    address = page.locator("main .link code").first.inner_text()
    return page.request.post(address, data=body, headers=headers).status


def test_an_application_arrives_by_webhook_once_its_key_is_pasted(page: Page, office: Office) -> None:
    connect(page, office)
    office.work()
    page.get_by_role("link", name="On to Teamtailor").click()
    page.get_by_role("link", name="Set webhooks up, and news comes at once").click()
    expect(page.locator(".finding")).to_contain_text("No webhook is taken yet")
    page.get_by_label("Its signature key").fill("short")
    page.get_by_role("button", name="Let it vouch for deliveries").click()
    expect(page.get_by_role("alert")).to_contain_text("16 characters or more")
    page.get_by_label("Its signature key").fill(TT_KEY)
    page.get_by_role("button", name="Let it vouch for deliveries").click()
    expect(page.locator(".finding")).to_contain_text("Ready; no delivery has come")
    office.town.apply(1, office.now)
    assert deliver(page, office, "another key, long enough") == 401
    assert deliver(page, office, TT_KEY) == 200
    office.app.state.hooks.counts.flush(office.database, office.now)
    office.work()
    page.reload()
    expect(page.locator(".finding")).to_have_text("1 delivery came in the last seven days, and none waits.")
    expect(page.locator(".numbers")).to_contain_text("1, the last on 1 Apr")
    with office.database.reading(office.organisation) as session:
        assert session.query(Application).count() == 1


def test_a_delivery_that_cannot_be_read_waits_with_its_reason_and_is_taken_up_again(page: Page, office: Office) -> None:
    connect(page, office)
    page.goto(page.url.removesuffix("/stages") + "/webhooks")
    page.get_by_label("Its signature key").fill(TT_KEY)
    press(page, "Let it vouch for deliveries")
    assert deliver(page, office, TT_KEY, id="") == 200
    with office.database.writing(office.organisation) as session:
        enqueue(session, PROJECT, now=office.now)
    office.work()
    page.reload()
    expect(page.locator(".finding")).to_have_text("1 delivery waits for you to look at its reason.")
    expect(page.locator(".list .row")).to_contain_text("payload.data.id")
    page.get_by_role("button", name="Take all of them up again").click()
    expect(page.locator(".finding")).to_contain_text("1 delivery waits, the oldest since 1 Apr")
    page.get_by_role("button", name="Take no webhooks any more").click()
    expect(page.locator(".verbs")).to_have_count(0)


def test_counts_that_differ_are_told_with_their_days_and_agree_once_it_was_read_again(
    page: Page, office: Office
) -> None:
    office.town.apply(1)
    connect(page, office)
    page.get_by_role("link", name="On to Teamtailor").click()
    expect(page.locator("#live")).to_contain_text("Not compared yet.")
    office.work()
    page.reload()
    expect(page.locator("#live")).to_contain_text("They say 1, we have 1: they agree.")
    office.town.apply(2, updated_at=office.now + HOUR)
    page.get_by_role("button", name="Compare the counts now").click()
    expect(page.get_by_role("progressbar", name="Comparison of the counts")).to_be_visible()
    office.work()
    page.reload()
    expect(page.locator("#live")).to_contain_text("They say 2, we have 1: the counts differ on 1 day.")
    expect(page.locator("#differing tbody td")).to_have_text(["2", "1", "1", "0", "0"])
    page.goto(office.site + "/data")
    expect(page.locator(".finding")).to_contain_text("Teamtailor counts differently from us")
    page.get_by_role("link", name="They say 2, we have 1").click()
    office.now += 2 * HOUR
    office.town.now = office.now
    press(page, "Synchronise now")
    press(page, "Compare the counts now")
    office.work()
    page.reload()
    expect(page.locator("#live")).to_contain_text("They say 2, we have 2: they agree.")
    assert page.locator("#differing").count() == 0


def test_the_list_says_what_waits_what_was_refused_and_since_when(page: Page, office: Office) -> None:
    connect(page, office)
    office.work()
    page.goto(page.url.removesuffix("/stages") + "/webhooks")
    page.get_by_label("Its signature key").fill(TT_KEY)
    page.get_by_role("button", name="Let it vouch for deliveries").click()
    statuses = [deliver(page, office, key) for key in (TT_KEY, TT_KEY, "another key, long enough")]
    assert statuses == [200, 200, 401]
    office.app.state.hooks.counts.flush(office.database, office.now)
    page.goto(office.site + "/data")
    said = page.get_by_role("link", name="waits to be read, since 1 Apr")
    expect(said).to_contain_text(
        "2 webhooks in seven days; 1 came again; 1 was refused because its signature did not fit."
    )
    expect(page.locator(".finding")).to_contain_text("1 delivery waits to be read, since 1 Apr")
    expect(page.locator(".finding")).to_contain_text("1 was refused because its signature did not fit")
    said.click()
    expect(page.locator("h1")).to_have_text("Webhooks of Teamtailor")
    office.work()
    for told in ("/", "/checks"):
        page.goto(office.site + told)
        expect(page.locator("main")).to_contain_text("Webhooks of 1 connection fail")


def test_long_work_is_listed_stopped_and_tried_again(page: Page, office: Office) -> None:
    connect(page, office)
    with office.database.writing(office.organisation) as session:
        enqueue(session, REPLAY, now=office.now)
        enqueue(session, OBSERVATIONS, now=office.now, params={"file": "/nowhere.ndjson", "system": "hr"})
    page.goto(office.site + "/data")
    expect(page.locator("#live .running")).to_have_text(["It waits its turn."] * 3)
    page.get_by_role("button", name="Stop: Computing the whole record anew").click()
    expect(page.locator("#live")).to_contain_text("Computing the whole record anew Stopped on 1 Apr")
    press(page, "Try again: Computing the whole record anew")
    office.work()
    page.reload()
    expect(page.locator("#live")).to_contain_text("Computing the whole record anew Done on 1 Apr")
    expect(page.locator("#live")).to_contain_text("The file /nowhere.ndjson is not there")
    expect(page.locator("#live")).to_contain_text("Comparison of the counts of Teamtailor Done on 1 Apr")
    again = page.get_by_role("button", name="Try again: Reading in a file of observations")
    with office.database.writing(office.organisation) as session:
        enqueue(session, OBSERVATIONS, now=office.now)
    again.click()
    expect(page.get_by_role("alert")).to_contain_text("Another task of this kind is waiting or running already")


def test_any_other_system_is_connected_with_a_secret_that_is_shown_once(page: Page, office: Office) -> None:
    page.goto(office.site + "/data/connect?vendor=other")
    page.get_by_role("button", name="Connect it").click()
    press(page, "Take the secret")
    expect(page.get_by_role("status").locator("code")).to_contain_text("whsec_")
    page.goto(page.url.removesuffix("/secret"))
    assert "whsec_" not in page.content()
    page.get_by_role("link", name="Own system").click()
    expect(page.locator(".finding")).to_have_text("Nothing has been sent yet.")
    assert page.get_by_role("button", name="Synchronise now").count() == 0


def test_a_system_that_signs_its_time_in_one_header_is_described_and_its_event_arrives(
    page: Page, office: Office
) -> None:
    page.goto(office.site + "/data/connect?vendor=other")
    page.get_by_role("link", name="It signs in another way").click()
    page.get_by_label("Header of the signature").fill("X-Timed-Signature")
    page.get_by_label("What stands before the signature in it").fill("v1=")
    page.get_by_label("What is signed").fill("{timestamp}.{body}")
    page.get_by_role("button", name="Connect it").click()
    expect(page.get_by_role("alert")).to_contain_text("Name the header that holds the time.")
    page.get_by_label("What stands before the time in the signature’s header").fill("t=")
    page.get_by_role("button", name="Connect it").click()
    press(page, "Take the secret")
    secret = page.get_by_role("status").locator("code").inner_text()
    page.goto(page.url.removesuffix("/secret"))
    body, address = encode(application("a1", 1)), page.locator("main .link code").first.inner_text()
    for key, status in (("another secret", 401), (secret, 202)):
        signed = {**sign_timed(body, key, at=office.now), "content-type": "application/json"}
        assert page.request.post(address, data=body, headers=signed).status == status
    office.app.state.hooks.counts.flush(office.database, office.now)
    office.work()
    page.reload()
    expect(page.locator(".finding")).to_have_text("1 delivery came in the last seven days, and none waits.")
    with office.database.reading(office.organisation) as session:
        assert session.query(Application).count() == 1


def test_with_javascript_the_page_looks_again_by_itself_until_all_has_come(
    watch: Watch, office: Office, page: Page
) -> None:
    connect(page, office)
    page.get_by_role("link", name="On to Teamtailor").click()
    live = watch.open()
    live.goto(page.url)
    expect(live.locator(".running")).to_be_visible()
    office.work()
    expect(live.locator(".finding")).to_contain_text("On time")
    expect(live.locator("[data-live]")).to_have_count(0)


def test_the_focus_stays_on_what_is_still_there_when_the_page_looks_again(
    watch: Watch, office: Office, page: Page
) -> None:
    connect(page, office)
    live = watch.open()
    live.goto(office.site + "/data")
    live.locator(".ways").get_by_role("link", name="Teamtailor").focus()
    office.work()
    expect(live.locator("#said")).to_contain_text("1 stage waits for its meaning")
    expect(live.locator(".ways").get_by_role("link", name="Teamtailor")).to_be_focused()


def test_the_focus_moves_to_what_came_when_its_own_place_is_gone(watch: Watch, office: Office, page: Page) -> None:
    connect(page, office)
    live = watch.open()
    live.goto(office.site + "/data")
    live.get_by_role("button", name="Stop: Synchronisation of Teamtailor").focus()
    office.work()
    expect(live.locator("#said")).to_contain_text("1 stage waits for its meaning")
    expect(live.locator("#live")).to_be_focused()
    live.keyboard.press("Tab")
    expect(live.locator(".ways").get_by_role("link", name="Teamtailor")).to_be_focused()


PATHS = ("/data", "/data/connect", "/data/connect?vendor=teamtailor", "/data/connect?vendor=greenhouse",
         "/data/connect?vendor=other", "{here}", "{here}/stages", "{here}/webhooks")  # fmt: skip


def test_the_pages_are_without_barriers_and_fit_a_narrow_window(watch: Watch, office: Office, page: Page) -> None:
    long = VendorStage(id=99, name="Odottaa " + "erityisasiantuntijatyöryhmän " * 6, position=9)
    job = dataclasses.replace(office.town.world.jobs[0], stages=(*STAGES, long))
    office.town.world = dataclasses.replace(office.town.world, jobs=(job,))
    office.town.fill(5)
    connect(page, office)
    here = page.url.removesuffix("/stages")
    office.work()
    seen = watch.open(viewport={"width": 320, "height": 700})
    for path in PATHS:
        seen.goto(path.replace("{here}", here) if path.startswith("{") else office.site + path)
        assert barriers(seen) == [], path
        assert seen.evaluate("document.documentElement.scrollWidth") <= 320, path
