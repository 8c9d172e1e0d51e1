"""Merges, deletions and people made nameless, at each vendor: every count is the same before and after."""

import datetime as dt
import zoneinfo
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.database import Database, from_micros, to_micros
from app.demo.ats import KEY
from app.funnel.application import Application, Outcome, StageChange
from app.funnel.fact import FactRow, Origin
from app.funnel.person import Person, Tombstone
from app.funnel.pseudonym import Pseudonyms
from app.funnel.record import replay
from app.funnel.stage import Stage
from app.intake.connectors.page import ApplicationSeen, ErasedSeen, MergedSeen, MoveSeen, Seen, StageSeen
from app.intake.connectors.teamtailor import VENDOR
from app.intake.sighting import TakenIn, take_in_seen
from app.intake.snapshots import SnapshotMaker
from tests.intake.harvest_town import HarvestTown
from tests.intake.town import DAY, HOUR, SECRET, START, Account, Town, open_account_at
from tests.intake.vendor_towns import VENDORS, VendorTown, serving_town
from tests.support.databases import copy_sqlite

HELSINKI = zoneinfo.ZoneInfo("Europe/Helsinki")


@pytest.fixture(params=VENDORS)
def served(request: pytest.FixtureRequest) -> Any:
    with serving_town(request.param) as served:
        yield served


def hear(account: Account, *seen: Seen) -> TakenIn:
    """What a webhook of the account's vendor says."""
    maker = SnapshotMaker(
        account.connection.system, Pseudonyms(SECRET, account.organisation_id), Origin.WEBHOOK
    )  # fmt: skip
    with account.database.writing(account.organisation_id) as session:
        return take_in_seen(session, maker, seen, to_micros(account.now))


def day(micros: int) -> dt.date:
    return from_micros(micros).astimezone(HELSINKI).date()


def counts(account: Account) -> Any:
    """Everything that a report counts, by day."""
    return (
        Counter((day(row.applied_at), row.furthest, row.current, row.outcome, row.code, row.unit)
                for row in account.rows(Application)),
        Counter((row.stage, day(row.occurred_at)) for row in account.rows(StageChange)),
        Counter((row.kind, day(row.occurred_at)) for row in account.rows(Outcome)),
    )  # fmt: skip


def replayed(account: Account) -> Any:
    with account.database.writing(account.organisation_id) as session:
        replay(session)
    return counts(account)


def fill(served: VendorTown) -> None:
    served.town.fill(4)
    served.town.move(1, 3, START + DAY)
    served.town.reject(2, START + 2 * DAY)


@pytest.mark.parametrize("gone", [ErasedSeen(candidate="1"), ErasedSeen(application="1")])
def test_whoever_is_deleted_or_made_nameless_stays_counted_and_does_not_come_back(
    lite: Database, served: VendorTown, gone: ErasedSeen
) -> None:
    fill(served)
    account = served.account(lite, "gone")
    account.sync()
    before = counts(account)
    hear(account, gone)
    assert counts(account) == before
    served.town.move(1, 1, account.now + HOUR)
    account.now += DAY
    report = account.sync()
    assert report.state == "done"
    assert report.skipped["erased"] >= 1
    assert counts(account) == before
    assert replayed(account) == before
    hear(account, gone)
    assert counts(account) == before


def test_a_deletion_that_may_be_a_merge_erases_whoever_has_no_application_and_nobody_else(
    database: Database, served: VendorTown
) -> None:
    fill(served)
    if isinstance(served.town, HarvestTown):
        served.town.apply(5, prospect=True)
    else:
        served.town.apply(5, sourced=True)
    account = served.account(database, "deleted")
    account.sync()
    before = counts(account)
    hear(account, ErasedSeen(candidate="1", unless_merged=True))
    assert account.rows(Tombstone) == []
    served.town.move(1, 4, account.now + HOUR)
    hear(account, ErasedSeen(candidate="5", unless_merged=True))
    assert len(account.rows(Tombstone)) == 2, "the candidate and the address"
    account.now += DAY
    account.sync()
    assert counts(account) != before, "who was merged is still heard of"
    served.town.change(5, account.now + HOUR)
    account.now += DAY
    assert account.sync().skipped == {"erased": 1}


