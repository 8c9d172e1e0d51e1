"""The vendors that Kutsu can pull from, and the opening of an account there."""

import datetime as dt
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid, Missing, Problem
from app.i18n import _
from app.intake.connection import Connection, ConnectionState
from app.intake.connectors.greenhouse import VENDOR as GREENHOUSE
from app.intake.connectors.page import Client, Vendor
from app.intake.connectors.standard import VENDOR as ANY_SYSTEM
from app.intake.connectors.teamtailor import VENDOR as TEAMTAILOR
from app.intake.hook_settings import HookSettings, check_settings, keep_settings
from app.intake.schemes import SIGNED, STANDARD
from app.intake.sealing import Sealer
from app.outbound import ClientCredentials, Limits, Resolve, open_client

VENDORS: Mapping[str, Vendor] = MappingProxyType(
    {"teamtailor": TEAMTAILOR, "greenhouse": GREENHOUSE, STANDARD: ANY_SYSTEM, SIGNED: ANY_SYSTEM}
)


def connect(
    session: Session,
    vendor: str,
    name: str,
    region: str,
    secrets: Mapping[str, str],
    *,
    sealer: Sealer,
    now: dt.datetime,
    webhooks: HookSettings | None = None,
) -> Connection:
    """Open an account at a vendor; its secrets are stored sealed and never shown again."""
    problems = [*check_account(vendor, region, secrets), *check_name(name)]
    if vendor in VENDORS:
        problems += check_settings(vendor, webhooks or HookSettings())
    if problems:
        raise Invalid(problems)
    check_name_is_free(session, name)
    connection = Connection(
        vendor=vendor, name=name.strip(), region=region,
        credentials=seal_secrets(sealer, secrets), hook_settings=keep_settings(webhooks), created_at=now,
        updated_at=now,
    )  # fmt: skip
    session.add(connection)
    session.flush()
    return connection


def get_vendor(name: str) -> Vendor:
    """The vendor of this name."""
    if name not in VENDORS:
        raise Invalid(list(_check_vendor(name, "")))
    return VENDORS[name]


def _check_vendor(vendor: str, region: str) -> Iterator[Problem]:
    known = VENDORS.get(vendor)
    if known is None:
        yield Problem("vendor", _("Choose one of %(known)s.", known=", ".join(VENDORS)))
    elif region not in known.regions:
        yield Problem("region", _("Choose one of %(known)s.", known=", ".join(known.regions)))


def check_account(vendor: str, region: str, secrets: Mapping[str, str] | None) -> Iterator[Problem]:
    """What is wrong with an account's vendor, region and secrets, if these are given."""
    yield from _check_vendor(vendor, region)
    if secrets is not None:
        yield from _check_secrets(vendor, secrets)


def check_name(name: str) -> Iterator[Problem]:
    """What is wrong with a connection's name."""
    if not 1 <= len(name.strip()) <= 120 or not name.strip().isprintable():
        yield Problem("name", _("Name the connection in 1 to 120 characters."))


def _check_secrets(vendor: str, secrets: Mapping[str, str]) -> Iterator[Problem]:
    wanted = VENDORS[vendor].secrets if vendor in VENDORS else ()
    for name in (*wanted, *sorted(secrets.keys() - set(wanted) if wanted else ())):
        plain = secrets.get(name, "").strip()
        if name not in wanted:
            yield Problem(f"credentials.{name}", _("This vendor asks for %(wanted)s only.", wanted=", ".join(wanted)))
        elif not plain or len(plain) > 1000 or not plain.isascii() or not plain.isprintable() or " " in plain:
            told = _("Paste the key as the vendor shows it: letters, digits and signs, no spaces.")
            yield Problem(f"credentials.{name}", told)


def seal_secrets(sealer: Sealer, secrets: Mapping[str, str]) -> bytes:
    """Secrets as they are stored."""
    return sealer.seal(json.dumps({name: secret.strip() for name, secret in secrets.items()}))


def open_secrets(connection: Connection, sealer: Sealer) -> Mapping[str, str]:
    """What was stored for an account, in clear. Before there were pairs a key was sealed as it is."""
    text = sealer.open(connection.credentials)
    secrets: Mapping[str, str] = json.loads(text) if text.startswith("{") else {"key": text}
    return secrets


def check_name_is_free(session: Session, name: str, own: Connection | None = None) -> None:
    """Refuse a name that another connection has; one that was disconnected can be gone on with."""
    there = session.scalar(select(Connection).where(Connection.name == name.strip()))
    if there is None or there is own:
        return
    if there.state is ConnectionState.DISCONNECTED:
        raise Conflict(
            _(
                "A connection named %(name)s is there, disconnected: give it a key to go on with its record, or "
                "choose another name.",
                name=there.name,
            )
        )
    raise Conflict(_("A connection named %(name)s is there already.", name=there.name))


def get_connection(session: Session, connection_id: uuid.UUID) -> Connection:
    """The organisation's connection with this key."""
    connection = session.scalar(select(Connection).where(Connection.id == connection_id))
    if connection is None:
        raise Missing(_("There is no such connection."))
    return connection


def list_connections(session: Session) -> list[Connection]:
    """The organisation's connections, by name."""
    return list(session.scalars(select(Connection).order_by(Connection.name)))


def choose_connections(session: Session, name_or_key: str | None) -> list[Connection]:
    """The connection of this name or key, or all of them."""
    connections = list_connections(session)
    chosen = [one for one in connections if name_or_key in (None, one.name, str(one.id))]
    if not chosen:
        names = ", ".join(one.name for one in connections) or _("none yet")
        raise Missing(_("There is no such connection; there are: %(names)s.", names=names))
    return chosen


@contextmanager
def open_account(
    connection: Connection,
    secrets: Mapping[str, str],
    *,
    allow_private: bool = False,
    wait: Callable[[float], None] = time.sleep,
    limits: Limits | None = None,
    resolve: Resolve | None = None,
) -> Iterator[Client]:
    """A client for a connection's account. Only the demo and tests may allow an address on this machine."""
    vendor = VENDORS[connection.vendor]
    base_url = connection.base_url or vendor.regions[connection.region]
    token_url = vendor.token_url(base_url)
    with open_client(
        base_url,
        vendor.headers(secrets),
        credentials=ClientCredentials(token_url=token_url, **secrets) if token_url else None,
        allow_private=allow_private,
        wait=wait,
        limits=limits,
        resolve=resolve,
    ) as client:
        yield client
