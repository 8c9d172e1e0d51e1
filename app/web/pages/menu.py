"""The menu: to which of its entries a page belongs."""

WITHIN = {
    "start": "/", "checks": "/", "paths": "/verdicts", "forecasts": "/verdicts", "placements": "/verdicts",
    "assets": "/campaigns", "claims": "/campaigns", "channels": "/campaigns", "plan": "/campaigns",
    "naming-presets": "/campaigns", "jobs": "/campaigns", "messages": "/personas",
}  # fmt: skip
"""The first word of an address that is no entry itself, and the entry it belongs to."""
INSTEAD = "/campaigns"
"""Where a placement that people have met belongs for who does not see small counts: verdicts are not in their menu."""


def find_entry(path: str, *, sees_small_counts: bool) -> str:
    """The address of the entry that a page belongs to; one that belongs to none gives what stands in no menu."""
    first = path.split("/")[1]
    entry = WITHIN.get(first, f"/{first}")
    return INSTEAD if entry == "/verdicts" and not sees_small_counts else entry
