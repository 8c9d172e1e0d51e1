"""Verbs on placements and what is made for them elsewhere: placed, booked and ended, where a link leads, and sources
made by hand."""

from typing import Annotated

import typer

from app.cli import group
from app.cli.listing import Format, print_rows
from app.cli.plan_fields import Revision, Set, Sort, Where, add_row, change_row, list_rows, pairs, show_row
from app.cli.plan_kinds import placement_kind
from app.cli.reports import Language
from app.cli.runtime import Runtime
from app.i18n import _, date, speaking

placements = group("placement", "What is placed where.")
sources = group("source", "Sources that are made by hand in a connected system.")

Day = "YYYY-MM-DD"
Planned = Annotated[str | None, typer.Option(help="What it is to cost without VAT, for example 300.00")]
Booked = Annotated[str | None, typer.Option(help="What was agreed, without VAT")]
Named = Annotated[str, typer.Argument(help="Tracking code or id of the placement")]
Connection = Annotated[str, typer.Argument(help="Name or key of the connection")]


@placements.command("list")
def list_placements(
    context: typer.Context,
    campaign: Annotated[str | None, typer.Option(help="The name of one")] = None,
    status: Annotated[str | None, typer.Option(help="planned, live or ended")] = None,
    where: Where = None,
    sort: Sort = None,
    format: Format = "table",
    language: Language = None,
) -> None:
    """Every placement, or those of a campaign, asset, channel, persona, format, status, tracking_code, or running_from
    and running_to a day."""

    def nothing() -> str:
        return _("No such placement is there; kutsu placement add makes one.")

    wanted = {"campaign": campaign, "status": status, **pairs("--where", where)}
    list_rows(context.obj, placement_kind(), wanted, sort, format, language, nothing)


@placements.command("show")
def show(context: typer.Context, placement: Named, format: Format = "table", language: Language = None) -> None:
    """All that is said of a placement, and the link to publish."""
    show_row(context.obj, placement_kind(), placement, format, language)


@placements.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is called")],
    campaign: Annotated[str, typer.Option(help="The name of one")],
    asset: Annotated[str, typer.Option(help="The name of one")],
    channel: Annotated[str, typer.Option(help="The name of one")],
    to: Annotated[list[str], typer.Option(metavar="PERSONA", help="The slug of each it is for; slug@2 is a version")],
    target: Annotated[str, typer.Option(help="Where its link leads")],
    starts_on: Annotated[str, typer.Option("--from", metavar=Day, help="Its first day")],
    ends_on: Annotated[str | None, typer.Option("--until", metavar=Day, help="Its last day")] = None,
    place: Annotated[str | None, typer.Option(help="Where in the channel")] = None,
    audience: Annotated[str | None, typer.Option(help="To whom it is shown")] = None,
    planned: Planned = None,
    booked: Booked = None,
    set_: Set = None,
    language: Language = None,
) -> None:
    """Plan a placement under a code of its own."""
    fields = {"name": name, "campaign": campaign, "asset": asset, "channel": channel, "persona": to[0],
              "also_for": ", ".join(to[1:]) or None, "target_url": target, "starts_on": starts_on, "ends_on": ends_on,
              "place": place, "audience": audience, "planned_cost": planned, "booked_cost": booked}  # fmt: skip
    add_row(context.obj, placement_kind(), fields, set_, language)


@placements.command("change")
def change(
    context: typer.Context,
    placement: Named,
    status: Annotated[str | None, typer.Option(help="live or ended")] = None,
    name: Annotated[str | None, typer.Option(help="What it is called from now on")] = None,
    starts_on: Annotated[str | None, typer.Option("--from", metavar=Day, help="Its first day")] = None,
    ends_on: Annotated[str | None, typer.Option("--until", metavar=Day, help="Its last day; none for no end")] = None,
    place: Annotated[str | None, typer.Option(help="Where in the channel")] = None,
    audience: Annotated[str | None, typer.Option(help="To whom it is shown")] = None,
    planned: Planned = None,
    booked: Booked = None,
    invoiced: Annotated[str | None, typer.Option(help="What was paid, without VAT")] = None,
    set_: Set = None,
    revision: Revision = None,
    language: Language = None,
) -> None:
    """Change what is said of a placement; the rest stays. What its link rests on stays once it is live."""
    fields = {"status": status, "name": name, "starts_on": starts_on, "ends_on": "" if ends_on == "none" else ends_on,
              "place": place, "audience": audience, "planned_cost": planned, "booked_cost": booked,
              "invoiced_cost": invoiced}  # fmt: skip
    change_row(context.obj, placement_kind(), placement, fields, set_, revision, language)


