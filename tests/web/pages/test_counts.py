"""Counts by day in a real browser: what differs is listed, brought by one click, and agrees then."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.demo.ats import KEY
from app.i18n import period
from app.tasks.task import enqueue
from app.worker.handlers import RECONCILE
from tests.intake.town import DAY, HOUR, START
from tests.support.browser import Watch
from tests.support.people import COOKIE, open_session
from tests.web.pages.office import Office, open_office, press
from tests.web.pages.test_data_in import connect


@pytest.fixture
def office(sqlite_file_url: str) -> Iterator[Office]:
    with open_office(sqlite_file_url) as office:
        yield office


@pytest.fixture
def page(watch: Watch, office: Office) -> Page:
    watch.carry_cookie(COOKIE, open_session(office.app))
    return watch.open(java_script_enabled=False)


def compare(page: Page, office: Office) -> None:
    """Connect the ATS, whose one application since then no webhook told, and compare."""
    office.town.apply(1)
    connect(page, office, KEY)
    office.work()
    office.town.apply(2, START + HOUR)
    with office.database.writing(office.organisation) as session:
        enqueue(session, RECONCILE, page.url.split("/")[4], now=office.now)
    office.work()
    page.goto(page.url.removesuffix("/stages"))


def test_counts_that_were_never_compared_say_when_they_will_be_and_are_compared_by_one_click(
    page: Page, office: Office
) -> None:
    office.town.apply(1)
    connect(page, office, KEY)
    page.goto(f"{page.url.removesuffix('/stages')}/counts")
    expect(page.locator("main")).to_contain_text("It is compared every day by itself")
    press(page, "Compare the counts now")
    office.work()
    page.goto(f"{page.url}/counts")
    expect(page.locator(".finding")).to_contain_text("they agree")


def test_what_only_the_system_has_is_listed_by_day_and_brought_by_one_click(page: Page, office: Office) -> None:
    compare(page, office)
    page.get_by_role("link", name="Day by day, with what differs").click()
    expect(page.locator(".finding")).to_have_text("They say 2, we have 1: the counts differ on 1 day.")
    day = page.locator("section", has=page.get_by_role("heading", name="2 Mar 2026"))
    expect(day).to_contain_text("They say 2, we have 1: 1 not here.")
    expect(day.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_text("30 days agree")).to_be_visible()
    page.get_by_role("button", name="Bring what is not here").click()
    expect(page.locator(".running")).to_contain_text("It waits its turn")
    office.work()
    page.reload()
    expect(page.locator(".finding")).to_have_text("They say 2, we have 2: they agree.")
    expect(page.get_by_role("button", name="Bring what is not here")).to_have_count(0)
    expect(page.get_by_text("31 days agree")).to_be_visible()


def test_the_file_holds_each_day_and_each_application_that_differs_with_counts_at_days_alone(
    page: Page, office: Office
) -> None:
    compare(page, office)
    page.get_by_role("link", name="Day by day, with what differs").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "Day,They say,We have,Not here,Erased here,No longer there,Application,Why it differs,Job"
    assert "2026-03-02,2,1,1,0,0,,," in lines
    (differing,) = [line for line in lines if line.endswith("Not here,")]
    assert differing.startswith("2026-03-02,,,,,,")
    assert len(lines) == 1 + 31 + 1


def test_days_that_were_not_compared_stand_among_the_others_on_each_page_and_in_the_file(
    watch: Watch, page: Page, office: Office
) -> None:
    compare(page, office)
    office.now += 3 * DAY
    watch.carry_cookie(COOKIE, open_session(office.app))  # the one before has ended meanwhile
    where, page = page.url, watch.open(java_script_enabled=False)
    page.goto(where)
    gap = page.get_by_role("row", name="nothing was compared")
    expect(gap.get_by_role("rowheader")).to_have_text(period(*(office.now.date() - back * DAY for back in (3, 1))))
    page.get_by_role("link", name="Day by day, with what differs").click()
    expect(page.locator("section", has=page.get_by_role("heading", name="Not compared"))).to_contain_text("2026")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines[1:4] == [f"{office.now.date() - back * DAY},,,,,,,nothing was compared," for back in (1, 2, 3)]
    assert len(lines) == 1 + 3 + 31 + 1
