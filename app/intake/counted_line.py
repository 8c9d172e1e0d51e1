"""A comparison of counts as lines for who asks: each day, and below it each application that differs."""

import datetime as dt
from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel

from app.errors import VendorError
from app.intake.reconcile import EXTRA, MISSING, Reconciled

NOT_KNOWN: Literal["not_known"] = "not_known"


class CountedLine(BaseModel):
    """A day with its counts, or an application that differs: `key` is the vendor's own, of one that we lack, and
    `reference` ours, of one that the vendor no longer lists. Counts stand at days alone; of a system that could not be
    asked nothing is known, and `why` says it."""

    connection: str
    day: dt.date | None = None
    what: Literal["day", "missing", "extra", "not_known"]
    theirs: int | None = None
    ours: int | None = None
    missing: int | None = None
    erased: int | None = None
    extra: int | None = None
    agrees: bool | None = None
    key: str | None = None
    reference: str | None = None
    made_at: dt.datetime | None = None
    job: str | None = None
    why: str | None = None


def list_lines(connection: str, found: Reconciled | VendorError) -> Iterator[CountedLine]:
    """All that was found: the days, then what only the vendor has, then what only we have; or why nothing was."""
    if isinstance(found, VendorError):
        yield CountedLine(connection=connection, what=NOT_KNOWN, why=str(found))
        return
    for check in found.checks:
        yield CountedLine(
            connection=connection, day=check.day, what="day", theirs=check.theirs, ours=check.ours,
            missing=check.missing, erased=check.erased, extra=check.extra, agrees=check.agrees,
        )  # fmt: skip
    for one in found.missing:
        yield CountedLine(connection=connection, what=MISSING, key=one.key, made_at=one.made_at)
    for extra in found.extra:
        yield CountedLine(
            connection=connection, what=EXTRA, reference=extra.reference.hex(), made_at=extra.made_at, job=extra.job
        )
