"""How many applications name a source that nobody has explained, and of how many an ad is known beside their source."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from app.reports.cache import cached
from app.reports.reading import Reading, meeting_filters, read
from app.reports.scope import Scope
from app.reports.unmatched import lack_meaning


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """Of the applications of a question.

    unexplained  of an unknown source, with a name that would lead somewhere had it a meaning
    met_before   whose applicant is known to have met an ad inside the lookback, by more than the application's source
    """

    unexplained: int
    met_before: int


def count_sources(session: Session, scope: Scope) -> SourceCounts:
    """Count them; once per state of the data."""
    return cached(session, scope, "sources", lambda: _count(read(session, scope)))


def _count(reading: Reading) -> SourceCounts:
    chosen = meeting_filters(reading)
    met = np.bincount(reading.attribution.meetings.application, minlength=reading.columns.count)
    own = reading.attribution.own >= 0
    return SourceCounts(
        unexplained=int(np.count_nonzero(lack_meaning(reading) & chosen)),
        met_before=int(np.count_nonzero((met - own > 0) & chosen)),
    )
