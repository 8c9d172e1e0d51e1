"""Which kinds of files are taken, how each is known by its first bytes, and what it may be called."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from app.errors import Invalid, Problem
from app.i18n import _

HEAD = 1024
"""Bytes by which a file is known."""
LONGEST_CAPTIONS = 1024 * 1024

_ACTIVE = re.compile(rb"<(\?xml|!doctype|html|head|body|script|svg|iframe|!--)", re.IGNORECASE)
_FILM_BRANDS = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash"})


class MediaType(enum.StrEnum):
    """What is taken: nothing that a browser would run."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    GIF = "image/gif"
    PDF = "application/pdf"
    MP4 = "video/mp4"
    WEBM = "video/webm"
    MP3 = "audio/mpeg"
    VTT = "text/vtt"

    @property
    def is_picture(self) -> bool:
        return self.startswith("image/")

    @property
    def is_recording(self) -> bool:
        return self.startswith(("video/", "audio/"))


@dataclass(frozen=True, slots=True)
class Kind:
    """What people call files of a type, and how their names end."""

    name: str
    endings: tuple[str, ...]


KINDS: Mapping[MediaType, Kind] = {
    MediaType.PNG: Kind("PNG", (".png",)),
    MediaType.JPEG: Kind("JPEG", (".jpg", ".jpeg")),
    MediaType.WEBP: Kind("WebP", (".webp",)),
    MediaType.GIF: Kind("GIF", (".gif",)),
    MediaType.PDF: Kind("PDF", (".pdf",)),
    MediaType.MP4: Kind("MP4", (".mp4", ".m4v")),
    MediaType.WEBM: Kind("WebM", (".webm",)),
    MediaType.MP3: Kind("MP3", (".mp3",)),
    MediaType.VTT: Kind("WebVTT", (".vtt",)),
}
ENDINGS = tuple(ending for kind in KINDS.values() for ending in kind.endings)


def find_type(head: bytes) -> MediaType:
    """What a file is by its first bytes. Raises Invalid for what is not taken."""
    if not head:
        raise refused(_("The file is empty; choose another."))
    found = _find_by_mark(head)
    if found is not None:
        return found
    raise refused(_why_not(head))


def _find_by_mark(head: bytes) -> MediaType | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return MediaType.WEBP
    if head.startswith((b"GIF87a", b"GIF89a")):
        return MediaType.GIF
    if head.startswith(b"%PDF-"):
        return MediaType.PDF
    if head[4:8] == b"ftyp" and head[8:12] in _FILM_BRANDS:
        return MediaType.MP4
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"\x42\x82\x84webm" in head:
        return MediaType.WEBM
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return MediaType.MP3
    if re.match(rb"(\xef\xbb\xbf)?WEBVTT([ \t\r\n]|$)", head):
        return MediaType.VTT
    return None


def _why_not(head: bytes) -> str:
    if _ACTIVE.search(head):
        return _("This is a web page or a drawing that can run scripts (HTML, SVG, XML); save it as PNG or PDF.")
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"avif"):
        return _("This is a photograph in a form that many cannot open (HEIC, AVIF); save it as JPEG.")
    if head[4:8] in (b"ftyp", b"moov", b"wide", b"mdat") or head.startswith((b"\x1a\x45\xdf\xa3", b"OggS")):
        return _("This is a recording in a form that browsers do not play; save it as MP4 or WebM.")
    known = ", ".join(kind.name for kind in KINDS.values())
    return _("The content of this file is not one of %(known)s; save it as one of these.", known=known)


def check_ending(name: str, found: MediaType) -> None:
    """A file is called what it is. Raises Invalid."""
    kind = KINDS[found]
    if PurePath(name.lower()).suffix not in kind.endings:
        remedy = _("The content of this file is %(kind)s, but it is called “%(name)s”. Use a name that ends in "
                   "%(ending)s.",
                   kind=kind.name, name=name, ending=kind.endings[0])  # fmt: skip
        raise refused(remedy, "name")


def refused(message: str, field: str = "file") -> Invalid:
    """The refusal of a file."""
    return Invalid([Problem(field, message)])


def damaged() -> Invalid:
    """The refusal of a file that is not whole."""
    return refused(_("The file breaks off or is damaged; save it anew and send it again."))
