"""The verbs on files of assets, and what the doctor and the check say of the folder."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.access.organisation import create_organisation
from app.cli import cli
from app.database import Database
from app.errors import Conflict
from tests.files.samples import CAPTIONS, PLACE, a_picture
from tests.support.plan import NOW, an_asset

Kutsu = Callable[..., Result]


@pytest.fixture
def kutsu(sqlite_file_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kutsu:
    """Runs a verb on a database with one organisation and a draft."""
    monkeypatch.chdir(tmp_path)
    for name in ("KUTSU_SECRET_KEY", "KUTSU_FILES"):
        monkeypatch.delenv(name, raising=False)
    database = Database(sqlite_file_url)
    with database.writing() as session:
        city = create_organisation(session, "City", now=NOW, locale="en").id
    with database.writing(city) as session:
        an_asset(session, name="Home by five", status="draft")
    database.close()
    return lambda *words, **options: CliRunner().invoke(cli, ["--database", sqlite_file_url, *words], **options)


def key_of(result: Result) -> str:
    assert result.exit_code == 0, result.output or result.exception
    return str(re.findall(r"[0-9a-f-]{36}", result.output)[0])


def test_a_file_is_added_taken_removed_and_put_back(kutsu: Kutsu, tmp_path: Path) -> None:
    (tmp_path / "desk.png").write_bytes(a_picture())
    key = key_of(kutsu("files", "add", "Home by five", "desk.png", "--language", "fi"))
    assert f"{key}\tmain\tfi\timage/png" in kutsu("files", "list", "Home by five").output
    assert "1 file of an asset is not in it; see kutsu files." in kutsu("plan", "export", "plan.json").output
    assert kutsu("files", "take", "Home by five", key, "--out", "kept.png").output == "kept.png\n"
    assert PLACE not in (tmp_path / "kept.png").read_bytes()
    again = kutsu("files", "take", "Home by five", key, "--out", "kept.png").exception
    assert isinstance(again, Conflict)
    assert str(again) == "“kept.png” cannot be written (File exists); say another by --out."
    assert "“desk.png” is removed." in kutsu("files", "remove", "Home by five", key).output
    assert kutsu("files", "list", "Home by five").output == ""
    assert key in kutsu("files", "list", "Home by five", "--removed").output
    assert "“desk.png” is there again." in kutsu("files", "put-back", "Home by five", key).output
    assert key in kutsu("files", "list", "Home by five").output


def test_what_is_refused_names_the_thing(kutsu: Kutsu, tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text("<svg/>")
    assert "can run scripts" in str(kutsu("files", "add", "Home by five", "a.svg").exception)
    assert "No asset has the name or id “Other”" in str(kutsu("files", "list", "Other").exception)


def test_the_check_names_every_file_that_is_missing_or_altered(kutsu: Kutsu, tmp_path: Path) -> None:
    for name, whole in (("a.png", a_picture()), ("b.vtt", CAPTIONS)):
        (tmp_path / name).write_bytes(whole)
        key_of(kutsu("files", "add", "Home by five", name, *(["--language", "fi"] if name == "b.vtt" else [])))
    assert kutsu("files", "check").output == "2 files are as they were.\n"
    folder = tmp_path / "kutsu.files"
    picture, captions = sorted(folder.glob("*/??/*"), key=lambda one: -one.stat().st_size)
    picture.write_bytes(picture.read_bytes()[::-1])
    captions.unlink()
    found = kutsu("--organisation", "City", "files", "check")
    assert found.exit_code == 1
    assert f"altered\tHome by five\ta.png\t{picture.name}" in found.output
    assert f"missing\tHome by five\tb.vtt\t{captions.name}" in found.output
    assert "2 files are not as they were" in found.output
    doctor = kutsu("doctor", env={"COLUMNS": "400"}).output
    assert "1 of 2 not there, or not whole" in doctor


def test_a_copy_of_the_database_and_then_of_the_folder_is_whole(kutsu: Kutsu, tmp_path: Path) -> None:
    """The order that the guide names: what the copied database names was on disk before, and stays for long."""
    (tmp_path / "a.png").write_bytes(a_picture())
    key_of(kutsu("files", "add", "Home by five", "a.png"))
    (tmp_path / "copy").mkdir()
    with sqlite3.connect(tmp_path / "kutsu.db") as source, sqlite3.connect(tmp_path / "copy/kutsu.db") as copy:
        source.backup(copy)
    source.close()
    copy.close()
    (tmp_path / "b.vtt").write_bytes(CAPTIONS)
    key_of(kutsu("files", "add", "Home by five", "b.vtt", "--language", "fi"))
    (tmp_path / "kutsu.files").rename(tmp_path / "copy/kutsu.files")
    copied = CliRunner().invoke(cli, ["--database", "sqlite:///copy/kutsu.db", "files", "check"])
    assert copied.output == "1 file is as it was.\n"


def test_the_doctor_says_where_files_lie_and_when_nowhere_is_said(
    kutsu: Kutsu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = {"COLUMNS": "400"}
    assert re.search(r"ok +file folder +\S+kutsu\.files", kutsu("doctor", env=wide).output)
    monkeypatch.setenv("KUTSU_FILES", str(tmp_path / "desk.png"))
    (tmp_path / "desk.png").write_bytes(b"no folder")
    assert re.search(r"mend +file folder", kutsu("doctor", env=wide).output)
