"""Verbs on who works here and what they plan: organisations and personas."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli import group
from app.cli.runtime import Runtime

organisations = group("organisation", "The employers whose rows are kept apart.")
personas = group("personas", "The documented personas, from files and to files.")

FOLDER = typer.Argument(help="Folder of .toml files", file_okay=False)


@organisations.command("create")
def create_organisation(
    context: typer.Context,
    name: str,
    locale: Annotated[str, typer.Option(help="en, fi, sv or nb")] = "fi",
    time_zone: Annotated[str, typer.Option(help="Where its days begin")] = "Europe/Helsinki",
    tracking_mode: Annotated[str, typer.Option(help="off, aggregate or consented")] = "off",
) -> None:
    """Found an organisation."""
    from app.access.organisation import TrackingMode, create_organisation
    from app.errors import Invalid, Problem

    runtime: Runtime = context.obj
    if tracking_mode not in set(TrackingMode):
        raise Invalid([Problem("--tracking-mode", "Choose off, aggregate or consented.")])
    with runtime.database.writing() as session:
        create_organisation(
            session,
            name,
            now=runtime.now(),
            locale=locale,
            time_zone=time_zone,
            tracking_mode=TrackingMode(tracking_mode),
        )
    typer.echo(f"{name} is founded. Next: kutsu personas load, kutsu connect teamtailor.")


@personas.command("load")
def load(context: typer.Context, directory: Annotated[Path | None, FOLDER] = None) -> None:
    """Load personas from files: all of them, or none when one is wrong."""
    from app.migration import shipped
    from app.planning.library import load_personas

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        result = load_personas(session, directory or shipped("personas"), runtime.now())
    typer.echo(f"{len(result.added)} added, {len(result.changed)} changed, {len(result.unchanged)} unchanged.")


@personas.command("export")
def export(context: typer.Context, directory: Annotated[Path, FOLDER] = Path("personas")) -> None:
    """Write the newest version of each persona to a file of its own."""
    from app.planning.library import export_personas

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        count = len(export_personas(session, directory))
    typer.echo(f"{count} personas written to {directory}.")
