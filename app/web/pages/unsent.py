"""What somebody sent by a form of ours while they were signed out: it is not stored, and not lost either."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request
from starlette.datastructures import FormData
from starlette.routing import Match

from app.i18n import _
from app.web.pages.door import is_own_form

SECRET = ("password", "secret", "key", "code")
"""Parts of the names of fields that are written into no page."""
MOST_KEPT = 200_000
"""Signs that a page holds of what was typed: more than any table of a campaign."""


def find_unsent(request: Request) -> Mapping[str, Any] | None:
    """The page that holds what was typed, so that it can be sent again once its sender is signed in; nothing where
    nothing was typed, where it is secret or a file, or where the form is not known to be ours."""
    fields = list(_fields(request))
    if request.method != "POST" or not is_own_form(request) or not any(value.strip() for _name, value in fields):
        return None
    if any(part in name for name, _value in fields for part in SECRET):
        return None
    if sum(len(name) + len(value) for name, value in fields) > MOST_KEPT:
        return None
    return {
        "title": _("You are signed out"),
        "fields": fields,
        "action": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
    }


def _fields(request: Request) -> Iterator[tuple[str, str]]:
    """What was read of the form, by whichever way the page reads it; nothing of one with a file."""
    form, body = getattr(request, "_form", None), getattr(request, "_body", b"")
    if isinstance(form, FormData):
        said = form.multi_items()
        if all(isinstance(value, str) for _name, value in said):
            yield from ((name, str(value)) for name, value in said)
    elif "x-www-form-urlencoded" in request.headers.get("content-type", "") and len(body) <= MOST_KEPT:
        yield from parse_qsl(body.decode(errors="replace"), keep_blank_values=True)


def form_page(request: Request) -> str | None:
    """The page on which a form of ours was filled in, if a browser says it and there is one to go back to."""
    if not is_own_form(request):
        return None
    try:
        parts = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return None
    asked = {"type": "http", "method": "GET", "path": parts.path, "root_path": "", "headers": []}
    if parts.netloc != request.url.netloc or not _is_page(request, asked):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _is_page(request: Request, asked: dict[str, Any]) -> bool:
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.router.routes)
