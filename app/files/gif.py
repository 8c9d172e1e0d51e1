"""GIF: copied block by block; comments, notes of programs and whatever follows the end are left out."""

import struct
from collections.abc import Callable
from typing import BinaryIO

from app.files.kinds import damaged
from app.files.picture import Extent, checked
from app.files.reader import Reader

_PICTURE, _EXTENSION, _END = 0x2C, 0x21, 0x3B
_CONTROL, _APPLICATION = 0xF9, 0xFF
_REPEATS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
"""The applications that say how often a moving picture is shown."""


def clean_gif(source: Reader, target: BinaryIO) -> Extent:
    """Copy what is seen of a GIF; how large it is. Raises Invalid."""
    head = source.take(13)
    extent = checked(*struct.unpack_from("<HH", head, 6))
    target.write(head + source.take(_table(head[10])))
    seen = False
    while (block := source.take(1)[0]) != _END:
        source.begin_part()
        if block == _PICTURE:
            place = source.take(9)
            target.write(bytes([block]) + place + source.take(_table(place[8]) + 1))
            _copy_parts(source, target.write)
            seen = True
        elif block == _EXTENSION:
            _copy_extension(source, target)
        else:
            raise damaged()
    if not seen:
        raise damaged()
    target.write(bytes([_END]))
    return extent


def _table(flags: int) -> int:
    """How long the table of colours is that follows."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _copy_extension(source: Reader, target: BinaryIO) -> None:
    label, length = source.take(2)
    first = source.take(length)
    if not length:  # it says nothing
        return
    kept = label == _CONTROL or (label == _APPLICATION and first in _REPEATS)
    if kept:
        target.write(bytes([_EXTENSION, label, length]) + first)
    _copy_parts(source, target.write if kept else len)


def _copy_parts(source: Reader, write: Callable[[bytes], object]) -> None:
    """Copy parts that each say how long they are, up to an empty one."""
    while True:
        look, at = source.some(), 0
        while at < len(look) and look[at]:
            at += look[at] + 1
        if at < len(look):
            write(look[: at + 1])
            source.back(len(look) - at - 1)
            return
        write(look)
        source.copy(at - len(look), write)
