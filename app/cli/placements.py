"""Verbs on placements and what is made for them elsewhere: where a link leads, and sources made by hand."""

from typing import Annotated

import typer

from app.cli import group
from app.cli.runtime import Runtime
from app.i18n import _, date

placements = group("placement", "What is placed where.")
sources = group("source", "Sources that are made by hand in a connected system.")

Named = Annotated[str, typer.Argument(help="Tracking code or id of the placement")]
Connection = Annotated[str, typer.Argument(help="Name or key of the connection")]


@placements.command("correct")
def correct(
    context: typer.Context, placement: Named, target: Annotated[str, typer.Argument(help="Where its link is to lead")]
) -> None:
    """Let the link of a placement that has gone out lead somewhere else; where it led before stays on record."""
    from app.planning.past_target import correct_target, list_past_targets, read_target
    from app.planning.placement import get_placement_named

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        found = get_placement_named(session, placement)
        correct_target(session, found.id, read_target(target), revision=None, now=runtime.now())
        name, past = found.name, list_past_targets(session, found.id)
        led = [(one.target_url, date(one.until.date())) for one in past]
    typer.echo(_("“%(name)s” leads to %(target)s from now on.", name=name, target=target))
    for before, day in led:
        typer.echo(_("Until %(day)s it led to %(target)s.", day=day, target=before))


@placements.command("repeat")
def repeat(
    context: typer.Context,
    placement: Named,
    every: Annotated[int, typer.Option(help="Weeks from one beginning to the next")],
    times: Annotated[int, typer.Option(help="How many times more")],
) -> None:
    """Plan a placement again every so many weeks, each under a code of its own."""
    from app.planning.placement import get_placement_named
    from app.planning.problem import read_as
    from app.planning.recurring import RepeatIn, repeat_placement

    runtime: Runtime = context.obj
    given = read_as(RepeatIn, {"every_weeks": every, "times": times})
    with runtime.database.writing(runtime.organisation_id) as session:
        found = get_placement_named(session, placement)
        for one in repeat_placement(session, found.id, given, now=runtime.now()):
            typer.echo(f"{one.tracking_code}: {one.name}")


@sources.command("list")
def list_by_hand(context: typer.Context, connection: Connection) -> None:
    """Say which sources are to be made, and under which name."""
    from app.intake.made_source import list_sources
    from app.intake.vendors import choose_connections

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        (chosen,) = choose_connections(session, connection)
        found = list_sources(session, connection_id=chosen.id)
        for one in found:
            state = _("made on %(day)s", day=date(one.made.at.date())) if one.made else _("still to be made")
            # A line each, however wide the window: names are there to be copied.
            typer.echo(f"{one.placement.tracking_code}: {one.name}; {state}")
        if not found:
            typer.echo(_("There is nothing to make here: no placement is planned or running."))


@sources.command("made")
def made(
    context: typer.Context,
    connection: Connection,
    placement: Named,
    undo: Annotated[bool, typer.Option("--undo", help="It was not made after all")] = False,
) -> None:
    """Tick a source off."""
    from app.access.audit import acting
    from app.intake.made_source import tick_source, untick_source
    from app.intake.vendors import choose_connections
    from app.planning.placement import get_placement_named

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        (chosen,) = choose_connections(session, connection)
        found = get_placement_named(session, placement)
        if undo:
            untick_source(session, chosen.id, found.id, now=runtime.now())
            typer.echo(_("“%(name)s” is still to be made.", name=found.name))
        else:
            tick = tick_source(session, chosen, found.id, acting.get(), now=runtime.now())
            typer.echo(_("“%(name)s” is made.", name=tick.name))
