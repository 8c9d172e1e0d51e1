"""The stage map as people change it: by name, counted anew, kept through proposals, taken back."""

import dataclasses

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.access.audit import AuditEntry
from app.database import Database
from app.demo.world import INBOX, Job
from app.demo.world import Stage as VendorStage
from app.errors import Conflict, Invalid, Stale
from app.funnel.application import Application, StageChange
from app.funnel.record import replay
from app.funnel.stage import DecidedBy, Stage, StageMapping
from app.intake.connectors.page import StageSeen
from app.intake.stage_map import Remapped, ShownMap, change_stage_map, read_stage_map, undo_stage_map
from app.intake.stage_proposal import store_proposals
from tests.intake.town import DAY, HOUR, START, Account, Town, open_account_at

SECOND_JOB = Job(
    id=2, title="Hammaslääkäri", created_at=START, updated_at=START,
    stages=(
        VendorStage(id=21, name="Saapuneet", type=INBOX, position=0),
        VendorStage(id=26, name="odottaa  LUPAA", position=5),
    ),
)  # fmt: skip


def shown(account: Account) -> ShownMap:
    with account.database.reading(account.organisation_id) as session:
        return read_stage_map(session, account.connection.system)


def change(account: Account, revision: int | None = None, **stages: str | None) -> Remapped:
    given = {name.replace("_", " "): choice for name, choice in stages.items()}
    with account.database.writing(account.organisation_id) as session:
        return change_stage_map(session, account.connection.system, given, revision=revision, now=account.now)


def undo(account: Account, revision: int | None = None) -> Remapped:
    with account.database.writing(account.organisation_id) as session:
        return undo_stage_map(session, account.connection.system, revision=revision, now=account.now)


def meanings(account: Account) -> dict[str, str | None]:
    return {
        stage.key: "none" if stage.passed_over else None if stage.stage is None else stage.stage.slug
        for stage in shown(account).stages
    }


def furthest(account: Account) -> list[tuple[int, int]]:
    return [(one.furthest, one.unmapped) for one in account.rows(Application, Application.applied_at)]


@pytest.fixture
def pulled(account: Account, town: Town) -> Account:
    """Two applications, one of which waits in a stage that nobody has mapped, as does one for another job."""
    town.world = dataclasses.replace(town.world, jobs=(*town.world.jobs, SECOND_JOB))
    town.apply(1)
    town.apply(2, START + DAY)
    town.apply(3, START + 2 * DAY, job_id=2, stage_id=21)
    town.move(2, 6, START + 3 * DAY)
    town.move(3, 26, START + 4 * DAY)
    account.sync()
    return account


def test_stages_of_one_name_are_one_and_those_that_wait_come_first_with_their_events(pulled: Account) -> None:
    stages = shown(pulled).stages
    assert [(one.name, one.refs, one.waits, one.events, one.applications) for one in stages[:2]] == [
        ("odottaa  LUPAA", ("26", "6"), True, 2, 2),
        ("Saapuneet", ("1", "21"), False, 1, 1),
    ]
    assert [one.stage for one in stages[1:]] == [
        Stage.APPLIED, Stage.SCREENED, Stage.INTERVIEW, Stage.OFFER, Stage.HIRED,
    ]  # fmt: skip
    assert {one.decided_by for one in stages} == {DecidedBy.PROPOSAL}


def test_a_decision_counts_anew_what_was_in_the_stages_of_that_name_and_nothing_else(
    database: Database, base_url: str, town: Town
) -> None:
    town.apply(1)
    town.apply(2, START + DAY)
    town.move(2, 6, START + 3 * DAY)
    account = open_account_at(database, base_url)
    account.sync()
    assert furthest(account) == [(0, 0), (0, 1)]
    assert change(account, Odottaa_lupaa="offer") == Remapped(stages=1, applications=1)
    assert furthest(account) == [(0, 0), (3, 0)]
    assert [one.stage for one in account.rows(StageChange, StageChange.stage)] == [0, 3]
    record = account.dump(Application, StageChange)
    with account.database.writing(account.organisation_id) as session:
        replay(session)
    assert account.dump(Application, StageChange) == record


def test_a_name_is_found_whatever_its_capitals_and_blanks(pulled: Account) -> None:
    assert change(pulled, None, **{" ODOTTAA lupaa ": "interview"}) == Remapped(stages=1, applications=2)


def test_who_is_in_a_stage_that_is_none_of_ours_stands_where_they_stood(pulled: Account, town: Town) -> None:
    for stage in (3, 6):
        town.move(1, stage, pulled.now + HOUR)
        pulled.now += DAY
        pulled.sync()
    assert furthest(pulled) == [(2, 1), (0, 1), (0, 1)]
    assert change(pulled, Odottaa_lupaa="none").applications == 3
    assert furthest(pulled) == [(2, 0), (0, 0), (0, 0)]
    assert meanings(pulled)["odottaa  LUPAA"] == "none"


