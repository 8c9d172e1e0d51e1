"""The main tasks of those who read the pages, from the first click to the last, as anybody's hands do them."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.support.hands import Hands

Look = Callable[[Page, str], None]
"""Called at every screen of a walk, with what it is called."""


def pass_by(_page: Page, _name: str) -> None:
    """Does not look."""


def question_a_verdict(hands: Hands, page: Page, site: str, ad: str, look: Look = pass_by) -> Path:
    """A marketer reads a verdict, asks why, opens a number down to its applications, compares with the period before,
    keeps the view and takes the table along; returns the file."""
    page.goto(f"{site}/")
    look(page, "today")
    hands.follow(_menu(page, "Verdicts"))
    expect(page.locator("h1")).to_have_text("After which ads did doctors get to interview more often?")
    look(page, "verdicts")
    hands.follow(_row(page, ad).locator("summary"))
    expect(_row(page, ad).locator("details p").first).to_be_visible()
    hands.follow(_row(page, ad).get_by_role("link", name=ad, exact=True))
    expect(page.locator("h1")).to_have_text(ad)
    look(page, "placement")
    hands.follow(page.get_by_role("link", name="Why we say this"))
    expect(page.get_by_role("heading", name="What was counted")).to_be_visible()
    look(page, "why")
    hands.follow(_trail(page, "Verdicts"))
    number = _row(page, ad).locator("a.counted").first
    counted = int(number.inner_text())
    hands.follow(number)
    expect(page.locator("h1")).to_have_text(f"{counted} applications")
    expect(page.locator("#applications tbody tr")).to_have_count(min(counted, 100))
    look(page, "applications")
    hands.follow(_trail(page, "Verdicts"))
    _compare(hands, page)
    look(page, "beside the period before")
    hands.follow(page.get_by_text("Keep this view"))
    hands.fill(page.get_by_label("Its name"), "Summer beside spring")
    hands.follow(page.get_by_role("button", name="Keep the view"))
    expect(page.get_by_role("link", name="Summer beside spring")).to_be_visible()
    with page.expect_download() as download:
        hands.follow(page.locator('a[href*="/verdicts.csv"]'))
    return download.value.path()


def _compare(hands: Hands, page: Page) -> None:
    hands.fill(page.get_by_label("Applied from"), "2026-06-01")
    hands.fill(page.get_by_label("to", exact=True), "2026-08-31")
    hands.choose(page.get_by_label("Compare with"), "the period before")
    hands.follow(page.get_by_role("button", name="Show", exact=True))
    expect(page.get_by_role("heading", name="Beside each other")).to_be_visible()


def find_where_a_persona_is_lost(hands: Hands, page: Page, site: str, persona: str, look: Look = pass_by) -> None:
    """A consultant finds where each persona stops, follows one down to the applications, and reads who it is."""
    page.goto(f"{site}/")
    hands.follow(page.get_by_role("link", name="where applicants of each persona’s ads stop"))
    split = page.get_by_role("region").filter(has=page.locator("table.split"))
    expect(split).to_be_visible()
    look(page, "funnel by persona")
    hands.follow(split.get_by_role("link", name=persona))
    expect(page.locator(".limits")).to_contain_text(persona)
    number = page.locator(".funnel .stage").filter(has_text="Interview").locator("a.counted")
    counted = int(number.inner_text())
    hands.follow(number)
    expect(page.locator("h1")).to_have_text(f"{counted} applications")
    hands.follow(_trail(page, "Funnel"))
    expect(page.locator(".limits")).to_contain_text(persona)
    hands.choose(page.get_by_label("A row for each"), "Specialty")
    hands.follow(page.get_by_role("button", name="Show", exact=True))
    expect(page.locator("table.split thead th").first).to_have_text("Specialty")
    look(page, "funnel by specialty")
    hands.follow(_menu(page, "Personas"))
    hands.follow(page.locator("main").get_by_role("link", name=persona))
    expect(page.locator(".worries li").first).to_be_visible()
    look(page, "persona")


def mend_a_connection(hands: Hands, page: Page, site: str, key: str, look: Look = pass_by) -> None:
    """An administrator hears that a connection is broken, reads why, and gives it another key, with which it is
    read at once."""
    page.goto(f"{site}/")
    look(page, "today, with a connection that is broken")
    hands.follow(page.get_by_role("link", name="How the data comes in").last)
    look(page, "data in, with a connection that is broken")
    hands.follow(page.locator(".ways").get_by_role("link", name="Teamtailor"))
    expect(page.locator(".finding")).to_contain_text("Broken since")
    look(page, "connection that is broken")
    hands.fill(page.get_by_label("API key"), key)
    hands.follow(page.get_by_role("button", name="Replace the key"))
    expect(page.get_by_role("status").first).to_contain_text("The key was replaced.")
    expect(page.locator(".finding")).to_contain_text("It is being read again.")
    expect(page.locator(".running")).to_be_visible()
    look(page, "connection that is read")


PROMISED = {
    "GP with a young family": "A doctor's post at the health station comes with no night duty.",
    "Newly licensed doctor": "At every moment there is a named experienced doctor who answers within minutes",
    "Senior doctor going on part-time": "You draw the shape of your week yourself",
    "Researcher-clinician in general practice": "The research day is written into the contract",
}
"""Whom a first campaign speaks to, and how what it promises each begins."""


def plan_from_nothing(hands: Hands, page: Page, site: str, look: Look = pass_by, *, administers: bool = True) -> Path:
    """Somebody in a new organisation, who names its hosts where they may, is led to a campaign for four personas with
    posters, videos, social ads, newsletters, virtual evenings and interviews; looks at its calendar and returns the
    printed kit."""
    page.goto(f"{site}/")
    hands.follow(page.get_by_role("link", name="Step by step, in an hour"))
    look(page, "first hour, of whoever has nothing")
    if administers:
        hands.follow(page.get_by_role("link", name="Name and hosts of"))
        hands.fill(page.get_by_label("Hosts of its own, one a line"), "jobs.kivikoski.example")
        hands.follow(page.get_by_role("button", name="Keep these hosts"))
        expect(page.get_by_role("status").first).to_be_visible()
        _to_the_first_hour(hands, page)
    else:
        expect(page.locator("#employer")).to_contain_text("An administrator does this")
    for name in PROMISED:
        hands.tick(page.get_by_label(name))
    hands.follow(page.get_by_role("button", name="Take these"))
    expect(page.locator("#personas")).to_contain_text("done")
    hands.fill(page.get_by_label("What the campaign is called"), "Now we must")
    for n, (name, promise) in enumerate(PROMISED.items(), 1):
        select = page.locator(f"#promise-{n}")
        (option,) = [
            text for text in select.locator("option").all_inner_texts() if text.startswith(f"{name}: {promise}")
        ]
        hands.choose(select, option)
    hands.fill(page.get_by_label("Where its links lead"), "https://jobs.kivikoski.example/doctors")
    look(page, "first hour, a campaign about to be planned")
    hands.follow(page.get_by_role("button", name="Plan it"))
    expect(page.get_by_role("status").first).to_contain_text("The virtual evening would be on")
    hands.follow(page.get_by_role("button", name="Plan it"))
    expect(page.locator("h1")).to_contain_text("Now we must")
    expect(page.locator(".finding")).to_contain_text("21 placements")
    look(page, "placements of a first campaign")
    _to_the_first_hour(hands, page)
    hands.follow(page.get_by_role("link", name="The calendar"))
    for part in ("poster", "video", "social ad", "newsletter", "interview"):
        expect(page.get_by_role("link", name=f"Now we must: {part} (").first).to_be_attached()
    expect(page.get_by_role("link", name="Now we must: virtual evening").first).to_be_attached()
    look(page, "calendar of a first campaign")
    _to_the_first_hour(hands, page)
    with page.expect_download() as download:
        hands.follow(page.get_by_role("link", name="Codes to print"))
    return download.value.path()


def read_the_first_funnel(hands: Hands, page: Page, key: str, look: Look = pass_by) -> None:
    """An administrator connects the applicant tracking system from the first hour's page; once it has been read, the
    funnel stands there."""
    _to_the_first_hour(hands, page)
    hands.follow(page.get_by_role("link", name="Connect a system"))
    hands.follow(page.get_by_role("link", name="Teamtailor"))
    hands.fill(page.get_by_label("API key"), key)
    hands.follow(page.get_by_role("button", name="Try the account"))
    look(page, "whose account it is")
    hands.follow(page.get_by_role("button", name="Yes, connect it and read it"))
    expect(page.locator("h1")).to_contain_text("stages")
    look(page, "stages of a first connection")


def _to_the_first_hour(hands: Hands, page: Page) -> None:
    hands.follow(_menu(page, "Today"))
    hands.follow(page.get_by_role("link", name="Step by step, in an hour"))


def _menu(page: Page, name: str) -> Locator:
    return page.locator(".masthead nav").get_by_role("link", name=name)


def _trail(page: Page, name: str) -> Locator:
    return page.locator(".kicker").get_by_role("link", name=name)


def _row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))
