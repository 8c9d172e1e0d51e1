"""Verbs on machines and on what was done: tokens and the audit."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import group
from app.cli.people import SmallCounts
from app.cli.runtime import Runtime
from app.i18n import _

if TYPE_CHECKING:
    from app.access.token import ApiToken

tokens = group("token", "Keys by which other systems come in.")
audits = group("audit", "What was done, and whether the account of it is whole.")


@tokens.command("create")
def create_token(
    context: typer.Context,
    role: Annotated[str, typer.Option(help="viewer, marketer, consultant, administrator or service")],
    system: Annotated[str, typer.Option(help="The name of the system that will hold it")] = "api",
    days: Annotated[int | None, typer.Option(help="Days until it expires [default: never]", min=1, max=36_500)] = None,
    small_counts: SmallCounts = None,
    scope: Annotated[list[str] | None, typer.Option(help="Part of what the role may do; may be repeated")] = None,
) -> None:
    """Make a token; it is printed once and cannot be shown again."""
    from app.access.token import Role, Scope, create_token
    from app.errors import Invalid, Problem

    runtime: Runtime = context.obj
    if role not in set(Role):
        raise Invalid([Problem("--role", _("Choose one of %(known)s.", known=", ".join(Role)))])
    if unknown := set(scope or ()) - set(Scope):
        known = ", ".join(Scope)
        wrong = ", ".join(sorted(unknown))
        raise Invalid([Problem("--scope", _("%(wrong)s is none of %(known)s.", wrong=wrong, known=known))])
    now = runtime.now()
    with runtime.database.writing(runtime.organisation_id) as session:
        secret = create_token(
            session, system, Role(role), now=now,
            expires_at=now + dt.timedelta(days=days) if days else None,
            scopes=[Scope(one) for one in scope] if scope else None,
            sees_small_counts=small_counts,
        )  # fmt: skip
    typer.echo(secret)


@tokens.command("list")
def list_tokens(context: typer.Context) -> None:
    """Show every token by its first characters: what it may do, when it was used, whether it has ended."""
    from app.access.token import list_tokens

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        for token in list_tokens(session):
            used = f"{token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else _("never")
            may, state = ", ".join(sorted(token.allowed)), _state(token, runtime.now())
            # A line each, however wide the window: keys are there to be copied.
            typer.echo(f"{token.id}  {token.prefix}  {token.system}: {may}; {_('last used')} {used}; {state}")


def _state(token: "ApiToken", now: dt.datetime) -> str:
    if token.revoked_at is not None:
        return _("revoked on %(day)s", day=f"{token.revoked_at:%Y-%m-%d}")
    if token.expires_at is None:
        return _("valid")
    if token.is_valid(now):
        return _("valid until %(day)s", day=f"{token.expires_at:%Y-%m-%d}")
    return _("expired on %(day)s", day=f"{token.expires_at:%Y-%m-%d}")


@tokens.command("revoke")
def revoke_token(
    context: typer.Context, token: Annotated[str, typer.Argument(help="Its key or its first characters")]
) -> None:
    """End a token at once and for good."""
    from app.access.token import list_tokens, revoke_token
    from app.errors import Missing

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        meant = [one for one in list_tokens(session) if token in (str(one.id), one.prefix)]
        if len(meant) != 1:
            raise Missing(_("There is no such token; `kutsu token list` shows them."))
        revoke_token(session, meant[0].id, now=runtime.now())
        system = meant[0].system
    typer.echo(_("The token of %(system)s is revoked.", system=system))


@audits.command("verify")
def verify_audit(
    context: typer.Context,
    noted: Annotated[str, typer.Option(help="NUMBER:HASH that this verb printed before, kept elsewhere")] = "",
) -> None:
    """Go over the chain of entries from the first to the last; exit status 1 when it is not whole."""
    from app.access.audit_reading import verify

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        found = verify(session, runtime.organisation_id, _noted(noted))
    if found.broken is not None:
        typer.echo(_("Entry %(n)s: %(why)s.", n=found.broken, why=found.why))
        raise typer.Exit(1)
    typer.echo(_("%(n)s entries, whole. Note elsewhere: %(n)s:%(hash)s", n=found.entries, hash=found.hash))


@audits.command("refusals")
def show_refusals(
    context: typer.Context,
    hours: Annotated[int, typer.Option(help="How many of the last counts to show", min=1, max=20_000)] = 48,
) -> None:
    """How often in each hour an address without an account or a made-up token was refused, by UTC."""
    from app.access.refusal import list_refusals

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        found = [(f"{one.hour:%Y-%m-%d %H:%M}", one.kind, one.count) for one in list_refusals(session, hours)]
    for hour, kind, count in found:
        typer.echo(f"{hour}  {kind}  {count}")
    if not found:
        typer.echo(_("Nobody has tried an address without an account or a made-up token lately."))


def _noted(given: str) -> tuple[int, str] | None:
    from app.errors import Invalid, Problem

    number, _colon, hash_ = given.partition(":")
    if not given:
        return None
    if not number.isdecimal() or len(hash_) != 64:
        raise Invalid([Problem("--noted", _("Give the number and the hash as they were printed, with : between."))])
    return int(number), hash_
