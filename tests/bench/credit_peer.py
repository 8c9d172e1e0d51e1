"""Paths for the bench of credit; run as a program, it shares them out by ChannelAttribution and prints the seconds.

It runs in a Python that may have nothing of Kutsu's.
"""

import sys
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


if __name__ == "__main__":
    print(share_by_the_peer(int(sys.argv[1]), int(sys.argv[2])))
