"""Jobs that systems name: said to be vacancies by a person, and counted there from then on."""

import uuid

import pytest

from app.errors import Invalid, Missing
from app.planning.job import JobIn, create_job
from app.reports.system_jobs import SystemJob, list_system_jobs, match_system_job, name_proposed, unmatch_system_job
from tests.reports.builders import NOW, City


def apply_to(city: City, application: str, day: str, title: str, key: str | None = None, **entered: str) -> None:
    job = {"job": key or title, "job_title": title}
    city.tells({"kind": "application", "at": day, "application": application, "person": f"of {application}", **job})
    for stage, entry in entered.items():
        city.tells({"kind": "stage_change", "at": entry, "application": application, "stage": stage})


def wants(city: City, title: str) -> uuid.UUID:
    given = {"title": title, "specialty": "general_practice", "opens_on": "2026-03-01"}
    with city.database.writing(city.id) as session:
        return create_job(session, JobIn.model_validate(given), now=NOW).id


def named(city: City) -> dict[str, SystemJob]:
    """Each job of the system by its title."""
    city.sees()
    with city.database.reading(city.id) as session:
        return {one.title: one for one in list_system_jobs(session)}


def say(city: City, vacancy: uuid.UUID, key: str, *, undo: bool = False) -> None:
    with city.database.writing(city.id) as session:
        (unmatch_system_job if undo else match_system_job)(session, vacancy, key, now=NOW)


def applied(city: City, vacancy: uuid.UUID) -> dict[str, int]:
    return {row.stage: row.reached for row in city.funnel(vacancy=vacancy).stages if row.reached}


def test_a_job_of_the_title_of_one_vacancy_is_proposed_and_counts_nowhere_before_somebody_says_so(city: City) -> None:
    doctor, nurse = wants(city, "GP,  Kallio"), wants(city, "Nurse")
    wants(city, "Nurse")
    for n, title in enumerate(("gp, kallio", "Nurse", "Surgeon")):
        apply_to(city, f"x{n}", "2026-03-05", title)
    found = named(city)
    assert {title: one.proposed.id if one.proposed else None for title, one in found.items()} == {
        "gp, kallio": doctor, "Nurse": None, "Surgeon": None}  # fmt: skip
    assert all(one.waits for one in found.values())
    assert applied(city, doctor) == applied(city, nurse) == {}


def test_who_applied_to_the_jobs_that_a_vacancy_is_is_counted_by_stage_earlier_ones_too_and_nobody_else(
    city: City,
) -> None:
    vacancy, other = wants(city, "GP"), wants(city, "Surgeon")
    apply_to(city, "x1", "2026-03-05", "GP, spring", interview="2026-03-09")
    apply_to(city, "x2", "2026-03-06", "GP, autumn")
    apply_to(city, "x3", "2026-03-07", "Surgeon")
    city.hears("x4", "2026-03-08")
    found = named(city)
    for title in ("GP, spring", "GP, autumn"):
        say(city, vacancy, found[title].key)
    assert applied(city, vacancy) == {"applied": 2, "interview": 1}
    assert applied(city, other) == {}
    assert sum(row.applications for row in city.effectiveness(vacancy=vacancy).rows) == 2
    say(city, vacancy, found["GP, spring"].key, undo=True)
    assert applied(city, vacancy) == {"applied": 1}
    assert {title: one.waits for title, one in named(city).items()} == {
        "GP, spring": True, "GP, autumn": False, "Surgeon": True}  # fmt: skip


def test_a_systems_job_is_one_vacancy_at_most_and_one_that_some_system_names(city: City) -> None:
    first, second = wants(city, "GP"), wants(city, "Another")
    apply_to(city, "x1", "2026-03-05", "GP")
    key = named(city)["GP"].key
    say(city, first, key)
    with pytest.raises(Invalid, match=r"is “GP” already; take it out there first\."):
        say(city, second, key)
    with pytest.raises(Invalid, match="named already"):
        say(city, first, key)
    with pytest.raises(Missing, match="No system names a job by the key"):
        say(city, second, "0" * 32)


def test_jobs_that_wait_come_first_the_proposed_before_the_others_and_then_the_last_applied_for(city: City) -> None:
    wants(city, "Proposed")
    said = wants(city, "Said")
    for n, (title, day) in enumerate(
        [("Said", "2026-03-20"), ("Old", "2026-03-02"), ("New", "2026-03-18"), ("Proposed", "2026-03-01")]
    ):
        apply_to(city, f"x{n}", day, title)
    say(city, said, named(city)["Said"].key)
    found = list(named(city).values())
    with city.database.reading(city.id) as session:
        assert name_proposed(session) == ["Proposed"]
    assert [one.title for one in found] == ["Proposed", "New", "Old", "Said"]
    assert [one.applications for one in found] == [1, 1, 1, 1]
