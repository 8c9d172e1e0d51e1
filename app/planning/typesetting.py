"""Print kits made into files: typeset by typst with the fonts that it carries, so that nothing is fetched and a kit
looks the same on every machine."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

from sqlalchemy.orm import Session

from app.i18n import _, current_language, number, percent, speaking
from app.planning.campaign import Campaign
from app.planning.placement import Placement
from app.planning.print_kit import FileKind, PrintKit, choose_language, list_posters, make_kit, make_kits

TEMPLATE = Path(__file__).with_suffix("").with_name("print_kit.typ")
DOTS_PER_INCH = 300.0
MOST_DOTS = 2_000
"""How many dots wide a picture is at most: what is read from afar has large modules, and needs no fine ones."""
MM_PER_INCH = 25.4
SheetLayout: TypeAlias = Literal["one", "several"]
"""A page for each, or several on a page."""
Layout: TypeAlias = SheetLayout | Literal["card"]
"""`card` is the code with its caption and address alone."""


def set_kit(placement: Placement, public_url: str, kind: FileKind, language: str | None = None) -> bytes:
    """One placement's kit as a file, its code as wide as it must be at least. A language that is chosen is that of
    all its words, else the caption's is the asset's own. Raises Invalid."""
    layout: Layout = "one" if kind is FileKind.PDF else "card"
    choose_language(placement, language)  # refused in the reader's words, not in the kit's
    with speaking(language or current_language()):
        title = _("%(name)s: print kit", name=placement.name)
        return _compile(title, [make_kit(placement, public_url, language)], layout, kind)


def set_sheet(
    session: Session, campaign: Campaign, public_url: str, layout: SheetLayout, language: str | None = None
) -> bytes:
    """All that is printed of a campaign as one PDF of A4 pages. Raises Invalid."""
    for poster in list_posters(session, campaign.id) if language else ():
        choose_language(poster, language)
    with speaking(language or current_language()):
        title = _("%(name)s: print kit", name=campaign.name)
        return _compile(title, make_kits(session, campaign, public_url, language), layout, FileKind.PDF)


def _compile(title: str, kits: Sequence[PrintKit], layout: Layout, kind: FileKind) -> bytes:
    import typst

    data = {
        "title": title,
        "language": current_language(),
        "layout": layout,
        "kits": [_describe(kit) for kit in kits],
        "words": {
            "smallest": _("Print the code at least this wide, white border included:"),
            "smaller": _("Here it is drawn smaller than it must be printed."),
        },
    }
    made = typst.compile(
        TEMPLATE.read_bytes(), format=kind.value, ppi=_dots_per_inch(kits[0]), ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)}, pdf_standards=["ua-1"] if kind is FileKind.PDF else [],
    )  # fmt: skip
    assert isinstance(made, bytes)  # noqa: S101 (one page, or a kind that holds all of them)
    return made


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
        "smallest": _("%(n)s mm", n=number(kit.width_mm)),
        "facts": [(name, said) for name, said in _facts(kit) if said],
    }


def _facts(kit: PrintKit) -> list[tuple[str, str]]:
    """What whoever prints or hangs it must know, as names and values."""
    return [
        (_("Place"), kit.place),
        (_("Flight"), kit.flight),
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
