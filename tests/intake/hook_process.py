"""The application in a process of its own, so that it can be killed and its memory be looked at."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.intake.sealing import Sealer
from app.settings import derive_key

ROOT = Path(__file__).parents[2]
INSTALLED = "a secret of an installation that is served as it is"
INSTALLED_SEALER = Sealer([derive_key(INSTALLED.encode(), "credentials")])


@dataclass(frozen=True, slots=True)
class Served:
    """A server, its port, and when it was begun, by `time.perf_counter`."""

    process: subprocess.Popen[str]
    port: int
    begun: float

    @property
    def pids(self) -> list[int]:
        """The server, and the process that commits for it once there is one."""
        own = self.process.pid
        return [own, *(int(pid) for pid in Path(f"/proc/{own}/task/{own}/children").read_text().split())]

    def forget_peak(self) -> None:
        """Let the peak of its memory be what it takes now."""
        for pid in self.pids:
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def memory(self, figure: str) -> int:
        """`VmRSS`, what it takes now, or `VmHWM`, the peak, in bytes; of all its processes together."""
        lines = [line for pid in self.pids for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{figure}:"))


@contextmanager
def serving_apart(url: str) -> Iterator[Served]:
    """A server on this database that is ready, with a door beside it that does nothing; killed at the end."""
    command = [sys.executable, "-m", "tests.bench.hook_server", url]
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ}) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
                assert answer.status == 200
            yield Served(process, port, begun)
        finally:
            process.kill()


@contextmanager
def serving_installed(url: str) -> Iterator[Served]:
    """`kutsu serve` on this database as soon as it says where, killed at the end; its secret is `INSTALLED`."""
    command = [sys.executable, "-m", "app", "--database", url, "serve", "--port", "0"]
    environment = {**os.environ, "KUTSU_SECRET_KEY": INSTALLED}
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        assert process.stdout is not None
        try:
            said = re.search(r"http://[^:]+:(\d+)/", process.stdout.readline())
            assert said is not None
            yield Served(process, int(said[1]), begun)
        finally:
            process.kill()
