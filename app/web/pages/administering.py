"""What pages of administrators have in common: who may open them, in whose name they change something, their forms."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias
from urllib.parse import parse_qs

from fastapi import Request
from sqlalchemy.orm import Session

from app.access.audit import Actor, ActorKind, act_as
from app.access.token import Role
from app.web.exports import note_export
from app.web.pages.door import require_own_form
from app.web.pages.visit import Visit

Form: TypeAlias = dict[str, list[str]]
MOST_FIELDS = 5000


def require_administrator(visit: Visit) -> None:
    """Refuse whoever is no administrator here."""
    visit.require([Role.ADMINISTRATOR])


def actor_of(visit: Visit) -> Actor:
    """In whose name a page changes something or hands something out: the account's key, which is no name."""
    return Actor(ActorKind.USER, str(visit.member.user_id))


@contextmanager
def changing(visit: Visit) -> Iterator[Session]:
    """A session that writes in the visitor's name, for a form of ours."""
    require_own_form(visit.request)
    with visit.request.app.state.database.writing(visit.organisation.id) as session:
        act_as(session, actor_of(visit), visit.now)
        yield session


def tell_export(visit: Visit, what: str) -> None:
    """Tell that a visitor takes something along."""
    note_export(visit.request.app.state.database, visit.organisation.id, actor_of(visit), what, visit.now)


async def read_form(request: Request) -> Form:
    """What a form of ours sends; a field may be sent several times."""
    return parse_qs((await request.body()).decode(errors="replace"), max_num_fields=100)


async def read_pairs(request: Request) -> Form:
    """What a form of ours sends that has a row for each of many things, and fields of it may be empty; nothing when
    it is longer than any such form."""
    try:
        return parse_qs((await request.body()).decode(errors="replace"), keep_blank_values=True,
                        max_num_fields=MOST_FIELDS)  # fmt: skip
    except ValueError:
        return {}


def only(form: Form, field: str) -> str:
    """The one value of a field, empty when it was not sent."""
    return form.get(field, [""])[0].strip()
