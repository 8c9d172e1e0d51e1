"""Links that are given to one person: an invitation to take up, and a new password to choose."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.access.account_link import Purpose, get_linked_user, use_link
from app.access.invitation import Invitation, get_invitation, take_up
from app.access.organisation import get_organisation
from app.access.second_step import turn_off
from app.access.session import choose_place, end_sessions, start_session
from app.access.signing_in import Member, SignedIn
from app.access.token import Role
from app.access.user import create_user, find_user, get_user, set_password
from app.errors import Conflict, Denied, Invalid, Missing
from app.i18n import _, speaking
from app.web.pages.door import client_of, go_to, let_in, require_own_form
from app.web.pages.roles import role_name
from app.web.pages.visit import bare_page, find_member, guarded, language_of, outer_page, problems_of

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
Again = Callable[[Sequence[str]], Response]


@router.get("/invitation/{secret}")
def invitation(request: Request, secret: str) -> Response:
    """What the invitation is to, and how to take it up."""
    return _attempt(request, lambda: _invitation_page(request, secret))


@router.post("/invitation/{secret}")
def accept(request: Request, secret: str, email: Text = "", name: Text = "", password: Text = "") -> Response:
    """Take the invitation up: with the account that is signed in, or with a new one."""

    def go() -> Response:
        require_own_form(request)
        member = find_member(request)
        if member is not None:
            return _join(request, secret, member)
        return _begin(request, secret, email, name, password)

    return _attempt(request, go, lambda problems: _invitation_page(request, secret, problems, email, name))


def _invitation_page(
    request: Request, secret: str, problems: Sequence[str] = (), email: str = "", name: str = ""
) -> Response:
    state, member = request.app.state, find_member(request)
    with state.database.reading() as session:
        found = get_invitation(session, secret, now=state.clock())
        organisation = get_organisation(session, found.organisation_id).name
        has_account = found.email is not None and find_user(session, found.email) is not None
        invited, role = found.email, Role(found.role)

    def view() -> dict[str, Any]:
        return {
            "title": _("Welcome to %(organisation)s", organisation=organisation), "role": role_name(role),
            "invited": invited, "member": member.name if member else "", "has_account": has_account,
            "door": f"/sign-in?next=/invitation/{secret}", "problems": problems, "email": email, "name": name,
            "provider": state.provider.name if state.provider and invited else "",
        }  # fmt: skip

    return outer_page(request, "invitation.html", view, 422 if problems else 200)


def _join(request: Request, secret: str, member: Member) -> Response:
    with _taking(request, secret) as (session, found):
        take_up(session, found.id, get_user(session, member.user_id), now=request.app.state.clock())
        organisation_id = found.organisation_id
    with request.app.state.database.writing() as session:
        choose_place(session, member.session_id, organisation_id)
    return go_to("/")


def _begin(request: Request, secret: str, email: str, name: str, password: str) -> Response:
    now = request.app.state.clock()
    with _taking(request, secret) as (session, found):
        user = create_user(session, found.email or email, name, password, now=now)
        take_up(session, found.id, user, now=now)
        opened = start_session(session, user, browser=client_of(request).browser, now=now)
    return let_in(request, SignedIn(opened, False))


@contextmanager
def _taking(request: Request, secret: str) -> Iterator[tuple[Session, Invitation]]:
    """A session for the organisation that the link invites to, and the invitation."""
    state = request.app.state
    with state.database.reading() as session:
        organisation_id = get_invitation(session, secret, now=state.clock()).organisation_id
    with state.database.writing(organisation_id) as session:
        yield session, get_invitation(session, secret, now=state.clock())


@router.get("/reset/{secret}")
def reset(request: Request, secret: str) -> Response:
    """Choose a new password with a link that the operator has printed."""
    return _attempt(request, lambda: _reset_page(request, secret))


@router.post("/reset/{secret}")
def choose_password(request: Request, secret: str, password: Text = "") -> Response:
    """Keep the new password, sign out everywhere, and begin anew without a second step."""

    def go() -> Response:
        require_own_form(request)
        now = request.app.state.clock()
        with request.app.state.database.writing() as session:
            user = use_link(session, secret, Purpose.RESET, now=now)
            set_password(user, password)
            turn_off(session, user)
            end_sessions(session, user.id)
            opened = start_session(session, user, browser=client_of(request).browser, now=now)
        return let_in(request, SignedIn(opened, False))

    return _attempt(request, go, lambda problems: _reset_page(request, secret, problems))


def _reset_page(request: Request, secret: str, problems: Sequence[str] = ()) -> Response:
    state = request.app.state
    with state.database.reading() as session:
        email = get_linked_user(session, secret, Purpose.RESET, now=state.clock()).email
    return outer_page(
        request, "reset.html", lambda: {"title": _("A new password"), "email": email, "problems": problems},
        422 if problems else 200,
    )  # fmt: skip


def _attempt(request: Request, go: Callable[[], Response], again: Again | None = None) -> Response:
    """What `go` answers; a rule that is broken brings the form again, a link that opens nothing a page."""

    def guard() -> Response:
        with speaking(language_of(request, "en")):
            try:
                try:
                    return go()
                except (Invalid, Conflict) as error:
                    if again is None:
                        raise
                    return again(problems_of(error))
            except (Missing, Denied) as error:
                return bare_page(request, 404 if isinstance(error, Missing) else 403, error.__str__)

    return guarded(request, guard)
