"""Verbs that say whether the analytics is in order, put a check aside and take it up again."""

import datetime as dt
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import group
from app.cli.reports import Format, Language
from app.cli.runtime import Runtime
from app.i18n import _, date, speaking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.reports.put_aside import Standing

verbs = group(
    "checks", "What keeps the numbers from being right or whole, and what to do; ends with 2 where something waits.",
    alone=True,
)  # fmt: skip

Named = Annotated[str, typer.Argument(help="As `kutsu checks` names it before each, for example sources")]


@verbs.callback()
def checks(context: typer.Context, format: Format = "table", language: Language = None) -> None:
    """Say it, where no other verb is given."""
    from app.access.organisation import get_organisation
    from app.web.checks import run_checks

    if context.invoked_subcommand:
        return
    runtime: Runtime = context.obj
    with (
        runtime.database.reading(runtime.organisation_id) as session,
        speaking(runtime.language(language)),
    ):
        standing = run_checks(session, get_organisation(session, runtime.organisation_id), runtime.now())
        waiting = [one for one in standing if one.is_open]
        if format == "table":
            _print_words(waiting, [one for one in standing if one.found.items and not one.is_open])
        else:
            _print_rows(waiting, format)
    if waiting:
        raise typer.Exit(2)


@verbs.command("aside")
def set_aside(
    context: typer.Context,
    check: Named,
    until: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="The last day of it")] = None,
    weeks: Annotated[int, typer.Option(help="For so many weeks, unless a day is given", min=1, max=52)] = 4,
) -> None:
    """Put a check aside for a while, at what it finds now; when it finds more, it is told of again."""
    from app.access.audit import acting
    from app.access.organisation import get_organisation
    from app.planning.problem import read_as
    from app.reports.checks import read_check
    from app.reports.put_aside import put_aside
    from app.web.api.checks import AsideIn
    from app.web.checks import run_checks

    runtime: Runtime = context.obj
    now, wanted = runtime.now(), read_check(check)
    with runtime.database.writing(runtime.organisation_id) as session:
        organisation = get_organisation(session, runtime.organisation_id)
        today = now.astimezone(organisation.zone).date()
        last = read_as(AsideIn, {"until": until or today + dt.timedelta(weeks=weeks)}).until
        found = next(one.found for one in run_checks(session, organisation, now) if one.found.check is wanted)
        put_aside(session, found, last, acting.get(), today=today, now=now)
    typer.echo(_("%(check)s: put aside until %(day)s.", check=wanted, day=date(last)))


@verbs.command("again")
def again(context: typer.Context, check: Named) -> None:
    """Take up a check again that was put aside."""
    from app.reports.checks import read_check
    from app.reports.put_aside import take_up

    runtime: Runtime = context.obj
    wanted = read_check(check)
    with runtime.database.writing(runtime.organisation_id) as session:
        take_up(session, wanted)
    typer.echo(_("%(check)s: told of again.", check=wanted))


def _print_rows(waiting: "Sequence[Standing]", format: str) -> None:
    """What waits, with who can do it: a check an object, or a finding a row. Raises Invalid for a format that is
    none."""
    from app.errors import Invalid, Problem
    from app.reports.check_words import finding_words, item_name, item_note, remedy_words, who_can
    from app.reports.export import sheet_csv
    from app.reports.workbook import Sheet

    told: list[dict[str, Any]] = [
        {"check": one.check.value, "finding": finding_words(one), "remedy": remedy_words(one.check),
         "roles": [role.value for role in who_can(one.check)],
         "items": [{"name": item_name(item), "note": item_note(one.check, item)} for item in one.items]}
        for one in (standing.found for standing in waiting)
    ]  # fmt: skip
    if format == "json":
        typer.echo(json.dumps(told, ensure_ascii=False))
    elif format == "csv":
        rows = [
            (one["check"], item["name"], item["note"], one["finding"], one["remedy"], ", ".join(one["roles"]))
            for one in told for item in one["items"]
        ]  # fmt: skip
        typer.echo(sheet_csv(Sheet("", (), ("check", "name", "note", "finding", "remedy", "roles"), rows)), nl=False)
    else:
        raise Invalid([Problem("--format", _("Choose table, json or csv."))])


def _print_words(waiting: "Sequence[Standing]", aside: "Sequence[Standing]") -> None:
    from app.reports.check_words import finding_words, item_name, item_note, remedy_words, who_can
    from app.web.pages.roles import role_name

    for one in (standing.found for standing in waiting):
        who = ", ".join(role_name(role) for role in who_can(one.check))
        who_said = _("Who can: %(roles)s.", roles=who)
        typer.echo(f"{one.check}: {finding_words(one)}. {remedy_words(one.check)} {who_said}")
        for item in one.items:
            note = item_note(one.check, item)
            typer.echo(f"  {item_name(item)}" + (f" ({note})" if note else ""))
    for standing in aside:
        day = date(standing.aside.until) if standing.aside else ""
        typer.echo(_("%(check)s: put aside until %(day)s.", check=standing.found.check, day=day))
    if not waiting and not aside:
        typer.echo(_("Everything is in order."))
