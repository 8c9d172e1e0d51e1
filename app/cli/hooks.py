"""Verbs on what systems send by themselves: who may send, and what waits in the inbox."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import group
from app.cli.connecting import SIGNING, read_signing
from app.cli.listing import note_guess
from app.cli.runtime import Runtime
from app.i18n import _, ngettext

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.intake.connection import Connection
    from app.intake.hook_secrets import Which

hooks = group("hook", "The addresses that systems send webhooks to.")
inbox = group("inbox", "The webhooks that came and have not become facts yet.")

Name = Annotated[str, typer.Argument(metavar="CONNECTION", help="Name or key of the connection")]


@hooks.command("open")
def open_hook(
    context: typer.Context,
    connection: Name,
    secret: Annotated[str, typer.Option(help="As the vendor shows it; one is made if none is given")] = "",
    scheme: Annotated[str, typer.Option(help="How deliveries are signed, if not the vendor's usual way")] = "",
) -> None:
    """Let a connection take deliveries signed with a secret; a second one may be live while it is changed."""
    from app.intake.hook_secrets import add_hook_secret

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        row = _choose(session, connection)
        made = add_hook_secret(
            session, row, sealer=runtime.sealer, now=runtime.now(), secret=secret or None, scheme=scheme or None
        )
        address = f"{runtime.settings.public_url.rstrip('/')}/hooks/{row.id}"
    typer.echo(_("Deliveries are taken at %(address)s", address=address))
    if not secret:
        typer.echo(_("Their secret, shown this once: %(secret)s", secret=made))
    note_guess(runtime)


@hooks.command("settings")
def settings(
    context: typer.Context,
    connection: Name,
    said: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help=SIGNING)] = None,
) -> None:
    """Say how the deliveries of a connection are signed, all of it anew; without a word, show what was said."""
    from app.intake.connection_changes import ConnectionChange, change_connection

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        row = _choose(session, connection)
        if said:
            change = ConnectionChange(webhooks=read_signing(said))
            change_connection(session, row.id, change, revision=None, sealer=runtime.sealer, now=runtime.now())
        for name, value in (row.hook_settings or {}).items():
            typer.echo(f"{name}={value}")


@hooks.command("show")
def show(context: typer.Context, connection: Name) -> None:
    """By which secrets the deliveries of the last seven days came, and whether an older one can be dropped."""
    from app.access.organisation import get_organisation
    from app.i18n import moment
    from app.intake.hook_secrets import open_hook_secrets
    from app.intake.signed_day import change_sentence, list_signed, reading_word, secret_word

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        row, zone = _choose(session, connection), get_organisation(session, runtime.organisation_id).zone
        live, signed = open_hook_secrets(row, runtime.sealer), list_signed(session, row.id, runtime.now())
    typer.echo(ngettext("%(n)s secret is live.",
                        "%(n)s secrets are live: both work until the older one is dropped.", len(live))
               if live else _("No secret is live: its address takes no deliveries."))  # fmt: skip
    for one in signed:
        parts = (secret_word(one, live), reading_word(one.reading), str(one.deliveries), moment(one.last_at, zone))
        typer.echo("\t".join(parts))
    if said := change_sentence(live, signed, runtime.now(), zone):
        typer.echo(said)


@hooks.command("drop-older")
def drop_older(context: typer.Context, connection: Name) -> None:
    """End a change of secrets: only the newer one vouches from now on."""
    _drop(context, connection, "older")
    typer.echo(_("Only the newer secret works now."))


@hooks.command("drop-newer")
def drop_newer(context: typer.Context, connection: Name) -> None:
    """Take a change of secrets back: only the older one vouches from now on."""
    _drop(context, connection, "newer")
    typer.echo(_("Only the older secret works now."))


def _drop(context: typer.Context, connection: str, which: "Which") -> None:
    from app.intake.hook_secrets import drop_hook_secret

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        drop_hook_secret(session, _choose(session, connection), which, sealer=runtime.sealer, now=runtime.now())


@hooks.command("close")
def close(context: typer.Context, connection: Name) -> None:
    """Take no deliveries for a connection any more; what came stays."""
    from app.intake.hook_secrets import close_hook

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        close_hook(session, _choose(session, connection), now=runtime.now())
    typer.echo(_("The address no longer takes deliveries."))


def _choose(session: "Session", name: str) -> "Connection":
    from app.intake.vendors import choose_connections

    return choose_connections(session, name)[0]


@inbox.command("list")
def list_inbox(context: typer.Context) -> None:
    """How many deliveries are in which state, and why those that need somebody do."""
    from app.intake.inbox_projection import count_states, list_unsettled

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        for state, count in count_states(session).items():
            typer.echo(f"{state}\t{count}")
        for row in list_unsettled(session):
            typer.echo(f"{row.id}\t{row.state}\t{row.reason or ''}")


@inbox.command("project")
def project(
    context: typer.Context,
    again: Annotated[bool, typer.Option("--again", help="Read all bodies anew that can still be opened")] = False,
) -> None:
    """Turn what waits into facts now, instead of leaving it to the server."""
    from app.intake.inbox_projection import take_up_again

    runtime: Runtime = context.obj
    if again:
        with runtime.database.writing(runtime.organisation_id) as session:
            take_up_again(session, runtime.now())
    project_all(runtime)


@inbox.command("retry")
def retry(
    context: typer.Context,
    id: Annotated[
        str | None, typer.Argument(help="As `kutsu inbox list` shows it; all that could not be read if none")
    ] = None,
) -> None:
    """Take up again what could not be read. Whoever does it vouches for what came outside its time."""
    import uuid

    from app.errors import Missing
    from app.intake.inbox import InboxRow
    from app.intake.inbox_projection import retry_in_vain

    runtime: Runtime = context.obj
    try:
        chosen = [] if id is None else [InboxRow.id == uuid.UUID(id)]
    except ValueError:
        raise Missing(_("There is no such delivery; `kutsu inbox list` shows them.")) from None
    with runtime.database.writing(runtime.organisation_id) as session:
        count = retry_in_vain(session, runtime.now(), *chosen)
    typer.echo(ngettext("%(n)s delivery is taken up again.", "%(n)s deliveries are taken up again.", count))
    project_all(runtime)


def project_all(runtime: Runtime) -> None:
    """Project what is due until nothing is; why a delivery could not be read is told to readers of any language."""
    from app.i18n import remembering
    from app.intake.inbox_projection import project_inbox

    while True:
        with remembering():
            done = project_inbox(
                runtime.database, runtime.organisation_id, runtime.pseudonym_key,
                sealer=runtime.sealer, clock=runtime.clock, client_for=runtime.work.client_for,
            )  # fmt: skip
        typer.echo(done.describe())
        if done.taken == 0:
            return
