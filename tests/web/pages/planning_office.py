"""An organisation with something to plan with: two who plan, one who reads, and a campaign in which nothing is yet."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.organisation import create_organisation
from app.access.token import Role
from app.database import Database
from app.planning.placement import Placement
from app.planning.row import PlanRow
from tests.support.client import TestClient
from tests.support.people import add_person, browser_of
from tests.support.plan import NOW, OWN_HOSTS, a_campaign, a_channel, a_persona, an_asset
from tests.web.pages.town import pages_of

VIEWER, OTHER = "viewer@kivikoski.example", "other@kivikoski.example"

R = TypeVar("R", bound=PlanRow)


class PlanningOffice:
    """What tests of the pages that write the plan begin from."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.writing() as session:
            self.city = create_organisation(session, "Kivikoski", now=NOW, locale="en", link_hosts=OWN_HOSTS).id
        add_person(database, self.city)
        add_person(database, self.city, OTHER, Role.MARKETER)
        add_person(database, self.city, VIEWER, Role.VIEWER)
        self.app: FastAPI = pages_of(database)
        with database.writing(self.city) as session:
            an_asset(session, name="Poster")
            an_asset(session, name="Video", format="video")
            a_channel(session, name="Stops")
            a_persona(session)
            self.campaign = a_campaign(session, name="Now we must", starts_on="2026-12-01", ends_on="2026-12-31").id
        self.first, self.second = browser_of(self.app), browser_of(self.app, OTHER)
        self.viewer = browser_of(self.app, VIEWER)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self.database.reading(self.city) as session:
            yield session

    def placements(self) -> dict[str, Placement]:
        with self.reading() as session:
            found = {one.place: one for one in session.scalars(select(Placement))}
            session.expunge_all()
            return found

    def get(self, kind: type[R], id: uuid.UUID) -> R:
        with self.reading() as session:
            found = session.get_one(kind, id)
            session.expunge_all()
            return found


def send(client: TestClient, path: str, fields: dict[str, list[str]] | dict[str, str]) -> Any:
    """Send a form, and follow to where it leads."""
    answer = client.post(path, data=fields)
    return client.get(answer.headers["location"]) if answer.status_code == 303 else answer
