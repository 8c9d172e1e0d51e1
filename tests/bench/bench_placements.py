"""The table of a campaign's placements: what a long campaign costs beside a short one."""

import datetime as dt
import uuid
from functools import partial
from statistics import median

from app.access.organisation import create_organisation
from app.database import Database
from app.planning.placement import Placement, PlacementIn, describe_placement
from app.planning.placing import create_placement
from app.planning.problem import read_as
from tests.bench.bench_pages import get, open_town, reading, seconds
from tests.bench.ratio import Ratio
from tests.support.plan import NOW, OWN_HOSTS, a_campaign, a_placement

SHORT, LONG = 20, 2_000
LOOKS = 40


def run() -> list[Ratio]:
    """Warm and by turns, so that what disturbs one disturbs the other."""
    campaigns: dict[int, uuid.UUID] = {}
    with open_town(partial(fill, campaigns), NOW) as (app, base_url), reading(app, base_url) as client:
        paths = [f"/campaigns/{campaigns[n]}/placements" for n in (SHORT, LONG)]
        for path in paths:
            get(client, path)
        pairs = [[seconds(partial(get, client, path)) for path in paths] for _ in range(LOOKS)]
    short, long = (median(times) for times in zip(*pairs, strict=True))
    return [Ratio(f"page of {LONG:,} placements / page of {SHORT}", long / short, at_most=3)]


def fill(campaigns: dict[int, uuid.UUID], database: Database) -> uuid.UUID:
    """A town with a campaign of each length; returns the organisation."""
    with database.writing() as session:
        organisation = create_organisation(session, "Kivikoski", now=NOW, link_hosts=OWN_HOSTS).id
    with database.writing(organisation) as session:
        for many in (SHORT, LONG):
            campaign = a_campaign(session, ends_on="2026-12-31")
            campaigns[many] = campaign.id
            first = a_placement(session, campaign_id=campaign.id, planned_cost={"amount": "100", "currency": "EUR"})
            for n in range(1, many):
                create_placement(session, _like(first, n), now=NOW)
    return organisation


def _like(first: Placement, n: int) -> PlacementIn:
    shown = describe_placement(first).model_dump(include=set(PlacementIn.model_fields) - {"tracking_code"})
    starts_on = first.starts_on + dt.timedelta(days=n % 200)
    flight = {"starts_on": starts_on, "ends_on": starts_on + dt.timedelta(days=13)}
    return read_as(PlacementIn, shown | flight | {"place": f"Stop {n:04}", "name": f"Poster, stop {n:04}"})


if __name__ == "__main__":
    from tests.bench.__main__ import table

    print(table(run()))
