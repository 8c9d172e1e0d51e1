"""The figures that long proofs report: gathered from all workers of a run, printed as one table, kept in a file."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

Proof: TypeAlias = Callable[[str, str, object], None]
"""Reports one figure: what was measured, what it should be, what it is."""
Row: TypeAlias = tuple[str, ...]

PROPERTY = "proof"
HEAD = ("What was proved", "Target", "Reached", "", "On")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--proofs", type=Path, metavar="FILE", help="keep the figures of the proofs in this file")


@pytest.fixture
def proof(record_property: Callable[[str, object], None]) -> Proof:
    """Puts a figure into the table that is printed at the end: figure, target, what was reached."""

    def report(figure: str, target: str, reached: object) -> None:
        record_property(PROPERTY, [figure, target, str(reached)])

    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the figures, and keep them where they are kept."""
    reports = [report for outcome in OUTCOMES for report in terminalreporter.stats.get(outcome, [])]
    rows = gather(reports, f"{dt.datetime.now(dt.UTC):%Y-%m-%d}")
    if not rows:
        return
    terminalreporter.section("figures of the proofs")
    terminalreporter.write_line("\n".join(lines_of(rows)))
    path: Path | None = config.getoption("--proofs")
    if path is not None:
        path.write_text("\n".join((INTRODUCTION, *lines_of(merge(read(path), rows)), "")), encoding="utf-8")


OUTCOMES = {"passed": "holds", "failed": "FAILS", "xfailed": "falls short"}
INTRODUCTION = """\
# Proofs

What `make prove` printed when each was last run; it writes this file itself, and a run of some proofs leaves the
figures of the others. Rates stand with their standard error. A figure that *falls short* is a target that is known not
to be reached yet.
"""


def gather(reports: Iterable[Any], day: str) -> list[Row]:
    """The figures in the order of their tests, each with how its test ended and the day."""
    found = [
        (report.location, number, (*said, _end_of(report, said[1])))
        for report in reports
        if report.when == "call"
        for number, (name, said) in enumerate(report.user_properties)
        if name == PROPERTY
    ]
    return [(*row, day) for _location, _number, row in sorted(found)]


def _end_of(report: Any, target: str) -> str:
    """How the test ended; of a figure that is only said it says nothing."""
    if target.startswith("said"):
        return ""
    return OUTCOMES["xfailed" if hasattr(report, "wasxfail") else report.outcome]


def read(path: Path) -> list[Row]:
    """The figures that the file keeps."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [tuple(cell[1:].rstrip() for cell in line.strip("|").split("|")) for line in lines if line.startswith("| ")]
    return rows[2:]


def merge(kept: Iterable[Row], new: Iterable[Row]) -> list[Row]:
    """New figures take the places of the kept ones of the same name; others go to the end."""
    return list(({row[0]: row for row in kept} | {row[0]: row for row in new}).values())


def lines_of(rows: Iterable[Row]) -> Iterator[str]:
    """The figures as a table that reads the same in a terminal and in a document."""
    table = [HEAD, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    ruler = tuple("-" * width for width in widths)
    for row in (HEAD, ruler, *table[1:]):
        yield f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |"
