"""The secrets that deliveries to a connection are signed with: two may be live, so that they can be changed
without losing a delivery, and they are stored sealed."""

import datetime as dt
import json
import secrets as randomness
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sqlalchemy.orm import Session

from app.database import Micros, to_micros
from app.errors import Conflict, Invalid, Problem
from app.i18n import _
from app.intake.connection import Connection
from app.intake.connectors.standard import make_secret, read_secret
from app.intake.schemes import SCHEMES, SIGNED, STANDARD
from app.intake.sealing import Sealer

MOST_SECRETS = 2
Which: TypeAlias = Literal["older", "newer"]
SHORTEST_SECRET, LONGEST_SECRET = 16, 1000


@dataclass(frozen=True, slots=True)
class HookSecret:
    """A live secret in clear, and since when it vouches: by that it is told from others of its connection where it is
    not shown. Of those that were there before this was noted it is 0, and 1 of the newer."""

    text: str
    since: Micros


def open_hook_secrets(connection: Connection, sealer: Sealer) -> tuple[HookSecret, ...]:
    """The live secrets, the oldest first."""
    if connection.hook_secrets is None:
        return ()
    kept = json.loads(sealer.open(connection.hook_secrets))
    return tuple(HookSecret(one, place) if isinstance(one, str) else HookSecret(*one) for place, one in enumerate(kept))


def add_hook_secret(
    session: Session,
    connection: Connection,
    *,
    sealer: Sealer,
    now: dt.datetime,
    secret: str | None = None,
    scheme: str | None = None,
) -> str:
    """Let one more secret vouch for deliveries, made here if none is given; returns it, to be shown once.

    The scheme is the vendor's own unless another is named; it stays what it is while secrets are live.
    """
    live = open_hook_secrets(connection, sealer)
    wanted = scheme or connection.hook_scheme or connection.vendor
    given = secret.strip() if secret is not None else _made_secret(wanted)
    problems = list(_check(connection, wanted, given))
    if problems:
        raise Invalid(problems)
    if live and connection.hook_scheme != wanted:
        raise Conflict(
            _("Its deliveries are signed as %(scheme)s; close the way in first.", scheme=connection.hook_scheme)
        )
    if any(one.text == given for one in live):
        return given
    if len(live) >= MOST_SECRETS:
        raise Conflict(_("Two secrets are live already; drop one of them first."))
    connection.hook_scheme = wanted
    since = max(to_micros(now), *(one.since + 1 for one in live), 0)
    _keep(connection, (*live, HookSecret(given, since)), sealer, now)
    session.flush()
    return given


def drop_hook_secret(
    session: Session, connection: Connection, which: Which, *, sealer: Sealer, now: dt.datetime
) -> None:
    """End a change of secrets: the other one alone vouches from now on. The newer is dropped when it was a mistake."""
    live = open_hook_secrets(connection, sealer)
    if len(live) < MOST_SECRETS:
        raise Conflict(_("Only one secret is live; add the new one before you drop it."))
    _keep(connection, live[1:] if which == "older" else live[:1], sealer, now)
    session.flush()


def close_hook(session: Session, connection: Connection, *, now: dt.datetime) -> None:
    """Take no deliveries any more; what came stays."""
    connection.hook_scheme, connection.hook_secrets = None, None
    connection.revision, connection.updated_at = connection.revision + 1, now
    session.flush()


def _keep(connection: Connection, live: tuple[HookSecret, ...], sealer: Sealer, now: dt.datetime) -> None:
    connection.hook_secrets = sealer.seal(json.dumps([(one.text, one.since) for one in live]))
    connection.revision, connection.updated_at = connection.revision + 1, now


def _made_secret(scheme: str) -> str:
    return make_secret() if scheme == STANDARD else randomness.token_hex(32)


def _check(connection: Connection, scheme: str, secret: str) -> Iterator[Problem]:
    known = [name for name in (*SCHEMES, SIGNED) if name == STANDARD or name.split("-")[0] == connection.vendor]
    if scheme not in known:
        yield Problem("scheme", _("Choose one of %(known)s.", known=", ".join(known)))
    if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET or not secret.isascii() or not secret.isprintable():
        yield Problem("secret", _("Paste the secret as the vendor shows it: 16 characters or more."))
    elif scheme == STANDARD and len(read_secret(secret) or b"") < SHORTEST_SECRET:
        yield Problem("secret", _("A secret of Standard Webhooks is whsec_ and base64 of 24 bytes or more."))
