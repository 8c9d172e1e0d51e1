"""A kept view: a question to the record under a name, of a person or shared with everybody in the organisation."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.audit import audited
from app.database import Base, OfOrganisation, new_id, organisation_of
from app.errors import Conflict, Denied, Invalid, Missing, Problem
from app.i18n import _
from app.planning.tracking import slugify
from app.reports.question import read_scope

PATHS = ("/funnel", "/verdicts", "/paths", "/unknown")
"""The pages whose questions are kept."""
LONGEST_NAME = 120
LONGEST_QUESTION = 2000
OF_A_LOOK = frozenset({"lang", "column"})
"""What is said of how one looks, and not of what one asks."""


class SavedView(OfOrganisation, Base):
    """A name for a question; `word` is the name as an address spells it."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("organisation_id", "word"),)
    counts_as_data: ClassVar[bool] = False

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    word: Mapped[str] = mapped_column(String(LONGEST_NAME))
    path: Mapped[str] = mapped_column(String(20))
    question: Mapped[str] = mapped_column(String(LONGEST_QUESTION))
    shared: Mapped[bool]
    created_at: Mapped[dt.datetime]

    @property
    def address(self) -> str:
        """Where the question is answered."""
        return f"{self.path}?{self.question}" if self.question else self.path


audited(SavedView)


def spell_question(asked: Mapping[str, str]) -> str:
    """A question as one spelling, whatever the order it was asked in."""
    return urlencode(sorted((name, said) for name, said in asked.items() if name not in OF_A_LOOK))


def keep_view(
    session: Session, user_id: uuid.UUID, name: str, path: str, question: str, *, shared: bool, now: dt.datetime
) -> SavedView:
    """Keep a question under a name. Raises Invalid for what is no name or no question, and Conflict for a name that
    an address could not tell from another's."""
    name, asked = " ".join(name.split()), dict(parse_qsl(question))
    word = spell_name(name)
    problems = []
    if not word or len(name) > LONGEST_NAME:
        problems.append(Problem("name", _("Give a name of 1 to %(most)s characters, with a letter or a digit.",
                                          most=LONGEST_NAME)))  # fmt: skip
    if path not in PATHS or len(question) > LONGEST_QUESTION:
        problems.append(Problem("path", _("This view cannot be kept; open it and keep it from there.")))
    if problems:
        raise Invalid(problems)
    read_scope(organisation_of(session), now, asked)
    if session.scalar(select(SavedView.id).where(SavedView.word == word)) is not None:
        raise Conflict(_("There is a view of this name already; choose another name."))
    view = SavedView(user_id=user_id, name=name, word=word, path=path, question=spell_question(asked), shared=shared,
                     created_at=now)  # fmt: skip
    session.add(view)
    return view


def spell_name(name: str) -> str:
    """A name as an address spells it: `Newly licensed, at interview` is `newly-licensed-at-interview`. Letters that
    are none of a to z stay when nothing would be left without them."""
    return slugify(name) or re.sub(r"[\W_]+", "-", name.casefold()).strip("-")[:LONGEST_NAME]


def list_views(session: Session, user_id: uuid.UUID) -> Sequence[SavedView]:
    """One's own views and those that are shared, by name."""
    seen = (SavedView.user_id == user_id) | SavedView.shared
    return session.scalars(select(SavedView).where(seen).order_by(SavedView.name, SavedView.id)).all()


def find_view(session: Session, user_id: uuid.UUID, path: str, asked: Mapping[str, str]) -> SavedView | None:
    """The view, of those that one sees, that asks this."""
    question = spell_question(asked)
    return next((one for one in list_views(session, user_id) if (one.path, one.question) == (path, question)), None)


def get_view(session: Session, user_id: uuid.UUID, word: str) -> SavedView:
    """The view of this word, of those that one sees."""
    for view in list_views(session, user_id):
        if view.word == word:
            return view
    raise Missing(_("There is no view of this name, or it is not shared with you."))


def get_view_to_change(session: Session, user_id: uuid.UUID, id: uuid.UUID, *, administers: bool) -> SavedView:
    """A view that one may share, unshare or forget: one's own, or for an administrator a shared one."""
    view = session.scalar(select(SavedView).where(SavedView.id == id))
    if view is None or not (view.user_id == user_id or view.shared):
        raise Missing(_("There is no view of this name, or it is not shared with you."))
    if view.user_id != user_id and not administers:
        raise Denied(_("This view is somebody else's; ask them, or an administrator, for the change."))
    return view


def leave_views(session: Session, user_id: uuid.UUID, heir_id: uuid.UUID) -> None:
    """What is done with the views of somebody who leaves the organisation: their own are forgotten, those that all use
    are an heir's."""
    for view in session.scalars(select(SavedView).where(SavedView.user_id == user_id)):
        if view.shared:
            view.user_id = heir_id
        else:
            session.delete(view)
