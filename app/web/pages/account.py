"""One's own account: name, password, second step, and where one is signed in."""

import uuid
from collections.abc import Sequence
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from markupsafe import Markup

from app.access import second_step
from app.access.session import UserSession, end_session, end_sessions, list_sessions
from app.access.signing_in import Member
from app.access.user import User, get_user, rename_user, set_password
from app.errors import Denied, NotReady
from app.i18n import _, moment, ngettext
from app.web.pages.door import client_of, go_to, read_id
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]


@router.get("/account")
def account(request: Request) -> Response:
    """The account."""
    return answer(request, _page)


def _page(visit: Visit, problems: Sequence[str] = ()) -> Response:
    return visit.page("account.html", account_view(visit, problems), 422 if problems else 200)


def account_view(visit: Visit, problems: Sequence[str] = ()) -> dict[str, Any]:
    """All that the page shows."""
    user = get_user(visit.session, visit.member.user_id)
    left = second_step.count_recovery_codes(visit.session, user)
    return {
        "title": _("Your account"),
        "problems": problems,
        "email": user.email,
        "name": user.name,
        "has_password": user.password_hash is not None,
        "second_step": user.totp_secret is not None,
        "codes_left": ngettext("%(n)s recovery code is left.", "%(n)s recovery codes are left.", left),
        "sessions": sorted(
            (_session(visit, one) for one in list_sessions(visit.session, user.id, now=visit.now)),
            key=lambda one: not one["here"],
        ),
    }


def _session(visit: Visit, one: UserSession) -> dict[str, Any]:
    zone = visit.organisation.zone
    return {
        "id": one.id,
        "browser": one.browser or _("A browser without a name"),
        "here": one.id == visit.member.session_id,
        "when": _("signed in %(began)s, last seen %(seen)s",
                  began=moment(one.created_at, zone), seen=moment(one.last_seen_at, zone)),
    }  # fmt: skip


def _user(visit: Visit) -> User:
    return get_user(visit.session, visit.member.user_id)


@router.post("/account/name")
def rename(request: Request, name: Text = "") -> Response:
    """Be called otherwise."""

    def do(visit: Visit) -> Response:
        rename_user(_user(visit), name)
        return go_to(visit.address("/account"))

    return change(request, do, _page)


@router.post("/account/password")
def change_password(request: Request, current: Text = "", password: Text = "") -> Response:
    """Choose another password; every other browser is signed out."""

    def do(visit: Visit) -> Response:
        user = _user(visit)
        set_password(user, password)
        end_sessions(visit.session, user.id, but=visit.member.session_id)
        return go_to(visit.address("/account"))

    return change(request, do, _page, first=lambda member: _confirm(request, member, current))


@router.get("/account/second-step")
def begin_second_step(request: Request) -> Response:
    """A fresh secret for an authenticator, to be scanned and tried once."""
    return answer(request, lambda visit: _second_step_page(visit, second_step.new_totp_secret()))


def _second_step_page(visit: Visit, secret: str, problems: Sequence[str] = ()) -> Response:
    user = _user(visit)
    address = second_step.address_for_authenticator(secret, user.email)
    seal: second_step.Seal = visit.request.app.state.signing_in.seal
    view = {
        "title": _("A second step when signing in"),
        "problems": problems,
        "qr": Markup(segno.make(address).svg_inline(scale=4, dark="#000", light="#fff")),  # noqa: S704 (made here)
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "sealed": seal.seal(f"{user.id} {secret}").decode(),
        "has_password": user.password_hash is not None,
    }
    return visit.page("second_step.html", view, 422 if problems else 200)


@router.post("/account/second-step")
def turn_on(request: Request, sealed: Text = "", code: Text = "", current: Text = "") -> Response:
    """Ask for codes from now on, and show the recovery codes once."""
    seal: second_step.Seal = request.app.state.signing_in.seal

    def do(visit: Visit) -> Response:
        user = _user(visit)
        secret = _open_secret(sealed, user.id, seal)
        codes = second_step.turn_on(visit.session, user, secret, code, seal, now=visit.now)
        end_sessions(visit.session, user.id, but=visit.member.session_id)
        return visit.page("recovery_codes.html", {"title": _("Your recovery codes"), "codes": codes})

    def again(visit: Visit, problems: Sequence[str]) -> Response:
        return _second_step_page(visit, _open_secret(sealed, visit.member.user_id, seal), problems)

    return change(request, do, again, first=lambda member: _confirm(request, member, current))


def _open_secret(sealed: str, user_id: uuid.UUID, seal: second_step.Seal) -> str:
    """The secret that was shown to this user."""
    try:
        whose, _space, secret = seal.open(sealed.encode(errors="replace")).partition(" ")
    except NotReady:
        whose = secret = ""
    if whose != str(user_id):
        raise Denied(_("This form is not yours; open the page anew."))
    return secret


@router.post("/account/second-step/off")
def turn_off(request: Request, current: Text = "") -> Response:
    """Ask for no codes any more."""

    def do(visit: Visit) -> Response:
        second_step.turn_off(visit.session, _user(visit))
        return go_to(visit.address("/account"))

    return change(request, do, _page, first=lambda member: _confirm(request, member, current))


def _confirm(request: Request, member: Member, password: str) -> None:
    """Make sure that it is the owner who sits there, before something changes that keeps others out."""
    state = request.app.state
    state.signing_in.confirm(member.user_id, password, client_of(request), now=state.clock())


@router.post("/account/sessions/end")
def sign_out_elsewhere(request: Request, session: Text = "") -> Response:
    """End one of one's sessions, or all but this one."""

    def do(visit: Visit) -> Response:
        if session == "others":
            end_sessions(visit.session, visit.member.user_id, but=visit.member.session_id)
        else:
            end_session(visit.session, visit.member.user_id, read_id(session))
        return go_to(visit.address("/account"))

    return change(request, do, _page)
