"""One look at a page: who it is for, in which language, on what data; and how a page is answered."""

import datetime as dt
import ipaddress
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session
from starlette.datastructures import URL

from app.access.organisation import Organisation, get_organisation
from app.errors import Invalid, KutsuError, Missing
from app.i18n import LANGUAGES, LOCALE_DIRECTORY, _, speaking
from app.reports.question import read_scope
from app.reports.scope import Scope
from app.web.edge import SAFETY_HEADERS, choose_language
from app.web.pages.rendering import render
from app.web.problems import status_of

log = logging.getLogger("kutsu.web")

PLOTLY_MAP_STYLES = "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='"
"""The one style that plotly writes into a page whatever is drawn: that of its maps, which we do not use."""
POLICY = SAFETY_HEADERS["Content-Security-Policy"].replace("style-src 'self'", f"style-src 'self' {PLOTLY_MAP_STYLES}")


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
    def languages(self) -> tuple[str, ...]:
        return spoken_languages()

    @property
    def asked(self) -> dict[str, str]:
        """What the address asks for; a field that a form sent empty is not asked."""
        given = {name: value.strip() for name, value in self.request.query_params.items()}
        return {name: value for name, value in given.items() if value}

    def address(self, path: str, **parameters: object) -> str:
        """An address on this site that stays in a language chosen by address."""
        kept: dict[str, object] = {"lang": chosen} if (chosen := _chosen(self.request)) else {}
        given = {name: str(value) for name, value in {**kept, **parameters}.items() if value not in (None, "")}
        return str(URL(path).include_query_params(**given)) if given else path

    def same_address(self, **changes: object) -> str:
        """This page's address with some of its parameters changed."""
        return self.address(self.request.url.path, **{**self.asked, **changes})

    def scope(self, **parts: Any) -> Scope:
        """A question about this visit's organisation, asked now."""
        return Scope(organisation_id=self.organisation.id, now=self.now, **parts)

    def question(self) -> Scope:
        """The question that the address asks."""
        return read_scope(self.organisation.id, self.now, self.asked)

    def page(self, template: str, view: Mapping[str, Any], status: int = 200) -> HTMLResponse:
        """The page in the reader's language; a view has a title, and whatever its template shows."""
        return _page(template, view, status, self.language, self)


def answer(request: Request, make: Callable[[Visit], Response]) -> Response:
    """Make a page for whoever asks; what goes wrong becomes a page that says so."""
    try:
        return _answer(request, make)
    except Exception as error:
        number = uuid.uuid4().hex[:12]
        log.error("unexpected error %s", number, exc_info=error)  # noqa: TRY400 (the number belongs to it)
        return bare_page(request, 500, lambda: _("It is in the log as %(number)s.", number=number))


def _answer(request: Request, make: Callable[[Visit], Response]) -> Response:
    state = request.app.state
    if not _is_local(request):
        return bare_page(request, 403, _local_only)
    if state.organisation_id is None:
        return bare_page(request, 503, _nobody_to_show)
    with state.database.reading(state.organisation_id) as session:
        organisation = get_organisation(session, state.organisation_id)
        visit = Visit(request, session, organisation, state.clock(), _language(request, organisation.locale))
        with speaking(visit.language):
            try:
                return make(visit)
            except KutsuError as error:
                return visit.page("error.html", _error_view(status_of(error), error), status_of(error))


def missing_page(request: Request) -> Response:
    """The page for an address where nothing is."""
    return answer(request, _raise_missing)


def _raise_missing(visit: Visit) -> Response:
    raise Missing(_("There is nothing at %(path)s.", path=visit.request.url.path))


def bare_page(request: Request, status: int, say: Callable[[], str]) -> HTMLResponse:
    """A page that needs no store: one that cannot be asked, or must not be."""
    language = _language(request, "en")
    with speaking(language):
        return _page("error.html", {**_error_view(status), "text": say()}, status, language, None)


def _page(template: str, view: Mapping[str, Any], status: int, language: str, visit: Visit | None) -> HTMLResponse:
    text = render(template, visit=visit, language=language, title=view["title"], view=view)
    headers = {"Content-Security-Policy": POLICY, "Content-Language": language, "Cache-Control": "no-store"}
    return HTMLResponse(text, status, headers)


def _error_view(status: int, error: KutsuError | None = None) -> dict[str, Any]:
    """What an error page says: what went wrong, or which rules were broken."""
    title = {
        403: _("This is not open to you"),
        404: _("There is no such page"),
        422: _("The question does not work out"),
        503: _("Kutsu is not ready yet"),
    }.get(status, _("Something broke on our side"))
    problems = [problem.message for problem in error.problems] if isinstance(error, Invalid) else []
    return {"title": title, "text": "" if problems or error is None else str(error), "problems": problems}


def _local_only() -> str:
    return _("Until people can sign in, pages open only on the computer that Kutsu runs on.")


def _nobody_to_show() -> str:
    return _("There is no organisation yet; `kutsu organisation create NAME` makes one.")


def _is_local(request: Request) -> bool:
    """Both ends are this computer: the caller, and the name it calls us by (a page elsewhere may resolve to us)."""
    names = (request.client.host if request.client else None, request.url.hostname)
    return all(_is_loopback(name) for name in names)


def _is_loopback(name: str | None) -> bool:
    if name is None or name == "localhost":
        return name is not None
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def spoken_languages() -> tuple[str, ...]:
    """The languages that pages exist in."""
    return tuple(one for one in LANGUAGES if one == "en" or (LOCALE_DIRECTORY / one).exists())


def _chosen(request: Request) -> str | None:
    chosen = request.query_params.get("lang")
    return chosen if chosen in spoken_languages() else None


def _language(request: Request, otherwise: str) -> str:
    """The language chosen by address, else the reader's, else the organisation's."""
    accepted = request.headers.get("accept-language")
    wishes = (_chosen(request), choose_language(accepted) if accepted else None, otherwise)
    return next((wish for wish in wishes if wish in spoken_languages()), "en")
