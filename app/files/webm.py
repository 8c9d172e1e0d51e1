"""WebM: copied part by part; tags, attachments and whatever is unknown are blanked where they stand, so that everything
else stays where the film says it is."""

from typing import BinaryIO

from app.files.kinds import damaged, refused
from app.files.reader import Reader, blank
from app.i18n import _

_HEAD, _SEGMENT, _INFO, _CLUSTER, _VOID = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1F43B675, 0xEC
_OF_FILM = frozenset({0x114D9B74, _INFO, 0x1654AE6B, 0x1C53BB6B, 0xBF, _CLUSTER})
"""Where things are, what the film is, its tracks, its index, a sum, and picture and sound."""
_OF_INFO = frozenset({0x2AD7B1, 0x4489, 0x4D80, 0x5741, 0x73A4})
"""How time is counted, how long it plays, by which programs it was made, and its number; no title and no day."""


def clean_webm(source: Reader, target: BinaryIO) -> None:
    """Copy a film without its notes. Raises Invalid."""
    kind, length, head = _begin(source)
    if kind != _HEAD:
        raise damaged()
    target.write(head)
    source.copy(length, target.write)
    kind, length, head = _begin(source)
    if kind != _SEGMENT or length > source.left:
        raise damaged()
    target.write(head)
    if _CLUSTER not in _copy_parts(source, target, length, _OF_FILM):
        raise damaged()


def _copy_parts(source: Reader, target: BinaryIO, length: int, kept: frozenset[int]) -> set[int]:
    """Copy the parts of so many bytes, and blank those that are not kept; which were there."""
    end, found = source.left - length, set()
    while source.left > end:
        kind, inside, head = _begin(source)
        if inside > source.left - end:
            raise damaged()
        found.add(kind)
        if kind not in kept:
            source.skip(inside)
            _write_void(target, len(head) + inside)
            continue
        target.write(head)
        if kind == _INFO:
            _copy_parts(source, target, inside, _OF_INFO)
        else:
            source.copy(inside, target.write)
    return found


def _begin(source: Reader) -> tuple[int, int, bytes]:
    """What an element is, how much is in it, and the bytes that say so."""
    source.begin_part()
    kind, read = _number(source, longest=4, marked=True)
    length, more = _number(source, longest=8, marked=False)
    if length == (1 << 7 * len(more)) - 1:
        raise refused(
            _("The film does not say how long its parts are. This happens with live recordings; save it again.")
        )
    return kind, length, read + more


def _number(source: Reader, *, longest: int, marked: bool) -> tuple[int, bytes]:
    """A number that says by its first bits how many bytes it has; an identifier keeps them."""
    first = source.take(1)
    size = 9 - first[0].bit_length()
    if size > longest:
        raise damaged()
    read = first + source.take(size - 1)
    whole = int.from_bytes(read, "big")
    return whole if marked else whole & ~(1 << 7 * size), read


def _write_void(target: BinaryIO, size: int) -> None:
    """An element of this size in all that says nothing."""
    if size < 128:
        target.write(bytes([_VOID, 0x80 | (size - 2)]))
        blank(size - 2, target.write)
    else:
        target.write(bytes([_VOID]) + ((1 << 56) | (size - 9)).to_bytes(8, "big"))
        blank(size - 9, target.write)
