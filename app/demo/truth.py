"""What each placement of the city truly does, kept apart from all that the service is shown."""

import datetime as dt
import enum
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass


class Kind(enum.StrEnum):
    """What the truth about a placement is, as far as anybody could find it out.

    mover    applicants go much further, and there are enough of them to see it
    weak     they go a little further
    null     nothing at all
    harmful  it brings many who go nowhere
    few      so few applicants that nothing can be told, whatever it does
    """

    MOVER = "mover"
    WEAK = "weak"
    NULL = "null"
    HARMFUL = "harmful"
    FEW = "few"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a placement does to the share of its applicants who ever reach an interview, and whom it brings.

    relative   that share, over the share among applicants of the same specialties without the placement
    coded      least and most applicants whose application carries the placement's code
    traced     the share of all its applicants who carry it, the same whatever becomes of them
    mistyped   whether part of it was printed with a wrong code
    """

    kind: Kind
    relative: float
    coded: tuple[int, int]
    traced: float
    mistyped: bool = False


EFFECTS: Mapping[str, Effect] = {
    "stop-sleep": Effect(Kind.FEW, 1.5, (4, 8), 0.5),
    "stop-patient": Effect(Kind.FEW, 1.0, (4, 9), 0.5, mistyped=True),
    "tube-five": Effect(Kind.NULL, 1.0, (26, 34), 0.7),
    "meta-alone": Effect(Kind.HARMFUL, 0.35, (60, 72), 0.75),
    "news-slot": Effect(Kind.HARMFUL, 0.45, (36, 44), 0.75),
    "radio-left": Effect(Kind.FEW, 1.0, (3, 7), 0.35),
    "journal-pencil": Effect(Kind.FEW, 1.2, (5, 12), 0.5),
    "search-pay": Effect(Kind.NULL, 1.0, (46, 58), 0.85),
    "linkedin-chain": Effect(Kind.MOVER, 2.0, (70, 84), 0.8),
    "board-part-time": Effect(Kind.HARMFUL, 0.5, (44, 54), 0.8),
    "letter-evening": Effect(Kind.WEAK, 1.3, (26, 34), 0.85),
    "article-left": Effect(Kind.FEW, 1.0, (8, 16), 0.8),
    "page-week": Effect(Kind.FEW, 1.0, (10, 18), 0.8),
    "card-colleague": Effect(Kind.WEAK, 1.4, (22, 30), 0.65),
    "search-days": Effect(Kind.NULL, 1.0, (24, 32), 0.85),
    "letter-residents": Effect(Kind.MOVER, 2.1, (70, 84), 0.85),
    "evening-residents": Effect(Kind.FEW, 1.0, (10, 20), 0.75),
    "board-rotation": Effect(Kind.FEW, 0.8, (4, 10), 0.5),
    "linkedin-certificate": Effect(Kind.NULL, 1.0, (36, 46), 0.8),
    "site-research": Effect(Kind.FEW, 1.0, (4, 10), 0.8),
    "evening-licence": Effect(Kind.MOVER, 2.4, (66, 80), 0.8),
    "tube-route": Effect(Kind.NULL, 1.0, (26, 34), 0.7),
    "meta-steps": Effect(Kind.FEW, 0.8, (12, 22), 0.75),
    "board-first-post": Effect(Kind.FEW, 1.0, (5, 14), 0.8),
}
"""By the placement's key. An effect changes who comes: it acts on the share that ever reaches an
interview and leaves the speed alone."""

BASE_RATES: Mapping[str, float] = {
    "general_practice": 0.24,
    "resident_general_practice": 0.26,
    "other_specialty": 0.2,
    "unspecialised": 0.14,
}
"""Share of the applicants of a specialty who ever reach an interview when no placement changed who came."""


@dataclass(frozen=True, slots=True)
class PlacementTruth:
    """One placement's truth: `relative_effect` 1 is no effect at all; `base_rate` is its own applicants' rate
    without it."""

    code: str
    name: str
    kind: Kind
    relative_effect: float
    expected_traced: int
    base_rate: float


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one city, by tracking code."""

    seed: int
    today: dt.date
    placements: Mapping[str, PlacementTruth]

    def of_kind(self, kind: Kind) -> tuple[PlacementTruth, ...]:
        return tuple(placement for placement in self.placements.values() if placement.kind is kind)

    def to_json(self) -> str:
        """As a text that `read_truth` reads back and that people can compare a report with."""
        content = {
            "seed": self.seed,
            "today": self.today.isoformat(),
            "stage": "interview",
            "placements": [asdict(placement) for placement in self.placements.values()],
        }
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def read_truth(text: str) -> Truth:
    """A truth from the text that it was written to."""
    content = json.loads(text)
    placements = (
        PlacementTruth(**{**placement, "kind": Kind(placement["kind"])}) for placement in content["placements"]
    )
    return Truth(
        content["seed"],
        dt.date.fromisoformat(content["today"]),
        {placement.code: placement for placement in placements},
    )
