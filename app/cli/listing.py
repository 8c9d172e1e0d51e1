"""How verbs print rows: a line each, or as the API gives them."""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from app.i18n import _

if TYPE_CHECKING:
    from pydantic import BaseModel

    from app.cli.runtime import Runtime

Format: TypeAlias = Annotated[str, typer.Option("--format", help="table, json or csv")]


def print_rows(
    model: "type[BaseModel]",
    rows: "Sequence[BaseModel]",
    format: str,
    cells: Callable[[Any], Sequence[object]],
    nothing: str,
) -> None:
    """The rows, those of a table with their cells parted by tabs, however wide the window: they are there to be
    copied. Raises Invalid for a format that is none."""
    from app.errors import Invalid, Problem
    from app.reports.export import rows_csv

    if format == "json":
        shown = [one.model_dump(mode="json") for one in rows]
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    elif format == "csv":
        typer.echo(rows_csv(model, rows), nl=False)
    elif format == "table":
        for one in rows:
            print_line(cells(one))
        if not rows:
            typer.echo(nothing)
    else:
        raise Invalid([Problem("--format", _("Choose table, json or csv."))])


def print_line(cells: Sequence[object]) -> None:
    """One row; what is not said is a hyphen."""
    typer.echo("\t".join("-" if cell is None or cell == "" else str(cell) for cell in cells))


def print_address(runtime: "Runtime", path: str) -> None:
    """Where people open what lies at a path of ours."""
    typer.echo(f"{runtime.settings.public_url.rstrip('/')}/{path}")
    note_guess(runtime)


def note_guess(runtime: "Runtime") -> None:
    """Say of an address of ours that it is a guess, where nobody has said at which people open Kutsu."""
    if runtime.settings.chosen_public_url is None:
        note = _("Nobody has said at which address people open Kutsu, so this is a guess. If it runs elsewhere, put "
                 "that address in place of %(guess)s, and set KUTSU_PUBLIC_URL to it, so that the next link is right.",
                 guess=runtime.settings.public_url)  # fmt: skip
        typer.echo(note, err=True)


def said(**options: object) -> dict[str, object]:
    """The options that were given. Raises Invalid where none was: nothing is to change."""
    from app.errors import Invalid, Problem

    given = {name: value for name, value in options.items() if value is not None}
    if not given:
        raise Invalid([Problem("", _("Say what is to change; --help lists it."))])
    return given
