"""Records that could not be read and are read again at each run until they can be. They are found by the instant of
their last change, which stands in their stream's cursor: no key of a record is kept, and nothing of its content.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.errors import Drifted
from app.i18n import _
from app.intake.connectors.page import Cursor, Page
from app.intake.connectors.reading import Read

UNREAD = "unread"
"""Under which name they stand in a cursor."""
MOST = 200
"""How many of a stream are read again one by one; where there are more, its cursor waits instead."""


@dataclass(frozen=True, slots=True)
class Unread:
    """One such record: in which list it is, when it was last changed there (None where that cannot be read either),
    and why it cannot be read, by the name of a field."""

    resource: str
    at: dt.datetime | None
    reason: str


def list_unread(cursor: Cursor) -> list[Unread]:
    """What a stream has yet to read, by its cursor."""
    return [Unread(resource, dt.datetime.fromisoformat(at), why) for resource, at, why in cursor.get(UNREAD, ())]


class Backlog:
    """What the streams of one account have yet to read."""

    def __init__(self, vendor: str) -> None:
        self._vendor = vendor
        self._waiting: dict[str, list[Unread]] = {}
        self._held: dict[str, Drifted] = {}

    def load(self, cursors: Mapping[str, Cursor]) -> None:
        """Begin with what stands in the cursors."""
        self._waiting = {stream: list_unread(cursor) for stream, cursor in cursors.items()}

    def take(self, stream: str) -> Sequence[Unread]:
        """What waits in a stream, to be read again; what still cannot be read has to be noted anew."""
        return self._waiting.pop(stream, [])

    def keep(self, page: Page, unread: Sequence[Unread], *reads: Read) -> Iterator[Page]:
        """The page, its cursor with all that its stream has yet to read. Where that cannot be remembered the cursor
        stays for the rest of the run, which ends failed. Where most of one of the `reads` could not be used, the
        run ends at once: not the records are broken then, but our reading."""
        self._note(page.stream, unread)
        try:
            for read in reads:
                read.require_most(self._vendor)
        except Drifted:
            yield replace(page, cursor=None)
            raise
        yield replace(page, cursor=None if page.cursor is None else self.move(page.stream, page.cursor))

    def move(self, stream: str, cursor: Cursor) -> Cursor | None:
        """The cursor with what waits in its stream; None where it must not move."""
        if stream in self._held:
            return None
        rows = [[one.resource, one.at.isoformat(), one.reason] for one in self._waiting.get(stream, ()) if one.at]
        others = {name: value for name, value in cursor.items() if name != UNREAD}
        return {**others, UNREAD: rows} if rows else others

    def hold(self, stream: str, reason: str) -> None:
        """Let a stream's cursor stay where it is, for something behind it could not be read."""
        text = _(
            "Some records could not be read (%(reason)s), and %(vendor)s is asked for them again from where they "
            "begin: all others are read.",
            reason=reason,
            vendor=self._vendor,
        )
        self._held.setdefault(stream, Drifted(text))

    def judge(self, stream: str, read: Read) -> None:
        """Let the run end failed where most of a list cannot be read. One record alone does not say that: it costs
        what leans on it."""
        if len(read.broken) > 1:
            try:
                read.require_most(self._vendor)
            except Drifted as error:
                self._held.setdefault(stream, error)

    def settle(self) -> None:
        """End the run: as failed where a cursor had to stay."""
        for error in self._held.values():
            raise error

    def _note(self, stream: str, unread: Iterable[Unread]) -> None:
        waiting = self._waiting.setdefault(stream, [])
        for one in unread:
            if one.at is None or (one not in waiting and len(waiting) >= MOST):
                self.hold(stream, one.reason)
            elif one not in waiting:
                waiting.append(one)
