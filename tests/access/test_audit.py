"""What is done is told once, in order, in a chain that cannot be changed unseen."""

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.audit import Action, Actor, ActorKind, AuditEntry, AuditHead, act_as, is_audited, record
from app.access.audit_reading import AuditFilter, Verified, all_entries, list_entries, list_nouns, verify
from app.access.organisation import Organisation, create_organisation
from app.access.token import Role, create_token, list_tokens, note_use, revoke_token
from app.database import Database
from app.errors import Conflict
from app.planning.channel import ChannelIn
from app.planning.removal import delete_channel
from app.planning.replacing import replace_channel
from app.schema import Base
from tests.support.plan import NOW, a_channel, a_placement, an_asset, channel_fields

SOMEBODY = Actor(ActorKind.TOKEN, "hr-register", uuid.UUID(int=7))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def town(database: Database) -> uuid.UUID:
    with database.writing() as session:
        act_as(session, SOMEBODY, NOW)
        return create_organisation(session, "Harbour Town", now=NOW).id


def said(database: Database, town: uuid.UUID) -> list[tuple[str, str, list[str]]]:
    """What was done after the organisation was founded."""
    with database.reading(town) as session:
        return [(str(one.action), one.noun, one.fields) for one in all_entries(session, AuditFilter())][1:]


def verified(database: Database, town: uuid.UUID, expected: tuple[int, str] | None = None) -> Verified:
    with database.reading(town) as session:
        return verify(session, town, expected)


def test_founding_an_organisation_is_the_first_entry_of_its_chain(database: Database, town: uuid.UUID) -> None:
    with database.reading(town) as session:
        (entry,) = all_entries(session, AuditFilter())
        assert (entry.number, entry.action, entry.noun, entry.noun_id) == (1, "created", "organisation", str(town))
        assert (entry.actor_kind, entry.actor_name, entry.actor_id) == ("token", "hr-register", uuid.UUID(int=7))
        assert (entry.at, entry.previous) == (NOW, "0" * 64)


def test_making_changing_and_deleting_a_row_are_told_with_the_names_of_fields_alone(
    database: Database, town: uuid.UUID
) -> None:
    with database.writing(town) as session:
        channel = a_channel(session).id
    with database.writing(town) as session:
        given = ChannelIn.model_validate(channel_fields(name="Buses", contact="Anna, +358 40 123"))
        replace_channel(session, channel, given, revision=None, now=NOW)
    with database.writing(town) as session:
        delete_channel(session, channel, revision=None)
    assert said(database, town) == [
        ("created", "channel", []),
        ("changed", "channel", ["contact", "name"]),
        ("deleted", "channel", []),
    ]


def test_a_row_made_and_changed_in_one_transaction_is_told_once(database: Database, town: uuid.UUID) -> None:
    with database.writing(town) as session:
        channel = a_channel(session)
        channel.name = "Another"
        session.flush()
        channel.name = "A third"
    assert said(database, town) == [("created", "channel", [])]


def test_a_change_that_changes_nothing_is_not_told(database: Database, town: uuid.UUID) -> None:
    with database.writing(town) as session:
        a_channel(session, name="Buses")
    with database.writing(town) as session:
        (channel,) = session.scalars(select(Base.metadata.tables["channel"].c.id)).all()
        given = ChannelIn.model_validate(channel_fields(name="Buses"))
        replace_channel(session, channel, given, revision=None, now=NOW)
    assert said(database, town) == [("created", "channel", [])]


def test_what_is_rolled_back_was_not_done(database: Database, town: uuid.UUID) -> None:
    with pytest.raises(ValueError, match="changed my mind"), database.writing(town) as session:  # noqa: PT012
        a_channel(session)
        raise ValueError("changed my mind")
    with database.rehearsing(town) as session:
        a_channel(session)
        session.flush()
    assert said(database, town) == []


def test_what_a_savepoint_undoes_was_not_done_and_what_came_before_it_was(database: Database, town: uuid.UUID) -> None:
    with database.writing(town) as session:
        a_channel(session, name="Before")
        with pytest.raises(ValueError, match="no"), session.begin_nested():  # noqa: PT012 (both belong to the block)
            an_asset(session)
            raise ValueError("no")
        record(session, Action.REPLAYED, "record")
    assert said(database, town) == [("created", "channel", []), ("replayed", "record", [])]


