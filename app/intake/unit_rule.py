"""Giving a system its unit rule: which unit the applications of each of its departments are placed in."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.organisation import list_descendants
from app.database import lock, organisation_of, seeing_units
from app.errors import Invalid, Problem
from app.funnel.application import Application
from app.funnel.record import project_system_again
from app.funnel.unit import LONGEST_NAME, UnitMapping, fold_department, load_unit_rules, rule_of_system
from app.i18n import _
from app.intake.vendors import list_connections


@dataclass(frozen=True, slots=True)
class Department:
    """A department as a system calls it, how many applied there, and the unit that the rule places them in."""

    system: str
    name: str
    applications: int
    unit_id: uuid.UUID | None


def list_departments(session: Session) -> list[Department]:
    """Every department that was seen or that a rule names; those without a unit are the organisation's own."""
    rules = dict(load_unit_rules(session))
    own = Application.organisation_id == organisation_of(session)
    seen: dict[tuple[str, str], tuple[str, int]] = {}
    for system, name, count in session.execute(
        select(Application.system, Application.unit, func.count())
        .where(own, Application.unit.is_not(None))
        .group_by(Application.system, Application.unit)
        .order_by(Application.system, Application.unit)
    ):
        key = (system, fold_department(name or ""))
        shown, before = seen.get(key, (name or "", 0))
        seen[key] = (shown, before + count)
    unseen = {key: (key[1], 0) for key in rules if key not in seen}
    return [
        Department(system, shown, count, rules.get((system, folded)))
        for (system, folded), (shown, count) in sorted((seen | unseen).items())
    ]


def count_placed(session: Session) -> dict[uuid.UUID, int]:
    """How many applications are placed in the organisation and in each unit below it; where no rule says so, with
    whom the connection belongs to."""
    place = func.coalesce(Application.unit_id, Application.organisation_id)
    with seeing_units(session):
        rows = session.execute(select(place, func.count()).select_from(Application).group_by(place))
        return dict(iter(rows))


def lock_unit_rules(session: Session) -> None:
    """Keep the rules as they are read now until this session ends."""
    lock(session, f"intake:{organisation_of(session)}")


def change_unit_rule(session: Session, system: str, changes: Mapping[str, uuid.UUID | None]) -> int:
    """Say of some of a system's departments which unit they are, or that they are none; the rest of its rule stays.
    Returns how many applications were placed anew, all of that system."""
    lock_unit_rules(session)
    rule = rule_of_system(load_unit_rules(session), system)
    given = {fold_department(name): unit for name, unit in changes.items()}
    return place_in_units(session, system, {name: unit for name, unit in (rule | given).items() if unit is not None})


def place_in_units(session: Session, system: str, rule: Mapping[str, uuid.UUID]) -> int:
    """Replace a system's unit rule and place all its applications anew; returns how many there are."""
    lock_unit_rules(session)
    units = {unit.id for unit in list_descendants(session, organisation_of(session))}
    problems = list(_check(rule, units))
    if problems:
        raise Invalid(problems)
    _replace(session, system, {fold_department(name): unit for name, unit in rule.items()})
    session.flush()
    return project_system_again(session, system)


def _replace(session: Session, system: str, rule: Mapping[str, uuid.UUID]) -> None:
    """Row by row, so that the audit tells what changed and nothing else."""
    before = {one.department: one for one in session.scalars(select(UnitMapping).where(UnitMapping.system == system))}
    for department in before.keys() - rule.keys():
        session.delete(before[department])
    for department, unit in rule.items():
        if department in before:
            before[department].unit_id = unit
        else:
            session.add(UnitMapping(system=system, department=department, unit_id=unit))
    if session.new or session.deleted or any(session.is_modified(one) for one in before.values()):
        _move_connection(session, system)


def _move_connection(session: Session, system: str) -> None:
    """A connection is shown with its rule, so with another one it is at another revision."""
    for connection in list_connections(session):
        if connection.system == system:
            connection.revision += 1


def _check(rule: Mapping[str, uuid.UUID], units: Iterable[uuid.UUID]) -> Iterator[Problem]:
    known = set(units)
    for name, unit in rule.items():
        if not fold_department(name) or len(name) > LONGEST_NAME:
            yield Problem(f"units.{name}", _("Name the department in 1 to 200 characters."))
        if unit not in known:
            yield Problem(f"units.{name}", _("“%(name)s” leads to no unit below your organisation.", name=name))
