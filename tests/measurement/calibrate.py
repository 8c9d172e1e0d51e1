"""`make calibrate`: the proofs of measurement alone, kept as `docs/calibration.md` beside the thresholds in force."""

import os
import subprocess
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

from app.measurement import THRESHOLDS, THRESHOLDS_VERSION

DOCUMENT = Path("docs/calibration.md")
HEADING = """\
# Calibration

How often measurement is right over simulated campaigns of known truth, which `make calibrate` draws, measures and
writes here. The simulator (`tests/measurement/campaigns.py`) shares nothing with the demo's city: arrivals over 180
days, a cut at day 180 (*running*) or 200 days later (*followed up*), a lognormal wait of 65 days to the stage and of 30
days to going out, a third untraced, four specialties. Sizes are traced applicants an ad. Rates stand with their
standard error; one holds if it reaches its target within two of them. A figure that *falls short* is known not to
be reached.

{why}
## Thresholds, version {version}

{thresholds}
## Figures, {campaigns} campaigns a case at most

{figures}"""
WHY = """\
What falls short, and why. *Did not move* is said of fewer than a quarter of ads without effect while a campaign runs:
with a third untraced and half of the people still waiting, an ad of 30 to 300 traced applicants is worth some 90 who
were followed up, and the interval of its lift reaches beyond + 10 % at any honest level. Asking for less than
P(lift < 10 %) = 0.9 would say so of more than 5 % of the ads that truly bring a quarter more: at 0.9 that is 4.7 %.
"""


def main() -> int:
    """Run the proofs, on two workers, and write the document; the exit code is pytest's."""
    with tempfile.TemporaryDirectory() as directory:
        kept = Path(directory) / "proofs.md"
        command = [sys.executable, "-m", "pytest", "tests/prove/test_measurement.py", "-m", "prove", "-n", "2"]
        code = subprocess.run([*command, "--proofs", str(kept)], check=False).returncode
        if kept.exists():
            DOCUMENT.write_text(describe(kept.read_text(), int(os.environ.get("KUTSU_PROVE_CAMPAIGNS", "2000"))))
    return code


def describe(proofs: str, campaigns: int) -> str:
    """The document, from what the proofs reported."""
    table = proofs[proofs.index("| ") :]
    rows = "".join(f"| `{one.name}` | {getattr(THRESHOLDS, one.name)} |\n" for one in fields(THRESHOLDS))
    thresholds = f"| Threshold | Figure |\n|---|---|\n{rows}"
    return HEADING.format(
        why=WHY, version=THRESHOLDS_VERSION, thresholds=thresholds, campaigns=f"{campaigns:,}", figures=table
    )


if __name__ == "__main__":
    sys.exit(main())
