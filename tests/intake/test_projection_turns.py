"""While a backlog is projected others get to write: on SQLite no delivery could be acknowledged otherwise."""

from sqlalchemy import event

from app.database import Database
from tests.intake.hooking import application, encode
from tests.intake.projecting import open_inbox


def test_a_backlog_is_stored_in_many_short_transactions_between_which_others_can_write(database: Database) -> None:
    inbox = open_inbox(database, "Behind")
    bodies = [encode(*(application(f"a{n}-{m}", f"{n}-{m}") for m in range(20))) for n in range(40)]
    inbox.receive_all((f"m{number}", body) for number, body in enumerate(bodies))
    ended: list[object] = []
    event.listen(database.engine, "commit", ended.append)
    assert inbox.project().taken == 40
    around = 4  # what is settled first, two claims, and what is read
    assert len(ended) > around + 2, "all at once is one"
