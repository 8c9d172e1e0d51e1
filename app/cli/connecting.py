"""What `kutsu connect` does before anything is stored: it tries the account, and reads how deliveries are signed."""

from typing import TYPE_CHECKING

import typer

from app.cli.runtime import Runtime
from app.i18n import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.intake.connection import Connection
    from app.intake.connectors.page import StageSeen
    from app.intake.familiar import Familiar
    from app.intake.hook_settings import HookSettings
    from app.intake.trial import Trial

SIGNING = (
    "How webhooks are signed: tolerance_seconds, and of a connection `signed` signature_header, prefix, encoding, "
    "signed_text, timestamp_header, timestamp_prefix, id_header, success_status"
)


def read_signing(said: "Sequence[str]") -> "HookSettings":
    """What was said of a signature, word by word; a name that is none of ours is refused."""
    from app.errors import Invalid, Problem
    from app.intake.hook_settings import HookSettings
    from app.planning.problem import read_as

    if wrong := [one for one in said if "=" not in one]:
        raise Invalid([Problem(one, _("Write it as NAME=VALUE.")) for one in wrong])
    return read_as(HookSettings, dict(one.split("=", 1) for one in said))


def try_first(
    runtime: Runtime, draft: "Connection", secrets: "Mapping[str, str]", familiar: "Familiar | None" = None
) -> "Trial":
    """What an account that can be read says of itself; where it cannot be, what is wrong is said and nothing is stored.
    `familiar` is what was read of it before."""
    from functools import partial

    from app.intake.trial import try_account
    from app.intake.vendors import check_account, check_name, open_account
    from app.outbound import ONCE
    from app.planning.problem import refuse

    refuse([*check_account(draft.vendor, draft.region, secrets), *check_name(draft.name)])
    given = {one: secret.strip() for one, secret in secrets.items()}
    trial = try_account(draft, given, partial(runtime.open_account or open_account, limits=ONCE), familiar)
    for check in trial.told:
        typer.echo(f"{'✓' if check.ok else '✗'} {check.text}", err=not trial.ok)
    if not trial.ok:
        typer.echo(_("Nothing was stored. Mend it, or store it all the same with --untried."), err=True)
        raise typer.Exit(1)
    return trial


def keep_stages(session: "Session", connection: "Connection", seen: "Sequence[StageSeen]") -> None:
    """Keep what is proposed for the stages that were seen."""
    from app.database import lock, organisation_of
    from app.intake.stage_proposal import store_proposals

    lock(session, f"intake:{organisation_of(session)}")
    store_proposals(session, connection.system, seen)
