"""One look at a page: who it is for, in which language, on what data; and how a page is answered."""

import datetime as dt
import ipaddress
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session
from starlette.datastructures import URL

from app.access.organisation import Organisation, get_organisation
from app.errors import Denied, Invalid, KutsuError, Missing, NotReady
from app.i18n import LANGUAGES, LOCALE_DIRECTORY, _, speaking
from app.reports.scope import Scope
from app.web.pages.rendering import render

PLOTLY_MAP_STYLES = "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='"
"""The one style that plotly writes into a page whatever is drawn: that of its maps, which we do not use."""
POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {PLOTLY_MAP_STYLES}; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page is made from."""

    request: Request
    session: Session
    organisation: Organisation
    now: dt.datetime
    language: str

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(self.organisation.zone).date()

    @property
    def asked(self) -> dict[str, str]:
        """What the address asks for; a field that a form sent empty is not asked."""
        given = {name: value.strip() for name, value in self.request.query_params.items()}
        return {name: value for name, value in given.items() if value}

    def address(self, path: str, **parameters: object) -> str:
        """An address on this site that stays in a language chosen by address."""
        kept: dict[str, object] = {"lang": chosen} if (chosen := _chosen(self.request)) else {}
        given = {name: str(value) for name, value in {**parameters, **kept}.items() if value not in (None, "")}
        return str(URL(path).include_query_params(**given)) if given else path

    def same_address(self, **changes: object) -> str:
        """This page's address with some of its parameters changed."""
        return self.address(self.request.url.path, **{**self.asked, **changes})

    def scope(self, **parts: Any) -> Scope:
        """A question about this visit's organisation, asked now."""
        return Scope(organisation_id=self.organisation.id, now=self.now, **parts)

    @property
    def languages(self) -> tuple[str, ...]:
        return spoken_languages()

    def page(self, template: str, view: Mapping[str, Any], status: int = 200) -> HTMLResponse:
        """The page in the reader's language; a view has a title, and whatever its template shows."""
        text = render(template, visit=self, language=self.language, title=view["title"], view=view)
        return HTMLResponse(text, status, {**HEADERS, "Content-Language": self.language})


def answer(request: Request, make: Callable[[Visit], Response]) -> Response:
    """Make a page for whoever asks; what goes wrong on purpose becomes a page that says so."""
    state = request.app.state
    if not _is_local(request):
        return _bare_page(request, 403, _local_only())
    with state.database.reading(state.organisation_id) as session:
        visit = _visit(request, session, state.organisation_id)
        with speaking(visit.language):
            try:
                return make(visit)
            except KutsuError as error:
                return visit.page("error.html", error_view(_status(error), error), _status(error))


def missing_page(request: Request) -> Response:
    """The page for an address where nothing is."""
    return answer(request, _raise_missing)


def broken_page(request: Request) -> Response:
    """The page for an error that nobody meant; it needs neither the store nor a session."""
    return _bare_page(request, 500, error_view(500, None))


def _raise_missing(visit: Visit) -> Response:
    raise Missing(_("There is nothing at %(path)s.", path=visit.request.url.path))


def error_view(status: int, error: KutsuError | None) -> dict[str, Any]:
    """What an error page says: what went wrong, what broke which rule, and that nothing was changed."""
    title = {
        403: _("This is not open to you"),
        404: _("There is no such page"),
        422: _("The question does not work out"),
        503: _("Kutsu is not ready yet"),
    }.get(status, _("Something broke on our side"))
    problems = [problem.message for problem in error.problems] if isinstance(error, Invalid) else []
    text = "" if problems or error is None else str(error)
    return {"title": title, "text": text, "problems": problems}


def _status(error: KutsuError) -> int:
    for kind, status in ((Missing, 404), (Invalid, 422), (Denied, 403), (NotReady, 503)):
        if isinstance(error, kind):
            return status
    return 500


def _local_only() -> dict[str, Any]:
    text = _("Until people can sign in, pages open only on the computer that Kutsu runs on.")
    return {**error_view(403, None), "text": text}


def _bare_page(request: Request, status: int, view: dict[str, Any]) -> HTMLResponse:
    language = _choose_language(request, "en")
    with speaking(language):
        text = render("error.html", visit=None, language=language, title=view["title"], view=view)
    return HTMLResponse(text, status, HEADERS)


def _visit(request: Request, session: Session, organisation_id: uuid.UUID) -> Visit:
    organisation = get_organisation(session, organisation_id)
    return Visit(
        request, session, organisation, request.app.state.clock(), _choose_language(request, organisation.locale)
    )


def _is_local(request: Request) -> bool:
    """Both ends are this computer: the caller, and the name it calls us by (a page elsewhere may resolve to us)."""
    names = (request.client.host if request.client else None, request.url.hostname)
    return all(_is_loopback(name) for name in names)


def _is_loopback(name: str | None) -> bool:
    if name in ("localhost", None):
        return name is not None
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _chosen(request: Request) -> str | None:
    chosen = request.query_params.get("lang")
    return chosen if chosen in spoken_languages() else None


def spoken_languages() -> tuple[str, ...]:
    """The languages that pages exist in."""
    return tuple(one for one in LANGUAGES if one == "en" or (LOCALE_DIRECTORY / one).exists())


def _choose_language(request: Request, otherwise: str) -> str:
    if chosen := _chosen(request):
        return chosen
    for part in request.headers.get("accept-language", "").split(","):
        language = part.split(";")[0].strip().split("-")[0].lower()
        if language in spoken_languages():
            return language
    return otherwise if otherwise in spoken_languages() else "en"
