"""Verbs on naming presets: the patterns by which placements are named."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import group
from app.cli.runtime import Runtime
from app.i18n import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.planning.naming import NamingPreset

presets = group("naming", "The patterns by which placements are named.")

Named = Annotated[str, typer.Argument(help="Name of the preset")]


@presets.command("list")
def list_presets(context: typer.Context) -> None:
    """Every naming preset, with whether it rules and a name that it makes."""
    from sqlalchemy import select

    from app.planning.naming import NamingPreset

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        found = session.scalars(select(NamingPreset).order_by(NamingPreset.name, NamingPreset.id)).all()
        for one in found:
            typer.echo(_describe(session, one))
    if not found:
        typer.echo(
            _(
                "There is no pattern yet, so placements may have any name. A locked pattern names them all in the same "
                "way."
            )
        )


@presets.command("write")
def write(
    context: typer.Context,
    name: Named,
    pattern: Annotated[str, typer.Argument(help="Text and parts, such as '{campaign} {format} {year}'")],
) -> None:
    """Add a naming preset, or give the one of this name another pattern; locked or not it stays as it is."""
    _change(context.obj, name, {"pattern": pattern}, may_add=True)


@presets.command("lock")
def lock(context: typer.Context, name: Named) -> None:
    """Let placements have the names that a preset makes, and no others."""
    _change(context.obj, name, {"locked": True})


@presets.command("unlock")
def unlock(context: typer.Context, name: Named) -> None:
    """Let a preset propose names only; placements may be named freely."""
    _change(context.obj, name, {"locked": False})


def _change(runtime: Runtime, name: str, changes: dict[str, Any], *, may_add: bool = False) -> None:
    """Store what is said of the preset of this name, and say how it stands."""
    from app.errors import Missing
    from app.planning.naming import NamingPresetIn, create_naming_preset, get_preset_named, replace_naming_preset
    from app.planning.problem import read_as

    now = runtime.now()
    with runtime.database.writing(runtime.organisation_id) as session:
        try:
            found = get_preset_named(session, name)
        except Missing:
            if not may_add:
                raise
            kept = create_naming_preset(session, read_as(NamingPresetIn, {"name": name, **changes}), now=now)
        else:
            given = {"name": name, "pattern": found.pattern, "locked": found.locked, **changes}
            kept = replace_naming_preset(session, found.id, read_as(NamingPresetIn, given), revision=None, now=now)
        typer.echo(_describe(session, kept))


def _describe(session: "Session", preset: "NamingPreset") -> str:
    from app.planning.naming import find_locked_preset, state_words
    from app.planning.placing import show_example

    state = state_words(preset, find_locked_preset(session))
    return f"{preset.name}\t{preset.pattern}\t{state}\t{show_example(session, preset.pattern)}"
