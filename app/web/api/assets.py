"""Assets: creatives in a format, and the claims they make."""

import uuid
from typing import Literal

from app.planning.asset import (
    AssetFilter,
    AssetIn,
    AssetOut,
    AssetStatus,
    Format,
    create_asset,
    describe_asset,
    get_asset,
    list_assets,
)
from app.planning.field import Theme
from app.planning.removal import delete_asset
from app.planning.replacing import replace_asset
from app.web.api.plan_rows import PlanRows
from app.web.paging import PageQuery


class AssetQuery(PageQuery):
    """How assets are listed."""

    sort: Literal["name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"] = "name"
    format: Format | None = None
    status: AssetStatus | None = None
    theme: Theme | None = None
    claim_id: uuid.UUID | None = None
    variant_of_id: uuid.UUID | None = None


ROWS = PlanRows(
    one="an asset",
    many="assets",
    given=AssetIn,
    shown=AssetOut,
    query=AssetQuery,
    filter=AssetFilter,
    list=list_assets,
    get=get_asset,
    describe=describe_asset,
    create=create_asset,
    replace=replace_asset,
    delete=delete_asset,
)
router = ROWS.router(
    lists="All assets, or those of a format, status, theme, claim or original.",
    creates="A draft: who signs in approves it, and no token does. Showing people needs their consent and until when.",
    replaces="Its format and claims stay once it has gone out; its status moves forward, and no token approves it.",
    deletes="Refused while it is placed or has variants.",
)
