"""PNG: copied chunk by chunk, each checked against its sum; notes, times and whatever follows the end are left out."""

import struct
import zlib
from typing import BinaryIO

from app.files.kinds import damaged
from app.files.picture import Extent, checked, find_orientation, write_orientation
from app.files.reader import Reader

_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT".split()
)
_LONGEST_NOTES = 64 * 1024


def clean_png(source: Reader, target: BinaryIO) -> Extent:
    """Copy what is seen of a PNG; how large it is. Raises Invalid."""
    target.write(source.take(8))
    extent: Extent | None = None
    turned = 1
    while True:
        source.begin_part()
        length, kind = struct.unpack(">I4s", source.take(8))
        if (kind == b"IHDR") is not (extent is None):
            raise damaged()
        if extent is None:
            extent = checked(*struct.unpack(">II", source.take(8)))
            source.back(8)
        if kind in _KEPT:
            _copy_chunk(source, target, length, kind)
        elif kind == b"eXIf" and length <= _LONGEST_NOTES:
            turned = find_orientation(source.take(length))
            _write_notes(target, turned)
            source.skip(4)
        else:
            source.skip(length + 4)
        if kind == b"IEND":
            return extent.seen(turned)


def _copy_chunk(source: Reader, target: BinaryIO, length: int, kind: bytes) -> None:
    target.write(struct.pack(">I", length) + kind)
    total = zlib.crc32(kind)

    def write(part: bytes) -> None:
        nonlocal total
        total = zlib.crc32(part, total)
        target.write(part)

    source.copy(length, write)
    said = source.take(4)
    if struct.pack(">I", total) != said:
        raise damaged()
    target.write(said)


def _write_notes(target: BinaryIO, turned: int) -> None:
    if turned > 1:
        notes = write_orientation(turned)
        chunk = b"eXIf" + notes
        target.write(struct.pack(">I", len(notes)) + chunk + struct.pack(">I", zlib.crc32(chunk)))
