"""What may be asked of the stand-in for Greenhouse; whatever is not documented is refused."""

import base64
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LARGEST_PAGE, USUAL_PAGE, MOST_IDS = 500, 100, 50
WINDOWS = ("created_at", "updated_at")
KEYS: Mapping[str, tuple[str, ...]] = {
    "applications": ("ids", "candidate_ids", "job_ids"),
    "application_stages": ("ids", "application_ids"),
    "offers": ("ids", "application_ids", "job_ids"),
    "rejection_details": ("ids", "application_ids"),
    "candidates": ("ids",),
    "job_interview_stages": ("ids", "job_ids"),
    "jobs": ("ids",),
    "departments": ("ids",),
    "offices": ("ids",),
    "sources": ("ids",),
    "tracking_links": ("ids",),
    "rejection_reasons": ("ids",),
}
"""Each resource with the lists of keys that it takes."""
RESOURCES = frozenset(KEYS)


class Unprocessable(Exception):
    """A question that is refused, and why."""


@dataclass(slots=True)
class HarvestQuestion:
    """What was asked: which rows, how many of them, and after which key, for they come by descending keys."""

    resource: str
    size: int = USUAL_PAGE
    after: int | None = None
    windows: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    keys: dict[str, list[int]] = field(default_factory=dict)

    def select(self, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The rows that were asked for, in their order, and all that come behind them."""
        kept = [row for row in rows if self._holds(row) and (self.after is None or row["id"] < self.after)]
        return sorted(kept, key=lambda row: -row["id"])

    def _holds(self, row: Mapping[str, Any]) -> bool:
        for name, bounds in self.windows.items():
            at = dt.datetime.fromisoformat(row[name])
            for side, bound in bounds:
                instant = dt.datetime.fromisoformat(bound)
                if not (at >= instant if side == "gte" else at <= instant):
                    return False
        return all(row["id" if name == "ids" else name[:-1]] in keys for name, keys in self.keys.items())

    def cursor_after(self, key: int | None) -> str:
        said = [self.resource, self.size, key, self.windows, self.keys]
        return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def read_harvest_question(resource: str, pairs: Sequence[tuple[str, str]]) -> HarvestQuestion:
    """Read the parameters of a request for a list."""
    names = [name for name, _value in pairs]
    if "cursor" in names:
        if len(pairs) > 1:
            raise Unprocessable("A request with a cursor takes no other parameter.")
        return _read_cursor(resource, pairs[0][1])
    question = HarvestQuestion(resource)
    for name, value in pairs:
        if names.count(name) > 1:
            raise Unprocessable(f"{name} is given twice.")
        if name == "per_page":
            question.size = _read_size(value)
        elif name in WINDOWS:
            question.windows[name] = _read_window(name, value)
        elif name in KEYS[resource]:
            question.keys[name] = _read_keys(name, value)
        else:
            raise Unprocessable(f"{name} is not allowed.")
    return question


def _read_cursor(resource: str, text: str) -> HarvestQuestion:
    try:
        said = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        of, size, after, windows, keys = said
    except ValueError:
        raise Unprocessable("The cursor is not valid.") from None
    if of != resource:
        raise Unprocessable("The cursor is of another list.")
    return HarvestQuestion(of, size, after, windows, keys)


def _read_size(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= LARGEST_PAGE):
        raise Unprocessable(f"per_page must be between 1 and {LARGEST_PAGE}.")
    return int(value)


def _read_window(name: str, value: str) -> list[tuple[str, str]]:
    parts = value.split("|")
    bounds = list(zip(parts[::2], parts[1::2], strict=False))
    sides = [side for side, _bound in bounds]
    if len(parts) % 2 or sides not in (["gte"], ["lte"], ["gte", "lte"]):
        raise Unprocessable(f"{name} must be gte|<time>, lte|<time> or gte|<time>|lte|<time>.")
    for _side, bound in bounds:
        try:
            aware = dt.datetime.fromisoformat(bound).tzinfo is not None
        except ValueError:
            aware = False
        if not aware:
            raise Unprocessable(f"{bound} is not a time with an offset.")
    return bounds


def _read_keys(name: str, value: str) -> list[int]:
    keys = value.split(",")
    if len(keys) > MOST_IDS:
        raise Unprocessable(f"{name} takes at most {MOST_IDS} ids.")
    if not all(key.isascii() and key.isdigit() for key in keys):
        raise Unprocessable(f"{name} must be ids separated by commas.")
    return [int(key) for key in keys]
