"""Rows that were typed into a table of placements or pasted, carried through the address while what they name is
made."""

import base64
import json
import uuid
import zlib
from collections.abc import Iterable, Mapping, Sequence

from app.i18n import _
from app.planning.campaign import Campaign
from app.planning.sheet import COLUMNS
from app.web.pages.visit import Visit

CARRIED = ("place_in", "rows", "pasted")
MOST = 6000
"""Characters that packed rows may have in an address: with the rest of it less than the 8 KB that proxies take."""
MOST_UNPACKED = 200_000
"""Bytes that they may have unpacked, whatever the address says."""


def carry(campaign_id: uuid.UUID, rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What an address says of new rows and of the campaign they were typed for: as many as it has room for."""
    kept = [_say(row) for row in rows]
    while len(packed := _pack(kept)) > MOST:
        kept.pop()
    return {"place_in": str(campaign_id), "rows": packed}


def carry_pasted(campaign_id: uuid.UUID, rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The same of rows that were pasted, all of them or none: a part would be taken for the whole."""
    packed = _pack([_say(row) for row in rows])
    return {"place_in": str(campaign_id), "rows": packed if len(packed) <= MOST else "", "pasted": "yes"}


def _say(row: Mapping[str, str]) -> dict[str, str]:
    return {column: text for column, text in row.items() if text and column != "status"}


def _pack(rows: list[dict[str, str]]) -> str:
    said = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(zlib.compress(said, 9)).decode()


def read_carried(visit: Visit) -> list[dict[str, str]]:
    """The rows that the address carries; none where it says anything else."""
    try:
        packed = base64.urlsafe_b64decode(visit.asked.get("rows", "").encode())
        rows = json.loads(zlib.decompressobj().decompress(packed, MOST_UNPACKED))
        return [{column: row[column] for column in COLUMNS if isinstance(row.get(column), str)} for row in rows]
    except (ValueError, AttributeError, TypeError, RecursionError, zlib.error):
        return []


def write_sheet(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows as a spreadsheet copies them, below a header; empty where there are none."""
    columns = [column for column in COLUMNS if any(row.get(column) for row in rows)]
    lines = [columns, *([row.get(column, "") for column in columns] for row in rows)] if rows else []
    return "\n".join("\t".join(cells) for cells in lines)


def still_carried(visit: Visit) -> dict[str, str | None]:
    """What the address carries, for the next one."""
    return {name: visit.asked.get(name) for name in CARRIED}


def way_back(visit: Visit) -> tuple[str, str] | None:
    """The table that the rows were typed into, or the page that they were pasted on, with them in it; None where
    nothing is carried."""
    try:
        campaign = visit.session.get(Campaign, uuid.UUID(visit.asked["place_in"]))
    except (KeyError, ValueError):
        return None
    if campaign is None:
        return None
    table = f"/campaigns/{campaign.id}/placements"
    there = f"{table}/paste" if visit.asked.get("pasted") == "yes" else table
    return visit.address(there, rows=visit.asked.get("rows")), _("Back to the placements of “%(name)s”",
                                                                 name=campaign.name)  # fmt: skip
