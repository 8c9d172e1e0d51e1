"""Runs every `bench_*.py` beside this file and prints one table; a missed target is shown and never fails."""

import importlib
from collections.abc import Iterable
from pathlib import Path

from tests.bench.ratio import Ratio


def measure() -> list[Ratio]:
    """The ratios of all benches, in the order of their files."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    return [ratio for name in names for ratio in importlib.import_module(f"tests.bench.{name}").run()]


def table(ratios: Iterable[Ratio]) -> str:
    """One aligned line per ratio under a heading."""
    rows = [("what", "ratio", "target", "")]
    rows += [(one.name, f"{one.value:.2f}", one.target, "met" if one.met else "NOT MET") for one in ratios]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        f"{name:<{widths[0]}}  {value:>{widths[1]}}  {target:>{widths[2]}}  {met}".rstrip()
        for name, value, target, met in rows
    )


if __name__ == "__main__":
    print(table(measure()))
