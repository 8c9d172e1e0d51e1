"""The application in a process of its own, so that it can be killed and its memory be looked at."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Served:
    """A server that is ready, its port, and how many seconds it took to be so."""

    process: subprocess.Popen[str]
    port: int
    seconds: float

    def forget_peak(self) -> None:
        """Let the peak of its memory be what it takes now."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def memory(self, figure: str) -> int:
        """`VmRSS`, what it takes now, or `VmHWM`, the peak, in bytes."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{figure}:"))


@contextmanager
def serving_apart(url: str) -> Iterator[Served]:
    """A server on this database, killed at the end."""
    command = [sys.executable, "-m", "tests.bench.hook_server", url]
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ}) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
                assert answer.status == 200
            yield Served(process, port, time.perf_counter() - begun)
        finally:
            process.kill()
