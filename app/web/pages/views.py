"""Kept views: questions under a name, with links that read like one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.i18n import _
from app.reports.saved_view import SavedView, get_view, get_view_to_change, keep_view, list_views
from app.web.pages.door import go_to, read_id
from app.web.pages.kept_words import describe_view
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)

KEPT = "kept"
"""Where a page says under which name its question is kept."""

Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class ViewLine:
    """One kept view: where it opens, what it asks, and whether one may change it."""

    id: str
    name: str
    address: str
    asks: str
    shared: bool
    own: bool
    may_change: bool


@router.get("/views")
def views(request: Request) -> Response:
    """One's own views and the shared ones."""
    return answer(request, _page)


def _page(visit: Visit, problems: Sequence[str] = ()) -> Response:
    return visit.page("views.html", views_view(visit, problems), 422 if problems else 200)


def views_view(visit: Visit, problems: Sequence[str] = ()) -> dict[str, Any]:
    """All that the page shows."""
    return {
        "title": _("Kept views"),
        "problems": problems,
        "lines": [_line(visit, one) for one in list_views(visit.session, visit.member.user_id)],
    }


def _line(visit: Visit, view: SavedView) -> ViewLine:
    own = view.user_id == visit.member.user_id
    return ViewLine(
        str(view.id), view.name, visit.address(f"/views/{view.word}"), describe_view(visit, view), view.shared, own,
        may_change=own or visit.administers,
    )  # fmt: skip


@router.post("/views")
def keep(request: Request, name: Text = "", path: Text = "", question: Text = "", shared: Text = "") -> Response:
    """Keep the question of a page, and go back to it."""

    def do(visit: Visit) -> Response:
        view = keep_view(visit.session, visit.member.user_id, name, path, question, shared=bool(shared), now=visit.now)
        return go_to(f"{_asked_at(visit, view)}#{KEPT}")

    return change(request, do, _page)


@router.get("/views/{word}")
def open_view(request: Request, word: str) -> Response:
    """Go to where the question is answered."""
    return answer(request, lambda visit: go_to(_asked_at(visit, get_view(visit.session, visit.member.user_id, word))))


@router.post("/views/{view_id}/share")
def share(request: Request, view_id: str, shared: Text = "") -> Response:
    """Show it to everybody in the organisation, or to oneself alone."""

    def do(visit: Visit) -> Response:
        _get(visit, view_id).shared = bool(shared)
        return go_to(f"{visit.address('/views')}#view-{view_id}")

    return change(request, do, _page)


@router.post("/views/{view_id}/forget")
def forget(request: Request, view_id: str) -> Response:
    """Keep it no longer; what it asked can be asked as before."""

    def do(visit: Visit) -> Response:
        visit.session.delete(_get(visit, view_id))
        return go_to(visit.address("/views"))

    return change(request, do, _page)


def _asked_at(visit: Visit, view: SavedView) -> str:
    """Where the question is answered, in the language of this address."""
    return visit.address(view.path, **dict(parse_qsl(view.question)))


def _get(visit: Visit, view_id: str) -> SavedView:
    return get_view_to_change(visit.session, visit.member.user_id, read_id(view_id), administers=visit.administers)
