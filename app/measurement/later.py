"""Model C: did those go on faster who met an ad after they had entered the stage before?"""

import numpy as np
from numpy.typing import NDArray

from app.measurement.advance import JOB_DEVIATION, SPECIALTY_DEVIATION
from app.measurement.cells import Cells, Floats, Ints, count_cells
from app.measurement.compared import Compared
from app.measurement.hazard import fit_hazard
from app.measurement.journeys import WEEK_DAYS, Cause, require_codes
from app.measurement.posterior import Mixture
from app.measurement.thresholds import THRESHOLDS, Thresholds


def measure_later_touches(people: Compared, application: Ints, ad: Ints, day: Ints) -> Mixture:
    """Does meeting this ad while waiting make people advance sooner?

    people     journeys from the entry to the stage before; only their kinds are used, not the ads they own
    application, ad, day  (m,) touches after the entry: positions in the journeys, the ad, days since the entry
    Returns the posterior of each ad's log ratio of weekly hazards.

    Those who went out leave the risk set (cause-specific hazard), and a touch counts from the whole week after
    it: to call people exposed who lived long enough to be touched would credit the ad with their patience
    (immortal time), and a touch of the advance's own week, such as an invitation, with the advance. Judged at
    `Thresholds.better_later`, for such touches are met by many and shrink little.

    Describes; proves no cause: who is touched may already have been keener. Raises ValueError for codes out of
    range. Source: Prentice and Gloeckler 1978; Suissa 2008 for immortal time.
    """
    cells, deviations = arrange_later_touches(people, application, ad, day)
    return Mixture.of(fit_hazard(cells, deviations))


def judge_later_touches(ratio: float, probability: float, rules: Thresholds = THRESHOLDS) -> bool:
    """Whether it can be said that those who met the ad went on sooner: an association, never a cause.

    ratio  the median ratio of weekly chances;  probability  that it is above one
    """
    return probability >= rules.better_later and ratio >= 1 + rules.notable_lift


def arrange_later_touches(people: Compared, application: Ints, ad: Ints, day: Ints) -> tuple[Cells, Floats]:
    """Cells of the model, each person's waiting cut where a touch begins to count, and the prior deviations."""
    require_codes("application", application, size=len(day), codes=(0, len(people.ad)))
    require_codes("ad", ad, size=len(day), codes=(0, people.ads))
    require_codes("day", day, size=len(day), codes=(0, np.iinfo(np.int32).max))
    weeks, advanced = _risk_weeks(people)
    person, flagged, week = _first_weeks(application, ad, day // WEEK_DAYS + 1, people.ads)
    counts = week < weeks[person]
    person, flagged, week = person[counts], flagged[counts], week[counts]
    cut = np.unique(np.column_stack([person, week]), axis=0)
    owner = np.concatenate([np.arange(len(weeks)), cut[:, 0]])
    entry = np.concatenate([np.zeros(len(weeks), dtype=np.int64), cut[:, 1]])
    order = np.lexsort((entry, owner))
    owner, entry = owner[order], entry[order]
    last = np.append(owner[1:] != owner[:-1], True)
    end = np.where(last, weeks[owner], np.append(entry[1:], 0))
    specialties, jobs = int(people.specialty.max(initial=-1)) + 1, int(people.job.max(initial=-1)) + 1
    width = specialties + jobs + people.ads
    met = _list_flags(owner, entry, person, flagged, week, people.ads)
    columns = np.column_stack(
        [people.specialty[owner], specialties + people.job[owner], np.minimum(specialties + jobs + met, width)]
    )
    zeros = np.zeros(len(owner), dtype=np.int64)
    cells = count_cells(zeros, columns, entry, end, advanced[owner] & last, width=width)
    return cells, np.repeat([SPECIALTY_DEVIATION, JOB_DEVIATION], [specialties, jobs])


def _risk_weeks(people: Compared) -> tuple[Ints, NDArray[np.bool_]]:
    """Weeks in the cause-specific risk set, and whether the last one ended in the advance."""
    journeys = people.journeys
    advanced = journeys.decided_in_observed_week(Cause.ADVANCED)
    decided = advanced | journeys.decided_in_observed_week(Cause.OUT)
    return np.where(decided, journeys.wait // WEEK_DAYS + 1, journeys.observed_weeks()).astype(np.int64), advanced


def _first_weeks(person: Ints, ad: Ints, week: Ints, ads: int) -> tuple[Ints, Ints, Ints]:
    """The first week in which each person's touch by each ad counts; the first touch is the one that counts."""
    order = np.lexsort((week, person * max(ads, 1) + ad))
    pair, first = np.unique((person * max(ads, 1) + ad)[order], return_index=True)
    return pair // max(ads, 1), pair % max(ads, 1), np.asarray(week[order][first])


def _list_flags(owner: Ints, entry: Ints, person: Ints, flagged: Ints, week: Ints, ads: int) -> Ints:
    """The ads whose touch counts in each spell, a row each, filled up with `ads`; one column at least."""
    start = np.searchsorted(person, owner, side="left")
    count = np.searchsorted(person, owner, side="right") - start
    met = np.full((len(owner), max(1, int(count.max(initial=0)))), ads, dtype=np.int64)
    for slot in range(met.shape[1]):
        place = np.minimum(start + slot, max(len(person) - 1, 0))
        if len(person):
            on = (slot < count) & (week[place] <= entry)
            met[on, slot] = flagged[place[on]]
    return met
