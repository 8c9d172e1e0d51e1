"""The files of an asset in the browser: added, seen as what they are, removed and put back, without JavaScript."""

import asyncio
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from app.database import Database
from tests.files.samples import CAPTIONS, a_film, a_pdf, a_picture, a_sound
from tests.support.asgi import Asked, Unread, ask
from tests.support.browser import Watch
from tests.support.client import TestClient
from tests.support.people import COOKIE, open_session
from tests.support.plan import an_asset
from tests.support.server import serving
from tests.web.pages.planning_office import VIEWER, PlanningOffice


@pytest.fixture
def office(sqlite_file_url: str) -> Iterator[PlanningOffice]:
    database = Database(sqlite_file_url)
    yield PlanningOffice(database)
    database.close()


def a_draft(office: PlanningOffice, **said: Any) -> str:
    """Where the files of a new draft are."""
    with office.database.writing(office.city) as session:
        return f"/assets/{an_asset(session, name='Home by five', status='draft', **said).id}/files"


def bring(client: TestClient, here: str, whole: bytes, name: str, **said: str) -> Any:
    """Send a file as the form does, and follow to where it leads."""
    answer = client.post(here, data=said, files={"file": (name, whole)})
    return client.get(answer.headers["location"]) if answer.status_code == 303 else answer


def test_a_page_without_files_says_what_will_be_there_and_how_large_it_may_be(office: PlanningOffice) -> None:
    here = a_draft(office)
    page = unescape(office.first.get(here).text)
    assert "No file is here yet." in page
    assert "the person who approves it sees what goes out" in page
    assert "PDF of at most 25 MB" in page
    assert "A PDF is kept as it is, with the names that its program wrote into it." in page
    assert f'href="{here}"' in office.first.get(here.removesuffix("/files")).text
    assert f'href="{here}"' in office.first.get(here.replace("/files", "/edit")).text


def test_a_picture_is_shown_with_what_it_is_described_as_on_both_pages(office: PlanningOffice) -> None:
    here = a_draft(office)
    page = unescape(bring(office.first, here, a_picture(), "Tänään.png").text)
    assert "Kept." in page
    assert "PNG · 16 × 24" in page
    assert "1 file of an asset is not in it" in office.viewer.get("/plan/file").text
    for path in (here, here.removesuffix("/files")):
        shown = unescape(office.viewer.get(path).text)
        (address, alt) = re.findall(r'<img src="([^"]+)" alt="([^"]+)"', shown)[0]
        assert alt == "Lääkäri lähtee kotiin kello 16"
        answer = office.viewer.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"


def test_a_film_has_its_captions_and_its_picture_and_what_moves_by_itself_is_a_link(office: PlanningOffice) -> None:
    here = a_draft(office, format="video")
    for whole, name, said in (
        (a_film(), "a.mp4", {}), (CAPTIONS, "a.vtt", {"language": "fi"}), (a_sound(), "a.mp3", {}),
        (a_picture(), "a.png", {"purpose": "preview"}), (a_pdf(), "a.pdf", {}), (a_picture("GIF"), "a.gif", {}),
    ):  # fmt: skip
        assert bring(office.first, here, whole, name, **said).status_code == 200
    page = office.first.get(here).text
    assert "6 files." in page
    film = re.findall(r"<video.*?</video>", page, re.DOTALL)[0]
    assert 'kind="captions"' in film
    assert 'srclang="fi" label="Suomi" default' in film
    assert "poster=" in film
    assert page.count("<audio") == 1
    assert page.count("<img") == 1, "neither the page nor the moving picture"


