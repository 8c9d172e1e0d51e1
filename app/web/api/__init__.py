"""The JSON API under `/api/v1`: a thin router for each noun, one for what comes in, one for the answers."""

from fastapi import APIRouter

from app.web.api import (
    assets,
    campaigns,
    channels,
    claims,
    jobs,
    observations,
    organisations,
    personas,
    placements,
    reports,
    source_aliases,
)

PLAN = (personas, claims, campaigns, assets, channels, placements, jobs, source_aliases)

router = APIRouter(prefix="/api/v1")
for noun in (*PLAN, observations, reports, organisations):
    router.include_router(noun.router)
