"""What a plan's file says that nobody here has approved: it waits, since who reads a file in approves nothing by it."""

from typing import Any

from sqlalchemy.orm import Session

from app.access.audit import actor_of
from app.planning.agreeing import has_gone_out
from app.planning.asset import ANSWERS, Asset, AssetIn, AssetStatus
from app.planning.field import Given
from app.planning.placement import PlacementIn, PlacementStatus
from app.planning.row import find_row


def hold_back(session: Session, given: Given, there: Any | None) -> Given:
    """What is stored of a row: an asset that is not approved here stays a draft, and a placement of a draft is not live
    yet. A command answers for itself and holds nothing back."""
    if actor_of(session).kind not in ANSWERS:
        return given
    if isinstance(given, AssetIn) and given.status == AssetStatus.APPROVED:
        if there is None or there.status == AssetStatus.DRAFT:
            return given.model_copy(update={"status": AssetStatus.DRAFT})
    elif isinstance(given, PlacementIn) and _waits(session, given, there):
        return given.model_copy(update={"status": PlacementStatus.PLANNED})
    return given


def _waits(session: Session, given: PlacementIn, there: Any | None) -> bool:
    """Whether a placement would go out with a draft; what comes as ended already is a record, and goes nowhere."""
    came_ended = there is None and given.status == PlacementStatus.ENDED
    if given.status == PlacementStatus.PLANNED or came_ended or (there is not None and has_gone_out(there)):
        return False
    asset = find_row(session, Asset, given.asset_id)
    return asset is not None and asset.status == AssetStatus.DRAFT
