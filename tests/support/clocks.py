"""When the clocks of some places change, from 2020 to 2030."""

import datetime as dt
import zoneinfo
from collections.abc import Iterator

ZONES = (
    "Europe/Helsinki", "Europe/Stockholm", "Europe/London", "Atlantic/Azores", "America/New_York",
    "America/St_Johns", "Australia/Lord_Howe",
)  # fmt: skip
"""Among them one whose clocks change by half an hour, one that is half an hour off the others, and one where it is
midnight that is missing in spring and comes twice in autumn."""
FIRST, LAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2031, 1, 1, tzinfo=dt.UTC)
HALF_AN_HOUR = dt.timedelta(minutes=30)


def list_changes(zone: zoneinfo.ZoneInfo) -> Iterator[dt.datetime]:
    """The first instants that the zone's clocks show in their new way; all of them change at half hours."""
    instant, offset = FIRST, FIRST.astimezone(zone).utcoffset()
    while instant < LAST:
        instant += HALF_AN_HOUR
        if (now := instant.astimezone(zone).utcoffset()) != offset:
            yield instant
            offset = now
