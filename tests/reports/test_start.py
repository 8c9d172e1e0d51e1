"""What the reports load before anybody asks them something."""

import os
import subprocess
import sys


def said_by(program: str) -> str:
    """What a fresh process prints in which nothing was said of threads."""
    environment = {name: said for name, said in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=environment)
    return done.stdout.strip()


def test_reports_are_there_before_scipy_is_loaded() -> None:
    assert said_by("import sys, app.reports.effectiveness; print('scipy' in sys.modules)") == "False"


def test_one_thread_does_all_the_algebra_of_a_report() -> None:
    """Where there are two cores or more, each of them would have one that waits for parts of small matrices."""
    program = "import os, app.measurement.hazard, scipy.linalg; print(len(os.listdir('/proc/self/task')))"
    assert said_by(program) == "1"
