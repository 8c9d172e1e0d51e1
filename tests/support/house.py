"""The files of the repository as tests read them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def committed_files(*patterns: str) -> list[Path]:
    """The files that git tracks and that are still there, those that match `patterns` if any are given."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def packages() -> set[str]:
    """The modules and packages directly under `app`, by name."""
    modules = {path.stem for path in (ROOT / "app").glob("*.py")} - {"__init__", "__main__"}
    return modules | {path.parent.name for path in (ROOT / "app").glob("*/__init__.py")}
