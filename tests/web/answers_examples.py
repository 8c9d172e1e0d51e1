"""Answers made by hand, the pretty and the ugly, so that pages are tried on more than the demo shows."""

import datetime as dt
import uuid
from typing import Any

from app.reports.answers import (
    Bounds,
    Brought,
    Conversion,
    Cost,
    CostPer,
    Credit,
    Data,
    DaysToStage,
    Effectiveness,
    Estimate,
    Funnel,
    IncidencePoint,
    Lift,
    Needs,
    OutCounts,
    Reason,
    Row,
    StageRow,
    Totals,
    Touched,
)

NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
SYSTEM = "teamtailor:1"
DATA = Data(version=7, through={SYSTEM: dt.datetime(2026, 11, 22, 0, 0, tzinfo=dt.UTC)}, unmapped_applications=0)
NOTHING_READ = Data(version=0, through={}, unmapped_applications=0)
NO_COST = CostPer(estimate=None, low=None, high=None, currency=None, why="not_recorded")
TOO_EARLY = Estimate(estimate=None, low=None, high=None, why="too_early")
LONG_NAME = (
    "Yhteisötyöpajojen ja terveysasemien esittelykierroksen kutsukirje yleislääketieteen erikoistuville "
    "(toinen painos, suunnattu uudelleen Erikoistumiskoulutusjärjestelmäuudistuksen jälkeen)"
)


def key_of(n: int) -> str:
    return str(uuid.UUID(int=n))


def row(label: str, counts: tuple[int, int, int, int], **parts: Any) -> Row:
    applications, reached, out, pending = counts
    share = reached / applications if applications else None
    made: dict[str, Any] = {
        "row": "known", "key": key_of(abs(hash(label)) % 10**6), "label": label, "costs": [],
        "reached_bounds": Bounds(least=reached, most=reached + 5),
        "touched": Touched(first=reached, last=reached, any=reached),
        "credit": Credit(model="last", value=float(reached), low=None, high=None),
        "conversion": Conversion(
            estimate=share, low=None if share is None else share * 0.7,
            high=None if share is None else min(1, share * 1.3), horizon_days=120,
        ),
        "expected_reached": TOO_EARLY, "lift": None,
        "brought": Brought(estimate=None, low=None, high=None, why="not_recorded", level=0.9),
        "reached_because": Estimate(estimate=None, low=None, high=None, why="not_recorded"),
        "cost_per_reached_because": NO_COST, "verdict": None, "reason": None, "needs": None,
        "cost_per_reached": NO_COST,
    }  # fmt: skip
    return Row(applications=applications, reached=reached, out=out, pending=pending, **{**made, **parts})


def lift(estimate: float, low: float, high: float) -> Lift:
    return Lift(estimate=estimate, low=low, high=high, probability_better=0.8, horizon_days=120)


def between(estimate: float, low: float, high: float) -> Estimate:
    return Estimate(estimate=estimate, low=low, high=high)


def euros(amount: int, basis: Any = "invoiced") -> list[Cost]:
    return [Cost(amount=f"{amount}.00", currency="EUR", basis=basis)]


def reason(code: str, **params: Any) -> Reason:
    return Reason(code=code, params=params, text="")


NO_LIFT = Lift(estimate=None, low=None, high=None, why="too_few", probability_better=None, horizon_days=120)

