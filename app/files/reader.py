"""A file read part by part, never as a whole: what is taken must be there, or the file is damaged."""

import os
from collections.abc import Callable
from typing import BinaryIO

from app.files.kinds import damaged

CHUNK = 256 * 1024
A_LOOK = 8 * 1024
"""Read at once where nobody knows how much belongs together: what is too much is read again."""
MOST_PARTS = 100_000
"""Of a file: more are there to keep us busy."""


class Reader:
    """A file on disk from its beginning to its end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size
        self._parts = 0
        file.seek(0)

    @property
    def left(self) -> int:
        """Bytes until the end."""
        return self.size - self._file.tell()

    def begin_part(self) -> None:
        """Begin with one of the parts that the file is made of. Raises Invalid when there are too many."""
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise damaged()

    def take(self, count: int) -> bytes:
        """The next bytes, all of them; only for parts that are known to be small. Raises Invalid."""
        if count > self.left:  # asked first, since room for all of them would be made before any is read
            raise damaged()
        return self._file.read(count)

    def some(self) -> bytes:
        """The next bytes, at least one. Raises Invalid."""
        found = self._file.read(A_LOOK)
        if not found:
            raise damaged()
        return found

    def back(self, count: int) -> None:
        """Read the last bytes again."""
        self._file.seek(-count, os.SEEK_CUR)

    def skip(self, count: int) -> None:
        """Pass over bytes that must be there. Raises Invalid."""
        if count > self.left:
            raise damaged()
        self._file.seek(count, os.SEEK_CUR)

    def copy(self, count: int, write: Callable[[bytes], object]) -> None:
        """Hand on so many bytes. Raises Invalid."""
        if count > self.left:
            raise damaged()
        while count:
            part = self.take(min(count, CHUNK))
            write(part)
            count -= len(part)


def blank(count: int, write: Callable[[bytes], object]) -> None:
    """Write so many bytes that say nothing."""
    while count:
        part = min(count, CHUNK)
        write(bytes(part))
        count -= part
