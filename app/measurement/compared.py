"""Who is compared with whom: applicants, what makes them comparable, and the ads that each met."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.measurement.cells import Ints
from app.measurement.journeys import Cause, Journeys, require_codes

UNTRACED = -1


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Applications of one report, n of them, made by `compared`.

    ad              (n,) whose each is, or UNTRACED
    specialty, job  (n,) codes from 0 without gaps
    month           (n,) of applying, codes from 0 without gaps; all one where months are not to be told apart
    kind            (ads,) a code; ads of one kind are alike before anything is known of them
    application, met  each meeting of an applicant with an ad up to the application, every pair once; whoever
                    owns an application was met
    """

    journeys: Journeys
    ad: Ints
    specialty: Ints
    job: Ints
    application: Ints
    met: Ints
    ads: int
    kind: Ints
    month: Ints

    @property
    def stratum(self) -> NDArray[np.int32]:
        """Specialty and job in one code, for comparisons that cannot take them apart."""
        return np.asarray(self.specialty * (self.job.max(initial=0) + 1) + self.job, dtype=np.int32)

    @property
    def waiting(self) -> float:
        """The share of the traced applicants who still wait."""
        traced = np.unique(self.application)
        return float(np.mean(self.journeys.cause[traced] == Cause.PENDING)) if len(traced) else 0.0

    @property
    def in_company(self) -> NDArray[np.bool_]:
        """Ads that share a specialty with another: somebody of it met another ad and not this one."""
        size = int(self.specialty.max(initial=-1)) + 1
        cell = self.met * size + self.specialty[self.application]
        met = np.bincount(cell, minlength=self.ads * size).reshape(self.ads, size)
        traced = np.zeros(len(self.ad), dtype=np.bool_)
        traced[self.application] = True
        everybody = np.bincount(self.specialty[traced], minlength=size)
        return np.asarray(((met > 0) & (met < everybody)).any(axis=1))


def compared(
    journeys: Journeys,
    ad: NDArray[np.int32],
    specialty: NDArray[np.int32],
    ads: int,
    *,
    job: NDArray[np.int32] | None = None,
    meetings: tuple[NDArray[np.integer], NDArray[np.integer]] | None = None,
    kind: NDArray[np.integer] | None = None,
    month: NDArray[np.integer] | None = None,
) -> Compared:
    """Check and gather. ad (n,) in −1 (untraced) … ads − 1; specialty and job (n,) any codes from 0; meetings
    pairs of a position in 0 … n − 1 and an ad; kind (ads,) any codes, left out where no two ads are akin; month (n,)
    any codes. Raises ValueError for codes out of range."""
    size = len(journeys)
    require_codes("ad", ad, size=size, codes=(UNTRACED, max(ads, 0)))
    job = np.zeros(size, dtype=np.int32) if job is None else job
    for name, codes in (("specialty", specialty), ("job", job)):
        require_codes(name, codes, size=size, codes=(0, np.iinfo(np.int32).max))
    owned = np.flatnonzero(ad != UNTRACED)
    application, met = owned, ad[owned].astype(np.int64)
    if meetings is not None:
        require_codes("meeting", meetings[0], size=len(meetings[0]), codes=(0, size))
        require_codes("met", meetings[1], size=len(meetings[0]), codes=(0, ads))
        application, met = np.concatenate([application, meetings[0]]), np.concatenate([met, meetings[1]])
    pair = np.unique(application.astype(np.int64) * max(ads, 1) + met)
    return Compared(
        journeys,
        ad.astype(np.int64),
        _without_gaps(specialty),
        _without_gaps(job),
        pair // max(ads, 1),
        pair % max(ads, 1),
        ads,
        np.arange(ads) if kind is None else np.asarray(kind, dtype=np.int64),
        np.zeros(size, dtype=np.int64) if month is None else _without_gaps(month),
    )


def _without_gaps(codes: NDArray[np.integer]) -> Ints:
    return np.asarray(np.unique(codes, return_inverse=True)[1].reshape(len(codes)), dtype=np.int64)
