"""What a pull leaves behind: facts, the record, the cursor and an account of itself."""

import zoneinfo
from dataclasses import replace
from pathlib import Path

import pytest

from app.database import Base, Database, from_micros, new_id, to_micros
from app.demo.faults import Fault, Faults
from app.funnel.application import Application, Lead, ObservedJob, Outcome, StageChange, SystemProgress
from app.funnel.erasure import erase_person
from app.funnel.fact import FactKind, Origin, TimeQuality, store_facts
from app.funnel.person import Person, PersonAlias, Tombstone
from app.funnel.pseudonym import Pseudonyms
from app.funnel.record import replay, update_record
from app.funnel.stage import Stage, StageMapping
from app.intake.connection import SyncCursor, SyncRun
from app.intake.connectors.page import ApplicationSeen, StageSeen
from app.intake.snapshots import SnapshotMaker
from tests.intake.cutting import Cut, cut_after, failing_commit, shape
from tests.intake.town import DAY, HOUR, REJECTED, SECRET, START, WITHDREW, Account, Town, open_account_at

LINK = "https://city.example/jobs/1?utm_source=linkedin&utm_content=h7k2mq"
RECORD: tuple[type[Base], ...] = (Application, StageChange, Outcome, Lead, Person, PersonAlias, ObservedJob)


def test_the_first_pull_brings_every_application_with_its_job_and_source(
    database: Database, base_url: str, town: Town
) -> None:
    town.fill(65)
    town.apply(66, START + DAY, referring_url=LINK, referring_site="LinkedIn")
    account = open_account_at(database, base_url)
    report = account.sync()
    assert (report.state, report.error, report.stored) == ("done", None, 66)
    applications = account.rows(Application, Application.applied_at)
    assert len(applications) == 66
    last = applications[-1]
    assert (last.code, last.label, last.host) == ("h7k2mq", "linkedin", "city.example")
    assert (last.unit, last.specialty) == ("Keskustan terveysasema", "gp")
    assert from_micros(last.applied_at) == START + DAY
    assert [job.title for job in account.rows(ObservedJob)] == ["Terveyskeskuslääkäri"]


def test_a_pull_that_finds_nothing_new_stores_no_fact_and_leaves_the_record_as_it_was(
    database: Database, base_url: str, town: Town
) -> None:
    town.fill(35)
    town.reject(7, START + DAY)
    account = open_account_at(database, base_url)
    account.sync()
    before = account.dump(*RECORD)
    account.now += DAY
    report = account.sync()
    assert (report.state, report.stored) == ("done", 0)
    assert account.dump(*RECORD) == before


def test_a_later_pull_reads_only_what_changed_since(account: Account, town: Town) -> None:
    town.fill(65)
    first = account.sync()
    town.move(3, 3, account.now + HOUR)
    account.now += DAY
    second = account.sync()
    assert second.stored == 1
    assert first.read - 2 * 65 == second.read - 2, "the one application, once as changed and once as moved"


def test_the_same_application_in_the_same_state_is_one_fact_whatever_the_poll(account: Account, town: Town) -> None:
    town.apply(1, account.now - HOUR / 12)
    account.sync()
    account.now += HOUR / 12
    report = account.sync()
    assert report.codes == {"none": 1}, "it was seen again, since the windows overlap"
    assert len(account.facts()) == 1


def test_a_stage_that_was_entered_at_a_stated_time_is_exact(account: Account, town: Town) -> None:
    town.apply(1)
    town.move(1, 3, START + DAY)
    account.sync()
    (change,) = account.rows(StageChange)
    assert (change.stage, from_micros(change.occurred_at)) == (Stage.INTERVIEW, START + DAY)
    assert change.time_quality == TimeQuality.EXACT


def test_a_move_between_two_polls_without_a_stated_time_is_inferred(account: Account, town: Town) -> None:
    town.apply(1)
    account.sync()
    town.change(1, account.now + HOUR, stage_id=3)
    account.now += DAY
    account.sync()
    applied, moved = account.rows(StageChange, StageChange.occurred_at)
    assert (applied.stage, applied.time_quality) == (Stage.APPLIED, TimeQuality.EXACT)
    assert from_micros(applied.occurred_at) == START
    assert (moved.stage, moved.time_quality) == (Stage.INTERVIEW, TimeQuality.INFERRED)
    assert from_micros(moved.occurred_at) == account.now - DAY + HOUR


