"""Intervals of credit by drawing people anew: everything that one person did is drawn together."""

import numpy as np
from numpy.typing import NDArray

from app.measurement.credit import Carried, Floats, Paths, Rule, part_by_person_and_row

RESAMPLES = 500


def draw_people(people: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """How often each of so many people is drawn when as many are drawn with replacement; shape (people,)."""
    return np.bincount(generator.integers(0, max(people, 1), people), minlength=people)


def bootstrap_credit(
    paths: Paths,
    rule: Rule,
    person: NDArray[np.integer],
    *,
    level: float = 0.9,
    seed: int = 0,
    resamples: int = RESAMPLES,
    carried: Carried | None = None,
) -> tuple[Floats, Floats]:
    """Between which credits may each row's lie, had others like these people come?

    person   (paths,) whose each path is, in codes from 0: a person with two applications is drawn with both
    carried  as `credit.share_credit` takes it
    Percentiles of the credit over `resamples` draws of people, paths that are open or untouched among them; both
    results have shape (rows,). Collapses to nothing for a row without credit, where `credit.share_credit` does
    not. The same seed gives the same answer. Source: Efron and Tibshirani 1993, chapter 13.
    """
    from scipy.sparse import csr_array

    path, row, part = part_by_person_and_row(paths, rule, carried)
    rows = carried.rows if carried else paths.rows
    people = int(person.max(initial=-1)) + 1
    parts = csr_array((part, (person[path], row)), shape=(people, rows))
    generator = np.random.default_rng(seed)
    again = np.array([draw_people(people, generator) @ parts for _ in range(resamples)]).reshape(resamples, rows)
    tail = (1 - level) / 2
    low, high = np.quantile(again, [tail, 1 - tail], axis=0)
    return low, high
