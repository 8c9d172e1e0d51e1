"""What measuring takes apart from reading: judging many ads, and sharing credit over a million paths.

`KUTSU_PEER_PYTHON=…/python` names a Python that has pandas, pyarrow and ChannelAttribution (of the GPL, so never a
dependency): then that shares out the same paths too and reads their touches from Parquet, and the ratios of times are
printed.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Callable

import numpy as np

from app.measurement import judge_ads
from app.measurement.credit import Ending, Rule, arrange_paths, share_credit
from app.measurement.removal import removal_effects
from tests.bench import credit_peer
from tests.bench.ratio import Ratio, fastest
from tests.measurement.campaigns import Design, draw_campaign

ADS, APPLICANTS = 100, 20_000
PATHS = 1_000_000
FASTER = {20: 14, 200: 150}
"""How many times as fast as the peer credit should be shared, by the number of rows."""
RULES = (Rule.FIRST, Rule.LAST, Rule.LINEAR)
PEER = os.environ.get("KUTSU_PEER_PYTHON")


def run() -> list[Ratio]:
    """Credit is shared in a process of its own, whose peak of memory is its own too."""
    found = [Ratio(f"judging {ADS} ads on {APPLICANTS:,} applications, in ms", 1000 * fastest(judging()), at_most=100)]
    for rows, times in FASTER.items():
        seconds, peak = said_by(sys.executable, "-m", "tests.bench.bench_measurement", str(rows))
        what = f"credit of {PATHS:,} paths among {rows} rows by Markov and three rules"
        found.append(Ratio(f"{what}: peak of memory, in MB", peak, at_most=300))
        if PEER:
            peers, reading = said_by(PEER, credit_peer.__file__, str(PATHS), str(rows))
            found.append(Ratio(f"{what}: ChannelAttribution's time / ours", peers / seconds, at_least=times))
            found.append(Ratio(f"{what}: our time / reading the touches from Parquet", seconds / reading, at_most=3))
    return found


def judging() -> Callable[[], object]:
    """Everything between the record's columns and the verdicts."""
    size = APPLICANTS // ADS
    campaign = draw_campaign(Design(ads=ADS, sizes=(size, size), spread=0.5, untraced=0), np.random.default_rng(1))
    return lambda: judge_ads(campaign.people, np.ones(ADS))


def share_credits(rows: int) -> tuple[float, float]:
    """Seconds from touches in memory to the credits, and the peak of memory in MB."""
    person, row, converted = credit_peer.draw_paths(PATHS, rows)
    person, row = person.astype(np.int32), row.astype(np.int32)
    order, ending = np.arange(len(row)), np.where(converted, Ending.CONVERTED, Ending.NULL).astype(np.int8)

    def share() -> None:
        paths = arrange_paths(person, row, order, ending, rows)
        removal_effects(paths, resamples=0)
        of_converted = paths.of_converted()
        for rule in RULES:
            share_credit(of_converted, rule)

    return fastest(share, 3), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def said_by(*command: str) -> list[float]:
    """The numbers in the last line that a program prints."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return [float(word) for word in done.stdout.splitlines()[-1].split()]


if __name__ == "__main__":
    print(*share_credits(int(sys.argv[1])))
