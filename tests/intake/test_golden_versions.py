"""Two versions of each vendor's deliveries, as they were written down once: of what they tell in words that nobody
knows yet nothing is lost; reports say how much it is, and it comes in once somebody says what it means."""

import dataclasses
import datetime as dt
import itertools
import json
import string
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import pytest
from pydantic import BeforeValidator, TypeAdapter

from app.database import Database
from app.demo.world import Stage as VendorStage
from app.intake import observe
from app.intake.connectors.greenhouse import hooks as greenhouse
from app.intake.connectors.teamtailor import hooks as teamtailor
from app.intake.inbox_projection import retry_in_vain
from app.intake.observations import Observation
from app.intake.stage_map import change_stage_map, read_stage_map
from app.reports.answers import Waiting
from app.web.pages.data_line import waiting_says
from app.web.waiting import find_waiting
from tests.intake.cutting import shape
from tests.intake.harvest_town import HarvestTown
from tests.intake.hooking import Inbox, application, encode, find_connection, hook_at, open_sender
from tests.intake.town import DAY, START, Account, Town
from tests.intake.vendor_towns import VendorTown, serving_town
from tests.support.proofs import Proof

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(path.stem for path in GOLDEN.glob("*.json"))
KINDS = ("known", "stage", "enum", "version")
"""What a delivery tells: what we know; a stage of a new name; a value that an enumeration did not have; what only a
later version of the vendor's sends."""
TRIAL, TRIAL_DAY = 7, "Kokeilupäivä"
LATER = ("job_application.moved", "job_application.v3.update")
LATER_ACTIONS = ("application_moved", "candidate_stage_change_v2")
WORDS = {"phone_screen": "screened", "ghosted": "withdrawn", "stage_entered": "stage_change"}


def deliveries(file: str, many: int) -> Iterator[tuple[str, int, bytes]]:
    """For each kind so many deliveries as the file has it, each with the kind and the application it is about."""
    golden = json.loads((GOLDEN / f"{file}.json").read_text(encoding="utf-8"))
    for place, kind in enumerate(KINDS):
        text = string.Template(json.dumps(golden[kind]))
        for number in range(1 + place * many, 1 + (place + 1) * many):
            yield kind, number, text.substitute(id=number).encode()


def translate(item: Any) -> Any:
    """An item in the words of this version, for one that the next version knows."""
    return {name: WORDS.get(said, said) for name, said in item.items() if name != "schema"}


def learn(patch: pytest.MonkeyPatch) -> None:
    """Know the words that the next version knows."""
    patch.setattr(teamtailor, "ASKED_ABOUT", teamtailor.ASKED_ABOUT | set(LATER))
    ask = greenhouse.ACTIONS["application_updated"]
    patch.setattr(greenhouse, "ACTIONS", MappingProxyType({**greenhouse.ACTIONS, **dict.fromkeys(LATER_ACTIONS, ask)}))
    patch.setattr(observe, "OBSERVATION", TypeAdapter(Annotated[Observation, BeforeValidator(translate)]))


def fill(served: VendorTown, told: list[tuple[str, int]]) -> None:
    """Let the vendor's records be what the deliveries are about."""
    town = served.town
    if isinstance(town, Town):
        job = town.world.jobs[0]
        stages = (*job.stages, VendorStage(id=TRIAL, name=TRIAL_DAY, type="Trial", position=6))
        town.world = dataclasses.replace(town.world, jobs=(dataclasses.replace(job, stages=stages),))
    for kind, number in told:
        town.apply(number, START + number * dt.timedelta(minutes=1))
        if kind == "enum" and isinstance(town, HarvestTown):
            town.change(number, START + DAY, status="on_hold")
        else:
            town.move(number, {"stage": 6, "enum": TRIAL}.get(kind, 3), START + DAY)


def map_stages(account: Account) -> None:
    """Say what the stages mean that nobody has mapped."""
    meant = {"Odottaa lupaa": "offer", TRIAL_DAY: "interview", "on_hold": "screened"}
    with account.database.writing(account.organisation_id) as session:
        shown = read_stage_map(session, account.connection.system)
        given = {one.key: meant[one.name] for one in shown.stages if one.waits}
        change_stage_map(session, account.connection.system, given, revision=shown.revision, now=account.now)


