"""What docs/security.md names as a test is there."""

import re

from tests.support.house import ROOT, committed_files

PROMISES = (ROOT / "docs/security.md").read_text()


def test_every_file_of_tests_that_is_named_is_there() -> None:
    named = set(re.findall(r"`(tests/[\w/]+)(?:\.py)?`", PROMISES))
    assert len(named) > 8
    assert [name for name in named if not (ROOT / name).is_dir() and not (ROOT / f"{name}.py").is_file()] == []
    short = set(re.findall(r"`(test_\w+?)(?:\.py)?(?:::\w+)?`", PROMISES))
    there = {path.stem for path in committed_files("tests/*.py")}
    assert short - there == set()


def test_every_rule_that_is_named_is_tested() -> None:
    tests = "\n".join(path.read_text() for path in committed_files("tests/*.py"))
    named = {one for pair in re.findall(r"…(\w+)`|::(test_\w+)`", PROMISES) for one in pair if one}
    assert len(named) >= 5
    assert [one for one in named if not re.search(rf"def \w*{one}\(", tests)] == []
