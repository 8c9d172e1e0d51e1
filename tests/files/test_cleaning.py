"""What is kept of a file: everything that is seen and heard, nothing that a camera or a program noted beside it."""

import contextlib
import io
import struct
import tracemalloc
import uuid
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from app.errors import Invalid
from app.files import reader
from app.files.kinds import KINDS, MediaType, find_type
from app.files.picture import find_orientation
from app.files.receiving import Received, Receiving, clean_name
from app.files.store import FileStore
from tests.files.samples import (
    CAPTIONS,
    DAY,
    NAME,
    PLACE,
    SIDEWAYS,
    a_bomb,
    a_film,
    a_pdf,
    a_picture,
    a_sound,
    a_webm,
    box,
    element,
)

TOWN = uuid.UUID(int=7)
PICTURES = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "GIF": ".gif"}
Keep = Callable[..., tuple[Received, bytes]]


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """Receives a file, in parts of some size, and gives what is kept of it."""
    store = FileStore(tmp_path / "files", largest=1, largest_recording=2)

    def receive(whole: bytes, name: str, part: int = 1000) -> tuple[Received, bytes]:
        with Receiving(store, TOWN, name) as receiving:
            for start in range(0, len(whole), part):
                receiving.write(whole[start : start + part])
            found = receiving.finish()
            return found, found.path.read_bytes()

    return receive


