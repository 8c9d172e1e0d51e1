"""Verbs on what campaigns are planned with: channels, claims and vacancies."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import group
from app.cli.listing import Format, print_line, print_rows, said
from app.cli.plan_fields import Revision, change_row, pairs, show_row
from app.cli.plan_kinds import claim_kind
from app.cli.reports import Language
from app.cli.runtime import Runtime
from app.i18n import _

if TYPE_CHECKING:
    from app.planning.channel import ChannelOut
    from app.planning.claim import ClaimOut
    from app.planning.job import JobOut

channels = group("channel", "Where assets are placed, how that is paid, and until when it is booked.")
claims = group("claim", "What assets promise: each carries a reason to come.")
vacancies = group("vacancy", "The jobs to be filled.")

Kind = "out_of_home, social, search, display, video, email, event, referral, job_board, radio, print or own_site"
PaidBy = "per_click, per_thousand, per_period, fixed or free"
Weekday = "Booking closes on the last such weekday until then, for example thursday"
ClosingTime = "From this local time of that day on it is too late, for example 12:00"
Specialty = "For example general_practice"
Day = "YYYY-MM-DD"
ClaimNamed = Annotated[str, typer.Argument(help="Its slug or id")]


@channels.command("list")
def list_channels(context: typer.Context, format: Format = "table") -> None:
    """Every channel, those that are shared with the organisation included."""
    from sqlalchemy import select

    from app.planning.channel import Channel, ChannelOut, describe_channel

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        rows = session.scalars(select(Channel).order_by(Channel.name, Channel.id))
        shown = [describe_channel(one) for one in rows]
    nothing = _("No channel is there yet; kutsu channel add makes one.")
    print_rows(ChannelOut, shown, format, _channel_cells, nothing)


@channels.command("add")
def add_channel(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is called; in links, too")],
    kind: Annotated[str, typer.Option(help=Kind)],
    paid: Annotated[str, typer.Option(help=PaidBy)],
    lead_time: Annotated[int, typer.Option(help="Days that making and delivering takes")] = 0,
    booking_closes: Annotated[int | None, typer.Option(help="Days before the first one")] = None,
    booking_closes_on: Annotated[str | None, typer.Option(help=Weekday)] = None,
    booking_closes_at: Annotated[str | None, typer.Option(metavar="HH:MM", help=ClosingTime)] = None,
    contact: Annotated[str, typer.Option(help="Who books it")] = "",
) -> None:
    """Add a channel."""
    from app.planning.channel import ChannelIn, create_channel, describe_channel
    from app.planning.problem import read_as

    runtime: Runtime = context.obj
    given = {
        "name": name, "kind": kind, "cost_model": paid, "lead_time_days": lead_time, "contact": contact,
        "booking_closes_days": booking_closes, "booking_closes_on": booking_closes_on,
        "booking_closes_at": booking_closes_at,
    }  # fmt: skip
    with runtime.database.writing(runtime.organisation_id) as session:
        made = create_channel(session, read_as(ChannelIn, given), now=runtime.now())
        print_line(_channel_cells(describe_channel(made)))


@channels.command("change")
def change_channel(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(help="Its name")],
    name: Annotated[str | None, typer.Option(help="What it is called from now on")] = None,
    kind: Annotated[str | None, typer.Option(help=Kind)] = None,
    paid: Annotated[str | None, typer.Option(help=PaidBy)] = None,
    lead_time: Annotated[int | None, typer.Option(help="Days that making and delivering takes")] = None,
    booking_closes: Annotated[
        str | None, typer.Option(metavar="DAYS", help="Days before the first one; none for the lead time alone")
    ] = None,
    booking_closes_on: Annotated[str | None, typer.Option(help=Weekday)] = None,
    booking_closes_at: Annotated[str | None, typer.Option(metavar="HH:MM", help=ClosingTime)] = None,
    contact: Annotated[str | None, typer.Option(help="Who books it")] = None,
) -> None:
    """Change what is said of a channel; the rest stays. Its name and kind stay once a link with them has gone out."""
    from app.planning.channel import ChannelIn, describe_channel, get_channel_named
    from app.planning.problem import read_as
    from app.planning.replacing import replace_channel

    runtime: Runtime = context.obj
    changes = said(name=name, kind=kind, cost_model=paid, lead_time_days=lead_time, contact=contact,
                   booking_closes_days=booking_closes, booking_closes_on=booking_closes_on,
                   booking_closes_at=booking_closes_at)  # fmt: skip
    if booking_closes == "none":
        changes |= dict.fromkeys(("booking_closes_days", "booking_closes_on", "booking_closes_at"))
    elif booking_closes is not None and booking_closes.isdecimal():
        changes["booking_closes_days"] = int(booking_closes)
    with runtime.database.writing(runtime.organisation_id) as session:
        found = get_channel_named(session, channel)
        before = describe_channel(found).model_dump(include=set(ChannelIn.model_fields))
        kept = replace_channel(
            session, found.id, read_as(ChannelIn, before | changes), revision=None, now=runtime.now()
        )
        print_line(_channel_cells(describe_channel(kept)))


def _channel_cells(one: "ChannelOut") -> tuple[object, ...]:
    return (one.name, one.kind, one.cost_model, one.lead_time_days, one.booking_closes_days, one.booking_closes_on,
            one.booking_closes_at, one.contact)  # fmt: skip


@claims.command("list")
def list_claims(context: typer.Context, format: Format = "table") -> None:
    """Every claim, those that are shared with the organisation included."""
    from sqlalchemy import select

    from app.planning.claim import Claim, ClaimOut, describe_claim

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        shown = [describe_claim(one) for one in session.scalars(select(Claim).order_by(Claim.slug, Claim.id))]
    nothing = _("There is no promise yet. Each promise gives a persona one reason to come.")
    print_rows(ClaimOut, shown, format, _claim_cells, nothing)


@claims.command("add")
def add_claim(
    context: typer.Context,
    slug: Annotated[str, typer.Argument(help="A short name for it, like no-night-duty")],
    reason: Annotated[str, typer.Option(help="The slug of the reason to come that it carries")],
    text: Annotated[list[str], typer.Option(metavar="LANGUAGE=WORDS", help="Once for each language: en=…")],
) -> None:
    """Add a claim."""
    from app.planning.claim import ClaimIn, create_claim, describe_claim
    from app.planning.problem import read_as

    runtime: Runtime = context.obj
    texts = {language: words for language, _is, words in (one.partition("=") for one in text)}
    given = read_as(ClaimIn, {"slug": slug, "factor": reason, "text": texts})
    with runtime.database.writing(runtime.organisation_id) as session:
        print_line(_claim_cells(describe_claim(create_claim(session, given, now=runtime.now()))))


@claims.command("show")
def show_claim(context: typer.Context, claim: ClaimNamed, format: Format = "table", language: Language = None) -> None:
    """All that a claim says, in each language."""
    show_row(context.obj, claim_kind(), claim, format, language)


@claims.command("change")
def change_claim(
    context: typer.Context,
    claim: ClaimNamed,
    slug: Annotated[str | None, typer.Option(help="Its short name from now on")] = None,
    reason: Annotated[str | None, typer.Option(help="The slug of the reason to come that it carries")] = None,
    text: Annotated[
        list[str] | None, typer.Option(metavar="LANGUAGE=WORDS", help="Once for each language; nothing takes it away")
    ] = None,
    revision: Revision = None,
    language: Language = None,
) -> None:
    """Change what a claim says; the rest stays. Its slug and reason stay once an ad with it has gone out."""
    words = {f"text.{code}": said for code, said in pairs("--text", text).items()}
    change_row(context.obj, claim_kind(), claim, {"slug": slug, "factor": reason, **words}, None, revision, language)


def _claim_cells(one: "ClaimOut") -> tuple[object, ...]:
    from app.i18n import pick

    return one.slug, one.factor, ", ".join(one.text), pick(one.model_dump()["text"])


@vacancies.command("list")
def list_vacancies(context: typer.Context, format: Format = "table") -> None:
    """Every vacancy, those that opened last first."""
    from sqlalchemy import select

    from app.planning.job import Job, JobOut, describe_job

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        rows = session.scalars(select(Job).order_by(Job.opens_on.desc(), Job.title, Job.id))
        shown = [describe_job(one) for one in rows]
    print_rows(JobOut, shown, format, _vacancy_cells, _("No vacancy is there yet; kutsu vacancy add makes one."))


@vacancies.command("add")
def add_vacancy(
    context: typer.Context,
    title: Annotated[str, typer.Argument(help="What is wanted")],
    specialty: Annotated[str, typer.Option(help=Specialty)],
    opens_on: Annotated[str | None, typer.Option("--from", metavar=Day, help="Open since [default: today]")] = None,
    closes_on: Annotated[str | None, typer.Option("--until", metavar=Day, help="Its last day")] = None,
    place: Annotated[str, typer.Option(help="Where it is")] = "",
    openings: Annotated[int, typer.Option(help="How many are wanted")] = 1,
) -> None:
    """Add a vacancy."""
    from app.planning.job import JobIn, create_job, describe_job
    from app.planning.problem import read_as

    runtime: Runtime = context.obj
    today = runtime.now().astimezone(runtime.organisation.zone).date()
    given = {"title": title, "specialty": specialty, "unit": place, "openings": openings,
             "opens_on": opens_on or today, "closes_on": closes_on}  # fmt: skip
    with runtime.database.writing(runtime.organisation_id) as session:
        made = create_job(session, read_as(JobIn, given), now=runtime.now())
        print_line(_vacancy_cells(describe_job(made)))


@vacancies.command("change")
def change_vacancy(
    context: typer.Context,
    vacancy: Annotated[str, typer.Argument(help="Its title or id")],
    title: Annotated[str | None, typer.Option(help="What is wanted")] = None,
    specialty: Annotated[str | None, typer.Option(help=Specialty)] = None,
    opens_on: Annotated[str | None, typer.Option("--from", metavar=Day, help="Open since")] = None,
    closes_on: Annotated[str | None, typer.Option("--until", metavar=Day, help="Its last day; none for no end")] = None,
    place: Annotated[str | None, typer.Option(help="Where it is")] = None,
    openings: Annotated[int | None, typer.Option(help="How many are wanted")] = None,
    status: Annotated[str | None, typer.Option(help="open, filled or closed")] = None,
) -> None:
    """Change what is said of a vacancy; the rest stays."""
    from app.planning.job import JobIn, describe_job, get_job_named, replace_job
    from app.planning.problem import read_as

    runtime: Runtime = context.obj
    changes = said(title=title, specialty=specialty, unit=place, openings=openings, opens_on=opens_on,
                   closes_on=closes_on, status=status)  # fmt: skip
    if closes_on == "none":
        changes["closes_on"] = None
    with runtime.database.writing(runtime.organisation_id) as session:
        found = get_job_named(session, vacancy)
        before = describe_job(found).model_dump(include=set(JobIn.model_fields))
        kept = replace_job(session, found.id, read_as(JobIn, before | changes), revision=None, now=runtime.now())
        print_line(_vacancy_cells(describe_job(kept)))


@vacancies.command("jobs")
def list_system_jobs(
    context: typer.Context,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those of which nobody has said it")] = False,
    format: Format = "table",
) -> None:
    """The jobs that connected systems name, each by its key, and the vacancy that it is, or is called like."""
    from app.reports.system_jobs import list_system_jobs
    from app.web.api.observed_jobs import ObservedJobOut, describe_system_job

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        found = [one for one in list_system_jobs(session) if one.waits or not waiting]
        shown = [describe_system_job(one, exact=True) for one in found]
        titles = {str(job.id): job.title for one in found for job in (one.vacancy, one.proposed) if job is not None}

    def cells(one: ObservedJobOut) -> tuple[object, ...]:
        vacancy = titles.get(str(one.vacancy_id))
        like = titles.get(str(one.proposed_id))
        state = vacancy or (_("called like “%(name)s”", name=like) if like else None)
        return one.key, one.title, one.system, one.applications, state

    print_rows(ObservedJobOut, shown, format, cells, _("No system has named a job that waits."))


@vacancies.command("match")
def match(
    context: typer.Context,
    vacancy: Annotated[str, typer.Argument(help="Its title or id")],
    job: Annotated[str, typer.Argument(help="The key of a system's job, as kutsu vacancy jobs shows it")],
    undo: Annotated[bool, typer.Option("--undo", help="It is not this vacancy after all")] = False,
) -> None:
    """Say that a vacancy is a job of a connected system: all who applied to that are counted here."""
    from app.planning.job import get_job_named
    from app.reports.system_jobs import match_system_job, unmatch_system_job

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        found = get_job_named(session, vacancy)
        do = unmatch_system_job if undo else match_system_job
        kept = do(session, found.id, job, now=runtime.now())
        print_line((kept.title, ", ".join(kept.observed_jobs or ())))


def _vacancy_cells(one: "JobOut") -> tuple[object, ...]:
    return one.title, one.specialty, one.unit, one.openings, one.opens_on, one.closes_on, one.status, one.id
