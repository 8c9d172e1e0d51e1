"""The city's two people who plan: one writes, the other approves. Neither can sign in."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.access.audit import Actor, ActorKind, act_as
from app.access.membership import add_member
from app.access.token import Role
from app.access.user import create_user, find_user

WRITER = ("elina.koskela@vaahteralahti.example", "Elina Koskela", Role.MARKETER)
APPROVER = ("mikael.holm@vaahteralahti.example", "Mikael Holm", Role.CONSULTANT)


@dataclass(frozen=True, slots=True)
class Hands:
    """Who writes, and who approves."""

    writer: Actor
    approver: Actor


def invite_hands(session: Session, now: dt.datetime) -> Hands:
    """Let both into the session's organisation."""
    return Hands(*(_invite(session, *one, now) for one in (WRITER, APPROVER)))


def _invite(session: Session, email: str, name: str, role: Role, now: dt.datetime) -> Actor:
    user = find_user(session, email) or create_user(session, email, name, None, now=now)
    add_member(session, user, role, now=now)
    return Actor(ActorKind.USER, str(user.id))


@contextmanager
def acting(session: Session, actor: Actor, at: dt.datetime) -> Iterator[None]:
    """Let somebody do what is done in the block, on their day; afterwards it is whoever it was before. The audit tells
    of who fills the city all the same."""
    before = {name: session.info.pop(name, None) for name in ("actor", "acting_at")}
    act_as(session, actor, at)
    try:
        yield
    finally:
        session.info.update(before)
