"""JPEG: copied segment by segment; a camera's and a program's notes (Exif, XMP, IPTC, comments, thumbnails) and
whatever follows the end are left out. What is seen stays as it was, to the bit."""

import re
import struct
from typing import BinaryIO

from app.files.kinds import damaged
from app.files.picture import Extent, checked, find_orientation, write_orientation
from app.files.reader import Reader

_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
_END, _SCAN, _NOTES = 0xD9, 0xDA, 0xE1
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_KEPT = _FRAMES | {0xC4, 0xCC, 0xDB, 0xDC, 0xDD, _SCAN}
_KEPT_NOTES = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""What a reader needs to show the colours as they were meant."""
_EXIF = b"Exif\0\0"


def clean_jpeg(source: Reader, target: BinaryIO) -> Extent:
    """Copy what is seen of a JPEG; how large it is. Raises Invalid."""
    target.write(source.take(2))
    extent: Extent | None = None
    turned = 1
    while (marker := _next_marker(source)) != _END:
        (length,) = struct.unpack(">H", source.take(2))
        if length < 2:
            raise damaged()
        said = source.take(length - 2)
        if marker in _FRAMES:
            extent = _extent(said)
        if marker in _KEPT or said.startswith(_KEPT_NOTES.get(marker, b"\0never")):
            _write(target, marker, said)
        elif marker == _NOTES and said.startswith(_EXIF) and turned == 1:
            turned = find_orientation(said[len(_EXIF) :])
            if turned > 1:
                _write(target, marker, _EXIF + write_orientation(turned))
        if marker == _SCAN:
            _copy_scan(source, target)
    if extent is None:
        raise damaged()
    target.write(b"\xff\xd9")
    return extent.seen(turned)


def _next_marker(source: Reader) -> int:
    source.begin_part()
    if source.take(1) != b"\xff":
        raise damaged()
    while (marker := source.take(1)[0]) == 0xFF:  # any number of these may stand before it
        pass
    return marker


def _extent(frame: bytes) -> Extent:
    if len(frame) < 5:
        raise damaged()
    height, width = struct.unpack_from(">HH", frame, 1)
    return checked(width, height)


def _write(target: BinaryIO, marker: int, said: bytes) -> None:
    target.write(struct.pack(">BBH", 0xFF, marker, len(said) + 2) + said)


def _copy_scan(source: Reader, target: BinaryIO) -> None:
    """Copy coded lines up to the next segment."""
    while True:
        part = source.some()
        found = _MARKER.search(part)
        end = found.start() if found else len(part.rstrip(b"\xff"))  # a marker may lie across two parts
        if not found and not end:
            raise damaged()
        target.write(part[:end])
        source.back(len(part) - end)
        if found:
            return
