"""What the README and the guide for contributors say is there, is there."""

import functools
import re

import pytest
import typer

from app.settings import DEFAULT_DATABASE_URL
from tests.support.house import ROOT, packages

README = (ROOT / "README.md").read_text()


@functools.cache
def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


@functools.cache
def verbs() -> set[str]:
    from app.cli import cli

    command = typer.main.get_command(cli)
    return set(getattr(command, "commands", {}))


def named_after(command: str, text: str) -> list[str]:
    """The words that follow `command` in code, in a block or between backticks."""
    code = re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)
    return re.findall(rf"(?<![\w-]){command} ([a-z][a-z-]*)", "\n".join(code))


@pytest.mark.parametrize("package", sorted(packages()))
def test_the_tour_has_a_line_for_every_package(package: str) -> None:
    tour = README.split("## The tour")[1].split("\n## ")[0]
    assert re.search(rf"^- `{package}(\.py|/)`", tour, re.MULTILINE), f"README's tour lacks app/{package}"


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_command_that_is_named_exists(document: str) -> None:
    text = (ROOT / document).read_text()
    assert [target for target in named_after("make", text) if target not in targets()] == []
    assert [verb for verb in named_after("kutsu", text) if verb not in verbs()] == []


def test_the_demo_that_make_runs_stays_apart_from_the_database_that_verbs_take_by_themselves() -> None:
    found = re.search(r"--database \"\$\$\{KUTSU_DATABASE_URL:-(\S+)\}\" demo --serve", (ROOT / "Makefile").read_text())
    assert found and found[1] != DEFAULT_DATABASE_URL and f"`kutsu --database {found[1]}`" in README


def test_the_readme_keeps_its_order() -> None:
    assert re.findall(r"^## (.+)$", README, re.MULTILINE) == ["Two commands", "The tour", "How to go on"]
    assert {"run", "test"} <= set(named_after("make", README))
