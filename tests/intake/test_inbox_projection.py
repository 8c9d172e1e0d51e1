"""From deliveries to facts: in whatever order, however often, whatever breaks on the way."""

import datetime as dt
import zoneinfo
from typing import Any

import pytest
from sqlalchemy import update

from app.database import Database
from app.demo.faults import Fault, Faults
from app.funnel.application import Application, Lead, ObservedJob, Outcome, StageChange
from app.funnel.erasure import erase_person
from app.funnel.fact import FactRow, Origin
from app.funnel.person import Person, PersonAlias, Tombstone
from app.funnel.pseudonym import Pseudonyms
from app.funnel.stage import Stage, StageMapping
from app.intake import inbox_projection
from app.intake.connection_changes import disconnect
from app.intake.deliveries import MOST_LISTED, read_deliveries
from app.intake.hook_secrets import add_hook_secret
from app.intake.hook_source import drop_keys
from app.intake.inbox import HookDay, InboxReference, InboxRow
from app.intake.inbox_projection import MOST_TRIES, retry_in_vain, take_up_again
from app.intake.inbox_reading import Reader
from app.intake.observe import take_in
from app.intake.sealing import Sealer
from app.intake.vendors import connect, get_connection
from tests.intake.hooking import Inbox, application, encode, hook_at, open_sender
from tests.intake.signing import WHSEC
from tests.intake.town import DAY, SEALER, SECRET, START, Account, Town, open_account_at

RECORD: tuple[Any, ...] = (Application, StageChange, Outcome, Lead, Person, PersonAlias, ObservedJob)


@pytest.fixture
def hooked(account: Account) -> Inbox:
    return hook_at(account)


@pytest.fixture
def sending(lite: Database) -> Inbox:
    """The inbox of a system that sends observations."""
    sender = open_sender(lite)
    return Inbox(lite, sender.organisation_id, sender.connection_id, None)


