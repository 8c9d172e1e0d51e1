"""What a session may touch: how the chain of organisations is walked, and how PostgreSQL is told of it."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Connection, Select, Uuid, bindparam, column, func, select, table

CHAIN = table(
    "organisation",
    column("id", Uuid()),
    column("parent_id", Uuid()),
    column("shares_personas", Boolean()),
    column("shares_claims", Boolean()),
    column("shares_channels", Boolean()),
    column("shares_presets", Boolean()),
    column("shares_templates", Boolean()),
)
"""The organisations as far as scoping goes by them; their model stands above this layer."""


def _along_the_chain(*, down: bool) -> Select[Any]:
    """The organisations named with all below them, or with all above them."""
    named = CHAIN.c.id.in_(bindparam("named", expanding=True))
    found = select(CHAIN.c.id, CHAIN.c.parent_id).where(named).cte("chain", recursive=True)
    next_one = CHAIN.c.parent_id == found.c.id if down else CHAIN.c.id == found.c.parent_id
    found = found.union(select(CHAIN.c.id, CHAIN.c.parent_id).where(next_one))
    return select(found.c.id)


_DOWN, _UP = _along_the_chain(down=True), _along_the_chain(down=False)
_SETTINGS = ("operator", "own", "organisations", "below", "above")
_TELL = select(*(func.set_config(f"kutsu.{name}", bindparam(name), True) for name in _SETTINGS))


def list_below(connection: Connection, *named: uuid.UUID) -> tuple[uuid.UUID, ...]:
    """The organisations below these, in no order."""
    return _follow(connection, _DOWN, named)


def list_above(connection: Connection, *named: uuid.UUID) -> tuple[uuid.UUID, ...]:
    """The organisations above these, in no order."""
    return _follow(connection, _UP, named)


def _follow(connection: Connection, way: Select[Any], named: tuple[uuid.UUID, ...]) -> tuple[uuid.UUID, ...]:
    if not named:
        return ()
    return tuple(id for id in connection.scalars(way, {"named": named}) if id not in named)


@dataclass(frozen=True, slots=True)
class Sight:
    """`own` organisations' rows are written, those of `within` are read (units may be included), and from those
    `above` comes what they share; those `below` are known by name even while their rows are not read. Whoever is of
    no organisation is the operator, who sees all."""

    own: tuple[uuid.UUID, ...] = ()
    within: tuple[uuid.UUID, ...] = ()
    above: tuple[uuid.UUID, ...] = ()
    below: tuple[uuid.UUID, ...] = ()

    def tell(self, connection: Connection) -> None:
        """Say to PostgreSQL what row-level security goes by until the transaction ends."""
        if connection.dialect.name == "postgresql":
            told = {"own": self.own, "organisations": self.within, "above": self.above, "below": self.below}
            lists = {name: "{" + ",".join(map(str, ids)) + "}" for name, ids in told.items()}
            connection.execute(_TELL, {"operator": "" if self.own else "on", **lists})


OPERATOR = Sight()


def look_around(connection: Connection, own: tuple[uuid.UUID, ...]) -> Sight:
    """What a session of these organisations sees from now on, without the rows of the units below it."""
    OPERATOR.tell(connection)  # who is above and below is found before anything is in sight
    below, above = list_below(connection, *own), list_above(connection, *own)
    sight = Sight(own, own, above, below)
    if own:
        sight.tell(connection)
    return sight
