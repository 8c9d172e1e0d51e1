"""Pages for people: thin routers, and view models that say exactly what each template shows.

They read `app.state`: database, clock, signing_in (the ways in), and provider (of OpenID, or none).
"""

from http import HTTPStatus

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import Scope

from app.web.pages import (
    accessibility,
    account,
    ad_import,
    ad_totals,
    applications,
    asset,
    asset_describing,
    asset_files,
    asset_form,
    audit,
    before_step,
    beside,
    calendar,
    calendar_files,
    campaign,
    campaign_form,
    campaigns,
    channel,
    channels,
    checks,
    claims,
    connecting,
    connection,
    costs,
    counts,
    data_in,
    forecasts,
    funnel,
    funnel_shares,
    help,
    invitation,
    job,
    jobs,
    long_work,
    made_sources,
    messages,
    monthly,
    naming,
    observations,
    paths,
    people,
    persona_edit,
    persona_files,
    persona_versions,
    personas,
    placement,
    placements,
    placements_pasted,
    plan_file,
    plan_tables,
    print_kit,
    search,
    shared_calendar,
    sign_in,
    sources,
    stage_map,
    start,
    static,
    styleguide,
    today,
    tokens,
    unit,
    units,
    unknown,
    verdicts,
    views,
    webhooks,
    why,
    why_inputs,
)
from app.web.pages.door import go_to
from app.web.pages.visit import missing_page
from app.web.problems import allowed_methods

router = APIRouter()
for page in (
    static, sign_in, invitation, account, people, tokens, audit, calendar, calendar_files, shared_calendar, today,
    funnel, funnel_shares, monthly, verdicts, placement, why, why_inputs, print_kit, campaigns, campaign_form,
    before_step, asset_describing,
    campaign, placements, placements_pasted, costs, asset_form, asset_files, asset, channels, claims, naming, channel,
    applications, paths, forecasts, unknown, persona_edit, persona_files, persona_versions, personas, messages,
    plan_file, plan_tables, start, checks, data_in, sources, ad_totals, ad_import, observations, connecting, connection,
    counts, made_sources, stage_map, webhooks, long_work, units, unit, search, views, beside, help, styleguide,
    accessibility, jobs, job,
):  # fmt: skip
    router.routes += page.router.routes


def show_missing_pages(app: FastAPI) -> None:
    """Have a page for addresses where none is, for those who read pages: that none is, or, where an address takes a
    form, the page above it, on which the form was."""
    otherwise = app.exception_handlers[HTTPException]

    def answer_missing(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 (registered for this kind alone)
        if "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/"):
            if error.status_code == HTTPStatus.NOT_FOUND:
                return missing_page(request)
            if request.method == "GET" and (above := page_above(request.scope)):
                return go_to(f"{above}?{request.url.query}".removesuffix("?"))
        found: Response = otherwise(request, error)  # type: ignore[assignment]
        return found

    for status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        app.add_exception_handler(status, answer_missing)


def page_above(scope: Scope) -> str | None:
    """The nearest address above this one that is a page."""
    path: str = scope["path"]
    while path := path.rpartition("/")[0]:
        if "GET" in allowed_methods(dict(scope, path=path)):
            return path
    return None
