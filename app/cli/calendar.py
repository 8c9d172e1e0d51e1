"""Verbs on links by which people without an account read the calendar."""

import uuid
from typing import Annotated

import typer

from app.cli import group
from app.cli.runtime import Runtime
from app.i18n import _

calendars = group("calendar", "Links by which people without an account read the calendar.")


@calendars.command("share")
def share(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="For whom it is")],
    days: Annotated[int, typer.Option(help="Days until it ends", min=1, max=730)] = 90,
    campaign: Annotated[str | None, typer.Option(help="Of this campaign alone: its name or id")] = None,
) -> None:
    """Make a link; it is printed once and cannot be shown again. It shows no costs and nobody's applications."""
    from app.planning.calendar_share import CalendarShareIn, share_calendar
    from app.planning.campaign import get_campaign_named
    from app.planning.problem import read_as

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        of = get_campaign_named(session, campaign).id if campaign else None
        given = read_as(CalendarShareIn, {"name": name, "days": days, "campaign_id": of})
        _share, secret = share_calendar(session, given, now=runtime.now())
    typer.echo(f"{runtime.settings.public_url.rstrip('/')}/shared/calendar/{secret}")


@calendars.command("links")
def links(context: typer.Context) -> None:
    """The links that lead to the calendar now, each by its key."""
    from app.planning.calendar_share import list_shares

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        for one in list_shares(session, runtime.now()):
            typer.echo(f"{one.id}  {one.name}; {_('until %(day)s', day=f'{one.expires_at:%Y-%m-%d}')}")


@calendars.command("revoke")
def revoke(context: typer.Context, link: Annotated[uuid.UUID, typer.Argument(help="Its key")]) -> None:
    """End a link at once and for good."""
    from app.planning.calendar_share import revoke_share

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        revoke_share(session, link, now=runtime.now())
    typer.echo(_("The link leads nowhere any more."))
