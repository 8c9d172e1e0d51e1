"""How an application under test reaches accounts: a stand-in on this machine, or nobody."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from app.errors import TryLater
from app.intake.connection import Connection
from app.intake.connectors.page import Client
from app.intake.sync import ClientFor
from app.intake.vendors import open_account
from app.outbound import Limits


@contextmanager
def nowhere(_connection: Connection, _secrets: Mapping[str, str]) -> Iterator[Client]:
    """Every account is out of reach."""
    raise TryLater("no account is reached from a test")
    yield


def through(base_urls: Mapping[str, str]) -> ClientFor:
    """Accounts of each region are at these addresses of this machine; those of other regions out of reach."""

    @contextmanager
    def open_here(connection: Connection, secrets: Mapping[str, str]) -> Iterator[Client]:
        if connection.region not in base_urls:
            raise TryLater("there is no stand-in for this region")
        here = Connection(
            vendor=connection.vendor, name=connection.name, region=connection.region,
            base_url=base_urls[connection.region],
        )  # fmt: skip
        limits = Limits(attempts=1)
        with open_account(here, secrets, allow_private=True, wait=lambda _seconds: None, limits=limits) as client:
            yield client

    return open_here
