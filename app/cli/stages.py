"""Verbs on stage maps: what the stages of a connected system mean."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import group
from app.cli.runtime import Runtime
from app.i18n import _, ngettext

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.intake.connection import Connection
    from app.intake.stage_map import NamedStage, Remapped

verbs = group("stages", "What the stages of a connected system mean.")

Where = Annotated[str | None, typer.Option("--connection", help="Name or key; needed once there are several")]


@verbs.command("list")
def list_stages(context: typer.Context, connection: Where = None) -> None:
    """Show every stage name with its meaning, those first that wait for a person."""
    from app.intake.stage_map import read_stage_map

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        for stage in read_stage_map(session, _choose(session, connection).system).stages:
            # A line each, however wide the window: names are there to be copied.
            typer.echo(f"{stage.key}: {_meaning(stage)}; {_came(stage)}")


@verbs.command("set")
def set_stage(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The stage's name at the vendor, as `kutsu stages list` shows it")],
    stage: Annotated[
        str, typer.Argument(help="applied, screened, interview, offer, hired, started; none; or proposed")
    ],
    connection: Where = None,
) -> None:
    """Say what a stage means, and count anew what was ever in it; `none` is no stage of ours, `proposed` leaves it
    to Kutsu."""
    from app.intake.stage_map import change_stage_map

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        system = _choose(session, connection).system
        done = change_stage_map(session, system, {name: stage}, revision=None, now=runtime.now())
    _tell(done)


@verbs.command("undo")
def undo(context: typer.Context, connection: Where = None) -> None:
    """Take the last change of the map back."""
    from app.intake.stage_map import undo_stage_map

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        system = _choose(session, connection).system
        done = undo_stage_map(session, system, revision=None, now=runtime.now())
    _tell(done)


def _choose(session: "Session", name: str | None) -> "Connection":
    from app.errors import Missing
    from app.intake.vendors import choose_connections

    chosen = choose_connections(session, name)
    if len(chosen) > 1:
        names = ", ".join(one.name for one in chosen)
        raise Missing(_("Name the connection with --connection; there are: %(names)s.", names=names))
    return chosen[0]


def _meaning(stage: "NamedStage") -> str:
    if stage.several:
        return _("several things; set it to make them agree")
    if stage.passed_over:
        return _("no stage of ours")
    if stage.stage is None:
        return _("not said yet")
    by_whom = _("decided") if stage.decided_by == "person" else _("proposed")
    return f"{stage.stage.slug} ({by_whom})"


def _came(stage: "NamedStage") -> str:
    return ngettext("%(n)s event", "%(n)s events", stage.events)


def _tell(done: "Remapped") -> None:
    typer.echo(ngettext("%(n)s application counted anew.", "%(n)s applications counted anew.", done.applications))
