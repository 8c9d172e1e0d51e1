"""Pages for people: thin routers, and view models that say exactly what each template shows.

They read `app.state`: database, clock, signing_in (the ways in), and provider (of OpenID, or none).
"""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from app.web.pages import (
    accessibility,
    account,
    ad_import,
    ad_totals,
    applications,
    asset,
    asset_files,
    asset_form,
    audit,
    calendar,
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
    data_in,
    forecasts,
    funnel,
    help,
    invitation,
    long_work,
    made_sources,
    messages,
    monthly,
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
    verdicts,
    views,
    webhooks,
    why,
)
from app.web.pages.visit import missing_page

router = APIRouter()
for page in (
    static, sign_in, invitation, account, people, tokens, audit, calendar, shared_calendar, today, funnel, monthly,
    verdicts, placement, why, print_kit, campaigns, campaign_form, campaign, placements, placements_pasted, costs,
    asset_form, asset_files, asset, channels, claims, channel, applications, paths, forecasts, persona_edit,
    persona_files, persona_versions, personas, messages, plan_file, start, checks, data_in, sources, ad_totals,
    ad_import, connecting, connection, made_sources, stage_map, webhooks, long_work, units, unit, search, views, help,
    styleguide, accessibility,
):  # fmt: skip
    router.routes += page.router.routes


def show_missing_pages(app: FastAPI) -> None:
    """Have a page for addresses where nothing is, for those who read pages."""
    otherwise = app.exception_handlers[HTTPException]

    def answer_missing(request: Request, error: Exception) -> Response:
        if "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/"):
            return missing_page(request)
        found: Response = otherwise(request, error)  # type: ignore[assignment]
        return found

    app.add_exception_handler(404, answer_missing)
