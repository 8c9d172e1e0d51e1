"""A sheet of applications is read as what its rows stand for, whoever named its columns and however it writes days."""

import contextlib
import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.funnel.stage import STAGES
from app.i18n import LANGUAGES, speaking
from app.intake.application_table import DAYS, name_column, read_applications
from app.intake.observe import Unreadable
from app.planning.persona_schema import Specialty
from app.reports.names import specialty_name
from app.web.pages.observations import column_word, list_columns

ZONE, TODAY = ZoneInfo("Europe/Helsinki"), dt.date(2026, 11, 20)


def read(*rows: str, name: str = "ours.csv") -> list[tuple[int, Any]]:
    return list(read_applications("\n".join(rows).encode(), name, ZONE, TODAY).items)


def problems(*rows: str) -> list[tuple[int, str | None, str]]:
    return [(row, item.id, item.problem) for row, item in read(*rows) if isinstance(item, Unreadable)]


def refusal(*rows: str) -> str:
    with pytest.raises(Invalid) as error:
        read(*rows)
    return str(error.value)


def test_a_row_stands_for_an_application_each_stage_it_came_to_and_its_end() -> None:
    items = read(
        "application;person;applied;code;source;job;job title;specialty;unit;interview;hired;rejected",
        "x1;p1;2026-03-02;h7k2mq;Kela;j1;Physician;Yleislääketiede;Kallio;2026-03-09;;2026-04-01",
        "x2;p1;2026-03-03;;;;;;;;;",
    )
    assert items == [
        (2, {
            "id": "x1/applied", "kind": "application", "at": "2026-03-02T12:00:00+02:00", "application": "x1",
            "person": "p1", "job": "j1", "job_title": "Physician",
            "source": {"label": "Kela", "url": None, "tracking_code": "h7k2mq"},
            "attributes": {"specialty": "general_practice", "unit": "Kallio"},
        }),
        (2, {"id": "x1/interview", "kind": "stage_change", "at": "2026-03-09T12:00:02+02:00", "application": "x1",
             "stage": "interview"}),
        (2, {"id": "x1/rejected", "kind": "outcome", "at": "2026-04-01T12:00:06+03:00", "application": "x1",
             "outcome": "rejected"}),
        (3, {
            "id": "x2/applied", "kind": "application", "at": "2026-03-03T12:00:00+02:00", "application": "x2",
            "person": "p1", "source": {"label": None, "url": None, "tracking_code": None},
            "attributes": {"specialty": None, "unit": None},
        }),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "head",
    [
        "hakemus;hakija;hakupäivä;esikarsinta;haastattelu;tarjous;palkattu;aloittanut;hylätty;vetäytynyt",
        "ansökan;sökande;ansökningsdatum;urval;intervju;erbjudande;anställd;tillträde;avslag;återtagen",
        "søknad;søker;søknadsdato;vurdering;intervju;tilbud;ansatt;startet;avslag;trukket",
        "Application;Applicant;Application date;Screened;Interview;Offer;Hired;Start date;Rejected;Withdrawn",
    ],
)
def test_columns_are_known_by_their_names_in_each_language(head: str) -> None:
    assert [name_column(one) for one in head.split(";")] == ["application", "person", *DAYS]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_names_that_a_page_gives_for_columns_and_specialties_are_known(language: str) -> None:
    with speaking(language):
        columns = [name for names, _own, _says in list_columns() for name in names.split(", ")]
        fields = {"job title": "job_title", "link": "url"}
        assert [name_column(column_word(one)) for one in columns] == [fields.get(one, one) for one in columns]
        for one in Specialty:
            ((_row, item),) = read("application,applied,specialty", f"x1,2026-03-01,{specialty_name(one)}")
            assert item["attributes"]["specialty"] == one.value


@pytest.mark.parametrize(
    "day", ["2026-03-09", "9.3.2026", "9. 3. 2026", "2026-03-09 14:30", "9.3.2026 14.30", "9/3/2026"]
)
def test_a_day_may_be_written_as_people_write_it(day: str) -> None:
    (_row, item), *_more = read("application\tapplied\tinterview", f"x1\t{day}\t13/3/2026")
    assert item["at"] == "2026-03-09T12:00:00+02:00"


def test_what_may_be_two_days_or_none_or_is_yet_to_come_is_refused_with_its_row_and_column() -> None:
    head = "application,applied,Intervju"
    assert problems(head, "x1,3/4/2026,") == [(2, "x1", "applied: day or month first? Write year-month-day")]
    assert problems(head, "x1,2026-03-01,2026-03-09", "x2,soon,") == [
        (3, "x2", "applied: no day; write year-month-day, for example 2026-03-30")
    ]
    assert problems(head, "x1,2026-03-01,2026-03-09", "x2,31.11.2026,2026-02-30") == [
        (3, "x2", "; ".join(f"{column}: no calendar has the day {said}; mend its day or month"
                            for column, said in (("applied", "31.11.2026"), ("Intervju", "2026-02-30"))))
    ]  # fmt: skip
    assert problems(head, "x1,2026-11-21,") == [(2, "x1", "applied: this day is yet to come")]
    assert problems(head, "x1,2026-11-20,") == []


def test_a_row_with_one_wrong_cell_is_refused_whole_and_the_reason_names_the_column_of_the_sheet() -> None:
    head = "hakemus,haettu,linkki,haastattelu"
    found = read(head, f"x1,2026-03-01,{'l' * 2001},2026-03-09", "x2,2026-03-01,,")
    assert [(row, type(item)) for row, item in found] == [(2, Unreadable), (3, dict)]
    assert found[0][1].problem.startswith("linkki: ")


