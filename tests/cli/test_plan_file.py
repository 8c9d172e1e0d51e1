"""A plan that is read in by command, and what is told of one that is refused."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli import run
from app.i18n import current_language
from tests.cli.test_planning import Kutsu, kutsu, sheet

__all__ = ["kutsu"]


def written(path: Path, **tables: list[dict[str, Any]]) -> str:
    path.write_text(json.dumps(tables))
    return str(path)


def test_a_refused_plan_is_told_a_line_for_each_cause(
    kutsu: Kutsu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kutsu("plan", "placements", "Now we must", sheet(tmp_path / "plan.csv", "Kallio"))
    kutsu("plan", "export", str(tmp_path / "out.json"))
    (row,) = json.loads((tmp_path / "out.json").read_text())["placements"]
    codes = [f"a2b3c{n}" for n in range(2, 10)]
    placements = [
        row | {"tracking_code": code, "name": code, "place": code, "target_url": "https://jobs.example.org:8443/"}
        for code in codes
    ]
    aliases = [{"kind": "label", "observed": code, "placement": code} for code in [*codes, "none"]]
    file = written(tmp_path / "in.json", placements=placements, source_aliases=aliases)
    monkeypatch.setattr(sys, "argv", ["kutsu", "--database", "sqlite:///test.db", "plan", "import", file])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 1
    target, missing = capsys.readouterr().err.splitlines()
    first = "“a2b3c2”, “a2b3c3”, “a2b3c4”, “a2b3c5”, “a2b3c6” (+3)"
    assert target.startswith(
        f"kutsu: placements, 8 rows ({first}), column target_url: Give the address of a public site"
    )
    assert missing == (
        "kutsu: source_aliases, row 9 (none), column placement: There is no “none” among the placements; add it."
    )


def test_verbs_of_a_plan_speak_as_the_organisation_does_and_leave_no_language_behind(
    kutsu: Kutsu, tmp_path: Path
) -> None:
    before = current_language()
    kutsu("organisation", "create", "Kaupunki", "--locale", "fi")
    wrong = written(tmp_path / "wrong.json", claims=[{"slug": "x"}], nothing=[])
    said = str(kutsu("--organisation", "Kaupunki", "plan", "import", wrong).exception)
    assert "Suunnitelmassa ei ole taulukkoa ”nothing”" in said, said
    empty = written(tmp_path / "empty.json", claims=[])
    done = kutsu("--organisation", "Kaupunki", "plan", "import", empty, "--dry-run")
    assert "Tämä oli harjoitus" in done.output, done.output
    listed = ("--organisation", "Kaupunki", "asset", "list")
    assert kutsu(*listed, "--language", "sv", "--where", "format=poster").exit_code == 0
    assert "ei ole" in str(kutsu("--organisation", "Kaupunki", "personas", "compare", "nobody").exception)
    assert current_language() == before
