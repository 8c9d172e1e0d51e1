"""One pull in a process of its own, to be killed: says on its output when each page has been committed."""

import datetime as dt
import sys
import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import partial

from app.database import Database
from app.intake.connection import Connection
from app.intake.connectors.page import Client
from app.intake.sync import sync_connection
from app.intake.vendors import open_account
from tests.intake.town import SEALER, SECRET


def client_for(connection: Connection, secrets: Mapping[str, str]) -> AbstractContextManager[Client]:
    return open_account(connection, secrets, allow_private=True)


def main(url: str, organisation: str, connection: str, now: str) -> None:
    sync_connection(
        Database(url), uuid.UUID(organisation), uuid.UUID(connection), SECRET, sealer=SEALER,
        clock=partial(dt.datetime.fromisoformat, now), client_for=client_for,
        on_progress=lambda _report: print("page", flush=True),
    )  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
