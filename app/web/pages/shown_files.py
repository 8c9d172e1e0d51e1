"""The files of an asset as pages show them: pictures with what they are described as, films with their captions, the
rest as links."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.files.kinds import KINDS, MediaType
from app.files.store import MEGABYTE
from app.i18n import _, date, number, pick
from app.planning.asset import Asset
from app.planning.asset_file import AssetFile, Purpose, list_files
from app.planning.filing import REMOVED_ARE_KEPT
from app.web.pages.rendering import language_name
from app.web.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class Track:
    """Captions of a recording."""

    address: str
    language: str
    label: str


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file as a page shows it: `element` is how, or empty where it is only a link."""

    name: str
    address: str
    verbs: str
    element: str
    words: Sequence[str]
    alt: str
    width: int | None
    height: int | None
    tracks: Sequence[Track]
    poster: str


def show_files(visit: Visit, asset: Asset) -> list[FileLine]:
    """What an asset has, the ad itself first; captions and a preview picture go with its recordings, too."""
    files = list_files(visit.session, asset.id)
    tracks = [
        Track(_address(visit, one), one.language, language_name(one.language))
        for one in files
        if one.purpose == Purpose.CAPTIONS and one.language
    ]
    posters = [_address(visit, one) for one in files if one.purpose == Purpose.PREVIEW]
    return [_line(visit, asset, one, tracks, next(iter(posters), "")) for one in files]


def show_removed(visit: Visit, asset: Asset) -> list[tuple[str, str, str]]:
    """What was removed and can be put back: its name, until when, and where to ask for it."""
    return [
        (one.name, date((one.removed_at + REMOVED_ARE_KEPT).astimezone(visit.organisation.zone).date()),
         f"/assets/{asset.id}/files/{one.id}")
        for one in list_files(visit.session, asset.id, removed=True)
        if one.removed_at is not None
    ]  # fmt: skip


def purpose_name(purpose: str) -> str:
    """What a file is for, as people say it."""
    return {
        Purpose.MAIN: _("the ad itself"),
        Purpose.PREVIEW: _("a picture of it"),
        Purpose.CAPTIONS: _("captions"),
    }[Purpose(purpose)]


def size_words(size: int) -> str:
    """`84 kB`, `12.5 MB`."""
    if size < MEGABYTE:
        return _("%(n)s kB", n=number(max(1, round(size / 1024))))
    return _("%(n)s MB", n=number(size / MEGABYTE, 1))


def _line(visit: Visit, asset: Asset, file: AssetFile, tracks: Sequence[Track], poster: str) -> FileLine:
    extent = f"{number(file.width)} × {number(file.height)}" if file.width and file.height else ""
    words = [KINDS[file.kind].name, extent, size_words(file.size), purpose_name(file.purpose),
             language_name(file.language) if file.language else ""]  # fmt: skip
    film = file.kind in (MediaType.MP4, MediaType.WEBM)
    return FileLine(
        file.name, _address(visit, file), f"/assets/{asset.id}/files/{file.id}", element_of(file.kind),
        [one for one in words if one],
        asset.alt_text.get(file.language or "") or pick(asset.alt_text) if asset.alt_text else file.name,
        file.width, file.height, tracks if film else (), poster if film else "",
    )  # fmt: skip


def element_of(kind: MediaType) -> str:
    """How a kind is shown. A GIF may move by itself, and nothing does here before somebody asks for it."""
    if kind.is_picture:
        return "" if kind is MediaType.GIF else "img"
    return {"video": "video", "audio": "audio"}.get(kind.partition("/")[0], "")


def _address(visit: Visit, file: AssetFile) -> str:
    return visit.address(f"/assets/{file.asset_id}/files/{file.id}")
