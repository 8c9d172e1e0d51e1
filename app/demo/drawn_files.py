"""Files of the city's assets, drawn on the spot: posters, cards, letters, stills and captions of films. A picture shows
what its asset is described as, in plain shapes: nothing was photographed, and nobody is shown."""

import datetime as dt
import io
import json
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import organisation_of
from app.demo.hands import acting, invite_hands
from app.demo.plan import HOME, Plan, PlannedAsset
from app.files.receiving import Receiving
from app.files.store import FileStore
from app.planning.asset import Asset, AssetStatus, Format
from app.planning.asset_file import AssetFileIn, Purpose
from app.planning.filing import add_file, count_named
from app.planning.problem import read_as
from app.planning.scan_code import make_scan_code

DRAWINGS = Path(__file__).with_name("creatives.typ")
DOTS_PER_INCH = 96.0
LAYOUTS = {
    Format.POSTER: "tall", Format.PRINT: "tall", Format.SEARCH_AD: "result", Format.NEWSLETTER: "page",
    Format.RADIO: "page", Format.JOB_AD: "page",
}  # fmt: skip
"""How an asset of a format is laid out; of any other, the promise stands beside its picture."""
ON_PAPER = ("tall", "page")
FILMED = ("five-film", "route-film", "steps-film", "steps-film-short")
"""Of these a still is here, and captions; the film itself lies where its asset says."""
UNCAPTIONED = "steps-film-short"
PICTURED_AS = {"winter-evening": "resident-evening", "first-year-card": "alone-carousel", "pool-card": "pool-page"}
"""What shows the picture of another."""
A_CUE = 3
"""Seconds for which a sentence of a film's captions stays."""


@dataclass(frozen=True, slots=True)
class DrawnFile:
    """A file as somebody would bring it."""

    name: str
    content: bytes
    purpose: Purpose
    language: str | None = None


def bring_files(session: Session, store: FileStore, plan: Plan, now: dt.datetime) -> None:
    """Give the city's assets their files, through what takes in anybody's: once, and where a folder is for them."""
    if store.folder is None or count_named(session):
        return
    ids = {name: id for name, id in session.execute(select(Asset.name, Asset.id))}  # noqa: C416 (rows are no plain pairs)
    writer = invite_hands(session, now).writer
    for asset in plan.assets:
        if asset.name in ids:
            for file in draw_files(plan, asset):
                with acting(session, writer, now) if asset.status is AssetStatus.DRAFT else nullcontext():
                    _bring(session, store, ids[asset.name], file, now)


def _bring(session: Session, store: FileStore, asset_id: uuid.UUID, file: DrawnFile, now: dt.datetime) -> None:
    given = read_as(AssetFileIn, {"name": file.name, "purpose": file.purpose, "language": file.language})
    with Receiving(store, organisation_of(session), file.name) as receiving:
        add_file(session, store, asset_id, receiving.read(io.BytesIO(file.content)), given, now=now)


def draw_files(plan: Plan, asset: PlannedAsset) -> Iterator[DrawnFile]:
    """What an asset goes out as: on paper as PDF with a picture of it, a film as its still and its captions, anything
    else as a picture in each of its languages."""
    if asset.key in FILMED:
        yield DrawnFile(f"{asset.key}.png", _draw(plan, asset, "still", "fi", "png"), Purpose.PREVIEW)
        for language in asset.languages if asset.key != UNCAPTIONED else ():
            captions = _caption(_promises(plan, asset, language))
            yield DrawnFile(f"{asset.key}-{language}.vtt", captions, Purpose.CAPTIONS, language)
        return
    layout = LAYOUTS.get(asset.format, "wide")
    if layout in ON_PAPER:
        yield DrawnFile(f"{asset.key}.pdf", _draw(plan, asset, layout, "fi", "pdf"), Purpose.MAIN)
        yield DrawnFile(f"{asset.key}.png", _draw(plan, asset, layout, "fi", "png"), Purpose.PREVIEW)
        return
    for language in asset.languages:
        content = _draw(plan, asset, layout, language, "png")
        yield DrawnFile(f"{asset.key}-{language}.png", content, Purpose.MAIN, language)


def _promises(plan: Plan, asset: PlannedAsset, language: str) -> list[str]:
    texts = {claim.slug: claim.text for claim in plan.claims}
    return [texts[slug][language] for slug in asset.claims]


def _draw(plan: Plan, asset: PlannedAsset, layout: str, language: str, kind: Literal["pdf", "png"]) -> bytes:
    import typst

    data: dict[str, Any] = {
        "picture": PICTURED_AS.get(asset.key, asset.key), "layout": layout, "language": language,
        "title": asset.name, "sender": plan.organisation,
        "described": asset.alt_text[language], "promises": _promises(plan, asset, language), "address": asset.url,
        "code": asdict(make_scan_code(HOME)),
    }  # fmt: skip
    made = typst.compile(
        DRAWINGS.read_bytes(), format=kind, ppi=DOTS_PER_INCH, ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)}, pdf_standards=["ua-1"] if kind == "pdf" else [],
    )  # fmt: skip
    assert isinstance(made, bytes)  # noqa: S101 (one page)
    return made


def _caption(promises: Sequence[str]) -> bytes:
    """What is said in a film, a sentence at a time."""
    sentences = [one for promise in promises for one in re.split(r"(?<=[.?!]) ", promise)]
    cues = [f"{_clock(at * A_CUE)} --> {_clock((at + 1) * A_CUE)}\n{said}\n" for at, said in enumerate(sentences)]
    return "\n".join(["WEBVTT\n", *cues]).encode()


def _clock(seconds: int) -> str:
    return f"00:{seconds // 60:02d}:{seconds % 60:02d}.000"
