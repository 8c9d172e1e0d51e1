"""The way of one application through its stages, from the history and the offers that Greenhouse keeps of it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.intake.connectors.greenhouse.shapes import STATUSES, Application, Offer, StageStay
from app.intake.connectors.page import MoveSeen, StageSeen, TimeQuality

OFFER = StageSeen(ref="offer", name="Offer sent", vendor_type="Offer")
HIRED = StageSeen(ref="hired", name="Hired", vendor_type="Hired")
STARTED = StageSeen(ref="started", name="Started", vendor_type="Started")
"""What Greenhouse tells by an offer and not by a stage."""
NOON = dt.time(12, tzinfo=dt.UTC)
"""When a thing happened of which only the day is told: in and around Europe it is the same day everywhere."""


@dataclass(frozen=True, slots=True)
class Entry:
    """That a stage was entered."""

    stage: StageSeen
    at: dt.datetime
    quality: TimeQuality

    @property
    def order(self) -> tuple[dt.datetime, int, str]:
        return (self.at, self.stage.position or 0, self.stage.ref)


@dataclass(frozen=True, slots=True)
class History:
    """Everything that was entered, and what the application stands in; `entered_at` is None where it is not
    known exactly."""

    entries: tuple[Entry, ...]
    stage: StageSeen | None
    entered_at: dt.datetime | None

    def moves(self, application: str) -> tuple[MoveSeen, ...]:
        return tuple(
            MoveSeen(application=application, stage=entry.stage, at=entry.at, quality=entry.quality)
            for entry in self.entries
        )


def trace(
    application: Application,
    stays: Sequence[StageStay],
    offers: Sequence[Offer],
    stages: Mapping[str, StageSeen],
    today: dt.date,
) -> History:
    """Put stays and offers together. A hire is an offer accepted; somebody has started when the day that the
    accepted offer names has come."""
    walked = sorted((*(_stay(stay, stages) for stay in stays), *_sent(offers)), key=lambda entry: entry.order)
    accepted = max(
        (offer for offer in offers if offer.status == "accepted" and offer.resolved_at is not None),
        key=lambda offer: (offer.resolved_at, offer.version),
        default=None,
    )
    hired = [] if accepted is None else [_hired(accepted)]
    begun = _started(accepted, hired[0].at) if accepted is not None and application.status == "hired" else []
    entries = (*walked, *hired, *(entry for entry in begun if entry.at.date() <= today))
    stands: Entry | None = None
    if application.status == "hired":
        seen_at = max((application.updated_at, *(entry.at for entry in (*walked, *hired))))
        stands = max((entry for entry in (*hired, *begun) if entry.at <= seen_at), key=_is_further, default=None)
        stage: StageSeen | None = stands.stage if stands else HIRED
    elif application.status not in STATUSES:
        return History(entries, _unknown(application), None)
    else:
        stands = walked[-1] if walked else None
        stage = stands.stage if stands else _named(application)
    exact = stands is not None and stands.quality == "exact"
    return History(entries, stage, stands.at if stands is not None and exact else None)


def _stay(stay: StageStay, stages: Mapping[str, StageSeen]) -> Entry:
    """When a stage was entered; where that is not told, by when it was."""
    stage = stages.get(stay.job_interview_stage_id) or StageSeen(ref=stay.job_interview_stage_id, name="")
    if stay.entered_at is not None:
        return Entry(stage, stay.entered_at, "exact")
    return Entry(stage, stay.exited_at or stay.updated_at, "inferred")


def _sent(offers: Sequence[Offer]) -> list[Entry]:
    """An offer that was sent is an offer made, whatever became of it or of later versions."""
    sent = []
    for offer in offers:
        if offer.sent_on is not None:
            at = dt.datetime.combine(offer.sent_on, NOON)
            sent.append(Entry(OFFER, min(at, offer.resolved_at or at), "approximate"))
    return sent


def _hired(accepted: Offer) -> Entry:
    assert accepted.resolved_at is not None  # noqa: S101 (those without were left out)
    return Entry(HIRED, accepted.resolved_at, "exact")


def _started(accepted: Offer, hired_at: dt.datetime) -> list[Entry]:
    if accepted.starts_on is None:
        return []
    return [Entry(STARTED, max(dt.datetime.combine(accepted.starts_on, NOON), hired_at), "approximate")]


def _is_further(entry: Entry) -> tuple[dt.datetime, bool]:
    return (entry.at, entry.stage is STARTED)


def _unknown(application: Application) -> StageSeen:
    """A status that we do not know yet stands in the stage map as a stage of its own, for a person to say what it
    means."""
    return StageSeen(ref=f"of-status:{application.status}"[:80], name=application.status[:200])


def _named(application: Application) -> StageSeen | None:
    """The stage that an application without a history says it is in. Its number is of another kind than those of
    the stages, so it gets a place of its own in the stage map."""
    if application.stage_id is None:
        return None
    return StageSeen(ref=f"of-application:{application.stage_id}"[:80], name=(application.stage_name or "")[:200])
