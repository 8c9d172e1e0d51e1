"""Somebody is moved to another job, by a new application or within the old one. By pull and by webhook the record is
the same, it stays one person, and nothing that was reached is lost."""

import dataclasses
import json
from typing import Any

import pytest

from app.database import Database
from app.demo.world import Stage as VendorStage
from app.funnel.application import Application, ObservedJob
from app.funnel.stage import Stage
from tests.intake.cutting import shape
from tests.intake.harvest_town import HarvestTown
from tests.intake.hooking import hook_at
from tests.intake.town import DAY, HOUR, START, Account, Town
from tests.intake.vendor_towns import VENDORS, VendorTown, serving_town

LATER = START + 40 * DAY
DENTIST = 2


def open_another_job(town: Town | HarvestTown) -> None:
    if isinstance(town, HarvestTown):
        town.add("jobs", DENTIST, name="Dentist", department_id=1, office_ids=[1], status="open")
        town.add("job_interview_stages", 900, name="Saapuneet", job_id=DENTIST, sort_order=0, active=True)
        return
    stages = (VendorStage(id=100, name="Saapuneet", type="Inbox", position=0),)
    job = dataclasses.replace(town.world.jobs[0], id=DENTIST, title="Dentist", stages=stages)
    town.world = dataclasses.replace(town.world, jobs=(*town.world.jobs, job))


def take_on_anew(town: Town | HarvestTown) -> None:
    """The one who had come to an interview applies to the other job by a recruiter's hand, and is out of the first."""
    if isinstance(town, Town):
        town.apply(2, LATER, candidate_id=1, job_id=DENTIST, stage_id=100)
    else:
        town.apply(2, LATER, candidate_id=1, job_id=DENTIST)
        last = max(town.tables["application_stages"])
        town.tables["application_stages"][last]["job_interview_stage_id"] = 900
    town.reject(1, LATER)


def transfer(town: Town | HarvestTown) -> None:
    """The same application stands in the first stage of the other job."""
    if isinstance(town, Town):
        town.change(1, LATER, job_id=DENTIST, stage_id=100, changed_stage_at=LATER)
        return
    town.stay(1, 1, LATER)
    last = max(town.tables["application_stages"])
    town.tables["application_stages"][last]["job_interview_stage_id"] = 900
    town.change(1, LATER, job_id=DENTIST, stage_id=2900, stage_name="Saapuneet")


def hear_of(served: VendorTown, account: Account, *applications: int) -> None:
    inbox = hook_at(account)
    inbox.now = LATER
    for id in applications:
        if served.vendor == "teamtailor":
            inbox.event("job_application.update", id)
        else:
            said = {"action": "application_updated", "payload": {"application": {"id": id}}}
            inbox.receive(json.dumps(said).encode(), key=f"e{id}")
    inbox.project()
    assert inbox.states() == ["done"] * len(applications)


def record(account: Account) -> tuple[Any, ...]:
    """All but the cursors: a delivery moves none."""
    return shape(account)[:-1]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("again", [True, False], ids=["a new application", "the same application"])
def test_who_is_moved_to_another_job_is_the_same_by_pull_and_by_webhook(
    database: Database, vendor: str, again: bool
) -> None:
    with serving_town(vendor) as served:
        open_another_job(served.town)
        pulled, heard = served.account(database, "pulled"), served.account(database, "heard")
        served.town.apply(1)
        served.town.move(1, 3, START + 5 * DAY)
        pulled.sync()
        heard.sync()
        (take_on_anew if again else transfer)(served.town)
        pulled.now = heard.now = LATER + HOUR
        pulled.sync()
        hear_of(served, heard, *((1, 2) if again else (1,)))
        assert record(heard) == record(pulled)
        heard.sync()
        assert record(heard) == record(pulled)
    titles = {job.id: job.title for job in pulled.rows(ObservedJob)}
    applications = pulled.rows(Application, Application.applied_at)
    found = [(titles[one.job_id], Stage(one.furthest), one.outcome) for one in applications]
    first = "Terveyskeskuslääkäri"
    assert found == (
        [(first, Stage.INTERVIEW, "rejected"), ("Dentist", Stage.APPLIED, None)]
        if again
        else [("Dentist", Stage.INTERVIEW, None)]
    )
    assert len({one.person_id for one in applications}) == 1