def why(keep: Keep, whole: bytes, name: str) -> str:
    with pytest.raises(Invalid) as refusal:
        keep(whole, name)
    return str(refusal.value)


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_is_seen_as_before_and_says_nothing_of_where_and_by_whom_it_was_taken(keep: Keep, kind: str) -> None:
    given = a_picture(kind)
    assert NAME in given or PLACE in given
    received, kept = keep(given + PLACE, f"a{PICTURES[kind]}")
    assert PLACE not in kept
    assert NAME not in kept
    before, after = Image.open(io.BytesIO(given)), Image.open(io.BytesIO(kept))
    assert after.convert("RGB").tobytes() == before.convert("RGB").tobytes()
    assert getattr(after, "n_frames", 1) == getattr(before, "n_frames", 1)
    assert (received.extent and (received.extent.width, received.extent.height)) == ImageOps.exif_transpose(before).size
    assert dict(after.getexif()) == ({0x0112: SIDEWAYS} if kind != "GIF" else {})


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_that_breaks_off_anywhere_is_refused_and_never_an_error_of_ours(keep: Keep, kind: str) -> None:
    given = a_picture(kind)
    for end in [*range(13, len(given) - 1, max(1, len(given) // 60)), len(given) - 1]:
        if kind == "WEBP" and end == len(given) - 1:
            continue
        assert "breaks off or is damaged" in why(keep, given[:end], f"a{PICTURES[kind]}"), end


def test_colours_stay_as_they_were_meant(keep: Keep) -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind, ending in (("PNG", ".png"), ("JPEG", ".jpg"), ("WEBP", ".webp")):
        said = io.BytesIO()
        Image.new("RGB", (8, 8), "red").save(said, kind, icc_profile=profile)
        _received, kept = keep(said.getvalue(), f"a{ending}")
        assert Image.open(io.BytesIO(kept)).info["icc_profile"] == profile


def test_a_changed_byte_of_a_png_is_found(keep: Keep) -> None:
    given = bytearray(a_picture("PNG"))
    given[-20] ^= 1
    assert "damaged" in why(keep, bytes(given), "a.png")


def test_a_picture_that_would_fill_a_readers_memory_is_refused(keep: Keep) -> None:
    assert "at most 80 million in all" in why(keep, a_bomb(50_000, 50_000), "a.png")
    assert "damaged" in why(keep, a_bomb(0, 9), "a.png")


def test_a_film_says_nothing_of_where_it_was_taken_and_each_picture_lies_where_it_lay(keep: Keep) -> None:
    given = a_film()
    received, kept = keep(given, "a.mp4")
    assert PLACE in given
    assert PLACE not in kept
    assert NAME not in kept
    assert DAY in given
    assert DAY not in kept
    assert len(kept) == len(given)
    assert kept.index(b"mdat") == given.index(b"mdat")
    assert (received.kind, received.extent and received.extent.width) == (MediaType.MP4, 1280)
    assert keep(a_film(noted=False), "a.mp4")[1] == a_film(noted=False)


def test_a_film_with_a_track_of_places_and_one_without_an_index_are_refused(keep: Keep) -> None:
    assert "track of measurements" in why(keep, a_film(b"meta"), "a.mp4")
    assert "damaged" in why(keep, box(b"ftyp", b"isom", bytes(8)) + box(b"mdat", bytes(2000)), "a.mp4")
    whole = a_film()
    for end in range(40, len(whole) - 60, 97):
        assert "damaged" in why(keep, whole[:end], "a.mp4"), end


def test_a_film_may_say_its_lengths_in_long_numbers_or_up_to_its_end(keep: Keep) -> None:
    long = struct.pack(">I4sQ", 1, b"mdat", 16 + 500) + bytes(500)
    last = struct.pack(">I4s", 0, b"mdat") + bytes(77)
    whole = a_film(noted=False) + long + last
    assert keep(whole, "a.m4v")[1] == whole


@pytest.mark.parametrize("notes", [1, 100, 300])
def test_a_webm_loses_its_tags_and_what_is_attached_and_nothing_moves(keep: Keep, notes: int) -> None:
    given = a_webm(notes=notes)
    _received, kept = keep(given, "a.webm")
    assert PLACE not in kept
    assert NAME not in kept
    assert len(kept) == len(given)
    assert kept.index(b"\x1f\x43\xb6\x75") == given.index(b"\x1f\x43\xb6\x75")
    assert keep(kept, "a.webm")[1] == kept, "what was blanked is a part that says nothing"


def test_a_webm_without_lengths_or_of_another_kind_is_refused(keep: Keep) -> None:
    live = element(0x1A45DFA3, element(0x4282, b"webm", 1), 1) + b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + bytes(2000)
    assert "does not say how long" in why(keep, live, "a.webm")
    assert "do not play" in why(keep, a_webm(b"matroska"), "a.webm")
    for end in range(60, len(a_webm()) - 1, 171):
        assert "damaged" in why(keep, a_webm()[:end], "a.webm")


def test_a_sound_loses_its_tags(keep: Keep) -> None:
    assert keep(a_sound(), "a.mp3")[1] == a_sound(noted=False)
    assert keep(a_sound(noted=False), "a.MP3")[1] == a_sound(noted=False)
    assert "damaged" in why(keep, b"ID3\x04\0\0\0\0\0\0<html>", "a.mp3")


def test_captions_and_printed_pages_stay_as_they_are(keep: Keep) -> None:
    assert keep(CAPTIONS, "a.vtt")[1] == CAPTIONS
    assert keep(b"\xef\xbb\xbf" + CAPTIONS, "a.vtt")[1] == b"\xef\xbb\xbf" + CAPTIONS
    received, kept = keep(a_pdf(), "a.pdf")
    assert (received.kind, kept) == (MediaType.PDF, a_pdf())
    assert len(pypdfium2.PdfDocument(kept)) == 1


@pytest.mark.parametrize(
    ("whole", "name", "says"),
    [
        (b"", "a.png", "The file is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg", "can run scripts"),
        (b"\n <!DOCTYPE html><script>1</script>", "a.png", "can run scripts"),
        (b"<?xml version='1.0'?><svg/>", "a.jpg", "can run scripts"),
        (b"MZ" + bytes(2000), "a.png", "not one of PNG, JPEG"),
        (b"PK\x03\x04" + bytes(2000), "a.pdf", "not one of PNG, JPEG"),
        (box(b"ftyp", b"heic", bytes(2000)), "a.heic", "save it as JPEG"),
        (box(b"ftyp", b"qt  ", bytes(2000)), "a.mov", "save it as MP4"),
        (a_picture("JPEG"), "a.png", "The content of this file is JPEG, but it is called “a.png”"),
        (a_picture("PNG"), "picture", "Use a name that ends in .png"),
        (a_picture("PNG"), "a.png.html", "Use a name that ends in .png"),
        (CAPTIONS[:7], "a.vtt", "no line with its time"),
        (CAPTIONS + b"\xff", "a.vtt", "not in UTF-8"),
        (a_pdf(b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"), "a.pdf", "(JavaScript)"),
        (a_pdf(b"/OpenAction<</S/J#61vaScript/JS(app.alert(1))>>"), "a.pdf", "(JavaScript)"),
        (a_pdf(packed=b"5 0 <</S/Launch/F(calc.exe)>>"), "a.pdf", "(Launch)"),
        (a_pdf(packed=bytes(300_000) + b"/Names<</EmbeddedFiles 9 0 R>>"), "a.pdf", "(EmbeddedFiles)"),
        (a_pdf(b"/Encrypt 9 0 R"), "a.pdf", "The PDF is protected"),
        (a_pdf()[:-7], "a.pdf", "damaged"),
        (a_picture("PNG") + bytes(1024 * 1024), "a.png", "at most 1 MB"),
        (a_film() + bytes(2 * 1024 * 1024), "a.mp4", "at most 2 MB"),
        (CAPTIONS + b"\n" * 1024 * 1024, "a.vtt", "at most 1 MB"),
    ],
    ids=lambda said: said if isinstance(said, str) else "",
)  # fmt: skip
def test_what_is_not_taken_is_refused_with_the_reason_and_the_remedy(
    keep: Keep, whole: bytes, name: str, says: str
) -> None:
    assert says in why(keep, whole, name)


def test_nothing_is_left_on_disk_of_what_was_refused_or_not_placed(keep: Keep, tmp_path: Path) -> None:
    why(keep, b"<svg/>", "a.svg")
    why(keep, a_picture("PNG")[:-9], "a.png")
    keep(a_picture("PNG"), "a.png")
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_a_file_is_stopped_as_soon_as_its_first_bytes_say_what_it_is(tmp_path: Path) -> None:
    with Receiving(FileStore(tmp_path), TOWN, "a.png") as receiving, pytest.raises(Invalid):
        receiving.write(b"<html>" + bytes(1018))


def test_a_film_is_taken_in_little_memory_however_long_it_is(tmp_path: Path) -> None:
    part = bytes(64 * 1024)
    with Receiving(FileStore(tmp_path), TOWN, "a.mp4") as receiving:
        receiving.write(a_film() + struct.pack(">I4s", 8 + 200 * len(part), b"mdat"))
        tracemalloc.start()
        for _part in range(200):
            receiving.write(part)
        assert receiving.finish().size > 200 * len(part)
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 2 * 1024 * 1024


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\fotos\\Tänään.JPG", "Tänään.JPG"), ("../../etc/passwd", "passwd"), ("a\u202egnp.exe", "agnp.exe"),
        ("  viisi \n minuuttia .mp4", "viisi minuuttia.mp4"), ("x" * 300 + ".jpeg", "x" * 115 + ".jpeg"), ("", ""),
    ],
)  # fmt: skip
def test_a_name_keeps_no_folder_and_nothing_that_cannot_be_seen(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    ("name", "begun", "part"),
    [
        ("a.png", a_bomb(9, 9)[:-12], b"\0\0\0\0IDAT\x35\xaf\x06\x1e"),
        ("a.jpg", b"\xff\xd8", b"\xff\xfe\0\2"),
        ("a.mp4", box(b"ftyp", b"isom", bytes(4)), box(b"free")),
        ("a.gif", a_picture("GIF")[:25], b"!\xfe\0"),
    ],
)
def test_a_file_of_too_many_parts_keeps_nobody_busy(
    keep: Keep, monkeypatch: pytest.MonkeyPatch, name: str, begun: bytes, part: bytes
) -> None:
    end = {"a.png": a_bomb(9, 9)[-12:], "a.jpg": a_picture("JPEG", noted=False)[2:], "a.gif": a_picture("GIF")[25:]}
    whole = begun + part * 200 + end.get(name, a_film(noted=False))
    keep(whole, name)
    monkeypatch.setattr(reader, "MOST_PARTS", 200)
    assert "damaged" in why(keep, whole, name)


def test_a_length_that_nobody_has_takes_no_memory(keep: Keep) -> None:
    huge = b"RIFF" + struct.pack("<I", 1000) + b"WEBPVP8X" + struct.pack("<I", 2**31) + bytes(1100)
    tracemalloc.start()
    assert "damaged" in why(keep, huge, "a.webp")
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1024 * 1024


SAMPLES = {
    "a.png": a_picture("PNG"), "a.jpg": a_picture("JPEG"), "a.webp": a_picture("WEBP"), "a.gif": a_picture("GIF"),
    "a.mp4": a_film(), "a.webm": a_webm(), "a.mp3": a_sound(), "a.vtt": CAPTIONS,
    "a.pdf": a_pdf(packed=b"5 0 <</Type/Annot>>"),
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
@given(data=st.data())
def test_a_file_with_anything_in_any_place_is_kept_or_refused_and_never_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    whole = bytearray(SAMPLES[name])
    for _change in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(whole)))
        put = data.draw(
            st.binary(max_size=9) | st.sampled_from([bytes(4), b"\xff" * 4, b"\xff" * 8, b"\x7f\xff\xff\xff"])
        )
        whole[at : at + data.draw(st.integers(0, 9))] = put
    with contextlib.suppress(Invalid), Receiving(FileStore(tmp_path_factory.getbasetemp()), TOWN, name) as receiving:
        receiving.write(bytes(whole))
        assert receiving.finish().size <= len(whole) + 64


@given(st.binary(max_size=200))
def test_notes_of_a_camera_that_make_no_sense_say_nothing(notes: bytes) -> None:
    assert find_orientation(notes) == 1


@given(st.binary(max_size=1024))
def test_whatever_comes_is_of_a_kind_that_is_taken_or_refused(head: bytes) -> None:
    with contextlib.suppress(Invalid):
        assert find_type(head) in KINDS
