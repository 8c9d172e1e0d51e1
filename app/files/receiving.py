"""A file on its way in: written to disk part by part, known by its first bytes, stopped where it is too large, and
made into the copy that is kept."""

import unicodedata
import uuid
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from app.files.cleaning import clean
from app.files.kinds import ENDINGS, HEAD, KINDS, MediaType, check_ending, find_type, refused
from app.files.picture import Extent
from app.files.store import MEGABYTE, FileStore, digest, keep_bytes, writing_to_disk
from app.i18n import _, number

LONGEST_NAME = 120
A_PART = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is whole, clean and on disk under a passing name."""

    path: Path
    name: str
    kind: MediaType
    size: int
    sha256: str
    extent: Extent | None


class Receiving:
    """Takes one file of an organisation. When it is left, whatever was not placed is gone from disk."""

    def __init__(self, store: FileStore, organisation: uuid.UUID, name: str) -> None:
        self._store, self._name = store, clean_name(name)
        self._raw = store.make_temporary(organisation)
        self._clean = self._raw.with_suffix(".clean")
        self._kind: MediaType | None = None
        self._head, self._size = b"", 0
        with writing_to_disk():
            self._file = self._raw.open("xb")

    def __enter__(self) -> "Receiving":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._raw.unlink(missing_ok=True)
        self._clean.unlink(missing_ok=True)

    def write(self, part: bytes) -> None:
        """Take the next bytes. Raises Invalid as soon as they are of a kind that is not taken, or too many."""
        self._size += len(part)
        if self._kind is None:
            self._head += part[:HEAD]
            if len(self._head) >= HEAD:
                self._recognise()
        self._check_size()
        with writing_to_disk():
            self._file.write(part)

    def read(self, source: BinaryIO) -> Received:
        """Take all that another file has: the file as it is kept. Raises Invalid."""
        while part := source.read(A_PART):
            self.write(part)
        return self.finish()

    def finish(self) -> Received:
        """The file as it is kept. Raises Invalid."""
        kind = self._kind or self._recognise()
        self._check_size()
        with writing_to_disk():
            self._file.close()
            extent = clean(kind, self._raw, self._clean)
            keep_bytes(self._clean)
            size, sha256 = self._clean.stat().st_size, digest(self._clean)
        return Received(self._clean, self._name, kind, size, sha256, extent)

    def _recognise(self) -> MediaType:
        self._kind = find_type(self._head)
        check_ending(self._name, self._kind)
        return self._kind

    def _check_size(self) -> None:
        limit = self._store.limit(self._kind) if self._kind else self._store.longest_body
        if self._size > limit:
            kind = KINDS[self._kind].name if self._kind else ""
            raise refused(_("A file of this kind (%(kind)s) has at most %(most)s MB; make it smaller.",
                            kind=kind, most=number(limit // MEGABYTE)))  # fmt: skip


def clean_name(name: str) -> str:
    """What a file is called, without folders and characters that cannot be seen; its ending stays."""
    bare = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    seen = "".join(one for one in bare if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
    stem, ending = split_name(" ".join(seen.split()))
    return f"{stem[: LONGEST_NAME - len(ending)].strip(' .')}{ending}"


def split_name(name: str) -> tuple[str, str]:
    """A name and its ending, if it has one that is taken."""
    length = next((len(one) for one in ENDINGS if name.lower().endswith(one)), 0)
    return name[: len(name) - length], name[len(name) - length :]
