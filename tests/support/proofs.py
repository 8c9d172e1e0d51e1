"""The figures that long proofs report: gathered from all workers of a run, printed as one table, kept in a file."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

Proof: TypeAlias = Callable[[str, str, object], None]
"""Reports one figure: what was measured, what it should be, what it is."""

PROPERTY = "proof"
HEAD = ("What was proved", "Target", "Reached", "")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--proofs", type=Path, metavar="FILE", help="write the figures of the proofs to this file")


@pytest.fixture
def proof(record_property: Callable[[str, object], None]) -> Proof:
    """Puts a figure into the table that is printed at the end: figure, target, what was reached."""

    def report(figure: str, target: str, reached: object) -> None:
        record_property(PROPERTY, [figure, target, str(reached)])

    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the figures, and write them where they are kept."""
    reports = [report for outcome in OUTCOMES for report in terminalreporter.stats.get(outcome, [])]
    rows = gather(reports)
    if not rows:
        return
    table = table_of(rows)
    terminalreporter.section("figures of the proofs")
    terminalreporter.write_line(table)
    path: Path | None = config.getoption("--proofs")
    if path is not None:
        path.write_text(f"{INTRODUCTION}\n{table}")


OUTCOMES = {"passed": "holds", "failed": "FAILS", "xfailed": "falls short"}
INTRODUCTION = """\
# Proofs

What `make prove` printed when it was last run whole; it writes this file itself. Rates stand with their standard
error. A figure that *falls short* is a target that is known not to be reached yet.
"""


def gather(reports: Iterable[Any]) -> list[tuple[str, str, str, str]]:
    """The figures in the order of their tests, each with how its test ended."""
    found = [
        (report.location, number, (*said, OUTCOMES[report.outcome if not hasattr(report, "wasxfail") else "xfailed"]))
        for report in reports
        if report.when == "call"
        for number, (name, said) in enumerate(report.user_properties)
        if name == PROPERTY
    ]
    return [row for _location, _number, row in sorted(found)]


def table_of(rows: Sequence[Sequence[str]]) -> str:
    """The figures as a table that reads the same in a terminal and in a document."""
    table = Table(*HEAD, box=MARKDOWN)
    for row in rows:
        table.add_row(*row)
    console = Console(width=200, no_color=True)
    with console.capture() as capture:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines() if line.strip())
