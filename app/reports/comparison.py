"""Two placements, formats or periods side by side: how probable it is that the one's applicants go further."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy.orm import Session

from app.errors import Invalid, Problem
from app.funnel.columns import NONE
from app.i18n import _, period
from app.measurement.compared import Compared, compared
from app.measurement.contrasts import (
    Contrast,
    Further,
    change_of_share,
    contrast_ads,
    doubt_contrast,
    find_obstacle,
    judge_contrast,
)
from app.measurement.incidence import estimate_incidence
from app.measurement.journeys import Journeys
from app.reports.answers import ComparedSide, Comparison, Confounding, Conversion, Estimate, say_why
from app.reports.cache import cached
from app.reports.comparison_words import comparison_sentence, left_out_words, obstacle_words
from app.reports.explain_words import confounding_words, period_doubt_words
from app.reports.grouping import Grouping, group_applications
from app.reports.measuring import gather
from app.reports.reading import Reading, describe_scope, journeys_to, known_to_meet_filters, read
from app.reports.scope import OVERLAPPING, By, Scope, View

Period = tuple[dt.date, dt.date]

PERIOD = "period"
SPLITS = (*(by.value for by in By if by not in OVERLAPPING), PERIOD)


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two: its key and name, and which of the people it owns."""

    key: str
    label: str
    ad: int
    journeys: Journeys


def report_comparison(session: Session, scope: Scope, by: str, a: str, b: str) -> Comparison:
    """Set two rows of a split beside each other, or two periods of applying.

    by  a split whose rows share no applications, or `period`
    a, b  keys of rows as the effectiveness report has them, or tracking codes; or periods, `2026-01-01/2026-03-31`
    Raises Invalid, naming what is wrong with which.
    """
    if by not in SPLITS:
        raise Invalid([Problem("by", _("“%(text)s” is none of %(known)s.", text=by, known=", ".join(SPLITS)))])
    if a == b:
        raise Invalid([Problem("b", _("The two are the same; name another."))])
    if by == PERIOD:
        first, second = (_read_period(name, text) for name, text in (("a", a), ("b", b)))
        _refuse_overlap(first, second, scope)
        return _cached(session, scope, f"{first} {second}", lambda reading: _compare_periods(reading, first, second))
    split = replace(scope, by=By(by))
    return _cached(session, split, f"{a} {b}", lambda reading: _compare_rows(reading, a, b))


def _cached(session: Session, scope: Scope, what: str, make: Callable[[Reading], Comparison]) -> Comparison:
    asked = replace(scope, view=View.COHORT)
    return cached(session, asked, f"comparison of {what}", lambda: make(read(session, asked)))


def _compare_rows(reading: Reading, a: str, b: str) -> Comparison:
    everything = group_applications(reading)
    grouping, shared = _part(everything) if everything.overlapping else (everything, {})
    numbers = [_find_group(reading, grouping, name, text) for name, text in (("a", a), ("b", b))]
    gathered = gather(reading, grouping)
    journeys = gathered.people.journeys
    sides = [
        _Side(grouping.groups[n].key, grouping.groups[n].label, n, journeys.select(gathered.row == n)) for n in numbers
    ]
    left_out = len(set[int]().union(*(shared.get(n, ()) for n in numbers)))
    return _tell(reading, reading.scope.by.value, gathered.people, sides, left_out)


def _part(grouping: Grouping) -> tuple[Grouping, dict[int, set[int]]]:
    """The rows with what belongs to no other row, so that nobody is compared with himself; and of each row the
    applications that it shares, which only help to foretell."""
    counts = np.bincount(grouping.application)
    own = counts[grouping.application] == 1
    rows = Counter(placement for group in grouping.groups for placement in group.placements)
    groups = [replace(group, placements=tuple(one for one in group.placements if rows[one] == 1))
              for group in grouping.groups]  # fmt: skip
    parted = replace(
        grouping, groups=tuple(groups), application=grouping.application[own], group=grouping.group[own],
        elsewhere=np.concatenate([grouping.elsewhere, np.flatnonzero(counts > 1)]), overlapping=False,
    )  # fmt: skip
    return parted, {n: set(grouping.application[~own & (grouping.group == n)].tolist()) for n in range(len(groups))}


def _find_group(reading: Reading, grouping: Grouping, field: str, text: str) -> int:
    """The row of this key or code; of one that the filters divide, the part that meets them."""
    for number, group in sorted(enumerate(grouping.groups), key=lambda one: not one[1].shown):
        code = reading.plan.placements[group.placements[0]].code if group.placements else None
        if text == group.key or (reading.scope.by is By.PLACEMENT and text == code):
            return number
    known = _("This split has no row “%(text)s”; give the key of one that it has.", text=text)
    raise Invalid([Problem(field, known)])


