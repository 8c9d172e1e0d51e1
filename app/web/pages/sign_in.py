"""The door: signing in with a password, a code, a link or a provider, choosing an organisation, signing out."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.access import oidc
from app.access.account_link import Purpose, get_linked_user
from app.access.session import choose_place, end_session
from app.access.signing_in import SignedIn, SigningIn
from app.errors import Conflict, Denied, Invalid, KutsuError, Missing, TryLater
from app.i18n import _, speaking
from app.web.pages.door import (
    UNSENT,
    client_of,
    forget_session,
    go_to,
    let_in,
    next_of,
    read_id,
    require_own_form,
    secret_of,
)  # fmt: skip
from app.web.pages.visit import address_of, bare_page, find_member, guarded, language_of, outer_page, problems_of
from app.web.problems import status_of

router = APIRouter(include_in_schema=False)

UNDER_WAY = "kutsu_oidc"
Text = Annotated[str, Form()]


@router.get("/sign-in")
def door(request: Request) -> Response:
    """The door, or straight in for who is signed in already."""
    return guarded(request, lambda: go_to(next_of(request)) if find_member(request) else _door(request))


@router.post("/sign-in")
def sign_in(request: Request, email: Text = "", password: Text = "") -> Response:
    """Sign in with a password."""
    return _enter(
        request,
        lambda ways, now: ways.by_password(email, password, client_of(request), now=now),
        lambda problems, status: _door(request, problems, status, email),
    )


def _door(request: Request, problems: Sequence[str] = (), status: int = 200, email: str = "") -> Response:
    provider: oidc.Provider | None = request.app.state.provider

    def view() -> dict[str, Any]:
        to = request.url.include_query_params(next=next_of(request)).query
        return {
            "title": _("Sign in"), "problems": problems, "email": email,
            "unsent": UNSENT in request.query_params and not problems,
            "provider": provider.name if provider else "", "provider_address": f"/sign-in/oidc?{to}",
        }  # fmt: skip

    return outer_page(request, "sign_in.html", view, status)


@router.get("/sign-in/code")
def ask_code(request: Request) -> Response:
    """The second step."""
    return guarded(request, lambda: _code_page(request))


@router.post("/sign-in/code")
def give_code(request: Request, code: Text = "") -> Response:
    """Take the second step."""
    return _enter(
        request,
        lambda ways, now: ways.by_code(secret_of(request) or "", code, client_of(request), now=now),
        lambda problems, status: _code_page(request, problems, status),
    )


def _code_page(request: Request, problems: Sequence[str] = (), status: int = 200) -> Response:
    return outer_page(request, "sign_in_code.html", lambda: {"title": _("One more step"), "problems": problems}, status)


def _enter(
    request: Request,
    way: Callable[[SigningIn, Any], SignedIn],
    again: Callable[[Sequence[str], int], Response],
) -> Response:
    """Go one of the ways in by a form of ours; who may not come in sees the form again, with the reason."""

    def go() -> Response:
        with speaking(language_of(request, "en")):
            try:
                require_own_form(request)
                signed_in = way(request.app.state.signing_in, request.app.state.clock())
            except TryLater as error:
                waiting = again([str(error)], 429)
                waiting.headers["Retry-After"] = str(int(error.after_seconds or 1))
                return waiting
            except (Denied, Missing) as error:
                return again([str(error)], status_of(error))
            _end_here(request)
            return let_in(request, signed_in, next_of(request))

    return guarded(request, go)


def _end_here(request: Request) -> None:
    """End the session that this browser had before: a new one begins."""
    before = find_member(request)
    if before is not None:
        with request.app.state.database.writing() as session:
            end_session(session, before.user_id, before.session_id)


@router.get("/sign-in/link/{secret}")
def show_link(request: Request, secret: str) -> Response:
    """Whom the link signs in, and the button that does it: who only looks at a link does not use it up."""

    def go() -> Response:
        state = request.app.state
        try:
            with speaking(language_of(request, "en")), state.database.reading() as session:
                email = get_linked_user(session, secret, Purpose.SIGN_IN, now=state.clock()).email
        except Missing as error:
            return go_to("/") if find_member(request) else bare_page(request, 404, error.__str__)
        return outer_page(request, "sign_in_link.html", lambda: {"title": _("Come in"), "email": email})

    return guarded(request, go)


@router.post("/sign-in/link/{secret}")
def follow_link(request: Request, secret: str) -> Response:
    """Sign in with a link that Kutsu printed at its start."""
    return _enter(
        request,
        lambda ways, now: ways.by_link(secret, client_of(request), now=now),
        lambda problems, status: bare_page(request, status, lambda: problems[0]),
    )


@router.get("/sign-in/oidc")
def to_provider(request: Request) -> Response:
    """Send the browser to the provider."""

    def go() -> Response:
        provider: oidc.Provider | None = request.app.state.provider
        if provider is None:
            return bare_page(request, 404, lambda: _("No provider is set up here."))
        state = request.app.state
        address, under_way = oidc.begin(provider, _callback(request), next_of(request), now=state.clock())
        answered = go_to(address)
        answered.set_cookie(
            UNDER_WAY, oidc.seal_under_way(under_way, state.signing_in.seal), httponly=True, samesite="lax",
            max_age=int(oidc.UNDER_WAY_FOR.total_seconds()), path="/sign-in/oidc",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return answered

    return guarded(request, lambda: _or_door(request, go))


@router.get("/sign-in/oidc/callback")
def from_provider(request: Request, code: str = "", state: str = "") -> Response:
    """Come back from the provider, and in if an account or an invitation fits."""

    def go() -> Response:
        provider: oidc.Provider | None = request.app.state.provider
        ways_in: SigningIn = request.app.state.signing_in
        now = request.app.state.clock()
        if provider is None or not code:
            raise Denied(_("The provider did not confirm this sign-in; begin again."))
        under_way = oidc.open_under_way(request.cookies.get(UNDER_WAY, ""), state, ways_in.seal, now=now)
        identity = oidc.finish(provider, code, _callback(request), under_way, now=now)
        answered = let_in(request, ways_in.by_identity(identity, client_of(request), now=now), under_way.next)
        answered.delete_cookie(UNDER_WAY, path="/sign-in/oidc")
        return answered

    return guarded(request, lambda: _or_door(request, go))


def _or_door(request: Request, go: Callable[[], Response]) -> Response:
    """What `go` answers, or the door with the reason why nothing came of it."""
    with speaking(language_of(request, "en")):
        try:
            return go()
        except KutsuError as error:
            return _door(request, problems_of(error), 403 if isinstance(error, Denied | Invalid | Conflict) else 502)


def _callback(request: Request) -> str:
    return str(request.url.replace(path="/sign-in/oidc/callback", query="", fragment=""))


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End this session."""

    def go() -> Response:
        with speaking(language_of(request, "en")):
            try:
                require_own_form(request)
            except Denied as error:
                return bare_page(request, 403, error.__str__)
        _end_here(request)
        return forget_session(request, go_to(address_of(request, "/sign-in")))

    return guarded(request, go)


@router.post("/organisation")
def choose_organisation(request: Request, organisation: Text = "") -> Response:
    """Look at another of one's organisations."""

    def go() -> Response:
        member = find_member(request)
        with speaking(language_of(request, "en")):
            try:
                require_own_form(request)
                if member is not None:
                    with request.app.state.database.writing() as session:
                        choose_place(session, member.session_id, read_id(organisation))
            except (Denied, Missing) as error:
                text = str(error)
                return bare_page(request, 403 if isinstance(error, Denied) else 404, lambda: text)
        return go_to(address_of(request, "/"))

    return guarded(request, go)
