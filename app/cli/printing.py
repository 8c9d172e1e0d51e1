"""Verbs that make what is printed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import group
from app.cli.runtime import Runtime
from app.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

prints = group("print", "Codes to print, with their promise and address.")

Language = Annotated[str | None, typer.Option(help="en, fi, sv or nb [default: the asset's own]")]
Out = Annotated[Path | None, typer.Option(help="The file to write [default: named after the code or campaign]")]


@prints.command("placement")
def print_placement(
    context: typer.Context,
    placement: Annotated[str, typer.Argument(help="Its tracking code or id")],
    kind: Annotated[str, typer.Option(help="svg or png to set into a layout, pdf for the printer")] = "pdf",
    language: Language = None,
    out: Out = None,
) -> None:
    """The code of one placement."""
    from app.errors import Invalid, Problem
    from app.planning.placement import get_placement_named
    from app.planning.print_kit import FileKind, kit_notes
    from app.planning.typesetting import set_kit

    runtime: Runtime = context.obj
    if kind not in set(FileKind):
        raise Invalid([Problem("--kind", _("Choose one of %(known)s.", known=", ".join(FileKind)))])
    url = runtime.settings.public_url

    def make(session: "Session") -> tuple[bytes, str]:
        found = get_placement_named(session, placement)
        for note in kit_notes(session, found, url):
            typer.echo(note, err=True)
        return set_kit(found, url, FileKind(kind), language), f"kutsu-{found.tracking_code}.{kind}"

    _write(runtime, make, out)


@prints.command("campaign")
def print_campaign(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="Its name or id")],
    one: Annotated[bool, typer.Option("--one", help="A page for each, not several on a page")] = False,
    language: Language = None,
    out: Out = None,
) -> None:
    """All posters and print advertisements of a campaign, as one PDF."""
    from app.planning.campaign import get_campaign_named
    from app.planning.tracking import slugify
    from app.planning.typesetting import set_sheet

    runtime: Runtime = context.obj

    def make(session: "Session") -> tuple[bytes, str]:
        found = get_campaign_named(session, campaign)
        made = set_sheet(session, found, runtime.settings.public_url, "one" if one else "several", language)
        return made, f"kutsu-{slugify(found.name) or found.id}.pdf"

    _write(runtime, make, out)


def _write(runtime: Runtime, make: "Callable[[Session], tuple[bytes, str]]", out: Path | None) -> None:
    """Write what is made, and say where it lies."""
    with runtime.database.reading(runtime.organisation_id) as session:
        made, name = make(session)
    path = out or Path(name)
    path.write_bytes(made)
    typer.echo(_("Written to %(path)s.", path=path))
