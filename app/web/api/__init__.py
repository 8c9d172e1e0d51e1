"""The JSON API under `/api/v1`: a thin router for each noun."""

from fastapi import APIRouter

from app.web.api import assets, campaigns, channels, claims, jobs, personas, placements, source_aliases

router = APIRouter(prefix="/api/v1")
for noun in (personas, claims, campaigns, assets, channels, placements, jobs, source_aliases):
    router.include_router(noun.router)
