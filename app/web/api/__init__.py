"""The JSON API under `/api/v1`: a thin router for each noun, one for what comes in, one for the answers."""

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope

from app.web.api import (
    ad_totals,
    asset_files,
    assets,
    calendar,
    campaigns,
    channels,
    checks,
    claims,
    connections,
    counts,
    explanations,
    invoices,
    jobs,
    made_sources,
    messages,
    naming_presets,
    observations,
    observed_jobs,
    organisations,
    personas,
    placements,
    plan,
    reports,
    source_aliases,
    stages,
    starts,
    tasks,
    tokens,
    urgent,
    webhooks,
)

PLAN = (personas, claims, campaigns, assets, channels, placements, jobs, source_aliases, naming_presets)

PREFIX = "/api/v1"


class Api(APIRouter):
    """All routers of nouns in one; nothing is looked for in it that is asked elsewhere."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return super().matches(scope) if scope["path"].startswith(PREFIX) else (Match.NONE, {})


router = Api()
ANSWERS = (
    reports,
    explanations,
    checks,
    organisations,
    tokens,
    connections,
    counts,
    made_sources,
    stages,
    webhooks,
    tasks,
    observed_jobs,
)
for noun in (*PLAN, asset_files, calendar, invoices, urgent, starts, messages, plan, observations, ad_totals, *ANSWERS):
    router.routes += noun.router.routes