def test_a_placement_whose_code_is_taken_is_not_told(database: Database, town: uuid.UUID) -> None:
    with database.writing(town) as session:
        first = a_placement(session, tracking_code="h7k2mq")
        parts = {name: getattr(first, f"{name}_id") for name in ("campaign", "asset", "channel", "persona")}
    before = len(said(database, town))
    with pytest.raises(Conflict), database.writing(town) as session:
        a_placement(session, tracking_code="h7k2mq", place="Elsewhere", **{f"{n}_id": key for n, key in parts.items()})
    assert len(said(database, town)) == before


def test_tokens_are_told_but_for_their_use(database: Database, town: uuid.UUID) -> None:
    with database.writing(town) as session:
        create_token(session, "hr", Role.SERVICE, now=NOW)
    with database.writing(town) as session:
        token = list_tokens(session)[0].id
        note_use(session, token, now=NOW)
    with database.writing(town) as session:
        revoke_token(session, token, now=NOW)
    assert said(database, town) == [("created", "api_token", []), ("changed", "api_token", ["revoked_at"])]


def test_what_an_organisation_does_to_another_is_told_in_its_own_chain(database: Database, town: uuid.UUID) -> None:
    with database.writing(town) as session:
        unit = create_organisation(session, "School", now=NOW, parent=session.get_one(Organisation, town)).id
    assert said(database, town) == [("created", "organisation", [])]
    with database.writing(town) as session:
        session.get_one(Organisation, unit).locale = "sv"
    assert said(database, town)[1:] == [("changed", "organisation", ["locale"])]
    assert verified(database, unit).entries == 0


def test_an_entry_moves_no_data_version(database: Database, town: uuid.UUID) -> None:
    def version() -> int:
        with database.reading(town) as session:
            return session.get_one(Organisation, town).data_version

    before = version()
    with database.writing(town) as session:
        record(session, Action.EXPORTED, "report", "funnel")
    assert (said(database, town), version()) == ([("exported", "report", [])], before)


@pytest.mark.parametrize("change", ["UPDATE audit_entry SET actor_name = 'nobody'", "DELETE FROM audit_entry"])
def test_the_database_itself_refuses_to_change_or_delete_an_entry(
    database: Database, town: uuid.UUID, change: str
) -> None:
    with pytest.raises(DBAPIError, match="appended, never changed"), database.engine.begin() as connection:
        connection.execute(text(change))
    assert verified(database, town).entries == 1


# Somebody who may do everything in the database


def unguarded(database: Database, change: Callable[[Session], object]) -> None:
    """Do what the triggers refuse."""
    triggers = ("audit_entry_UPDATE", "audit_entry_DELETE") if database.is_sqlite else ("audit_entry_refuse",)
    with database.writing() as session:
        for trigger in triggers:
            session.execute(text(f"DROP TRIGGER {trigger}{'' if database.is_sqlite else ' ON audit_entry'}"))
        change(session)


def five(database: Database, town: uuid.UUID) -> Verified:
    for name in ("one", "two", "three", "four"):
        with database.writing(town) as session:
            record(session, Action.EXPORTED, "report", name)
    whole = verified(database, town)
    assert (whole.entries, whole.broken) == (5, None)
    return whole


@pytest.mark.parametrize(
    "change",
    [
        {"actor_name": "nobody"}, {"action": "deleted"}, {"noun": "x"}, {"noun_id": None}, {"fields": ["x"]},
        {"at": NOW + dt.timedelta(seconds=1)}, {"actor_id": uuid.UUID(int=1)}, {"hash": "1" * 64},
        {"previous": "1" * 64}, {"id": uuid.UUID(int=3)}, {"actor_kind": "user"},
    ],
)  # fmt: skip
def test_a_change_of_anything_in_an_entry_is_found(database: Database, town: uuid.UUID, change: dict[str, str]) -> None:
    five(database, town)
    third = update(AuditEntry).where(AuditEntry.number == 3)
    unguarded(database, lambda session: session.execute(third.values(change)))
    assert verified(database, town).broken == 3


@pytest.mark.parametrize("gone", [1, 2, 4])
def test_an_entry_missing_in_the_middle_is_found(database: Database, town: uuid.UUID, gone: int) -> None:
    five(database, town)
    unguarded(database, lambda session: session.execute(delete(AuditEntry).where(AuditEntry.number == gone)))
    assert (verified(database, town).broken, verified(database, town).why) == (gone, "it is missing")


