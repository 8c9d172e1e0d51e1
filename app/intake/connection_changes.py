"""What people do to a connection: make it, rename it, give it another key, pause it, end it. What was read through it
stays, whatever is done.
"""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.funnel.unit import UnitRules, fold_department, load_unit_rules, rule_of_system
from app.i18n import _
from app.intake.connection import Connection, ConnectionState, keep_company
from app.intake.connectors.page import CompanySeen
from app.intake.hook_settings import HookSettings, check_settings, keep_settings
from app.intake.sealing import Sealer
from app.intake.unit_rule import place_in_units
from app.intake.vendors import check_account, check_name, check_name_is_free, seal_secrets
from app.planning.field import Given, Shown
from app.planning.problem import refuse
from app.planning.row import Revision, get_row_to_change, move_revision

Secrets = Annotated[
    dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=2000)]],
    Field(
        max_length=10,
        description="What the vendor gives out for an account, by name: `key`, or `client_id` and `client_secret`. "
        "Written only: it is sealed and never shown.",
        examples=[{"key": "…"}],
        json_schema_extra={"writeOnly": True},
    ),
]


UnitRule = Annotated[
    dict[Annotated[str, Field(max_length=200)], uuid.UUID],
    Field(max_length=1000, description="The unit of each department; of the others the organisation itself is it."),
]


class ConnectionIn(Given):
    """An account at an applicant tracking system."""

    vendor: Annotated[str, Field(max_length=40)]
    name: Annotated[str, Field(max_length=200)]
    region: Annotated[str, Field(max_length=20)]
    credentials: Secrets
    webhooks: HookSettings | None = None


class ConnectionChange(Given):
    """What is to change; the rest stays. A key that is given opens a disconnected connection again."""

    name: Annotated[str, Field(max_length=200)] | None = None
    region: Annotated[str, Field(max_length=20)] | None = None
    credentials: Secrets | None = None
    paused: bool | None = None
    webhooks: HookSettings | None = None


class ConnectionReplacement(Given):
    """All of a connection but its key, which is changed alone: what is left out of the unit rule is no unit's, and how
    deliveries are signed is as usual where it is not said."""

    name: Annotated[str, Field(max_length=200)]
    region: Annotated[str, Field(max_length=20)]
    units: UnitRule
    webhooks: HookSettings | None = None


class ConnectionOut(Shown):
    """A connection as it is stored, without its key."""

    vendor: str
    name: str
    region: str
    system: str = Field(description="The name under which its facts are kept, and its departments placed in units.")
    state: ConnectionState
    paused_at: dt.datetime | None
    disconnected_at: dt.datetime | None
    company: str | None = Field(description="Whose account it is, where the vendor says so and it was read.")
    units: UnitRule
    webhooks: HookSettings | None = Field(description="How deliveries are signed, if not as usual.")


def describe_connection(connection: Connection, rules: UnitRules) -> ConnectionOut:
    """A connection as the API shows it, with its part of the organisation's unit rules."""
    apart = {
        "company": connection.company_name, "units": rule_of_system(rules, connection.system),
        "webhooks": connection.hook_settings,
    }  # fmt: skip
    plain = {name: getattr(connection, name) for name in ConnectionOut.model_fields if name not in apart}
    return ConnectionOut.model_validate(plain | apart)


def replace_connection(
    session: Session,
    connection_id: uuid.UUID,
    given: ConnectionReplacement,
    *,
    revision: Revision,
    sealer: Sealer,
    now: dt.datetime,
) -> Connection:
    """Change a connection's name, region and unit rule to what is given; with another rule its applications are
    placed anew."""
    change = ConnectionChange(name=given.name, region=given.region, webhooks=given.webhooks or HookSettings())
    connection = change_connection(session, connection_id, change, revision=revision, sealer=sealer, now=now)
    rule = {fold_department(name): unit for name, unit in given.units.items()}
    if rule != rule_of_system(load_unit_rules(session), connection.system):
        place_in_units(session, connection.system, given.units)
    return connection


def change_connection(
    session: Session,
    connection_id: uuid.UUID,
    given: ConnectionChange,
    *,
    revision: Revision,
    sealer: Sealer,
    now: dt.datetime,
    company: CompanySeen | None = None,
) -> Connection:
    """Change what is named: its name, region or key, and whether it is read. `company` is whose account another key was
    seen to open."""
    connection = get_row_to_change(session, Connection, connection_id, revision)
    _check(session, connection, given)
    if given.name is not None:
        connection.name = given.name.strip()
    if given.region is not None:
        connection.region = given.region
    if given.credentials is not None:
        connection.credentials, connection.disconnected_at = seal_secrets(sealer, given.credentials), None
        keep_company(session, connection, company)
    if given.webhooks is not None:
        connection.hook_settings = keep_settings(given.webhooks)
    if given.paused is not None and given.paused != (connection.paused_at is not None):
        connection.paused_at = now if given.paused else None
    return move_revision(session, connection, now)


def _check(session: Session, connection: Connection, given: ConnectionChange) -> None:
    region = connection.region if given.region is None else given.region
    refuse(
        [
            *(check_name(given.name) if given.name is not None else ()),
            *check_account(connection.vendor, region, given.credentials),
            *(check_settings(connection.vendor, given.webhooks) if given.webhooks is not None else ()),
        ]
    )
    if given.name is not None:
        check_name_is_free(session, given.name, connection)
    if given.credentials is None and given.paused is not None:
        require_key(connection)


def disconnect(session: Session, connection_id: uuid.UUID, *, revision: Revision, now: dt.datetime) -> Connection:
    """Forget the key for good and read nothing more; facts, stage map and name stay."""
    connection = get_row_to_change(session, Connection, connection_id, revision)
    if connection.state is not ConnectionState.DISCONNECTED:
        connection.credentials, connection.disconnected_at, connection.paused_at = b"", now, None
        connection.hook_scheme = connection.hook_secrets = None
    return move_revision(session, connection, now)


def require_active(connection: Connection) -> None:
    """Refuse to read a connection that is paused or ended."""
    if connection.state is ConnectionState.PAUSED:
        raise Conflict(_("“%(name)s” is paused; resume it first.", name=connection.name))
    require_key(connection)


def require_key(connection: Connection) -> None:
    """Refuse to call in the name of a connection that was ended."""
    if connection.state is ConnectionState.DISCONNECTED:
        raise Conflict(_("“%(name)s” is disconnected; give it a key to go on.", name=connection.name))
