"""Whom placements brought, from the weeks with them against the weeks without them: what no code can tell."""

import datetime as dt
from typing import Any

import pytest

from app.i18n import LANGUAGES, speaking
from app.measurement.brought import Flights
from app.planning.job import Job, JobStatus
from app.reports.answers import Brought, Effectiveness, Estimate, Reason
from app.reports.brought_words import brought_sentence, brought_words, decimal_range
from app.reports.export import effectiveness_csv
from app.reports.reading import read
from app.reports.tables import effectiveness_table
from app.reports.weeks import lay_out_weeks
from tests.reports.builders import EARLY, City, row_of
from tests.reports.test_tables import shown

MONDAY = dt.date(2026, 1, 5)


@pytest.fixture
def poster(sqlite_city: City) -> City:
    """A poster of six weeks that leaves no trace: three people a week apply by themselves, ten while it hangs. A third
    of all comes to interview. The newsletter goes out all year."""
    city = sqlite_city
    city.places("Poster", runs=("2026-06-01", "2026-07-12"), currency="EUR", invoiced=190000)
    city.places("Newsletter", channel="Mail", runs=("2026-01-01", None))
    city.places("Planned", channel="Mail")
    apply_weekly(city, weeks=44, usual=3, more=7, of=range(21, 27))
    return city


def apply_weekly(city: City, *, weeks: int, usual: int, more: int, of: range) -> None:
    for week in range(weeks):
        for number in range(usual + more * (week in of)):
            day = MONDAY + dt.timedelta(weeks=week, days=number % 7)
            ending = "interview" if number % 3 == 0 else "rejected"
            ended: dict[str, Any] = {ending: (day + dt.timedelta(days=20)).isoformat()}
            via = "Newsletter" if number == 1 else None
            city.hears(f"{week}-{number}", day.isoformat(), via=via, **ended)


def brought_of(answer: Effectiveness, label: str) -> Brought:
    return row_of(answer, label).brought


def test_a_poster_that_leaves_no_trace_is_seen_in_its_weeks(poster: City) -> None:
    row = row_of(poster.effectiveness(), "Poster")
    assert row.applications == 0
    assert row.brought.reason is not None
    assert row.brought.reason.code == "more"
    assert row.brought.low is not None
    assert row.brought.high is not None
    assert 5 < row.brought.low <= 42 <= row.brought.high < 80
    assert row.brought.reason.text.startswith("About ")
    assert row.brought.level == 0.9


def test_whom_it_brought_times_how_far_they_go_is_whom_it_moved_and_what_each_cost(poster: City) -> None:
    row = row_of(poster.effectiveness(), "Poster")
    assert row.brought.estimate is not None
    reached, cost = row.reached_because, row.cost_per_reached_because
    assert reached.estimate == pytest.approx(0.35 * row.brought.estimate, rel=0.4)
    assert cost.currency == "EUR"
    assert cost.estimate is not None
    assert cost.low is not None
    assert reached.estimate is not None
    assert float(cost.estimate) == pytest.approx(1900 / reached.estimate, rel=0.01)
    assert float(cost.low) < float(cost.estimate)


def test_what_never_pauses_says_how_many_weeks_without_it_are_needed(poster: City) -> None:
    brought = brought_of(poster.effectiveness(), "Newsletter")
    assert (brought.estimate, brought.why) == (None, "too_few")
    assert brought.reason is not None
    assert (brought.reason.code, brought.weeks is not None) == ("never_without", True)
    assert brought.reason.params == {"weeks": brought.weeks}
    assert "more weeks without it are needed" in brought.reason.text


def test_what_was_only_planned_has_not_run(poster: City) -> None:
    brought = brought_of(poster.effectiveness(), "Planned")
    assert brought.reason is not None
    assert (brought.reason.code, brought.why) == ("not_started", "too_early")


def test_a_group_is_measured_by_the_weeks_of_all_its_placements(poster: City) -> None:
    answer = poster.effectiveness(by="channel")
    alone, mail = brought_of(answer, "Tram stops"), brought_of(answer, "Mail")
    assert alone.reason is not None
    assert alone.reason.code == "more"
    assert mail.reason is not None
    assert mail.reason.code == "never_without"


def test_a_period_counts_its_own_weeks(poster: City) -> None:
    whole, half = (brought_of(poster.effectiveness(to=to), "Poster") for to in (None, "2026-06-20"))
    before = brought_of(poster.effectiveness(to="2026-04-01"), "Poster")
    assert whole.estimate is not None
    assert half.estimate is not None
    assert half.estimate < whole.estimate
    assert before.estimate is None


def test_rows_of_what_cannot_be_traced_brought_nobody_that_could_be_told(poster: City) -> None:
    unknown = row_of(poster.effectiveness(), "unknown")
    assert (unknown.brought.estimate, unknown.brought.why, unknown.brought.reason) == (None, "not_recorded", None)
    assert (unknown.reached_because.why, unknown.cost_per_reached_because.why) == ("not_recorded", "not_recorded")


