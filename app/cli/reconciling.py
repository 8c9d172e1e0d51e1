"""The verb that compares what a vendor counts with what we have."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import cli
from app.cli.runtime import Runtime
from app.i18n import _

if TYPE_CHECKING:
    from app.intake.reconcile import Reconciled

MOST_SHOWN = 50


@cli.command()
def reconcile(
    context: typer.Context,
    connection: Annotated[str | None, typer.Argument(help="Name or key; all of them if none is given")] = None,
    days: Annotated[int, typer.Option(help="How many whole days back", min=1, max=366)] = 31,
    find: Annotated[str, typer.Option(help="A vendor's key of an application: say whether it is here")] = "",
) -> None:
    """Compare the applications that each vendor counts by day with those that are here, and name what differs."""
    from app.funnel.pseudonym import Pseudonyms
    from app.intake.reconcile import is_known, reconcile_connection
    from app.intake.vendors import choose_connections

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        named = choose_connections(session, connection)
        chosen = [one for one in named if connection or one.state == "active"]
        pseudonyms = Pseudonyms(runtime.pseudonym_key, runtime.organisation_id)
        known = {one.id: bool(find) and is_known(session, one, pseudonyms, find) for one in chosen}
    differs = False
    for one in chosen:
        if find:
            typer.echo(f"{one.name}: " + (_("it is here.") if known[one.id] else _("it is not here.")))
            continue
        found = reconcile_connection(
            runtime.database, runtime.organisation_id, one.id, runtime.pseudonym_key, sealer=runtime.sealer,
            clock=runtime.clock, days=days,
        )  # fmt: skip
        differs = differs or bool(found.missing)
        for line in _tell(found):
            typer.echo(f"{one.name}: {line}")
    if differs:
        raise typer.Exit(1)


def _tell(found: "Reconciled") -> list[str]:
    differing = [check for check in found.checks if not check.agrees]
    theirs, ours = sum(check.theirs for check in found.checks), sum(check.ours for check in found.checks)
    lines = [_("they say %(theirs)s, we have %(ours)s.", theirs=theirs, ours=ours)]
    lines += [check.describe() for check in differing]
    lines += [
        _("not here: %(key)s, made %(at)s", key=one.key, at=f"{one.made_at:%Y-%m-%d %H:%M}")
        for one in found.missing[:MOST_SHOWN]
    ]
    lines += [
        _(
            "no longer there: %(reference)s, made %(at)s for %(job)s",
            reference=one.reference.hex(),
            at=f"{one.made_at:%Y-%m-%d %H:%M}",
            job=one.job or _("a job without a name"),
        )
        for one in found.extra[:MOST_SHOWN]
    ]
    return lines