def test_a_move_that_the_vendor_does_not_call_an_update_is_seen_too(account: Account, town: Town) -> None:
    town.apply(1)
    account.sync()
    for stage in (2, 3, 4):
        account.now += DAY
        town.change(1, START, stage_id=stage, changed_stage_at=account.now - HOUR)
        account.sync()
    (application,) = account.rows(Application)
    assert (application.current, application.furthest) == (Stage.OFFER, Stage.OFFER)
    assert len(account.rows(StageChange)) == 4


def test_stages_passed_between_two_polls_are_reached_but_have_no_date(account: Account, town: Town) -> None:
    town.apply(1)
    account.sync()
    town.move(1, 2, account.now + HOUR)
    town.move(1, 4, account.now + 2 * HOUR)
    account.now += DAY
    account.sync()
    (application,) = account.rows(Application)
    assert application.furthest == Stage.OFFER
    assert [change.stage for change in account.rows(StageChange, StageChange.occurred_at)] == [
        Stage.APPLIED,
        Stage.OFFER,
    ]


def test_a_rejection_its_undoing_and_a_second_rejection_are_three_facts(account: Account, town: Town) -> None:
    town.apply(1)
    for rejected in (True, False, True):
        account.now += HOUR
        at = account.now - HOUR / 2
        town.change(1, at, rejected_at=at if rejected else None, reject_reason_id=REJECTED if rejected else None)
        account.sync()
    assert len(account.facts()) == 3
    first, second = account.rows(Outcome, Outcome.occurred_at)
    assert first.undone_at is not None
    assert second.undone_at is None
    (application,) = account.rows(Application)
    assert application.outcome == "rejected"


def test_a_rejection_that_comes_back_with_its_old_time_counts_again(account: Account, town: Town) -> None:
    town.apply(1)
    out = {"rejected_at": START + DAY, "reject_reason_id": REJECTED}
    for said in (out, {"rejected_at": None, "reject_reason_id": None}, out):
        account.now += HOUR
        town.change(1, account.now - HOUR / 2, **said)
        assert account.sync().state == "done"
    (application,) = account.rows(Application)
    assert application.outcome == "rejected"


def test_a_stage_that_comes_back_with_its_old_time_counts_again(account: Account, town: Town) -> None:
    town.apply(1)
    for stage, entered in ((2, START + DAY), (3, START + 2 * DAY), (2, START + DAY)):
        account.now += HOUR
        town.change(1, account.now - HOUR / 2, stage_id=stage, changed_stage_at=entered)
        assert account.sync().state == "done"
    (application,) = account.rows(Application)
    assert (application.current, application.furthest) == (Stage.SCREENED, Stage.INTERVIEW)


def test_a_reason_that_is_not_the_companys_means_withdrawn(account: Account, town: Town) -> None:
    town.apply(1)
    town.apply(2)
    town.apply(3)
    town.reject(1, START + DAY, REJECTED)
    town.reject(2, START + 2 * DAY, WITHDREW)
    town.change(3, START + 3 * DAY, rejected_at=START + 3 * DAY)
    account.sync()
    outcomes = account.rows(Outcome, Outcome.occurred_at)
    assert [(row.kind, row.reason) for row in outcomes] == [
        ("rejected", str(REJECTED)),
        ("withdrawn", str(WITHDREW)),
        ("rejected", None),
    ]


def test_somebody_a_recruiter_added_is_a_lead_and_no_application(account: Account, town: Town) -> None:
    town.apply(1, sourced=True, referring_site="Talent pool")
    town.apply(2)
    account.sync()
    town.move(1, 2, account.now + HOUR)
    account.now += DAY
    account.sync()
    assert len(account.rows(Application)) == 1, "wherever a lead is moved to"
    (lead,) = account.rows(Lead)
    assert (lead.label, from_micros(lead.occurred_at)) == ("talent pool", START)


