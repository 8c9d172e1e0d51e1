"""The verb that compares what a vendor counts with what we have, and brings what only the vendor has."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import cli
from app.cli.listing import Format, print_rows
from app.cli.runtime import Runtime
from app.cli.tasks import ask_for, do_here
from app.errors import VendorError
from app.i18n import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.intake.connection import Connection
    from app.intake.reconcile import Reconciled

    Found = Reconciled | VendorError

MOST_SHOWN = 50
"""How many of each kind are named among sentences; `--format json` and `csv` name all."""


@cli.command()
def reconcile(
    context: typer.Context,
    connection: Annotated[str | None, typer.Argument(help="Name or key; all of them if none is given")] = None,
    days: Annotated[int, typer.Option(help="How many whole days back", min=1, max=366)] = 31,
    find: Annotated[str, typer.Option(help="A vendor's key of an application: say whether it is here")] = "",
    bring: Annotated[bool, typer.Option("--bring", help="Read by its key each application that is not here")] = False,
    format: Format = "table",
) -> None:
    """Compare the applications that each vendor counts by day with those that are here, and name what differs."""
    from app.intake.vendors import choose_connections

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        named = choose_connections(session, connection)
        chosen = [one for one in named if connection or one.state == "active"]
    if find:
        _tell_whether_known(runtime, chosen, find)
        return
    found = [(one, _compare(runtime, one, days)) for one in chosen]
    if bring:
        _bring(runtime, [one for one, compared in found if _lacks(compared)])
        found = [(one, _compare(runtime, one, days)) for one in chosen]
    _print([(one.name, compared) for one, compared in found], format)
    if any(isinstance(compared, VendorError) or _lacks(compared) for _one, compared in found):
        raise typer.Exit(1)


def _lacks(compared: "Found") -> bool:
    return not isinstance(compared, VendorError) and bool(compared.missing)


def _tell_whether_known(runtime: Runtime, chosen: "Sequence[Connection]", key: str) -> None:
    from app.funnel.pseudonym import Pseudonyms
    from app.intake.reconcile import is_known

    pseudonyms = Pseudonyms(runtime.pseudonym_key, runtime.organisation_id)
    with runtime.database.reading(runtime.organisation_id) as session:
        known = [(one.name, is_known(session, one, pseudonyms, key)) for one in chosen]
    for name, is_here in known:
        typer.echo(f"{name}: " + (_("it is here.") if is_here else _("it is not here.")))


def _compare(runtime: Runtime, connection: "Connection", days: int) -> "Found":
    """What a comparison showed, or why the system could not be asked: the others are compared all the same."""
    from app.intake.reconcile import reconcile_connection

    try:
        return reconcile_connection(
            runtime.database, runtime.organisation_id, connection.id, runtime.pseudonym_key, sealer=runtime.sealer,
            clock=runtime.clock, client_for=runtime.work.client_for, days=days,
        )  # fmt: skip
    except VendorError as error:
        return error


def _bring(runtime: Runtime, lacking: "Sequence[Connection]") -> None:
    """Bring what is not here, and say of each connection what came; what goes wrong with one stops no other."""
    from app.worker.handlers import BRING

    for one in lacking:
        task = do_here(runtime, ask_for(runtime, BRING, str(one.id)), one.name)
        typer.echo(f"{one.name}: {task.error or task.result.get('text', task.state)}", err=True)


def _print(found: "Sequence[tuple[str, Found]]", format: str) -> None:
    from app.intake.counted_line import CountedLine, list_lines

    if format == "table":
        for name, compared in found:
            for line in _tell(compared):
                typer.echo(f"{name}: {line}")
        return
    lines: list[CountedLine] = [line for name, compared in found for line in list_lines(name, compared)]
    print_rows(CountedLine, lines, format, _no_cells, "")


def _no_cells(_line: Any) -> "Sequence[object]":
    return ()


def _tell(found: "Found") -> list[str]:
    if isinstance(found, VendorError):
        return [_("what they have is not known. %(error)s", error=found)]
    differing = [check for check in found.checks if not check.agrees]
    theirs, ours = sum(check.theirs for check in found.checks), sum(check.ours for check in found.checks)
    lines = [_("they say %(theirs)s, we have %(ours)s.", theirs=theirs, ours=ours)]
    lines += [check.describe() for check in differing]
    lines += [
        _("not here: %(key)s, made %(at)s", key=one.key, at=f"{one.made_at:%Y-%m-%d %H:%M}")
        for one in found.missing[:MOST_SHOWN]
    ]
    lines += _more(len(found.missing) - MOST_SHOWN)
    lines += [
        _(
            "no longer there: %(reference)s, made %(at)s for %(job)s",
            reference=one.reference.hex(),
            at=f"{one.made_at:%Y-%m-%d %H:%M}",
            job=one.job or _("a job without a name"),
        )
        for one in found.extra[:MOST_SHOWN]
    ]
    return lines + _more(len(found.extra) - MOST_SHOWN)


def _more(count: int) -> list[str]:
    """That some are not named here, and where they are."""
    if count <= 0:
        return []
    return [ngettext("%(n)s more: --format csv names all.", "%(n)s more: --format csv names all.", count)]
