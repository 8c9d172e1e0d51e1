"""Rules that hold for every file of the repository."""

import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest

import app
from tests.support.house import ROOT, committed_files

VENDORED = ROOT / "app/web/static/vendor"
LONGEST_FILE = 400
PATH_OF_A_MACHINE = re.compile(rb"(?<![\w.~/-])/(?:home|root|Users|work|workspace|builds|tmp/bash_jobs)/[\w.]")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-installer.lock"])
def test_a_lock_file_pins_every_package_by_hash_and_names_no_index(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE), "an option for the installer, such as an index"
    for pin in re.split(r"\n(?=\w)", text.strip()):
        assert re.match(r"[\w.-]+==\S+", pin), pin
        assert "--hash=sha256:" in pin, pin


def test_the_lock_file_holds_what_the_project_is_built_with() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["build-system"]["requires"] == project["dependency-groups"]["build"]
    assert re.search(r"^hatchling==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)


def test_the_change_log_tells_of_this_version() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert app.__version__ in headings or headings == ["Unreleased"]


def test_no_file_of_the_application_is_too_long_to_read() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in committed_files("app/*.py", "migrations/*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_file_holds_a_path_of_the_machine_it_was_made_on() -> None:
    found = {
        str(path.relative_to(ROOT)): match.group().decode()
        for path in committed_files()
        if (match := PATH_OF_A_MACHINE.search(path.read_bytes()))
    }
    assert found == {}


def test_every_vendored_file_is_the_one_its_manifest_describes() -> None:
    manifest = VENDORED / "manifest.json"
    described = {entry["file"]: entry for entry in json.loads(manifest.read_text())} if manifest.exists() else {}
    assert {str(path.relative_to(VENDORED)) for path in vendored_files()} == set(described)
    for name, entry in described.items():
        assert all(entry.get(key) for key in ("name", "version", "licence")), f"{name} lacks a name, version or licence"
        assert hashlib.sha256((VENDORED / name).read_bytes()).hexdigest() == entry["sha256"], name


def vendored_files() -> list[Path]:
    return [path for path in VENDORED.rglob("*") if path.is_file() and path.name != "manifest.json"]