@pytest.mark.parametrize(
    ("whole", "name", "said", "says"),
    [
        (b"<svg onload='alert(1)'/>", "a.svg", {}, "can run scripts"),
        (a_picture(), "a.jpg", {}, "The content of this file is PNG"),
        (CAPTIONS, "a.vtt", {}, "Say in which language the captions are"),
        (b"", "", {}, "Choose a file"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_on_the_page(
    office: PlanningOffice, whole: bytes, name: str, said: dict[str, str], says: str
) -> None:
    answer = bring(office.first, a_draft(office), whole, name, **said)
    assert (answer.status_code, says in unescape(answer.text)) == (422, True)


def test_nothing_is_read_of_a_file_that_who_only_reads_or_is_not_signed_in_sends(office: PlanningOffice) -> None:
    form = ((b"content-type", b"multipart/form-data; boundary=x"), (b"sec-fetch-site", b"same-origin"))
    here = a_draft(office)
    for cookie, status in ((f"{COOKIE}={open_session(office.app, VIEWER)}", 403), ("", 303)):
        asked = Asked(here, (*form, (b"cookie", cookie.encode())), Unread())
        assert asyncio.run(ask(office.app, asked)).status == status


def test_nothing_of_a_file_lies_in_the_systems_temporary_folder_while_it_comes(
    office: PlanningOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, elsewhere = a_draft(office), tmp_path / "temporary"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    opened: list[str] = []
    watching = True

    def watch(event: str, of: tuple[Any, ...]) -> None:
        if watching and event == "open":
            opened.append(str(of[0]))

    sys.addaudithook(watch)
    whole = a_picture(size=(1500, 1500)) + bytes(2**21)
    assert bring(office.first, here, whole, "a.png").status_code == 200
    watching = False
    folder = office.app.state.files.folder
    assert any(one.startswith(str(folder / office.city.hex / "incoming")) for one in opened)
    assert [one for one in opened if one.startswith(str(elsewhere))] == []
    assert list(folder.glob("*/incoming/*")) == []


def test_nothing_of_a_refused_file_or_of_a_form_that_breaks_off_stays_behind(office: PlanningOffice) -> None:
    here = a_draft(office)
    assert bring(office.first, here, b"<svg/>" + bytes(2**21), "a.png").status_code == 422
    head = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    form = (
        (b"content-type", b"multipart/form-data; boundary=x"), (b"sec-fetch-site", b"same-origin"),
        (b"cookie", f"{COOKIE}={open_session(office.app)}".encode()),
    )  # fmt: skip
    for parts in ([head + a_picture()[:50], b""], [b"--y"], [head + a_picture() + b"\r\n--x--\r\n"]):
        assert asyncio.run(ask(office.app, Asked(here, form, parts))).status in (303, 400, 422)
    assert list(office.app.state.files.folder.glob("*/incoming/*")) == []


def test_a_folder_that_takes_nothing_is_told_on_a_page(office: PlanningOffice) -> None:
    office.app.state.files = replace(office.app.state.files, folder=None)
    answer = bring(office.first, a_draft(office), a_picture(), "a.png")
    assert (answer.status_code, "Set KUTSU_FILES" in answer.text) == (503, True)


def test_a_removed_file_is_put_back(office: PlanningOffice) -> None:
    here = a_draft(office)
    page = bring(office.first, here, a_picture(), "a.png").text
    verbs = re.findall(r'action="([^"]+)/remove"', page)[0]
    assert office.first.post(f"{verbs}/remove").headers["location"] == f"{here}?kept=removed"
    page = unescape(office.first.get(f"{here}?kept=removed").text)
    assert "For 30 days it can be put back." in page
    assert "<img" not in page
    assert office.first.get(verbs).status_code == 404
    assert f'action="{verbs}/put-back"' in page
    office.first.post(f"{verbs}/put-back")
    assert "<img" in office.first.get(here).text
    assert "<img" in office.viewer.get(here).text


def test_who_reads_adds_nothing_and_an_approved_asset_takes_nothing(office: PlanningOffice) -> None:
    here = a_draft(office)
    page = bring(office.first, here, a_picture(), "a.png").text
    verbs = re.findall(r'action="([^"]+)/remove"', page)[0]
    assert "Add a file" not in office.viewer.get(here).text
    for path in (f"{verbs}/remove", f"{verbs}/put-back"):
        assert office.viewer.post(path).status_code == 403
    assert bring(office.viewer, here, a_pdf(), "a.pdf").status_code == 403
    office.second.post(here.replace("/files", "/status"), data={"status": "approved"})
    page = office.first.get(here).text
    assert "It is approved: what it says and shows stays." in page
    assert f'<a class="action" href="/assets/new?variant_of={here.split("/")[2]}">' in page
    assert "Add a file" not in page
    assert "It was approved as it is" in bring(office.first, here, a_pdf(), "a.pdf").text
    assert "It was approved as it is" in office.first.post(f"{verbs}/remove").text


def test_a_file_is_brought_by_keyboard_and_a_refusal_leaves_what_was_chosen(
    office: PlanningOffice, watch: Watch
) -> None:
    here = a_draft(office)
    watch.carry_cookie(COOKIE, open_session(office.app))
    watch.allow("422")
    office.app.state.files = replace(office.app.state.files, largest=1, largest_recording=1)
    with serving(office.app) as site:
        page = watch.open()
        page.goto(site + here)
        page.get_by_label("File", exact=True).set_input_files(
            {"name": "a.mp4", "mimeType": "video/mp4", "buffer": bytes(2**20 + 1)}
        )
        page.get_by_role("button", name="Add the file").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("larger than any that is taken here")
        page.get_by_label("File", exact=True).set_input_files(
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": a_picture()}
        )
        page.get_by_role("button", name="Add the file").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("The content of this file is PNG")
        assert page.get_by_label("File", exact=True).evaluate("one => one.files[0].name") == "a.jpg"
        page.get_by_label("File", exact=True).set_input_files(
            {"name": "a.png", "mimeType": "image/png", "buffer": a_picture()}
        )
        page.get_by_role("button", name="Add the file").press("Enter")
        picture = page.get_by_role("img", name="Lääkäri lähtee kotiin kello 16")
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("naturalWidth", 16)
