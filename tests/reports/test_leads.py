"""The talent pool in the plan's report: which leads a campaign is known to have brought, and which nobody knows of."""

import csv
import io

import pytest

from app.database import Database
from app.planning.campaign import Campaign
from app.reports.against_plan import PlanRow, report_plan
from app.reports.export import plan_csv
from app.reports.leads import leads_sentence
from tests.reports.builders import City


@pytest.fixture
def city(database: Database) -> City:
    return City(database)


def join(city: City, person: str, day: str, *, via: str | None = None, **source: str) -> None:
    said = {"tracking_code": city.codes[via]} if via else source
    city.tells({"kind": "lead", "at": day, "person": person, "source": said})


def aims(city: City, name: str, **aim: object) -> None:
    with city.database.writing(city.id) as session:
        session.get_one(Campaign, city.ids[f"Campaign {name}"]).aim = {"talent_pool": True, **aim}


def row_of(city: City, name: str, **asked: object) -> PlanRow:
    scope = city.scope(campaign=city.ids[f"Campaign {name}"], **asked)
    with city.database.reading(city.id) as session:
        (row,) = report_plan(session, scope).campaigns
    return row


def test_a_lead_counts_where_its_source_is_a_placement_and_is_untraced_where_it_is_none(city: City) -> None:
    city.places("Fair", campaign="Pool")
    city.places("Poster", campaign="Spring")
    city.opens_channel("Fairs")
    city.reads("rekrymessut", as_="Fair")
    city.reads("messut", as_="Fairs")
    aims(city, "Pool", leads_wanted=20)
    join(city, "a", "2026-03-02", via="Fair")
    join(city, "b", "2026-03-03", label="Rekrymessut")
    join(city, "c", "2026-03-04", label="Messut")
    join(city, "d", "2026-03-05")
    join(city, "e", "2026-03-06", via="Poster")
    leads = row_of(city, "Pool").leads
    assert leads is not None
    assert (leads.wanted, leads.came, leads.untraced, leads.applied_since) == (20, 2, 2, 0)
    assert leads_sentence(leads) == (
        "2 of 20 wanted left their details; 0 of these have applied since. While it ran 2 more came by a source that "
        "is no placement: any of them may have met it."
    )


def test_one_person_is_one_lead_of_the_source_that_came_first(city: City) -> None:
    city.places("Fair", campaign="Pool")
    city.places("Poster", campaign="Spring")
    aims(city, "Pool")
    join(city, "a", "2026-03-05", via="Fair")
    join(city, "a", "2026-03-02", via="Poster")
    spring, pool = row_of(city, "Spring").leads, row_of(city, "Pool").leads
    assert spring is not None and pool is not None
    assert (spring.came, pool.came) == (1, 0)


def test_whoever_applied_before_has_not_applied_since(city: City) -> None:
    city.places("Fair", campaign="Pool")
    join(city, "a", "2026-03-05", via="Fair")
    join(city, "b", "2026-03-05", via="Fair")
    city.hears("1", "2026-03-01", person="a")
    city.hears("2", "2026-04-01", person="b")
    leads = row_of(city, "Pool").leads
    assert leads is not None and (leads.came, leads.applied_since) == (2, 1)


def test_a_campaign_that_is_not_for_the_pool_and_brought_nobody_to_it_says_nothing_of_leads(city: City) -> None:
    city.places("Poster", campaign="Spring")
    join(city, "a", "2026-03-05")
    assert row_of(city, "Spring").leads is None


def test_leads_are_counted_in_the_days_that_are_asked_for_alone(city: City) -> None:
    city.places("Fair", campaign="Pool")
    for n, day in enumerate(("2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01")):
        join(city, f"p{n}", day, via="Fair")
    found = row_of(city, "Pool", from_="2026-03-01", to="2026-03-31").leads
    assert found is not None and found.came == 2


def test_leads_stand_in_the_file_as_a_line_of_their_own(city: City) -> None:
    city.places("Fair", campaign="Pool")
    aims(city, "Pool", leads_wanted=5)
    join(city, "a", "2026-03-02", via="Fair")
    scope = city.scope()
    with city.database.reading(city.id) as session:
        text = plan_csv(report_plan(session, scope))
    (line,) = (row for row in csv.DictReader(io.StringIO(text)) if row["stage"] == "lead")
    assert {name: line[name] for name in line if name.startswith("expected") or name == "came"} == {
        "expected": "5", "expected_low": "", "expected_high": "", "came": "1",
    }  # fmt: skip
