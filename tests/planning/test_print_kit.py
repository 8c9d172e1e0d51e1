"""What is printed of a placement leads where it says, can be read, and says how it is to be printed."""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from app.database import Database
from app.errors import Invalid
from app.i18n import speaking
from app.planning import print_kit
from app.planning.placement import Placement
from app.planning.print_kit import FileKind, kit_notes, make_kit, require_posters
from app.planning.scan_code import QUIET_MODULES, least_width_mm, make_scan_code
from app.planning.typesetting import set_kit, set_sheet
from tests.planning.conftest import organisation_named
from tests.support.plan import a_campaign, a_channel, a_claim, a_live_placement, a_persona, a_placement, an_asset

PUBLIC = "https://kutsu.example.org"
PROMISES = {"fi": "Yöllä nukutaan – ääkkösineen", "sv": "På natten sover vi", "nb": "Om natta sover vi, også på Ærø"}


@pytest.fixture
def session(sqlite_file_url: str) -> Iterator[Session]:
    """What is printed asks nothing of a database that only one kind answers."""
    database = Database(sqlite_file_url)
    with database.writing(organisation_named(database, "Harbour Town")) as session:
        a_persona(session, slug="whose-factors-are-promised")
        yield session
    database.close()


def read_codes(image: Image.Image) -> list[str]:
    """What an independent reader finds in a picture."""
    return [found.text for found in zxingcpp.read_barcodes(np.asarray(image.convert("L")))]


