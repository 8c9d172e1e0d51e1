"""Claims: the promises that assets make."""

from typing import Literal

from app.planning.claim import (
    ClaimFilter,
    ClaimIn,
    ClaimOut,
    create_claim,
    describe_claim,
    get_claim,
    list_claims,
)
from app.planning.removal import delete_claim
from app.planning.replacing import replace_claim
from app.web.api.plan_rows import PlanRows
from app.web.paging import PageQuery


class ClaimQuery(PageQuery):
    """How claims are listed."""

    sort: Literal["slug", "-slug", "created_at", "-created_at", "updated_at", "-updated_at"] = "slug"
    factor: str | None = None
    slug: str | None = None


ROWS = PlanRows(
    one="a claim",
    many="claims",
    given=ClaimIn,
    shown=ClaimOut,
    query=ClaimQuery,
    filter=ClaimFilter,
    list=list_claims,
    get=get_claim,
    describe=describe_claim,
    create=create_claim,
    replace=replace_claim,
    delete=delete_claim,
)
router = ROWS.router(
    lists="All claims, or those that carry a factor.",
    creates="Its factor must be one of some persona.",
    replaces="Its slug and factor stay once an ad with it has gone out.",
    deletes="Refused while an asset makes it.",
)
