"""The ATS of the demo city while the demo is served: its connection works as one to a vendor does."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.access.organisation import find_organisation
from app.database import Database
from app.demo.ats import KEY
from app.demo.city import build_city
from app.demo.fill import Keys, serving_ats
from app.errors import Refused
from app.intake.connection import Connection
from app.intake.sync import sync_connection
from tests.intake.town import SEALER, SECRET

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def test_the_connection_of_a_served_city_is_read_and_no_other_address_of_this_machine_is_opened(
    sqlite_file_url: str,
) -> None:
    lite = Database(sqlite_file_url)
    city, keys = build_city(1, NOW.date()), Keys(SECRET, SEALER)
    with serving_ats(lite, "City", city, seed=1, now=NOW, keys=keys) as open_there:
        with lite.writing() as session:
            organisation = find_organisation(session, "City")
            assert organisation is not None
            organisation_id = organisation.id
        with lite.reading(organisation_id) as session:
            connection_id = session.scalars(select(Connection.id)).one()
        report = sync_connection(
            lite, organisation_id, connection_id, SECRET, sealer=SEALER, clock=lambda: NOW, client_for=open_there
        )
        assert (report.state, report.error) == ("done", None)
        assert report.read > 100
        elsewhere = Connection(vendor="teamtailor", base_url="http://127.0.0.1:9/v1")
        with pytest.raises(Refused, match="https"), open_there(elsewhere, {"key": KEY}):
            pass
    lite.close()
