"""What a comparison of counts showed, day by day, each differing application by its keyed reference."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.funnel.application import Application, ObservedJob
from app.intake.reconcile import EXTRA, MISSING, USUAL_DAYS, CountCheck, list_count_checks

Reason: TypeAlias = Literal["missing", "extra"]
SOME = 500
"""How many references one statement asks after: SQLite takes some thousands of values at most."""


class DifferenceOut(BaseModel):
    """An application that one side has and the other has not."""

    reference: str = Field(description="Its keyed hash; `kutsu reconcile --find KEY` says whether a key is here.")
    reason: Reason = Field(description="`missing`: the system has it and we do not; `extra`: the system no longer "
                           "lists it.")  # fmt: skip
    job: str | None = Field(description="The job, where the application is here.")


class CountedDayOut(BaseModel):
    """What a system and we said of one local day."""

    day: dt.date
    theirs: int = Field(description="Applications that the system says were made.")
    ours: int = Field(description="Applications made on it that are here.")
    missing: int = Field(description="Of theirs, those that are not here.")
    erased: int = Field(description="Erased here; the system may list them or not.")
    extra: int = Field(description="Of ours, those that were not erased and that the system no longer lists.")
    agrees: bool
    compared_at: dt.datetime
    differing: list[DifferenceOut] = Field(description="Up to a thousand of each reason; the counts are whole.")


def list_counted_days(session: Session, connection_id: uuid.UUID, *, days: int = USUAL_DAYS) -> list[CountedDayOut]:
    """The days that were compared last, the newest first, with what differs on each."""
    checks = list_count_checks(session, connection_id, days=days)
    extra = [bytes.fromhex(one) for check in checks for one in check.differing.get(EXTRA, ())]
    jobs = dict(_find_jobs(session, extra))
    return [_describe(check, jobs) for check in checks]


def _find_jobs(session: Session, references: Sequence[bytes]) -> Iterator[tuple[str, str | None]]:
    for start in range(0, len(references), SOME):
        named = select(Application.id, ObservedJob.title).join(ObservedJob, ObservedJob.id == Application.job_id)
        for id, title in session.execute(named.where(Application.id.in_(references[start : start + SOME]))):
            yield id.hex(), title


def _describe(check: CountCheck, jobs: dict[str, str | None]) -> CountedDayOut:
    reasons: tuple[Reason, ...] = (MISSING, EXTRA)
    differing = [
        DifferenceOut(reference=reference, reason=reason, job=jobs.get(reference))
        for reason in reasons
        for reference in check.differing.get(reason, ())
    ]
    return CountedDayOut(
        day=check.day, theirs=check.theirs, ours=check.ours, missing=check.missing, erased=check.erased,
        extra=check.extra, agrees=check.agrees, compared_at=check.checked_at, differing=differing,
    )  # fmt: skip
