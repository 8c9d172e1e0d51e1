"""How a connection is, in words: the sentence that comes first, and what to do about it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.i18n import _, moment, ngettext, number
from app.intake.code_words import NO_CODE, codes_words
from app.intake.deliveries import Deliveries
from app.intake.health import Condition, Health
from app.intake.left_out import skip_words
from app.web.pages.delivery_words import refused_parts, waiting_parts


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is the case, and the remedy where one is needed."""

    text: str
    remedy: str = ""


def health_sentence(health: Health, zone: dt.tzinfo, *, is_read: bool = False) -> Sentence:
    """A connection's condition in a sentence: since when, why, and what to do about it. `is_read` says that it is
    about to be read, or is read now."""
    since = moment(health.since, zone) if health.since else ""
    match health.condition:
        case Condition.BROKEN:
            return _broken_sentence(since, health.error or _("the run ended"), is_read=is_read)
        case Condition.LATE:
            return Sentence(
                _("Late: nothing has been read since %(since)s.", since=since),
                _("Look whether Kutsu runs: `kutsu serve` or `kutsu work` reads every hour by itself."),
            )
        case Condition.NEW if not health.is_asked:
            return Sentence(
                _("Nothing has been sent yet."), _("Set up its webhooks: they tell the system where to send.")
            )
        case Condition.FRESH if not health.is_asked:
            return Sentence(_("Last heard of on %(since)s.", since=since))
        case Condition.NEW:
            return Sentence(_("Not read yet."), _("Synchronise now, or wait: it is read within the hour."))
        case Condition.PAUSED:
            return Sentence(_("Paused since %(since)s: nothing is read.", since=since), _("Resume it to read on."))
        case Condition.DISCONNECTED:
            return Sentence(_("Disconnected on %(since)s; what was read until then stays.", since=since))
        case Condition.FRESH if health.unread:
            return Sentence(
                ngettext(
                    "All that had happened by %(since)s is here, but for %(n)s record that cannot be read (%(why)s).",
                    "All that had happened by %(since)s is here, but for %(n)s records that cannot be read (%(why)s).",
                    sum(health.unread.values()), since=since,
                    why=", ".join(skip_words(why) for why in sorted(health.unread)),
                ),
                _("They are asked for again at each synchronisation, and come in once they can be read: mend them in "
                  "the system, or update Kutsu."),
            )  # fmt: skip
        case Condition.FRESH:
            return Sentence(_("On time: all that had happened by %(since)s is here.", since=since))


def _broken_sentence(since: str, error: str, *, is_read: bool) -> Sentence:
    if is_read:
        return Sentence(
            _("It is being read again. Until now it was broken since %(since)s: %(error)s", since=since, error=error)
        )
    return Sentence(
        _("Broken since %(since)s: %(error)s", since=since, error=error),
        _("What was read before stays. Once the problem is mended, synchronise, and reading continues."),
    )


def data_finding(
    found: Sequence[Health],
    deliveries: Sequence[Deliveries],
    disagreeing: Sequence[str],
    zone: dt.tzinfo,
    others: Sequence[str] = (),
) -> str:
    """All connections in a sentence; `disagreeing` are those whose system counts other than we do, `others` send by
    themselves or come by files."""
    active = [one for one in found if one.condition is not Condition.DISCONNECTED]
    if not active and others:
        return _("No system is connected; what is here was sent or read from files: %(names)s.",
                 names=", ".join(others))  # fmt: skip
    if not active:
        return _("No system is connected yet, so nothing comes in by itself.")
    broken = [one.connection.name for one in active if one.condition is Condition.BROKEN]
    late = [one.connection.name for one in active if one.condition is Condition.LATE]
    waiting = sum(one.waiting_stages for one in active)
    unread = sum(sum(one.unread.values()) for one in active)
    parts = []
    if broken:
        parts.append(ngettext("%(names)s is broken", "%(names)s are broken", len(broken), names=", ".join(broken)))
    if late:
        parts.append(ngettext("%(names)s is late", "%(names)s are late", len(late), names=", ".join(late)))
    parts += [_("%(name)s counts differently from us", name=name) for name in disagreeing]
    parts += waiting_parts(deliveries, zone)
    parts += refused_parts(deliveries)
    if unread:
        parts.append(ngettext("%(n)s record cannot be read", "%(n)s records cannot be read", unread))
    if waiting:
        parts.append(ngettext("%(n)s stage waits for its meaning", "%(n)s stages wait for their meaning", waiting))
    if parts:
        return _("%(parts)s.", parts="; ".join(parts))
    if all(one.condition is Condition.NEW for one in active):
        return _("Connected; nothing has been read yet.")
    paused = [one.connection.name for one in active if one.condition is Condition.PAUSED]
    if paused:
        return ngettext(
            "%(names)s is paused; all else comes in.",
            "%(names)s are paused; all else comes in.",
            len(paused),
            names=", ".join(paused),
        )
    return ngettext("%(n)s system is connected, and all comes in.", "%(n)s systems are connected, and all comes in.",
                    len(active))  # fmt: skip


def condition_word(condition: Condition) -> str:
    """A condition in a word."""
    return {
        Condition.BROKEN: _("broken"),
        Condition.LATE: _("late"),
        Condition.NEW: _("not read yet"),
        Condition.PAUSED: _("paused"),
        Condition.FRESH: _("on time"),
        Condition.DISCONNECTED: _("disconnected"),
    }[condition]


def codes_sentence(health: Health) -> str:
    """How many of the applications seen last had a tracking code, and in which field."""
    total, none = sum(health.codes.values()), health.codes.get(NO_CODE, 0)
    if not total:
        return ""
    found = codes_words(health.codes)
    text = _("%(found)s of %(total)s applications seen last carried a tracking code",
             found=number(total - none), total=number(total))  # fmt: skip
    return _("%(text)s (%(fields)s).", text=text, fields=found) if found else _("%(text)s.", text=text)


def waiting_sentence(health: Health) -> str:
    """How many stage names wait for a person, and how many events wait with them."""
    if not health.waiting_stages:
        return ""
    names = ngettext("%(n)s stage waits for its meaning", "%(n)s stages wait for their meaning", health.waiting_stages)
    if not health.waiting_events:
        return f"{names}."
    events = ngettext("%(n)s event waits there.", "%(n)s events wait there.", health.waiting_events)
    return f"{names}; {events}"


def ahead_sentence(health: Health) -> str:
    """How much is said to have happened later than it was heard of."""
    if not health.ahead:
        return ""
    return ngettext(
        "%(n)s piece of information is dated later than it reached us. It is kept as it came; check the clock of the "
        "system that sent it.",
        "%(n)s pieces of information are dated later than they reached us. They are kept as they came; check the clock "
        "of the system that sent them.",
        health.ahead,
    )
