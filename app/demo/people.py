"""The persons behind the applications: who applied twice, whom no application is known of, and what they are called.

Names are made of syllables and belong to nobody; addresses end in a domain that cannot exist.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.demo.applicants import Applicant

MAIL = "posti.example"
SECOND_APPLICATION_SHARE = 0.06
_SHORTEST_PAUSE = dt.timedelta(days=14)
_FIRST = (
    ("Ilv", "Sen", "Marv", "Tuis", "Ork", "Velj", "Haav", "Nuol"),
    ("ari", "jo", "etta", "kimo", "vali", "amia"),
)
_LAST = (
    ("Kaarna", "Usva", "Sompa", "Hiili", "Viita", "Routa", "Tuohi", "Kaisla"),
    ("kivelä", "vuosto", "ramo", "selkonen", "tiera", "harjamo"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person; `candidate_id` is the ATS's key, or None for somebody who never came there."""

    candidate_id: int | None
    first_name: str
    last_name: str
    email: str


def group_by_person(rng: np.random.Generator, applicants: Sequence[Applicant]) -> list[int]:
    """For each application, in the order of time, the number of its person: some applied once before."""
    persons: list[int] = []
    single: dict[str, list[tuple[dt.datetime, int]]] = {}
    for applicant in applicants:
        earlier = single.setdefault(applicant.specialty, [])
        settled = sum(at <= applicant.applied_at - _SHORTEST_PAUSE for at, _ in earlier)
        if settled and rng.random() < SECOND_APPLICATION_SHARE:
            _, person = earlier.pop(int(rng.integers(settled)))
        else:
            person = max(persons, default=-1) + 1
            earlier.append((applicant.applied_at, person))
        persons.append(person)
    return persons


def invent_persons(rng: np.random.Generator, count: int, first_id: int | None) -> list[Person]:
    """So many persons; with `first_id` the ATS knows them, without it nobody does."""
    parts = [
        rng.integers(0, (len(_FIRST[0]), len(_FIRST[1]), len(_LAST[0]), len(_LAST[1]))) for _ in range(count)
    ]
    return [
        _name(*(int(part) for part in some), number, None if first_id is None else first_id + number)
        for number, some in enumerate(parts)
    ]


def _name(a: int, b: int, c: int, d: int, number: int, candidate_id: int | None) -> Person:
    first, last = _FIRST[0][a] + _FIRST[1][b], _LAST[0][c] + _LAST[1][d]
    mailbox = f"{first}.{last}.{'v' if candidate_id is None else ''}{number}".lower().replace("ä", "a")
    return Person(candidate_id, first, last, f"{mailbox}@{MAIL}")
