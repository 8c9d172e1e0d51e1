"""Whoever a vendor forgets, as its webhooks say it and its lists then show it: every report stays the same, to the
byte, and nobody comes back at the first stage."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pytest

from app.database import Database
from app.funnel.application import Application
from app.funnel.person import Tombstone
from app.funnel.stage import Stage
from app.reports.effectiveness import report_effectiveness
from app.reports.funnel import report_funnel
from app.reports.paths import report_paths
from app.reports.scope import By, Scope, View
from app.reports.unmatched import report_unmatched
from tests.intake.harvest_town import HarvestTown, shown
from tests.intake.hooking import hook_at
from tests.intake.town import DAY, HOUR, START, Account, Town
from tests.intake.vendor_towns import serving_town

Said: TypeAlias = list[Mapping[str, Any]]
NOBODY_KNOWS = {"data"}
"""What an answer says of the state of the data; the rest is what it says of people."""


def reports(account: Account) -> str:
    """What all reports say, each stage of the data as of the same moment."""
    with account.database.reading(account.organisation_id) as session:
        scope = Scope(organisation_id=account.organisation_id, now=account.now)
        answers = [
            *(report_funnel(session, dataclasses.replace(scope, view=view)) for view in View),
            report_effectiveness(session, scope),
            report_effectiveness(session, dataclasses.replace(scope, by=By.CHANNEL)),
            report_paths(session, scope),
            report_unmatched(session, scope),
        ]
        return "\n".join(answer.model_dump_json(exclude=NOBODY_KNOWS) for answer in answers)


def anonymise_at_greenhouse(town: Any) -> Said:
    """Greenhouse wipes the name, the source, the stages and the offers, and says that the application is made now."""
    assert isinstance(town, HarvestTown)
    at = START + 40 * DAY
    town.tables["candidates"][1] |= {
        "first_name": "Anonymized", "last_name": "1", "email_addresses": [], "created_at": shown(at),
    }  # fmt: skip
    stays = town.tables["application_stages"]
    for key in [key for key, row in stays.items() if row["application_id"] == 1]:
        del stays[key]
    stays[999] = {
        "id": 999, "created_at": shown(at), "updated_at": shown(at), "application_id": 1,
        "job_interview_stage_id": 101, "entered_at": shown(at), "exited_at": None, "days_in_stage": 0, "current": True,
    }  # fmt: skip
    town.tables["offers"].clear()
    town.change(1, at, stage_id=901, stage_name="Application Review", created_at=shown(at), source_id=None)
    wiped = ["full_name", "email_addresses", "source", "candidate_stage_data", "all_offer_versions"]
    return [
        {"action": "candidate_anonymized", "payload": {"candidate_id": 1, "anonymized_fields": wiped}},
        {"action": "offer_deleted", "payload": {"offer": {"id": 1, "application_id": 1}}},
        {"action": "application_updated", "payload": {"application": {"id": 1}}},
        {"action": "candidate_stage_change", "payload": {"application": {"id": 1}}},
    ]


def delete_at_greenhouse(town: Any) -> Said:
    town.lose(1)
    del town.tables["candidates"][1]
    return [
        {"action": "delete_candidate", "payload": {"person": {"id": 1, "deleted_application_ids": [1]}}},
        {"action": "delete_application", "payload": {"application": {"id": 1, "candidate_id": 1, "job_id": 1}}},
    ]


def destroy_at_teamtailor(town: Any) -> Said:
    assert isinstance(town, Town)
    town.lose(1)
    people = tuple(one for one in town.world.candidates if one.id != 1)
    town.world = dataclasses.replace(town.world, candidates=people)
    names = (("candidate.destroy", 1), ("job_application.destroy", 1), ("job_application.update", 1))
    return [{"payload": {"event_name": name, "data": {"id": str(id)}}} for name, id in names]


FORGETTING: list[tuple[str, Callable[[Any], Said]]] = [
    ("greenhouse", anonymise_at_greenhouse),
    ("greenhouse", delete_at_greenhouse),
    ("teamtailor", destroy_at_teamtailor),
]


@pytest.mark.parametrize("turned", [False, True], ids=["as sent", "the last first"])
@pytest.mark.parametrize(("vendor", "forget"), FORGETTING)
def test_whoever_a_vendor_forgets_changes_no_byte_of_any_report(
    database: Database, vendor: str, forget: Callable[[Any], Said], turned: bool
) -> None:
    with serving_town(vendor) as served:
        served.town.fill(6)
        for id in (1, 2):
            served.town.move(id, 3, START + 2 * DAY + id * HOUR)
        served.town.move(1, 4, START + 3 * DAY)
        served.town.reject(3, START + 4 * DAY)
        account = served.account(database, "forgotten")
        account.now = START + 41 * DAY
        account.sync()
        hooked = hook_at(account)
        before = reports(account)
        assert account.rows(Application, Application.applied_at)[0].furthest == Stage.OFFER
        said = forget(served.town)
        for one in reversed(said) if turned else said:
            hooked.receive(json.dumps(one).encode())
        while hooked.project().taken:
            pass
        assert account.sync().state == "done"
        assert account.rows(Tombstone) != []
        assert reports(account) == before
