"""Model C: did those go on faster who met an ad after they had entered the stage before?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.measurement.advance import JOB_DEVIATION, SPECIALTY_DEVIATION
from app.measurement.cells import Cells, Floats, Ints, count_cells, count_weeks
from app.measurement.compared import Compared
from app.measurement.counts import contest_of
from app.measurement.hazard import fit_hazard
from app.measurement.journeys import WEEK_DAYS, WEEKS, Cause, require_codes
from app.measurement.mixture import Contest, weigh_alone
from app.measurement.posterior import Effects, Mixture
from app.measurement.progress import FEWEST_ADVANCES
from app.measurement.thresholds import THRESHOLDS, Thresholds


@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """The posterior of the log ratios of weekly hazards of those ads that can be compared, in the order of `ads`.

    by_counts  whether too few have advanced for the model of all ads, so that each was counted by itself
    """

    ads: Ints
    effects: Effects | None
    by_counts: bool


def measure_later_touches(people: Compared, application: Ints, ad: Ints, day: Ints) -> Later:
    """Does meeting this ad while waiting make people advance sooner?

    people     journeys from the entry to the stage before; only their kinds are used, not the ads they own
    application, ad, day  (m,) touches after the entry: positions in the journeys, the ad, days since the entry
    From 30 advances on all ads at once, by weekly hazards; below, each by itself by counts (`count_later_touches`).

    Those who went out leave the risk set (cause-specific hazard), and a touch counts from the whole week after
    it: to call people exposed who lived long enough to be touched would credit the ad with their patience
    (immortal time), and a touch of the advance's own week, such as an invitation, with the advance. Judged by
    `judge_later_touches`, for such touches are met by many and shrink little.

    Describes; proves no cause: who is touched may already have been keener. Raises ValueError for codes out of
    range. Source: Prentice and Gloeckler 1978; Suissa 2008 for immortal time.
    """
    if np.count_nonzero(people.journeys.decided_in_observed_week(Cause.ADVANCED)) < FEWEST_ADVANCES:
        contest = count_later_touches(people, application, ad, day)
        ads = np.flatnonzero((contest.share > 0) & (contest.own + contest.others > 0))
        return Later(ads, weigh_alone(contest.pick(ads)) if len(ads) else None, by_counts=True)
    cells, deviations = arrange_later_touches(people, application, ad, day)
    return Later(np.arange(people.ads), Mixture.of(fit_hazard(cells, deviations)), by_counts=False)


def judge_later_touches(
    ratio: float, probability: float, *, by_counts: bool = False, rules: Thresholds = THRESHOLDS
) -> bool:
    """Whether it can be said that those who met the ad went on sooner: an association, never a cause.

    ratio  the median ratio of weekly chances;  probability  that it is above one
    """
    needed = rules.better_later_counts if by_counts else rules.better_later
    return probability >= needed and ratio >= 1 + rules.notable_lift


def count_later_touches(people: Compared, application: Ints, ad: Ints, day: Ints) -> Contest:
    """Each ad's advances beside those of people of the same specialty and job, in the same weeks of waiting, who had
    not met it, or not yet.

    Those who advance in a week are this ad's by the share of those at risk then who had met it (Mantel and Haenszel
    1959, the weeks of every stratum being its tables), so no time is immortal. An ad is compared by itself: whoever
    met two counts for both, and an innocent one that travels with a strong one is praised for it.
    """
    person, flagged, week, weeks, advanced = _find_flags(people, application, ad, day)
    stratum = people.stratum.astype(np.int64)
    size = int(stratum.max(initial=-1)) + 1

    def count(who: Ints, entry: Ints) -> tuple[Floats, Floats]:
        """At risk from `entry` on, and advanced, by stratum and week."""
        at_risk = count_weeks(stratum[who], entry, weeks[who], size)
        hits = who[advanced[who]]
        events = np.bincount(stratum[hits] * WEEKS + weeks[hits] - 1, minlength=size * WEEKS)
        return at_risk, events.reshape(size, WEEKS).astype(np.float64)

    in_time = np.flatnonzero(weeks > 0)
    at_risk, events = count(in_time, np.zeros(len(in_time), dtype=np.int64))
    contests = []
    for one in range(people.ads):
        met, own = count(person[flagged == one], week[flagged == one])
        due = met * events / np.maximum(at_risk, 1)
        contests.append(contest_of(*(np.stack([part, events - part]).reshape(2, -1) for part in (own, due))))
    parts = ([getattr(contest, name)[0] for contest in contests] for name in ("own", "others", "share"))
    return Contest(*(np.array(part, dtype=np.float64) for part in parts))


def arrange_later_touches(people: Compared, application: Ints, ad: Ints, day: Ints) -> tuple[Cells, Floats]:
    """Cells of the model, each person's waiting cut where a touch begins to count, and the prior deviations."""
    person, flagged, week, weeks, advanced = _find_flags(people, application, ad, day)
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


def _find_flags(
    people: Compared, application: Ints, ad: Ints, day: Ints
) -> tuple[Ints, Ints, Ints, Ints, NDArray[np.bool_]]:
    """Whom each ad's touch counts for, and from which week on, one element a pair; then of everybody the weeks at risk
    and whether the last one ended in the advance."""
    require_codes("application", application, size=len(day), codes=(0, len(people.ad)))
    require_codes("ad", ad, size=len(day), codes=(0, people.ads))
    require_codes("day", day, size=len(day), codes=(0, np.iinfo(np.int32).max))
    weeks, advanced = _risk_weeks(people)
    person, flagged, week = _first_weeks(application, ad, day // WEEK_DAYS + 1, people.ads)
    counts = week < weeks[person]
    return person[counts], flagged[counts], week[counts], weeks, advanced


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
