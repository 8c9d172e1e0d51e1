"""What every row that people make has: a key, and a revision that moves with each change."""

import datetime as dt
import enum
import uuid
from collections.abc import Iterable
from typing import TypeAlias, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.audit import audited
from app.database import OfOrganisation, lock, new_id, organisation_of
from app.errors import Denied, Missing, Problem, Stale, Taken
from app.i18n import _
from app.planning.problem import refuse

NAMED_USERS = 5


class PlanRow(OfOrganisation):
    """A row of the plan; `revision` is what an ETag names."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]


audited(PlanRow)

R = TypeVar("R", bound=PlanRow)

Revision: TypeAlias = int | None
"""The revision that a change was made from; None changes whatever is there."""


def begin_change(session: Session) -> None:
    """Let one change of an organisation's plan run at a time, so that rules over several rows hold."""
    lock(session, f"plan {organisation_of(session)}")


def find_row(session: Session, model: type[R], row_id: uuid.UUID) -> R | None:
    """The row with this key, if the organisation has it."""
    return session.scalar(select(model).where(model.id == row_id))


def get_row(session: Session, model: type[R], row_id: uuid.UUID) -> R:
    """The row with this key."""
    row = find_row(session, model, row_id)
    if row is None:
        raise Missing(_("There is no such %(noun)s.", noun=noun_of(model)))
    return row


def get_row_to_change(session: Session, model: type[R], row_id: uuid.UUID, revision: Revision) -> R:
    """The row with this key, held for a change, if it still is what the change was made from."""
    begin_change(session)
    row = get_row(session, model, row_id)
    if row.organisation_id != organisation_of(session):
        raise Denied(
            _(
                "This %(noun)s is shared with you by the organisation above yours; ask there for the change, or "
                "make one of your own.",
                noun=noun_of(model),
            )
        )
    if revision is not None and row.revision != revision:
        raise stale(model, now=row.revision, yours=revision)
    return row


def stale(model: type[PlanRow], *, now: int, yours: int) -> Stale:
    """What the second of two editors is told."""
    return Stale(
        _(
            "Somebody changed this %(noun)s: it is at revision %(now)s, yours is %(yours)s. Nothing was "
            "stored; read it again and repeat your change.",
            noun=noun_of(model),
            now=now,
            yours=yours,
        )
    )


def add_row(session: Session, row: R, now: dt.datetime) -> R:
    """Store a new row."""
    row.created_at = row.updated_at = now
    row.revision = 1
    session.add(row)
    session.flush()
    return row


def move_revision(session: Session, row: R, now: dt.datetime) -> R:
    """Store a row's changes under its next revision; without a change it keeps the one it has."""
    if session.is_modified(row):
        row.revision += 1
        row.updated_at = now
        session.flush()
    return row


def noun_of(model: type[PlanRow]) -> str:
    """What a person calls a row of this kind."""
    return {
        "persona": _("persona"),
        "claim": _("claim"),
        "campaign": _("campaign"),
        "asset": _("asset"),
        "channel": _("channel"),
        "naming_preset": _("naming preset"),
        "placement": _("placement"),
        "invoice": _("invoice"),
        "job": _("job"),
        "source_alias": _("name of the source"),
        "connection": _("connection"),
    }[model.__table__.name]  # type: ignore[attr-defined]


def find_taken(
    session: Session, model: type[R], row: R | None, field: str, *rules: ColumnElement[bool]
) -> Taken | None:
    """That another row of the kind has it already, if one does."""
    for other in session.scalars(select(model).where(*rules)):
        if other is not row:
            said = _("“%(name)s” is taken by another %(noun)s already; change that one, or choose something else.",
                     name=getattr(other, field), noun=noun_of(model))  # fmt: skip
            return Taken(said, model.__table__.name, str(other.id), field)  # type: ignore[attr-defined]
    return None


def check_unique(session: Session, model: type[R], row: R | None, field: str, *rules: ColumnElement[bool]) -> None:
    """Refuse what another row of the kind already has."""
    refuse_with((), find_taken(session, model, row, field, *rules))


def refuse_with(problems: Iterable[Problem], taken: Taken | None) -> None:
    """Raise what was found wrong, if anything was, and with it what another row already has."""
    found = list(problems)
    if taken is not None and not found:
        raise taken
    refuse([*found, *([Problem(taken.field, str(taken))] if taken is not None else [])])


def check_exists(
    session: Session, model: type[R], row_id: uuid.UUID | None, field: str, problems: list[Problem]
) -> R | None:
    """The row that a field points at; a problem when there is none."""
    row = find_row(session, model, row_id) if row_id is not None else None
    if row is None:
        problems.append(Problem(field, _("There is no %(noun)s with this id.", noun=noun_of(model))))
    return row


def check_forward(field: str, steps: type[enum.StrEnum], before: str, after: str) -> list[Problem]:
    """A status moves forward through its steps, never back."""
    order = list(steps)
    if order.index(steps(after)) >= order.index(steps(before)):
        return []
    later = ", ".join(order[order.index(steps(before)) :])
    return [
        Problem(
            field,
            _(
                "This is %(before)s already and cannot go back. Choose one of %(later)s.",
                before=before,
                later=later,
            ),
        )
    ]


def quote_names(names: Iterable[str]) -> str:
    """A few names to point at, and how many more there are."""
    every = list(names)
    more = f" (+{len(every) - NAMED_USERS})" if len(every) > NAMED_USERS else ""
    return ", ".join(_("“%(name)s”", name=name) for name in every[:NAMED_USERS]) + more
