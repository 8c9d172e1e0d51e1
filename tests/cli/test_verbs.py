"""The operator's verbs, as they are typed."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from app.access.organisation import Organisation
from app.cli import cli, run
from app.cli.people import demo_link, first_invitations
from app.cli.runtime import Runtime
from app.database import Database, to_micros
from app.errors import KutsuError
from tests.support.plan import NOW, a_live_placement

Kutsu = Callable[..., Result]


@pytest.fixture
def kutsu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kutsu:
    """Runs a verb on a database of the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KUTSU_SECRET_KEY", raising=False)
    runner = CliRunner()

    def run_verb(*words: str, **options: str) -> Result:
        return runner.invoke(cli, ["--database", "sqlite:///test.db", *words], **options)  # type: ignore[arg-type]

    return run_verb


@pytest.fixture
def city(kutsu: Kutsu) -> Kutsu:
    """A database with one organisation."""
    for words in (["migrate"], ["organisation", "create", "City", "--locale", "en"]):
        result = kutsu(*words)
        assert result.exit_code == 0, result.output
    return kutsu


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("/srv/own.db", "“/srv/own.db” is a path and no address of a database: write sqlite:////srv/own.db."),
        ("own.db", "“own.db” is a path and no address of a database: write sqlite:///own.db."),
        ("postgresql:/me:secret@host/name", "The database’s address cannot be read."),
    ],
)
def test_what_is_no_address_of_a_database_is_told_in_a_sentence_with_the_one_to_write(
    given: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KUTSU_DATABASE_URL", given)
    monkeypatch.setattr(sys, "argv", ["kutsu", "migrate"])
    with pytest.raises(SystemExit) as ended:
        run()
    told = capsys.readouterr().err
    assert ended.value.code == 1 and told.startswith(f"kutsu: {said}") and told.count("\n") == 1
    assert "secret" not in told


def observations(path: Path, *items: object) -> Path:
    path.write_text("\n".join(json.dumps(item) for item in items))
    return path


APPLICATION = {
    "id": "a1", "kind": "application", "at": "2026-03-01T09:00:00Z", "person": "p1", "application": "x1",
    "source": {"tracking_code": "h7k2mq"},
}  # fmt: skip


def test_an_empty_database_says_what_sets_it_up(kutsu: Kutsu) -> None:
    result = kutsu("organisation", "create", "City")
    assert isinstance(result.exception, KutsuError)
    assert "kutsu migrate" in str(result.exception)


def test_an_error_is_one_sentence_and_no_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["kutsu", "--database", f"sqlite:///{tmp_path / 'none.db'}", "replay"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", arguments)
        with pytest.raises(SystemExit) as ended:
            run()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "kutsu: The database is empty; `kutsu migrate` sets it up.\n"


def test_a_second_organisation_must_be_named_from_then_on(city: Kutsu) -> None:
    city("organisation", "create", "Town")
    result = city("replay")
    assert "City, Town" in str(result.exception)
    assert city("--organisation", "Town", "replay").exit_code == 0


def test_an_organisation_needs_a_known_mode_language_and_zone(city: Kutsu) -> None:
    assert "--tracking-mode" in str(city("organisation", "create", "X", "--tracking-mode", "on").exception)
    assert "locale" in str(city("organisation", "create", "X", "--locale", "xx").exception)
    assert "time_zone" in str(city("organisation", "create", "X", "--time-zone", "Mars").exception)


def test_a_token_is_printed_once_and_only_its_digest_is_kept(city: Kutsu, tmp_path: Path) -> None:
    result = city("token", "create", "--role", "service", "--system", "hr", "--days", "30")
    token = result.output.strip()
    assert token.startswith("kutsu_")
    assert token.encode() not in b"".join(file.read_bytes() for file in tmp_path.glob("test.db*"))
    assert "--role" in str(city("token", "create", "--role", "king").exception)


def test_personas_go_out_to_files_and_come_back_the_same(city: Kutsu, tmp_path: Path) -> None:
    assert "8 added" in city("personas", "load").output
    assert "8 personas" in city("personas", "export", str(tmp_path / "out")).output
    assert "8 unchanged" in city("personas", "load", str(tmp_path / "out")).output


def test_the_plan_goes_out_to_a_file_and_comes_back_as_it_was(city: Kutsu, tmp_path: Path) -> None:
    city("personas", "load")
    file = str(tmp_path / "plan.xlsx")
    assert f"8 rows written to {file}." in city("plan", "export", file).output
    answer = city("plan", "import", file, "--dry-run").output
    assert "0 added, 0 changed, 8 unchanged." in answer
    assert "nothing was stored" in answer
    assert "0 added, 0 changed, 8 unchanged." in city("plan", "import", file).output
    assert "Let the name end" in str(city("plan", "export", str(tmp_path / "plan.pdf")).exception)


def test_a_campaign_is_planned_by_a_pattern(city: Kutsu) -> None:
    city("personas", "load")
    words = ["--target", "https://jobs.example.org/doctors", "--from", "2026-03-02"]
    answer = city("plan", "start", "Now we must", "--to", "gp-young-family:no-night-duty", *words)
    assert answer.output == "6 placements planned.\n"
    assert "no persona" in str(city("plan", "start", "Again", "--to", "nobody:gold", *words).exception)


def test_what_each_persona_is_told_is_listed(city: Kutsu) -> None:
    city("personas", "load")
    lines = city("personas", "messages", "--persona", "gp-young-family").output.splitlines()
    assert lines[0] == "gp-young-family\tno-night-duty\tsilent\t-"
    (found,) = json.loads(city("personas", "messages", "--persona", "gp-young-family", "--json").output)
    assert (found["persona"], found["messages"][0]["silent"]) == ("gp-young-family", True)


def test_a_file_of_observations_is_taken_in_row_by_row(city: Kutsu, tmp_path: Path) -> None:
    stage = {"id": "a2", "kind": "stage_change", "at": "2026-03-09T08:00:00Z", "application": "x1", "stage": "offer"}
    file = observations(tmp_path / "seen.ndjson", APPLICATION, stage, {"id": "a3", "kind": "outcome"})
    rehearsed = city("import", "observations", str(file), "--dry-run")
    assert "2 accepted" in rehearsed.output
    assert "nothing was stored" in rehearsed.output
    result = city("import", "observations", str(file))
    assert "2 accepted, 0 known already, 0 in conflict, 1 refused" in result.output
    assert result.exit_code == 2
    (reject,) = (tmp_path / "seen.ndjson.rejected.ndjson").read_text().splitlines()
    assert json.loads(reject)["row"] == 3
    assert "0 accepted, 2 known already" in city("import", "observations", str(file)).output


def test_a_file_may_be_a_json_array_too(city: Kutsu, tmp_path: Path) -> None:
    file = tmp_path / "seen.json"
    file.write_text(json.dumps([APPLICATION]))
    assert "1 accepted" in city("import", "observations", str(file)).output


def test_a_file_may_be_a_sheet_with_a_row_an_application_too(city: Kutsu, tmp_path: Path) -> None:
    file = tmp_path / "seen.csv"
    file.write_text("application,applied,offer,remark\nx1,2026-03-01,2026-04-01,kind\nx2,,,\n")
    for result in (city("import", "observations", str(file), "--dry-run"), city("import", "observations", str(file))):
        assert "1 of 2 applications: 2 new events, 0 known already, 0 in conflict." in result.output
        assert "Not read, because we do not know these columns: remark." in result.output
        assert result.exit_code == 2
    assert (tmp_path / "seen.csv.rejected.csv").read_text("utf-8-sig").splitlines() == [
        "application,applied,offer,remark,What to mend", "x2,,,,applied: this must be said"
    ]  # fmt: skip


def test_a_row_of_a_sheet_that_was_read_with_a_remark_is_named(city: Kutsu, tmp_path: Path) -> None:
    file = tmp_path / "seen.csv"
    file.write_text("application,applied,code\nx1,2026-03-01,zzzzzz\n")
    for more in (["--dry-run"], []):
        result = city("import", "observations", str(file), *more)
        assert result.exit_code == 0 and "2: code: “zzzzzz” is no tracking code" in result.output


@pytest.mark.parametrize("report", ["effectiveness", "funnel", "unmatched", "paths", "unknown", "forecasts"])
def test_every_report_comes_as_table_json_and_csv(city: Kutsu, tmp_path: Path, report: str) -> None:
    city("import", "observations", str(observations(tmp_path / "seen.ndjson", APPLICATION)))
    table = city("report", report)
    assert table.exit_code == 0, table.exception
    answer = json.loads(city("report", report, "--format", "json").output)
    assert "data" in answer
    assert "," in city("report", report, "--format", "csv").output.splitlines()[0]
    assert "--format" in str(city("report", report, "--format", "pdf").exception)


def test_a_report_speaks_the_language_that_is_asked_for(city: Kutsu, tmp_path: Path) -> None:
    city("import", "observations", str(observations(tmp_path / "seen.ndjson", APPLICATION)))
    english, finnish = city("report", "effectiveness"), city("report", "effectiveness", "--language", "fi")
    assert english.output != finnish.output


def test_a_wrong_word_of_a_question_is_named(city: Kutsu) -> None:
    result = city("report", "effectiveness", "--stage", "hello", "--from", "yesterday")
    assert "stage" in str(result.exception)
    assert "from" in str(result.exception)


def test_replay_says_how_many_applications_it_computed(city: Kutsu, tmp_path: Path) -> None:
    city("import", "observations", str(observations(tmp_path / "seen.ndjson", APPLICATION)))
    assert "1 application computed" in city("replay").output


def test_a_connection_is_sealed_and_an_unknown_one_is_named(city: Kutsu, tmp_path: Path) -> None:
    made = city("connect", "teamtailor", "--untried", "--region", "eu", input="very-secret-key\n")
    assert made.exit_code == 0, made.output
    assert b"very-secret-key" not in b"".join(file.read_bytes() for file in tmp_path.glob("test.db*"))
    assert "teamtailor" in str(city("sync", "nothing").exception)
    assert "region" in str(city("connect", "teamtailor", "--region", "mars", input="k\n").exception)


def test_the_doctor_names_what_to_mend(kutsu: Kutsu) -> None:
    ill = kutsu("doctor")
    assert ill.exit_code == 1
    assert "kutsu migrate" in ill.output
    kutsu("migrate")
    assert "organisation create" in kutsu("doctor").output


def test_the_doctor_finds_a_sound_installation_sound(city: Kutsu) -> None:
    city("organisation", "hosts", "jobs.example.org")
    result = city("doctor")
    assert result.exit_code == 0, result.output


def test_the_doctor_sees_a_key_that_others_can_read(city: Kutsu, tmp_path: Path) -> None:
    city("doctor")
    (tmp_path / "test.key").chmod(0o644)
    assert "chmod 600" in city("doctor").output


def test_a_user_is_invited_listed_and_given_a_new_password_by_links(city: Kutsu, tmp_path: Path) -> None:
    invited = city("user", "invite", "anna@kivikoski.example", "--role", "administrator")
    assert invited.output.startswith("http://127.0.0.1:8600/invitation/")
    assert "--role" not in str(invited.exception)
    assert "Choose one of" in str(city("user", "invite", "x@y.example", "--role", "service").exception)
    assert "no user" in str(city("user", "reset", "anna@kivikoski.example").exception)
    secret = demo_link(Runtime(f"sqlite:///{tmp_path / 'test.db'}", None))
    assert secret.encode() not in b"".join(file.read_bytes() for file in tmp_path.glob("test.db*"))
    assert (
        "visitor@demo.invalid\tVisitor\tadministrator\tsees small counts\twithout a second step\tnot seen yet"
        in city("user", "list").output
    )
    assert city("user", "reset", "Visitor@demo.invalid").output.startswith("http://127.0.0.1:8600/reset/")


def test_links_are_printed_for_where_people_open_the_pages(city: Kutsu, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUTSU_PUBLIC_URL", "https://kutsu.example/")
    result = city("user", "invite", "anna@kivikoski.example", "--role", "viewer")
    assert result.output.startswith("https://kutsu.example/invitation/")
    assert result.stderr == ""


def test_where_nobody_has_said_where_people_open_the_pages_a_link_says_so_and_how(
    city: Kutsu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUTSU_PUBLIC_URL", raising=False)
    result = city("user", "invite", "anna@kivikoski.example", "--role", "viewer")
    assert len(result.stdout.splitlines()) == 1
    assert "put that address in place of http://127.0.0.1:8600, and set KUTSU_PUBLIC_URL" in result.stderr


def test_serve_invites_the_first_administrator_of_each_employer_until_there_is_one(city: Kutsu, tmp_path: Path) -> None:
    city("organisation", "create", "Town")
    runtime = Runtime(f"sqlite:///{tmp_path / 'test.db'}", "City")
    assert [name for name, _secret in first_invitations(runtime)] == ["City", "Town"]
    demo_link(runtime)
    assert [name for name, _secret in first_invitations(runtime)] == ["Town"]


def test_a_port_that_is_taken_is_told_with_what_to_do(city: Kutsu) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = city("serve", "--port", str(port))
    assert f"Port {port} is taken, by another Kutsu" in str(result.exception) and "--port" in str(result.exception)


def test_serve_says_where_and_answers_there_and_its_link_opens(city: Kutsu, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app", "--database", f"sqlite:///{tmp_path / 'test.db'}", "serve", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        try:
            assert server.stdout is not None
            said = [server.stdout.readline() for _line in range(3)]
            address = next(word for word in said[0].split() if word.startswith("http"))
            assert said[1].startswith("City has no administrator.")
            for page in (address + "healthz", said[2].strip()):
                with urllib.request.urlopen(page, timeout=30) as answer:  # noqa: S310 (our own address)
                    assert answer.status == 200
        finally:
            server.send_signal(signal.SIGTERM)


def test_units_are_founded_listed_shared_with_and_given_their_departments(city: Kutsu, tmp_path: Path) -> None:
    for words in (["North", "--parent", "City"], ["South", "--parent", "City"], ["Ward", "--parent", "City/North"]):
        assert city("organisation", "create", *words).exit_code == 0
    assert city("organisation", "list").output.splitlines() == ["City", "City/North", "City/North/Ward", "City/South"]
    assert city("organisation", "share", "--personas", "--channels").output == (
        "Shared with the units: personas, channels.\n"
    )
    assert city("organisation", "share", "--no-personas", "--no-channels").output == (
        "Shared with the units: nothing.\n"
    )
    applied = {**APPLICATION, "attributes": {"unit": "Emergency"}}
    assert city("import", "observations", str(observations(tmp_path / "in.json", applied))).exit_code == 0
    assert city("organisation", "hosts").output == ""
    assert (
        city("organisation", "hosts", "Jobs.Example.org", ".example.net").output == ".example.net\njobs.example.org\n"
    )
    assert "no public host" in str(city("organisation", "hosts", "localhost").exception)
    assert city("organisation", "hosts", "--none").output == ""
    assert city("organisation", "departments").output == "system:file\tEmergency\t1\t-\n"
    assert city("organisation", "place", "system:file", "Emergency=North/Ward").output == (
        "1 application placed anew.\n"
    )
    assert city("organisation", "departments").output == "system:file\tEmergency\t1\tNorth/Ward\n"
    wrong = city("organisation", "place", "system:file", "Emergency=Moon")
    assert "no such unit" in str(wrong.exception).lower()

    def applications(*options: str) -> int:
        answer = json.loads(city(*options, "--format", "json").output)
        count: int = answer["totals"]["applications"]
        return count

    report = ("report", "effectiveness")
    assert applications(*report) == 1
    assert applications(*report, "--own") == 0
    assert applications("--organisation", "Ward", *report) == 1
    assert applications("--organisation", "South", *report) == 0


def test_a_unit_of_nobody_is_not_founded(city: Kutsu) -> None:
    result = city("organisation", "create", "North", "--parent", "Moon")
    assert isinstance(result.exception, KutsuError)


# Machines and the audit


def test_a_token_is_listed_by_its_beginning_and_revoked_by_it(city: Kutsu) -> None:
    token = city("token", "create", "--role", "marketer", "--system", "board", "--scope", "reports:read").output.strip()
    listed = city("token", "list").output
    assert (token[:12] in listed, token in listed, "reports:read" in listed, "never" in listed) == (
        True,
        False,
        True,
        True,
    )
    assert "board is revoked" in city("token", "revoke", token[:12]).output
    assert "revoked on" in city("token", "list").output
    assert "no such token" in str(city("token", "revoke", "kutsu_nobody").exception)


def test_a_token_that_expires_says_until_when(city: Kutsu, tmp_path: Path) -> None:
    city("token", "create", "--role", "viewer", "--days", "1")
    city("token", "create", "--role", "viewer")
    assert "valid until" in city("token", "list").output
    with sqlite3.connect(tmp_path / "test.db") as store:
        store.execute("UPDATE api_token SET expires_at = 1000000, last_used_at = 60000000")
    store.close()
    listed = city("token", "list").output
    assert "expired on 1970-01-01" in listed
    assert "1970-01-01 00:01" in listed


def test_a_scope_that_is_none_or_not_of_the_role_is_refused(city: Kutsu) -> None:
    assert "--scope" in str(city("token", "create", "--role", "viewer", "--scope", "all").exception)
    assert "scopes" in str(city("token", "create", "--role", "viewer", "--scope", "admin").exception)


def test_the_audit_tells_what_the_command_line_did_and_is_checked(city: Kutsu, tmp_path: Path) -> None:
    city("token", "create", "--role", "viewer")
    city("report", "funnel", "--format", "csv")
    city("report", "funnel")
    city("replay")
    whole = city("audit", "verify")
    assert (whole.exit_code, whole.output.startswith("4 entries, whole.")) == (0, True)
    noted = whole.output.split()[-1]
    assert city("audit", "verify", "--noted", noted).exit_code == 0
    assert "--noted" in str(city("audit", "verify", "--noted", "4").exception)
    with sqlite3.connect(tmp_path / "test.db") as store:
        told = store.execute("SELECT actor_kind, actor_name, action, noun_id FROM audit_entry ORDER BY number")
        assert told.fetchall()[1:] == [
            ("command", "kutsu token", "created", told_id(store)),
            ("command", "kutsu report", "exported", "funnel.csv"),
            ("command", "kutsu replay", "replayed", None),
        ]
        store.execute("DROP TRIGGER audit_entry_UPDATE")
        store.execute("UPDATE audit_entry SET noun_id = 'effectiveness.csv' WHERE number = 3")
    store.close()
    broken = city("audit", "verify")
    assert (broken.exit_code, broken.output) == (1, "Entry 3: it was changed.\n")


def test_what_was_refused_and_is_nobodys_is_shown_by_the_hour(city: Kutsu, tmp_path: Path) -> None:
    assert "Nobody has tried" in city("audit", "refusals").output
    with sqlite3.connect(tmp_path / "test.db") as store:
        store.execute("INSERT INTO refusal_count (hour, kind, count) VALUES (?, 'token', 64)", [to_micros(NOW)])
    store.close()
    assert city("audit", "refusals").output == "2026-03-01 09:00  token  64\n"


def told_id(store: sqlite3.Connection) -> str:
    return str(uuid.UUID(store.execute("SELECT id FROM api_token").fetchone()[0]))


def test_long_work_is_listed_left_to_a_worker_stopped_and_tried_again(
    city: Kutsu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert city("replay").output == "0 applications computed anew.\n"
    assert city("replay", "--background").output.startswith("A worker computes it anew")
    listed = city("tasks", "list").output
    key = next(line.split()[0] for line in listed.splitlines() if "queued" in line)
    assert "done" in listed
    assert city("tasks", "cancel", key).output == "The task is cancelled.\n"
    assert city("tasks", "retry", key).output == "The task waits; a worker goes on with it.\n"
    assert city("replay").output == "0 applications computed anew.\n", "a task that waits is done here and now"
    assert "ended already" in str(city("tasks", "cancel", key).exception)


def test_a_verdict_is_explained_by_code_id_or_key_and_the_list_that_leaves_is_told(city: Kutsu, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/test.db")
    with database.reading() as session:
        organisation = session.scalar(select(Organisation.id))
    with database.writing(organisation) as session:
        placement = a_live_placement(session)
        code, id = placement.tracking_code, str(placement.id)
    database.close()
    told = {**APPLICATION, "source": {"tracking_code": code}}
    city("import", "observations", str(observations(tmp_path / "some.ndjson", told)))
    table = city("report", "explain", code)
    assert table.exit_code == 0, table.output
    assert "What is taken for granted" in table.output
    answer = json.loads(city("report", "explain", id, "--format", "json").output)
    assert (answer["row"]["code"], answer["counts"]["applications"]) == (code, 1)
    file = city("report", "explain", code, "--format", "csv").output.splitlines()
    assert [len(file), file[1].split(",")[0]] == [2, answer["applications"][0]["record"]]
    assert "“nowhere”" in str(city("report", "explain", "nowhere").exception)
    row = json.loads(city("report", "explain", "poster", "--by", "format", "--format", "json").output)
    assert (row["row"]["by"], row["counts"]["applications"]) == ("format", 1)
    assert "“video”" in str(city("report", "explain", "video", "--by", "format").exception)
    with sqlite3.connect(tmp_path / "test.db") as store:
        exported = store.execute("SELECT noun_id FROM audit_entry WHERE action = 'exported' ORDER BY number").fetchall()
    store.close()
    assert exported == [(f"explain/{id}.json",), (f"explain/{id}.csv",), ("explain/format/poster.json",)]


def test_two_placements_are_compared_by_their_codes(city: Kutsu, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/test.db")
    with database.reading() as session:
        organisation = session.scalar(select(Organisation.id))
    with database.writing(organisation) as session:
        codes = [a_live_placement(session).tracking_code for _ in range(2)]
    database.close()
    told = city("report", "compare", *codes)
    assert "cannot be compared: of all who can be traced" in told.output, told.exception
    file = city("report", "compare", *codes, "--format", "csv").output.splitlines()
    assert [line.split(",")[0] for line in file] == ["side", "a", "b"]
    periods = city("report", "compare", "2026-01-01/2026-01-31", "2026-02-01/2026-02-28", "--by", "period")
    assert periods.exit_code == 0
    assert "b" in str(city("report", "compare", codes[0], codes[0]).exception)


@pytest.mark.parametrize("report", ["effectiveness", "paths", "funnel", "unknown"])
def test_a_report_is_limited_by_the_words_of_the_api_and_by_names(city: Kutsu, tmp_path: Path, report: str) -> None:
    """Two applied, one of them through a live placement: each limit lets the traced one pass or holds it back."""
    database = Database(f"sqlite:///{tmp_path}/test.db")
    with database.reading() as session:
        organisation = session.scalar(select(Organisation.id))
    with database.writing(organisation) as session:
        placement = a_live_placement(session, place="Tampere")
        code, campaign, channel = placement.tracking_code, placement.campaign.name, placement.channel.name
        fits = {"--placement": code, "--campaign": campaign, "--channel": channel, "--place": placement.place,
                "--persona": placement.persona.slug, "--ad-format": str(placement.asset.format)}  # fmt: skip
    database.close()
    traced = {**APPLICATION, "source": {"tracking_code": code}, "attributes": {"specialty": "gp"}}
    other = {**APPLICATION, "id": "a2", "application": "x2", "person": "p2", "source": {"tracking_code": "h7k2mq"}}
    city("import", "observations", str(observations(tmp_path / "some.ndjson", traced, other)))

    def asked(*words: str) -> dict[str, str]:
        result = city("report", report, *words, "--format", "json")
        assert result.exit_code == 0, result.exception
        filters: dict[str, str] = json.loads(result.output)["scope"]["filters"]
        return filters

    assert asked("--specialty", "gp") == {"specialty": "gp"}
    for option, said in fits.items():
        assert list(asked(option, said)) == [option.removeprefix("--").removeprefix("ad-")]
    assert asked("--campaign", campaign) == asked("--campaign", asked("--campaign", campaign)["campaign"])
    assert "“nowhere” names nothing of ours" in str(city("report", report, "--campaign", "nowhere").exception)
    assert "“nowhere”" in str(city("report", report, "--placement", "nowhere").exception)


def test_codes_are_printed_to_files_by_code_and_by_campaign(city: Kutsu, tmp_path: Path) -> None:
    runtime = Runtime("sqlite:///test.db", None)
    with runtime.database.writing(runtime.organisation_id) as session:
        placement = a_live_placement(session)
        code, campaign = placement.tracking_code, placement.campaign.name
    runtime.database.close()
    result = city("print", "placement", code, "--kind", "svg")
    assert result.exit_code == 0, result.output
    assert "Only this machine can open this address" in result.stderr
    assert (tmp_path / f"kutsu-{code}.svg").read_text().startswith("<svg")
    result = city("print", "campaign", campaign, "--one", "--language", "sv", "--out", "sheet.pdf")
    assert "Written to sheet.pdf." in result.output
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF-")
    assert isinstance(city("print", "placement", code, "--kind", "gif").exception, KutsuError)


def test_the_calendar_is_reported_shared_and_closed_again(city: Kutsu, tmp_path: Path) -> None:
    runtime = Runtime("sqlite:///test.db", None)
    with runtime.database.writing(runtime.organisation_id) as session:
        placement = a_live_placement(session, planned_cost={"amount": "280", "currency": "EUR"})
        name, campaign = placement.name, placement.campaign.name
    runtime.database.close()
    asked = ("report", "calendar", "--span", "month", "--month", "2026-03", "--campaign", campaign)
    table = city(*asked)
    assert table.exit_code == 0, table.output
    assert "3–30 Mar 2026" in table.output.replace("\N{THIN SPACE}", " ")
    assert "Good Friday" in table.output
    assert [one["name"] for one in json.loads(city(*asked, "--format", "json").output)["flights"]] == [name]
    assert city(*asked, "--format", "csv").output.splitlines()[1].startswith(f"{name},")
    link = city("calendar", "share", "Agency", "--days", "3", "--campaign", campaign).output.strip()
    assert "/shared/calendar/" in link
    key, *listed = city("calendar", "links").output.split()
    assert listed[0] == "Agency;"
    assert "leads nowhere" in city("calendar", "revoke", key).output
    assert city("calendar", "links").output == ""
    assert isinstance(city("report", "calendar", "--month", "x").exception, KutsuError)
