"""The same town at each vendor, so that one rule can be tried on all of them."""

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from app.database import Database
from app.demo.ats import KEY, serving
from app.demo.faults import Faults
from app.demo.harvest import serving_harvest
from app.demo.stand_in import RateLimit
from tests.intake.harvest_town import PAIR, HarvestTown
from tests.intake.town import Account, Town, open_account_at

VENDORS = ("teamtailor", "greenhouse")
PATIENT = 1_000_000


@dataclass(frozen=True)
class VendorTown:
    """A served town: `stream` is what the vendor calls applications, `field` one of their fields that is needed."""

    vendor: str
    name: str
    town: Town | HarvestTown
    faults: Faults
    base_url: str
    stream: str
    field: str
    secrets: Mapping[str, str]

    def account(self, database: Database, name: str) -> Account:
        """An organisation of its own that pulls from here."""
        return open_account_at(database, self.base_url, name=name, vendor=self.vendor, secrets=self.secrets)


@contextmanager
def serving_town(vendor: str) -> Iterator[VendorTown]:
    """An empty town at a vendor."""
    faults = Faults()
    if vendor == "teamtailor":
        town = Town()
        with serving(lambda: town.world, faults, rate=RateLimit(PATIENT), clock=lambda: town.now) as url:
            yield VendorTown(
                vendor, "Teamtailor", town, faults, url, "job-applications", "updated-at", {"key": KEY}
            )  # fmt: skip
        return
    harvest = HarvestTown()
    rate = RateLimit(PATIENT, prefix="X-RateLimit")
    with serving_harvest(lambda: harvest.rows, faults, rate=rate, clock=lambda: harvest.now, most_rows=30) as url:
        yield VendorTown(vendor, "Greenhouse", harvest, faults, url, "applications", "updated_at", PAIR)


def number_jobs_anew(town: Town | HarvestTown) -> None:
    """Let a town have the job of another company's account: no vendor gives a number twice."""
    if isinstance(town, Town):
        town.world = dataclasses.replace(
            town.world,
            jobs=tuple(dataclasses.replace(job, id=job.id + 900) for job in town.world.jobs),
            applications=tuple(dataclasses.replace(one, job_id=one.job_id + 900) for one in town.world.applications),
        )
        return
    for row in (*town.tables["jobs"].values(), *town.tables["applications"].values()):
        name = "job_id" if "job_id" in row else "id"
        row[name] += 900
