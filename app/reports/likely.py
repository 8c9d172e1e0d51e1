"""What a name or a code that leads nowhere probably is: proposed, so that somebody confirms it with one click. Nothing
rests on a proposal, and where several could be meant none is made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.planning.channel import Channel
from app.planning.placement import Placement
from app.planning.tracking import codes_in_name, fold_name

SHORTEST_NAME = 6
"""Of a placement, for its name to be told from a word that is in many."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What is proposed: a placement or a channel, by key and name."""

    noun: str
    key: str
    name: str


class Likely:
    """What there is to be meant."""

    def __init__(self, placements: Iterable[tuple[str, str, str]], channels: Iterable[tuple[str, str]] = ()) -> None:
        """placements as key, name and code; channels as key and name"""
        kept = list(placements)
        self._by_code = {code: Meant("placement", key, name) for key, name, code in kept}
        self._placements = _by_name("placement", ((key, name) for key, name, _code in kept))
        self._channels = _by_name("channel", channels)

    def propose(self, kind: str, observed: str) -> Meant | None:
        """What this is, if it is a misread code, or a name that only one of them has or whose it holds as a whole."""
        if kind == "code":
            return _only(one for code, one in self._by_code.items() if is_slip(observed, code))
        folded = fold_name(observed) or ""
        within = (
            one for name, some in self._placements.items() for one in some
            if len(name) >= SHORTEST_NAME and name in folded
        )  # fmt: skip
        return (
            _only(self._by_code[code] for code in codes_in_name(folded) if code in self._by_code)
            or _only([*self._placements.get(folded, ()), *self._channels.get(folded, ())])
            or _only(within)
        )


def load_likely(session: Session) -> Likely:
    """All placements and channels, as names are held against them."""
    placements = session.execute(select(Placement.id, Placement.name, Placement.tracking_code))
    channels = session.execute(select(Channel.id, Channel.name))
    return Likely(((str(id), name, code) for id, name, code in placements), ((str(id), name) for id, name in channels))


def is_slip(code: str, other: str) -> bool:
    """Whether one code becomes the other when one sign is misread, or two neighbours change places."""
    if len(code) != len(other):
        return False
    unlike = [place for place, (one, its) in enumerate(zip(code, other, strict=True)) if one != its]
    if len(unlike) == 2:
        first, second = unlike
        return second == first + 1 and code[first] == other[second] and code[second] == other[first]
    return len(unlike) == 1


def _by_name(noun: str, rows: Iterable[tuple[str, str]]) -> Mapping[str, Sequence[Meant]]:
    found: dict[str, list[Meant]] = {}
    for key, name in rows:
        found.setdefault(fold_name(name) or "", []).append(Meant(noun, key, name))
    return found


def _only(found: Iterable[Meant]) -> Meant | None:
    several = list(dict.fromkeys(found))
    return several[0] if len(several) == 1 else None