def test_a_persons_word_outlasts_later_proposals_and_holds_for_new_stages_of_the_name(
    pulled: Account, town: Town
) -> None:
    change(pulled, Haastattelu="screened", Odottaa_lupaa="offer")
    third = dataclasses.replace(
        SECOND_JOB,
        id=3,
        stages=(
            VendorStage(id=33, name="HAASTATTELU", position=0),
            VendorStage(id=36, name="Odottaa lupaa", position=1),
        ),
    )
    town.world = dataclasses.replace(town.world, jobs=(*town.world.jobs, third))
    town.apply(4, pulled.now + HOUR, job_id=3, stage_id=36)
    pulled.now += DAY
    pulled.sync()
    assert {name: meaning for name, meaning in meanings(pulled).items() if name in ("HAASTATTELU", "Haastattelu")} in (
        {"HAASTATTELU": "screened"}, {"Haastattelu": "screened"},
    )  # fmt: skip
    assert furthest(pulled)[-1] == (3, 0)
    assert {one.several for one in shown(pulled).stages} == {False}


def test_a_decision_that_is_given_up_leaves_the_stage_to_the_proposal(pulled: Account) -> None:
    change(pulled, Haastattelu="hired")
    assert meanings(pulled)["Haastattelu"] == "hired"
    change(pulled, Haastattelu=None)
    stage = next(one for one in shown(pulled).stages if one.name == "Haastattelu")
    assert (stage.stage, stage.decided_by) == (Stage.INTERVIEW, DecidedBy.PROPOSAL)


def test_the_last_change_is_taken_back_and_that_too(pulled: Account) -> None:
    change(pulled, Haastattelu="screened")
    before, record = meanings(pulled), furthest(pulled)
    change(pulled, Odottaa_lupaa="hired", Esikarsinta="applied")
    after, moved = meanings(pulled), furthest(pulled)
    assert undo(pulled) == Remapped(stages=2, applications=2)
    assert (meanings(pulled), furthest(pulled)) == (before, record)
    undo(pulled)
    assert (meanings(pulled), furthest(pulled)) == (after, moved)


def test_without_a_change_nothing_can_be_taken_back(pulled: Account) -> None:
    assert shown(pulled).undoes_from is None
    with pytest.raises(Conflict, match="no change"):
        undo(pulled)
    assert change(pulled, Haastattelu=None) == Remapped(stages=0, applications=0)
    assert (shown(pulled).revision, shown(pulled).undoes_from) == (1, None)


def test_a_change_made_from_a_map_that_is_no_more_is_refused(pulled: Account) -> None:
    change(pulled, revision=1, Haastattelu="screened")
    assert (shown(pulled).revision, shown(pulled).undoes_from) == (2, pulled.now)
    with pytest.raises(Stale, match="at revision 2, yours is 1"):
        change(pulled, revision=1, Haastattelu="offer")
    with pytest.raises(Stale):
        undo(pulled, revision=1)
    assert meanings(pulled)["Haastattelu"] == "screened"


def test_an_unknown_stage_or_meaning_is_named_and_nothing_is_changed(pulled: Account) -> None:
    with pytest.raises(Invalid) as caught:
        change(pulled, Haastattelu="screened", Esikarsinta="sceened", Loppu="hired")
    assert [problem.field for problem in caught.value.problems] == ["stages.Esikarsinta", "stages.Loppu"]
    assert meanings(pulled)["Haastattelu"] == "interview"


def test_a_stage_without_a_name_is_named_by_its_key(pulled: Account) -> None:
    def see(session: Session) -> None:
        store_proposals(session, pulled.connection.system, [StageSeen(ref="99", name="")])

    with pulled.database.writing(pulled.organisation_id) as session:
        see(session)
    assert meanings(pulled)["#99"] is None
    assert change(pulled, None, **{"#99": "offer"}).stages == 1
    assert meanings(pulled)["#99"] == "offer"


def test_stages_of_one_name_that_disagree_wait_until_they_agree(pulled: Account) -> None:
    with pulled.database.writing(pulled.organisation_id) as session:
        session.execute(
            update(StageMapping).where(StageMapping.stage_ref == "26").values(stage=4, decided_by=DecidedBy.PERSON)
        )
    first = shown(pulled).stages[0]
    assert (first.several, first.stage, first.waits, first.decided_by) == (True, None, True, DecidedBy.PROPOSAL)
    assert change(pulled, Odottaa_lupaa="offer") == Remapped(stages=1, applications=2)
    assert shown(pulled).stages[0].several is False


def test_a_change_of_the_map_is_told_in_the_audit(pulled: Account) -> None:
    change(pulled, Haastattelu="screened")
    last = pulled.rows(AuditEntry, AuditEntry.number)[-1]
    assert (last.action, last.noun, last.noun_id, last.fields) == (
        "changed", "stage_map", pulled.connection.system, ["stages"],
    )  # fmt: skip
