"""Which stage a name in four languages speaks of."""

import csv
from pathlib import Path

import pytest

from app.funnel.stage import STAGES, Stage
from app.intake.stage_proposal import propose_stage

with Path(__file__).with_name("stage_names.csv").open(encoding="utf-8", newline="") as file:
    NAMES = [(row["name"], STAGES.get(row["stage"])) for row in csv.DictReader(file)]
"""Names as recruiters give them, each with the stage that it tells; none where a person has to decide."""


@pytest.mark.parametrize(("name", "stage"), NAMES)
def test_a_name_tells_its_stage_or_is_left_to_a_person(name: str, stage: Stage | None) -> None:
    assert propose_stage("In process", name) == stage
    assert propose_stage(None, f"  {name.upper()} ") == stage


@pytest.mark.parametrize("name", ["", "???", "Palkattu tai aloittanut", "Tarjous ja haastattelu"])
def test_a_name_that_says_nothing_or_two_things_is_left_to_a_person(name: str) -> None:
    assert propose_stage("In process", name) is None


@pytest.mark.parametrize(
    ("vendor_type", "stage"),
    [
        ("Inbox", Stage.APPLIED), ("Hired", Stage.HIRED), ("Screening", Stage.SCREENED),
        ("Interview", Stage.INTERVIEW), ("Offer", Stage.OFFER), (" hired ", Stage.HIRED),
    ],
)  # fmt: skip
def test_a_type_that_says_what_a_stage_is_goes_before_its_name(vendor_type: str, stage: Stage) -> None:
    assert propose_stage(vendor_type, "Haastattelu, tarjous tai mitä vain") == stage
