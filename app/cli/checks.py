"""The verb that says whether the analytics is in order."""

import json

import typer

from app.cli import cli
from app.cli.reports import Format, Language
from app.cli.runtime import Runtime
from app.i18n import _, speaking


@cli.command()
def checks(context: typer.Context, format: Format = "table", language: Language = None) -> None:
    """Say what keeps the numbers from being right or whole, and what to do; ends with 2 where something waits."""
    from app.access.organisation import get_organisation
    from app.reports.check_words import finding_words, item_name, item_note, remedy_words
    from app.web.checks import run_checks

    runtime: Runtime = context.obj
    with (
        runtime.database.reading(runtime.organisation_id) as session,
        speaking(language or runtime.organisation.locale),
    ):
        standing = run_checks(session, get_organisation(session, runtime.organisation_id), runtime.now())
        waiting = [one.found for one in standing if one.is_open]
        if format == "json":
            told = [
                {"check": one.check, "finding": finding_words(one), "remedy": remedy_words(one.check),
                 "items": [{"name": item_name(item), "note": item_note(one.check, item)} for item in one.items]}
                for one in waiting
            ]  # fmt: skip
            typer.echo(json.dumps(told, ensure_ascii=False))
        else:
            for one in waiting:
                typer.echo(f"{finding_words(one)}. {remedy_words(one.check)}")
                for item in one.items:
                    note = item_note(one.check, item)
                    typer.echo(f"  {item_name(item)}" + (f" ({note})" if note else ""))
            if not waiting:
                typer.echo(_("Everything is in order."))
    if waiting:
        raise typer.Exit(2)
