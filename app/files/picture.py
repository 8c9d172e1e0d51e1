"""What pictures have in common: how large they are, and the one thing of a camera's notes that showing them needs."""

import struct
from dataclasses import dataclass
from typing import Literal

from app.files.kinds import damaged, refused
from app.i18n import _, number

MOST_PIXELS = 80_000_000
"""A poster of A1 at 300 dots an inch has 70 million; what says it has more would fill a reader's memory."""
_ORIENTATION = 0x0112
_SHORT = 3


@dataclass(frozen=True, slots=True)
class Extent:
    """How wide and high a picture is, in pixels."""

    width: int
    height: int

    def seen(self, orientation: int) -> "Extent":
        """The same as it is seen: from the fifth orientation on it lies on its side."""
        return Extent(self.height, self.width) if orientation >= 5 else self


def checked(width: int, height: int) -> Extent:
    """How large a picture says it is, if it may be. Raises Invalid."""
    if not width or not height:
        raise damaged()
    if width * height > MOST_PIXELS:
        raise refused(
            _("The picture has %(width)s × %(height)s pixels; make it smaller, at most %(most)s million in all.",
              width=number(width), height=number(height), most=number(MOST_PIXELS // 1_000_000))
        )  # fmt: skip
    return Extent(width, height)


def find_orientation(notes: bytes) -> int:
    """Which way up a picture is seen, by a camera's notes (Exif, from the byte order on): 1 as it lies, up to 8."""
    order: Literal["<", ">"] = "<" if notes[:2] == b"II" else ">"
    try:
        (start,) = struct.unpack_from(f"{order}I", notes, 4)
        (count,) = struct.unpack_from(f"{order}H", notes, start)
        for at in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, _n, said, _rest = struct.unpack_from(f"{order}HHIHH", notes, at)
            if (tag, kind) == (_ORIENTATION, _SHORT) and 1 < said <= 8:
                return int(said)
    except struct.error:  # notes that cannot be read say nothing
        pass
    return 1


def write_orientation(orientation: int) -> bytes:
    """Notes that say which way up a picture is seen, and nothing of where, when, with what and by whom it was taken."""
    entry = struct.pack(">HHIHH", _ORIENTATION, _SHORT, 1, orientation, 0)
    return b"MM\x00*\x00\x00\x00\x08\x00\x01" + entry + bytes(4)
