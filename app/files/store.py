"""Where files are kept: in a folder beside the database, each organisation's in one of its own, under the SHA-256 of
what is in them. What is put there is on disk before anything names it."""

import contextlib
import datetime as dt
import enum
import hashlib
import os
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import URL

from app.errors import NotReady
from app.files.kinds import LONGEST_CAPTIONS, MediaType
from app.i18n import _

MEGABYTE = 1024 * 1024
LARGEST, LARGEST_RECORDING = 25, 200
"""Megabytes."""
UNNAMED_ARE_KEPT = dt.timedelta(days=30)
"""How long what nothing names stays: a database that is restored may name it again."""
LEFT_BEHIND_AFTER = dt.timedelta(days=1)
_INCOMING, _UNNAMED = "incoming", ".unnamed"


class Fault(enum.StrEnum):
    """What is wrong with a file that the database names."""

    MISSING = "missing"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class Swept:
    """What was taken away: files that nothing named for long, and what broken-off uploads left behind."""

    unnamed: int
    left_behind: int


@dataclass(frozen=True, slots=True)
class FileStore:
    """The folder, and how large a file may be, in megabytes."""

    folder: Path | None
    largest: int = LARGEST
    largest_recording: int = LARGEST_RECORDING

    @property
    def longest_body(self) -> int:
        """The most bytes that any file has."""
        return max(self.largest, self.largest_recording) * MEGABYTE

    def limit(self, kind: MediaType) -> int:
        """The most bytes that a file of this kind has."""
        if kind is MediaType.VTT:
            return LONGEST_CAPTIONS
        return (self.largest_recording if kind.is_recording else self.largest) * MEGABYTE

    def require_folder(self) -> Path:
        """The folder. Raises NotReady."""
        if self.folder is None:
            raise NotReady(_("Set KUTSU_FILES to a folder for the files of assets, outside the database."))
        return self.folder

    def path(self, organisation: uuid.UUID, sha256: str) -> Path:
        """Where a file is kept, made of keys alone."""
        return self.require_folder() / organisation.hex / sha256[:2] / sha256

    def make_temporary(self, organisation: uuid.UUID) -> Path:
        """A name that no file has yet, beside where the organisation's are kept."""
        incoming = self.require_folder() / organisation.hex / _INCOMING
        with writing_to_disk():
            _make_folder(incoming)
        return incoming / uuid.uuid4().hex

    def place(self, organisation: uuid.UUID, temporary: Path, sha256: str) -> None:
        """Put a file that is whole and on disk where it is kept, in one step that lasts. One that is there already is
        the same; should its bytes have been altered, they are right again."""
        target = self.path(organisation, sha256)
        with writing_to_disk():
            _make_folder(target.parent)
            temporary.replace(target)
            _keep_names(target.parent)
            _keep_names(target.parent.parent)  # another process may have made the folder, and not kept its name yet

    def open(self, organisation: uuid.UUID, sha256: str, name: str) -> BinaryIO:
        """A file that the database names, to be read. Raises NotReady where it is not there."""
        try:
            return self.path(organisation, sha256).open("rb")
        except OSError:
            raise lacking(name) from None

    def find_fault(self, organisation: uuid.UUID, sha256: str, size: int, *, thorough: bool) -> Fault | None:
        """What is wrong with a file: whether it is there and as long as it was, or, thoroughly, what it was."""
        path = self.path(organisation, sha256)
        try:
            if path.stat().st_size != size or (thorough and digest(path) != sha256):
                return Fault.ALTERED
        except OSError:
            return Fault.MISSING
        return None

    def sweep(self, organisation: uuid.UUID, named: Collection[str], now: dt.datetime) -> Swept:
        """Take away what nothing named for long. Only while nothing is being placed: see `begin_change`."""
        if self.folder is None or not (own := self.folder / organisation.hex).is_dir():
            return Swept(0, 0)
        left = [one for one in (own / _INCOMING).glob("*") if _is_older(one, LEFT_BEHIND_AFTER, now)]
        for one in left:
            one.unlink(missing_ok=True)
        return Swept(sum(_sweep_one(one, named, now) for one in sorted(own.glob("??/*"))), len(left))


NOWHERE = FileStore(None)
"""Of an installation that has said no folder: it takes no files, and does everything else."""


def beside(url: URL) -> Path | None:
    """The folder that goes with a SQLite database: of its name, next to it; none beside another kind."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database).with_suffix(".files")


@contextlib.contextmanager
def writing_to_disk() -> Iterator[None]:
    """Says of a disk that takes nothing what to do about it. Raises NotReady."""
    try:
        yield
    except OSError as error:
        raise NotReady(
            _("The folder for files takes nothing (%(why)s), and nothing was stored; make room there or let Kutsu "
              "write to it.", why=error.strerror or "")
        ) from error  # fmt: skip


def lacking(name: str) -> NotReady:
    """What is said where a file is not in its folder."""
    return NotReady(
        _("“%(name)s” is not where it was kept; put the folder of files back. `kutsu files check` names all that is "
          "missing.", name=name)
    )  # fmt: skip


def digest(path: Path) -> str:
    """The SHA-256 of what is in a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep_bytes(path: Path) -> None:
    """Have what is in a file on disk, not only under way to it."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _keep_names(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_folder(folder: Path) -> None:
    """Make a folder that lasts, and those that it lies in; nobody else on the machine looks into them."""
    if folder.is_dir():
        return
    if folder.parent != folder:
        _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _keep_names(folder.parent)


def _is_older(path: Path, age: dt.timedelta, now: dt.datetime) -> bool:
    try:
        return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC) + age < now
    except FileNotFoundError:
        return False


def _sweep_one(path: Path, named: Collection[str], now: dt.datetime) -> bool:
    """Note that nothing names a file, or that something does again; take it away when it was noted long ago."""
    if path.suffix == _UNNAMED:
        if not path.with_suffix("").exists():
            path.unlink(missing_ok=True)
        return False
    note = path.with_suffix(_UNNAMED)
    if path.name in named:
        note.unlink(missing_ok=True)
    elif not note.exists():
        note.touch()
        os.utime(note, (now.timestamp(), now.timestamp()))
    elif _is_older(note, UNNAMED_ARE_KEPT, now):
        path.unlink()
        note.unlink()
        return True
    return False
