"""What signing in needs of a request: the cookie, the place to go on to, who calls, and whether a form is ours."""

import re
import uuid
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from app.access.session import LASTS_AT_MOST
from app.access.signing_in import Client, SignedIn
from app.errors import Denied, Missing
from app.i18n import _

UNSENT = "unsent"
"""What the address of the door says of somebody whose form was not stored."""
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def cookie_name(request: Request) -> str:
    """The cookie's name; behind TLS it is one that no other host of the domain can set."""
    return "__Host-kutsu" if request.url.scheme == "https" else "kutsu"


def secret_of(request: Request) -> str | None:
    """The secret of the session that the browser says it has."""
    return request.cookies.get(cookie_name(request))


def let_in(request: Request, signed_in: SignedIn, next_: str = "/") -> Response:
    """Hand the browser its session, and send it on: to the second step, or to where it wanted."""
    to = f"/sign-in/code?{_query(next_)}" if signed_in.halfway else next_
    answer = go_to(to)
    answer.set_cookie(
        cookie_name(request), signed_in.secret, max_age=int(LASTS_AT_MOST.total_seconds()), path="/",
        secure=request.url.scheme == "https", httponly=True, samesite="lax",
    )  # fmt: skip
    return answer


def forget_session(request: Request, answer: Response) -> Response:
    """Take the cookie back."""
    answer.delete_cookie(
        cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )
    return answer


def go_to(address: str) -> Response:
    """Send the browser on with a GET, whatever it came with."""
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})


def ask_to_sign_in(request: Request) -> Response:
    """Send a stranger to the door, and remember where they wanted to go."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return go_to("/sign-in" if request.method == "POST" or wanted == "/" else f"/sign-in?{_query(wanted)}")


def ask_to_sign_in_again(form_page: str) -> Response:
    """Send whoever was signed out while they filled a form in to the door, which says so and leads back to it."""
    return go_to(f"/sign-in?{_query(form_page)}&{UNSENT}=yes")


def next_of(request: Request) -> str:
    """Where to go on to: an address on this site, whatever the link says."""
    given = request.query_params.get("next", "/")
    try:
        parts = urlsplit(given)
    except ValueError:
        return "/"
    foreign = parts.scheme or parts.netloc or not given.startswith("/") or given.startswith("//")
    return "/" if foreign or _CONTROL.search(given) else given


def _query(next_: str) -> str:
    return urlencode({"next": next_})


def require_own_form(request: Request) -> None:
    """Refuse a form that another site sends in the name of whoever is signed in here.

    Browsers say which site a form is from; on plain HTTP some say it in Origin only.
    """
    if not is_own_form(request):
        raise Denied(_("This form came from another site; open the page here and send it again."))


def is_own_form(request: Request) -> bool:
    """Whether a browser says that a form is ours."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    ours = f"{request.url.scheme}://{request.url.netloc}"
    return site == "same-origin" or (site is None and origin == ours)


def read_id(given: str) -> uuid.UUID:
    """The key that a form of ours sends."""
    try:
        return uuid.UUID(given)
    except ValueError:
        raise Missing(_("There is nothing by this key.")) from None


def client_of(request: Request) -> Client:
    """From where somebody comes."""
    host = request.client.host if request.client else ""
    return Client(host, browser_name(request.headers.get("user-agent", "")))


def browser_name(agent: str) -> str:
    """`Firefox, Linux`: as much of a browser's name as its owner needs to know it again."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return ", ".join(filter(None, (browser, system)))
