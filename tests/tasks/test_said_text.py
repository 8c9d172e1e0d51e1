"""What work says of itself is read by each in their own language, and what was stored as it stood is shown so."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from app.access.organisation import create_organisation
from app.database import Database
from app.errors import Refused
from app.i18n import _, join, ngettext, remembering, speaking
from app.tasks.task import Task, enqueue
from tests.support.plan import NOW


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def make() -> str:
    inner = ngettext("%(n)s delivery waits for you", "%(n)s deliveries wait for you", 1200)
    return _("The demo's stand-in ATS could not be read: %(error)s", error=Refused(inner))


def test_why_a_task_failed_is_said_in_the_language_of_who_reads_it(database: Database) -> None:
    with database.writing() as session:
        organisation = create_organisation(session, "City", now=NOW).id
    with database.writing(organisation) as session, speaking("sv"), remembering():
        enqueue(session, "sync", now=NOW).error = str(Refused(make()))
        enqueue(session, "sync", "cut", now=NOW).error = "x" * 2000
    for language in ("en", "fi", "sv"):
        with database.reading(organisation) as session, speaking(language):
            read = session.scalars(select(Task.error).order_by(Task.subject)).all()
            assert read == [make(), "x" * 500]
    with database.writing(organisation) as session:
        session.execute(text("UPDATE task SET error = 'så stod det'"))
    with database.reading(organisation) as session, speaking("fi"):
        assert set(session.scalars(select(Task.error))) == {"så stod det"}


def test_texts_that_stand_together_are_each_said_in_the_language_of_who_reads_them(database: Database) -> None:
    def say() -> str:
        return join("; ", [make(), "url:utm_content 3", _("%(n)s skipped (%(why)s)", n=2, why=_("erased here"))])

    with database.writing() as session:
        organisation = create_organisation(session, "City", now=NOW).id
    with database.writing(organisation) as session, speaking("sv"), remembering():
        task = enqueue(session, "sync", now=NOW)
        task.message, task.result = say(), {"read": 2, "text": say()}
    for language in ("en", "fi", "sv"):
        with database.reading(organisation) as session, speaking(language):
            read = session.scalars(select(Task)).one()
            assert (read.message, read.result) == (say(), {"read": 2, "text": say()})
    assert say().endswith("; url:utm_content 3; 2 skipped (erased here)")
