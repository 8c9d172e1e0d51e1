"""The verbs on stage maps, as they are typed."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.access.organisation import list_organisations
from app.cli import cli
from app.database import Database
from app.funnel.stage import Stage, StageMapping
from app.intake.connection import Connection

Kutsu = Callable[..., Result]
NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@pytest.fixture
def kutsu(sqlite_file_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kutsu:
    """Runs a verb on a city with one connection, of whose stages one waits for a person."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def run_verb(*words: str) -> Result:
        return runner.invoke(cli, ["--database", sqlite_file_url, *words])

    run_verb("organisation", "create", "City", "--locale", "en")
    add_connection(sqlite_file_url, "Rekry")
    return run_verb


def add_connection(url: str, name: str) -> None:
    database = Database(url)
    with database.reading() as session:
        (city,) = (one.id for one in list_organisations(session))
    with database.writing(city) as session:
        made = {"created_at": NOW, "updated_at": NOW}
        connection = Connection(vendor="teamtailor", name=name, region="eu", credentials=b"", **made)
        session.add(connection)
        session.flush()
        system = connection.system
        session.add(StageMapping(system=system, stage_ref="3", name="Haastattelu", stage=int(Stage.INTERVIEW)))
        session.add(StageMapping(system=system, stage_ref="6", name="Odottaa lupaa"))
    database.close()


def test_stages_are_listed_set_and_set_back(kutsu: Kutsu) -> None:
    assert kutsu("stages", "list").output.splitlines() == [
        "Odottaa lupaa: not said yet; 0 events",
        "Haastattelu: interview (proposed); 0 events",
    ]
    assert kutsu("stages", "set", "odottaa lupaa", "offer").output == "0 applications counted anew.\n"
    assert "Odottaa lupaa: offer (decided); 0 events" in kutsu("stages", "list").output
    kutsu("stages", "set", "Haastattelu", "none")
    assert "Haastattelu: no stage of ours; 0 events" in kutsu("stages", "list").output
    assert kutsu("stages", "undo").exit_code == 0
    assert "Haastattelu: interview (proposed); 0 events" in kutsu("stages", "list").output
    kutsu("stages", "set", "Odottaa lupaa", "proposed")
    assert "Odottaa lupaa: not said yet; 0 events" in kutsu("stages", "list").output


def test_a_meaning_that_is_none_is_refused_with_those_that_are(kutsu: Kutsu) -> None:
    refused = kutsu("stages", "set", "Haastattelu", "chat")
    assert str(refused.exception).endswith(
        "Choose one of applied, screened, interview, offer, hired, started, none, proposed."
    )


def test_among_several_connections_one_must_be_named(kutsu: Kutsu, sqlite_file_url: str) -> None:
    add_connection(sqlite_file_url, "Second")
    assert "Rekry, Second" in str(kutsu("stages", "list").exception)
    assert kutsu("stages", "list", "--connection", "Second").exit_code == 0
