"""Pulling from Greenhouse over a real socket: the whole history of each application, exact where it is told."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from app.database import Database, from_micros
from app.demo.faults import Faults
from app.demo.harvest import Admission, serving_harvest
from app.demo.stand_in import RateLimit
from app.funnel.application import Application, Lead, ObservedJob, Outcome, StageChange
from app.funnel.fact import TimeQuality
from app.funnel.record import replay
from app.funnel.stage import Stage, StageMapping
from app.intake.connection import SyncCursor
from tests.intake.cutting import Cut, cut_after, shape
from tests.intake.harvest_town import ODD, PAIR, REJECTED, WITHDREW, HarvestTown, shown
from tests.intake.test_sync import RECORD
from tests.intake.town import DAY, HOUR, START, Account, open_account_at


@pytest.fixture
def harvest() -> HarvestTown:
    return HarvestTown()


@pytest.fixture
def admission() -> Admission:
    return Admission()


@pytest.fixture
def harvest_url(harvest: HarvestTown, faults: Faults, admission: Admission) -> Iterator[str]:
    with serving_harvest(
        lambda: harvest.rows, faults, rate=RateLimit(requests=10_000, prefix="X-RateLimit"), admission=admission,
        clock=lambda: harvest.now, most_rows=30,
    ) as url:  # fmt: skip
        yield url


@pytest.fixture
def green(lite: Database, harvest_url: str) -> Account:
    return open_account_at(lite, harvest_url, vendor="greenhouse", secrets=PAIR)


def changes(account: Account) -> list[tuple[Stage, dt.datetime, TimeQuality]]:
    rows = account.rows(StageChange, StageChange.occurred_at, StageChange.stage)
    return [(Stage(row.stage), from_micros(row.occurred_at), TimeQuality(row.time_quality)) for row in rows]


def test_the_first_pull_brings_every_application_with_its_job_unit_and_source(
    database: Database, harvest_url: str, harvest: HarvestTown
) -> None:
    harvest.fill(65)
    account = open_account_at(database, harvest_url, vendor="greenhouse", secrets=PAIR)
    report = account.sync()
    assert (report.state, report.error) == ("done", None)
    applications = account.rows(Application, Application.applied_at)
    assert len(applications) == 65
    assert (applications[-1].label, applications[-1].unit) == ("linkedin", "Keskustan terveysasema")
    assert [job.title for job in account.rows(ObservedJob)] == ["Terveyskeskuslääkäri"]


def test_every_stage_that_was_passed_has_its_exact_time_though_it_is_pulled_only_once(
    green: Account, harvest: HarvestTown
) -> None:
    harvest.apply(1)
    for stage, days in ((2, 1), (3, 2), (2, 3), (3, 4)):
        harvest.move(1, stage, START + days * DAY)
    green.sync()
    assert changes(green) == [
        (Stage.APPLIED, START, TimeQuality.EXACT),
        (Stage.SCREENED, START + DAY, TimeQuality.EXACT),
        (Stage.INTERVIEW, START + 2 * DAY, TimeQuality.EXACT),
        (Stage.SCREENED, START + 3 * DAY, TimeQuality.EXACT),
        (Stage.INTERVIEW, START + 4 * DAY, TimeQuality.EXACT),
    ]
    (application,) = green.rows(Application)
    assert (application.furthest, application.current) == (Stage.INTERVIEW, Stage.INTERVIEW)


def test_a_stay_without_its_time_is_inferred_from_when_it_was_over_or_last_changed(
    green: Account, harvest: HarvestTown
) -> None:
    harvest.apply(1)
    harvest.move(1, 2, START + DAY, told=False)
    harvest.move(1, 3, START + 2 * DAY, told=False)
    green.sync()
    assert changes(green) == [
        (Stage.APPLIED, START, TimeQuality.EXACT),
        (Stage.SCREENED, START + 2 * DAY, TimeQuality.INFERRED),
        (Stage.INTERVIEW, START + 2 * DAY, TimeQuality.INFERRED),
    ]


def test_an_application_without_a_history_is_in_the_stage_that_it_says(green: Account, harvest: HarvestTown) -> None:
    harvest.apply(1)
    harvest.change(1, START + DAY, stage_id=903, stage_name="Haastattelu")
    harvest.tables["application_stages"].clear()
    green.sync()
    assert changes(green) == [(Stage.INTERVIEW, START + DAY, TimeQuality.INFERRED)]


def test_an_offer_is_made_when_it_is_sent_taken_when_it_is_resolved_and_begun_on_its_day(
    green: Account, harvest: HarvestTown
) -> None:
    harvest.apply(1)
    harvest.move(1, 3, START + DAY)
    harvest.offer(1, START + 2 * DAY, "Deprecated", sent_on="2026-03-04")
    harvest.offer(1, START + 3 * DAY, sent_on="2026-03-05", version=2)
    green.sync()
    (application,) = green.rows(Application)
    assert (application.furthest, application.outcome) == (Stage.OFFER, None), "a deprecated version is no decline"
    harvest.offer(
        1, green.now + HOUR, "Accepted", sent_on="2026-03-05", version=2, key=2, resolved_at=shown(green.now + HOUR),
        starts_on=(green.now + 9 * DAY).date().isoformat(),
    )  # fmt: skip
    harvest.change(1, green.now + HOUR, status="hired")
    hired_at = green.now + HOUR
    green.now += DAY
    green.sync()
    (application,) = green.rows(Application)
    assert (application.furthest, application.current) == (Stage.HIRED, Stage.HIRED)
    assert (Stage.HIRED, hired_at, TimeQuality.EXACT) in changes(green)
    green.now += 7 * DAY
    assert green.sync().stored == 0, "the day has not come"
    green.now += DAY
    green.sync()
    (application,) = green.rows(Application)
    assert (application.furthest, application.current) == (Stage.STARTED, Stage.STARTED)
    assert changes(green)[-1][0] == Stage.STARTED
    assert changes(green)[-1][2] == TimeQuality.APPROXIMATE
    harvest.change(1, green.now + HOUR, last_activity_at=shown(green.now + HOUR))
    green.now += DAY
    green.sync()
    (application,) = green.rows(Application)
    assert (application.furthest, application.current) == (Stage.STARTED, Stage.STARTED)


def test_an_undone_hire_is_an_offer_again(green: Account, harvest: HarvestTown) -> None:
    harvest.apply(1)
    harvest.offer(1, START + DAY, "Accepted", sent_on="2026-03-03", resolved_at=shown(START + 2 * DAY))
    harvest.change(1, START + 2 * DAY, status="hired")
    green.sync()
    harvest.change(1, green.now + HOUR, status="in_process")
    green.now += DAY
    green.sync()
    (application,) = green.rows(Application)
    assert (application.furthest, application.current) == (Stage.OFFER, Stage.OFFER)


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [(REJECTED, "rejected"), (WITHDREW, "withdrawn"), (ODD, "rejected"), (77, "rejected"), (None, "rejected")],
)
def test_only_a_reason_of_their_own_is_a_withdrawal(
    green: Account, harvest: HarvestTown, reason: int | None, outcome: str
) -> None:
    harvest.apply(1)
    harvest.reject(1, START + DAY, reason)
    green.sync()
    (row,) = green.rows(Outcome)
    assert (row.kind, row.reason) == (outcome, None if reason is None else str(reason))
    assert from_micros(row.occurred_at) == START + DAY


def test_an_undone_rejection_is_open_again_and_a_second_one_counts(green: Account, harvest: HarvestTown) -> None:
    harvest.apply(1)
    harvest.reject(1, START + DAY)
    green.sync()
    harvest.change(1, green.now + HOUR, status="in_process", rejected_at=None)
    green.now += DAY
    green.sync()
    assert [row.outcome for row in green.rows(Application)] == [None]
    harvest.reject(1, green.now + HOUR, WITHDREW)
    green.now += DAY
    green.sync()
    assert [row.outcome for row in green.rows(Application)] == ["withdrawn"]


@pytest.mark.parametrize("said", [{"prospect": True}, {"prospect": True, "status": "converted"}])
def test_a_prospect_is_a_lead_and_stays_one_when_it_was_converted(
    green: Account, harvest: HarvestTown, said: dict[str, Any]
) -> None:
    harvest.apply(1, job_id=None, stage_id=None, stage_name=None, **said)
    green.sync()
    assert green.rows(Application) == []
    assert [row.label for row in green.rows(Lead)] == ["linkedin"]


def test_a_change_of_what_hangs_on_an_application_is_seen_though_it_is_not_called_updated(
    green: Account, harvest: HarvestTown
) -> None:
    harvest.fill(3)
    green.sync()
    harvest.stay(1, 2, green.now + HOUR)
    harvest.offer(2, green.now + HOUR, sent_on=(green.now + HOUR).date().isoformat())
    green.now += DAY
    green.sync()
    assert [row.furthest for row in green.rows(Application, Application.applied_at)] == [
        Stage.SCREENED, Stage.OFFER, Stage.APPLIED,
    ]  # fmt: skip


def test_a_token_of_a_tracking_link_is_read_as_our_code(green: Account, harvest: HarvestTown) -> None:
    for key, name in ((2, "Poster"), (3, "Two links"), (4, "Radio k:m9p4xz")):
        harvest.add("sources", key, name=name, type=None)
    for key, source, token in ((1, 2, "h7k2mq"), (2, 3, "abc234"), (3, 3, "def567")):
        harvest.add("tracking_links", key, token=token, source_id=source, job_id=None)
    for id in (1, 2, 3):
        harvest.apply(id, START + id * HOUR, source_id=id + 1)
    report = green.sync()
    assert [row.code for row in green.rows(Application, Application.applied_at)] == ["h7k2mq", None, "m9p4xz"]
    assert report.codes == {"tracking_code": 1, "none": 1, "label": 1}


def test_a_first_stage_is_where_everybody_starts_and_the_others_go_by_their_names(
    green: Account, harvest: HarvestTown
) -> None:
    harvest.apply(1)
    green.sync()
    mapped = {row.name: row.stage for row in green.rows(StageMapping)}
    assert mapped["Application Review"] == Stage.APPLIED
    assert mapped["Haastattelu"] == Stage.INTERVIEW
    assert mapped["Odottaa lupaa"] is None


def test_a_pull_that_finds_nothing_new_stores_no_fact_and_leaves_the_record_as_it_was(
    database: Database, harvest_url: str, harvest: HarvestTown
) -> None:
    harvest.fill(35)
    harvest.move(3, 4, START + DAY)
    harvest.reject(7, START + DAY)
    account = open_account_at(database, harvest_url, vendor="greenhouse", secrets=PAIR)
    account.sync()
    before = account.dump(*RECORD)
    account.now += DAY
    report = account.sync()
    assert (report.state, report.stored) == ("done", 0)
    assert account.dump(*RECORD) == before
    with database.writing(account.organisation_id) as session:
        replay(session)
    assert account.dump(*RECORD) == before


def test_a_pull_broken_off_anywhere_and_taken_up_again_ends_as_an_undisturbed_one(
    lite: Database, harvest_url: str, harvest: HarvestTown
) -> None:
    harvest.fill(95)
    harvest.move(50, 4, START + 5 * DAY)
    harvest.reject(51, START + 6 * DAY)
    calm = open_account_at(lite, harvest_url, name="calm", vendor="greenhouse", secrets=PAIR)
    calm.sync()
    for pages in (2, 8, 9, 10, 11, 12):
        account = open_account_at(lite, harvest_url, name=f"B{pages}", vendor="greenhouse", secrets=PAIR)
        with pytest.raises(Cut):
            account.sync(on_progress=cut_after(pages))
        account.sync()
        assert shape(account) == shape(calm)


def test_a_window_that_was_begun_goes_on_where_it_was_and_from_its_beginning_if_that_is_forgotten(
    green: Account, harvest: HarvestTown
) -> None:
    harvest.fill(95)
    with pytest.raises(Cut):
        green.sync(on_progress=cut_after(9))
    (cursor,) = green.rows(SyncCursor)
    assert cursor.cursor["through"] is None, "the watermark waits for the last page"
    assert len(green.rows(Application)) == 60
    with green.database.writing(green.organisation_id) as session:
        session.merge(cursor).cursor = {**cursor.cursor, "next": "forgotten"}
    report = green.sync()
    assert (report.state, len(green.rows(Application))) == ("done", 95)


def test_what_changes_between_a_broken_first_pull_and_its_end_is_not_missed(
    green: Account, harvest: HarvestTown
) -> None:
    harvest.fill(95)
    with pytest.raises(Cut):
        green.sync(on_progress=cut_after(9))
    harvest.move(5, 3, green.now + HOUR)
    harvest.move(95, 3, green.now + HOUR)
    harvest.apply(96, green.now + HOUR)
    green.now += DAY
    green.sync()
    furthest = [row.furthest for row in green.rows(Application, Application.applied_at)]
    assert (len(furthest), furthest[4], furthest[94]) == (96, Stage.INTERVIEW, Stage.INTERVIEW)


def test_a_token_that_is_taken_back_in_the_middle_is_exchanged_anew(
    green: Account, harvest: HarvestTown, admission: Admission
) -> None:
    harvest.fill(65)
    report = green.sync(on_progress=lambda _report: admission.take_back())
    assert (report.state, len(green.rows(Application))) == ("done", 65)


def test_a_wrong_pair_is_refused_with_what_to_do(lite: Database, harvest_url: str) -> None:
    wrong = {**PAIR, "client_secret": "another"}
    report = open_account_at(lite, harvest_url, vendor="greenhouse", secrets=wrong).sync()
    assert report.error == "Greenhouse refuses the client ID and secret. Copy both anew from its Dev Center."


def test_a_job_that_an_application_was_transferred_to_is_its_job(green: Account, harvest: HarvestTown) -> None:
    harvest.add("jobs", 2, name="Erikoislääkäri", department_id=None, office_ids=[1])
    harvest.apply(1)
    green.sync()
    harvest.change(1, green.now + HOUR, job_id=2)
    green.now += DAY
    green.sync()
    (application,) = green.rows(Application)
    titles = {job.id: job.title for job in green.rows(ObservedJob)}
    assert titles[application.job_id] == "Erikoislääkäri"
    assert application.unit == "Kaupunki"
