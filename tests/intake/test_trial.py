"""Trying an account: what is wrong is said with its remedy, and nothing is stored."""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import pytest

from app.database import Database
from app.demo.ats import KEY, PUBLIC, serving
from app.demo.faults import Fault, Faults
from app.demo.harvest import Admission, serving_harvest
from app.demo.stand_in import STATUS_OF_FAULT, RateLimit
from app.demo.world import Company
from app.errors import Refused
from app.funnel.application import Application
from app.funnel.pseudonym import Pseudonyms
from app.funnel.stage import Stage, StageMapping
from app.intake.connection import Connection, SyncRun
from app.intake.connection_changes import ConnectionChange
from app.intake.connectors.page import Answer, Client, CompanySeen, ErasedSeen
from app.intake.familiar import Familiar, load_familiar
from app.intake.sync import ClientFor
from app.intake.trial import Aspect, Check, Trial, account_words, find_problems, try_account
from app.intake.vendors import VENDORS, open_account
from app.outbound import Limits
from app.web.pages.connecting import key_steps
from tests.intake.harvest_town import PAIR, HarvestTown
from tests.intake.test_merges import hear
from tests.intake.town import DAY, SECRET, START, Account, Town, open_account_at
from tests.intake.vendor_towns import VENDORS as VENDORS_PULLED
from tests.intake.vendor_towns import VendorTown, number_jobs_anew, serving_town
from tests.support.accounts import nowhere, through

ANOTHER = (
    "This key opens another account: nothing that was read by “ours” is in it (1 job and the last 3 applications were "
    "looked for). Both accounts’ applications would be mixed here: connect that account by itself."
)
ANOTHER_COMPANY = (
    "This key opens the account of “Inland”, and “ours” was read from that of “City of Mallila”. Both accounts’ "
    "applications would be mixed here: connect that account by itself."
)
LEADS_TOO = "People whom a recruiter added are counted here, and as leads later."


@pytest.fixture
def here(base_url: str) -> ClientFor:
    """Europe is the served town; nothing is elsewhere."""
    return through({"eu": base_url})


def an_account(region: str = "eu") -> Connection:
    return Connection(vendor="teamtailor", name="Rekry", region=region, base_url=None)


def told(trial: Trial) -> dict[str, tuple[bool, str]]:
    return {check.aspect.value: (check.ok, check.text) for check in trial.checks}


def test_an_account_that_can_be_read_says_how_much_there_is_and_proposes_its_stages(
    here: ClientFor, town: Town
) -> None:
    town.fill(3)
    trial = try_account(an_account(), {"key": KEY}, here)
    assert trial.ok
    assert told(trial) == {
        "access": (True, "The account answers and takes the key."),
        "stages": (True, "6 stages can be read."),
        "jobs": (True, "1 job can be read."),
        "applications": (True, "3 applications can be read. " + LEADS_TOO),
        "rights": (True, "The key has every right that is needed."),
        "account": (True, "Jobs in it: Terveyskeskuslääkäri."),
    }
    assert [(one.name, one.stage) for one in trial.stages] == [
        ("Odottaa lupaa", None), ("Saapuneet", Stage.APPLIED), ("Esikarsinta", Stage.SCREENED),
        ("Haastattelu", Stage.INTERVIEW), ("Tarjous", Stage.OFFER), ("Palkattu", Stage.HIRED),
    ]  # fmt: skip


def test_jobs_are_named_one_a_line_and_how_many_more_there_are_is_said() -> None:
    titles = ["Physician, Kallio", "Physician, Malmi"]
    assert account_words(None, titles, 3) == ["Jobs in it:\n– Physician, Kallio\n– Physician, Malmi\n– and 1 more"]
    assert account_words(None, titles, 2) == ["Jobs in it:\n– Physician, Kallio\n– Physician, Malmi"]


def test_an_address_that_is_not_called_is_told_as_that_and_the_key_is_not_blamed() -> None:
    connection = an_account()
    connection.base_url = "http://127.0.0.1:35491/v1"
    trial = try_account(connection, {"key": KEY}, open_account)
    ((fine, text),) = told(trial).values()
    assert not fine and "http://127.0.0.1:35491/v1 is no address that Kutsu calls" in text
    assert "The key is not what is wrong." in text


def test_a_wrong_key_is_said_to_be_wrong(here: ClientFor) -> None:
    trial = try_account(an_account(), {"key": "another"}, here)
    assert told(trial) == {
        "access": (
            False, "Teamtailor refuses the key. Check the key and the region: another region’s key fails too.",
        ),
    }  # fmt: skip
    assert (trial.ok, trial.stages, trial.region) == (False, (), None)


