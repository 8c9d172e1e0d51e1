"""Pages for people: thin routers, and view models that say exactly what each template shows."""

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from app.web.pages import (
    account,
    audit,
    funnel,
    invitation,
    people,
    personas,
    placement,
    sign_in,
    static,
    today,
    tokens,
    verdicts,
)
from app.web.pages.visit import missing_page


def add_pages(app: FastAPI) -> None:
    """Open all pages, the files they load, and a page for addresses where nothing is.

    They read `app.state`: database, clock, signing_in (the ways in), and provider (of OpenID, or none).
    """
    ways_in = (sign_in, invitation, account, people, tokens, audit)
    for page in (static, *ways_in, today, funnel, verdicts, placement, personas):
        app.include_router(page.router)
    otherwise = app.exception_handlers[HTTPException]

    def answer_missing(request: Request, error: Exception) -> Response:
        if "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/"):
            return missing_page(request)
        found: Response = otherwise(request, error)  # type: ignore[assignment]
        return found

    app.add_exception_handler(404, answer_missing)
