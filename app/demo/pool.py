"""The city's campaign for its talent pool, and who left their details by it: doctors who do not look for a post yet.

It is made of the same parts as every other campaign. Nobody of it is in the truth of the city: an ad that asks for an
address is not judged by applications.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from app.demo.applicants import CHANNEL_NAMES, Applicant, Trace
from app.demo.people import Person, invent_persons
from app.demo.plan import CURRENCY, Plan, PlannedCampaign, PlannedPlacement
from app.demo.records import Joined, find_link
from app.demo.schedule import PlacementRow
from app.planning.campaign import CampaignKind, CampaignStatus

FIRST_JOINED = 800_001
BEGAN = 200
"""How many days ago the campaign began."""
WANTED = 60
POOL: tuple[PlacementRow, ...] = (
    ("pool-page", "Page “Ei vielä, mutta kohta” on the career site", "pool", "pool-page", "site", "newly-licensed",
     200, None, "", "Doctors who do not look for a post yet", (None, None, None)),
    ("pool-poster", "Notice-board poster “Ei vielä, mutta kohta”", "pool", "pool-poster", "boards",
     "resident-primary-care-months", 190, 70, "Staff rooms and the campus", "Residents and final-year students",
     (32_000, 32_000, 30_400)),
    ("pool-card", "Card “Ei vielä, mutta kohta” on LinkedIn", "pool", "pool-card", "linkedin", "newly-licensed",
     150, 66, "", "Doctors licensed within two years", (160_000, 160_000, 154_820)),
)  # fmt: skip
BROUGHT: Mapping[str, int] = {"pool-page": 19, "pool-poster": 8, "pool-card": 13}
"""How many left their details by each of them, with its code."""
BY_CHANNEL, BY_NOTHING = 5, 8
"""Of how many more the ATS keeps the name of a channel alone, and of how many nothing."""
APPLIED_SINCE = 6
"""How many of those with a code have applied to a vacancy since."""
EARLIER_BY = (14, 60)
"""How many days before that, at the least and at the most, they had left their details."""


def make_pool_campaign(today: dt.date) -> PlannedCampaign:
    """The campaign that asks for no application."""
    return PlannedCampaign(
        key="pool", name="“Ei vielä, mutta kohta”", kind=CampaignKind.CONTINUOUS,
        concept="No vacancy and no hurry: an address left today, a letter when there is something to say.",
        objective="Sixty doctors who want to hear of posts before these are open",
        starts_on=today - dt.timedelta(days=BEGAN), ends_on=None, budget_minor=400_000, currency=CURRENCY,
        reckoning=None, jobs=(), leads_wanted=WANTED, status=CampaignStatus.LIVE,
    )  # fmt: skip


def draw_joined(
    rng: np.random.Generator, plan: Plan, today: dt.date, applied: Sequence[tuple[Person, Applicant]]
) -> list[Joined]:
    """Everybody who left their details; `applied` are those who apply, in the order of time."""
    newcomers = invent_persons(rng, sum(BROUGHT.values()) + BY_CHANNEL + BY_NOTHING, first_id=FIRST_JOINED)
    later = _choose_later(rng, applied, today)
    people = [*later, *((one, None) for one in newcomers)]
    joined = []
    for (person, applied_at), (placement, url, site) in zip(people, _list_sources(plan), strict=False):
        last = today if applied_at is None else applied_at.date() - dt.timedelta(days=EARLIER_BY[0])
        at = _draw_moment(rng, placement, today, last)
        joined.append(Joined(person, at, url, site, applied_at))
    return sorted(joined, key=lambda one: (one.at, one.person.id))


def _choose_later(
    rng: np.random.Generator, applied: Sequence[tuple[Person, Applicant]], today: dt.date
) -> list[tuple[Person, dt.datetime | None]]:
    """Some whose only application came without a trace, late enough to have left their details before it."""
    since = dt.datetime.combine(today - dt.timedelta(days=BEGAN - EARLIER_BY[1]), dt.time(), dt.UTC)
    times: dict[int, int] = {}
    for person, _one in applied:
        times[person.id] = times.get(person.id, 0) + 1
    fit = [
        (person, one.applied_at) for person, one in applied
        if times[person.id] == 1 and one.trace is Trace.NONE and one.applied_at >= since
    ]  # fmt: skip
    return [fit[i] for i in sorted(rng.choice(len(fit), size=APPLIED_SINCE, replace=False))]


def _list_sources(plan: Plan) -> Iterator[tuple[PlannedPlacement, str | None, str | None]]:
    """What the ATS keeps of how each came, and the placement that brought them: those with a code first."""
    placements = {one.key: one for one in plan.pool_placements}
    for key, number in BROUGHT.items():
        for _one in range(number):
            yield placements[key], find_link(plan, placements[key], placements[key].tracking_code), None
    card, page = placements["pool-card"], placements["pool-page"]
    yield from [(card, None, CHANNEL_NAMES[card.channel])] * BY_CHANNEL
    yield from [(page, None, None)] * BY_NOTHING


def _draw_moment(rng: np.random.Generator, placement: PlannedPlacement, today: dt.date, last: dt.date) -> dt.datetime:
    """A moment of the placement's flight, before today and not after `last`."""
    ended = min(placement.ends_on or last, last, today - dt.timedelta(days=1))
    day = placement.starts_on + dt.timedelta(days=int(rng.integers((ended - placement.starts_on).days + 1)))
    return dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(seconds=int(rng.integers(5 * 3600, 21 * 3600)))
