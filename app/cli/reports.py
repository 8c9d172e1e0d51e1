"""Verbs that answer: the funnel, effectiveness, and what could not be matched."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from app.cli import group
from app.cli.limits import read_limits
from app.cli.runtime import Runtime
from app.i18n import _, speaking

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.reports.scope import Scope

reports = group("report", "Answers as a table, JSON or CSV.")

By = Annotated[str, typer.Option(help="placement, asset, format, channel, campaign, persona, factor, claim or theme")]
Stage = Annotated[str, typer.Option(help="screened, interview, offer, hired or started")]
From = Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First date of application")]
To = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Last date of application")]
AsOf = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="As it stood at the end of this day")]
Units = Annotated[bool, typer.Option("--include-units/--own", help="Count in the units below, or leave them out")]
Campaign = Annotated[str | None, typer.Option(help="Of this campaign alone: its name or id")]
Persona = Annotated[str | None, typer.Option(help="Of ads for this persona alone, by its slug")]
Vacancy = Annotated[str | None, typer.Option(help="Applicants to this vacancy alone: its title or id")]
Specialty = Annotated[str | None, typer.Option(help="Applicants of this specialty alone")]
Channel = Annotated[str | None, typer.Option(help="Of this channel alone: its name or id")]
Placement = Annotated[str | None, typer.Option(help="Of this placement alone: its tracking code or id")]
AdFormat = Annotated[str | None, typer.Option(help="Of ads of this format alone, such as poster")]
Place = Annotated[str | None, typer.Option(help="Of ads at this place alone, as the plan spells it")]
Format = Annotated[str, typer.Option("--format", help="table, json or csv")]
Language = Annotated[str | None, typer.Option(help="en, fi, sv or nb [default: the organisation's]")]

Asked: TypeAlias = dict[str, Any]
"""What narrows a question, in its own words."""


def _asked(
    from_: From = None,
    to: To = None,
    as_of: AsOf = None,
    campaign: Campaign = None,
    persona: Persona = None,
    specialty: Specialty = None,
    vacancy: Vacancy = None,
    channel: Channel = None,
    placement: Placement = None,
    ad_format: AdFormat = None,
    place: Place = None,
    include_units: Units = True,
) -> Asked:
    """The options by which a report is narrowed."""
    return {
        "from": from_, "to": to, "as_of": as_of, "campaign": campaign, "persona": persona, "specialty": specialty,
        "vacancy": vacancy, "channel": channel, "placement": placement, "format": ad_format, "place": place,
        "include_units": include_units,
    }  # fmt: skip


def narrowed(report: Callable[..., None]) -> Callable[..., None]:
    """Give a report these options where it has `asked`, which then holds what was said with them."""
    options = signature(_asked).parameters

    @wraps(report)
    def verb(**said: Any) -> None:
        report(**{name: said.pop(name) for name in said.keys() - options.keys()}, asked=_asked(**said))

    parameters: list[Parameter] = []
    for one in signature(report).parameters.values():
        parameters.extend(options.values() if one.name == "asked" else [one])
    shown: Any = verb  # Typer reads the options from its signature
    shown.__signature__ = Signature([one.replace(kind=Parameter.KEYWORD_ONLY) for one in parameters])
    return verb


@reports.command("effectiveness")
@narrowed
def effectiveness(
    context: typer.Context,
    by: By = "placement",
    stage: Stage = "interview",
    *,
    asked: Asked,
    sort: Annotated[str | None, typer.Option(help="A column, with - before it for the largest first")] = None,
    format: Format = "table",
    language: Language = None,
) -> None:
    """After which ads doctors got further, how sure that is, and what is unknown."""
    from app.reports.effectiveness import report_effectiveness
    from app.reports.export import effectiveness_csv
    from app.reports.ordering import order_rows
    from app.reports.tables import effectiveness_table

    runtime: Runtime = context.obj
    with answering(runtime, language) as session:
        scope = question(runtime, by=by, stage=stage, **read_limits(session, **asked))
        answer = order_rows(report_effectiveness(session, scope), sort=sort)
        tell_file(runtime, "effectiveness", format)
        print_answer(answer, format, effectiveness_csv, effectiveness_table)


@reports.command("funnel")
@narrowed
def funnel(
    context: typer.Context,
    view: Annotated[str, typer.Option(help="cohort, activity or snapshot")] = "cohort",
    *,
    asked: Asked,
    format: Format = "table",
    language: Language = None,
) -> None:
    """Where applicants are, and where they stop."""
    from app.reports.export import funnel_csv
    from app.reports.funnel import report_funnel
    from app.reports.tables import funnel_table

    runtime: Runtime = context.obj
    with answering(runtime, language) as session:
        scope = question(runtime, view=view, **read_limits(session, **asked))
        answer = report_funnel(session, scope)
        tell_file(runtime, "funnel", format)
        print_answer(answer, format, funnel_csv, funnel_table)


@reports.command("unmatched")
def unmatched(
    context: typer.Context, include_units: Units = True, format: Format = "table", language: Language = None
) -> None:
    """Codes, labels and hosts that were seen and lead to no placement."""
    from app.reports.export import unmatched_csv
    from app.reports.tables import unmatched_table
    from app.reports.unmatched import report_unmatched

    runtime: Runtime = context.obj
    with answering(runtime, language) as session:
        answer = report_unmatched(session, question(runtime, include_units=include_units))
        tell_file(runtime, "unmatched", format)
        print_answer(answer, format, unmatched_csv, unmatched_table)


@reports.command("unknown")
@narrowed
def unknown(
    context: typer.Context, asked: Asked, stage: Stage = "interview", format: Format = "table",
    language: Language = None,
) -> None:  # fmt: skip
    """What is not known yet, with its count, why, what would tell it, and when where that can be estimated."""
    from app.reports.export import unknown_csv
    from app.reports.tables import unknown_table
    from app.web.unknown import ask_unknown

    runtime: Runtime = context.obj
    with answering(runtime, language) as session:
        limits = read_limits(session, **asked)
        answer = ask_unknown(session, question(runtime, stage=stage, **limits))
        tell_file(runtime, "unknown", format)
        print_answer(answer, format, unknown_csv, unknown_table)


@reports.command("paths")
@narrowed
def paths(
    context: typer.Context,
    by: By = "placement",
    stage: Stage = "interview",
    between: Annotated[bool, typer.Option("--between", help="Only what was met after the stage before")] = False,
    intervals: Annotated[bool, typer.Option("--intervals", help="Draw people anew for an interval")] = False,
    markov_order: Annotated[
        int, typer.Option(help="The chain goes on from the last step (1), or the last two (2)")
    ] = 1,
    *,
    asked: Asked,
    format: Format = "table",
    language: Language = None,
) -> None:
    """On which ways people came to a stage, and the ways of sharing credit for it."""
    from app.reports.export import paths_csv
    from app.reports.paths import Touches, report_paths
    from app.reports.tables import paths_table

    runtime: Runtime = context.obj
    with answering(runtime, language) as session:
        scope = question(runtime, by=by, stage=stage, **read_limits(session, **asked))
        touches = Touches.BETWEEN if between else Touches.STAGE
        answer = report_paths(session, scope, touches, intervals=intervals, markov_order=markov_order)
        tell_file(runtime, "paths", format)
        print_answer(answer, format, paths_csv, paths_table)


@reports.command("compare")
def compare(
    context: typer.Context,
    a: Annotated[str, typer.Argument(help="A row's key, a tracking code, or a period: 2026-01-01/2026-03-31")],
    b: Annotated[str, typer.Argument(help="The other one")],
    by: Annotated[
        str, typer.Option(help="placement, asset, format, channel, campaign, persona or period")
    ] = "placement",
    stage: Stage = "interview",
    from_: From = None,
    to: To = None,
    as_of: AsOf = None,
    include_units: Units = True,
    format: Format = "table",
    language: Language = None,
) -> None:
    """Two placements, formats or periods side by side, with the probability that the first goes further."""
    from app.reports.comparison import report_comparison
    from app.reports.export import comparison_csv
    from app.reports.tables import comparison_table

    runtime: Runtime = context.obj
    with answering(runtime, language) as session:
        scope = question(runtime, stage=stage, from_=from_, to=to, as_of=as_of, include_units=include_units)
        answer = report_comparison(session, scope, by, a, b)
        tell_file(runtime, "comparison", format)
        print_answer(answer, format, comparison_csv, comparison_table)


@reports.command("explain")
@narrowed
def explain(
    context: typer.Context,
    row: Annotated[str, typer.Argument(help="The row's key, such as poster; a placement's tracking code or id")],
    by: By = "placement",
    stage: Stage = "interview",
    *,
    asked: Asked,
    format: Format = "table",
    language: Language = None,
) -> None:
    """Why we say of a row what we say, back to the applications that were counted."""
    from app.planning.placement import get_placement_named
    from app.reports.explain import name_explanation, report_explanation
    from app.reports.explain_table import explanation_table
    from app.reports.export import explanation_csv

    runtime: Runtime = context.obj
    with answering(runtime, language) as session:
        scope = question(runtime, by=by, stage=stage, **read_limits(session, **asked))
        key = str(get_placement_named(session, row).id) if by == "placement" else row
        answer = report_explanation(session, scope, key, exact=True)
        tell_file(runtime, name_explanation(scope.by, key), format)
        print_answer(answer, format, explanation_csv, explanation_table)


@reports.command("forecasts")
@narrowed
def forecasts(
    context: typer.Context, by: By = "placement", stage: Stage = "interview", *, asked: Asked, format: Format = "table",
    language: Language = None,
) -> None:  # fmt: skip
    """What was foretold half a year ago, and what came; dates change nothing."""
    from app.reports.export import forecasts_csv
    from app.reports.forecasts import report_forecasts
    from app.reports.tables import forecasts_table

    runtime: Runtime = context.obj
    with answering(runtime, language) as session:
        answer = report_forecasts(session, question(runtime, by=by, stage=stage, **read_limits(session, **asked)))
        tell_file(runtime, "forecasts", format)
        print_answer(answer, format, forecasts_csv, forecasts_table)


@reports.command("monthly")
def monthly(
    context: typer.Context,
    protected: Annotated[bool, typer.Option("--protected", help="Hide counts under ten, to be shared")] = False,
    format: Format = "table", language: Language = None,
) -> None:  # fmt: skip
    """How many applied each month through each channel, and how many of them came to an interview."""
    from app.reports.export import monthly_csv
    from app.reports.monthly import report_monthly
    from app.reports.tables import monthly_table

    runtime: Runtime = context.obj
    with answering(runtime, language) as session:
        answer = report_monthly(session, question(runtime, include_units=True), exact=not protected)
        tell_file(runtime, "monthly", format)
        print_answer(answer, format, monthly_csv, monthly_table)


@reports.command("plan")
def plan(
    context: typer.Context, campaign: Campaign = None, include_units: Units = True, format: Format = "table",
    language: Language = None,
) -> None:  # fmt: skip
    """Every campaign as it was meant and as it went: its money, its stages, and the sum behind what was expected."""
    from app.reports.against_plan import report_plan
    from app.reports.export import plan_csv
    from app.reports.tables import plan_table

    runtime: Runtime = context.obj
    with answering(runtime, language) as session:
        limits = read_limits(session, campaign=campaign)
        answer = report_plan(session, question(runtime, include_units=include_units, **limits))
        tell_file(runtime, "plan", format)
        print_answer(answer, format, plan_csv, plan_table)


@contextmanager
def answering(runtime: Runtime, language: str | None) -> Iterator["Session"]:
    """A session that reads the organisation, while answers are put into the language that was asked for."""
    with (
        speaking(runtime.language(language)),
        runtime.database.reading(runtime.organisation_id) as session,
    ):
        yield session


def question(runtime: Runtime, *, include_units: bool, **asked: str | None) -> "Scope":
    """The question, read from words; a wrong word is an error that names the option."""
    from app.reports.question import read_scope

    words = {name.rstrip("_"): value for name, value in asked.items()}
    return read_scope(runtime.organisation_id, runtime.now(), {**words, "include_units": str(include_units).lower()})


def tell_file(runtime: Runtime, report: str, format: str) -> None:
    """Tell the audit of a report that leaves as a file; a table stays on the screen."""
    from app.access.audit import Action, record

    if format != "table":
        with runtime.database.writing(runtime.organisation_id) as session:
            record(session, Action.EXPORTED, "report", f"{report}.{format}")


def print_answer(answer: Any, format: str, to_csv: Any, to_table: Any) -> None:
    from app.errors import Invalid, Problem

    if format == "json":
        typer.echo(answer.model_dump_json(indent=2))
    elif format == "csv":
        typer.echo(to_csv(answer), nl=False)
    elif format == "table":
        from rich.console import Console

        Console().print(to_table(answer))
    else:
        raise Invalid([Problem("--format", _("Choose table, json or csv."))])
