"""How often the answer to "did it bring people?" is right over simulated records; few in the tests, many in proofs."""

from dataclasses import dataclass

import numpy as np

from app.measurement.brought import measure_brought
from app.measurement.reasons import BroughtCode
from tests.measurement.figures import Rate
from tests.measurement.records import RecordDesign, draw_record


@dataclass(frozen=True, slots=True)
class ArrivalRates:
    """covered: numbers whose interval holds the truth; told: placements that get a number; any_false: records in
    which some placement that brings nobody is said to; found: records whose last placement is said to."""

    covered: Rate
    told: Rate
    any_false: Rate
    found: Rate


def rates_of_arrivals(design: RecordDesign, count: int, seed: int = 1) -> ArrivalRates:
    """Over so many records; those of the last placement alone where the others bring nobody and it brings some."""
    generator = np.random.default_rng(seed)
    covered, told, any_false, found = [], [], [], []
    groups = [[number] for number in range(design.placements)]
    for number in range(count):
        record = draw_record(design, generator)
        answers = measure_brought(record.flights, groups, seed=number)
        truths = list(zip(answers, record.brought.tolist(), strict=True))
        covered += [
            one.low <= truth <= one.high for one, truth in truths if one.low is not None and one.high is not None
        ]
        told += [one.estimate is not None for one in answers]
        any_false.append(any(one.code is BroughtCode.MORE for one, truth in truths if truth <= 0))
        found.append(answers[-1].code is BroughtCode.MORE)
    return ArrivalRates(Rate.of(covered), Rate.of(told), Rate.of(any_false), Rate.of(found))
