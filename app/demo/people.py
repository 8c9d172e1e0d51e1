"""The persons behind the applications: who applied twice, who never did, and what they are called.

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
    """A made-up person; somebody who never applied and was never found is not known to the ATS."""

    id: int
    first_name: str
    last_name: str
    email: str
    known_to_ats: bool


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


def invent_persons(rng: np.random.Generator, count: int, *, first_id: int, known_to_ats: bool = True) -> list[Person]:
    """So many persons with names drawn anew; the number in an address keeps two of one name apart."""
    firsts, lasts = ([start + end for start in starts for end in ends] for starts, ends in (_FIRST, _LAST))
    persons = []
    for person_id in range(first_id, first_id + count):
        first, last = (names[int(rng.integers(len(names)))] for names in (firsts, lasts))
        mailbox = f"{first}.{last}.{person_id}".lower().replace("ä", "a")
        persons.append(Person(person_id, first, last, f"{mailbox}@{MAIL}", known_to_ats))
    return persons
