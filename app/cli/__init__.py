"""The operator's verbs. Nothing heavy is imported before a verb needs it, so `--help` answers at once."""

import sys
from typing import Annotated

import typer

from app.cli.runtime import Runtime
from app.errors import Invalid, KutsuError, TryLater

cli = typer.Typer(
    name="kutsu",
    help="Recruitment marketing that can be believed: from a documented persona to how far each ad's doctors got.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: loading rich for it takes twice as long as all the rest
    context_settings={"help_option_names": ["-h", "--help"]},
)

SPOKEN = (
    "ad-totals", "alias", "asset", "calendar", "campaign", "channel", "checks", "claim", "import", "naming", "personas",
    "placement", "plan", "print", "source", "vacancy",
)  # fmt: skip
"""Groups whose verbs speak the organisation's language unasked: those of whoever plans, not of operators."""


def group(name: str, help: str, *, alone: bool = False) -> typer.Typer:
    """Verbs that belong together, under one word, which may say something `alone`."""
    verbs = typer.Typer(help=help, no_args_is_help=not alone, invoke_without_command=alone, rich_markup_mode=None)
    cli.add_typer(verbs, name=name)
    return verbs


@cli.callback()
def start(
    context: typer.Context,
    database: Annotated[
        str | None, typer.Option(help="Database URL [default: KUTSU_DATABASE_URL, else sqlite:///kutsu.db]")
    ] = None,
    organisation: Annotated[str | None, typer.Option(help="Whose rows; needed once there are several")] = None,
) -> None:
    verb = context.invoked_subcommand or ""
    context.obj = Runtime(database, organisation, verb, context.with_resource if verb in SPOKEN else None)


def run() -> None:
    """Run the command line; an error of ours is a sentence, of several rules one on each line, and exit status 1, never
    a traceback."""
    try:
        cli()
    except Invalid as error:
        print(*(f"kutsu: {problem}" for problem in error.problems), sep="\n", file=sys.stderr)
        sys.exit(1)
    except KutsuError as error:
        hint = " Try again later." if isinstance(error, TryLater) else ""
        print(f"kutsu: {error}{hint}", file=sys.stderr)
        sys.exit(1)


from app.cli import (  # noqa: E402 (they register their verbs on `cli`)
    access,
    ad_totals,
    aliases,
    asset_files,
    assets,
    calendar,
    campaigns,
    checks,
    data,
    deleting,
    hooks,
    naming,
    people,
    placements,
    plan,
    plan_file,
    plan_rows,
    printing,
    reconciling,
    reports,
    service,
    stages,
)

__all__ = [
    "access",
    "ad_totals",
    "aliases",
    "asset_files",
    "assets",
    "calendar",
    "campaigns",
    "checks",
    "cli",
    "data",
    "deleting",
    "group",
    "hooks",
    "naming",
    "people",
    "placements",
    "plan",
    "plan_file",
    "plan_rows",
    "printing",
    "reconciling",
    "reports",
    "run",
    "service",
    "stages",
]
