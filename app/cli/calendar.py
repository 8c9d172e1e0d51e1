"""Verbs on the calendar: what runs when, and the links by which people without an account read it."""

import uuid
from typing import Annotated

import typer

from app.cli import group
from app.cli.limits import read_limits
from app.cli.listing import print_address
from app.cli.reports import Campaign, Channel, Format, Language, answering, print_answer, question, reports, tell_file
from app.cli.runtime import Runtime
from app.i18n import _

calendars = group("calendar", "What runs when, and the links by which people without an account read it.")


@reports.command("calendar")
@calendars.command("show")
def show(
    context: typer.Context,
    span: Annotated[str, typer.Option(help="month, quarter or years")] = "quarter",
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="The first one [default: this month]")] = None,
    campaign: Campaign = None,
    channel: Channel = None,
    format: Format = "table",
    ics: Annotated[bool, typer.Option("--ics", help="As a file for calendar programs")] = False,
    language: Language = None,
) -> None:
    """What runs when, how much at once, on which holidays, and what starts, ends or must be booked next."""
    from app.planning.calendar import describe_calendar, read_calendar
    from app.planning.calendar_feed import make_feed
    from app.planning.schedule import read_months
    from app.reports.calendar_table import calendar_csv, calendar_table

    runtime: Runtime = context.obj
    with answering(runtime, language) as session:
        limits = read_limits(session, campaign=campaign, channel=channel)
        filters = question(runtime, include_units=False, **limits).filters
        now, organisation = runtime.now(), runtime.organisation
        stretch = read_months(span, month, now.astimezone(organisation.zone).date())
        found = read_calendar(session, organisation, stretch, now, campaign=filters.campaign, channel=filters.channel)
        tell_file(runtime, "calendar", "ics" if ics else format)
        if ics:
            name = _("Calendar of %(organisation)s", organisation=organisation.name)
            typer.echo(make_feed(name, found.flights, organisation.zone), nl=False)
        else:
            print_answer(describe_calendar(found), format, calendar_csv, calendar_table)


@calendars.command("share")
def share(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="For whom it is")],
    days: Annotated[int, typer.Option(help="Days until it ends", min=1, max=730)] = 90,
    campaign: Campaign = None,
    channel: Channel = None,
) -> None:
    """Make a link; it is printed once and cannot be shown again. It shows no costs and nobody's applications."""
    from app.planning.calendar_share import CalendarShareIn, share_calendar
    from app.planning.campaign import get_campaign_named
    from app.planning.channel import get_channel_named
    from app.planning.problem import read_as

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        of = get_campaign_named(session, campaign).id if campaign else None
        at = get_channel_named(session, channel).id if channel else None
        given = read_as(CalendarShareIn, {"name": name, "days": days, "campaign_id": of, "channel_id": at})
        _share, secret = share_calendar(session, given, now=runtime.now())
    print_address(runtime, f"shared/calendar/{secret}")


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