def test_weeks_end_with_the_day_that_was_read_whole_and_none_is_counted_in_part(poster: City) -> None:
    """All was read up to 1 December, a Tuesday: 47 whole weeks since Monday, 5 January, end on Monday night, one day
    later; its first day falls out."""
    flights = lay_out(poster)
    assert len(flights.asked) == len(flights.weeks.applications) == 47
    assert flights.weeks.applications.sum() == 44 * 3 + 6 * 7 - 1
    assert flights.ran.sum(axis=1).tolist() == pytest.approx([47, 0, 6])


def test_a_city_without_applications_has_no_weeks(sqlite_city: City) -> None:
    sqlite_city.places("Poster", runs=("2026-06-01", "2026-07-12"))
    brought = brought_of(sqlite_city.effectiveness(), "Poster")
    assert brought.reason is not None
    assert (brought.reason.code, brought.why) == ("not_recorded", "not_recorded")


def test_openings_that_were_open_are_laid_beside_the_weeks(poster: City) -> None:
    columns = len(lay_out(poster).weeks.season.columns)
    with poster.database.writing(poster.id) as session:
        for title, closes, status in (
            ("Open", None, JobStatus.OPEN), ("Closed", dt.date(2026, 5, 1), JobStatus.CLOSED),
            ("Nobody knows until when", None, JobStatus.FILLED),
        ):  # fmt: skip
            session.add(Job(title=title, specialty="general_practice", opens_on=dt.date(2026, 3, 1), closes_on=closes,
                            status=status, openings=3, created_at=EARLY, updated_at=EARLY))  # fmt: skip
    assert len(lay_out(poster).weeks.season.columns) == columns + 1


def lay_out(city: City) -> Flights:
    with city.database.reading(city.id) as session:
        return lay_out_weeks(read(session, city.scope()))


def test_the_file_and_a_wide_terminal_hold_whom_each_brought(poster: City) -> None:
    answer = poster.effectiveness()
    text = effectiveness_csv(answer)
    head, *rows = text.splitlines()
    assert "brought,brought_low,brought_high,brought_probability_more,brought_reason,reached_because" in head
    assert any("more weeks without it are needed" in row for row in rows)
    assert any("never paused" in line for line in shown(effectiveness_table(answer), width=180))
    assert not any("never paused" in line for line in shown(effectiveness_table(answer)))


NONE = Estimate(estimate=None, low=None, high=None)
CODES = (
    "not_recorded", "not_started", "never_without", "not_apart", "too_short", "too_few_without", "too_few_people"
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_is_a_sentence_of_its_own_in_every_language(language: str) -> None:
    some = Estimate(estimate=12, low=-4, high=21)
    with speaking(language):
        said = [brought_sentence(code, 4, NONE) for code in CODES]
        said += [brought_sentence(code, None, some) for code in ("more", "not_seen")]
        said += [brought_sentence(code, None, NONE) for code in ("never_without", "not_apart", "too_short")]
    assert len(set(said)) == len(said)
    assert all(text.endswith(".") and not text.endswith("..") and text[0].isupper() for text in said)


def test_what_is_lacking_is_said_with_its_weeks() -> None:
    assert brought_sentence("too_few_without", 4, NONE) == (
        "Against the weeks without it we cannot tell yet: about 4 more weeks without it are needed."
    )
    assert brought_sentence("too_short", 1, NONE) == (
        "Against the weeks without it we cannot tell yet: it would have to run for about 1 more week."
    )
    assert brought_sentence("not_apart", 3, NONE) == (
        "It ran together with other placements and cannot be told apart from them: about 3 weeks in which only one of "
        "them runs are needed."
    )


def test_an_interval_above_nobody_is_never_said_not_to_be_seen() -> None:
    """At 90 % it leaves out nobody already; to say that it brought people, 99 chances in 100 are asked for."""
    above, below = (brought_sentence("not_seen", None, Estimate(estimate=90, low=low, high=223)) for low in (23, -1))
    assert above.startswith(
        "More people probably applied in its weeks than in comparable weeks without it (23 to 223), but"
    )
    assert (
        below == "We cannot see that more people applied in its weeks than in comparable weeks without it (−1 to 223)."
    )


def test_what_has_ended_can_only_be_repeated() -> None:
    said = [brought_sentence(code, 1, NONE, ended=True) for code in ("not_apart", "too_short")]
    assert all("repetition" in one for one in said)


def test_numbers_of_people_carry_their_interval_and_their_sign() -> None:
    def said(code: str | None, *numbers: int) -> str:
        estimate, low, high = numbers or (None, None, None)
        reason = Reason(code=code, params={}, text="") if code else None
        return brought_words(Brought(estimate=estimate, low=low, high=high, level=0.9, reason=reason))

    assert said("more", 12, -4, 1021) == "12 (−4 to 1,021)"
    assert [said(code) for code in ("too_short", "not_started", None)] == [
        "too few weeks", "no whole week", "not recorded",
    ]  # fmt: skip
    assert decimal_range(Estimate(estimate=2.44, low=-0.31, high=5.06)) == "2.4 (−0.3 to 5.1)"
    assert decimal_range(Estimate(estimate=None, low=None, high=None, why="too_early")) == "too early"
