"""The verb that takes in ad platforms' files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.data import imports
from app.cli.runtime import Runtime
from app.i18n import _, date, money, ngettext, number

if TYPE_CHECKING:
    from app.intake.ad_totals.reading import Hints


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

    runtime: Runtime = context.obj
    now, database = runtime.now(), runtime.database
    read = read_ad_file(_read_bytes(file), file.name, _read_map(map), now.date())
    opening = database.rehearsing if dry_run else database.writing
    with opening(runtime.organisation_id) as session:
        held = hold(session, read, file.name, now)
        replaced = foresee(session, held).replaced
        kept = keep(session, held.id, now)
        spent = money(kept.spend_minor or 0, kept.currency, cents=True) if kept.currency else _("nothing known")
        days = f"{date(kept.first_day)} – {date(kept.last_day)}"
        count = kept.count
        names = list(dict.fromkeys(ad.campaign for ad in load_unmatched(session, load_flights(session))))
    typer.echo(
        ngettext("%(n)s total of %(days)s, %(spent)s spent; it takes the place of %(replaced)s.",
                 "%(n)s totals of %(days)s, %(spent)s spent; they take the place of %(replaced)s.",
                 count, days=days, spent=spent, replaced=number(replaced))
    )  # fmt: skip
    if names:
        quoted = ", ".join(_("“%(name)s”", name=name) for name in names)
        typer.echo(_("To be matched to placements, under Data in › Ad platforms: %(names)s.", names=quoted))
    if dry_run:
        typer.echo(_("This was a rehearsal: nothing was stored."))


def _read_bytes(file: Path) -> bytes:
    """The file, as far as one may be long; whatever is longer is refused by its length."""
    from app.spreadsheets import LARGEST_FILE

    with file.open("rb") as opened:
        return opened.read(LARGEST_FILE + 1)


def _read_map(map: Path | None) -> "Hints":
    import tomllib

    from app.errors import Invalid, Problem
    from app.intake.ad_totals.reading import Hints
    from app.planning.problem import read_as

    if map is None:
        return Hints()
    try:
        said = tomllib.loads(map.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid([Problem("--map", _("This is no TOML: %(why)s.", why=error))]) from None
    return read_as(Hints, said)
