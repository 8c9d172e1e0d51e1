"""Adds files to an asset until it is killed, and says of each that it was acknowledged: run as
`python -m tests.files.adder DATABASE FOLDER ORGANISATION ASSET FIRST [DIES]`; with the last word it dies when the
bytes of its first file are in place and no row names them yet."""

import os
import signal
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from app.database import Database
from app.files.store import FileStore
from app.planning.asset import get_asset
from tests.files.holding import bring
from tests.files.samples import CAPTIONS


@dataclass(frozen=True, slots=True)
class Mortal(FileStore):
    """Kills its process when it has put a file in place."""

    def place(self, organisation: uuid.UUID, temporary: Path, sha256: str) -> None:
        FileStore.place(self, organisation, temporary, sha256)
        os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, folder: str, organisation: str, asset: str, first: str, dies: str = "") -> None:
    database = Database(url)
    store = (Mortal if dies else FileStore)(Path(folder))
    for number in range(int(first), int(first) + 45):
        whole = CAPTIONS + b"\nNOTE " + str(number).encode() + bytes([32]) * 200_000
        with database.writing(uuid.UUID(organisation)) as session:
            one = bring(session, store, get_asset(session, uuid.UUID(asset)), whole, "a.vtt", language="fi")
            said = one.sha256
        print(said, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