NEWSLETTER = row(
    "Newsletter “No night duty”", (61, 24, 22, 15), key=key_of(1), code="h7k2mq", costs=euros(300),
    expected_reached=between(29.6, 27, 33), lift=lift(0.86, 0.32, 1.52), verdict="moved",
    reason=reason("better", applicants=61, observed=24, expected=13.6, probability=0.97, threshold=0.91),
    cost_per_reached=CostPer(estimate="12.50", low="9.00", high="18.00", currency="EUR"),
)  # fmt: skip
POSTER = row(
    "Tram-stop poster, Kallio", (6, 3, 1, 2), key=key_of(2), code="p4w9xk", costs=euros(1900),
    expected_reached=between(3.6, 3, 5), lift=lift(0.18, -0.2, 0.7), verdict="cannot_tell",
    reason=reason("too_few", applicants=6, observed=3, expected=2.1),
    needs=Needs(applications=14, weeks=4, capped=False),
    cost_per_reached=CostPer(estimate="633.33", low="380.00", high="1000.00", currency="EUR"),
)  # fmt: skip
SEARCH = row(
    "Search ad, brand",
    (118, 19, 74, 25),
    key=key_of(3),
    costs=euros(4200, "booked"),
    expected_reached=between(23.4, 21, 27),
    lift=lift(-0.11, -0.3, 0.08),
    verdict="did_not_move",
    reason=reason("no_different", applicants=118, observed=19, expected=20.9, probability=0.93, threshold=0.9),
)
EVENT = row(
    "Virtual evening with the health-station doctors, March",
    (74, 26, 31, 17),
    key=key_of(4),
    costs=euros(2400),
    expected_reached=between(31, 28, 35),
    lift=lift(0.61, 0.18, 1.13),
    verdict="moved",
    reason=reason("better", applicants=74, observed=26, expected=16.9),
    turned_by_one=True,
)
VIDEO = row(
    "“My first year”, video",
    (39, 4, 24, 11),
    key=key_of(5),
    costs=euros(6800),
    expected_reached=between(5.5, 4, 8),
    lift=lift(-0.46, -0.68, -0.18),
    verdict="did_not_move",
    reason=reason("worse", applicants=39, observed=4, expected=8.2),
)
INTERVIEW = row(
    "Interview with Dr Lehtinen",
    (22, 7, 6, 9),
    key=key_of(6),
    costs=euros(850, "planned"),
    expected_reached=between(9.1, 7, 12),
    lift=lift(0.34, -0.12, 1.02),
    verdict="cannot_tell",
    reason=reason("unclear", applicants=22, observed=7, expected=5.2),
    needs=Needs(applications=38, weeks=9, capped=False),
)
DISPLAY = row(
    "Display ad, medical journal",
    (3, 0, 0, 3),
    key=key_of(7),
    costs=euros(1200),
    lift=NO_LIFT,
    verdict="cannot_tell",
    reason=reason("too_early", applicants=3),
    needs=Needs(applications=0, weeks=6, capped=False),
)
RADIO = row(
    "Radio spot, morning hours",
    (0, 0, 0, 0),
    key=key_of(8),
    costs=euros(5200),
    lift=NO_LIFT,
    verdict="cannot_tell",
    reason=reason("no_applicants", applicants=0),
    needs=Needs(applications=None, weeks=None, capped=True),
)
UNKNOWN = row("Unknown source", (158, 31, 84, 43), row="unknown", key=None, expected_reached=between(37.2, 34, 42))
PARTLY = row(
    "Partly traced: channel known, placement not",
    (21, 5, 9, 7),
    row="partly_traced",
    key=None,
    expected_reached=between(6.2, 5, 8),
)
UNMATCHED = row("Unmatched codes", (9, 2, 4, 3), row="unmatched", key=None, expected_reached=between(2.6, 2, 4))
REST = [UNKNOWN, PARTLY, UNMATCHED]


def effectiveness(rows: list[Row], data: Data = DATA, *, overlapping: bool = False) -> Effectiveness:
    """An answer of these rows; each person has one application."""
    counts = {name: sum(getattr(one, name) for one in rows) for name in ("applications", "reached", "out", "pending")}
    known = sum(one.applications for one in rows if one.row == "known")
    share = known / counts["applications"] if counts["applications"] else None
    totals = Totals(people=counts["applications"], traced_share=share, **counts)
    shared = 2 if overlapping else 0
    totals = totals.model_copy(update={"applications": totals.applications - shared})
    return Effectiveness(scope={}, data=data, totals=totals, overlapping=overlapping, shared=shared, rows=rows)


def crowd(n: int) -> list[Row]:
    kinds = (NEWSLETTER, SEARCH, POSTER, INTERVIEW, VIDEO, DISPLAY)
    return [
        kinds[i % 6].model_copy(update={"key": key_of(100 + i), "label": f"{kinds[i % 6].label} {i + 1}"})
        for i in range(n)
    ]


CITY = effectiveness([NEWSLETTER, POSTER, SEARCH, EVENT, VIDEO, INTERVIEW, DISPLAY, RADIO, *REST])
EMPTY_REST = [one.model_copy(update={"applications": 0, "reached": 0, "out": 0, "pending": 0}) for one in REST]
EFFECTIVENESS = {
    "city": CITY,
    "empty": effectiveness([RADIO, *EMPTY_REST], NOTHING_READ),
    "nothing planned": effectiveness(EMPTY_REST, NOTHING_READ),
    "all too early": effectiveness(
        [DISPLAY.model_copy(update={"label": f"Poster {n}", "key": key_of(50 + n)}) for n in range(4)] + EMPTY_REST
    ),
    "one applicant": effectiveness(
        [row("Poster, main railway station", (1, 0, 0, 1), key=key_of(9), lift=NO_LIFT, verdict="cannot_tell",
             reason=reason("too_few", applicants=1), needs=Needs(applications=71, weeks=None, capped=False)),
         *EMPTY_REST]
    ),
    "sixty rows": effectiveness([*crowd(60), *REST]),
    "long names": effectiveness(
        [NEWSLETTER.model_copy(update={"label": LONG_NAME}),
         POSTER.model_copy(update={"label": "Lääkäripäivystysvapaaviikonloppujärjestelykampanjajuliste" * 2,
                                   "costs": [*euros(123456789), *euros(1, "planned")]}),
         SEARCH.model_copy(update={"lift": lift(6.5, -0.95, 11)}),
         *REST]
    ),
    "markup": effectiveness([NEWSLETTER.model_copy(update={"label": "</script><b>Poster</b>"}), *REST]),
    "overlapping": effectiveness([NEWSLETTER, SEARCH, *REST], overlapping=True),
    "barely moved": effectiveness(
        [NEWSLETTER.model_copy(update={"lift": lift(0.34, -0.02, 0.8)}), SEARCH, VIDEO, *REST]
    ),
    "nothing traced": effectiveness([UNKNOWN, PARTLY, UNMATCHED]),
}  # fmt: skip