def test_a_lead_whose_source_is_corrected_has_the_source_that_its_vendor_says_last(
    account: Account, town: Town
) -> None:
    town.apply(1, sourced=True, referring_site="Talent pool")
    account.sync()
    for label in ("Fair", "Talent pool", "Fair"):
        town.change(1, account.now + HOUR, referring_site=label)
        account.now += DAY
        account.sync()
        assert [row.label for row in account.rows(Lead)] == [label.lower()]
    assert len(account.rows(Person)) == 1


def test_one_candidate_with_two_applications_is_one_person(account: Account, town: Town) -> None:
    town.apply(1, candidate_id=9)
    town.apply(2, START + HOUR, candidate_id=9)
    account.sync()
    assert len(account.rows(Application)) == 2
    assert len(account.rows(Person)) == 1


def test_an_address_known_from_elsewhere_joins_the_people(account: Account, town: Town) -> None:
    town.apply(1)
    account.sync()
    known = Pseudonyms(SECRET, account.organisation_id).email(" Aino.Virtanen.1@Example.org ")
    assert known in {alias.reference for alias in account.rows(PersonAlias)}


def test_codes_are_counted_by_the_field_that_kept_them(account: Account, town: Town) -> None:
    town.apply(1, referring_url=LINK)
    town.apply(2, referring_url="https://city.example/?k=h7k2mq")
    town.apply(3, referring_site="Poster (k:h7k2mq)")
    town.apply(4, referring_site="Oikotie")
    report = account.sync()
    assert report.codes == {"url:utm_content": 1, "url:k": 1, "label": 1, "none": 1}
    (run,) = account.rows(SyncRun)
    assert (run.state, run.read, run.stored, run.codes) == ("done", report.read, 4, report.codes)


def test_what_was_erased_is_not_taken_in_again(account: Account, town: Town) -> None:
    town.fill(4)
    pseudonyms = Pseudonyms(SECRET, account.organisation_id)
    system = account.connection.system
    erased = (
        pseudonyms.reference(f"{system}/person", "1"),
        pseudonyms.email("aino.virtanen.2@example.org"),
        pseudonyms.reference(f"{system}/application", "3"),
    )
    with account.database.writing(account.organisation_id) as session:
        session.add_all(Tombstone(reference=reference) for reference in erased)
    report = account.sync()
    assert report.skipped["erased"] == 3
    assert len(account.rows(Application)) == 1


def test_an_erased_person_stays_counted_and_is_not_brought_back_by_the_next_pull(
    database: Database, base_url: str, town: Town
) -> None:
    account = open_account_at(database, base_url)
    town.apply(1)
    for stage, rejected in ((2, True), (3, False), (2, True)):
        account.now += HOUR
        at = account.now - HOUR / 2
        town.move(1, stage, at)
        town.change(1, at, rejected_at=at if rejected else None)
        account.sync()
    before = [(row.furthest, row.current, row.outcome) for row in account.rows(Application)]
    candidate = Pseudonyms(SECRET, account.organisation_id).reference(f"{account.connection.system}/person", "1")
    with database.writing(account.organisation_id) as session:
        assert erase_person(session, candidate, zoneinfo.ZoneInfo("Europe/Helsinki")) == 3
    town.change(1, account.now + HOUR, cover_letter="again")
    account.now += DAY
    assert account.sync().skipped == {"erased": 1}
    assert [(row.furthest, row.current, row.outcome) for row in account.rows(Application)] == before


def test_nothing_personal_reaches_the_database_file(account: Account, town: Town) -> None:
    town.apply(1, cover_letter="Olen kiinnostunut", referring_url=LINK)
    town.reject(1, START + DAY)
    account.sync()
    path = account.database.url.database
    assert path is not None
    account.database.close()
    content = b"".join(file.read_bytes() for file in _files_of(path))
    assert b"h7k2mq" in content, "the search finds what is there"
    for planted in (b"Aino", b"Virtanen", b"virtanen", b"example.org", b"kiinnostunut", b"laillistusta"):
        assert planted not in content


