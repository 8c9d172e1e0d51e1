"""Opening an account at a vendor, and its key at rest."""

from typing import Any

import pytest

from app.access.organisation import create_organisation
from app.database import Database, new_id
from app.errors import Conflict, Invalid, Missing, NotReady, TryLater
from app.intake.connection import Connection
from app.intake.sealing import Sealer
from app.intake.sync import SyncReport
from app.intake.vendors import choose_connections, connect, get_connection, list_connections, open_account, open_secrets
from app.outbound import Limits
from tests.intake.town import SEALER, START, Account, Town, open_account_at

PLANTED = "tt-key-4711-do-not-store"


def test_a_key_is_stored_sealed_and_opens_with_the_same_secret_only(lite: Database, base_url: str) -> None:
    account = open_account_at(lite, base_url, key=f"  {PLANTED}\n")
    sealed = account.connection.credentials
    assert PLANTED.encode() not in sealed
    assert open_secrets(account.connection, SEALER) == {"key": PLANTED}
    with pytest.raises(NotReady, match="another secret key"):
        Sealer([b"x" * 32]).open(sealed)


def test_a_key_that_was_sealed_before_there_were_pairs_still_opens() -> None:
    assert open_secrets(Connection(credentials=SEALER.seal("k1")), SEALER) == {"key": "k1"}


def test_a_changed_secret_opens_what_was_sealed_before_and_seals_anew() -> None:
    old, new = b"o" * 32, b"n" * 32
    both = Sealer([new, old])
    sealed = Sealer([old]).seal("key")
    assert both.open(sealed) == "key"
    assert Sealer([new]).open(both.reseal(sealed)) == "key"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"vendor": "sap"}, "vendor"),
        ({"region": "moon"}, "region"),
        ({"name": " "}, "name"),
        ({"name": "n" * 121}, "name"),
        ({"secrets": {}}, "credentials.key"),
        ({"secrets": {"key": ""}}, "credentials.key"),
        ({"secrets": {"key": "two words"}}, "credentials.key"),
        ({"secrets": {"key": "line\nbreak"}}, "credentials.key"),
        ({"secrets": {"key": "k" * 1001}}, "credentials.key"),
        ({"secrets": {"key": "avain-ä"}}, "credentials.key"),
        ({"secrets": {"key": "k", "client_id": "i"}}, "credentials.client_id"),
    ],
)
def test_what_is_wrong_with_a_connection_is_named_and_nothing_is_stored(
    account: Account, given: dict[str, Any], field: str
) -> None:
    usual = {"vendor": "teamtailor", "name": "Second", "region": "eu", "secrets": {"key": "k"}}
    with pytest.raises(Invalid) as caught, account.database.writing(account.organisation_id) as session:
        connect(session, **{**usual, **given}, sealer=SEALER, now=START)
    assert [problem.field for problem in caught.value.problems] == [field]
    assert len(account.rows(Connection)) == 1


def test_a_name_is_given_once_in_an_organisation(account: Account) -> None:
    with pytest.raises(Conflict), account.database.writing(account.organisation_id) as session:
        connect(session, "teamtailor", "Rekry", "eu", {"key": "k"}, sealer=SEALER, now=START)


def test_connections_are_found_by_name_or_key_inside_their_organisation_only(account: Account) -> None:
    own = account.connection
    with account.database.reading(account.organisation_id) as session:
        assert get_connection(session, own.id).name == "Rekry"
        for wanted in (None, "Rekry", str(own.id)):
            assert [one.id for one in choose_connections(session, wanted)] == [own.id]
        with pytest.raises(Missing, match="there are: Rekry"):
            choose_connections(session, "Reky")
    with account.database.writing() as session:
        other = create_organisation(session, "Naapuri", now=START).id
    with account.database.reading(other) as session:
        assert list_connections(session) == []
        with pytest.raises(Missing, match="none yet"):
            choose_connections(session, None)
        with pytest.raises(Missing):
            get_connection(session, own.id)


def test_without_an_address_of_its_own_an_account_is_at_its_regions(account: Account) -> None:
    connection = Connection(vendor="teamtailor", name="x", region="na", base_url=None)
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        raise TryLater("not from a test")

    with (
        open_account(connection, {"key": "k"}, resolve=resolve, limits=Limits(attempts=1)) as client,
        pytest.raises(TryLater),
    ):
        client.get("/jobs")
    assert asked == ["api.na.teamtailor.com"]


def test_a_run_is_told_in_one_line(account: Account, town: Town) -> None:
    town.apply(1, referring_site="k:h7k2mq")
    assert account.sync().describe() == "9 read, 1 new; codes: 1 in the source’s label"
    failed = SyncReport(new_id(), "failed", 3, 0, {"erased": 2, "missing: id": 1}, {}, "Check the key.")
    assert failed.describe() == (
        "3 read, 0 new; 2 skipped (erased here); 1 skipped (id is missing); broken off: Check the key."
    )
