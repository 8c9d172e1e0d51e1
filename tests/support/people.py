"""People who sign in: an account with a membership, and a browser's session, without walking through the door."""

import uuid

from fastapi import FastAPI

from app.access.membership import add_member
from app.access.session import start_session
from app.access.token import Role
from app.access.user import create_user, find_user
from app.database import Database
from tests.support.client import TestClient
from tests.support.plan import NOW

EMAIL = "anna@kivikoski.example"
PASSWORD = "kelluva-harava-2-lyhty"
COOKIE = "kutsu"
OURS = {"sec-fetch-site": "same-origin"}
"""What a browser says of a form that comes from the site itself."""


def add_person(
    database: Database,
    organisation: uuid.UUID,
    email: str = EMAIL,
    role: Role = Role.ADMINISTRATOR,
    password: str | None = None,
    *,
    sees_small_counts: bool = True,
) -> uuid.UUID:
    """Make a user, if there is none yet, and let them into the organisation."""
    with database.writing(organisation) as session:
        user = find_user(session, email) or create_user(session, email, "Anna Aalto", password, now=NOW)
        add_member(session, user, role, now=NOW, sees_small_counts=sees_small_counts)
        return user.id


def open_session(app: FastAPI, email: str = EMAIL) -> str:
    """Sign somebody in, and give the secret that their browser holds."""
    with app.state.database.writing() as session:
        user = find_user(session, email)
        assert user is not None
        return start_session(session, user, browser="Firefox, Linux", now=app.state.clock())


def browser_of(app: FastAPI, email: str | None = EMAIL, language: str = "en") -> TestClient:
    """A browser that reads one language, signed in unless no address is given."""
    headers = {"accept": "text/html", "accept-language": language, **OURS}
    client = TestClient(app, "http://kutsu.example", headers=headers, follow_redirects=False)
    if email is not None:
        client.cookies.set(COOKIE, open_session(app, email), domain="kutsu.example", path="/")
    return client
