"""Single applications read again by their keys: the same facts as a pull's, and what was destroyed."""

import pytest

from app.demo.ats import KEY
from app.demo.faults import Fault, Faults
from app.errors import Drifted, Refused, TryLater
from app.intake.connectors.page import ApplicationSeen, ErasedSeen, Page
from app.intake.connectors.teamtailor import VENDOR
from tests.intake.town import HOUR, START, Account, Town

LINK = "https://city.example/jobs/1?utm_content=h7k2mq"


def fetch(account: Account, *keys: str) -> list[Page]:
    with account.client(account.connection, {"key": KEY}) as client:
        return list(VENDOR.connector(client).fetch(keys))


def test_an_application_read_by_its_key_is_what_a_pull_sees(account: Account, town: Town) -> None:
    town.apply(1, referring_url=LINK)
    town.move(1, 3, START + HOUR)
    with account.client(account.connection, {"key": KEY}) as client:
        pulled = [seen for page in VENDOR.connector(client).pages({}, town.now) for seen in page.seen]
    (page,) = fetch(account, "1")
    (fetched,) = [seen for seen in page.seen if isinstance(seen, ApplicationSeen)]
    assert fetched in pulled
    assert fetched.attributes == {"unit": "Keskustan terveysasema", "specialty": "gp"}
    assert page.cursor is None


def test_an_application_that_is_no_more_was_erased(account: Account, town: Town) -> None:
    town.apply(1)
    pages = fetch(account, "2", "1")
    assert pages[0].seen == (ErasedSeen(application="2"),)
    assert any(isinstance(seen, ApplicationSeen) for seen in pages[1].seen), "the others are read all the same"


@pytest.mark.parametrize("key", ["../stages", "1?include=job", "1/candidate", "", "åäö", "#"])
def test_no_key_leads_to_another_address(account: Account, town: Town, key: str) -> None:
    town.apply(1)
    try:
        pages = fetch(account, key)
    except Refused:
        return
    except Drifted:
        return
    assert [page.seen for page in pages] == [(ErasedSeen(application=key),)]


def test_a_vendor_that_does_not_answer_is_no_destroyed_application(
    account: Account, town: Town, faults: Faults
) -> None:
    town.apply(1)
    faults.plan(Fault.BROKEN, times=99)
    with pytest.raises(TryLater):
        fetch(account, "1")


def test_an_address_that_knows_no_records_at_all_destroys_nothing(account: Account) -> None:
    account.connection.base_url = account.connection.base_url and account.connection.base_url.replace("/v1", "/v9")
    with pytest.raises(Refused, match="region"):
        fetch(account, "1")


def test_a_record_of_another_form_is_a_drift(account: Account, town: Town, faults: Faults) -> None:
    town.apply(1)
    faults.renamed["created-at"] = "born-at"
    with account.client(account.connection, {"key": KEY}) as client, pytest.raises(Drifted):
        list(VENDOR.connector(client).fetch(["1"]))


def test_a_key_that_is_refused_destroys_nothing(account: Account, town: Town) -> None:
    with account.client(account.connection, {"key": "another"}) as client, pytest.raises(Refused, match="key"):
        list(VENDOR.connector(client).fetch(["1"]))
