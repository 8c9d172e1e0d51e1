"""The demo city ten times over: its plan and what its ATS showed, and nine more of each application beside it."""

import datetime as dt
import uuid

from sqlalchemy import select

from app.access.organisation import find_organisation
from app.database import Database, add_rows
from app.demo.fill import Keys, fill_city
from app.demo.plan import ORGANISATION
from app.funnel.application import Application, Outcome, StageChange
from app.funnel.person import Person
from app.funnel.touchpoint import Touchpoint
from app.intake.sealing import Sealer

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
TIMES = 10
RECORD = (Person, Application, StageChange, Outcome, Touchpoint)
KEYS = ("id", "person_id", "application_id")


def fill_city_times(database: Database, secret: bytes, sealer: Sealer, times: int = TIMES) -> uuid.UUID:
    """Fill the city and repeat its record under other keys; returns the organisation.

    Each application, with its person, stages, outcome and touches, is there as often as `times` says, at the same
    moment: what is counted grows, how it lies in time and over the plan stays."""
    fill_city(database, ORGANISATION, seed=1, now=NOW, keys=Keys(secret, sealer))
    with database.reading() as session:
        organisation = find_organisation(session, ORGANISATION)
        assert organisation is not None
        id = organisation.id
    with database.writing(id) as session:
        for row in RECORD:
            found = [dict(one) for one in session.execute(select(row.__table__)).mappings()]
            for copy in range(1, times):
                add_rows(session, row, [_copied(values, copy) for values in found])
    return id


def _copied(values: dict[str, object], copy: int) -> dict[str, object]:
    kept = {name: value for name, value in values.items() if name != "organisation_id"}
    return kept | {name: _other(kept[name], copy) for name in KEYS if isinstance(kept.get(name), bytes)}


def _other(key: object, copy: int) -> bytes:
    """Another key for the same thing, in step with all that refer to it."""
    assert isinstance(key, bytes)
    return key[:-1] + bytes([key[-1] ^ copy])
