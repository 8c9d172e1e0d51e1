"""Pages for people: thin routers, and view models that say exactly what each template shows."""

from fastapi import FastAPI

from app.web.pages import funnel, personas, placement, static, today, verdicts


def add_pages(app: FastAPI) -> None:
    """Open all pages, and the files that they load.

    They read `app.state`: database, organisation_id (the one organisation shown) and clock.
    """
    for page in (static, today, funnel, verdicts, placement, personas):
        app.include_router(page.router)
