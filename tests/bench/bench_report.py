"""The whole effectiveness report against the bare SQL that reads its rows."""

import datetime as dt
import hashlib
import sqlite3
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np

from app.access.organisation import create_organisation
from app.database import Database, add_rows, to_micros
from app.funnel.application import Application, Outcome, StageChange, SystemProgress
from app.funnel.stage import OutcomeKind, Stage
from app.funnel.touchpoint import Touchpoint
from app.planning.asset import Asset, AssetClaim, AssetStatus, Format
from app.planning.campaign import Campaign, CampaignKind
from app.planning.channel import Channel, ChannelKind, CostModel
from app.planning.claim import Claim
from app.planning.persona import Persona
from app.planning.placement import Placement, PlacementStatus
from app.planning.row import PlanRow
from app.planning.tracking import ALPHABET
from app.reports.effectiveness import report_effectiveness
from app.reports.scope import Scope
from tests.bench.ratio import Ratio, fastest
from tests.support.databases import migrate, sqlite_url

APPLICATIONS = 20_000
TOUCHES_EACH = 3
PLACEMENTS = 100
SPECIALTIES = ("gp", "psychiatry", "surgery", None)
START = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
MICROS_A_DAY = 86_400_000_000
BARE = (
    """SELECT id, system, person_id, applied_at, code, label, host, specialty, current, unmapped FROM application
    WHERE organisation_id = ? ORDER BY applied_at, id""",
    "SELECT application_id, stage, occurred_at, undone_at FROM stage_change WHERE organisation_id = ?",
    "SELECT application_id, kind, occurred_at, undone_at FROM outcome WHERE organisation_id = ?",
    """SELECT person_id, occurred_at, code, label, host FROM touchpoint
    WHERE organisation_id = ? AND person_id IS NOT NULL ORDER BY occurred_at, sequence, id""",
)