@placements.command("correct")
def correct(
    context: typer.Context, placement: Named, target: Annotated[str, typer.Argument(help="Where its link is to lead")]
) -> None:
    """Let the link of a placement that has gone out lead somewhere else; where it led before stays on record."""
    from app.planning.past_target import correct_target, list_past_targets, read_target
    from app.planning.placement import get_placement_named

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        found = get_placement_named(session, placement)
        correct_target(session, found.id, read_target(target), revision=None, now=runtime.now())
        name, past = found.name, list_past_targets(session, found.id)
        led = [(one.target_url, date(one.until.date())) for one in past]
    typer.echo(_("“%(name)s” leads to %(target)s from now on.", name=name, target=target))
    for before, day in led:
        typer.echo(_("Until %(day)s it led to %(target)s.", day=day, target=before))


@placements.command("clicks")
def clicks(context: typer.Context, placement: Named, format: Format = "table", language: Language = None) -> None:
    """How often its link was followed on each day, by people and by programs that open links before them."""
    from app.access.organisation import TrackingMode
    from app.planning.placement import get_placement_named
    from app.reports.followed import FollowedDay, read_followed

    runtime: Runtime = context.obj
    with (
        speaking(runtime.language(language)),
        runtime.database.reading(runtime.organisation_id) as session,
    ):
        found = read_followed(session, get_placement_named(session, placement).tracking_code)
        nothing = (
            _("We do not count how often it is followed: here nothing may be recorded about people who meet an ad.")
            if found.mode is TrackingMode.OFF
            else _("Nobody has followed this address yet.")
        )
        print_rows(FollowedDay, found.days, format, lambda one: (one.day, one.people, one.programs), nothing)


@placements.command("repeat")
def repeat(
    context: typer.Context,
    placement: Named,
    every: Annotated[int, typer.Option(help="Weeks from one beginning to the next")],
    times: Annotated[int, typer.Option(help="How many times more")],
) -> None:
    """Plan a placement again every so many weeks, each under a code of its own."""
    from app.planning.placement import get_placement_named
    from app.planning.problem import read_as
    from app.planning.recurring import RepeatIn, repeat_placement

    runtime: Runtime = context.obj
    given = read_as(RepeatIn, {"every_weeks": every, "times": times})
    with runtime.database.writing(runtime.organisation_id) as session:
        found = get_placement_named(session, placement)
        for one in repeat_placement(session, found.id, given, now=runtime.now()):
            typer.echo(f"{one.tracking_code}: {one.name}")


@sources.command("list")
def list_by_hand(context: typer.Context, connection: Connection) -> None:
    """Say which sources are to be made, and under which name."""
    from app.intake.made_source import list_sources
    from app.intake.vendors import choose_connections

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        (chosen,) = choose_connections(session, connection)
        found = list_sources(session, connection_id=chosen.id)
        for one in found:
            state = _("made on %(day)s", day=date(one.made.at.date())) if one.made else _("still to be made")
            # A line each, however wide the window: names are there to be copied.
            typer.echo(f"{one.placement.tracking_code}: {one.name}; {state}")
        if not found:
            typer.echo(_("There is nothing to make here: no placement is planned or running."))


@sources.command("made")
def made(
    context: typer.Context,
    connection: Connection,
    placement: Named,
    undo: Annotated[bool, typer.Option("--undo", help="It was not made after all")] = False,
) -> None:
    """Tick a source off."""
    from app.access.audit import acting
    from app.intake.made_source import tick_source, untick_source
    from app.intake.vendors import choose_connections
    from app.planning.placement import get_placement_named

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        (chosen,) = choose_connections(session, connection)
        found = get_placement_named(session, placement)
        if undo:
            untick_source(session, chosen.id, found.id, now=runtime.now())
            typer.echo(_("“%(name)s” is still to be made.", name=found.name))
        else:
            tick = tick_source(session, chosen, found.id, acting.get(), now=runtime.now())
            typer.echo(_("“%(name)s” is made.", name=tick.name))
