"""Verbs on ad platforms' files: taken in, taken back, and their campaigns matched to placements."""

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import group
from app.cli.data import imports
from app.cli.listing import Format, print_line, print_rows
from app.cli.runtime import Runtime
from app.i18n import _, date, money, ngettext, number

if TYPE_CHECKING:
    from app.intake.ad_totals.settling import Hints
    from app.web.api.ad_totals import AdImportOut, UnmatchedAdOut

totals = group("ad-totals", "What ad platforms' files say: taken back, and matched to placements.")

Ours = Annotated[str, typer.Argument(help="Tracking code or id of the placement")]
Theirs = Annotated[str, typer.Argument(help="The campaign's name at the platform")]
OneAd = Annotated[str, typer.Option("--ad", help="One ad of the campaign, by its name there [default: all of it]")]


@imports.command("ad-totals")
def import_ad_totals(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or XLSX, as the platform exports it")],
    map: Annotated[
        Path | None,
        typer.Option(
            "--map", exists=True, dir_okay=False,
            help="TOML that says what the file does not: platform, account, currency, decimal, dates, [columns]",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and store nothing")] = False,
) -> None:  # fmt: skip
    """Take in what an ad platform says was shown, clicked and spent, by day; whole or not at all."""
    from app.intake.ad_totals.keeping import foresee, hold, keep
    from app.intake.ad_totals.reading import read_ad_file
    from app.reports.spending import load_flights, load_unmatched
    from app.web.pages.spending_words import left_out_words

    runtime: Runtime = context.obj
    now, database, organisation = runtime.now(), runtime.database, runtime.organisation_id
    read = read_ad_file(_read_bytes(file), file.name, _read_map(map), now.date())
    opening = database.rehearsing if dry_run else database.writing
    with opening(organisation) as session:
        held = hold(session, read, file.name, now)
        replaced = foresee(session, held).replaced
        kept = keep(session, held.id, now)
        spent = money(kept.spend_minor or 0, kept.currency, cents=True) if kept.currency else _("nothing known")
        days = f"{date(kept.first_day)} – {date(kept.last_day)}"
        count, left_out = kept.count, left_out_words(kept.columns_left_out or [])
        names = list(dict.fromkeys(ad.campaign for ad in load_unmatched(session, load_flights(session))))
    typer.echo(
        ngettext("%(n)s total of %(days)s, %(spent)s spent; it takes the place of %(replaced)s.",
                 "%(n)s totals of %(days)s, %(spent)s spent; they take the place of %(replaced)s.",
                 count, days=days, spent=spent, replaced=number(replaced))
    )  # fmt: skip
    if left_out:
        typer.echo(left_out)
    if names:
        quoted = ", ".join(_("“%(name)s”", name=name) for name in names)
        typer.echo(
            _(
                "To be matched to placements, under Data in › Ad platforms or with kutsu ad-totals match: %(names)s.",
                names=quoted,
            )
        )
    if dry_run:
        typer.echo(_("This was a rehearsal: nothing was stored."))


@totals.command("list")
def list_files(context: typer.Context, format: Format = "table") -> None:
    """The files that were taken in, the newest first, each with its id."""
    from app.intake.ad_totals.keeping import list_imports
    from app.web.api.ad_totals import AdImportOut, describe_import

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        shown = [describe_import(one) for one in list_imports(session)]
    print_rows(AdImportOut, shown, format, _file_cells, _("No file of an ad platform was taken in yet."))


@totals.command("undo")
def undo_file(context: typer.Context, file: Annotated[str, typer.Argument(help="Its id")]) -> None:
    """Take a file back within 30 days: for its days, what stood before stands again."""
    from app.errors import Missing
    from app.intake.ad_totals.keeping import undo
    from app.web.api.ad_totals import describe_import

    runtime: Runtime = context.obj
    try:
        key = uuid.UUID(file)
    except ValueError:
        raise Missing(_("No file has the id “%(id)s”; kutsu ad-totals list shows them.", id=file)) from None
    with runtime.database.writing(runtime.organisation_id) as session:
        print_line(_file_cells(describe_import(undo(session, key, runtime.now()))))


@totals.command("unmatched")
def list_unmatched(context: typer.Context, format: Format = "table") -> None:
    """The campaigns and ads that lead to no placement yet, those that cost most first."""
    from app.reports.spending import load_flights, load_unmatched
    from app.web.api.ad_totals import UnmatchedAdOut, describe_ad

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        shown = [describe_ad(one) for one in load_unmatched(session, load_flights(session))]
    print_rows(UnmatchedAdOut, shown, format, _ad_cells, _("Every campaign leads to a placement."))


@totals.command("match")
def match_ad(context: typer.Context, campaign: Theirs, placement: Ours, ad: OneAd = "") -> None:
    """Say which placement a campaign is, or one ad of it; it holds for what is taken in later, too."""
    from app.errors import Missing
    from app.funnel.daily_ad_total import sum_ads
    from app.planning.alias import SourceAliasIn, create_source_alias
    from app.planning.placement import get_placement_named
    from app.planning.tracking import AliasKind, fold_ad

    runtime: Runtime = context.obj
    observed = fold_ad(campaign, ad)
    with runtime.database.writing(runtime.organisation_id) as session:
        if observed not in {fold_ad(one.campaign, one.ad if ad else "") for one in sum_ads(session)}:
            named = f"{campaign}, {ad}" if ad else campaign
            raise Missing(_("No file names “%(name)s”; kutsu ad-totals unmatched shows what waits.", name=named))
        found = get_placement_named(session, placement)
        said = SourceAliasIn(kind=AliasKind.AD, observed=observed, placement_id=found.id)
        create_source_alias(session, said, now=runtime.now())
        print_line((observed, found.tracking_code, found.name))


@totals.command("forget")
def forget_ad(context: typer.Context, campaign: Theirs, ad: OneAd = "") -> None:
    """Let a campaign, or one ad of it, stand for nothing again."""
    from sqlalchemy import select

    from app.errors import Missing
    from app.planning.alias import delete_source_alias
    from app.planning.tracking import AliasKind, SourceAlias, fold_ad

    runtime: Runtime = context.obj
    observed = fold_ad(campaign, ad)
    with runtime.database.writing(runtime.organisation_id) as session:
        asked = select(SourceAlias).where(SourceAlias.kind == AliasKind.AD, SourceAlias.observed == observed)
        found = session.scalar(asked)
        if found is None:
            raise Missing(_("Nobody has said which placement “%(name)s” is.", name=observed))
        delete_source_alias(session, found.id, revision=None)
    typer.echo(_("“%(name)s” leads to no placement any more, unless its name or code does.", name=observed))


def _file_cells(one: "AdImportOut") -> tuple[object, ...]:
    spent = f"{one.spent.amount} {one.spent.currency}" if one.spent else None
    return one.name, one.platform, one.first_day, one.last_day, one.count, spent, one.state, one.id


def _ad_cells(one: "UnmatchedAdOut") -> tuple[object, ...]:
    spent = f"{one.spent.amount} {one.spent.currency}" if one.spent else None
    return one.campaign, one.ad, one.platform, one.account, one.first_day, one.last_day, one.clicks, spent


def _read_bytes(file: Path) -> bytes:
    """The file, as far as one may be long; whatever is longer is refused by its length."""
    from app.spreadsheets import LARGEST_FILE

    with file.open("rb") as opened:
        return opened.read(LARGEST_FILE + 1)


def _read_map(map: Path | None) -> "Hints":
    import tomllib

    from app.errors import Invalid, Problem
    from app.intake.ad_totals.settling import Hints
    from app.planning.problem import read_as

    if map is None:
        return Hints()
    try:
        said = tomllib.loads(map.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid([Problem("--map", _("This is no TOML: %(why)s.", why=error))]) from None
    return read_as(Hints, said)
