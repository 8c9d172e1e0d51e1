"""Pages for people: thin routers, and view models that say exactly what each template shows."""

from fastapi import APIRouter

from app.web.pages import static, verdicts


def page_routes() -> APIRouter:
    """All pages and the files they load."""
    routes = APIRouter()
    for page in (static, verdicts):
        routes.include_router(page.router)
    return routes