def test_a_key_of_another_region_is_found_there(base_url: str) -> None:
    with serving(Town().world, key="for America", rate=RateLimit(requests=1000)) as america:
        trial = try_account(an_account(), {"key": "for America"}, through({"eu": base_url, "na": america}))
    assert (trial.region, told(trial)) == (
        "na", {"access": (False, "This key is of another region: choose North America.")},
    )  # fmt: skip


def test_an_account_with_an_address_of_its_own_is_looked_for_nowhere_else(base_url: str) -> None:
    connection = an_account()
    connection.base_url = base_url
    regions = []

    @contextmanager
    def open_here(asked: Connection, secrets: Mapping[str, str]) -> Iterator[Client]:
        regions.append(asked.region)
        with through({"eu": base_url})(asked, secrets) as client:
            yield client

    assert not try_account(connection, {"key": "x"}, open_here).ok
    assert regions == ["eu"]


def test_a_right_that_is_missing_is_named_and_what_can_be_read_too(here: ClientFor) -> None:
    @contextmanager
    def without_applications(connection: Connection, secrets: Mapping[str, str]) -> Iterator[Client]:
        with here(connection, secrets) as client:
            yield Limited(client)

    trial = try_account(an_account(), {"key": KEY}, without_applications)
    assert told(trial)["applications"] == told(trial)["rights"] == (False, "The key may not read this.")
    assert (told(trial)["access"][0], told(trial)["stages"][0], trial.ok) == (True, True, False)


def test_a_key_of_a_lesser_scope_is_told_the_one_it_needs() -> None:
    with serving(Town().world, rate=RateLimit(requests=1000), scope=PUBLIC) as url:
        trial = try_account(an_account(), {"key": KEY}, through({"eu": url}))
    assert told(trial)["rights"] == (False, "The key lacks rights. Give it: Admin + Read.")
    assert [one for one, (ok, _text) in told(trial).items() if ok] == ["access", "jobs"]


@contextmanager
def trying_greenhouse(scopes: Iterable[str]) -> Iterator[tuple[Trial, str]]:
    """How an account is tried whose credentials were granted these scopes, and where it can be pulled from."""
    admission, town = Admission(scopes=set(scopes)), HarvestTown()
    town.apply(1)
    town.reject(1, START + DAY)
    rate = RateLimit(requests=1000)
    with serving_harvest(lambda: town.rows, rate=rate, admission=admission, clock=lambda: town.now) as url:
        account = Connection(vendor="greenhouse", name="Rekry", region="global", base_url=None)
        yield try_account(account, PAIR, through({"global": url})), url


def test_credentials_with_the_scopes_that_the_page_names_can_be_tried_and_pulled(lite: Database) -> None:
    steps = " ".join(key_steps("greenhouse"))
    ((named,),) = [re.findall(r"harvest:departments:list: ([a-z_, ]+)\.", steps)]
    with trying_greenhouse([f"harvest:{one}:list" for one in named.split(", ")]) as (trial, url):
        assert trial.ok
        account = open_account_at(lite, url, vendor="greenhouse", secrets=PAIR)
        assert account.sync().state == "done"
        assert len(account.rows(Application)) == 1


@pytest.mark.parametrize("scope", VENDORS["greenhouse"].rights)
def test_every_scope_that_a_pull_needs_is_missed_when_it_was_not_granted(lite: Database, scope: str) -> None:
    with trying_greenhouse({*VENDORS["greenhouse"].rights} - {scope}) as (trial, url):
        assert told(trial)["rights"] == (False, f"The key lacks rights. Give it: {scope}.")
        report = open_account_at(lite, url, vendor="greenhouse", secrets=PAIR).sync()
    assert (report.state, report.error) == (
        "failed", f"The credentials may not read this: grant them {scope} in Greenhouse’s Dev Center.",
    )  # fmt: skip


def test_all_scopes_that_are_missing_are_named_in_one_answer() -> None:
    missing = {"harvest:offers:list", "harvest:candidates:list", "harvest:rejection_reasons:list"}
    with trying_greenhouse({*VENDORS["greenhouse"].rights} - missing) as (trial, _url):
        assert {one for one in VENDORS["greenhouse"].rights if one in told(trial)["rights"][1]} == missing


@dataclasses.dataclass
class Limited:
    """A client whose key may not read applications."""

    client: Client

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        if path.startswith("/job-applications"):
            raise Refused("The key may not read this.")
        return self.client.get(path, params)


@pytest.mark.parametrize("vendor", VENDORS_PULLED)
@pytest.mark.parametrize("what", ["jobs", "applications"])
def test_an_account_whose_records_cannot_be_read_any_more_is_told_before_it_is_connected(
    vendor: str, what: str
) -> None:
    with serving_town(vendor) as served:
        served.town.fill(3)
        field = served.field if what == "applications" else {"teamtailor": "title", "greenhouse": "name"}[vendor]
        served.faults.renamed[field] = "brand_new"
        region = next(iter(VENDORS[vendor].regions))
        account = Connection(vendor=vendor, name="Rekry", region=region, base_url=None)
        ok, text = told(try_account(account, served.secrets, through({region: served.base_url})))[what]
    missing = field.replace("-", "_")
    why = f"Most records of a page could not be read (missing: {missing}): {served.name} changed them."
    assert (ok, text) == (False, f"{why} Try again in a few minutes; if it stays so, update Kutsu.")


