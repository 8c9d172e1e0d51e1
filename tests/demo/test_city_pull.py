"""The city through the real connector: everything arrives that may, and nobody's name."""

import datetime as dt
from pathlib import Path

from app.database import Database
from app.demo.ats import serving
from app.demo.city import build_city
from app.demo.journeys import Step
from app.demo.stand_in import RateLimit
from app.funnel.application import Application, Lead
from app.funnel.stage import Stage
from tests.intake.town import open_account_at

TODAY = dt.date(2026, 11, 22)
MORNING = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def test_the_city_arrives_whole_and_without_a_name(sqlite_file_url: str) -> None:
    city = build_city(0, TODAY)
    database = Database(sqlite_file_url)
    shown = city.world_at(MORNING - dt.timedelta(weeks=8))
    with serving(lambda: shown, rate=RateLimit(requests=10_000)) as url:
        account = open_account_at(database, url)
        account.now = MORNING - dt.timedelta(weeks=8)
        first = account.sync()
        shown, account.now = city.world, MORNING
        second = account.sync()
    assert [(run.state, dict(run.skipped)) for run in (first, second)] == [("done", {}), ("done", {})]

    pulled = account.rows(Application)
    assert len(pulled) == sum(not one.sourced for one in city.world.applications)
    sourced = sum(one.sourced for one in city.world.applications)
    between = [one for one in city.archive.joined if one.applied_at and one.at > MORNING - dt.timedelta(weeks=8)]
    early = [one for one in city.archive.joined if one.applied_at and one.applied_at < MORNING - dt.timedelta(weeks=8)]
    assert len(account.rows(Lead)) == sourced + len(city.archive.joined) - len(between) - len(early)
    at_interview = [filed for filed in city.archive.filed if filed.journey.reached_at(Step.INTERVIEW)]
    seen = sum(one.furthest >= Stage.INTERVIEW for one in pulled)
    assert 0.8 * len(at_interview) < seen <= len(at_interview)
    assert all(one.unmapped == 0 and one.specialty for one in pulled)

    database.close()
    path = Path(sqlite_file_url.removeprefix("sqlite:///"))
    stored = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert b"Esikarsinta" in stored
    for candidate in city.world.candidates:
        for secret in (candidate.email or "", f"{candidate.first_name} {candidate.last_name}"):
            assert secret.encode() not in stored
