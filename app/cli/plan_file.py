"""Verbs on a whole plan: begun by a pattern or with what is urgent, written to a file, read from one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.listing import print_address
from app.cli.plan import planning
from app.cli.runtime import Runtime
from app.i18n import _, date, ngettext

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.planning.persona import Persona

PlanFile = Annotated[Path, typer.Argument(help="Ending in .json, .xlsx or .zip (comma-separated files)")]


@planning.command("export")
def export_plan(context: typer.Context, file: PlanFile) -> None:
    """Write personas, claims, channels, campaigns, assets, jobs, placements and invoices to a file."""
    from app.errors import Invalid, Problem
    from app.planning.asset_file import count_files
    from app.planning.plan_file import export_plan
    from app.planning.plan_sheets import FORMATS, write_plan

    runtime: Runtime = context.obj
    format = file.suffix.removeprefix(".")
    if format not in FORMATS:
        known = ", ".join(f".{one}" for one in FORMATS)
        raise Invalid([Problem(str(file), _("Let the name end in one of %(known)s.", known=known))])
    with runtime.database.reading(runtime.organisation_id) as session:
        tables, left_out = export_plan(session), count_files(session)
    file.write_bytes(write_plan(tables, format))
    count = sum(map(len, tables.values()))
    typer.echo(ngettext("%(n)s row written to %(file)s.", "%(n)s rows written to %(file)s.", count, file=file))
    if left_out:
        typer.echo(ngettext("%(n)s file of an asset is not in it; see kutsu files.",
                            "%(n)s files of assets are not in it; see kutsu files.", left_out), err=True)  # fmt: skip


@planning.command("import")
def import_plan(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="As it is exported, or placements.csv …")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and store nothing")] = False,
) -> None:
    """Read a plan in: every row, or none when one is wrong."""
    from app.planning.plan_file import import_plan
    from app.planning.plan_problems import by_cause
    from app.planning.plan_sheets import read_plan_file
    from app.web.pages.plan_file import recoded_words

    runtime: Runtime = context.obj
    with by_cause(), runtime.database.writing(runtime.organisation_id) as session:
        tables = read_plan_file(file.name, file.read_bytes())
        found = import_plan(session, tables, now=runtime.now(), rehearse=dry_run)
    counts = {name: sum(getattr(found, name).values()) for name in ("added", "changed", "unchanged")}
    typer.echo(_("%(added)s added, %(changed)s changed, %(unchanged)s unchanged.", **counts))
    if recoded := recoded_words(found.recoded):
        typer.echo(recoded)
    if dry_run:
        typer.echo(_("This was a rehearsal: nothing was stored."))


@planning.command("start")
def start(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the campaign is called")],
    to: Annotated[list[str], typer.Option(metavar="PERSONA:REASON", help="For whom and what it promises, by slugs")],
    target: Annotated[str, typer.Option(help="Where its links lead")],
    starts_on: Annotated[str, typer.Option("--from", metavar="YYYY-MM-DD", help="Its first day")],
    pattern: Annotated[str, typer.Option(help="broad, everyday or evenings")] = "broad",
    weeks: Annotated[int, typer.Option(help="How long, unless it has no end")] = 8,
    evening: Annotated[
        list[str] | None,
        typer.Option(metavar="YYYY-MM-DD", help="Day of a virtual evening; may be repeated [default: mid-campaign]"),
    ] = None,
) -> None:
    """Plan a campaign by a pattern, with every ad in it."""
    from app.planning.problem import read_as
    from app.planning.starting import StartIn, count_ads, start_campaign

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        promises = []
        for slug, _colon, factor in (one.partition(":") for one in to):
            promises.append({"persona_id": _get_persona(session, slug).id, "factor": factor})
        said = {"pattern": pattern, "name": name, "starts_on": starts_on, "weeks": weeks, "target_url": target}
        given = read_as(StartIn, said | {"promises": promises, "evenings_on": evening or []})
        start_campaign(session, given, now=runtime.now())
    count = count_ads(given.pattern, len(promises), len(given.evenings_on))
    typer.echo(ngettext("%(n)s placement planned.", "%(n)s placements planned.", count))


@planning.command("urgent")
def urgent(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is called")],
    channel: Annotated[str, typer.Option(help="The name of the channel it runs in")],
    to: Annotated[str, typer.Option(metavar="PERSONA", help="The slug of the persona it speaks to")],
    target: Annotated[str, typer.Option(help="Where its link leads")],
    format: Annotated[str, typer.Option(help="poster, video, social_ad …")] = "social_ad",
    place: Annotated[str, typer.Option(help="Where in the channel")] = "",
    starts_on: Annotated[str | None, typer.Option("--from", help="First day [default: today]")] = None,
    ends_on: Annotated[str | None, typer.Option("--until", help="Last day [default: a week from the first]")] = None,
    cost: Annotated[str | None, typer.Option(help="Planned, without VAT, for example 300.00")] = None,
) -> None:
    """Plan what is needed this week: one asset in one placement, its link at once."""
    from app.planning.channel import get_channel_named
    from app.planning.lines import read_cost
    from app.planning.neighbours import get_currency
    from app.planning.problem import read_as
    from app.planning.urgent import UrgentIn, plan_urgent

    runtime: Runtime = context.obj
    said = {"name": name, "format": format, "place": place, "target_url": target, "starts_on": starts_on,
            "ends_on": ends_on}  # fmt: skip
    with runtime.database.writing(runtime.organisation_id) as session:
        parts = {"channel_id": get_channel_named(session, channel).id, "persona_id": _get_persona(session, to).id}
        amount = {"planned_cost": read_cost("--cost", cost, get_currency(session)) if cost else None}
        placement = plan_urgent(session, read_as(UrgentIn, said | parts | amount), now=runtime.now())
        first, last = placement.starts_on, placement.ends_on or placement.starts_on
        code = placement.tracking_code
    typer.echo(_("Planned from %(first)s to %(last)s; the asset is a draft.", first=date(first), last=date(last)))
    print_address(runtime, f"k/{code}")


def _get_persona(session: "Session", slug: str) -> "Persona":
    from app.errors import Missing
    from app.planning.persona import find_newest_persona

    persona = find_newest_persona(session, slug)
    if persona is None:
        raise Missing(_("There is no persona “%(slug)s”.", slug=slug))
    return persona
