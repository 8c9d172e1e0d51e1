"""Tokens: which systems may come in, what each may do, and the end of it."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from app.access.token import ApiToken, Role, Scope, issue_token, list_tokens, revoke_token
from app.errors import Invalid, Missing, Problem
from app.i18n import _, date, ngettext
from app.web.pages.administering import Form, changing, only, read_form, require_administrator
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)

Sent = Annotated[Form, Depends(read_form)]
ALL = "all"
"""What the form sends where a token may do all that its role may."""


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as the list shows it."""

    system: str
    prefix: str
    role: str
    scopes: str
    used: str
    state: str
    revoke: str | None


@router.get("/tokens")
def tokens(request: Request) -> Response:
    """All tokens, and the form for another one."""
    return answer(request, _show)


@router.post("/tokens")
def create(request: Request, form: Sent) -> Response:
    """Make a token, and show it this once."""

    def make(visit: Visit) -> Response:
        require_administrator(visit)
        try:
            with changing(visit) as session:
                secret = _issue(session, form, visit)
        except Invalid as error:
            return _show(visit, form=form, problems=error.problems, status=422)
        return _show(visit, secret=secret)

    return answer(request, make)


@router.post("/tokens/{token_id}/revoke")
def revoke(request: Request, token_id: str) -> Response:
    """End a token at once and for good."""

    def make(visit: Visit) -> Response:
        require_administrator(visit)
        with changing(visit) as session:
            revoke_token(session, _read_id(token_id), now=visit.now)
        return RedirectResponse(visit.address("/tokens"), 303)

    return answer(request, make)


def _read_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Missing(_("There is no such token.")) from None


def _issue(session: Any, form: Form, visit: Visit) -> str:
    role, scopes, days = only(form, "role"), form.get("scopes", []), only(form, "days")
    problems = []
    if role not in set(Role):
        problems.append(Problem("role", _("Choose what the system may do.")))
    if not scopes:
        problems.append(Problem("scopes", _("Choose which of its rights it is given, or all that its role has.")))
    elif not set(scopes) <= {*Scope, ALL}:
        problems.append(Problem("scopes", _("Choose only what is offered.")))
    if days and (not days.isascii() or not days.isdecimal() or len(days) > 5 or not 1 <= int(days) <= 36_500):
        problems.append(
            Problem("days", _("Give the days until it expires as a number from 1 to 36,500, or leave it empty."))
        )
    if problems:
        raise Invalid(problems)
    expires_at = visit.now + dt.timedelta(days=int(days)) if days else None
    chosen = None if ALL in scopes else [Scope(scope) for scope in scopes]
    sees = {"yes": True, "no": False}.get(only(form, "small_counts"))
    return issue_token(
        session, only(form, "system"), Role(role), now=visit.now, expires_at=expires_at, scopes=chosen,
        sees_small_counts=sees,
    )[1]  # fmt: skip


def _show(
    visit: Visit,
    *,
    secret: str = "",
    form: Form | None = None,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    require_administrator(visit)
    view = tokens_view(visit, _reread(visit), secret=secret, form=form or {}, problems=problems)
    return visit.page("tokens.html", view, status)


def _reread(visit: Visit) -> list[ApiToken]:
    """The tokens as they are now: the visit's own session began before the change."""
    with visit.request.app.state.database.reading(visit.organisation.id) as session:
        found = list_tokens(session)
        session.expunge_all()
        return found


def tokens_view(
    visit: Visit, found: Sequence[ApiToken], *, secret: str, form: Form, problems: Sequence[Problem]
) -> dict[str, Any]:
    """All that the page shows."""
    valid = sum(token.is_valid(visit.now) for token in found)
    return {
        "title": _("Which systems may come in"),
        "finding": ngettext("%(n)s token is valid.", "%(n)s tokens are valid.", valid)
        if valid
        else _("No token is valid: no other system can come in."),
        "secret": secret,
        "problems": {problem.field: problem.message for problem in problems},
        "system": only(form, "system"),
        "days": only(form, "days"),
        "roles": [(role.value, role_words(role), role.value == only(form, "role")) for role in Role],
        "all": (ALL, ALL in form.get("scopes", [])),
        "scopes": [(scope.value, scope_words(scope), scope.value in form.get("scopes", [])) for scope in Scope],
        "action": visit.address("/tokens"),
        "tokens": [_row(visit, token) for token in found],
    }


def _row(visit: Visit, token: ApiToken) -> TokenRow:
    return TokenRow(
        token.system, token.prefix, role_words(Role(token.role)),
        ", ".join(_may(token)),
        date(token.last_used_at.astimezone(visit.organisation.zone).date()) if token.last_used_at else _("never"),
        _state(visit, token),
        visit.address(f"/tokens/{token.id}/revoke") if token.is_valid(visit.now) else None,
    )  # fmt: skip


def _may(token: ApiToken) -> Iterator[str]:
    for scope in (scope for scope in Scope if scope in token.allowed):
        is_hidden = scope is Scope.REPORTS_READ and not token.sees_small_counts
        yield _("read the months alone, with small counts hidden") if is_hidden else scope_words(scope)
    if token.sees_small_counts and Scope.REPORTS_READ in token.allowed:
        yield _("see small counts")


def _state(visit: Visit, token: ApiToken) -> str:
    def day(instant: dt.datetime) -> str:
        return date(instant.astimezone(visit.organisation.zone).date())

    if token.revoked_at is not None:
        return _("revoked on %(day)s", day=day(token.revoked_at))
    if token.expires_at is None:
        return _("valid")
    if token.is_valid(visit.now):
        return _("valid until %(day)s", day=day(token.expires_at))
    return _("expired on %(day)s", day=day(token.expires_at))


def role_words(role: Role) -> str:
    """What a machine in this role is there for."""
    return {
        Role.VIEWER: _("reads"),
        Role.MARKETER: _("reads and plans"),
        Role.CONSULTANT: _("reads and plans for several"),
        Role.ADMINISTRATOR: _("may do everything"),
        Role.SERVICE: _("reads and sends observations"),
    }[role]


def scope_words(scope: Scope) -> str:
    """What a scope opens."""
    return {
        Scope.PLAN_READ: _("read the plan"),
        Scope.PLAN_WRITE: _("change the plan"),
        Scope.REPORTS_READ: _("read reports"),
        Scope.OBSERVATIONS_WRITE: _("send observations"),
        Scope.ADMIN: _("administer"),
    }[scope]