@pytest.mark.parametrize("vendor", VENDORS_PULLED)
def test_an_account_that_sends_us_elsewhere_is_told_once_with_what_that_means(vendor: str) -> None:
    with serving_town(vendor) as served:
        for resource in ("token", "stages", "jobs", "job-applications"):
            served.faults.plan(Fault.REDIRECT, on=resource, times=5)
        region = next(iter(VENDORS[vendor].regions))
        account = Connection(vendor=vendor, name="Rekry", region=region, base_url=None)
        (check,) = try_account(account, served.secrets, through({region: served.base_url})).told
    assert (check.ok, check.text) == (
        False,
        (
            f"{served.name} answers 302 and sends Kutsu on to 169.254.169.254, where it does not go: the key would "
            "go along. Most often a proxy or firewall stands in between: ask whoever runs this server. If the account "
            "has moved to another region, choose that; if the vendor has moved, update Kutsu."
        ),
    )


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.HALF])
def test_an_account_that_answers_oddly_is_told_once_in_words(here: ClientFor, faults: Faults, fault: Fault) -> None:
    for resource in ("stages", "jobs", "job-applications"):
        faults.plan(fault, on=resource, times=5)
    trial = try_account(an_account(), {"key": KEY}, here)
    assert {check.ok for check in trial.checks} == {False}
    (check,) = trial.told
    assert check.text.startswith("Teamtailor ")
    assert check.text.endswith("Try again in a few minutes; if it stays so, update Kutsu.")


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.UNAVAILABLE, Fault.TOO_MANY])
def test_an_account_that_does_not_answer_is_asked_once_and_told_with_what_to_do(
    here: ClientFor, faults: Faults, fault: Fault
) -> None:
    faults.plan(fault, on="jobs", times=5)
    faults.plan(fault, on="job-applications", times=5)
    trial = try_account(an_account(), {"key": KEY}, here)
    assert [check.aspect.value for check in trial.checks] == ["stages", "access"]
    assert told(trial)["access"] == (False, no_answer(f"status {STATUS_OF_FAULT[fault]}"))


def no_answer(detail: str) -> str:
    return (
        f"api.teamtailor.com does not answer at the moment ({detail}). Try again in a few minutes; if it stays so, ask "
        "whoever runs this server whether it may reach that address."
    )


def test_an_account_out_of_reach_is_told_once() -> None:
    trial = try_account(an_account(), {"key": KEY}, nowhere)
    assert told(trial) == {"access": (False, no_answer("no account is reached from a test"))}


@pytest.mark.parametrize("vendor", VENDORS_PULLED)
def test_a_key_of_another_company_is_told_from_one_of_the_account_that_was_read(
    database: Database, vendor: str
) -> None:
    with serving_town(vendor) as ours, serving_town(vendor) as theirs:
        ours.town.fill(3)
        account = ours.account(database, "ours")
        before = find_familiar(account)
        account.sync()
        ours.town.apply(4, START + 60 * DAY)
        number_jobs_anew(theirs.town)
        theirs.town.apply(5, START)
        known = find_familiar(account)
        assert (before, known is None) == (None, False)
        same, other = (try_familiar(account, served, known) for served in (ours, theirs))
    assert (same.ok, told(same)["same"]) == (
        True, (True, "It is the account that was read before: it has jobs that are here."),
    )  # fmt: skip
    assert (other.ok, told(other)["same"]) == (False, (False, ANOTHER))


@pytest.mark.parametrize("vendor", VENDORS_PULLED)
def test_an_account_whose_jobs_or_applications_are_all_gone_is_known_by_the_others(
    database: Database, vendor: str
) -> None:
    with serving_town(vendor) as served:
        served.town.fill(3)
        account = served.account(database, "ours")
        account.sync()
        known = find_familiar(account)
        served.faults.gone.update((served.stream, id) for id in (1, 2, 3))
        by_jobs = try_familiar(account, served, known)
        served.faults.gone.clear()
        number_jobs_anew(served.town)
        by_applications = try_familiar(account, served, known)
    assert told(by_jobs)["same"][0]
    assert told(by_applications)["same"] == (
        True, "It is the account that was read before: it has applications that are here.",
    )  # fmt: skip


