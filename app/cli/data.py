"""Verbs on how data reaches us: connections, pulling, replaying, importing."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import cli, group
from app.cli.connecting import SIGNING, keep_stages, read_signing, try_first
from app.cli.runtime import Runtime
from app.cli.tasks import ask_for, do_here
from app.errors import KutsuError
from app.i18n import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

imports = group("import", "Read a file in.")

Background = Annotated[bool, typer.Option("--background", help="Leave it to a worker")]


@cli.command()
def connect(
    context: typer.Context,
    vendor: Annotated[
        str, typer.Argument(help="teamtailor, greenhouse, or for what sends by itself standard or signed")
    ],
    name: Annotated[str, typer.Option(help="What to call this connection")] = "",
    region: Annotated[str, typer.Option(help="Where the account lives, if the vendor has several places")] = "",
    key: Annotated[str, typer.Option(help="API key (Teamtailor: Admin, read)")] = "",
    client_id: Annotated[str, typer.Option(help="Of a pair, the part that is no secret")] = "",
    signing: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help=SIGNING)] = None,
    untried: Annotated[bool, typer.Option("--untried", help="Connect it without trying the account first")] = False,
) -> None:
    """Connect an applicant tracking system: its secrets are asked for, the account is tried, and they are sealed."""
    from app.intake.connection import Connection, keep_company
    from app.intake.vendors import connect, get_vendor

    runtime: Runtime = context.obj
    known = get_vendor(vendor)
    secrets = _read_secrets(known.secrets, key=key, client_id=client_id)
    name, region, webhooks = name or vendor, region or next(iter(known.regions)), read_signing(signing or [])
    draft = Connection(vendor=vendor, name=name, region=region, base_url=None, credentials=b"")
    trial = try_first(runtime, draft, secrets) if known.secrets and not untried else None
    with runtime.database.writing(runtime.organisation_id) as session:
        connection = connect(
            session, vendor, name, region, secrets, sealer=runtime.sealer, now=runtime.now(), webhooks=webhooks
        )
        if trial is not None:
            keep_company(session, connection, trial.company)
            keep_stages(session, connection, trial.seen)
        made = (connection.name, connection.id)
    next_verb = "kutsu sync" if known.secrets else f"kutsu hook open {made[1]}"
    typer.echo(_("%(name)s is connected as %(key)s. Next: %(verb)s.", name=made[0], key=made[1], verb=next_verb))


@cli.command()
def rekey(
    context: typer.Context,
    connection: Annotated[str, typer.Argument(help="Name or key of the connection")],
    region: Annotated[str, typer.Option(help="Where the account lives, if that is another place")] = "",
    key: Annotated[str, typer.Option(help="API key (Teamtailor: Admin, read)")] = "",
    client_id: Annotated[str, typer.Option(help="Of a pair, the part that is no secret")] = "",
    untried: Annotated[bool, typer.Option("--untried", help="Store it without trying the account first")] = False,
) -> None:
    """Give a connection another key: it is asked for, tried, and sealed in the place of the one before."""
    from app.funnel.pseudonym import Pseudonyms
    from app.intake.connection import Connection
    from app.intake.connection_changes import ConnectionChange, change_connection
    from app.intake.familiar import load_familiar
    from app.intake.vendors import VENDORS, choose_connections

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        (found,) = choose_connections(session, connection)
        id, name, region = found.id, found.name, region or found.region
        familiar = load_familiar(session, found, Pseudonyms(runtime.pseudonym_key, runtime.organisation_id))
        draft = Connection(
            vendor=found.vendor, name=name, region=region, base_url=found.base_url, credentials=b""
        )  # fmt: skip
    secrets = _read_secrets(VENDORS[draft.vendor].secrets, key=key, client_id=client_id)
    trial = try_first(runtime, draft, secrets, familiar) if secrets and not untried else None
    given = ConnectionChange(region=region, credentials=secrets)
    with runtime.database.writing(runtime.organisation_id) as session:
        change_connection(
            session, id, given, revision=None, sealer=runtime.sealer, now=runtime.now(),
            company=None if trial is None else trial.company,
        )  # fmt: skip
    typer.echo(_("%(name)s has another key. Next: %(verb)s.", name=name, verb=f"kutsu sync {shlex.quote(name)}"))


def _read_secrets(wanted: "Sequence[str]", **given: str) -> dict[str, str]:
    """The secrets of an account: those that were given, the others asked for."""
    return {name: given.get(name) or _ask_secret(name) for name in wanted}


def _ask_secret(name: str) -> str:
    secret: str = typer.prompt(name.replace("_", " ").capitalize(), hide_input=True)
    return secret


@cli.command()
def sync(
    context: typer.Context,
    connection: Annotated[str | None, typer.Argument(help="Name or key; all of them if none is given")] = None,
    background: Background = False,
) -> None:
    """Pull what is new from the applicant tracking systems."""
    from app.intake.vendors import choose_connections
    from app.tasks.task import State
    from app.worker.handlers import SYNC

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        named = choose_connections(session, connection)
        # Of all, those that are not to be read are left alone; one that is named says why it is not.
        chosen = [(one.id, one.name) for one in named if connection or one.state == "active"]
    states = set()
    for id, name in chosen:
        task_id = ask_for(runtime, SYNC, str(id))
        if background:
            typer.echo(_("%(name)s: a worker pulls it; `kutsu tasks list` shows how far it is.", name=name))
            continue
        task = do_here(runtime, task_id, name)
        states.add(task.state)
        typer.echo(f"{name}: {task.error or task.result.get('text', task.state)}")
    if states - {State.DONE}:
        raise typer.Exit(1)


@cli.command()
def replay(
    context: typer.Context,
    background: Background = False,
    from_inbox: Annotated[
        bool, typer.Option("--from-inbox", help="Before it, read what webhooks brought anew, as far as it opens")
    ] = False,
) -> None:
    """Compute the whole record anew from its facts: proof that it is right, and cure when it was not."""
    from app.cli.hooks import project_all
    from app.intake.inbox_projection import take_up_again
    from app.tasks.task import State
    from app.worker.handlers import REPLAY

    runtime: Runtime = context.obj
    if from_inbox:
        with runtime.database.writing(runtime.organisation_id) as session:
            take_up_again(session, runtime.now())
        project_all(runtime)
    task_id = ask_for(runtime, REPLAY)
    if background:
        typer.echo(_("A worker computes it anew; `kutsu tasks list` shows how far it is."))
        return
    task = do_here(runtime, task_id, _("Computing the record anew"))
    if task.state != State.DONE:
        typer.echo(task.error or task.state)
        raise typer.Exit(1)
    count = task.result["applications"]
    typer.echo(ngettext("%(n)s application computed anew.", "%(n)s applications computed anew.", count))


@imports.command("observations")
def import_observations(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="A sheet with a row an application, or JSON"),
    ],
    system: Annotated[str, typer.Option(help="The system that the ids are from")] = "file",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and store nothing")] = False,
) -> None:
    """Read observations from a file, row by row; rows that are refused go to FILE.rejected.ndjson, those of a
    sheet to FILE.rejected.csv."""
    from app.intake.observations_file import describe_counts, describe_unread
    from app.tasks.task import State
    from app.worker.handlers import OBSERVATIONS

    runtime: Runtime = context.obj
    if dry_run:
        _rehearse(runtime, file, system)
        return
    where = str(file.resolve())
    task = do_here(runtime, ask_for(runtime, OBSERVATIONS, where[-120:], file=where, system=system), file.name)
    if task.state != State.DONE:
        raise KutsuError(task.error or task.state)
    counts = task.result
    said = [counts[one] for one in ("accepted", "duplicate", "conflict", "rejected", "sheet")]
    typer.echo(describe_counts(*said))
    if counts["unread"]:
        typer.echo(describe_unread(counts["unread"]))
    _say_remarks(counts["remarks"])
    if counts["rejected"]:
        typer.echo(_("Why each was refused stands in %(file)s.", file=counts["rejects"]))
        raise typer.Exit(2)


def _say_remarks(remarks: "Sequence[tuple[int, str]]") -> None:
    """What is to be said of rows that were read all the same."""
    for row, said in remarks:
        typer.echo(f"{row}: {said}")


def _rehearse(runtime: Runtime, file: Path, system: str) -> None:
    """Say what an import would do; nothing is stored of it, not even that it was tried."""
    from app.intake.observations_file import describe_counts, describe_unread, import_file

    receipt = import_file(
        runtime.database, runtime.organisation_id, system, file,
        secret=runtime.pseudonym_key, now=runtime.now(), dry_run=True,
    )  # fmt: skip
    refused = len(receipt.rejected)
    typer.echo(describe_counts(receipt.accepted, receipt.duplicate, receipt.conflict, refused, receipt.sheet))
    if receipt.unread:
        typer.echo(describe_unread(receipt.unread))
    _say_remarks(receipt.remarks)
    typer.echo(_("This was a rehearsal: nothing was stored."))
    for one in receipt.rejected:
        typer.echo(f"{one.index + 1}: {one.problem}")
    if receipt.rejected:
        raise typer.Exit(2)
