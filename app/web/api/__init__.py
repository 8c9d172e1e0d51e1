"""The JSON API under `/api/v1`: a thin router for each noun, one for what comes in, one for the answers."""

from fastapi import APIRouter, Depends

from app.web.api import (
    ad_totals,
    assets,
    campaigns,
    channels,
    claims,
    connections,
    explanations,
    jobs,
    naming_presets,
    observations,
    organisations,
    personas,
    placements,
    reports,
    source_aliases,
    stages,
    tasks,
    tokens,
)
from app.web.session import enforce_right

PLAN = (personas, claims, campaigns, assets, channels, placements, jobs, source_aliases, naming_presets)

router = APIRouter(prefix="/api/v1", dependencies=[Depends(enforce_right)])
for noun in (*PLAN, observations, ad_totals, reports, explanations, organisations, tokens, connections, stages, tasks):
    router.include_router(noun.router)
