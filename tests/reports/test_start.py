"""What the reports load before anybody asks them something."""

import subprocess
import sys


def test_reports_are_there_before_scipy_and_plotly_are_loaded() -> None:
    program = "import sys, app.reports.effectiveness; print({'scipy', 'plotly'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