def test_a_chain_cut_off_at_its_end_is_found_by_its_head(database: Database, town: uuid.UUID) -> None:
    five(database, town)
    unguarded(database, lambda session: session.execute(delete(AuditEntry).where(AuditEntry.number > 3)))
    assert (verified(database, town).entries, verified(database, town).broken) == (3, 4)


def test_a_chain_without_its_head_or_beyond_it_is_found(database: Database, town: uuid.UUID) -> None:
    five(database, town)
    unguarded(database, lambda session: session.execute(update(AuditHead).values(number=4)))
    assert verified(database, town).broken == 5
    with database.writing() as session:
        session.execute(delete(AuditHead))
    assert verified(database, town).broken == 5


def test_a_chain_cut_off_together_with_its_head_is_found_by_what_was_noted_elsewhere(
    database: Database, town: uuid.UUID
) -> None:
    whole = five(database, town)
    with database.reading(town) as session:
        third = session.scalars(select(AuditEntry).where(AuditEntry.number == 3)).one().hash

    def cut(session: Session) -> None:
        session.execute(delete(AuditEntry).where(AuditEntry.number > 3))
        session.execute(update(AuditHead).values(number=3, hash=third))

    unguarded(database, cut)
    assert verified(database, town).broken is None
    assert verified(database, town, (5, whole.hash)).broken == 4
    assert verified(database, town, (3, third)).broken is None
    assert verified(database, town, (3, "f" * 64)).broken == 3


def test_many_at_once_make_one_chain(database: Database, town: uuid.UUID) -> None:
    def write(number: int) -> None:
        for n in range(5):
            with database.writing(town) as session:
                record(session, Action.EXPORTED, "report", f"{number}-{n}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verified(database, town) == Verified(21, verified(database, town).hash)


def test_entries_are_read_newest_first_in_pages_and_by_filter(database: Database, town: uuid.UUID) -> None:
    five(database, town)
    with database.reading(town) as session:
        assert [one.number for one in list_entries(session, AuditFilter(), limit=2)] == [5, 4]
        assert [one.number for one in list_entries(session, AuditFilter(), before=4)] == [3, 2, 1]
        assert [one.number for one in list_entries(session, AuditFilter(action=Action.CREATED))] == [1]
        assert [one.number for one in list_entries(session, AuditFilter(actor="hr-register"))] == [1]
        assert len(list_entries(session, AuditFilter(noun="report"))) == 4
        assert list_nouns(session) == ["organisation", "report"]


def test_a_chain_is_its_organisations_own(database: Database, town: uuid.UUID) -> None:
    five(database, town)
    with database.writing() as session:
        other = create_organisation(session, "Inland", now=NOW).id
    assert verified(database, other).entries == 1
    with database.reading(other) as session:
        assert [one.noun for one in list_entries(session, AuditFilter())] == ["organisation"]
        assert session.get(AuditHead, town) is None


NOT_AUDITED = {
    # The audit itself, and what is computed from facts, noted of pulling, or part of a row that is audited.
    "audit_entry", "audit_head", "fact", "application", "stage_change", "outcome", "touchpoint", "lead", "person",
    "person_alias", "tombstone", "observed_job", "stage_mapping", "system_progress", "sync_cursor", "sync_run",
    "count_check", "factor", "asset_claim", "placement_persona", "invoice_share",
    # A change of the map is told by whoever makes it.
    "stage_map",
    # Long work, which says itself who asked for it, and who is at work.
    "task", "worker_sign",
    # People themselves belong to no organisation; that they joined one, and as what, is told of the membership.
    "user", "session", "account_link", "recovery_code", "attempt",
    # What visitors tell of barriers, which is read and forgotten.
    "barrier_report",
    # What was refused at the door and belongs to nobody, counted.
    "refusal_count",
    # What came by itself, waits to become facts, and was counted.
    "inbox", "inbox_reference", "inbox_key", "hook_day", "signed_day", "sender_day", "daily_ad_total", "daily_click",
    # Where a placement led; that it was corrected is told of the placement.
    "past_target",
}  # fmt: skip


def test_every_table_is_audited_or_known_not_to_be() -> None:
    audited = {one.local_table.name for one in Base.registry.mappers if is_audited(one.class_)}  # type: ignore[attr-defined]
    assert set(Base.metadata.tables) - audited == NOT_AUDITED
    assert {"organisation", "api_token", "connection", "placement"} <= audited
