"""Verbs on campaigns: planned, brought to their next step, and copied."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import group
from app.cli.listing import Format, print_line
from app.cli.plan_fields import Revision, Set, Sort, Where, add_row, change_row, list_rows, pairs, show_row
from app.cli.plan_kinds import campaign_kind
from app.cli.reports import Language
from app.cli.runtime import Runtime
from app.i18n import _, speaking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.web.before_step import Warned

campaigns = group("campaign", "Campaigns: planned, brought to their next step and copied.")


Day = "YYYY-MM-DD"
Budget = Annotated[str | None, typer.Option(help="Without VAT, for example 20000.00")]
To = Annotated[list[str] | None, typer.Option(metavar="PERSONA", help="The slug of a persona it is for; all of them")]


@campaigns.command("list")
def list_campaigns(
    context: typer.Context,
    status: Annotated[str | None, typer.Option(help="draft, approved, live or ended")] = None,
    templates: Annotated[
        bool, typer.Option("--templates", help="The templates, those shared with you included")
    ] = False,
    where: Where = None,
    sort: Sort = None,
    format: Format = "table",
    language: Language = None,
) -> None:
    """Every campaign, or those of a kind, a status, or running_on a day."""

    def nothing() -> str:
        return _("No such campaign is there; kutsu campaign add makes one.")

    wanted = {"status": status, "template": "true" if templates else None, **pairs("--where", where)}
    list_rows(context.obj, campaign_kind(), wanted, sort, format, language, nothing)


@campaigns.command("show")
def show(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="Its name or id")],
    format: Format = "table",
    language: Language = None,
) -> None:
    """All that is said of a campaign, and when it became what it is."""
    show_row(context.obj, campaign_kind(), campaign, format, language)


@campaigns.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is called; in links, too")],
    starts_on: Annotated[str, typer.Option("--from", metavar=Day, help="Its first day")],
    ends_on: Annotated[str | None, typer.Option("--until", metavar=Day, help="Its last day")] = None,
    kind: Annotated[
        str | None, typer.Option(help="burst or continuous [default: a burst if it has a last day]")
    ] = None,
    concept: Annotated[str | None, typer.Option(help="What holds it together")] = None,
    objective: Annotated[str | None, typer.Option(help="What it is to reach")] = None,
    budget: Budget = None,
    to: To = None,
    template: Annotated[bool, typer.Option("--template", help="To be copied; nothing is placed in it")] = False,
    set_: Set = None,
    language: Language = None,
) -> None:
    """Add a draft of a campaign."""
    fields = {"name": name, "kind": kind or ("burst" if ends_on else "continuous"), "starts_on": starts_on,
              "ends_on": ends_on, "concept": concept, "objective": objective, "budget": budget,
              "template": "true" if template else None, **_aimed(to)}  # fmt: skip
    add_row(context.obj, campaign_kind(), fields, set_, language)


@campaigns.command("change")
def change(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="Its name or id")],
    name: Annotated[str | None, typer.Option(help="What it is called from now on")] = None,
    starts_on: Annotated[str | None, typer.Option("--from", metavar=Day, help="Its first day")] = None,
    ends_on: Annotated[str | None, typer.Option("--until", metavar=Day, help="Its last day; none for no end")] = None,
    kind: Annotated[str | None, typer.Option(help="burst or continuous")] = None,
    concept: Annotated[str | None, typer.Option(help="What holds it together")] = None,
    objective: Annotated[str | None, typer.Option(help="What it is to reach")] = None,
    budget: Budget = None,
    to: To = None,
    set_: Set = None,
    revision: Revision = None,
    language: Language = None,
) -> None:
    """Change what is said of a campaign; the rest stays. Its name stays once a link with it has gone out."""
    fields = {"name": name, "kind": kind, "starts_on": starts_on, "ends_on": "" if ends_on == "none" else ends_on,
              "concept": concept, "objective": objective, "budget": budget, **_aimed(to)}  # fmt: skip
    change_row(context.obj, campaign_kind(), campaign, fields, set_, revision, language)


def _aimed(personas: list[str] | None) -> dict[str, str | None]:
    return {f"aim.personas.{at}": slug for at, slug in enumerate(personas or ())}


@campaigns.command("status")
def step(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="Its name or id")],
    status: Annotated[str, typer.Argument(help="approved, live or ended")],
    yes: Annotated[bool, typer.Option("--yes", help="Go on although something is not in order")] = False,
    language: Language = None,
) -> None:
    """Bring a campaign to its next step. What is not in order before it goes live or ends is told first, and ends with
    1 unless --yes is said: neither step can be taken back."""
    from app.planning.campaign import campaign_at, get_campaign_named
    from app.planning.replacing import replace_campaign
    from app.web.before_step import Asker, asks_first, list_warnings

    runtime: Runtime = context.obj
    now, zone = runtime.now(), runtime.organisation.zone
    with (
        speaking(runtime.language(language)),
        runtime.database.writing(runtime.organisation_id) as session,
    ):
        found = get_campaign_named(session, campaign)
        given = campaign_at(found, status, now.astimezone(zone).date())
        if asks_first(given.status) and given.status != found.status:
            asker = Asker(now, administers=True, sees_small_counts=True)
            _ask(list_warnings(session, found, given.status, asker), yes=yes)
        kept = replace_campaign(session, found.id, given, revision=None, now=now)
        print_line((kept.name, kept.status))


def _ask(warned: "Sequence[Warned]", *, yes: bool) -> None:
    """Print what is not in order, and end there unless it was said to go on."""
    for one in warned:
        typer.echo(f"{one.what.rstrip('.')}. {one.remedy}")
        for thing in one.things:
            typer.echo(f"  {thing.name}" + (f" ({thing.note})" if thing.note else ""))
    if warned and not yes:
        typer.echo(_("Nothing was changed. Put it right, or go on with --yes."), err=True)
        raise typer.Exit(1)


@campaigns.command("copy")
def copy(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="The name or id of a campaign or template")],
    name: Annotated[str, typer.Argument(help="What the copy is called")],
    starts_on: Annotated[
        str, typer.Option("--from", metavar="YYYY-MM-DD", help="Its first day; all others move along")
    ],
    template: Annotated[bool, typer.Option("--template", help="Make a template, in which nothing is placed")] = False,
    placements: Annotated[bool, typer.Option("--placements/--no-placements", help="Plan its placements anew")] = True,
) -> None:
    """Make a draft from a campaign or a template, a shared one too, with its placements under codes of their own."""
    from app.planning.campaign import get_campaign_named
    from app.planning.copying import CampaignCopyIn, copy_campaign, left_out_words
    from app.planning.problem import read_as

    runtime: Runtime = context.obj
    said = {"name": name, "starts_on": starts_on, "template": template, "with_placements": placements}
    with runtime.database.writing(runtime.organisation_id) as session:
        source = get_campaign_named(session, campaign, shared=True)
        made = copy_campaign(session, source.id, read_as(CampaignCopyIn, said), now=runtime.now())
        print_line((made.campaign.name, made.campaign.status))
        for one in made.placements:
            typer.echo(f"{one.tracking_code}: {one.name}")
        if told := left_out_words(made.campaign, [one.name for one in made.left_out], len(made.left_out)):
            typer.echo(told)