def _files_of(path: str) -> list[Path]:
    return list(Path(path).parent.glob(Path(path).name + "*"))


def test_a_stage_that_nothing_tells_is_kept_for_a_person_to_map(account: Account, town: Town) -> None:
    town.apply(1)
    town.move(1, 6, START + DAY)
    account.sync()
    (application,) = account.rows(Application)
    assert application.unmapped == 1
    mapped = {row.stage_ref: row for row in account.rows(StageMapping)}
    assert (mapped["6"].name, mapped["6"].stage) == ("Odottaa lupaa", None)
    assert mapped["3"].stage == Stage.INTERVIEW


def test_what_a_person_decided_of_a_stage_is_not_overwritten(account: Account, town: Town) -> None:
    town.apply(1)
    account.sync()
    with account.database.writing(account.organisation_id) as session:
        mapping = session.get_one(StageMapping, (account.organisation_id, account.connection.system, "3"))
        mapping.stage, mapping.decided_by = Stage.SCREENED, "person"
    town.move(1, 3, account.now + HOUR)
    account.now += DAY
    account.sync()
    (application,) = account.rows(Application)
    assert application.furthest == Stage.SCREENED


def test_a_stage_whose_new_name_tells_more_is_projected_again(account: Account, town: Town) -> None:
    town.apply(1)
    town.move(1, 6, START + DAY)
    account.sync()
    (job,) = town.world.jobs
    renamed = tuple(replace(stage, name="Haastattelu 2") if stage.id == 6 else stage for stage in job.stages)
    town.world = replace(town.world, jobs=(replace(job, stages=renamed),))
    account.now += DAY
    assert account.sync().stored == 0
    (application,) = account.rows(Application)
    assert (application.furthest, application.unmapped) == (Stage.INTERVIEW, 0)


def test_a_stage_that_only_an_application_still_names_is_there_to_be_mapped(
    account: Account, town: Town, faults: Faults
) -> None:
    town.apply(1)
    town.move(1, 3, START + DAY)
    faults.gone.add(("stages", 3))
    account.sync()
    mapped = {row.stage_ref: row for row in account.rows(StageMapping)}
    assert (mapped["3"].name, mapped["3"].stage) == ("", None)
    (fact,) = account.facts()
    assert (fact.stage_ref, fact.stage_name) == ("3", None)


def test_a_stage_that_is_gone_keeps_the_name_it_had(account: Account, town: Town, faults: Faults) -> None:
    town.apply(1)
    account.sync()
    faults.gone.add(("stages", 3))
    town.move(1, 3, account.now + HOUR)
    account.now += DAY
    account.sync()
    mapped = {row.stage_ref: row for row in account.rows(StageMapping)}
    assert (mapped["3"].name, mapped["3"].stage) == ("Haastattelu", Stage.INTERVIEW)


def test_only_a_pull_that_ends_well_moves_the_day_up_to_which_all_is_known(
    account: Account, town: Town, faults: Faults
) -> None:
    town.apply(1)
    account.sync()
    through = account.now
    account.now += DAY
    faults.plan(Fault.BROKEN, times=99)
    assert account.sync().state == "failed"
    (progress,) = account.rows(SystemProgress)
    assert progress.through == to_micros(through)
    faults.clear()
    account.sync()
    (progress,) = account.rows(SystemProgress)
    assert progress.through == to_micros(account.now)


def test_a_clock_that_runs_ahead_of_the_vendors_misses_nothing(account: Account, town: Town) -> None:
    town.apply(1)
    town.now = START + DAY
    account.now = START + 2 * DAY
    account.sync()
    town.move(1, 3, town.now + HOUR)
    town.now += 2 * HOUR
    account.sync()
    (application,) = account.rows(Application)
    assert application.furthest == Stage.INTERVIEW


