"""Journeys written down by hand."""

import numpy as np

from app.measurement import Cause, Journeys


def journeys_of(*groups: tuple[int, int, Cause, int]) -> Journeys:
    """Journeys from groups of (how many, days waited, how it ended, days of follow-up)."""
    rows = [(wait, cause, follow_up) for count, wait, cause, follow_up in groups for _ in range(count)]
    wait, cause, follow_up = zip(*rows, strict=True) if rows else ((), (), ())
    return Journeys(np.array(wait, dtype=np.int32), np.array(cause, dtype=np.int8), np.array(follow_up, dtype=np.int32))


def codes_of(*groups: tuple[int, int]) -> "np.typing.NDArray[np.int32]":
    """Codes from groups of (how many, code)."""
    return np.concatenate([np.full(count, code, dtype=np.int32) for count, code in groups])
