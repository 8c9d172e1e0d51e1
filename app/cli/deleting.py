"""The verb that deletes rows of the plan."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.plan import planning
from app.cli.runtime import Runtime
from app.i18n import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    Find = Callable[[Session, str], Any]
    Delete = Callable[..., None]

NOUNS = "asset, campaign, channel, claim, persona, placement, preset or vacancy"


@planning.command("delete")
def delete(
    context: typer.Context,
    noun: Annotated[str, typer.Argument(help=NOUNS)],
    name: Annotated[str, typer.Argument(help="Its name or id, a placement's code, a slug; slug@2 is a version")],
) -> None:
    """Delete a row of the plan, unless something stands on it, which is then named. What went out is ended instead."""
    from app.errors import Invalid, Problem

    runtime: Runtime = context.obj
    if (ways := _ways().get(noun)) is None:
        raise Invalid([Problem("noun", _("Choose one of %(known)s.", known=NOUNS))])
    find, end = ways
    with runtime.database.writing(runtime.organisation_id) as session:
        end(session, find(session, name).id, revision=None)
    typer.echo(_("“%(name)s” is deleted.", name=name))


def _ways() -> "dict[str, tuple[Find, Delete]]":
    """How each kind of row is found by its name, and deleted."""
    from app.planning import removal
    from app.planning.asset import get_asset_named
    from app.planning.campaign import get_campaign_named
    from app.planning.channel import get_channel_named
    from app.planning.claim import get_claim_named
    from app.planning.job import delete_job, get_job_named
    from app.planning.naming import get_preset_named
    from app.planning.persona import get_persona_named
    from app.planning.placement import get_placement_named

    return {
        "asset": (get_asset_named, removal.delete_asset),
        "campaign": (get_campaign_named, removal.delete_campaign),
        "channel": (get_channel_named, removal.delete_channel),
        "claim": (get_claim_named, removal.delete_claim),
        "persona": (get_persona_named, removal.delete_persona),
        "placement": (get_placement_named, removal.delete_placement),
        "preset": (get_preset_named, removal.delete_naming_preset),
        "vacancy": (get_job_named, delete_job),
    }
