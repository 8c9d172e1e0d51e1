"""A small town's account at Greenhouse, built up by tests one application at a time: rows as Harvest gives them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.demo.harvest import CLIENT_ID, CLIENT_SECRET, Rows
from app.demo.harvest_questions import RESOURCES
from tests.intake.town import DAY, START

PAIR = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
STAGES = ("Application Review", "Esikarsinta", "Haastattelu", "Tarjous", "Palkattu", "Odottaa lupaa")
STAGE_KEY = 100
"""The first stage's key; applications count their stages from another number."""
REJECTED, WITHDREW, ODD = 1, 2, 3


def shown(at: dt.datetime | None) -> str | None:
    return None if at is None else at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class HarvestTown:
    """The rows that are served, and the vendor's clock; both change as a test goes on."""

    tables: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: {name: {} for name in RESOURCES})
    now: dt.datetime = START + 365 * DAY

    def __post_init__(self) -> None:
        self.add("departments", 1, name="Keskustan terveysasema", parent_id=None, external_id=None)
        self.add("offices", 1, name="Kaupunki", parent_id=None)
        self.add("jobs", 1, name="Terveyskeskuslääkäri", department_id=1, office_ids=[1], status="open")
        for position, name in enumerate(STAGES):
            self.add(
                "job_interview_stages", STAGE_KEY + 1 + position, name=name, job_id=1, sort_order=position, active=True
            )
        for key, kind in ((REJECTED, "We rejected them"), (WITHDREW, "They rejected us"), (ODD, "Wrong skill set")):
            self.add("rejection_reasons", key, name=f"Reason {key}", type={"id": key, "key": None, "name": kind})
        self.add("sources", 1, name="LinkedIn", type={"id": 1, "name": "Social media"})

    @property
    def rows(self) -> Rows:
        return {name: dict(table) for name, table in self.tables.items()}

    def add(self, table: str, id: int, at: dt.datetime = START - DAY, **said: Any) -> None:
        self.tables[table][id] = {"id": id, "created_at": shown(at), "updated_at": shown(at), **said}

    def change(self, id: int, at: dt.datetime, **said: Any) -> None:
        self.tables["applications"][id] = {**self.tables["applications"][id], "updated_at": shown(at), **said}

    def apply(self, id: int, at: dt.datetime = START, **said: Any) -> None:
        """Somebody applies; what is not said is as usual."""
        person = said.pop("candidate_id", id)
        if person not in self.tables["candidates"]:
            address = {"value": f"aino.virtanen.{person}@example.org", "type": "personal"}
            self.add("candidates", person, at, first_name="Aino", last_name="Virtanen", email_addresses=[address])
        usual: Mapping[str, Any] = {
            "candidate_id": person, "job_id": 1, "job_post_id": None, "source_id": 1, "referrer_id": None,
            "stage_id": 901, "stage_name": STAGES[0], "status": "in_process", "prospect": False,
            "prospective_job_ids": [], "rejected_at": None, "last_activity_at": shown(at), "answers": [],
        }  # fmt: skip
        self.add("applications", id, at, **{**usual, **said})
        if not said.get("prospect"):
            self.stay(id, 1, at)

    def fill(self, count: int) -> None:
        """So many people apply, a minute apart."""
        for id in range(1, count + 1):
            self.apply(id, START + id * dt.timedelta(minutes=1))

    def stay(self, id: int, stage: int, at: dt.datetime, *, told: bool = True) -> None:
        """One more row of an application's history; the one before it is left."""
        stays = self.tables["application_stages"]
        for row in [row for row in stays.values() if row["application_id"] == id and row["current"]]:
            left = shown(at) if told else None
            stays[row["id"]] = {**row, "current": False, "exited_at": left, "updated_at": shown(at)}
        self.add(
            "application_stages", len(stays) + 1, at, application_id=id, job_interview_stage_id=STAGE_KEY + stage,
            entered_at=shown(at) if told else None, exited_at=None, days_in_stage=0, current=True,
        )  # fmt: skip

    def move(self, id: int, stage: int, at: dt.datetime, *, told: bool = True) -> None:
        """An application is moved to another stage."""
        self.stay(id, stage, at, told=told)
        self.change(id, at, stage_id=900 + stage, stage_name=STAGES[stage - 1])

    def reject(self, id: int, at: dt.datetime, reason: int | None = REJECTED) -> None:
        """An application goes out."""
        self.change(id, at, status="rejected", rejected_at=shown(at))
        self.add(
            "rejection_details", id, at, application_id=id, rejection_reason_id=reason, rejected_at=shown(at)
        )  # fmt: skip

    def offer(self, id: int, at: dt.datetime, status: str = "Created", **said: Any) -> None:
        """A version of an offer; earlier ones of the application stay as they are."""
        offers = self.tables["offers"]
        usual = {
            "application_id": id, "job_id": 1, "version": 1, "status": status, "sent_on": None, "starts_on": None,
            "resolved_at": None,
        }  # fmt: skip
        self.add("offers", said.pop("key", len(offers) + 1), at, **{**usual, **said})

    def lose(self, id: int) -> None:
        """An application is deleted."""
        del self.tables["applications"][id]