def test_a_deletion_that_may_be_a_merge_of_somebody_unknown_lets_nobody_come(
    database: Database, served: VendorTown
) -> None:
    served.town.fill(2)
    account = served.account(database, "unknown")
    hear(account, ErasedSeen(candidate="1", unless_merged=True))
    account.sync()
    assert len(account.rows(Application)) == 1


def test_a_person_made_nameless_is_noticed_by_the_pull_and_stays_where_they_had_come(lite: Database) -> None:
    with serving_town("greenhouse") as served:
        town = served.town
        assert isinstance(town, HarvestTown)
        fill(served)
        account = served.account(lite, "nameless")
        account.sync()
        before = counts(account)
        town.tables["candidates"][1] |= {"first_name": "Anonymized", "last_name": "1", "email_addresses": []}
        stays = town.tables["application_stages"]
        for key in [key for key, row in stays.items() if row["application_id"] == 1]:
            del stays[key]
        town.change(1, account.now + HOUR, stage_id=901, stage_name="Application Review")
        account.now += DAY
        account.sync()
        assert counts(account) == before
        assert len(account.rows(Tombstone)) > 0
        account.now += DAY
        town.change(1, account.now - HOUR)
        account.sync()
        assert counts(account) == before


def test_a_person_who_was_nameless_before_the_first_pull_is_counted_once_and_forgotten(lite: Database) -> None:
    with serving_town("greenhouse") as served:
        town = served.town
        assert isinstance(town, HarvestTown)
        town.fill(2)
        town.tables["candidates"][1] |= {"first_name": "Anonymized", "email_addresses": []}
        account = served.account(lite, "early")
        account.sync()
        assert len(account.rows(Application)) == 2
        account.now += DAY
        town.change(1, account.now - HOUR)
        account.sync()
        assert len(account.rows(Application)) == 2


def test_a_candidate_that_teamtailor_no_longer_knows_was_destroyed(account: Account, town: Town) -> None:
    town.fill(3)
    account.sync()
    before = counts(account)
    town.lose(2)
    with account.client(account.connection, {"key": KEY}) as client:
        for page in VENDOR.connector(client).fetch(["2"]):
            hear(account, *page.seen)
    assert counts(account) == before


def test_a_merge_makes_two_people_one_and_changes_no_count(lite: Database, served: VendorTown) -> None:
    fill(served)
    account = served.account(lite, "merge")
    account.sync()
    before = counts(account)
    hear(account, MergedSeen(candidate="3", into="1"))
    assert counts(account) == before
    assert len(account.rows(Person)) == 3
    hear(account, MergedSeen(candidate="3", into="1"))
    assert len(account.rows(Person)) == 3
    assert replayed(account) == before


def test_of_two_applications_to_one_job_a_merge_leaves_one(lite: Database, served: VendorTown) -> None:
    fill(served)
    account = served.account(lite, "doubles")
    account.sync()
    hear(account, MergedSeen(candidate="3", into="1"))
    hear(account, ErasedSeen(application="3"))
    assert len(account.rows(Application)) == 3
    served.town.change(3, account.now + HOUR)
    account.now += DAY
    account.sync()
    assert len(account.rows(Application)) == 3
    after = counts(account)
    assert replayed(account) == after


DOUBLES: list[Seen] = [
    MergedSeen(candidate="3", into="1"), ErasedSeen(application="3"), MergedSeen(candidate="3", into="4"),
]  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(st.permutations([*range(len(DOUBLES) + 6)]), st.integers(0, 8))
def test_of_applications_to_one_job_those_deleted_after_or_before_a_merge_are_dropped_whatever_is_heard_first(
    property_account: Account, order: Sequence[int], again: int
) -> None:
    """The application of candidate 3 is a double once 3, 1 and 4 are one: heard of before, between or after."""
    account = property_account
    forget_all(account)
    six = _six_applications()
    heard = [[six[2 * n], six[2 * n + 1]] for n in range(6)] + [[one] for one in DOUBLES]
    for place, which in enumerate(order):
        hear(account, *heard[which])
        if place == again:
            hear(account, *heard[2])
    left = counts(account)
    assert sum(left[0].values()) == 5
    assert left == replayed(account)
    forget_all(account)
    hear(account, *[one for n in (0, 1, 3, 4, 5) for one in heard[n]])
    assert counts(account) == left


