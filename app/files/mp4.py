"""MP4: copied box by box; what programs and cameras note beside picture and sound (places, names, devices) is blanked
where it stands, so that everything else stays where the film says it is."""

import struct
from typing import BinaryIO

from app.files.kinds import damaged, refused
from app.files.picture import Extent
from app.files.reader import Reader, blank
from app.i18n import _

_OUTSIDE = frozenset({b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"mfra", b"sidx", b"ssix", b"free", b"skip"})
_NOTES = frozenset({b"udta", b"meta", b"uuid"})
_OPENED = frozenset({b"moov", b"trak", b"mdia"})
_TRACKS = frozenset({b"vide", b"soun", b"text", b"sbtl", b"subt", b"clcp", b"tmcd", b"hint"})
_HEADS = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_DEEPEST = 4


class _Film:
    def __init__(self, source: Reader, target: BinaryIO) -> None:
        self._source, self._target = source, target
        self.extent: Extent | None = None
        self.has_index = False

    def copy(self, length: int, depth: int = 0) -> None:
        """Copy the boxes of so many bytes."""
        end = self._source.left - length
        while (room := self._source.left - end) > 0:
            if room < 8:
                raise damaged()
            kind, inside = self._begin(room, depth)
            self._copy_box(kind, inside, depth)

    def _begin(self, room: int, depth: int) -> tuple[bytes, int]:
        """Copy what a box begins with: its kind, which notes lose, and how much is in it."""
        self._source.begin_part()
        head = self._source.take(8)
        size, kind = struct.unpack(">I4s", head)
        if size == 1:
            if room < 16:
                raise damaged()
            head += self._source.take(8)
            (size,) = struct.unpack_from(">Q", head, 8)
        elif size == 0 and depth == 0:  # up to the end of the file
            size = room
        if not len(head) <= size <= room:
            raise damaged()
        noted = kind in _NOTES or (depth == 0 and kind not in _OUTSIDE)
        self._target.write(head[:4] + (b"free" if noted else kind) + head[8:])
        return b"free" if noted else kind, size - len(head)

    def _copy_box(self, kind: bytes, inside: int, depth: int) -> None:
        self.has_index |= kind == b"moov"
        if kind in (b"free", b"skip"):
            self._source.skip(inside)
            blank(inside, self._target.write)
        elif kind in _OPENED and depth < _DEEPEST:
            self.copy(inside, depth + 1)
        elif kind in _HEADS or kind == b"hdlr":
            if not 20 <= inside <= 4096:
                raise damaged()
            said = self._source.take(inside)
            self._read(kind, said)
            self._target.write(_without_day(said) if kind in _HEADS else said)
        else:
            self._source.copy(inside, self._target.write)

    def _read(self, kind: bytes, said: bytes) -> None:
        if kind == b"hdlr" and said[8:12] not in _TRACKS:
            raise refused(_("The film has a track of measurements, such as places; export it with picture and sound "
                            "alone."))  # fmt: skip
        if kind == b"tkhd" and len(said) >= 84:
            width, height = (side >> 16 for side in struct.unpack(">II", said[-8:]))
            if width and height:
                self.extent = Extent(width, height)


def _without_day(head: bytes) -> bytes:
    """What a film or a track begins with, without when it was made and changed."""
    end = 20 if head[0] else 12
    return head[:4] + bytes(end - 4) + head[end:]


def clean_mp4(source: Reader, target: BinaryIO) -> Extent | None:
    """Copy a film without its notes; how large its picture is, where it says so. Raises Invalid."""
    film = _Film(source, target)
    film.copy(source.size)
    if not film.has_index:
        raise damaged()
    return film.extent
