"""PDF: looked through for what would run or be unpacked when it is opened, and copied as it is."""

import mmap
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from app.files.kinds import damaged, refused
from app.files.reader import CHUNK, Reader
from app.i18n import _

_RUNS = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData|XFA)(?![A-Za-z0-9])")
_PROTECTED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
_OBJECTS = re.compile(rb"/ObjStm(?![A-Za-z0-9])")
_LONGEST_HEAD = 2000
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_LONGEST_NAME = 64
_MOST_UNPACKED = 256 * 1024 * 1024


def clean_pdf(source: Reader, target: BinaryIO, file: BinaryIO) -> None:
    """Copy a PDF that only shows something; `file` is the one that the source reads. Raises Invalid."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pages:
        if pages.rfind(b"%%EOF") < 0:
            raise damaged()
        if _PROTECTED.search(pages):
            raise refused(_("The PDF is protected, so nobody can see what is in it; save it without protection."))
        for part in _overlapping(pages):
            _look(part)
        for part in _unpacked(pages):
            _look(part)
    source.copy(source.size, target.write)


def _look(part: bytes) -> None:
    names = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), part)
    if found := _RUNS.search(part) or _RUNS.search(names):
        raise refused(_("The PDF holds something that runs or is unpacked when it is opened (%(what)s); print it to a "
                        "new PDF.", what=found[1].decode()))  # fmt: skip


def _overlapping(pages: mmap.mmap) -> Iterator[bytes]:
    """The bytes of a file in parts, in which each name stands whole at least once."""
    for start in range(0, len(pages), CHUNK):
        yield pages[max(0, start - _LONGEST_NAME) : start + CHUNK]


def _unpacked(pages: mmap.mmap) -> Iterator[bytes]:
    """What is packed with other objects, in parts; packed in another way than usual, it is left to be seen as it is."""
    total = 0
    for found in _OBJECTS.finditer(pages):
        head = pages.find(b"stream", found.end(), found.end() + _LONGEST_HEAD)
        if head < 0:
            continue
        unpacker, before = zlib.decompressobj(), b""
        at = pages.find(b"\n", head) + 1
        packed = pages[at : at + CHUNK]
        while packed:
            try:
                part = unpacker.decompress(packed, CHUNK)
            except zlib.error:
                break
            total += len(part)
            if total > _MOST_UNPACKED:
                raise damaged()
            yield before + part
            before, packed = part[-_LONGEST_NAME:], unpacker.unconsumed_tail
            if not packed and not unpacker.eof:
                at += CHUNK
                packed = pages[at : at + CHUNK]
