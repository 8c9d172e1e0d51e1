"""Offers at Teamtailor, an add-on of theirs: that one was sent, and that whoever took it has started."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.intake.connectors.page import ApplicationSeen, MoveSeen, StageSeen
from app.intake.connectors.reading import Read, read_all, read_record
from app.intake.connectors.teamtailor.shapes import Listing, OfferRecord

OFFER = StageSeen(ref="offer", name="Offer sent", vendor_type="Offer")
STARTED = StageSeen(ref="started", name="Started", vendor_type="Started")
"""What Teamtailor tells by an offer and not by a stage."""
HIRED = "hired"
DECLINED = frozenset({"rejected", "declined"})
"""Answers that are a no. Which words there are is not documented: that somebody was hired is told by the stage."""
NOON = dt.time(12, tzinfo=dt.UTC)
"""When a thing happened of which only the day is told: in and around Europe it is the same day everywhere."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer: which application it is for, when it was sent and answered, and the first day that it names."""

    application: str | None
    sent_at: dt.datetime | None
    answered_at: dt.datetime | None
    declined: bool
    starts_on: dt.date | None

    def is_due(self, since: dt.datetime | None, now: dt.datetime) -> bool:
        """Whether something of it has happened since, or its first day has come."""
        if since is None:
            return True
        told = [at for at in (self.sent_at, self.answered_at) if at is not None]
        begins = self.starts_on is not None and since.date() <= self.starts_on <= now.date()
        return begins or any(at >= since for at in told)


def read_offers(listing: Listing) -> Read:
    """The offers of a list."""
    return read_all(listing.data, _read_offer)


def _read_offer(raw: Any) -> Offer:
    record = read_record(OfferRecord, raw)
    said = record.attributes
    return Offer(
        application=record.relationships.job_application.ref,
        sent_at=said.sent_at,
        answered_at=said.answered_at,
        declined=(said.response or "").lower() in DECLINED,
        starts_on=said.details.start_date if said.details else None,
    )


def is_hired(application: ApplicationSeen) -> bool:
    """Whether it stands in the stage of those who were hired."""
    stage = application.stage
    return application.outcome is None and stage is not None and (stage.vendor_type or "").lower() == HIRED


def trace(application: ApplicationSeen, offers: Sequence[Offer], today: dt.date) -> list[MoveSeen]:
    """What the offers of an application tell of its way. One that was sent after somebody was hired was made before;
    whoever was hired has started when the day that the last offer names has come."""
    hired_at = application.entered_at if is_hired(application) else None
    moves = []
    for offer in offers:
        if offer.sent_at is not None:
            late = hired_at is not None and offer.sent_at > hired_at
            at = hired_at if hired_at is not None and late else offer.sent_at
            quality: Any = "approximate" if late else "exact"
            moves.append(MoveSeen(application=application.application, stage=OFFER, at=at, quality=quality))
    told = [(offer.answered_at or offer.sent_at, offer) for offer in offers if not offer.declined]
    taken = max(((at, offer) for at, offer in told if at is not None), key=lambda one: one[0], default=None)
    starts_on = taken[1].starts_on if taken else None
    if hired_at is not None and starts_on is not None and starts_on <= today:
        at = max(dt.datetime.combine(starts_on, NOON), hired_at)
        moves.append(MoveSeen(application=application.application, stage=STARTED, at=at, quality="approximate"))
    return moves
