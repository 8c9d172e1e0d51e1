"""Rows that were typed into a table of placements, carried through the address while what they name is made."""

import json
import uuid
from collections.abc import Iterable, Mapping

from app.i18n import _
from app.planning.campaign import Campaign
from app.planning.sheet import COLUMNS
from app.web.pages.visit import Visit

CARRIED = ("place_in", "rows")
MOST = 1500
"""Characters of rows in an address."""


def carry(campaign_id: uuid.UUID, rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What an address says of new rows and of the campaign they were typed for: as many as it has room for."""
    kept: list[dict[str, str]] = []
    for row in rows:
        said = {column: text for column, text in row.items() if text and column != "status"}
        if len(_write([*kept, said])) <= MOST:
            kept.append(said)
    return {"place_in": str(campaign_id), "rows": _write(kept)}


def _write(rows: list[dict[str, str]]) -> str:
    return json.dumps(rows, ensure_ascii=False)


def read_carried(visit: Visit) -> list[dict[str, str]]:
    """The rows that the address carries; none where it says anything else."""
    try:
        rows = json.loads(visit.asked.get("rows", "[]"))
        return [{column: row[column] for column in COLUMNS if isinstance(row.get(column), str)} for row in rows]
    except (ValueError, AttributeError, TypeError, RecursionError):
        return []


def still_carried(visit: Visit) -> dict[str, str | None]:
    """What the address carries, for the next one."""
    return {name: visit.asked.get(name) for name in CARRIED}


def way_back(visit: Visit) -> tuple[str, str] | None:
    """The table that the rows were typed into, with them in it; None where nothing is carried."""
    try:
        campaign = visit.session.get(Campaign, uuid.UUID(visit.asked["place_in"]))
    except (KeyError, ValueError):
        return None
    if campaign is None:
        return None
    table = visit.address(f"/campaigns/{campaign.id}/placements", rows=visit.asked.get("rows"))
    return table, _("Place it in “%(name)s”", name=campaign.name)