def test_whose_account_it_is_counts_where_the_vendor_says_so(database: Database) -> None:
    with serving_town("teamtailor") as served:
        own(served.town, Company(id="FkZE7LWdUXo", name="City of Mallila"))
        served.town.fill(3)
        account = served.account(database, "ours")
        unread = try_familiar(account, served, find_familiar(account))
        account.sync()
        known = find_familiar(account)
        own(served.town, Company(id="FkZE7LWdUXo", name="Mallila"))
        renamed = try_familiar(account, served, known)
        own(served.town, Company(id="Gq8Lp2", name="Inland"))
        other = try_familiar(account, served, known)
    assert told(unread)["account"] == (
        True, "It is the account of “City of Mallila”. Jobs in it: Terveyskeskuslääkäri.",
    )  # fmt: skip
    assert known is not None and known.company == CompanySeen(ref="FkZE7LWdUXo", name="City of Mallila")
    assert told(renamed)["same"] == (True, "It is the account that was read before, of “Mallila”.")
    assert told(other)["same"] == (False, ANOTHER_COMPANY)


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.BROKEN, Fault.REFUSED])
def test_an_account_is_tried_and_read_whether_or_not_it_says_whose_it_is(lite: Database, fault: Fault) -> None:
    with serving_town("teamtailor") as served:
        own(served.town, Company(id="FkZE7LWdUXo", name="City of Mallila"))
        account = served.account(lite, "ours")
        account.limits = Limits(attempts=1)
        served.faults.plan(fault, on="company", times=2)
        assert try_familiar(account, served, None).ok
        assert (account.sync().state, known_company(account)) == ("done", None)
        assert (account.sync().state, known_company(account)) == ("done", "City of Mallila")


def test_what_speaks_against_a_change_stands_at_the_field_that_it_is_about() -> None:
    elsewhere = Trial((Check(Aspect.ACCESS, False, "elsewhere"),), region="na")
    refused = Trial((Check(Aspect.ACCESS, True, "well"), Check(Aspect.RIGHTS, False, "refused")))
    one, pair = (ConnectionChange(credentials=secrets) for secrets in ({"key": "k"}, PAIR))
    found = [
        [problem.field for problem in find_problems(trial, change)]
        for trial, change in (
            (elsewhere, one),
            (refused, one),
            (refused, pair),
            (refused, ConnectionChange(region="na")),
        )
    ]
    assert found == [["region"], ["credentials.key"], ["credentials"], ["region"]]


def own(town: Town | HarvestTown, company: Company) -> None:
    assert isinstance(town, Town)
    town.world = dataclasses.replace(town.world, company=company)


def try_familiar(account: Account, served: VendorTown, known: Familiar | None) -> Trial:
    reach = through({account.connection.region: served.base_url})
    return try_account(account.connection, served.secrets, reach, known)


def known_company(account: Account) -> str | None:
    (name,) = (one.company_name for one in account.rows(Connection))
    return None if name is None else str(name)


def find_familiar(account: Account) -> Familiar | None:
    with account.database.reading(account.organisation_id) as session:
        connection = session.get_one(Connection, account.connection.id)
        return load_familiar(session, connection, Pseudonyms(SECRET, account.organisation_id))


def test_the_account_is_the_same_when_whoever_came_last_was_erased_here(database: Database) -> None:
    with serving_town("teamtailor") as served:
        served.town.fill(3)
        account = served.account(database, "erased")
        account.sync()
        hear(account, ErasedSeen(candidate="3"))
        reach = through({"eu": served.base_url})
        assert try_account(account.connection, served.secrets, reach, find_familiar(account)).ok


def test_only_what_a_vendor_does_is_told_and_a_bug_of_ours_is_raised() -> None:
    @contextmanager
    def broken(_connection: Connection, _secrets: Mapping[str, str]) -> Iterator[Client]:
        raise ZeroDivisionError
        yield

    with pytest.raises(ZeroDivisionError):
        try_account(an_account(), {"key": KEY}, broken)


def test_trying_stores_nothing(account: Account, here: ClientFor, town: Town) -> None:
    town.apply(1, START)
    try_account(account.connection, {"key": KEY}, here)
    assert (account.rows(SyncRun), account.rows(StageMapping), list(account.facts())) == ([], [], [])


def test_an_account_at_greenhouse_is_tried_with_its_pair_of_secrets() -> None:
    with serving_town("greenhouse") as green:
        reach = through({"global": green.base_url})
        account = Connection(vendor="greenhouse", name="Rekry", region="global", base_url=None)
        trial = try_account(account, PAIR, reach)
        assert told(trial)["stages"] == (True, "6 stages can be read.")
        assert (trial.ok, trial.stages[0].name) == (True, "Odottaa lupaa")
        refused = try_account(account, {**PAIR, "client_secret": "wrong"}, reach)
    assert told(refused) == {
        "access": (False, "Greenhouse refuses the client ID and secret. Copy both anew from its Dev Center."),
    }
