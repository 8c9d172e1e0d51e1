"""The command starts without loading what it does not need."""

import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.bench.ratio import Ratio, fastest

KUTSU = str(Path(sysconfig.get_path("scripts")) / "kutsu")


def run() -> list[Ratio]:
    """`kutsu --help` against the bare import of the library that parses its arguments."""
    helped = fastest(lambda: started(KUTSU, "--help"))
    bare = fastest(lambda: started(sys.executable, "-c", "import typer"))
    return [Ratio("kutsu --help / python -c 'import typer'", helped / bare, at_most=3)]


def started(*command: str) -> None:
    """Runs `command` to its end, which must be a good one."""
    subprocess.run(command, check=True, capture_output=True)
