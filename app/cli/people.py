"""Verbs on the people who sign in, and the links by which the first of them come."""

from typing import Annotated

import typer

from app.cli import group
from app.cli.listing import print_address
from app.cli.runtime import Runtime
from app.i18n import _

SmallCounts = Annotated[
    bool | None,
    typer.Option(
        "--small-counts/--no-small-counts", help="Whether counts under ten are shown [default: not to viewers]"
    ),
]

users = group("user", "The people who sign in.")

DEMO_EMAIL = "visitor@demo.invalid"


@users.command("invite")
def invite(
    context: typer.Context,
    email: str,
    role: Annotated[str, typer.Option(help="viewer, marketer, consultant or administrator")],
    small_counts: SmallCounts = None,
) -> None:
    """Invite somebody to the organisation; the link is printed once."""
    from app.access.invitation import invite
    from app.access.membership import read_role

    runtime: Runtime = context.obj
    with runtime.database.writing(runtime.organisation_id) as session:
        secret = invite(session, email, read_role(role), now=runtime.now(), sees_small_counts=small_counts)
    print_address(runtime, f"invitation/{secret}")


@users.command("list")
def list_users(context: typer.Context) -> None:
    """Who belongs to the organisation."""
    from app.access.membership import list_people

    runtime: Runtime = context.obj
    with runtime.database.reading(runtime.organisation_id) as session:
        for one in list_people(session):
            second = _("with a second step") if one.second_step else _("without a second step")
            seen = f"{one.last_seen_at:%Y-%m-%d %H:%M} UTC" if one.last_seen_at else _("not seen yet")
            sees = _("sees small counts") if one.sees_small_counts else _("sees no small counts")
            typer.echo("\t".join((one.email, one.name, one.role.value, sees, second, seen)))


@users.command("role")
def give_role(
    context: typer.Context,
    email: str,
    role: Annotated[str, typer.Argument(help="viewer, marketer, consultant or administrator")],
    small_counts: SmallCounts = None,
) -> None:
    """Give a member another role, and the right to see small counts or not."""
    from app.access.membership import change_role, list_people, read_role
    from app.access.token import sees_by_default
    from app.access.user import normalise_email
    from app.errors import Missing

    runtime: Runtime = context.obj
    given = read_role(role)
    with runtime.database.writing(runtime.organisation_id) as session:
        found = [one for one in list_people(session) if one.email == normalise_email(email)]
        if not found:
            raise Missing(_("There is no user %(email)s; `kutsu user list` shows who there is.", email=email))
        sees = sees_by_default(given) if small_counts is None else small_counts
        change_role(session, found[0].membership_id, given, sees_small_counts=sees)
    typer.echo(_("%(email)s is %(role)s now.", email=email, role=given.value))


@users.command("reset")
def reset(context: typer.Context, email: str) -> None:
    """Print a link by which a user chooses a new password; it also turns the second step off."""
    from app.access.account_link import Purpose, make_link
    from app.access.user import find_user
    from app.errors import Missing

    runtime: Runtime = context.obj
    with runtime.database.writing() as session:
        user = find_user(session, email)
        if user is None:
            raise Missing(_("There is no user %(email)s; `kutsu user list` shows who there is.", email=email))
        secret = make_link(session, user, Purpose.RESET, now=runtime.now())
    print_address(runtime, f"reset/{secret}")


def demo_link(runtime: Runtime) -> str:
    """The secret of a link that signs the demo's visitor in as the city's administrator."""
    from app.access.account_link import Purpose, make_link
    from app.access.membership import add_member
    from app.access.token import Role
    from app.access.user import create_user, find_user

    now = runtime.now()
    with runtime.database.writing(runtime.organisation_id) as session:
        user = find_user(session, DEMO_EMAIL) or create_user(session, DEMO_EMAIL, "Visitor", None, now=now)
        add_member(session, user, Role.ADMINISTRATOR, now=now)
        return make_link(session, user, Purpose.SIGN_IN, now=now)


def first_invitations(runtime: Runtime) -> list[tuple[str, str]]:
    """The organisations that nobody administers, each with the secret of an invitation to do so."""
    from app.access.invitation import FIRST_GOOD_FOR, invite
    from app.access.membership import has_administrator
    from app.access.organisation import list_organisations
    from app.access.token import Role

    with runtime.database.reading() as session:
        organisations = [(one.id, one.name) for one in list_organisations(session) if one.parent_id is None]
    invited = []
    for organisation_id, name in organisations:
        with runtime.database.writing(organisation_id) as session:
            if not has_administrator(session):
                secret = invite(session, None, Role.ADMINISTRATOR, now=runtime.now(), good_for=FIRST_GOOD_FOR)
                invited.append((name, secret))
    return invited
