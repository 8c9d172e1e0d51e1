"""What came by webhooks, in words: what waits and since when, what was refused, what contradicts itself."""

import datetime as dt
from collections.abc import Sequence

from app.i18n import _, moment, ngettext
from app.intake.connection import Connection
from app.intake.deliveries import Deliveries
from app.intake.sender_day import Sent


def webhooks_line(found: Deliveries, connection: Connection, zone: dt.tzinfo) -> str:
    """How its webhooks are, in a line that links to them."""
    if said := deliveries_sentence(found, zone):
        return said
    return _("Set webhooks up, and news comes at once") if connection.hook_scheme is None else _came(0)


def deliveries_sentence(found: Deliveries, zone: dt.tzinfo) -> str:
    """What came in the last days and what became of it; nothing where nothing ever came."""
    counts = found.counts
    parts = waiting_parts([found], zone)
    if counts["received"]:
        parts.append(_came(counts["received"]))
    if counts["duplicate"]:
        parts.append(ngettext("%(n)s came again", "%(n)s came again", counts["duplicate"]))
    if counts["conflict"]:
        parts.append(_contradicted(counts["conflict"]))
    if counts["refused"]:
        parts.append(_refused(counts["refused"]))
    return _("%(parts)s.", parts="; ".join(parts)) if parts else ""


def sent_sentence(sent: Sent) -> str:
    """What a system sent in the last days by itself, and what became of it."""
    parts = [ngettext("%(n)s new observation", "%(n)s new observations", sent.accepted)]
    if sent.duplicate:
        parts.append(ngettext("%(n)s came again", "%(n)s came again", sent.duplicate))
    if sent.conflict:
        parts.append(_contradicted(sent.conflict))
    if sent.rejected:
        parts.append(ngettext("%(n)s was refused as wrong", "%(n)s were refused as wrong", sent.rejected))
    return _("In the last seven days: %(parts)s.", parts="; ".join(parts))


def waiting_parts(found: Sequence[Deliveries], zone: dt.tzinfo) -> list[str]:
    """What waits: for a person first, then for a worker, and since when."""
    dead, waiting = sum(one.in_vain for one in found), sum(one.waiting for one in found)
    parts = [_dead(dead)] if dead else []
    oldest = min((one.oldest_waiting_at for one in found if one.oldest_waiting_at is not None), default=None)
    if oldest is not None:
        since = moment(oldest, zone)
        parts.append(
            ngettext("%(n)s delivery waits to be read, since %(since)s",
                     "%(n)s deliveries wait to be read, the oldest since %(since)s", waiting, since=since)
        )  # fmt: skip
    return parts


def refused_parts(found: Sequence[Deliveries]) -> list[str]:
    """How many deliveries nobody vouched for."""
    refused = sum(one.counts["refused"] for one in found)
    return [_refused(refused)] if refused else []


def _came(count: int) -> str:
    return ngettext("%(n)s webhook in seven days", "%(n)s webhooks in seven days", count)


def _contradicted(count: int) -> str:
    return ngettext("%(n)s contradicted an earlier one", "%(n)s contradicted an earlier one", count)


def _dead(count: int) -> str:
    return ngettext("%(n)s delivery waits for you", "%(n)s deliveries wait for you", count)


def _refused(count: int) -> str:
    return ngettext("%(n)s was refused because its signature did not fit",
                    "%(n)s were refused because their signatures did not fit", count)  # fmt: skip
