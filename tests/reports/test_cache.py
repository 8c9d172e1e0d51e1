"""A report is computed once per state of the data, question, language and day; whatever changes is seen at once."""

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.database import Database
from app.i18n import speaking
from app.planning.placement import Placement
from app.reports.cache import KEPT, cached
from app.reports.effectiveness import report_effectiveness
from tests.reports.builders import NOW, City, owners


class Counting:
    """Computes a new answer each time, and counts the times."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> object:
        self.times += 1
        return object()


def ask(city: City, compute: Callable[[], object], **asked: object) -> object:
    with city.database.reading(city.id) as session:
        return cached(session, city.scope(**asked), "test", compute)


def test_the_same_question_is_computed_once_whatever_the_hour(city: City) -> None:
    compute = Counting()
    assert ask(city, compute) is ask(city, compute, now=NOW + dt.timedelta(hours=2))
    assert compute.times == 1


@pytest.mark.parametrize("other", [{"now": NOW + dt.timedelta(days=1)}, {"level": 0.8}, {"stage": "hired"}])
def test_another_day_or_question_is_computed_anew(city: City, other: dict[str, object]) -> None:
    compute = Counting()
    assert ask(city, compute) is not ask(city, compute, **other)


def test_another_language_is_computed_anew(city: City) -> None:
    compute = Counting()
    english = ask(city, compute)
    with speaking("fi"):
        assert ask(city, compute) is not english


def test_two_organisations_have_answers_of_their_own(database: Database) -> None:
    compute = Counting()
    assert ask(City(database), compute) is not ask(City(database), compute)


def test_a_committed_change_of_record_or_plan_is_seen_at_once(city: City) -> None:
    city.places("Poster")
    city.hears("x1", "2026-03-01", via="Poster")
    assert owners(city.effectiveness()) == {"Poster": 1}
    city.hears("x2", "2026-03-01", via="Poster")
    assert owners(city.effectiveness()) == {"Poster": 2}
    with city.database.writing(city.id) as session:
        session.get_one(Placement, city.ids["Placement Poster"]).name = "Tram"
    assert owners(city.effectiveness()) == {"Tram": 2}


def test_what_is_not_committed_is_neither_hidden_from_its_writer_nor_shown_to_others(city: City) -> None:
    city.places("Poster")
    before = city.effectiveness()
    with city.database.writing(city.id) as session:
        placement = session.get_one(Placement, city.ids["Placement Poster"])
        placement.name = "Tram"
        within = report_effectiveness(session, city.scope())
        placement.name = "Poster"
    assert [row.label for row in within.rows[:1]] == ["Tram"]
    assert city.effectiveness().rows == before.rows


def test_two_who_ask_at_once_compute_once(city: City) -> None:
    begun, may_end, compute = threading.Event(), threading.Event(), Counting()

    def slowly() -> object:
        begun.set()
        assert may_end.wait(10)
        return compute()

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(ask, city, slowly)
        assert begun.wait(10)
        second = threads.submit(ask, city, compute)
        may_end.set()
        assert first.result(10) is second.result(10)
    assert compute.times == 1


def test_a_failure_is_told_and_not_kept(city: City) -> None:
    def fail() -> object:
        raise RuntimeError("no luck")

    with pytest.raises(RuntimeError, match="no luck"):
        ask(city, fail)
    assert ask(city, Counting()) is not None


def test_the_least_recently_asked_is_forgotten_first(city: City) -> None:
    compute = Counting()
    scopes = [{"from_": dt.date(2020, 1, 1) + dt.timedelta(days=number)} for number in range(KEPT + 1)]
    with city.database.reading(city.id) as session:
        asked = [city.scope(**scope) for scope in scopes]
        first = [cached(session, scope, "test", compute) for scope in asked[:2]]
        for scope in [*asked[2:KEPT], asked[0], asked[KEPT]]:
            cached(session, scope, "test", compute)
        assert cached(session, asked[0], "test", compute) is first[0]
        assert cached(session, asked[1], "test", compute) is not first[1]
