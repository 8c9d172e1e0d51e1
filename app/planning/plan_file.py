"""The whole plan as tables of plain rows, there and back without loss: what one row says of another it says by that
one's name, slug or tracking code, so that a plan can be read into another organisation, or be written by hand."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import organisation_of
from app.errors import Conflict, Denied, Invalid, Problem
from app.i18n import _
from app.planning.field import Given
from app.planning.holding import hold_back
from app.planning.invoice_file import FiledInvoice, with_parts
from app.planning.nouns import NOUNS, Noun, Row, find_all_named, find_named, key_as_written, read_rows, resolve, spell
from app.planning.one_round import try_sound
from app.planning.placement import Placement, PlacementIn
from app.planning.placing import CodeTakenError
from app.planning.plan_problems import call_row, in_row, no_table
from app.planning.problem import read_sound
from app.planning.row import begin_change

Tables: TypeAlias = Mapping[str, Sequence[Row]]
"""The rows of each noun, by its name in the plural; fields as the API takes them, but for what names another row."""
_TRIED = frozenset({"campaigns", "assets", "placements"})
"""The nouns whose rules say what each of them rests on, so that a row is tried without a faulty field."""


@dataclass(frozen=True, slots=True)
class PlanResult:
    """What reading a plan in did, or would do: how many rows of each noun were added, changed, and as they are; and
    the names of those that wait for an approval here: assets that stay drafts, and their placements, not live yet.
    `recoded` names the placements that got a fresh code, since that in the file is another organisation's here."""

    added: Mapping[str, int]
    changed: Mapping[str, int]
    unchanged: Mapping[str, int]
    waiting: Mapping[str, Sequence[str]] = field(default_factory=dict)
    recoded: Sequence[str] = ()


def export_plan(session: Session) -> dict[str, list[Row]]:
    """The organisation's own plan; of what is shared from above only the names that its rows use."""
    own = organisation_of(session)
    rows = {name: read_rows(session, noun) for name, noun in NOUNS.items()}
    known = {name: {str(row.id): noun.key(row) for row in rows[name]} for name, noun in NOUNS.items()}
    return {
        name: [spell(noun, row, known) for row in rows[name] if row.organisation_id == own]
        for name, noun in NOUNS.items()
    }


def import_plan(session: Session, tables: Tables, *, now: dt.datetime, rehearse: bool = False) -> PlanResult:
    """Store every row of a plan, or nothing when one breaks a rule; every problem is named with its row, but none that
    only follows from another. What is there under the same name is changed to what the row says, and what no row names
    stays. A rehearsal stores nothing."""
    begin_change(session)
    counts = {name: Counter[str]() for name in ("added", "changed", "unchanged")}
    seen: Counter[str] = Counter()
    waiting: dict[str, list[str]] = {}
    recoded: list[str] = []
    refused: set[tuple[str, str]] = set()
    problems: list[Problem] = list(_check_nouns(tables))
    with session.begin_nested() as all_of_it:
        for name in NOUNS:
            for at, row in enumerate(tables.get(name, ())):
                try:
                    outcome, waits, anew = _store(session, name, _read(session, name, row, refused, now), seen, now)
                    counts[outcome][name] += 1
                    recoded += [call_row(row)] if anew else []
                    if waits:
                        waiting.setdefault(name, []).append(call_row(row))
                except Invalid as error:
                    problems += [in_row(name, at, row, one.message, one.field) for one in error.problems]
                    refused.add((name, key_as_written(NOUNS[name], row)))
                except (Conflict, Denied) as error:
                    problems.append(in_row(name, at, row, str(error)))
                    refused.add((name, key_as_written(NOUNS[name], row)))
        if problems:
            raise Invalid(problems)
        if rehearse:
            all_of_it.rollback()
    return PlanResult(**{name: dict(found) for name, found in counts.items()}, waiting=waiting, recoded=tuple(recoded))


def _check_nouns(tables: Tables) -> Iterator[Problem]:
    return (no_table(name) for name in tables if name not in NOUNS)


def _read(session: Session, name: str, row: Row, refused: Set[tuple[str, str]], now: dt.datetime) -> Given:
    """What a row says. Raises Invalid with every problem that can be found: where a field is faulty or names what is
    not there, the others are tried without it. What names a refused row is refused too, and not told of that."""
    noun = NOUNS[name]
    resolved = resolve(session, noun, row, refused)
    said, faulty, problems = read_sound(noun.schema, resolved.row)
    faulty |= {one.into for one in resolved.unfound}
    if said is not None and not faulty:
        return said
    told = [one.problem() for one in resolved.unfound if (one.table, one.name) not in refused] + problems
    if said is not None and name in _TRIED:
        told += try_sound(session, said, faulty, lambda one: _store(session, name, one, Counter(), now))
    raise Invalid(told)


def _store(session: Session, name: str, said: Given, seen: Counter[str], now: dt.datetime) -> tuple[str, bool, bool]:
    """Add a row, or change the one that has its name; says which, whether it waits for an approval, and whether it got
    a fresh code. `seen` counts the rows of each name so far, since two jobs may be alike."""
    noun = NOUNS[name]
    said = _with_its_code(session, said)
    called = noun.key(said)
    there = find_all_named(session, noun, called, own=True)[seen[f"{name} {called}"] :]
    said = with_parts(said, there[:1]) if isinstance(said, FiledInvoice) else said
    given = hold_back(session, said, there[0] if there else None)
    waits = given is not said
    seen[f"{name} {called}"] += bool(called)
    if not there:
        return "added", waits, _add(session, noun, given, now)
    if _as_given(noun, there[0]) == given:
        return "unchanged", waits, False
    if noun.replace is None:
        short = called.partition(" · ")[0]
        raise Conflict(_("%(name)s is stored with other content; %(instead)s.", name=short, instead=noun.instead()))
    noun.replace(session, there[0].id, given, revision=None, now=now)
    return "changed", waits, False


def _add(session: Session, noun: Noun, given: Given, now: dt.datetime) -> bool:
    """Add a row; a placement whose code is another organisation's gets a fresh one, which is said by True. The file's
    own is kept beside it, so that later rows and readings find it by that."""
    try:
        noun.create(session, given, now=now)
    except CodeTakenError:
        placement = noun.create(session, given.model_copy(update={"tracking_code": None}), now=now)
        placement.came_as = getattr(given, "tracking_code", None)
        session.flush()
        return True
    return False


def _with_its_code(session: Session, given: Any) -> Any:
    """A placement that was written by hand has no code: it is the one of its name in its campaign, if there is one. One
    whose code is another organisation's has a code of its own here."""
    if not isinstance(given, PlacementIn):
        return given
    if given.tracking_code:
        here = find_named(session, NOUNS["placements"], given.tracking_code)
        return given.model_copy(update={"tracking_code": here.tracking_code}) if here is not None else given
    alike = select(Placement.tracking_code).where(
        Placement.campaign_id == given.campaign_id, Placement.name == given.name
    )
    codes = session.scalars(alike).all()
    return given.model_copy(update={"tracking_code": codes[0]}) if len(codes) == 1 else given


def _as_given(noun: Noun, row: Any) -> Given:
    return noun.schema.model_validate(noun.describe(row).model_dump(include=set(noun.schema.model_fields)))
