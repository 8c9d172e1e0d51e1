"""What a name may be said to mean: all channels and placements, or placements alone, as one list that every field of a
page shares. Whoever fills a field finds them by name or code, and may write either without the list."""

import uuid
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid, Problem
from app.i18n import _
from app.planning.channel import Channel
from app.planning.lines import fold
from app.planning.placement import Placement
from app.planning.tracking import read_code

NOUNS = ("channel", "placement")
BETWEEN = " · "
"""What stands between a placement's name, which another may have too, and its code."""

Meant = tuple[str, uuid.UUID]
"""A noun of these and a key."""


class MeantList:
    """The channels and placements that there are, as fields show and take them; placements alone where a name can mean
    nothing else."""

    def __init__(self, session: Session, *, placements_only: bool = False) -> None:
        self._placements_only = placements_only
        by_name = select(Channel.id, Channel.name).order_by(Channel.name)
        channels = [] if placements_only else session.execute(by_name).all()
        placed = select(Placement.id, Placement.name, Placement.tracking_code).order_by(Placement.name)
        self._texts: dict[Meant, str] = {("channel", id): name for id, name in channels}
        self._by_code: dict[str, Meant] = {}
        self._by_name: dict[str, list[Meant]] = {}
        for meant, name in list(self._texts.items()):
            self._by_name.setdefault(fold(name), []).append(meant)
        for id, name, code in session.execute(placed):
            meant = ("placement", id)
            self._texts[meant] = f"{name}{BETWEEN}{code}"
            self._by_code[code] = meant
            self._by_name.setdefault(fold(name), []).append(meant)

    @property
    def texts(self) -> Iterable[str]:
        """All of them, the channels first, each as a field takes it."""
        return self._texts.values()

    def write(self, noun: str, key: str) -> str:
        """One of them as a field takes it; nothing where it is not there."""
        return self._texts.get((noun, uuid.UUID(key)), "")

    def read(self, text: str) -> Meant:
        """What a field says: a text of the list, a code, or a name that only one has. Raises Invalid."""
        noun, _colon, key = text.partition(":")
        if noun in NOUNS and (found := _read_key(key)) is not None:
            return noun, found
        code = read_code(text.rpartition(BETWEEN)[2])
        if code is not None and code in self._by_code:
            return self._by_code[code]
        named = self._by_name.get(fold(text), [])
        if len(named) == 1:
            return named[0]
        raise Invalid([Problem("means", self._refusal(text, bool(named)))])

    def _refusal(self, text: str, several: bool) -> str:
        if several:
            return _("Several are called “%(name)s”; choose one of the list, which tells them apart.", name=text)
        if self._placements_only:
            return _("There is no placement “%(name)s”; choose one of the list, or write its code.", name=text)
        return _("There is no channel or placement “%(name)s”; choose one of the list, or write its code.", name=text)


def _read_key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
