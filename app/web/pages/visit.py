"""One look at a page: who it is for, in which language, on what data; and how a page is answered."""

import datetime as dt
import gzip
import logging
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.access.audit import Actor, ActorKind, act_as
from app.access.membership import list_people
from app.access.organisation import Organisation, TrackingMode, get_organisation
from app.access.signing_in import Member, SigningIn
from app.access.token import Role
from app.errors import Conflict, Denied, Invalid, KutsuError, Missing, Problem, Taken, TryLater
from app.i18n import LANGUAGES, _, speaking
from app.reports.question import PARAMETERS, read_scope
from app.reports.scope import Scope
from app.web.edge import choose_language
from app.web.pages.age import Age, find_age
from app.web.pages.door import ask_to_sign_in, ask_to_sign_in_again, require_own_form, secret_of
from app.web.pages.menu import find_entry
from app.web.pages.rendering import render
from app.web.pages.unsent import find_unsent, form_page
from app.web.problems import status_of
from app.web.rights import shows_exact_counts

SMALL = 1400
"""Bytes that go in one packet anyway."""
FASTEST = 1
LANGUAGE, REMEMBERED_FOR = "kutsu-language", dt.timedelta(days=365)
"""The cookie that remembers a language."""
OPENS = {
    "asset": "/assets/%s", "campaign": "/campaigns/%s", "channel": "/channels/%s", "claim": "/claims/%s/edit",
}  # fmt: skip
"""Where a row of a table opens, by its key."""

log = logging.getLogger("kutsu.web")


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page is made from."""

    request: Request
    session: Session
    member: Member
    organisation: Organisation
    now: dt.datetime
    language: str

    @property
    def administers(self) -> bool:
        return self.member.place.role is Role.ADMINISTRATOR

    @property
    def sees_small_counts(self) -> bool:
        return self.member.place.sees_small_counts

    def require(self, roles: Sequence[Role]) -> None:
        """Refuse who has none of these roles here."""
        if self.member.place.role not in roles:
            raise Denied(_("Your role here does not open this page; ask an administrator."))

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(self.organisation.zone).date()

    @property
    def age(self) -> Age | None:
        return find_age(self.session, self.now, self.organisation.zone)

    @property
    def languages(self) -> tuple[str, ...]:
        return LANGUAGES

    @property
    def asked(self) -> dict[str, str]:
        """What the address asks for; a field that a form sent empty is not asked."""
        given = {name: value.strip() for name, value in self.request.query_params.items()}
        return {name: value for name, value in given.items() if value}

    def entry(self, within: str | None = None) -> str:
        """The entry of the menu that this page belongs to; `within` says the page that it was opened from where its
        own address does not tell."""
        return find_entry(within or self.request.url.path, sees_small_counts=self.sees_small_counts)

    def address(self, path: str, **parameters: object) -> str:
        """An address on this site that stays in a language chosen by address, unless the browser remembers it."""
        return address_of(self.request, path, **parameters)

    def same_address(self, **changes: object) -> str:
        """This page's address with some of its parameters changed."""
        return self.address(self.request.url.path, **{**self.asked, **changes})

    @property
    def follows_people(self) -> bool:
        """Whether the organisation lets people be followed from ad to ad, with their consent."""
        return self.organisation.tracking_mode == TrackingMode.CONSENTED

    def asked_again(self, **changes: object) -> dict[str, object]:
        """What another page is asked so that it answers this page's question, but for what its rows stand for."""
        asked = {name: said for name, said in self.asked.items() if name in PARAMETERS and name != "by"}
        return {**asked, **changes}

    def scope(self, **parts: Any) -> Scope:
        """A question about this visit's organisation, asked now."""
        return Scope(organisation_id=self.organisation.id, now=self.now, **parts)

    def question(self) -> Scope:
        """The question that the address asks."""
        return read_scope(self.organisation.id, self.now, self.asked)

    def page(self, template: str, view: Mapping[str, Any], status: int = 200) -> HTMLResponse:
        """The page in the reader's language; a view has a title, and whatever its template shows."""
        return _page(self.request, template, view, status, self.language, self)