def test_of_two_doubles_deleted_at_once_one_stays_counted(lite: Database, served: VendorTown) -> None:
    fill(served)
    account = served.account(lite, "both gone")
    account.sync()
    hear(account, ErasedSeen(application="3"), ErasedSeen(application="1"))
    assert len(account.rows(Application)) == 4
    hear(account, MergedSeen(candidate="3", into="1"))
    assert len(account.rows(Application)) == 3
    assert replayed(account) == counts(account)


def test_an_application_that_is_deleted_beside_another_without_a_merge_stays_counted(
    lite: Database, served: VendorTown
) -> None:
    served.town.apply(1, candidate_id=9)
    served.town.apply(2, START + HOUR, candidate_id=9)
    account = served.account(lite, "twice")
    account.sync()
    before = counts(account)
    hear(account, ErasedSeen(application="2"))
    assert counts(account) == before


def test_a_deleted_merged_candidate_does_not_take_the_applications_along(lite: Database) -> None:
    """Greenhouse says of a merge also that the one candidate was deleted, naming no application: that is no erasure."""
    with serving_town("greenhouse") as served:
        fill(served)
        account = served.account(lite, "both")
        account.sync()
        hear(account, MergedSeen(candidate="3", into="1"))
        served.town.change(3, account.now + HOUR, candidate_id=1)
        served.town.move(3, 3, account.now + HOUR)
        account.now += DAY
        assert "erased" not in account.sync().skipped
        reached = [row.furthest for row in account.rows(Application, Application.applied_at)]
        assert reached[2] == Stage.INTERVIEW


HAPPENINGS: list[Seen] = [
    MergedSeen(candidate="1", into="2"),
    MergedSeen(candidate="3", into="2"),
    MergedSeen(candidate="4", into="5"),
    ErasedSeen(candidate="2"),
    ErasedSeen(candidate="5"),
    ErasedSeen(application="6"),
]


@given(st.lists(st.sampled_from(HAPPENINGS), max_size=8), st.lists(st.integers(0, 8), max_size=3))
def test_whatever_is_merged_and_erased_in_whatever_order_no_count_changes(
    property_account: Account, happenings: Sequence[Seen], pulls: Sequence[int]
) -> None:
    """Merges and erasures of people, and of an application that has no double; pulls come in between."""
    account = property_account
    forget_all(account)
    hear(account, *_six_applications())
    before = counts(account)
    for place, happening in enumerate(happenings):
        hear(account, happening)
        if place in pulls:
            hear(account, *_six_applications())
        assert counts(account) == before
    assert replayed(account) == before


def forget_all(account: Account) -> None:
    with account.database.writing(account.organisation_id) as session:
        for row in (*session.query(Tombstone), *session.query(FactRow)):
            session.delete(row)
    replayed(account)


def _six_applications() -> list[Seen]:
    seen: list[Seen] = []
    for key in range(1, 7):
        at = START + key * HOUR
        stage = StageSeen(ref="3", name="Interview")
        seen.append(MoveSeen(application=str(key), stage=stage, at=at + DAY))
        seen.append(
            ApplicationSeen(
                application=str(key), candidate=str(key), email=f"a{key}@example.org", job="1", job_title="Doctor",
                applied_at=at, updated_at=at + DAY, stage=stage, entered_at=at + DAY,
            )
        )  # fmt: skip
    return seen


@pytest.fixture(scope="module")
def property_account(tmp_path_factory: pytest.TempPathFactory, _migrated_file: Any) -> Any:
    database = Database(copy_sqlite(_migrated_file, tmp_path_factory.mktemp("merges") / "kutsu.db"))
    yield open_account_at(database, "http://127.0.0.1:1/v1")
    database.close()


def test_an_approximate_move_gives_way_to_the_exact_one_whichever_came_first(lite: Database) -> None:
    with serving_town("greenhouse") as served:
        served.town.fill(1)
        calm, told = served.account(lite, "calm"), served.account(lite, "told")
        served.town.move(1, 3, START + DAY)
        stage = StageSeen(ref="103", name="Haastattelu")
        calm.sync()
        hear(told, MoveSeen(application="1", stage=stage, at=START + DAY - HOUR, quality="approximate"))
        told.sync()
        hear(calm, MoveSeen(application="1", stage=stage, at=START + DAY + HOUR, quality="approximate"))
        for account in (calm, told):
            moves = [(row.stage, row.time_quality) for row in account.rows(StageChange, StageChange.occurred_at)]
            assert moves == [(Stage.APPLIED, 0), (Stage.INTERVIEW, 0)]
        assert counts(calm) == counts(told)
