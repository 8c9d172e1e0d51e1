"""The demo city's verdicts beside its truth: how many movers were found, and what was said wrongly."""

import datetime as dt
import math
from dataclasses import dataclass, field
from pathlib import Path

from app.access.organisation import find_organisation
from app.database import Database
from app.demo.fill import Keys, fill_city
from app.demo.truth import Kind, Truth
from app.intake.sealing import Sealer
from app.migration import migrate
from app.reports.answers import Effectiveness
from app.reports.effectiveness import report_effectiveness
from app.reports.scope import Scope

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
KEYS = Keys(pseudonyms=b"p" * 32, sealer=Sealer([b"s" * 32]))


@dataclass(slots=True)
class Tally:
    """Counts over one city or several; `judged` are the placements whose verdict is not *cannot tell*."""

    cities: int = 0
    placements: int = 0
    movers: int = 0
    movers_found: int = 0
    not_movers: int = 0
    false_movers: int = 0
    cities_with_false_mover: int = 0
    judged: int = 0
    wrong_sign: int = 0
    cannot_tell: int = 0
    said: list[str] = field(default_factory=list)

    def add(self, answer: Effectiveness, truth: Truth) -> None:
        """Count one city. A mover doubles the rate or more; what leaves it as it is, or lowers it, is none."""
        self.cities += 1
        false_before = self.false_movers
        for row in answer.rows:
            true = truth.placements.get(row.code or "")
            if true is None:  # what is nobody's, and what is planned ahead
                continue
            self.placements += 1
            self.movers += true.kind is Kind.MOVER
            self.movers_found += true.kind is Kind.MOVER and row.verdict == "moved"
            self.not_movers += true.relative_effect <= 1
            self.false_movers += true.relative_effect <= 1 and row.verdict == "moved"
            self.cannot_tell += row.verdict == "cannot_tell"
            self.judged += row.verdict != "cannot_tell"
            self.wrong_sign += _is_wrong(row.verdict, row.reason.code if row.reason else "", true.relative_effect)
            self.said.append(f"{true.kind} ×{true.relative_effect}: {row.verdict} ({row.applications}, {row.reached})")
        self.cities_with_false_mover += self.false_movers > false_before


def _is_wrong(verdict: str | None, reason: str, effect: float) -> bool:
    """Whether a verdict points away from a true effect of more than a tenth."""
    if verdict == "moved":
        return effect < 0.9
    return verdict == "did_not_move" and effect > 1.1 and (reason == "worse" or effect >= 1.25)


def rate(part: int, whole: int) -> str:
    """A rate with its standard error."""
    if not whole:
        return "none"
    share = part / whole
    return f"{part}/{whole} = {share:.1%} ± {math.sqrt(share * (1 - share) / whole):.1%}"


def judge_city(directory: Path, seed: int) -> tuple[Effectiveness, Truth]:
    """Fill the city of this seed through the connector, over HTTP, and judge its placements."""
    url = f"sqlite:///{directory / f'city{seed}.db'}"
    migrate(url)
    database = Database(url)
    try:
        city = fill_city(database, "City", seed=seed, now=NOW, keys=KEYS)
        with database.reading() as session:
            organisation = find_organisation(session, "City")
        assert organisation is not None
        with database.reading(organisation.id) as session:
            return report_effectiveness(session, Scope(organisation_id=organisation.id, now=NOW)), city.truth
    finally:
        database.close()