def stage_row(stage: str, reached: int, out: tuple[int, int], pending: int, **parts: Any) -> StageRow:
    rejected, withdrawn = out
    return StageRow(
        stage=stage, reached=reached, out=OutCounts(rejected=rejected, withdrawn=withdrawn), pending=pending, **parts
    )


def curve(*shares: float, followed: int = 400) -> list[IncidencePoint]:
    days = (30, 60, 90, 120, 180)
    return [
        IncidencePoint(
            day=day,
            estimate=share,
            low=share * 0.85,
            high=min(1, share * 1.16),
            at_risk=followed // (n + 1),
            followed=followed - 60 * n,
        )
        for n, (day, share) in enumerate(zip(days, shares, strict=True))
    ]


def days(median: float, low: float, high: float) -> DaysToStage:
    return DaysToStage(median=median, low=low, high=high)


NO_DAYS = DaysToStage(median=None, low=None, high=None, why="too_early")
CITY_FUNNEL = Funnel(
    scope={}, data=DATA,
    totals=Totals(people=412, applications=431, reached=96, out=210, pending=125, traced_share=0.63),
    stages=[
        stage_row("applied", 431, (72, 18), 41, conversion_from_previous=between(1, 1, 1),
                  conversion_from_start=between(1, 1, 1), days_to_stage=NO_DAYS, incidence=[]),
        stage_row("screened", 300, (96, 24), 84, conversion_from_previous=between(0.76, 0.72, 0.8),
                  conversion_from_start=between(0.76, 0.72, 0.8), days_to_stage=days(12, 10, 14),
                  incidence=curve(0.58, 0.7, 0.74, 0.76, 0.77)),
        stage_row("interview", 96, (14, 7), 23, conversion_from_previous=between(0.39, 0.33, 0.45),
                  conversion_from_start=between(0.29, 0.25, 0.34), days_to_stage=days(34, 29, 41),
                  incidence=curve(0.09, 0.2, 0.26, 0.29, 0.31)),
        stage_row("offer", 52, (3, 9), 6, conversion_from_previous=between(0.61, 0.5, 0.71),
                  conversion_from_start=between(0.17, 0.13, 0.21), days_to_stage=days(63, 55, 72),
                  incidence=curve(0.01, 0.06, 0.12, 0.17, 0.19)),
        stage_row("hired", 34, (0, 2), 12, conversion_from_previous=between(0.72, 0.58, 0.83),
                  conversion_from_start=between(0.12, 0.09, 0.16), days_to_stage=days(81, 70, 95),
                  incidence=curve(0, 0.03, 0.08, 0.12, 0.14)),
        stage_row("started", 20, (0, 0), 20, conversion_from_previous=TOO_EARLY, conversion_from_start=TOO_EARLY,
                  days_to_stage=NO_DAYS, incidence=[
                      IncidencePoint(day=day, estimate=None, low=None, high=None, at_risk=2, followed=400 - 60 * n,
                                     why="too_early")
                      for n, day in enumerate((30, 60, 90, 120, 180))]),
    ],
)  # fmt: skip


def bare_funnel(applied: int) -> Funnel:
    """Everybody has only just applied."""
    return Funnel(
        scope={}, data=DATA if applied else NOTHING_READ,
        totals=Totals(people=applied, applications=applied, reached=0, out=0, pending=applied,
                      traced_share=1.0 if applied else None),
        stages=[
            stage_row(stage, applied if stage == "applied" else 0, (0, 0), applied if stage == "applied" else 0,
                      conversion_from_previous=TOO_EARLY, conversion_from_start=TOO_EARLY, days_to_stage=NO_DAYS,
                      incidence=[])
            for stage in ("applied", "screened", "interview", "offer", "hired", "started")
        ],
    )  # fmt: skip


FUNNELS = {"city": CITY_FUNNEL, "empty": bare_funnel(0), "one applicant": bare_funnel(1)}
