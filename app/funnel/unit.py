"""The unit rule: what a system calls a department or location, and the unit of ours that it is."""

import uuid
from collections.abc import Mapping
from typing import TypeAlias

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.audit import audited
from app.database import Base, OfOrganisation

LONGEST_NAME = 200
UnitRules: TypeAlias = Mapping[tuple[str, str], uuid.UUID]


class UnitMapping(OfOrganisation, Base):
    """That applications of a system with this department are placed in a unit."""

    __tablename__ = "unit_mapping"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    system: Mapped[str] = mapped_column(String(80), primary_key=True)
    department: Mapped[str] = mapped_column(String(LONGEST_NAME), primary_key=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))


audited(UnitMapping)


def fold_department(name: str) -> str:
    """A department as it is compared: whoever types it differs in blanks and capitals."""
    return " ".join(name.split()).casefold()[:LONGEST_NAME]


def load_unit_rules(session: Session) -> UnitRules:
    """The unit of every department that a rule names, by system and department."""
    rows = session.execute(select(UnitMapping.system, UnitMapping.department, UnitMapping.unit_id))
    return {(system, department): unit_id for system, department, unit_id in rows}


def rule_of_system(rules: UnitRules, system: str) -> dict[str, uuid.UUID]:
    """The unit of each department that one system's rule names."""
    return {department: unit for (of, department), unit in rules.items() if of == system}


def find_unit(rules: UnitRules, system: str, department: str | None) -> uuid.UUID | None:
    """The unit that an application is placed in; none while no rule knows its department."""
    return rules.get((system, fold_department(department))) if rules and department else None
