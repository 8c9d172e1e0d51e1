"""MP3: the sound without the tags before and behind it."""

from typing import BinaryIO

from app.files.kinds import damaged
from app.files.reader import Reader

_TAG = 10
_OLD_TAG = 128


def clean_mp3(source: Reader, target: BinaryIO) -> None:
    """Copy the sound alone. Raises Invalid."""
    while source.take(3) == b"ID3":
        rest = source.take(_TAG - 3)
        length = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(reversed(rest[3:])))
        source.skip(length + (_TAG if rest[2] & 0x10 else 0))
    source.back(3)
    first = source.take(2)
    source.back(2)
    if first[0] != 0xFF or first[1] & 0xE6 != 0xE2:
        raise damaged()
    source.copy(source.left - _length_of_old_tag(source), target.write)


def _length_of_old_tag(source: Reader) -> int:
    if source.left < _OLD_TAG:
        return 0
    here = source.left
    source.skip(here - _OLD_TAG)
    found = source.take(3)
    source.back(here - _OLD_TAG + 3)
    return _OLD_TAG if found == b"TAG" else 0
