"""Every table of the database in one place, for migrations and the test that compares both."""

from app.access import audit, organisation, token
from app.database import Base
from app.funnel import application, fact, person, stage, touchpoint
from app.intake import connection
from app.planning import asset, campaign, channel, claim, job, persona, placement, tracking

__all__ = [
    "Base", "application", "asset", "audit", "campaign", "channel", "claim", "connection", "fact", "job",
    "organisation", "person", "persona", "placement", "stage", "token", "touchpoint", "tracking",
]  # fmt: skip