def _compare_periods(reading: Reading, first: Period, second: Period) -> Comparison:
    """Each period is made an ad, that everybody met who applied in it."""
    columns = reading.columns
    ad = np.full(columns.count, NONE)
    for number, (start, end) in enumerate((first, second)):
        ad[(columns.applied >= start.toordinal()) & (columns.applied <= end.toordinal())] = number
    chosen = np.flatnonzero(known_to_meet_filters(reading) & (ad != NONE))
    journeys = journeys_to(columns, reading.scope.stage, chosen)
    specialty, job = (codes[chosen] - NONE for codes in (columns.specialty, columns.job))
    people = compared(journeys, ad[chosen].astype(np.int32), specialty, 2, job=job)
    sides = [
        _Side(f"{start}/{end}", period(start, end), number, journeys.select(ad[chosen] == number))
        for number, (start, end) in enumerate((first, second))
    ]
    return _tell(reading, PERIOD, people, sides)


def _tell(reading: Reading, by: str, people: Compared, sides: Sequence[_Side], left_out: int = 0) -> Comparison:
    scope = reading.scope
    pair = (sides[0].ad, sides[1].ad)
    obstacle = find_obstacle(people, *pair)
    contrast = None if obstacle else contrast_ads(people, [pair], level=scope.level)[0]
    told = [_tell_side(side, scope) for side in sides]
    ratio, change = _tell_ratio(contrast), _tell_change(contrast, told[1].conversion)
    better, verdict = contrast.probability_better if contrast else None, judge_contrast(contrast)
    doubted = contrast if verdict is not Further.CANNOT_TELL else None
    confounding = _tell_doubt(doubted, told[1].conversion, by) if doubted else None
    labels = (told[0].label, told[1].label)
    sentence = (comparison_sentence(*labels, contrast, change, scope.stage, scope.level) if contrast
                else obstacle_words(*labels, obstacle, scope.stage))  # fmt: skip
    return Comparison(
        scope=describe_scope(scope) | {"by": by},
        data=reading.data,
        a=told[0],
        b=told[1],
        probability_better=better,
        ratio=ratio,
        change=change,
        verdict=verdict.value,
        confounding=confounding,
        text=" ".join(filter(None, (sentence, confounding.text if confounding else "", left_out_words(left_out)))),
    )


def _tell_side(side: _Side, scope: Scope) -> ComparedSide:
    journeys = side.journeys
    (point,) = estimate_incidence(journeys, (scope.horizon_days,), scope.level)
    return ComparedSide(
        key=side.key, label=side.label, applications=len(journeys), reached=journeys.reached_count,
        out=journeys.out_count, pending=journeys.pending_count,
        conversion=Conversion(horizon_days=scope.horizon_days, estimate=point.estimate, low=point.low,
                              high=point.high, why=say_why(point.why)),
    )  # fmt: skip


def _tell_ratio(contrast: Contrast | None) -> Estimate:
    if contrast is None:
        return Estimate(estimate=None, low=None, high=None, why="too_few")
    return Estimate(estimate=contrast.ratio, low=contrast.low, high=contrast.high)


def _tell_doubt(contrast: Contrast, second: Conversion, by: str) -> Confounding:
    doubt = doubt_contrast(contrast, second.estimate)
    words = period_doubt_words if by == PERIOD else confounding_words
    return Confounding(estimate=doubt.estimate, limit=doubt.limit, text=words(doubt.estimate, doubt.limit))


def _tell_change(contrast: Contrast | None, second: Conversion) -> Estimate:
    """The relative change of the share, from the second to the first, where the second's share is known."""
    if contrast is None or not second.estimate:
        return Estimate(estimate=None, low=None, high=None, why=(second.why if contrast else None) or "too_few")
    ends = [change_of_share(ratio, second.estimate) for ratio in (contrast.ratio, contrast.low, contrast.high)]
    estimate, low, high = ends
    return Estimate(estimate=estimate, low=low, high=high)


def _read_period(field: str, text: str) -> Period:
    try:
        start, end = (dt.date.fromisoformat(day) for day in text.split("/"))
    except ValueError:
        wrong = _("“%(text)s” is no period; write 2026-01-01/2026-03-31.", text=text)
        raise Invalid([Problem(field, wrong)]) from None
    if start > end:
        raise Invalid([Problem(field, _("The period begins after it ends; swap the two dates."))])
    return start, end


def _refuse_overlap(first: Period, second: Period, scope: Scope) -> None:
    if max(first[0], second[0]) <= min(first[1], second[1]):
        raise Invalid([Problem("b", _("The two periods overlap; let the one end before the other begins."))])
    if scope.from_ or scope.to:
        raise Invalid([Problem("from", _("Two periods are compared already; leave this out."))])
