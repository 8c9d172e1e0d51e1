"""Pages for people: thin routers, and view models that say exactly what each template shows."""

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from app.web.pages import audit, funnel, personas, placement, static, today, tokens, verdicts
from app.web.pages.visit import missing_page


def add_pages(app: FastAPI) -> None:
    """Open all pages, the files they load, and a page for addresses where nothing is.

    They read `app.state`: database, clock, and organisation_id, the one organisation that is shown.
    """
    for page in (static, today, funnel, verdicts, placement, personas, tokens, audit):
        app.include_router(page.router)
    otherwise = app.exception_handlers[HTTPException]

    def answer_missing(request: Request, error: Exception) -> Response:
        if "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/"):
            return missing_page(request)
        found: Response = otherwise(request, error)  # type: ignore[assignment]
        return found

    app.add_exception_handler(404, answer_missing)
