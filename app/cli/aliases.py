"""Verbs on what names of sources and codes of nobody mean."""

import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import group
from app.cli.listing import Format, print_line, print_rows
from app.cli.runtime import Runtime
from app.i18n import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

aliases = group("alias", "What a label, a host, an ad's name or a code of nobody means: a channel or a placement.")

Kind = Annotated[str, typer.Argument(help="label, host, ad or code")]
Observed = Annotated[str, typer.Argument(help="As kutsu report unmatched shows it")]


@aliases.command("list")
def list_aliases(context: typer.Context, format: Format = "table") -> None:
    """Every name of which somebody said what it means."""
    from sqlalchemy import select

    from app.planning.alias import SourceAliasOut, describe_source_alias
    from app.planning.tracking import SourceAlias

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        rows = session.scalars(select(SourceAlias).order_by(SourceAlias.kind, SourceAlias.observed))
        shown = [describe_source_alias(one) for one in rows]
        names = _names(session)

    def cells(one: SourceAliasOut) -> tuple[object, ...]:
        return one.kind, one.observed, *names.get(one.placement_id or one.channel_id, (None, None))

    print_rows(SourceAliasOut, shown, format, cells, _("Nobody has said what a name means yet."))


def _names(session: "Session") -> "dict[uuid.UUID | None, tuple[str, str]]":
    """What each channel and placement is called, behind which of the two it is."""
    from sqlalchemy import select

    from app.planning.channel import Channel
    from app.planning.placement import Placement

    found: dict[uuid.UUID | None, tuple[str, str]] = {}
    for noun, row in (("channel", Channel), ("placement", Placement)):
        found |= {id: (noun, name) for id, name in session.execute(select(row.id, row.name))}
    return found


@aliases.command("say")
def say(
    context: typer.Context,
    kind: Kind,
    observed: Observed,
    channel: Annotated[str | None, typer.Option(help="Its name or id")] = None,
    placement: Annotated[str | None, typer.Option(help="Its tracking code or id")] = None,
) -> None:
    """Say which channel or placement a name means; whatever came under it is counted there from now on."""
    from app.planning.alias import SourceAliasIn, create_source_alias
    from app.planning.channel import get_channel_named
    from app.planning.placement import get_placement_named
    from app.planning.problem import read_as

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        of = get_channel_named(session, channel) if channel else None
        at = get_placement_named(session, placement) if placement else None
        said = {"kind": kind, "observed": observed, "channel_id": of and of.id, "placement_id": at and at.id}
        made = create_source_alias(session, read_as(SourceAliasIn, said), now=runtime.now())
        print_line((made.kind, made.observed, *(one.name for one in (of, at) if one)))


@aliases.command("forget")
def forget(context: typer.Context, kind: Kind, observed: Observed) -> None:
    """Let a name stand for nothing again."""
    from sqlalchemy import select

    from app.errors import Missing
    from app.planning.alias import delete_source_alias
    from app.planning.tracking import SourceAlias

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        asked = select(SourceAlias.id).where(SourceAlias.kind == kind, SourceAlias.observed == observed)
        found = session.scalar(asked)
        if found is None:
            raise Missing(_("Nobody has said what “%(name)s” means; kutsu alias list shows what was said.",
                            name=observed))  # fmt: skip
        delete_source_alias(session, found, revision=None)
    typer.echo(_("“%(name)s” stands for nothing any more.", name=observed))
