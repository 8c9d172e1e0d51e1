"""A speed compared with a bare reference on the same machine, in the same run."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """How one measured thing compares with its reference: it has a most or a least it should be."""

    name: str
    value: float
    at_most: float | None = None
    at_least: float | None = None

    def __post_init__(self) -> None:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError(f"{self.name}: give either at_most or at_least.")

    @property
    def target(self) -> str:
        """The target as a person reads it."""
        return f"<= {self.at_most:g}" if self.at_most is not None else f">= {self.at_least:g}"

    @property
    def met(self) -> bool:
        """Whether the value reaches its target."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return self.at_least is not None and self.value >= self.at_least


def fastest(action: Callable[[], object], times: int = 5, clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds of the fastest of several runs, which disturbance by others lengthens least."""
    return min(_seconds(action, clock) for _ in range(times))


def _seconds(action: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    action()
    return clock() - start