def address_of(request: Request, path: str, **parameters: object) -> str:
    """The same of an address that is asked for outside the door."""
    chosen = _chosen(request)
    kept: dict[str, object] = {"lang": chosen} if chosen != _remembered(request) else {}
    given = {name: str(value) for name, value in {**kept, **parameters}.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path


Make: TypeAlias = Callable[[Visit], Response]
Again: TypeAlias = Callable[[Visit, Sequence[str]], Response]


def answer(request: Request, make: Make) -> Response:
    """Make a page for whoever is signed in, and send others to the door; what goes wrong becomes a page."""
    return guarded(request, lambda: _answer(request, request.app.state.database.reading, make))


def change(
    request: Request, make: Make, again: Again, first: Callable[[Member], None] = lambda _member: None
) -> Response:
    """Do what a form of ours asks for. Where it breaks a rule nothing is stored, and the page comes again and says
    so. `first` is asked before anything is opened for writing."""
    return guarded(request, lambda: _change(request, make, again, first))


def guarded(request: Request, make: Callable[[], Response]) -> Response:
    """The answer, or a page with a number where we broke."""
    try:
        return make()
    except Exception as error:
        number = uuid.uuid4().hex[:12]
        log.error("unexpected error %s", number, exc_info=error)  # noqa: TRY400 (the number belongs to it)
        return bare_page(request, 500, lambda: _("It is in the log as %(number)s.", number=number))


def _change(request: Request, make: Make, again: Again, first: Callable[[Member], None]) -> Response:
    database = request.app.state.database
    member = find_member(request)
    if member is None:
        return _lead_to_door(request)
    with speaking(language_of(request, "en")):
        try:
            require_own_form(request)
            first(member)
            return _answer(request, database.writing, make, passing=(Invalid, Conflict))
        except (Invalid, Conflict, TryLater) as error:
            problems = problems_of(error)
        except KutsuError as error:
            return _error_page(request, member, error)
    return _answer(request, database.reading, lambda visit: again(visit, problems))


def _answer(
    request: Request,
    opening: Callable[[uuid.UUID], AbstractContextManager[Session]],
    make: Make,
    passing: tuple[type[KutsuError], ...] = (),
) -> Response:
    member = find_member(request)
    if member is None:
        return _lead_to_door(request)
    organisation_id, now = member.place.organisation_id, request.app.state.clock()
    try:
        with opening(organisation_id) as session:
            act_as(session, Actor(ActorKind.USER, str(member.user_id)), now)
            organisation = get_organisation(session, organisation_id)
            language = language_of(request, organisation.locale)
            with speaking(language):
                visit = Visit(request, session, member, organisation, now, language)
                if shows_exact_counts(request.url.path) and not visit.sees_small_counts:
                    return _instead(visit)
                return make(visit)
    except passing:
        raise
    except KutsuError as error:
        return _error_page(request, member, error)


def _instead(visit: Visit) -> Response:
    """Where somebody is led who may not see small counts: from the front page, where all begin, to the months."""
    if visit.request.url.path == "/":
        return RedirectResponse(visit.address("/monthly"), 303)
    return visit.page("small_counts.html", _unshown(visit), 403)


def _unshown(visit: Visit) -> dict[str, Any]:
    """What somebody is told who may not see small counts: who could give them the right."""
    names = [one.name for one in list_people(visit.session) if one.role is Role.ADMINISTRATOR]
    return {"title": _("Small counts are not shown to you"), "administrators": ", ".join(names[:3])}


def _error_page(request: Request, member: Member, error: KutsuError) -> Response:
    """The page that says what went wrong, in a session of its own: the one before has taken everything back."""
    state, status = request.app.state, status_of(error)
    with state.database.reading(member.place.organisation_id) as session:
        organisation = get_organisation(session, member.place.organisation_id)
        visit = Visit(request, session, member, organisation, state.clock(), language_of(request, organisation.locale))
        with speaking(visit.language):
            return visit.page("error.html", _error_view(status, error), status)


def _lead_to_door(request: Request) -> Response:
    """Where a stranger is led: to the door, or to what they typed while somebody or time signed them out."""
    with speaking(language_of(request, "en")):
        unsent = find_unsent(request)
    if unsent is not None:
        return outer_page(request, "unsent.html", lambda: unsent, 401)
    page = form_page(request) if request.method == "POST" else None
    return ask_to_sign_in_again(page) if page else ask_to_sign_in(request)


def find_member(request: Request) -> Member | None:
    """Who is signed in with this browser."""
    secret = secret_of(request)
    ways_in: SigningIn = request.app.state.signing_in
    return ways_in.find_member(secret, now=request.app.state.clock()) if secret else None


class Said(str):
    """A sentence that says what went wrong, and in which field."""

    __slots__ = ("field",)
    field: str


def _say(problem: Problem) -> Said:
    said = Said(problem.message)
    said.field = problem.field
    return said


def mark_fields(problems: Sequence[str], names: Iterable[str]) -> dict[str, str]:
    """For each field of a form what is wrong with it; `aim.personas` is the field `personas`."""
    wrong = {part: str(one) for one in problems if isinstance(one, Said) for part in one.field.split(".")}
    return {name: wrong.get(name, "") for name in names}


def problems_of(error: KutsuError) -> list[str]:
    """What went wrong, a sentence for each rule."""
    if isinstance(error, Taken) and error.table in OPENS:
        link = Markup('%s <a href="%s">%s</a>')
        return [link % (str(error), OPENS[error.table] % error.key, _("Open it"))]
    return [_say(problem) for problem in error.problems] if isinstance(error, Invalid) else [str(error)]


def missing_page(request: Request) -> Response:
    """The page for an address where nothing is."""
    return answer(request, _raise_missing)


def _raise_missing(visit: Visit) -> Response:
    raise Missing(_("There is nothing at %(path)s.", path=visit.request.url.path))


def bare_page(request: Request, status: int, say: Callable[[], str]) -> HTMLResponse:
    """A page that needs no store: one that cannot be asked, or must not be."""
    return outer_page(request, "error.html", lambda: {**_error_view(status), "text": say()}, status)


def outer_page(
    request: Request, template: str, view: Callable[[], Mapping[str, Any]], status: int = 200
) -> HTMLResponse:
    """A page outside the door, in the reader's language."""
    language = language_of(request, "en")
    with speaking(language):
        return _page(request, template, view(), status, language, None)


def _page(
    request: Request, template: str, view: Mapping[str, Any], status: int, language: str, visit: Visit | None
) -> HTMLResponse:
    text = render(template, visit=visit, language=language, title=view["title"], view=view)
    headers = {"Content-Language": language, "Cache-Control": "no-store"}
    body = text.encode()
    if visit and len(body) > SMALL and _may_compress(visit.request):
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        body = gzip.compress(body, FASTEST, mtime=0)
    answered = HTMLResponse(body, status, headers)
    _remember_language(request, answered)
    return answered


def _may_compress(request: Request) -> bool:
    """Pages that are only looked at. What answers a form may show a secret, this once, beside what was typed: its
    compressed length could tell of it."""
    return request.method == "GET" and "gzip" in request.headers.get("accept-encoding", "")


def _error_view(status: int, error: KutsuError | None = None) -> dict[str, Any]:
    """What an error page says: what went wrong, or which rules were broken."""
    title = {
        403: _("This is not open to you"),
        404: _("There is no such page"),
        422: _("This question cannot be answered"),
        503: _("Kutsu is not ready yet"),
    }.get(status, _("Something broke on our side"))
    problems = problems_of(error) if isinstance(error, Invalid) else []
    return {"title": title, "text": "" if problems or error is None else str(error), "problems": problems}


def _chosen(request: Request) -> str | None:
    chosen = request.query_params.get("lang")
    return chosen if chosen in LANGUAGES else None


def _remembered(request: Request) -> str | None:
    chosen = request.cookies.get(LANGUAGE)
    return chosen if chosen in LANGUAGES else None


def _remember_language(request: Request, answered: Response) -> None:
    """Let the browser remember a language that was chosen on a page of ours: an address that somebody was sent says
    theirs."""
    chosen = _chosen(request)
    if chosen and chosen != _remembered(request) and request.headers.get("sec-fetch-site") == "same-origin":
        answered.set_cookie(
            LANGUAGE, chosen, max_age=int(REMEMBERED_FOR.total_seconds()), path="/",
            secure=request.url.scheme == "https", httponly=True, samesite="lax",
        )  # fmt: skip


def language_of(request: Request, otherwise: str) -> str:
    """The language chosen by address, else the one that was chosen here before, else the reader's, else the
    organisation's."""
    accepted = request.headers.get("accept-language")
    chosen = _chosen(request) or _remembered(request)
    return chosen or (choose_language(accepted) if accepted else otherwise)