def pages(pdf: bytes, scale: float = 2.0) -> list[tuple[Image.Image, str]]:
    """Each page of a PDF as a picture and as its text."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [
            (page.render(scale=scale).to_pil(), " ".join(page.get_textpage().get_text_range().split()))
            for page in document
        ]


def a_poster(session: Session, **changes: Any) -> Placement:
    claim = a_claim(session, text=PROMISES)
    asset = an_asset(session, claim_ids=[claim.id])
    return a_placement(session, asset_id=asset.id, place="Kallio", **changes)


def an_english_poster(session: Session, **changes: Any) -> Placement:
    claim = a_claim(session, text={"en": "Nights are for sleeping."})
    asset = an_asset(session, claim_ids=[claim.id], languages=["en"], alt_text={"en": "A dark window"})
    return a_placement(session, asset_id=asset.id, place="Kallio", **changes)


def test_a_reader_finds_the_short_address_in_the_picture_and_in_the_page(session: Session) -> None:
    poster = a_poster(session)
    address = f"{PUBLIC}/k/{poster.tracking_code}"
    picture = Image.open(io.BytesIO(set_kit(poster, PUBLIC, FileKind.PNG)))
    ((page, text),) = pages(set_kit(poster, PUBLIC, FileKind.PDF))
    assert read_codes(picture) == read_codes(page) == [address]
    assert f"kutsu.example.org/k/{poster.tracking_code}" in text


def test_the_white_border_is_four_modules_wide_and_empty(session: Session) -> None:
    poster = a_poster(session)
    picture = np.asarray(Image.open(io.BytesIO(set_kit(poster, PUBLIC, FileKind.PNG))).convert("L"))
    kit = make_kit(poster, PUBLIC)
    border = picture.shape[1] * QUIET_MODULES / (kit.code.modules + 2 * QUIET_MODULES)
    assert picture[:, : int(border) - 1].min() == picture[:, -int(border) + 1 :].min() == 255
    assert picture[:, int(border) + 2].min() == 0


@pytest.mark.parametrize("kind", ["out_of_home", "social", "event"])
def test_a_picture_says_how_wide_it_is_on_paper(session: Session, kind: str) -> None:
    poster = a_poster(session, channel_id=a_channel(session, kind=kind).id)
    picture = Image.open(io.BytesIO(set_kit(poster, PUBLIC, FileKind.PNG)))
    across, _down = picture.info["dpi"]
    assert picture.width / across * 25.4 == pytest.approx(make_kit(poster, PUBLIC).width_mm, abs=0.2)


@pytest.mark.parametrize("language", ["fi", "sv", "nb"])
def test_the_promise_is_the_caption_in_the_language_that_is_chosen(session: Session, language: str) -> None:
    ((_page, text),) = pages(set_kit(a_poster(session), PUBLIC, FileKind.PDF, language), scale=0.5)
    assert PROMISES[language] in text


def test_without_a_choice_the_caption_speaks_as_the_asset_does(session: Session) -> None:
    assert make_kit(a_poster(session), PUBLIC).captions == [PROMISES["fi"]]


def test_a_language_in_which_the_promise_is_not_worded_is_refused_by_name(session: Session) -> None:
    with pytest.raises(Invalid, match="Choose fi, sv, nb"):
        make_kit(a_poster(session), PUBLIC, "en")


def test_a_language_is_refused_in_the_words_of_who_asks_for_it(session: Session) -> None:
    campaign = a_campaign(session)
    poster = a_poster(session, campaign_id=campaign.id)
    with speaking("fi"):
        with pytest.raises(Invalid, match="Valitse fi, sv, nb"):
            set_kit(poster, PUBLIC, FileKind.PDF, "en")
        with pytest.raises(Invalid, match="Valitse fi, sv, nb"):
            set_sheet(session, campaign, PUBLIC, "one", "en")


def test_an_asset_without_a_promise_is_printed_without_a_caption_in_any_language(session: Session) -> None:
    poster = a_placement(session)
    assert make_kit(poster, PUBLIC, "sv").captions == []
    assert read_codes(Image.open(io.BytesIO(set_kit(poster, PUBLIC, FileKind.PNG, "sv"))))


@pytest.mark.parametrize(
    ("modules", "distance_cm", "mm"),
    [(25, 100, 132), (25, 30, 40), (33, 100, 164), (25, 5, 14)],
)
def test_a_code_is_as_wide_as_a_tenth_of_the_distance_for_25_modules(modules: int, distance_cm: int, mm: int) -> None:
    """25 modules at 1 m: 100 mm, and 8 modules of white: 132. At 5 cm a module would be 0.2 mm: 33 × 0.4 = 13.2."""
    assert least_width_mm(modules, distance_cm) == mm


def test_a_poster_is_read_from_a_metre_and_print_from_the_hand(session: Session) -> None:
    outside, paper = a_channel(session), a_channel(session, kind="print")
    assert make_kit(a_placement(session, channel_id=outside.id), PUBLIC).distance_cm == 100
    assert make_kit(a_placement(session, channel_id=paper.id), PUBLIC).distance_cm == 30


def test_the_page_says_how_wide_it_must_be_and_how_much_may_be_torn(session: Session) -> None:
    poster = an_english_poster(session)
    ((_page, text),) = pages(set_kit(poster, PUBLIC, FileKind.PDF), scale=0.5)
    width = make_kit(poster, PUBLIC).width_mm
    assert f"{width} mm with its white border, to be read from 1 m" in text
    assert re.search(r"[QH]: up to (25|30) % of the code may be dirty or torn", text)
    assert "planned: not live yet" in text


def test_a_quarter_of_the_code_may_be_lost(session: Session) -> None:
    poster = a_poster(session)
    picture = Image.open(io.BytesIO(set_kit(poster, PUBLIC, FileKind.PNG))).convert("L")
    kit = make_kit(poster, PUBLIC)
    module = picture.width / (kit.code.modules + 2 * QUIET_MODULES)
    top = next(y for y, row in enumerate(np.asarray(picture)[::-1]) if row.min() == 0)
    torn = np.array(picture)
    low = picture.height - top - int(module * 6)
    middle = picture.width // 2
    torn[low - int(module * 5) : low, middle - int(module * 5) : middle + int(module * 5)] = 255
    assert read_codes(Image.fromarray(torn)) == [kit.address]


def test_the_vector_file_holds_shapes_alone_and_asks_nobody_for_anything(session: Session) -> None:
    text = set_kit(a_poster(session), PUBLIC, FileKind.SVG).decode()
    assert text.startswith("<svg")
    assert "<image" not in text
    assert "<text" not in text
    assert set(re.findall(r'(?:href|src)="(.)', text)) <= {"#"}


@pytest.mark.browser
def test_a_reader_finds_the_short_address_in_the_vector_file_as_a_browser_draws_it(
    session: Session, page: Page
) -> None:
    poster = a_poster(session)
    page.set_content(set_kit(poster, PUBLIC, FileKind.SVG).decode())
    drawn = Image.open(io.BytesIO(page.locator("svg").screenshot()))
    assert read_codes(drawn) == [f"{PUBLIC}/k/{poster.tracking_code}"]


def test_the_page_is_tagged_and_says_its_language(session: Session) -> None:
    pdf = set_kit(a_poster(session), PUBLIC, FileKind.PDF, "sv")
    assert b"/StructTreeRoot" in pdf
    assert b"/Lang(sv)" in pdf.replace(b" ", b"")


@pytest.mark.parametrize("layout", ["several", "one"])
def test_a_campaigns_sheet_holds_every_poster_with_its_place_and_flight_and_nothing_else(
    session: Session, layout: Any
) -> None:
    campaign = a_campaign(session)
    posters = [an_english_poster(session, campaign_id=campaign.id, name=f"Poster {n}") for n in range(5)]
    film = an_asset(session, format="video")
    a_placement(session, campaign_id=campaign.id, asset_id=film.id, name="A film")
    found = pages(set_sheet(session, campaign, PUBLIC, layout), scale=3)
    codes = [code for page, _text in found for code in read_codes(page)]
    assert sorted(codes) == sorted(f"{PUBLIC}/k/{poster.tracking_code}" for poster in posters)
    words = " ".join(text for _page, text in found)
    assert "A film" not in words
    assert words.count("Kallio") == words.count("Mar 2026") == 5
    assert len(found) == (5 if layout == "one" else 2)


def test_a_campaign_without_a_poster_says_what_to_place(session: Session) -> None:
    with pytest.raises(Invalid, match="has no poster or print advertisement"):
        require_posters(session, a_campaign(session))


def test_what_is_planned_unprinted_or_reached_from_here_alone_is_said(session: Session) -> None:
    live = a_live_placement(session)
    assert kit_notes(session, live, PUBLIC) == []
    assert "Only this machine can open this address (127.0.0.1)" in kit_notes(session, live, "http://127.0.0.1:8600")[0]
    planned = a_placement(session, target_url="https://elsewhere.example.com/")
    said = " ".join(kit_notes(session, planned, PUBLIC))
    assert "It is not live" in said
    assert "elsewhere.example.com is not one of your own hosts" in said
    film = a_placement(session, asset_id=an_asset(session, format="video").id)
    assert any("rarely printed" in note for note in kit_notes(session, film, PUBLIC))


def test_paper_that_only_this_machine_can_open_says_so_on_itself(session: Session) -> None:
    placement = an_english_poster(session)
    for address, said in (("http://127.0.0.1:8000", True), (PUBLIC, False)):
        ((_page, text),) = pages(set_kit(placement, address, FileKind.PDF))
        assert ("only the computer it was made on can open this address" in text) is said


def test_a_picture_for_a_whole_room_is_as_wide_as_it_must_be_and_no_wider(session: Session) -> None:
    evening = a_poster(session, channel_id=a_channel(session, kind="event").id)
    picture = Image.open(io.BytesIO(set_kit(evening, PUBLIC, FileKind.PNG)))
    assert 1_900 <= picture.width <= 2_001
    assert read_codes(picture) == [f"{PUBLIC}/k/{evening.tracking_code}"]


def test_a_promise_that_is_no_caption_is_refused_with_its_length(session: Session) -> None:
    claims = [a_claim(session, text={"fi": "x" * 300}).id, a_claim(session, text={"fi": "y" * 301}).id]
    poster = a_placement(session, asset_id=an_asset(session, claim_ids=claims).id)
    with pytest.raises(Invalid, match="has 601 characters; at most 600 fit"):
        make_kit(poster, PUBLIC)


def test_more_posters_than_a_file_holds_are_refused(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(print_kit, "MOST_AT_ONCE", 1)
    campaign = a_campaign(session)
    for n in range(2):
        a_poster(session, campaign_id=campaign.id, name=f"Poster {n}")
    with pytest.raises(Invalid, match="has 2 posters and print advertisements, and a file holds 1"):
        require_posters(session, campaign)


def test_what_leads_nowhere_is_not_printed(session: Session) -> None:
    poster = a_placement(session)
    poster.target_url = ""
    with session.no_autoflush, pytest.raises(Invalid, match="leads nowhere yet"):
        make_kit(poster, PUBLIC)
    session.expire(poster)


def test_no_text_of_anybodys_is_read_as_markup(session: Session) -> None:
    claim = a_claim(session, text={"fi": '#panic("x") *bold* $ \\ "quoted" <a> @b'})
    asset = an_asset(session, claim_ids=[claim.id])
    poster = a_placement(session, asset_id=asset.id, name='= #read("/etc/passwd")')
    ((_page, text),) = pages(set_kit(poster, PUBLIC, FileKind.PDF), scale=0.5)
    assert '#panic("x") *bold* $ \\ "quoted" <a> @b' in text.replace("“", '"').replace("”", '"')
    assert "#read(" in text


@given(st.text("abcdefghij0123456789.-", min_size=1, max_size=120))
def test_the_dark_runs_are_the_code_whatever_it_leads_to(path: str) -> None:
    address = f"https://kutsu.example.org/{path}"
    code = make_scan_code(address)
    side = code.modules + 2 * QUIET_MODULES
    grid = np.full((side, side), 255, dtype=np.uint8)
    for x, y, length in code.runs:
        row = grid[y + QUIET_MODULES, x + QUIET_MODULES : x + QUIET_MODULES + length]
        assert row.min() == 255
        row[:] = 0
    assert read_codes(Image.fromarray(grid.repeat(4, 0).repeat(4, 1))) == [address]


def test_the_command_and_the_doors_start_without_what_typesets() -> None:
    said = "import sys, app.cli, app.web.opening; print(sorted({'typst', 'segno'} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", said], check=True, capture_output=True, text=True)
    assert out.stdout.strip() == "[]"


def test_all_words_of_a_page_are_in_the_language_of_its_promise_whoever_takes_it(session: Session) -> None:
    ((_page, text),) = pages(set_kit(a_poster(session), PUBLIC, FileKind.PDF), scale=0.5)
    assert "Pienin leveys" in text and "Smallest width" not in text
    with speaking("fi"):
        ((_page, text),) = pages(set_kit(an_english_poster(session), PUBLIC, FileKind.PDF), scale=0.5)
    assert "Smallest width" in text and "Pienin leveys" not in text


def test_a_sheet_says_of_each_poster_in_its_own_language_how_wide_it_hangs(session: Session) -> None:
    campaign = a_campaign(session)
    a_poster(session, campaign_id=campaign.id)
    an_english_poster(session, campaign_id=campaign.id, name="Window")
    ((_page, text),) = pages(set_sheet(session, campaign, PUBLIC, "several"), scale=0.5)
    assert "To look through, drawn 52 mm wide. Where it hangs it is at least 164 mm wide" in text
    assert "Katselua varten" in text and text.count("164 mm") == 2


def test_what_is_read_in_the_hand_may_be_cut_out_of_the_sheet(session: Session) -> None:
    campaign = a_campaign(session)
    an_english_poster(session, campaign_id=campaign.id, channel_id=a_channel(session, kind="print").id)
    ((_page, text),) = pages(set_sheet(session, campaign, PUBLIC, "several"), scale=0.5)
    assert "52 mm wide, white border included: it may be used as it is drawn here." in text