@pytest.mark.parametrize(
    ("days", "column", "other"),
    [
        ("2026-03-10,2026-03-12,2026-03-01,", "Interview (2026-03-01)", "Screened (2026-03-12)"),
        ("2026-03-10,,2026-03-01,", "Interview (2026-03-01)", "Applied (2026-03-10)"),
        ("2026-03-10,2026-03-09,2026-03-11,", "Screened (2026-03-09)", "Applied (2026-03-10)"),
        ("2026-03-10,,2026-03-12,2026-03-11", "Rejected (2026-03-11)", "Interview (2026-03-12)"),
    ],
)
def test_a_day_before_that_of_an_earlier_stage_refuses_the_row_and_names_both_columns(
    days: str, column: str, other: str
) -> None:
    ((row, id, problem),) = problems("Application,Applied,Screened,Interview,Rejected", f"x1,{days}")
    assert (row, id, problem) == (2, "x1", f"{column} lies before {other}; mend one of the two days")


def test_days_that_are_equal_or_that_follow_each_other_are_taken() -> None:
    head = "application,applied,screened,interview,rejected"
    assert problems(head, "x1,2026-03-10,2026-03-10,2026-03-10,2026-03-10", "x2,2026-03-10,,,2026-03-11") == []


def test_what_is_no_tracking_code_loses_no_application_but_stands_for_the_source_and_is_told() -> None:
    sheet = "application,applied,Koodi,source\nx1,2026-03-01,zzzzzz,\nx2,2026-03-01,zzzzzz,Kela\nx3,2026-03-01,h7k2mq,"
    table = read_applications(sheet.encode(), "ours.csv", ZONE, TODAY)
    assert [(item["source"]["label"], item["source"]["tracking_code"]) for _row, item in table.items] == [
        ("zzzzzz", None), ("Kela", None), (None, "h7k2mq")
    ]  # fmt: skip
    assert [row for row, _said in table.remarks] == [2, 3]
    assert all(said.startswith("Koodi: “zzzzzz” is no tracking code") for _row, said in table.remarks)


def test_an_application_without_a_key_or_a_day_or_with_two_rows_is_refused() -> None:
    assert problems(
        "application,applied,offer", ",2026-03-01,", "x2,,2026-03-01", "x3,2026-03-01,", "x3,2026-03-02,"
    ) == [
        (2, None, "application: this must be said"),
        (3, "x2", "applied: this must be said"),
        (5, "x3", "this application stands in row 4, too; an application has one row"),
    ]


def test_what_is_no_column_of_ours_is_not_read_and_named() -> None:
    sheet = b"Name,application,applied,Interviewer,Address\nAnna Aalto,x1,2026-03-01,Bo Berg,Street 1"
    table = read_applications(sheet, "ours.csv", ZONE, TODAY)
    assert list(table.unread) == ["Name", "Interviewer", "Address"]
    assert not any(word in str(table.items) for word in ("Anna", "Bo", "Street"))


def test_titles_above_the_heads_are_passed_over_and_empty_rows_too() -> None:
    found = read("Applications 2026", "", "applied;application", "", "2026-03-01;x1", ";", "2026-03-02;x2")
    assert [(row, item["application"]) for row, item in found] == [(5, "x1"), (7, "x2")]


def test_a_sheet_without_the_columns_it_needs_or_with_one_twice_is_refused() -> None:
    assert "one must be called application and one applied" in refusal("name,applied", "Anna,2026-03-01")
    assert "“interview” and “Haastattelu” say the same" in refusal(
        "application,applied,interview,Haastattelu", "x1,2026-03-01,2026-03-02,2026-03-03"
    )
    assert "one must be called" in refusal("nothing of this is a table")


def test_without_a_person_each_application_is_somebody_elses() -> None:
    found = read("application,applied", "x1,2026-03-01", "x2,2026-03-01")
    assert [item["person"] for _row, item in found] == ["x1", "x2"]


@given(st.permutations(["application", "person", *DAYS]), st.sets(st.sampled_from([*DAYS[1:]])))
def test_in_whatever_order_the_columns_stand_the_same_is_said_and_a_day_told_later_changes_nothing_before(
    order: Sequence[str], later: set[str]
) -> None:
    row = {"application": "x1", "person": "p1"} | {
        field: f"2026-03-{n + 1:02}" for n, field in enumerate(DAYS) if field not in later
    }
    whole = row | {field: f"2026-03-{n + 1:02}" for n, field in enumerate(DAYS) if field in later}
    told = [read(",".join(order), ",".join(said.get(name, "") for name in order)) for said in (row, whole)]
    assert [item["id"].partition("/")[2] for _row, item in told[1]] == list(DAYS)
    assert all(item in told[1] for item in told[0])
    assert len(told[0]) == len(DAYS) - len(later)


@given(st.permutations(list(STAGES)))
def test_of_one_day_the_stages_are_told_in_their_order(order: Sequence[str]) -> None:
    found = read(f"application,{','.join(order)}", f"x1,{','.join(['2026-03-01'] * len(order))}")
    assert [item["id"] for item in sorted((one for _row, one in found), key=lambda one: one["at"])] == [
        f"x1/{stage}" for stage in STAGES
    ]


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.xlsx", "a"]))
def test_whatever_bytes_come_they_are_read_or_refused(data: bytes, name: str) -> None:
    with contextlib.suppress(Invalid):
        read_applications(b"application,applied\n" + data, name, ZONE, TODAY)
