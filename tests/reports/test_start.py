"""What the reports load before anybody asks them something."""

import subprocess
import sys


def test_reports_are_there_before_scipy_is_loaded() -> None:
    program = "import sys, app.reports.effectiveness; print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