class Golden:
    """An inbox to which a file's deliveries come, and the record of somebody who always knew all of their words."""

    def __init__(self, inbox: Inbox, account: Account, calm: Account) -> None:
        self.inbox, self.account, self.calm = inbox, account, calm

    def receive(self, told: list[tuple[str, int, bytes]]) -> None:
        for _kind, _number, body in told:
            self.inbox.receive(body)
        while self.inbox.project().taken:
            pass

    def replay(self) -> int:
        """Read anew, now that its words are known, what was read in vain; how much of it came in."""
        before = self.inbox.states().count("done")
        map_stages(self.account)
        with self.inbox.database.writing(self.inbox.organisation_id) as session:
            retry_in_vain(session, self.inbox.now)
        while self.inbox.project().taken:
            pass
        return self.inbox.states().count("done") - before

    def waiting(self) -> Waiting:
        """What stands beside every report."""
        with self.inbox.database.reading(self.inbox.organisation_id) as session:
            return find_waiting(session)

    def differ(self) -> int:
        """How many rows of the record are in one of the two alone."""
        ours, theirs = (Counter(map(repr, itertools.chain(*shape(one)[:3]))) for one in (self.account, self.calm))
        assert sum(ours.values()) > 4
        return ((ours - theirs) + (theirs - ours)).total()


@contextmanager
def open_golden(database: Database, file: str, told: list[tuple[str, int, bytes]]) -> Iterator[Golden]:
    """The inbox of a vendor's account of which the deliveries of a file tell."""
    vendor = file.partition("-")[0]
    if vendor == "standard":
        ours, theirs = (open_sender(database, name=name) for name in ("Told", "Calm"))
        accounts = [Account(database, one.organisation_id, find_connection(one)) for one in (ours, theirs)]
        inboxes = [Inbox(database, one.organisation_id, one.connection_id, None) for one in (ours, theirs)]
        for _kind, number, body in told:
            for one in inboxes:
                one.receive(encode(application(f"a{number}", number, at="2026-03-02T10:00:00Z")))
            items = json.loads(body)
            said = [translate(item) for item in items] if isinstance(items, list) else [translate(items)]
            inboxes[1].receive(encode(*said))
        for one in inboxes:
            while one.project().taken:
                pass
        yield Golden(inboxes[0], *accounts)
        return
    with serving_town(vendor) as served:
        fill(served, [(kind, number) for kind, number, _body in told])
        account, calm = served.account(database, "Told"), served.account(database, "Calm")
        calm.sync()
        map_stages(calm)
        yield Golden(hook_at(account), account, calm)


@pytest.mark.parametrize("file", FILES)
def test_what_is_told_in_new_words_waits_and_comes_in_once_they_are_known(
    database: Database, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = 2
    told = list(deliveries(file, many))
    with open_golden(database, file, told) as golden:
        done = golden.inbox.states().count("done")
        golden.receive(told)
        assert golden.waiting() == Waiting(needs_mapping=3 * many, dead=0, received=0)
        assert waiting_says(golden.waiting()) == f"{3 * many} deliveries are not mapped or could not be read"
        assert golden.inbox.states().count("done") == done + many
        assert all(row.body is not None for row in golden.inbox.rows())
        assert golden.differ() > 0
        learn(monkeypatch)
        assert golden.replay() == 3 * many
        assert golden.waiting() == Waiting(needs_mapping=0, dead=0, received=0)
        assert golden.differ() == 0


@pytest.mark.prove
@pytest.mark.parametrize("file", FILES)
def test_all_that_was_told_in_new_words_is_replayed_without_loss(
    database: Database, file: str, monkeypatch: pytest.MonkeyPatch, proof: Proof
) -> None:
    many, where = 50, f"{file} on {'SQLite' if database.is_sqlite else 'PostgreSQL'}"
    told = list(deliveries(file, many))
    with open_golden(database, file, told) as golden:
        golden.receive(told)
        waited = golden.waiting()
        learn(monkeypatch)
        replayed, differ = golden.replay(), golden.differ()
    proof(f"in words that nobody knew, {where}: said beside reports as not mapped", f"{3 * many}", waited.needs_mapping)
    proof(f"in words that nobody knew, {where}: replayed once they were", "100 %", f"{replayed} of {3 * many}")
    proof(f"in words that nobody knew, {where}: rows that differ from who always knew them", "0", differ)
    assert (waited.needs_mapping, waited.dead, replayed, differ) == (3 * many, 0, 3 * many, 0)


def test_there_are_two_versions_of_each_vendor() -> None:
    vendors = Counter(file.partition("-")[0] for file in FILES)
    assert vendors == {"teamtailor": 2, "greenhouse": 2, "standard": 2}
