"""Turns at SQLite's one write lock among the threads of a process: first come, first served, but that who commits for
many goes before those who write for one.

SQLite lets whoever happens to ask when it is free have it, and those who wait ask ever more seldom: among many, one
may wait until its time is over.
"""

import threading
from collections import deque
from weakref import WeakValueDictionary


class Turns:
    """A lock that is handed on in the order in which it was asked for, but to whoever is to go first before all others.
    It asks anew only after it has given its turn on, so between two of its turns somebody else has one."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._is_taken = False

    def take(self, seconds: float, *, first: bool = False) -> bool:
        """Wait for a turn, at most for so long; whether it came. Whoever took one gives it on."""
        mine = threading.Lock()
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine.acquire()
            self._waiting.insert(0 if first else len(self._waiting), mine)
        if mine.acquire(timeout=seconds):
            return True
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        return True  # it came at the last moment

    def give(self) -> None:
        """Hand the lock on to who has waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


_guard = threading.Lock()
_turns: WeakValueDictionary[str, Turns] = WeakValueDictionary()


def turns_at(file: str) -> Turns:
    """The turns at one file, the same for all in this process who write to it."""
    with _guard:
        turns = _turns.get(file)
        if turns is None:
            turns = _turns[file] = Turns()
        return turns
