"""Leads that are read again: one person of the talent pool, with what the vendor said last of where they came from."""

import datetime as dt
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.database import Database
from app.funnel.application import Lead
from app.funnel.fact import FactKind, FactRow
from app.funnel.person import Person
from app.funnel.record import replay
from app.intake.connectors.page import ErasedSeen, LeadSeen
from tests.intake.test_merges import forget_all, hear
from tests.intake.town import DAY, HOUR, START, Account, open_account_at
from tests.support.databases import copy_sqlite


@pytest.fixture
def account(_migrated_file: Path, tmp_path: Path) -> Iterator[Account]:
    database = Database(copy_sqlite(_migrated_file, tmp_path / "kutsu.db"))
    yield open_account_at(database, "http://127.0.0.1:1/v1")
    database.close()


def lead(label: str, changed_after: dt.timedelta, key: str = "7") -> LeadSeen:
    return LeadSeen(
        lead=key, candidate="9", email="a@example.org", seen_at=START, updated_at=START + changed_after, label=label
    )


def labels(account: Account) -> list[str | None]:
    return [row.label for row in account.rows(Lead, Lead.label)]


SAID = [lead("Fair", HOUR), lead("Pool", 2 * HOUR), lead("Fair", 3 * HOUR), lead("Friend", HOUR, "8")]


def test_whatever_is_heard_first_of_a_lead_its_source_is_the_one_stated_last(account: Account) -> None:
    for order in itertools.permutations(SAID):
        forget_all(account)
        for one in (*order, order[0]):
            hear(account, one)
        assert labels(account) == ["fair", "friend"], "the other lead of the same person and time is none of its"
        assert len(account.rows(Person)) == 1
    with account.database.writing(account.organisation_id) as session:
        replay(session)
    assert labels(account) == ["fair", "friend"]


def test_all_versions_at_once_are_one_lead(account: Account) -> None:
    hear(account, *SAID)
    assert labels(account) == ["fair", "friend"]


def test_what_was_said_of_a_lead_before_it_was_read_again_is_its_first_version(account: Account) -> None:
    hear(account, SAID[0])
    with account.database.writing(account.organisation_id) as session:
        (row,) = session.query(FactRow)
        row.key = bytes.fromhex(row.payload["lead"])
        row.payload = {name: said for name, said in row.payload.items() if name not in ("lead", "updated_at")}
        session.flush()
        replay(session)
    assert labels(account) == ["fair"]
    hear(account, SAID[1])
    assert labels(account) == ["pool"]


def test_an_erased_lead_keeps_no_key_by_which_it_could_be_found_and_does_not_come_back(account: Account) -> None:
    hear(account, *SAID)
    hear(account, ErasedSeen(candidate="9"))
    said = [row.payload for row in account.rows(FactRow) if row.kind == FactKind.LEAD]
    assert len(said) == 4 and not any("lead" in payload for payload in said)
    assert labels(account) == ["fair", "friend"]
    account.now += DAY
    hear(account, lead("Web", DAY))
    assert labels(account) == ["fair", "friend"]
