"""Verbs on campaigns: brought to their next step, and copied."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import group
from app.cli.listing import print_line
from app.cli.reports import Language
from app.cli.runtime import Runtime
from app.i18n import _, speaking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.web.before_step import Warned

campaigns = group("campaign", "Campaigns, brought to their next step and copied.")


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
        speaking(language or runtime.organisation.locale),
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
    from app.planning.copying import CampaignCopyIn, copy_campaign
    from app.planning.problem import read_as

    runtime: Runtime = context.obj
    said = {"name": name, "starts_on": starts_on, "template": template, "with_placements": placements}
    with runtime.database.writing(runtime.organisation_id) as session:
        source = get_campaign_named(session, campaign, shared=True)
        made = copy_campaign(session, source.id, read_as(CampaignCopyIn, said), now=runtime.now())
        print_line((made.campaign.name, made.campaign.status))
        for one in made.placements:
            typer.echo(f"{one.tracking_code}: {one.name}")
        if made.left_out:
            quoted = ", ".join(_("“%(name)s”", name=one) for one in made.left_out)
            typer.echo(_("Not copied, for nothing is placed in a template: %(names)s.", names=quoted))
