"""The JSON API under `/api/v1`: a thin router for each noun, one for what comes in, one for the answers."""

from fastapi import APIRouter, Depends

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
    explanations,
    invoices,
    jobs,
    made_sources,
    messages,
    naming_presets,
    observations,
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
)
from app.web.session import enforce_right

PLAN = (personas, claims, campaigns, assets, channels, placements, jobs, source_aliases, naming_presets)

router = APIRouter(prefix="/api/v1", dependencies=[Depends(enforce_right)])
ANSWERS = (reports, explanations, checks, organisations, tokens, connections, made_sources, stages, tasks)
for noun in (*PLAN, asset_files, calendar, invoices, urgent, starts, messages, plan, observations, ad_totals, *ANSWERS):
    router.include_router(noun.router)