def run() -> list[Ratio]:
    """Computed anew each time, by asking for another level; read as any client would, with nothing kept."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "bench.db"
        migrate(sqlite_url(path))
        database = Database(sqlite_url(path))
        organisation = fill(database)
        levels = iter(np.linspace(0.8, 0.9, 100).tolist())
        seconds = fastest(lambda: ask(database, organisation, next(levels)))
        cpu = fastest(lambda: ask(database, organisation, next(levels)), clock=time.process_time)
        bare = fastest(lambda: read_bare(path, organisation))
        database.close()
    size = f"{APPLICATIONS:,} applications, {APPLICATIONS * TOUCHES_EACH:,} touches, {PLACEMENTS} placements"
    return [
        Ratio(f"effectiveness report / bare SQL of its rows ({size})", seconds / bare, at_most=20),
        Ratio("effectiveness report, seconds of CPU", cpu, at_most=1),
    ]


def ask(database: Database, organisation: uuid.UUID, level: float) -> None:
    """The report by placement, as nobody has asked for it before."""
    with database.reading(organisation) as session:
        answer = report_effectiveness(session, Scope(organisation_id=organisation, now=NOW, level=level))
    assert answer.totals.applications == APPLICATIONS


def read_bare(path: Path, organisation: uuid.UUID) -> None:
    """The same rows by plain sqlite3."""
    connection = sqlite3.connect(path)
    for statement in BARE:
        connection.execute(statement, (organisation.hex,)).fetchall()
    connection.close()


def fill(database: Database, seed: int = 1) -> uuid.UUID:
    """A plan and a record of the size above, by plain inserts."""
    rng = np.random.default_rng(seed)
    with database.writing() as session:
        organisation = create_organisation(session, "Bench", now=START).id
    with database.writing(organisation) as session:
        codes = _plan(session)
        _record(session, codes, rng)
        add_rows(session, SystemProgress, [{"system": "hr", "through": to_micros(NOW)}])
    return organisation


def _plan(session: Any) -> list[str]:
    made = {"created_at": START, "updated_at": START}
    campaign = Campaign(name="Bench", kind=CampaignKind.CONTINUOUS, starts_on=START.date(), **made)
    texts: dict[str, Any] = {name: {} for name in ("name", "summary", "situation", "tone", "avoid")}
    lists: dict[str, Any] = {name: [] for name in ("motivations", "worries", "questions", "channels", "evidence")}
    persona = Persona(
        slug="bench", version=1, specialty="gp", career_stage="any", reviewed_on=START.date(), **texts, **lists, **made
    )
    claims = [Claim(slug=f"claim-{n}", factor=f"factor-{n}", text={}, **made) for n in range(8)]
    channels = [
        Channel(name=f"Channel {n}", kind=ChannelKind.SOCIAL, cost_model=CostModel.FIXED, **made) for n in range(12)
    ]
    _add(session, campaign, persona, *claims, *channels)
    codes = []
    for number in range(PLACEMENTS):
        asset = Asset(name=f"Asset {number}", format=list(Format)[number % len(Format)], languages=[], alt_text={},
                      status=AssetStatus.APPROVED, **made)  # fmt: skip
        _add(session, asset)
        session.add_all(
            AssetClaim(asset_id=asset.id, claim_id=claim.id) for claim in claims[number % 8 : number % 8 + 2]
        )
        codes.append(f"a2{ALPHABET[number // 30]}{ALPHABET[number % 30]}bc")
        placement = Placement(
            name=f"Placement {number}", campaign_id=campaign.id, asset_id=asset.id, persona_id=persona.id,
            channel_id=channels[number % 12].id, starts_on=START.date() + dt.timedelta(weeks=number % 50),
            ends_on=START.date() + dt.timedelta(weeks=number % 50 + number % 11 + 3), status=PlacementStatus.ENDED,
            invoiced_cost_minor=100_000, currency="EUR", target_url="https://jobs.example/", tracking_code=codes[-1],
            **made,
        )  # fmt: skip
        _add(session, placement)
    return codes


def _add(session: Any, *rows: PlanRow) -> None:
    session.add_all(rows)
    session.flush()


def _record(session: Any, codes: list[str], rng: np.random.Generator) -> None:
    """A third has no source of its own; a fifth comes to interview, a half of the others goes out."""
    applied = to_micros(START) + (rng.uniform(0, 450, APPLICATIONS) * MICROS_A_DAY).astype(np.int64)
    sources = [codes[n] if n < PLACEMENTS else None for n in rng.integers(0, PLACEMENTS * 3 // 2, APPLICATIONS)]
    fate, waits = rng.random(APPLICATIONS), rng.lognormal(np.log(40), 0.5, APPLICATIONS)
    specialties = rng.integers(0, len(SPECIALTIES), APPLICATIONS)
    applications: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    outcomes: list[dict[str, Any]] = []
    for number, (at, code) in enumerate(zip(applied.tolist(), sources, strict=True)):
        id, then = _key("application", number), at + int(waits[number] * MICROS_A_DAY)
        stages = [Stage.SCREENED, Stage.INTERVIEW, Stage.OFFER][: int(fate[number] * 15) if fate[number] < 0.2 else 1]
        happened = then < to_micros(NOW)
        out = happened and fate[number] > 0.6
        applications.append({
            "id": id, "system": "hr", "person_id": _key("person", number), "applied_at": at, "time_quality": 0,
            "code": code, "label": None if code else f"label {number % 40}", "furthest": 0, "current": 0,
            "specialty": SPECIALTIES[specialties[number]], "unmapped": 0, "observed_at": at, "origin": 8,
            "job_id": None, "host": None, "utm": None, "unit": None, "unit_id": None, "outcome": None,
        })  # fmt: skip
        seen = {
            "time_quality": 0, "observed_at": then, "origin": 8, "application_id": id, "occurred_at": then,
            "undone_at": None,
        }  # fmt: skip
        changes += [
            {"id": _key(stage, number), "stage": int(stage), "stage_ref": None, **seen} for stage in stages if happened
        ]
        if out:
            outcomes.append({"id": _key("out", number), "kind": OutcomeKind.REJECTED.value, "reason": None, **seen})
    add_rows(session, Application, applications)
    add_rows(session, StageChange, changes)
    add_rows(session, Outcome, outcomes)
    add_rows(session, Touchpoint, _touches(applied, codes, rng))


def _touches(applied: Any, codes: list[str], rng: np.random.Generator) -> list[dict[str, Any]]:
    count = APPLICATIONS * TOUCHES_EACH
    before = (rng.uniform(-10, 120, count) * MICROS_A_DAY).astype(np.int64)
    placements = rng.integers(0, PLACEMENTS, count)
    return [
        {
            "id": _key("touch", number), "system": "hr", "person_id": _key("person", number % APPLICATIONS),
            "kind": "self_report", "occurred_at": int(applied[number % APPLICATIONS] - before[number]), "sequence": 0,
            "code": codes[placements[number]], "label": None, "host": None,
            "observed_at": int(applied[number % APPLICATIONS]), "origin": 8,
        }
        for number in range(count)
    ]  # fmt: skip


def _key(*parts: object) -> bytes:
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()
