"""What becomes of a file that was read: it is held while somebody looks at what it would do, takes the place of what
was here for exactly its days and accounts, and can be taken back."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.database import add_rows, chunks, lock, new_id, organisation_of
from app.errors import Conflict, Invalid, Missing, Problem
from app.funnel.daily_ad_total import AdImport, DailyAdTotal, ImportState
from app.i18n import _
from app.intake.ad_totals.reading import AdFile, AdRow

UNDONE_WITHIN = dt.timedelta(days=30)
"""How long an import can be taken back: what it took the place of is kept as long."""
HELD_FOR = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What keeping an import does to what stands: how many totals fall away, what they had spent, and the campaigns of
    those days that the file does not name any more. `is_known` says that all of it stands already."""

    replaced: int
    replaced_spend: dict[str, int]
    gone: tuple[str, ...]
    is_known: bool


def hold(session: Session, file: AdFile, name: str, now: dt.datetime) -> AdImport:
    """Keep what was read until somebody says what is to become of it; what was held before for a day is forgotten."""
    forget_held(session, now - HELD_FOR)
    spent = [row.spend_minor for row in file.rows if row.spend_minor is not None]
    held = AdImport(
        id=new_id(), name=name[-200:], platform=file.platform, state=ImportState.HELD, at=now,
        first_day=file.rows[0].day, last_day=file.rows[-1].day, count=len(file.rows),
        sums_left_out=file.sums_left_out, currency=file.currency, spend_minor=sum(spent) if spent else None,
        rows=[[row.day.isoformat(), *row[1:]] for row in file.rows], columns_left_out=list(file.columns_left_out),
    )  # fmt: skip
    session.add(held)
    session.flush()
    return held


def rows_of(held: AdImport) -> list[AdRow]:
    """The rows that wait."""
    return [AdRow(dt.date.fromisoformat(day), *rest) for day, *rest in held.rows or ()]


def foresee(session: Session, held: AdImport) -> Foreseen:
    """What keeping an import that is held would change."""
    rows = rows_of(held)
    standing = _standing(session, held, {(row.account, row.day) for row in rows})
    spend: dict[str, int] = {}
    for one in standing:
        if one.currency and one.spend_minor:
            spend[one.currency] = spend.get(one.currency, 0) + one.spend_minor
    named = {row.campaign for row in rows}
    gone = sorted({one.campaign for one in standing} - named)
    said = {(*row, held.currency) for row in rows}
    return Foreseen(len(standing), spend, tuple(gone), said == {one.key for one in standing})


def _standing(session: Session, held: AdImport, places: Collection[tuple[str, dt.date]]) -> list[DailyAdTotal]:
    found = session.scalars(
        select(DailyAdTotal).where(
            DailyAdTotal.platform == held.platform,
            DailyAdTotal.replaced_at.is_(None),
            DailyAdTotal.day.between(held.first_day, held.last_day),
        )
    )
    return [one for one in found if (one.account, one.day) in places]


def keep(session: Session, import_id: uuid.UUID, now: dt.datetime) -> AdImport:
    """Let a file that is held take the place of what stood for its days and accounts. Raises Conflict where it says
    nothing else than what stands, or is no longer held."""
    lock(session, f"ad totals {organisation_of(session)}")
    held = get_import(session, import_id)
    if held.state != ImportState.HELD:
        raise Conflict(_("This file is not waiting any more; upload it again."))
    foreseen = foresee(session, held)
    if foreseen.is_known:
        raise Conflict(_("All of this is here already, the same to the last number; nothing was changed."))
    if problem := check_currency(held, foreseen):
        raise Invalid([problem])
    rows = rows_of(held)
    for account, days in _by_account((row.account, row.day) for row in rows):
        of_account = (DailyAdTotal.platform == held.platform, DailyAdTotal.account == account)
        for some in chunks(days, 500):
            standing = update(DailyAdTotal).where(
                *of_account, DailyAdTotal.replaced_at.is_(None), DailyAdTotal.day.in_(some)
            )
            session.execute(standing.values(replaced_at=now), execution_options={"synchronize_session": False})
    for part in chunks(rows):
        add_rows(session, DailyAdTotal, [_values(held, row) for row in part])
    held.state, held.at, held.rows = ImportState.KEPT, now, None
    session.flush()
    session.expire_all()
    return held