def test_an_event_leads_to_what_a_pull_would_have_seen(database: Database, base_url: str, town: Town) -> None:
    town.apply(1)
    town.move(1, 3, START + DAY)
    hooked, pulled = (open_account_at(database, base_url, name=name) for name in ("Hooked", "Pulled"))
    inbox = hook_at(hooked)
    inbox.event("job_application.create", 1)
    inbox.event("job_application.update", 1)
    assert inbox.project().ended == {"done": 2}
    pulled.sync()
    (ours,), (theirs,) = hooked.rows(Application), pulled.rows(Application)
    for name in ("applied_at", "furthest", "current", "outcome", "unit", "specialty", "code"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert ours.origin == Origin.WEBHOOK
    hooked.sync()
    assert len(hooked.facts()) == 1, "the pull's fact is the event's"
    assert hooked.rows(Application)[0].origin == Origin.WEBHOOK | Origin.POLL


def test_doing_it_again_changes_nothing(hooked: Inbox, account: Account, town: Town) -> None:
    town.fill(3)
    for id in (1, 2, 3):
        hooked.event("job_application.update", id)
    hooked.project()
    before = account.dump(*RECORD, FactRow)
    with hooked.database.writing(hooked.organisation_id) as session:
        assert take_up_again(session, hooked.now) == 3
    assert hooked.project().ended == {"done": 3}
    assert account.dump(*RECORD, FactRow) == before


def test_a_vendor_that_does_not_answer_leaves_the_delivery_for_later(
    hooked: Inbox, account: Account, town: Town, faults: Faults
) -> None:
    town.apply(1)
    hooked.event("job_application.update", 1)
    faults.plan(Fault.BROKEN, times=99)
    for _again in range(MOST_TRIES + 2):
        assert hooked.project().ended == {"later": 1}
    assert hooked.project(dt.timedelta(seconds=1)).taken == 0, "not so soon"
    (row,) = hooked.rows()
    assert (row.state, row.tries) == ("received", 0)
    assert "Teamtailor" in row.reason
    faults.clear()
    assert hooked.project().ended == {"done": 1}
    assert len(account.rows(Application)) == 1


def test_a_destroyed_application_is_erased_and_stays_counted(hooked: Inbox, account: Account, town: Town) -> None:
    town.fill(2)
    account.sync()
    town.lose(1)
    hooked.event("job_application.destroy", 1)
    hooked.event("job_application.update", 1)
    assert hooked.project().ended == {"done": 2}
    assert len(account.rows(Application)) == 2
    assert len(account.rows(Tombstone)) == 1
    assert [row.body for row in hooked.rows()] == [None, None], "what speaks of the erased lost its body"


def test_a_destroyed_candidate_is_erased_whatever_comes_later(hooked: Inbox, account: Account, town: Town) -> None:
    town.apply(1)
    hooked.event("job_application.update", 1)
    hooked.project()
    hooked.event("candidate.destroy", 1)
    hooked.event("job_application.update", 1)
    assert hooked.project().ended == {"done": 2}
    assert len(account.rows(Application)) == 1
    assert all(row.body is None for row in hooked.rows())
    assert account.sync().skipped == {"erased": 1}


def test_an_erasure_from_elsewhere_takes_the_bodies_of_the_erased(hooked: Inbox, account: Account, town: Town) -> None:
    town.fill(2)
    for id in (1, 2):
        hooked.event("job_application.update", id)
    hooked.project()
    candidate = Pseudonyms(SECRET, account.organisation_id).reference(f"{account.connection.system}/person", "1")
    with account.database.writing(account.organisation_id) as session:
        erase_person(session, candidate, zoneinfo.ZoneInfo("Europe/Helsinki"))
    hooked.project()
    assert [row.body is None for row in hooked.rows()] == [True, False]


def test_a_late_delivery_is_asked_about_and_says_nothing_by_itself(hooked: Inbox, account: Account, town: Town) -> None:
    town.apply(1)
    hooked.event("job_application.destroy", 2, on_time=False, covers_body=False)
    hooked.event("job_application.update", 1, on_time=False)
    assert hooked.project().ended == {"done": 2}
    assert len(account.rows(Application)) == 1


def test_a_hint_that_something_was_destroyed_is_checked(hooked: Inbox, account: Account, town: Town) -> None:
    town.apply(1)
    account.sync()
    hooked.event("job_application.destroy", 1, covers_body=False)
    hooked.event("candidate.destroy", 1, covers_body=False)
    assert hooked.project().ended == {"done": 1, "dead": 1}
    assert account.rows(Tombstone) == [], "it is still there, so nothing was erased"


def test_a_late_word_that_an_application_was_destroyed_is_not_believed_while_the_vendor_shows_it(
    hooked: Inbox, account: Account, town: Town
) -> None:
    town.apply(1)
    account.sync()
    hooked.event("job_application.destroy", 1, on_time=False)
    hooked.event("job_application.destroy", 2, on_time=False)
    assert hooked.project().ended == {"done": 2}
    assert account.rows(Application)[0].applied_at is not None
    gone = Pseudonyms(SECRET, account.organisation_id).reference(f"{account.connection.system}/application", "2")
    assert [one.reference for one in account.rows(Tombstone)] == [gone]


def test_what_is_not_used_is_counted_and_its_body_is_not_kept(hooked: Inbox) -> None:
    hooked.event("candidate.update", 1)
    assert hooked.project().ended == {"done": 1}
    assert [(row.reason, row.body) for row in hooked.rows()] == [("not used", None)]


def test_an_event_that_nobody_knows_is_kept_until_a_version_does(hooked: Inbox) -> None:
    hooked.event("onboarding.create", 1)
    hooked.event("Aino Virtanen called", 1)
    assert hooked.project().ended == {"needs_mapping": 2}
    known, strange = hooked.rows()
    assert known.body is not None
    assert "the event onboarding.create;" in known.reason
    assert "Aino" not in strange.reason
    with hooked.database.writing(hooked.organisation_id) as session:
        assert retry_in_vain(session, hooked.now, InboxRow.id == known.id) == 1
    assert hooked.states() == ["received", "needs_mapping"]


def test_an_application_that_cannot_be_read_holds_up_no_other(hooked: Inbox, account: Account, town: Town) -> None:
    town.apply(1)
    town.apply(2, sourced="perhaps")
    town.apply(3)
    for id in (2, 1, 3):
        hooked.event("job_application.update", id)
    assert hooked.project().ended == {"done": 2, "needs_mapping": 1}
    assert len(account.rows(Application)) == 2
    town.change(2, START, sourced=False)
    with hooked.database.writing(hooked.organisation_id) as session:
        assert retry_in_vain(session, hooked.now) == 1
    assert hooked.project().ended == {"done": 1}
    assert len(account.rows(Application)) == 3


def test_what_came_of_a_connection_that_was_disconnected_holds_up_no_other(
    hooked: Inbox, account: Account, town: Town
) -> None:
    town.fill(2)
    hooked.event("job_application.update", 1)
    hooked.project()
    hooked.event("job_application.update", 2)
    with hooked.database.writing(hooked.organisation_id) as session:
        connection = get_connection(session, hooked.connection_id)
        disconnect(session, connection.id, revision=connection.revision, now=hooked.now)
        take_up_again(session, hooked.now)
        beside = connect(session, "standard", "Own system", "any", {}, sealer=SEALER, now=hooked.now)
        add_hook_secret(session, beside, sealer=SEALER, now=hooked.now, secret=WHSEC)
        other = Inbox(hooked.database, hooked.organisation_id, beside.id, hooked.client)
    other.receive(encode(application("a1", 1)))
    assert hooked.project().ended == {"done": 2, "dead": 1}
    assert {row.reason for row in hooked.rows() if row.state == "dead"} == {
        "Its connection was disconnected, so its vendor cannot be asked what it means."
    }
    assert len(account.rows(Application)) == 2, "the first, which stands, and the one that was sent beside it"


def test_a_delivery_of_an_application_that_could_not_be_read_is_closed_when_a_pull_can_read_it(
    hooked: Inbox, account: Account, town: Town
) -> None:
    town.apply(1, sourced="perhaps")
    town.apply(2, sourced="perhaps")
    for id in (1, 2):
        hooked.event("job_application.update", id)
    hooked.event("job_application.dance", 1)
    assert hooked.project().ended == {"needs_mapping": 3}
    town.change(1, START, sourced=False)
    account.sync()
    assert hooked.states() == ["received", "needs_mapping", "needs_mapping"]
    assert hooked.project().ended == {"done": 1}
    assert hooked.states() == ["done", "needs_mapping", "needs_mapping"]
    account.sync()
    assert hooked.states() == ["done", "needs_mapping", "needs_mapping"]


def test_what_was_sealed_with_a_secret_that_is_missing_waits_and_says_so(sending: Inbox) -> None:
    sending.receive(encode(application("a1", 1)))
    assert sending.project(sealer=Sealer([b"x" * 32])).ended == {"later": 1}
    (row,) = sending.rows()
    assert "secret" in row.reason
    assert sending.project().ended == {"done": 1}


def test_a_body_that_nobody_can_read_is_dead_with_its_reason(hooked: Inbox) -> None:
    hooked.receive(b"{")
    hooked.receive(b'{"payload": {"event_name": "job_application.update", "data": {}}}')
    assert hooked.project().ended == {"dead": 2}
    assert [row.reason for row in hooked.rows()] == [
        "Its body is no JSON, or says one thing twice; whoever sent it has to send it anew.",
        "payload.data.id is missing",
    ]
    (day,) = hooked.rows(HookDay)
    assert day.dead == 2


def test_a_stage_that_nothing_tells_needs_mapping_until_somebody_says(
    hooked: Inbox, account: Account, town: Town
) -> None:
    town.apply(1)
    town.move(1, 6, START + DAY)
    hooked.event("job_application.update", 1)
    assert hooked.project().ended == {"needs_mapping": 1}
    assert account.rows(Application)[0].unmapped == 1, "it is stored all the same"
    with account.database.writing(account.organisation_id) as session:
        mapping = session.get_one(StageMapping, (account.organisation_id, account.connection.system, "6"))
        mapping.stage, mapping.decided_by = Stage.SCREENED, "person"
    hooked.project()
    assert hooked.states() == ["done"]


def test_observations_become_the_facts_that_the_api_would_have_made(sending: Inbox) -> None:
    items = [
        application("a1", 1),
        {"id": "a2", "kind": "stage_change", "at": "2026-03-09T08:00:00Z", "application": "x1", "stage": "interview"},
    ]
    sending.receive(encode(*items))
    assert sending.project().ended == {"done": 1}
    (one,) = sending.rows(Application)
    assert (one.furthest, one.origin) == (Stage.INTERVIEW, Origin.WEBHOOK)
    assert len(sending.rows(InboxReference)) == 2


def test_right_observations_are_kept_when_others_beside_them_are_wrong(sending: Inbox) -> None:
    sending.receive(encode(application("a1", 1), {"id": "a2", "kind": "outcome"}))
    assert sending.project().ended == {"dead": 1}
    assert len(sending.rows(Application)) == 1
    (row,) = sending.rows()
    assert row.reason.startswith("a2: at")


def test_what_cannot_be_read_is_taken_up_again_whole_also_where_the_list_is_cut(sending: Inbox) -> None:
    for number in range(MOST_LISTED + 1):
        sending.receive(b"{" * (number + 1))
    assert sending.project().ended == {"dead": MOST_LISTED + 1}
    with sending.database.writing(sending.organisation_id) as session:
        found = read_deliveries(session, sending.connection_id, sending.now)
        assert (found.in_vain, len(found.vain_rows), found.needs_mapping) == (MOST_LISTED + 1, MOST_LISTED, 0)
        limit = InboxRow.connection_id == sending.connection_id
        assert retry_in_vain(session, sending.now, limit) == MOST_LISTED + 1


def test_late_observations_wait_for_somebody_to_vouch_for_them(sending: Inbox) -> None:
    sending.receive(encode(application("a1", 1)), on_time=False)
    assert sending.project().ended == {"dead": 1}
    assert sending.rows(Application) == []
    with sending.database.writing(sending.organisation_id) as session:
        assert retry_in_vain(session, sending.now) == 1
    assert sending.project().ended == {"done": 1}
    assert len(sending.rows(Application)) == 1


def test_the_first_of_two_bodies_with_one_id_wins_and_the_other_is_kept_as_a_conflict(sending: Inbox) -> None:
    for number in (1, 2):
        sending.receive(encode(application(f"a{number}", number)), key="m1")
    assert sending.project().ended == {"done": 1, "dead": 1}
    assert len(sending.rows(Application)) == 1
    first, second = sending.rows()
    assert first.body_digest.hex() in second.reason and second.body_digest.hex() in second.reason
    (day,) = sending.rows(HookDay)
    assert (day.conflict, day.dead) == (1, 1)


def test_an_erasure_sent_as_an_observation_takes_the_bodies_too(sending: Inbox) -> None:
    sending.receive(encode(application("a1", 1)))
    sending.receive(encode(application("a2", 2)))
    sending.project()
    sending.receive(encode({"id": "e1", "kind": "erasure", "at": "2026-04-01T08:00:00Z", "person": "p1"}))
    sending.receive(encode(application("a3", 1, at="2026-03-05T09:00:00Z")))
    assert sending.project().ended == {"done": 2}
    assert [row.body is None for row in sending.rows()] == [True, False, True, True]
    assert len(sending.rows(Application)) == 2


class Poison(Exception):
    """What nobody foresaw."""


def test_a_delivery_that_breaks_the_projection_dies_alone_after_some_tries(
    sending: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(session: Any, system: str, items: Any, **said: Any) -> Any:
        if items[0]["id"] == "poison":
            raise Poison
        return take_in(session, system, items, **said)

    monkeypatch.setattr(inbox_projection, "take_in", breaking)
    for number in range(5):
        sending.receive(encode(application("poison" if number == 2 else f"a{number}", number)))
    assert sending.project().ended["done"] == 4
    for _again in range(MOST_TRIES):
        sending.project()
    assert sorted(sending.states()) == ["dead", "done", "done", "done", "done"]
    assert [row.reason for row in sending.rows() if row.state == "dead"] == ["It could not be read (Poison)."]
    assert len(sending.rows(Application)) == 4


def test_a_process_that_lost_its_time_changes_nothing(sending: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sending.receive(encode(application("a1", 1)))
    other = Inbox(sending.database, sending.organisation_id, sending.connection_id, None)

    class Slow(Reader):
        def read(self, rows: Any) -> Any:
            found = super().read(rows)
            monkeypatch.undo()
            other.now = sending.now
            assert other.project().ended == {"done": 1}, "another process takes it up after the time"
            return found

    monkeypatch.setattr(inbox_projection, "Reader", Slow)
    assert sending.project().ended == {}


def test_a_body_whose_key_was_dropped_is_gone_for_good(sending: Inbox) -> None:
    sending.receive(encode(application("a1", 1)))
    with sending.database.writing(sending.organisation_id) as session:
        assert drop_keys(session, sending.rows()[0].day) == 0
        assert drop_keys(session, sending.rows()[0].day + 1) == 1
    assert sending.project().ended == {"dead": 1}
    (row,) = sending.rows()
    assert row.body is None and "dropped" in row.reason


def test_a_body_opens_in_its_own_row_only(sending: Inbox) -> None:
    sending.receive(encode(application("a1", 1)))
    sending.receive(encode(application("a2", 2)))
    first, second = sending.rows()
    with sending.database.writing(sending.organisation_id) as session:
        session.execute(update(InboxRow).where(InboxRow.id == second.id).values(body=first.body))
    assert sending.project().ended == {"done": 1, "dead": 1}
