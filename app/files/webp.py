"""WebP: copied chunk by chunk; notes (Exif, XMP), unknown chunks and whatever follows the end are left out."""

import struct
from typing import BinaryIO

from app.files.kinds import damaged
from app.files.picture import Extent, checked, find_orientation, write_orientation
from app.files.reader import Reader

_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_HAS_EXIF, _HAS_XMP = 0x08, 0x04
_AT_FLAGS, _LENGTH_OF_HEAD = 20, 10
_LONGEST_NOTES = 64 * 1024


def clean_webp(source: Reader, target: BinaryIO) -> Extent:
    """Copy what is seen of a WebP; how large it is. Raises Invalid."""
    _riff, whole, _webp = struct.unpack("<4sI4s", source.take(12))
    if whole < 4 or whole - 4 > source.left:
        raise damaged()
    end = source.left - (whole - 4)
    target.write(b"RIFF\0\0\0\0WEBP")
    extent, flags, turned = None, None, 1
    while source.left - end >= 8:
        source.begin_part()
        kind, length = struct.unpack("<4sI", source.take(8))
        padded = length + length % 2
        if extent is None:
            extent = _extent(source, kind, length)
        if kind == b"VP8X":
            if length != _LENGTH_OF_HEAD:
                raise damaged()
            said = source.take(padded)
            flags = said[0] & ~(_HAS_EXIF | _HAS_XMP)
            target.write(struct.pack("<4sIB", kind, length, flags) + said[1:])
        elif kind in _KEPT:
            target.write(struct.pack("<4sI", kind, length))
            source.copy(padded, target.write)
        elif kind == b"EXIF" and flags is not None and length <= _LONGEST_NOTES:
            turned = find_orientation(source.take(padded).removeprefix(b"Exif\0\0"))
            flags |= _write_notes(target, turned)
        else:
            source.skip(padded)
    if extent is None:
        raise damaged()
    _close(target, flags)
    return extent.seen(turned)


def _extent(source: Reader, kind: bytes, length: int) -> Extent:
    """What the first chunk says of the whole picture."""
    if length < 10 or kind not in (b"VP8X", b"VP8L", b"VP8 "):
        raise damaged()
    said = source.take(10)
    source.back(10)
    if kind == b"VP8X":
        return checked(1 + int.from_bytes(said[4:7], "little"), 1 + int.from_bytes(said[7:10], "little"))
    if kind == b"VP8L":
        bits = int.from_bytes(said[1:5], "little")
        return checked(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    width, height = struct.unpack_from("<HH", said, 6)
    return checked(width & 0x3FFF, height & 0x3FFF)


def _write_notes(target: BinaryIO, turned: int) -> int:
    if turned == 1:
        return 0
    notes = write_orientation(turned)
    target.write(struct.pack("<4sI", b"EXIF", len(notes)) + notes)
    return _HAS_EXIF


def _close(target: BinaryIO, flags: int | None) -> None:
    """Say how long it has become, and what is in it."""
    size = target.tell()
    target.seek(4)
    target.write(struct.pack("<I", size - 8))
    if flags is not None:
        target.seek(_AT_FLAGS)
        target.write(bytes([flags]))
    target.seek(size)