def test_a_killed_run_is_named_as_such_by_the_next(account: Account, town: Town) -> None:
    with account.database.writing(account.organisation_id) as session:
        session.add(
            SyncRun(
                id=new_id(), connection_id=account.connection.id, started_at=START, state="running",
                skipped={}, codes={},
            )
        )  # fmt: skip
    account.sync()
    killed, done = account.rows(SyncRun, SyncRun.started_at)
    assert (killed.state, killed.error, killed.finished_at) == ("failed", "The run was killed.", account.now)
    assert done.state == "done"


def test_a_pull_broken_off_anywhere_and_taken_up_again_ends_as_an_undisturbed_one(
    database: Database, base_url: str, town: Town
) -> None:
    town.fill(95)
    town.move(50, 4, START + 5 * DAY)
    town.reject(51, START + 6 * DAY)
    undisturbed = open_account_at(database, base_url, name="A")
    undisturbed.sync()
    for pages in range(1, 9):
        account = open_account_at(database, base_url, name=f"B{pages}")
        with pytest.raises(Cut):
            account.sync(on_progress=cut_after(pages))
        (run,) = account.rows(SyncRun)
        assert (run.state, run.error) == ("failed", "The run was broken off (Cut).")
        stored = len(account.facts())
        report = account.sync()
        assert stored + report.stored == 97 - 2
        assert shape(account) == shape(undisturbed)


def test_what_changes_between_a_broken_first_pull_and_its_end_is_not_missed(account: Account, town: Town) -> None:
    town.fill(95)
    with pytest.raises(Cut):
        account.sync(on_progress=cut_after(4))
    town.move(5, 3, account.now + HOUR)
    town.apply(96, account.now + HOUR)
    account.now += DAY
    account.sync()
    furthest = [row.furthest for row in account.rows(Application, Application.applied_at)]
    assert len(furthest) == 96
    assert furthest[4] == Stage.INTERVIEW


def test_a_page_that_cannot_be_committed_moves_neither_cursor_nor_record(
    account: Account, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.fill(35)
    monkeypatch.setattr(account.database.engine.dialect, "do_commit", failing_commit(after=4))
    with pytest.raises(OSError, match="disk"):
        account.sync()
    monkeypatch.undo()
    (cursor,) = [row for row in account.rows(SyncCursor) if row.stream == "history"]
    assert len(account.rows(Application)) == len(account.facts()) == 30
    assert cursor.cursor["done"] is False
    account.sync()
    assert len(account.rows(Application)) == 35


def test_replay_gives_the_rows_that_many_pulls_have_left(database: Database, base_url: str, town: Town) -> None:
    account = open_account_at(database, base_url)
    town.fill(12)
    town.apply(13, sourced=True)
    account.sync()
    for id, stage in ((1, 2), (2, 3), (3, 5), (1, 4), (3, 3), (2, 6)):
        account.now += DAY
        town.move(id, stage, account.now - HOUR)
        if stage == 4:
            town.reject(5, account.now - HOUR, WITHDREW)
        account.sync()
    before = account.dump(*RECORD)
    with database.writing(account.organisation_id) as session:
        replay(session)
    assert account.dump(*RECORD) == before


def test_a_state_that_came_by_a_webhook_before_is_the_same_fact_and_shows_both_ways(
    account: Account, town: Town
) -> None:
    town.apply(1)
    maker = SnapshotMaker(account.connection.system, Pseudonyms(SECRET, account.organisation_id), Origin.WEBHOOK)
    seen = ApplicationSeen(
        application="1", candidate="1", email="aino.virtanen.1@example.org", job="1", job_title="Terveyskeskuslääkäri",
        applied_at=START, updated_at=START, stage=StageSeen(ref="1", name="Saapuneet"), entered_at=START,
        attributes={"unit": "Keskustan terveysasema", "specialty": "gp"},
    )  # fmt: skip
    with account.database.writing(account.organisation_id) as session:
        update_record(session, store_facts(session, [maker.make(seen, to_micros(START)).fact]).new)
    assert account.sync().stored == 0
    (application,) = account.rows(Application)
    assert application.origin == Origin.WEBHOOK | Origin.POLL
    assert application.observed_at == to_micros(START)
    assert [fact.kind for fact in account.facts()] == [FactKind.SNAPSHOT]
