"""On which line of a TOML text a value stands, so that a wrong file can be put right without searching."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)([^\]]*)\]")
_PAIR = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w\s.-])+?)\s*=""")
_KEY = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")
_DELIMITERS = ('"""', "'''")


def find_lines(text: str) -> dict[Path, int]:
    """The line, from 1, of every table and key of a TOML text; what is inside a value is on its key's line."""
    lines: dict[Path, int] = {}
    table: Path = ()
    counts: dict[Path, int] = {}
    rest = _Rest()
    for number, line in enumerate(text.split("\n"), 1):
        if rest.goes_on:
            rest.read(line)
        elif header := _HEADER.match(line):
            table = _enter(_keys(header[2]), is_array=header[1] == "[[", counts=counts)
            _note(lines, table, number)
        elif pair := _PAIR.match(line):
            _note(lines, table + _keys(pair[1]), number)
            rest.read(line[pair.end() :])
    return lines


def line_of(path: Sequence[str | int], lines: Mapping[Path, int]) -> int:
    """The line of a value, or of the nearest thing around it that the text has."""
    for length in range(len(path), 0, -1):
        if tuple(path[:length]) in lines:
            return lines[tuple(path[:length])]
    return 1


def _note(lines: dict[Path, int], path: Path, number: int) -> None:
    for length in range(1, len(path) + 1):
        lines.setdefault(path[:length], number)


def _keys(dotted: str) -> Path:
    return tuple("".join(found) for found in _KEY.findall(dotted))


def _enter(keys: Path, *, is_array: bool, counts: dict[Path, int]) -> Path:
    """The table that a header opens: its keys, with the number of the current entry after each array."""
    path: Path = ()
    for key in keys[:-1]:
        path += (key,)
        if path in counts:
            path += (counts[path],)
    path += keys[-1:]
    if is_array:
        counts[path] = counts.get(path, -1) + 1
    return (*path, counts[path]) if path in counts else path


class _Rest:
    """What is still open at the end of a line: a text of several lines, or the brackets of an array."""

    def __init__(self) -> None:
        self._delimiter = ""
        self._depth = 0

    @property
    def goes_on(self) -> bool:
        return bool(self._delimiter) or self._depth > 0

    def read(self, line: str) -> None:
        at = 0
        while at < len(line):
            at = self._leave_text(line, at) if self._delimiter else self._read_value(line, at)

    def _leave_text(self, line: str, at: int) -> int:
        escaped = self._delimiter.startswith('"') and line[at] == "\\"
        if escaped or not line.startswith(self._delimiter, at):
            return at + (2 if escaped else 1)
        at += len(self._delimiter)
        self._delimiter = ""
        return at

    def _read_value(self, line: str, at: int) -> int:
        if line[at] == "#":
            return len(line)
        for delimiter in (*_DELIMITERS, '"', "'"):
            if line.startswith(delimiter, at):
                self._delimiter = delimiter
                return at + len(delimiter)
        self._depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(line[at], 0)
        return at + 1
