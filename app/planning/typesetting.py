"""Print kits made into files: typeset by typst with the fonts that it carries, so that nothing is fetched and a kit
looks the same on every machine."""

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from sqlalchemy.orm import Session

from app.i18n import _, number, percent, speaking
from app.planning.campaign import Campaign
from app.planning.placement import Placement
from app.planning.print_kit import FileKind, PrintKit, make_kit, require_posters

TEMPLATE = Path(__file__).with_suffix("").with_name("print_kit.typ")
DOTS_PER_INCH = 300.0
MOST_DOTS = 2_000
"""How many dots wide a picture is at most: what is read from afar has large modules, and needs no fine ones."""
MM_PER_INCH = 25.4
PNG_HEAD = 33
"""Bytes of the signature and the first chunk of a PNG; what says its size may follow."""
SHEET_WIDTH_MM = 52
"""How wide a code is drawn where several share a page, white border included."""
SheetLayout: TypeAlias = Literal["one", "several"]
"""A page for each, or several on a page."""
Layout: TypeAlias = SheetLayout | Literal["card"]
"""`card` is the code with its caption and address alone."""


def set_kit(placement: Placement, public_url: str, kind: FileKind, language: str | None = None) -> bytes:
    """One placement's kit as a file, its code as wide as it must be at least. A language that is chosen is that of
    all its words, else the caption's is the asset's own. Raises Invalid."""
    layout: Layout = "one" if kind is FileKind.PDF else "card"
    return _compile(placement.name, [_word_kit(placement, public_url, language)], layout, kind)


def set_sheet(
    session: Session, campaign: Campaign, public_url: str, layout: SheetLayout, language: str | None = None
) -> bytes:
    """All that is printed of a campaign as one PDF of A4 pages. Raises Invalid."""
    posters = require_posters(session, campaign)
    return _compile(campaign.name, [_word_kit(one, public_url, language) for one in posters], layout, FileKind.PDF)


@dataclass(frozen=True, slots=True)
class WordedKit:
    """A kit as it is typeset, all its words in the language of its promise, which its readers and its printer share."""

    kit: PrintKit
    said: Mapping[str, Any]


def _word_kit(placement: Placement, public_url: str, language: str | None) -> WordedKit:
    """Refused in the reader's words, made in the kit's own."""
    spoken = make_kit(placement, public_url, language).language
    with speaking(spoken):
        kit = make_kit(placement, public_url, language)
        return WordedKit(kit, _describe(kit))


def _compile(name: str, kits: Sequence[WordedKit], layout: Layout, kind: FileKind) -> bytes:
    import typst

    spoken = kits[0].kit.language
    with speaking(spoken):
        title = _("%(name)s: print kit", name=name)
    data = {
        "title": title, "language": spoken, "layout": layout, "drawn": SHEET_WIDTH_MM,
        "kits": [one.said for one in kits],
    }  # fmt: skip
    made = typst.compile(
        TEMPLATE.read_bytes(), format=kind.value, ppi=_dots_per_inch(kits[0].kit), ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)}, pdf_standards=["ua-1"] if kind is FileKind.PDF else [],
    )  # fmt: skip
    assert isinstance(made, bytes)  # noqa: S101 (one page, or a kind that holds all of them)
    return _say_size(made, _dots_per_inch(kits[0].kit)) if kind is FileKind.PNG else made


def _say_size(picture: bytes, dots_per_inch: float) -> bytes:
    """A PNG that says how large it is on paper (its chunk pHYs): a layout would guess, and draw its code too small."""
    a_metre = round(dots_per_inch * 1000 / MM_PER_INCH)
    said = b"pHYs" + struct.pack(">IIB", a_metre, a_metre, 1)
    chunk = struct.pack(">I", len(said) - 4) + said + struct.pack(">I", zlib.crc32(said))
    return picture[:PNG_HEAD] + chunk + picture[PNG_HEAD:]


def _dots_per_inch(kit: PrintKit) -> float:
    return min(DOTS_PER_INCH, MOST_DOTS * MM_PER_INCH / kit.width_mm)


def _describe(kit: PrintKit) -> dict[str, Any]:
    return {
        "name": kit.name,
        "campaign": kit.campaign,
        "place": kit.place,
        "flight": kit.flight,
        "status": kit.status,
        "captions": kit.captions,
        "language": kit.language,
        "shown": kit.shown,
        "alt": _("QR code that leads to %(address)s", address=kit.address),
        "modules": kit.code.modules,
        "runs": kit.code.runs,
        "width": kit.width_mm,
        "on_sheet": _sheet_note(kit),
        "smaller": _("Here it is drawn smaller than it must be printed."),
        "facts": [(name, said) for name, said in _facts(kit) if said],
    }


def _sheet_note(kit: PrintKit) -> str:
    """Whether the code may be cut out of a sheet of several, or has to be taken wider."""
    if kit.width_mm <= SHEET_WIDTH_MM:
        return _("%(n)s mm wide, white border included: it may be used as it is drawn here.", n=number(SHEET_WIDTH_MM))
    return _(
        "To look through, drawn %(n)s mm wide. Where it hangs it is at least %(m)s mm wide, white border included: "
        "take the page for each.",
        n=number(SHEET_WIDTH_MM), m=number(kit.width_mm),
    )  # fmt: skip


def _facts(kit: PrintKit) -> list[tuple[str, str]]:
    """What whoever prints or hangs it must know, as names and values."""
    return [
        (_("Place"), kit.place),
        (_("When"), kit.flight),
        *printing_facts(kit),
        (_("In letters"), kit.shown),
        (_("It leads to"), kit.target),
    ]


def printing_facts(kit: PrintKit) -> list[tuple[str, str]]:
    """How it must be printed, as names and values."""
    metres = kit.distance_cm / 100
    width = _(
        "%(mm)s mm with its white border, to be read from %(m)s m; for twice the distance, print it twice as wide",
        mm=number(kit.width_mm),
        m=number(metres, 0 if metres.is_integer() else 1),
    )
    return [
        (_("Smallest width"), width),
        (_("White border"), _("4 squares of the code on each side; leave it empty")),
        (_("Error level"), error_words(kit.code.error_level)),
    ]


def error_words(level: str) -> str:
    """How much of the code may be lost."""
    share = percent({"L": 0.07, "M": 0.15, "Q": 0.25, "H": 0.3}[level])
    return _("%(level)s: up to %(share)s of the code may be dirty or torn", level=level, share=share)
