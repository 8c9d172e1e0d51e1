"""Who did something, by the name that people know them by: users by theirs, machines by their system's."""

import uuid
from collections.abc import Iterable

from sqlalchemy import select

from app.access.audit import ActorKind
from app.access.user import User
from app.web.pages.visit import Visit


def name_actors(visit: Visit, actors: Iterable[tuple[ActorKind, str]]) -> dict[str, str]:
    """The names of these, by what is kept of them."""
    kept = list(actors)
    ids = [uuid.UUID(name) for kind, name in kept if kind == ActorKind.USER]
    found = visit.session.execute(select(User.id, User.name).where(User.id.in_(ids))) if ids else ()
    return {name: name for _kind, name in kept} | {str(id): name for id, name in found}
