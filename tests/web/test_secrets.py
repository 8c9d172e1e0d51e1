"""Secrets are planted and looked for: in the database's files, in logs, problems, pages and the doctor's words."""

import base64
import json
import logging
import uuid
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from app.cli import cli
from app.database import Database
from app.settings import derive_key
from app.web.application import create_app
from tests.support.client import TestClient
from tests.support.people import add_person, browser_of
from tests.support.plan import NOW

MASTER = "planted-master-secret-of-32-characters-0123"
ATS_KEY = "planted0ats0key0aaaabbbbccccdddd"
EMAIL = "anna.planted-applicant@example.org"
PSEUDONYM_KEY = derive_key(MASTER.encode(), "pseudonyms")


class Planted:
    """An installation with secrets in it, and all that it has said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder / 'kutsu.db'}"
        self.said: list[str] = []
        for words in (["migrate"], ["organisation", "create", "City"]):
            assert self.run(*words).startswith(("The database", "City"))
        self.token = self.run("token", "create", "--role", "administrator").strip()
        self.said.pop()  # shown here once, and nowhere else
        self.run("connect", "teamtailor", "--key", ATS_KEY, "--untried")
        self.run("import", "observations", str(self.observations()))
        self.run("token", "list")
        self.run("doctor")
        self.run("audit", "verify")

    def run(self, *words: str) -> str:
        result = CliRunner().invoke(cli, ["--database", self.url, *words])
        self.said.append(result.output + str(result.exception or ""))
        return result.output

    def observations(self) -> Path:
        """An e-mail address where it belongs, and where it does not."""
        application = {
            "id": "a1", "kind": "application", "at": "2026-02-01T09:00:00Z", "person": EMAIL, "application": EMAIL,
        }  # fmt: skip
        wrong = {"id": "a2", "kind": "application", "at": "never", "person": EMAIL, "email": EMAIL}
        erasure = {"id": "a3", "kind": "erasure", "at": "2026-02-02T09:00:00Z", "person": EMAIL}
        file = self.folder / "observations.ndjson"
        file.write_text("\n".join(json.dumps(one) for one in (application, wrong, erasure)))
        return file

    def secrets(self) -> dict[str, bytes]:
        return {
            "token": self.token[13:].encode(),
            "ATS key": ATS_KEY.encode(),
            "e-mail": EMAIL.encode(),
            "master": MASTER.encode(),
            "pseudonym key": PSEUDONYM_KEY,
            "pseudonym key in hex": PSEUDONYM_KEY.hex().encode(),
            "pseudonym key in base64": base64.b64encode(PSEUDONYM_KEY)[:40],
        }

    def found_in(self, *haystacks: bytes) -> list[str]:
        return [name for name, secret in self.secrets().items() if any(secret in one for one in haystacks)]


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Planted:
    monkeypatch.setenv("KUTSU_SECRET_KEY", MASTER)
    caplog.set_level(logging.DEBUG)
    return Planted(tmp_path)


def test_no_secret_lies_in_a_file_of_the_database(planted: Planted) -> None:
    files = list(planted.folder.glob("kutsu.db*"))
    assert files
    assert planted.found_in(*(file.read_bytes() for file in files)) == []


def test_no_verb_says_a_secret(planted: Planted, capfd: pytest.CaptureFixture[str]) -> None:
    assert "read through" in planted.run("doctor")
    assert planted.found_in(*(said.encode() for said in planted.said)) == []
    assert planted.found_in("".join(capfd.readouterr()).encode()) == []


def test_no_log_line_problem_or_page_says_a_secret(planted: Planted, caplog: pytest.LogCaptureFixture) -> None:
    database = Database(planted.url)
    with database.reading() as session:
        organisation = uuid.UUID(session.scalar(text("SELECT id FROM organisation")))
    add_person(database, organisation)
    app = create_app(database, PSEUDONYM_KEY, clock=lambda: NOW)

    @app.get("/crash")
    def crash() -> None:
        with database.writing() as session:
            session.execute(text("INSERT INTO organisation (name) VALUES (:name)"), {"name": EMAIL})

    client = TestClient(
        app, "http://127.0.0.1", client=("127.0.0.1", 1), headers={"Authorization": f"Bearer {planted.token}"}
    )
    item = {"id": "b1", "kind": "application", "at": "never", "person": EMAIL, "email": EMAIL, "key": ATS_KEY}
    as_json = {"Content-Type": "application/json"}
    answers = [
        client.get("/crash"),
        client.get("/api/v1/tokens"),
        client.get("/api/v1/nothing"),
        client.post("/api/v1/observations", json=[item]),
        client.post("/api/v1/observations", content=f'[{{"person": "{EMAIL}"'.encode(), headers=as_json),
        client.post("/api/v1/jobs", content=f'{{"title": "{EMAIL}"'.encode(), headers=as_json),
        client.post("/api/v1/jobs", json={"title": [EMAIL], "specialty": ATS_KEY}),
        client.post("/api/v1/tokens", json={"system": "x", "role": ATS_KEY}),
        client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {planted.token}x"}),
        client.get("/api/v1/jobs", headers={"If-None-Match": planted.token}),
        *(
            browser_of(app).get(page)
            for page in ("/", "/funnel", "/verdicts", "/tokens", "/audit", "/audit.csv", "/nothing")
        ),
        client.get("/metrics"),
        client.get("/openapi.json"),
    ]
    database.close()
    assert {400, 401, 404, 422, 500} <= {answer.status_code for answer in answers}
    for answer in answers:
        assert planted.found_in(answer.content) == [], answer.request.url
    assert "unexpected error" in caplog.text
    assert planted.found_in(caplog.text.encode()) == []


def test_an_error_of_the_store_does_not_tell_what_was_to_be_stored(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(DBAPIError) as failed, database.writing() as session:
        session.execute(text("INSERT INTO organisation (id, name) VALUES (NULL, :name)"), {"name": EMAIL})
    database.close()
    assert EMAIL not in str(failed.value)
