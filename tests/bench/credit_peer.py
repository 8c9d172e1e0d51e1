"""Paths for the bench of credit; run as a program, it shares them out by ChannelAttribution, reads the touches they are
made of from Parquet, and prints the seconds of both.

It runs in a Python that may have nothing of Kutsu's.
"""

import sys
import tempfile
import time

import numpy as np


def draw_paths(paths: int, rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whose each touch is and of which row, in order, and which paths converted: one in five, of 1 to 5 touches."""
    rng = np.random.default_rng(1)
    lengths = rng.integers(1, 6, paths)
    row = rng.integers(0, rows, lengths.sum())
    return np.repeat(np.arange(paths), lengths), row, rng.random(paths) < 0.2


def share_by_the_peer(paths: int, rows: int) -> float:
    """Seconds for its three simple rules and its Markov chain of order one, from paths that are ready to read."""
    import ChannelAttribution
    import pandas

    person, row, converted = draw_paths(paths, rows)
    ends = np.cumsum(np.bincount(person))
    names = [f"c{one}" for one in row]
    told = [" > ".join(names[begin:end]) for begin, end in zip([0, *ends[:-1]], ends, strict=True)]
    counts = {"converted": converted.astype(int), "null": (~converted).astype(int)}
    table = pandas.DataFrame({"path": told, **counts})
    start = time.perf_counter()
    ChannelAttribution.heuristic_models(table, "path", "converted")
    ChannelAttribution.markov_model(table, "path", "converted", var_null="null", order=1, ncore=1)
    return time.perf_counter() - start


def read_touches(paths: int, rows: int) -> float:
    """Seconds to read the touches: whose each is, when it was, and the name of its row."""
    import pyarrow
    import pyarrow.parquet

    person, row, _converted = draw_paths(paths, rows)
    instant = pyarrow.array(np.arange(len(row)) * 60_000_000, pyarrow.timestamp("us"))
    table = pyarrow.table({"person": person, "at": instant, "row": [f"row {one}" for one in row]})
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/touches.parquet"
        pyarrow.parquet.write_table(table, path)
        seconds = []
        for _turn in range(5):
            start = time.perf_counter()
            pyarrow.parquet.read_table(path)
            seconds.append(time.perf_counter() - start)
    return min(seconds)


if __name__ == "__main__":
    size = int(sys.argv[1]), int(sys.argv[2])
    print(share_by_the_peer(*size), read_touches(*size))
