"""Verbs on files of assets: added, taken, removed, put back, and the folder held against what the database names."""

import uuid
from pathlib import Path
from typing import Annotated

import typer

from app.cli import group
from app.cli.runtime import Runtime
from app.i18n import _, ngettext

files = group("files", "The files of assets: pictures, films, printed pages and captions.")

AssetNamed = Annotated[str, typer.Argument(help="Name or id of the asset")]
FileKey = Annotated[uuid.UUID, typer.Argument(help="As `kutsu files list` prints it")]


@files.command("add")
def add(
    context: typer.Context,
    asset: AssetNamed,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    purpose: Annotated[str | None, typer.Option(help="main, preview or captions [default: as its kind says]")] = None,
    language: Annotated[str | None, typer.Option(help="en, fi, sv or nb; captions need one")] = None,
) -> None:
    """Add a file to an asset; what a camera or a program noted in it is left out."""
    from app.files.receiving import Receiving
    from app.planning.asset import get_asset_named
    from app.planning.asset_file import AssetFileIn
    from app.planning.filing import add_file
    from app.planning.problem import read_as

    runtime: Runtime = context.obj
    given = read_as(AssetFileIn, {"name": file.name, "purpose": purpose, "language": language})
    with runtime.database.reading(runtime.organisation_id) as session:
        asset_id = get_asset_named(session, asset).id
    with Receiving(runtime.files, runtime.organisation_id, file.name) as receiving, file.open("rb") as source:
        received = receiving.read(source)
        with runtime.database.writing(runtime.organisation_id) as session:
            added = add_file(session, runtime.files, asset_id, received, given, now=runtime.now())
            typer.echo(f"{added.id}: {added.name}")


@files.command("list")
def list_all(
    context: typer.Context,
    asset: AssetNamed,
    removed: Annotated[bool, typer.Option("--removed", help="Those that can be put back")] = False,
) -> None:
    """The files of an asset, each by its key."""
    from app.planning.asset import get_asset_named
    from app.planning.asset_file import list_files

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        for one in list_files(session, get_asset_named(session, asset).id, removed=removed):
            typer.echo(f"{one.id}\t{one.purpose}\t{one.language or '-'}\t{one.media_type}\t{one.size}\t{one.name}")


@files.command("take")
def take(
    context: typer.Context,
    asset: AssetNamed,
    key: FileKey,
    out: Annotated[Path | None, typer.Option(help="The file to write [default: as it is called]")] = None,
) -> None:
    """Write a file as it is kept; one that lies here under that name already is left alone."""
    import shutil

    from app.errors import Conflict
    from app.planning.asset import get_asset_named
    from app.planning.asset_file import get_file

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        file = get_file(session, get_asset_named(session, asset).id, key)
        kept = runtime.files.open(file.organisation_id, file.sha256, file.name)
        target = out or Path(file.name)
    with kept:
        try:
            copy = target.open("xb")
        except OSError as error:
            raise Conflict(
                _("“%(file)s” cannot be written (%(why)s); say another by --out.", file=target, why=error.strerror)
            ) from None
        with copy:
            shutil.copyfileobj(kept, copy)
    typer.echo(str(target))


@files.command("remove")
def remove(context: typer.Context, asset: AssetNamed, key: FileKey) -> None:
    """Take a file from its asset; for 30 days it can be put back."""
    from app.planning.asset import get_asset_named
    from app.planning.filing import remove_file

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        found = get_asset_named(session, asset)
        file = remove_file(session, found.id, key, revision=None, now=runtime.now())
        typer.echo(_("“%(name)s” is removed. To put it back: kutsu files put-back.", name=file.name))


@files.command("put-back")
def restore(context: typer.Context, asset: AssetNamed, key: FileKey) -> None:
    """Give an asset a file again that was removed."""
    from app.planning.asset import get_asset_named
    from app.planning.filing import put_back

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        file = put_back(session, get_asset_named(session, asset).id, key, now=runtime.now())
        typer.echo(_("“%(name)s” is there again.", name=file.name))


@files.command("check")
def check(context: typer.Context) -> None:
    """Read every file that the database names and say which are missing or altered: after a restore, or a move."""
    from app.access.organisation import list_organisations
    from app.planning.filing import count_named, find_faulty

    runtime: Runtime = context.obj
    with runtime.database.reading() as session:
        every = [one.id for one in list_organisations(session)]
    total, faulty = 0, 0
    for organisation in [runtime.organisation_id] if runtime.organisation_name else every:
        with runtime.database.reading(organisation) as session:
            total += count_named(session)
            for one in find_faulty(session, runtime.files):
                faulty += 1
                typer.echo(f"{one.fault}\t{one.asset}\t{one.file}\t{one.sha256}")
    if faulty:
        typer.echo(ngettext("%(n)s file is not as it was; put it back from a backup of the folder.",
                            "%(n)s files are not as they were; put them back from a backup of the folder.", faulty),
                   err=True)  # fmt: skip
        raise typer.Exit(1)
    typer.echo(ngettext("%(n)s file is as it was.", "%(n)s files are as they were.", total))
