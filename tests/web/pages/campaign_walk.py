"""A campaign as Helsinki's was, from nothing to what is printed and the calendar: four personas; posters with their
pictures, films with captions, social ads, a newsletter, two virtual evenings and interviews; written by one person,
approved by another, who sees each picture and each film."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.support.hands import Hands

CAMPAIGN, OBJECTIVE = "Now we must", "Eight doctors for the health stations before summer"
TARGET = "https://jobs.kivikoski.example/doctors"
PERSONAS = {
    "GP with a young family": "gp-young-family",
    "Newly licensed doctor": "newly-licensed",
    "Senior doctor going on part-time": "senior-part-time",
    "Researcher-clinician in general practice": "researcher-clinician",
}
"""Whom it speaks to, and what each is called in a sheet."""
PROMISES = {
    "Nights are for sleeping.": "A doctor's post at the health station comes with no night duty.",
    "Somebody answers within minutes.": "At every moment there is a named experienced doctor who",
    "Draw the shape of your week.": "You draw the shape of your week yourself",
    "Thursday is for research.": "The research day is written into the",
}
"""What it promises, and how the reason to come that each gives begins."""
SLEEP, ANSWER, WEEK, RESEARCH = PROMISES
CHANNELS = {
    "Tram stops": "Out of home", "YouTube": "Video", "Instagram": "Social media", "Recruitment letter": "E-mail",
    "Virtual evenings": "Event", "Career site": "Own site",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """An asset with where and for whom it is placed."""

    format: str
    promises: tuple[str, ...]
    channel: str
    personas: tuple[str, ...]
    place: str = ""
    days: tuple[str, str] = ("2026-11-02", "2026-12-18")
    booked: str = ""
    shown: str = ""
    """The picture or film that it has; a film has captions beside it."""


YOUNG, NEW, SENIOR, RESEARCHER = PERSONAS.values()
PICTURE, FILM, CAPTIONS = "window.png", "five.mp4", "five.vtt"
"""Files that whoever plans has at hand."""
ASSETS: Mapping[str, Made] = {
    "Dark windows": Made("Poster", (SLEEP,), "Tram stops", (YOUNG,), "Kallio", booked="1900", shown=PICTURE),
    "A pencil": Made("Poster", (WEEK,), "Tram stops", (SENIOR,), "Vallila", booked="1500", shown=PICTURE),
    "Five o'clock": Made("Video", (SLEEP,), "YouTube", (YOUNG,), shown=FILM),
    "A senior answers": Made("Video", (ANSWER,), "YouTube", (NEW,), shown=FILM),
    "You are not alone": Made("Social ad", (ANSWER,), "Instagram", (NEW,)),
    "Draw your week": Made("Social ad", (WEEK,), "Instagram", (SENIOR,)),
    "Letter of spring": Made("Newsletter", (SLEEP, WEEK), "Recruitment letter", (YOUNG, SENIOR)),
    "Evening of questions": Made("Event", (ANSWER, SLEEP), "Virtual evenings", (NEW, YOUNG), "Online",
                                 ("2026-11-18", "2026-11-18")),
    "Evening of all": Made("Event", tuple(PROMISES), "Virtual evenings", (YOUNG, NEW, SENIOR, RESEARCHER), "Online",
                           ("2026-12-09", "2026-12-09")),
    "Why I write on Thursdays": Made("Interview with a doctor", (RESEARCH,), "Career site", (RESEARCHER,)),
    "What a quiet night is worth": Made("Interview with a doctor", (SLEEP,), "Career site", (YOUNG,), shown=FILM),
}  # fmt: skip
"""What is made and where it runs: an evening for all of them at once is one placement."""


def plan_campaign(hands: Hands, page: Page, site: str, folder: Path) -> None:
    """Whoever plans takes the personas, writes promises, channels, the campaign and its assets with the files of a
    folder, and places them."""
    page.goto(f"{site}/")
    hands.follow(page.get_by_role("link", name="Step by step, in an hour"))
    hands.follow(page.get_by_role("link", name="Name and hosts of"))
    hands.fill(page.get_by_label("Hosts of its own, one a line"), "jobs.kivikoski.example")
    hands.follow(page.get_by_role("button", name="Keep these hosts"))
    hands.follow(_menu(page, "Today"))
    hands.follow(page.get_by_role("link", name="Step by step, in an hour"))
    for name in PERSONAS:
        hands.tick(page.get_by_label(name))
    hands.follow(page.get_by_role("button", name="Take these"))
    expect(page.locator("#personas")).to_contain_text("done")
    _to(hands, page, "Promises")
    for promise, reason in PROMISES.items():
        write_promise(hands, page, promise, reason)
    _to(hands, page, "Channels")
    for name, kind in CHANNELS.items():
        hands.follow(page.get_by_role("link", name="Add a channel"))
        hands.fill(page.get_by_label("Name"), name)
        hands.choose(page.get_by_label("Kind"), kind)
        _keep(hands, page, "Keep it")
    _to(hands, page, "All assets")
    for name, made in ASSETS.items():
        make_asset(hands, page, name, made)
        if made.shown:
            add_files(hands, page, [folder / made.shown, *([folder / CAPTIONS] if made.shown == FILM else [])])
        hands.follow(page.get_by_role("link", name="Assets", exact=True))
    write_campaign(hands, page)
    place_all(hands, page)


def write_promise(hands: Hands, page: Page, promise: str, reason: str) -> None:
    hands.follow(page.get_by_role("link", name="Add a promise"))
    hands.fill(page.get_by_label("The promise (English)"), promise)
    hands.choose(page.get_by_label("The reason to come that it gives"), _option(page, "factor", reason))
    _keep(hands, page, "Keep it")


def make_asset(hands: Hands, page: Page, name: str, made: Made) -> None:
    hands.follow(page.get_by_role("link", name="Make an asset"))
    hands.fill(page.get_by_label("Name"), name)
    hands.choose(page.get_by_label("Format"), made.format)
    for promise in made.promises:
        hands.tick(page.get_by_label(promise))
    hands.fill(page.get_by_role("textbox", name="English"), describe(name))
    _keep(hands, page, "Keep the asset")


def describe(name: str) -> str:
    """What is told to whoever cannot see or hear it."""
    return f"What is seen and said in “{name}”"


def add_files(hands: Hands, page: Page, files: Sequence[Path]) -> None:
    hands.follow(page.get_by_role("link", name="Add, remove or put back files"))
    for n, file in enumerate(files, start=1):
        hands.bring(page.get_by_label("File", exact=True), file)
        if file.name == CAPTIONS:
            hands.choose(page.get_by_label("Language"), "English")
        hands.follow(page.get_by_role("button", name="Add the file"))
        expect(page.locator(".finding")).to_contain_text("1 file." if n == 1 else f"{n} files.")


def write_campaign(hands: Hands, page: Page) -> None:
    hands.follow(_menu(page, "Campaigns"))
    hands.follow(page.get_by_role("link", name="Plan a campaign"))
    hands.fill(page.get_by_label("Name", exact=True), CAMPAIGN)
    hands.fill(page.get_by_label("Starts"), "2026-11-02")
    hands.fill(page.get_by_label("Ends"), "2026-12-18")
    hands.fill(page.get_by_label("What is it to reach?"), OBJECTIVE)
    hands.fill(page.get_by_label("Budget without VAT"), "20 000")
    for name in (*PERSONAS, *PROMISES):
        hands.tick(page.get_by_label(name))
    hands.fill(page.get_by_label("Hires wanted"), "8")
    _keep(hands, page, "Keep the campaign")


def place_all(hands: Hands, page: Page) -> None:
    """Rows as a spreadsheet copies them, looked at before they are stored."""
    heads = ("asset", "channel", "persona", "place", "starts_on", "ends_on", "planned_cost", "target_url")
    rows = [
        (name, made.channel, ", ".join(made.personas), made.place, *made.days, made.booked, f"{TARGET}/{n}")
        for n, (name, made) in enumerate(ASSETS.items())
    ]
    hands.follow(page.get_by_role("link", name="Plan its placements in a table"))
    hands.follow(page.get_by_role("link", name="Paste rows from a spreadsheet"))
    hands.paste(page.get_by_label("Rows from a spreadsheet"), "\n".join("\t".join(row) for row in (heads, *rows)))
    hands.follow(page.get_by_role("button", name="Look at it"))
    hands.follow(page.get_by_role("button", name="Store these placements"))
    expect(page.locator(".problems[role=status]")).to_contain_text(f"Kept: {len(ASSETS)} placements.")


def approve_all(hands: Hands, page: Page, site: str) -> None:
    """Somebody else looks at each asset and approves it, and then the campaign."""
    page.goto(f"{site}/")
    _to(hands, page, "All assets")
    for name in ASSETS:
        hands.follow(page.get_by_role("link", name=name))
        see(page, name)
        _keep(hands, page, "Approve it")
        hands.follow(page.get_by_role("link", name="Assets", exact=True))
    hands.follow(_menu(page, "Campaigns"))
    hands.follow(page.get_by_role("link", name=CAMPAIGN, exact=True))
    _keep(hands, page, "Approve it")


def see(page: Page, name: str) -> None:
    """Whoever approves has the picture before them with its words, and the film with its captions."""
    shown = ASSETS[name].shown
    if shown == PICTURE:
        expect(page.get_by_role("img", name=describe(name))).to_be_visible()
    if shown == FILM:
        expect(page.locator("video track[kind=captions]")).to_have_count(1)


def bring_live(hands: Hands, page: Page, site: str) -> None:
    """Whoever planned it books the posters, and takes campaign and placements live."""
    page.goto(f"{site}/")
    hands.follow(_menu(page, "Campaigns"))
    hands.follow(page.get_by_role("link", name=CAMPAIGN, exact=True))
    hands.follow(page.get_by_role("link", name="Take it live"))
    _keep(hands, page, "Go live")
    hands.follow(page.get_by_role("link", name="Plan its placements in a table"))
    for n in range(1, len(ASSETS) + 1):
        hands.choose(page.locator(f"#status-{n}"), "live")
        if booked := ASSETS[page.locator(f"#asset-{n}").input_value()].booked:
            hands.fill(page.locator(f"#booked_cost-{n}"), booked)
    hands.follow(page.get_by_role("button", name="Keep these placements"))
    expect(page.locator(".problems[role=status]")).to_contain_text(f"Kept: {len(ASSETS)} placements.")


def take_away(hands: Hands, page: Page) -> tuple[Path, str]:
    """What is printed, and the address of the calendar as calendar programs read it."""
    hands.follow(page.locator(".kicker").get_by_role("link").last)
    with page.expect_download() as download:
        hands.follow(page.get_by_role("button", name="Take the sheet as PDF"))
    kit = download.value.path()
    hands.follow(_menu(page, "Calendar"))
    for name in ASSETS:
        expect(page.get_by_role("link", name=name).first).to_be_attached()
    hands.follow(page.get_by_text("Make a link for people without an account"))
    hands.fill(page.get_by_label("For whom"), "The agency")
    hands.follow(page.get_by_role("button", name="Make the link"))
    return kit, page.locator("#shares code").nth(1).inner_text()


def _option(page: Page, select: str, begins: str) -> str:
    texts = page.locator(f"#{select} option").all_inner_texts()
    (found,) = [text for text in texts if text.startswith(begins)]
    return found


def _to(hands: Hands, page: Page, noun: str) -> None:
    hands.follow(_menu(page, "Campaigns"))
    hands.follow(page.get_by_role("link", name=noun))


def _keep(hands: Hands, page: Page, button: str) -> None:
    hands.follow(page.get_by_role("button", name=button))
    expect(page.locator(".problems[role=status]")).to_be_visible()


def _menu(page: Page, name: str) -> Locator:
    return page.locator(".masthead nav").get_by_role("link", name=name)
