"""Counts compared with a vendor's, in words: what they say, what we have, and what to do where the two differ."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.i18n import _, date, moment, ngettext, number, period
from app.intake.reconcile import CountCheck

A_DAY = dt.timedelta(days=1)
MAY_WAIT = 1
"""How many whole days may wait for the comparison that comes each day."""


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day on which the counts differ, or days that were not compared, as the table shows it."""

    day: str
    theirs: str = ""
    ours: str = ""
    missing: str = ""
    erased: str = ""
    extra: str = ""
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """The counts of the last days: a sentence, when they were compared, the days that differ, and the remedies."""

    text: str
    when: str
    days: Sequence[DayRow]
    remedies: Sequence[str]


def compare_words(checks: Sequence[CountCheck], name: str, zone: dt.tzinfo, today: dt.date) -> Comparison | None:
    """What a comparison found, the newest day first; nothing where there was none yet. `today` is a local day."""
    if not checks:
        return None
    differing = [check for check in checks if not check.agrees]
    return Comparison(
        counts_sentence(checks, today),
        _("Applications made from %(first)s to %(last)s, compared on %(when)s.", first=date(checks[-1].day),
          last=date(checks[0].day), when=moment(max(check.checked_at for check in checks), zone)),
        list_rows(checks, today),
        _remedies(differing, name),
    )  # fmt: skip


def counts_sentence(checks: Sequence[CountCheck], today: dt.date) -> str:
    """`They say 412, we have 410: the counts differ on 2 days.`; nothing where there was no comparison. `today` is a
    local day."""
    if not checks:
        return ""
    theirs, ours = sum(check.theirs for check in checks), sum(check.ours for check in checks)
    said = _("They say %(theirs)s, we have %(ours)s", theirs=number(theirs), ours=number(ours))
    if differing := differing_days(checks):
        why = ngettext("the counts differ on %(n)s day", "the counts differ on %(n)s days", differing)
    else:
        erased = sum(check.erased for check in checks)
        why = ngettext("%(n)s was erased here", "%(n)s were erased here", erased) if erased else _("they agree")
    sentence = _("%(said)s: %(why)s.", said=said, why=why)
    unknown = unknown_days(checks, today)
    return f"{sentence} {_not_known(unknown)}" if unknown else sentence


def unknown_days(checks: Sequence[CountCheck], today: dt.date) -> list[dt.date]:
    """The whole local days since the last one that was compared, the newest first, where a comparison has failed to
    come: by itself it comes each day, so that yesterday alone may wait for it."""
    waiting = (today - checks[0].day).days - 1 if checks else 0
    return [today - dt.timedelta(days=back) for back in range(1, waiting + 1)] if waiting > MAY_WAIT else []


def _not_known(days: Sequence[dt.date]) -> str:
    return _("Of the days since %(day)s it is not known: nothing was compared then.", day=date(days[-1]))


def differing_days(checks: Sequence[CountCheck]) -> int:
    """On how many days the counts differ by more than what was erased here."""
    return sum(not check.agrees for check in checks)


def list_rows(checks: Sequence[CountCheck], today: dt.date) -> list[DayRow]:
    """The days on which the counts differ and those that were not compared, the newest first."""
    rows = [(check.day, _row(check)) for check in checks if not check.agrees]
    rows += [(last, DayRow(period(first, last), is_known=False)) for first, last in list_gaps(checks, today)]
    return [row for _day, row in sorted(rows, key=lambda one: one[0], reverse=True)]


def list_gaps(checks: Sequence[CountCheck], today: dt.date) -> list[tuple[dt.date, dt.date]]:
    """The first and last of each run of whole local days that were not compared, the newest first: those since the last
    comparison, and those between two."""
    unknown = unknown_days(checks, today)
    since = [(unknown[-1], unknown[0])] if unknown else []
    compared = [check.day for check in checks]
    between = [(before + A_DAY, after - A_DAY) for after, before in pairwise(compared) if after - before > A_DAY]
    return since + between


def _row(check: CountCheck) -> DayRow:
    theirs, ours, missing, erased, extra = map(
        number, (check.theirs, check.ours, check.missing, check.erased, check.extra)
    )
    return DayRow(date(check.day), theirs, ours, missing, erased, extra)


def _remedies(differing: Sequence[CountCheck], name: str) -> list[str]:
    remedies = []
    if any(check.missing for check in differing):
        remedies.append(
            _("What is not here is brought by its key, from the page of the days or by `kutsu reconcile \"%(name)s\" "
              "--bring`.", name=name)
        )  # fmt: skip
    if any(check.extra for check in differing):
        remedies.append(
            _("Applications that are no longer there were deleted or merged in the system. Here they still count, "
              "because they were made. If a person asked to be forgotten, erase them here too.")
        )  # fmt: skip
    return remedies
