"""Verbs on who works here and what they plan: organisations and personas."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli import group
from app.cli.runtime import Runtime
from app.i18n import _, ngettext

organisations = group("organisation", "The employers whose rows are kept apart.")
personas = group("personas", "The documented personas, from files and to files.")

FOLDER = typer.Argument(help="Folder of .toml files", file_okay=False)


@organisations.command("create")
def create_organisation(
    context: typer.Context,
    name: str,
    parent: Annotated[str | None, typer.Option(help="The organisation that this is a unit of")] = None,
    locale: Annotated[str | None, typer.Option(help="en, fi, sv or nb [default: the parent's, else fi]")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Where its days begin [default: as the parent]")] = None,
    tracking_mode: Annotated[str | None, typer.Option(help="off, aggregate or consented [default: as above]")] = None,
) -> None:
    """Found an organisation, or a unit of one."""
    from app.access.organisation import TrackingMode, choose_organisation, create_organisation
    from app.errors import Invalid, Problem

    runtime: Runtime = context.obj
    if tracking_mode is not None and tracking_mode not in set(TrackingMode):
        raise Invalid([Problem("--tracking-mode", _("Choose off, aggregate or consented."))])
    with runtime.database.writing() as session:
        create_organisation(
            session,
            name,
            now=runtime.now(),
            parent=choose_organisation(session, parent) if parent is not None else None,
            locale=locale,
            time_zone=time_zone,
            tracking_mode=TrackingMode(tracking_mode) if tracking_mode else None,
        )
    typer.echo(_("%(name)s is founded. Next: kutsu personas load, kutsu connect teamtailor.", name=name))


@organisations.command("list")
def list_organisations(context: typer.Context) -> None:
    """Every organisation of the installation, each unit with its parents before it."""
    from app.access.organisation import list_organisations, name_paths

    runtime: Runtime = context.obj
    with runtime.database.reading() as session:
        for path in sorted(name_paths(list_organisations(session)).values()):
            typer.echo(path)


@organisations.command("share")
def share(
    context: typer.Context,
    personas: Annotated[bool | None, typer.Option("--personas/--no-personas")] = None,
    claims: Annotated[bool | None, typer.Option("--claims/--no-claims")] = None,
    channels: Annotated[bool | None, typer.Option("--channels/--no-channels")] = None,
    presets: Annotated[bool | None, typer.Option("--presets/--no-presets")] = None,
    templates: Annotated[bool | None, typer.Option("--templates/--no-templates")] = None,
) -> None:
    """Choose what the units below may read and use."""
    from app.access.organisation import get_organisation
    from app.planning.sharing import change_above_units

    runtime: Runtime = context.obj
    said = {
        "shares_personas": personas, "shares_claims": claims, "shares_channels": channels, "shares_presets": presets,
        "shares_templates": templates,
    }  # fmt: skip
    changes = {name: value for name, value in said.items() if value is not None}
    with runtime.database.writing(runtime.organisation_id) as session:
        organisation = get_organisation(session, runtime.organisation_id)
        change_above_units(session, organisation, changes)
        shared = [name.removeprefix("shares_") for name in said if getattr(organisation, name)]
    typer.echo(_("Shared with the units: %(nouns)s.", nouns=", ".join(shared) or _("nothing")))


@organisations.command("hosts")
def hosts(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(help="All of them, .example.org for every host below it [default: show]")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Take all of them back")] = False,
) -> None:
    """Name the hosts that tracking links may lead to, in place of those named before."""
    from app.access.organisation import get_organisation, list_link_hosts
    from app.planning.sharing import change_above_units

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        if names or none:
            organisation = get_organisation(session, runtime.organisation_id)
            change_above_units(session, organisation, {"link_hosts": names or []})
        for host in list_link_hosts(session, runtime.organisation_id):
            typer.echo(host)


@organisations.command("departments")
def departments(context: typer.Context) -> None:
    """The departments that systems spoke of, and the unit that each is placed in."""
    from app.access.organisation import list_descendants, name_paths
    from app.intake.unit_rule import list_departments

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        paths = name_paths(list_descendants(session, runtime.organisation_id))
        for one in list_departments(session):
            unit = paths[one.unit_id] if one.unit_id else "-"
            typer.echo(f"{one.system}\t{one.name}\t{one.applications}\t{unit}")


@organisations.command("place")
def place(
    context: typer.Context,
    system: Annotated[str, typer.Argument(help="As `kutsu organisation departments` names it")],
    rules: Annotated[list[str] | None, typer.Argument(metavar="DEPARTMENT=UNIT", help="All of them")] = None,
) -> None:
    """Give a system its unit rule in place of the one it has, and place its applications anew."""
    from app.access.organisation import list_descendants, name_paths
    from app.errors import Invalid, Problem
    from app.intake.unit_rule import place_in_units

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        units = {path: id for id, path in name_paths(list_descendants(session, runtime.organisation_id)).items()}
        said = [rule.rpartition("=") for rule in rules or []]
        wrong = [unit for _department, _is, unit in said if unit not in units]
        if wrong:
            remedy = _("No such unit; there are: %(names)s.", names=", ".join(sorted(units)))
            raise Invalid([Problem(unit, remedy) for unit in wrong])
        count = place_in_units(session, system, {department: units[unit] for department, _is, unit in said})
    typer.echo(ngettext("%(n)s application placed anew.", "%(n)s applications placed anew.", count))


@personas.command("load")
def load(context: typer.Context, directory: Annotated[Path | None, FOLDER] = None) -> None:
    """Load personas from files: all of them, or none when one is wrong."""
    from app.migration import shipped
    from app.planning.library import load_personas

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        result = load_personas(session, directory or shipped("personas"), runtime.now())
    counts = {"added": len(result.added), "changed": len(result.changed), "unchanged": len(result.unchanged)}
    typer.echo(_("%(added)s added, %(changed)s changed, %(unchanged)s unchanged.", **counts))


@personas.command("export")
def export(context: typer.Context, directory: Annotated[Path, FOLDER] = Path("personas")) -> None:
    """Write the newest version of each persona to a file of its own."""
    from app.planning.library import export_personas

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        count = len(export_personas(session, directory))
    typer.echo(_("%(n)s personas written to %(folder)s.", n=count, folder=directory))