def check_currency(held: AdImport, foreseen: Foreseen) -> Problem | None:
    """An account has one currency: a file in another is of another account, which it would wipe out for its days."""
    there = ", ".join(sorted(foreseen.replaced_spend.keys() - {held.currency}))
    if not held.currency or not there:
        return None
    said = _("The file is in %(currency)s, and what is here for its days and account is in %(there)s. If it is of "
             "another account, say which; else take back the earlier file first.",
             currency=held.currency, there=there)  # fmt: skip
    return Problem("account", said)


def _values(held: AdImport, row: AdRow) -> dict[str, Any]:
    said = row._asdict()
    of_import = {"import_id": held.id, "platform": held.platform, "currency": held.currency, "replaced_at": None}
    return {"id": new_id(), **said, **of_import}


def _by_account(places: Iterable[tuple[str, dt.date]]) -> Sequence[tuple[str, list[dt.date]]]:
    found: dict[str, set[dt.date]] = {}
    for account, day in places:
        found.setdefault(account, set()).add(day)
    return [(account, sorted(days)) for account, days in found.items()]


def undo(session: Session, import_id: uuid.UUID, now: dt.datetime) -> AdImport:
    """Take an import back: for the days on which it stands, what stood before stands again."""
    lock(session, f"ad totals {organisation_of(session)}")
    undone = get_import(session, import_id)
    if not may_undo(undone, now):
        raise Conflict(_("This import cannot be taken back any more; import a file that says it right."))
    of_import = select(DailyAdTotal.account, DailyAdTotal.day).where(DailyAdTotal.import_id == import_id)
    places = {(account, day) for account, day in session.execute(of_import.where(DailyAdTotal.replaced_at.is_(None)))}
    session.execute(delete(DailyAdTotal).where(DailyAdTotal.import_id == import_id))
    undone.state = ImportState.UNDONE
    session.flush()
    _stand_again(session, undone, places)
    session.expire_all()
    return undone


def may_undo(one: AdImport, now: dt.datetime) -> bool:
    """Whether an import can still be taken back."""
    return one.state == ImportState.KEPT and now - one.at < UNDONE_WITHIN


def _stand_again(session: Session, undone: AdImport, places: Collection[tuple[str, dt.date]]) -> None:
    """Let the newest of the imports that are left stand, place by place."""
    of = DailyAdTotal
    earlier = (
        select(of.account, of.day, of.import_id)
        .join(AdImport, AdImport.id == of.import_id)
        .where(of.platform == undone.platform, of.day.between(undone.first_day, undone.last_day))
        .distinct()
        .order_by(AdImport.at, AdImport.id)
    )
    with_order = earlier.add_columns(AdImport.at, AdImport.id)
    newest = {(account, day): id for account, day, id, *_order in session.execute(with_order)}
    again: dict[uuid.UUID, list[tuple[str, dt.date]]] = {}
    for place in places & newest.keys():
        again.setdefault(newest[place], []).append(place)
    for id, its_places in again.items():
        for account, days in _by_account(its_places):
            for some in chunks(days, 500):
                rows = update(of).where(of.import_id == id, of.account == account, of.day.in_(some))
                session.execute(rows.values(replaced_at=None), execution_options={"synchronize_session": False})


def get_import(session: Session, import_id: uuid.UUID) -> AdImport:
    """One import. Raises Missing."""
    found = session.scalar(select(AdImport).where(AdImport.id == import_id))
    if found is None:
        raise Missing(_("There is no such import."))
    return found


def list_imports(session: Session) -> Sequence[AdImport]:
    """What was imported, the newest first."""
    kept = select(AdImport).where(AdImport.state != ImportState.HELD)
    return session.scalars(kept.order_by(AdImport.at.desc(), AdImport.id.desc()).limit(100)).all()


def forget_held(session: Session, before: dt.datetime) -> None:
    """Drop files of which nobody said what is to become of them."""
    for one in session.scalars(select(AdImport).where(AdImport.state == ImportState.HELD, AdImport.at < before)):
        session.delete(one)


def discard(session: Session, import_id: uuid.UUID) -> None:
    """Drop a file that is held."""
    one = get_import(session, import_id)
    if one.state == ImportState.HELD:
        session.delete(one)
        session.flush()


def forget_replaced(session: Session, now: dt.datetime) -> int:
    """Drop the totals that a later import took the place of, once that cannot be taken back any more."""
    old = delete(DailyAdTotal).where(DailyAdTotal.replaced_at < now - UNDONE_WITHIN)
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]
