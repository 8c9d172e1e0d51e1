"""What may be asked of the stand-in, read from a query string; whatever is not documented is refused."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.demo.documents import RELATIONSHIPS, Record, Shelf

LARGEST_PAGE, USUAL_PAGE = 30, 10
SORT_FIELDS = {"created_at": "created-at", "updated_at": "updated-at", "changed_stage_at": "changed-stage-at"}
SORTS: Mapping[str, tuple[str, ...]] = {
    "job-applications": ("created_at", "updated_at", "changed_stage_at"),
    "candidates": ("created_at", "updated_at"),
    "jobs": ("created_at", "updated_at"),
}
WINDOWS: Mapping[str, tuple[str, ...]] = {
    "job-applications": ("created-at", "updated-at", "changed-stage-at"),
    "candidates": ("created-at", "updated-at"),
}
JOB_STATUSES = ("all", "published", "unlisted", "archived", "draft")

Test = Callable[[Record, Shelf], bool]


class Refusal(Exception):
    """A question that is refused: which parameter, and why."""

    def __init__(self, parameter: str, detail: str) -> None:
        self.parameter = parameter
        self.detail = detail
        super().__init__(detail)


@dataclass(slots=True)
class Question:
    """What was asked: which page of which records, in which order, and with what beside them."""

    resource: str
    number: int = 1
    size: int = USUAL_PAGE
    include: Sequence[str] = ()
    sort: str = "-created_at"
    tests: list[Test] = field(default_factory=list)

    def select(self, shelf: Shelf) -> list[Record]:
        """All records that were asked for, in their order."""
        kept = [
            record
            for record in shelf.records[self.resource].values()
            if all(test(record, shelf) for test in self.tests)
        ]
        name = SORT_FIELDS.get(self.sort.removeprefix("-"), "")
        earliest = dt.datetime.min.replace(tzinfo=dt.UTC)
        return sorted(
            kept,
            key=lambda record: (record.instants.get(name) or earliest, record.id),
            reverse=self.sort.startswith("-") and self.resource in SORTS,
        )


def read_question(resource: str, pairs: Sequence[tuple[str, str]], *, single: bool = False) -> Question:
    """Read the parameters of a request for a list or, with fewer allowed, for a single record."""
    question = Question(resource)
    seen = set()
    for name, value in pairs:
        if name in seen:
            raise Refusal(name, f"{name} is given twice.")
        seen.add(name)
        if name == "include":
            question.include = _read_include(resource, value)
        elif single:
            raise Refusal(name, f"{name} is not allowed.")
        else:
            _read_parameter(question, name, value)
    if resource == "jobs" and not single and "filter[status]" not in seen:
        question.tests.append(_has_status("published"))
    return question


def _read_include(resource: str, value: str) -> list[str]:
    names = value.split(",")
    for name in names:
        if name not in RELATIONSHIPS[resource]:
            raise Refusal("include", f"{name} is not a valid relationship of {resource}.")
    return names


def _read_parameter(question: Question, name: str, value: str) -> None:
    if name == "page[number]":
        question.number = _read_number(name, value, largest=None)
    elif name == "page[size]":
        question.size = _read_number(name, value, largest=LARGEST_PAGE)
    elif name == "sort":
        if value.removeprefix("-") not in SORTS.get(question.resource, ()):
            raise Refusal(name, f"{value} is not a valid sort criteria for {question.resource}.")
        question.sort = value
    else:
        question.tests.append(_read_filter(question.resource, name, value))


def _read_number(name: str, value: str, largest: int | None) -> int:
    if not (value.isascii() and value.isdigit()) or int(value) < 1:
        raise Refusal(name, f"{value} is not a valid value for {name}.")
    if largest is not None and int(value) > largest:
        raise Refusal(name, f"{name} exceeds the maximum of {largest}.")
    return int(value)


def _read_filter(resource: str, name: str, value: str) -> Test:
    for window in WINDOWS.get(resource, ()):
        if name == f"filter[{window}][from]":
            return _is_from(window, _read_instant(name, value))
        if name == f"filter[{window}][to]":
            return _is_to(window, _read_instant(name, value))
    if resource == "jobs" and name == "filter[status]" and value in JOB_STATUSES:
        return _has_status(value)
    if resource == "job-applications" and name == "filter[stage-type]":
        return _is_in_stage_type(value)
    raise Refusal(name, f"{name} is not allowed.")


def _read_instant(name: str, value: str) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(value)
    except ValueError:
        raise Refusal(name, f"{value} is not a valid time for {name}.") from None
    if instant.tzinfo is None:
        raise Refusal(name, f"{value} has no offset.")
    return instant


def _is_from(name: str, bound: dt.datetime) -> Test:
    def test(record: Record, _shelf: Shelf) -> bool:
        instant = record.instants.get(name)
        return instant is not None and instant >= bound

    return test


def _is_to(name: str, bound: dt.datetime) -> Test:
    def test(record: Record, _shelf: Shelf) -> bool:
        instant = record.instants.get(name)
        return instant is not None and instant <= bound

    return test


def _has_status(status: str) -> Test:
    return lambda record, _shelf: status == "all" or record.attributes["status"] == status


def _is_in_stage_type(kind: str) -> Test:
    def test(record: Record, shelf: Shelf) -> bool:
        target = record.points_to["stage"]
        stage = shelf.find("stages", target) if isinstance(target, int) else None
        return stage is not None and stage.attributes["stage-type"] == kind

    return test
