"""What ad platforms' files say reaches the placement it is of, and its cost, where nothing better is known."""

import datetime as dt
import uuid
from typing import Any

import pytest

from app.funnel.daily_ad_total import AdSum, Platform
from app.intake.ad_totals.keeping import hold, keep
from app.intake.ad_totals.reading import read_ad_file
from app.intake.ad_totals.settling import Hints
from app.planning.tracking import AliasKind, SourceAlias, fold_ad
from app.reports.attention import placements_without_cost
from app.reports.spending import Matching, load_flights, load_spending, load_unmatched
from tests.reports.builders import EARLY, NOW, City, row_of

HEAD = "Day,Campaign,Ad name,Cost (EUR),Impr.,Clicks,Conversions\n"


def reads(city: City, *rows: str, head: str = HEAD) -> None:
    file = read_ad_file((head + "\n".join(rows)).encode(), "", Hints(), NOW.date())
    with city.database.writing(city.id) as session:
        keep(session, hold(session, file, "", NOW).id, NOW)


def says(city: City, name: str, placement: uuid.UUID) -> None:
    with city.database.writing(city.id) as session:
        session.add(SourceAlias(kind=AliasKind.AD, observed=name, placement_id=placement, created_at=EARLY,
                                updated_at=EARLY))  # fmt: skip


def ad(campaign: str, name: str = "", code: str | None = None) -> AdSum:
    day = dt.date(2026, 3, 1)
    return AdSum(Platform.META, "", campaign, name, code, "EUR", day, day, None, None, 1, None)


def test_an_ad_is_found_by_its_code_then_by_one_in_its_name_then_by_what_was_said() -> None:
    one, two, three, four = (uuid.UUID(int=n) for n in range(1, 5))
    matching = Matching({"h7k2mq": one, "b4n8xw": two}, {fold_ad("Doctors", "Video"): three, fold_ad("DOCTORS"): four})
    assert matching.find(ad("Doctors", "Video b4n8xw", "h7k2mq")) == one
    assert matching.find(ad("Doctors", "Video_B4N8XW_fi")) == two
    assert matching.find(ad("spring | b4n8xw", "Video")) == two
    assert matching.find(ad("Doctors", "video")) == three
    assert matching.find(ad("doctors ", "Picture")) == four
    assert matching.find(ad("Nurses", "meta24", "zzzzz9")) is None


def test_spend_is_the_cost_where_nothing_else_is_known_and_the_basis_says_so(city: City) -> None:
    placement = city.places("Feed", runs=("2026-03-01", "2026-03-31"))
    assert row_of(city.effectiveness(), "Feed").costs == []
    with city.database.reading(city.id) as session:
        assert [one.name for one in placements_without_cost(session)] == ["Feed"]
    says(city, "doctors", placement)
    reads(city, "2026-03-01,Doctors,Film,10.50,900,9,1", "2026-03-03,Doctors,Film,2.00,100,1,0.5")
    (cost,) = row_of(city.effectiveness(), "Feed").costs
    assert (cost.amount, cost.currency, cost.basis) == ("12.50", "EUR", "spent")
    with city.database.reading(city.id) as session:
        assert placements_without_cost(session) == []
        found = load_spending(session, load_flights(session))[placement]
    assert (found.impressions, found.clicks, found.spend, found.results_hundredths) == (1000, 10, {"EUR": 1250}, 150)
    assert (found.first_day, found.last_day, found.gapless) == (dt.date(2026, 3, 1), dt.date(2026, 3, 3), False)


@pytest.mark.parametrize(
    ("costs", "days", "expected"),
    [
        ({"planned": 9900, "booked": 9900}, (1, 2, 3), ("3.00", "spent")),
        ({"planned": 9900, "booked": 9900, "invoiced": 8800}, (1, 2, 3), ("88.00", "invoiced")),
        ({"planned": 9900}, (1, 3), ("99.00", "planned")),
        ({"planned": 9900}, (2, 3), ("99.00", "planned")),
        ({"planned": 9900}, (1, 2), ("2.00", "spent")),
    ],
)
def test_an_invoice_comes_before_files_and_files_with_gaps_come_last(
    city: City, costs: dict[str, Any], days: tuple[int, ...], expected: tuple[str, str]
) -> None:
    city.places("Feed", code="h7k2mq", currency="EUR", runs=("2026-03-01", "2026-03-03"), **costs)
    reads(city, *(f"2026-03-0{day},k:h7k2mq,,1.00,9,1,0" for day in days))
    (cost,) = row_of(city.effectiveness(), "Feed").costs
    assert (cost.amount, cost.basis) == expected


def test_spend_in_two_currencies_is_no_cost(city: City) -> None:
    city.places("Feed", code="h7k2mq", runs=("2026-03-01", "2026-03-01"))
    reads(city, "2026-03-01,k:h7k2mq,,1.00,9,1,0")
    reads(city, "2026-03-01,k:h7k2mq,9.00", head="Day,Campaign,Amount spent (SEK)\n")
    assert row_of(city.effectiveness(), "Feed").costs == []


def test_a_platforms_results_change_no_verdict(city: City) -> None:
    city.places("Feed", code="h7k2mq", runs=("2026-03-01", "2026-03-31"))
    for n in range(4):
        city.hears(f"x{n}", "2026-03-05", via="Feed", interview="2026-03-20")
    of_money = {"costs", "cost_per_reached", "cost_per_reached_because"}
    before = row_of(city.effectiveness(), "Feed").model_dump(exclude=of_money)
    reads(city, "2026-03-01,k:h7k2mq,,1.00,9,1,5000")
    assert row_of(city.effectiveness(), "Feed").model_dump(exclude=of_money) == before


def test_an_ad_whose_code_is_said_to_be_a_placement_is_spent_there(city: City) -> None:
    city.places("Feed", code="h7k2mq", runs=("2026-03-01", "2026-03-01"))
    reads(city, "2026-03-01,k:zzz999,,7,,,")
    city.reads("zzz999", kind=AliasKind.CODE, as_="Feed")
    with city.database.reading(city.id) as session:
        assert load_unmatched(session, load_flights(session)) == []


def test_what_leads_nowhere_is_listed_dearest_first(city: City) -> None:
    city.places("Feed", code="h7k2mq")
    reads(city, "2026-03-01,k:h7k2mq,,1,,,", "2026-03-01,Nurses,,2,,,", "2026-03-01,Doctors,,3,,,")
    with city.database.reading(city.id) as session:
        assert [one.campaign for one in load_unmatched(session, load_flights(session))] == ["Doctors", "Nurses"]
