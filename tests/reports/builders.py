"""A city in a few lines: what it planned, who applied and what became of them; then its reports are asked."""

import datetime as dt
import itertools
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from app.access.organisation import TrackingMode, create_organisation, get_organisation
from app.database import Database
from app.funnel.stage import STAGES, Stage
from app.intake.observe import take_in
from app.planning.asset import Asset, AssetClaim, AssetStatus, Format
from app.planning.campaign import Campaign, CampaignKind
from app.planning.channel import Channel, ChannelKind, CostModel
from app.planning.claim import Claim
from app.planning.persona import Factor, FactorKind, Persona
from app.planning.placement import Placement, PlacementPersona, PlacementStatus
from app.planning.tracking import AliasKind, SourceAlias, new_code
from app.reports.answers import Effectiveness, Funnel, Row, Unmatched
from app.reports.effectiveness import report_effectiveness
from app.reports.funnel import report_funnel
from app.reports.scope import By, Filters, Model, Scope, View
from app.reports.unmatched import report_unmatched

SECRET = b"a secret of the tests"
NOW = dt.datetime(2026, 12, 1, 10, tzinfo=dt.UTC)
EARLY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
OUTCOMES = ("rejected", "withdrawn")
_numbers = itertools.count(1)


def instant(text: str) -> dt.datetime:
    """`2026-03-02` is noon UTC of that day; a text with a time is that time."""
    when = dt.datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(hour=when.hour or 12, tzinfo=dt.UTC)


class City:
    """One organisation with its plan and its record. What is told is taken in when it is seen: at `NOW`, unless
    `sees` said otherwise."""

    def __init__(
        self, database: Database, *, time_zone: str = "Europe/Helsinki", parent: uuid.UUID | None = None
    ) -> None:
        self.database = database
        self.zone = ZoneInfo(time_zone)
        self.codes: dict[str, str] = {}
        self.ids: dict[str, uuid.UUID] = {}
        self._told: list[dict[str, Any]] = []
        with database.writing() as session:
            self.id = create_organisation(
                session, f"City {uuid.uuid4().hex}", now=EARLY, time_zone=time_zone,
                tracking_mode=TrackingMode.CONSENTED, parent=get_organisation(session, parent) if parent else None,
            ).id  # fmt: skip

    def places(
        self,
        name: str,
        *,
        code: str | None = None,
        asset: str | None = None,
        format: Format = Format.POSTER,
        channel: str = "Tram stops",
        campaign: str = "Spring",
        persona: str = "young-family",
        also_for: tuple[str, ...] = (),
        claims: tuple[str, ...] = (),
        theme: str | None = None,
        currency: str | None = None,
        runs: tuple[str, str | None] | None = None,
        **costs: int,
    ) -> uuid.UUID:
        """A placement with all that it is made of; what has been named before is used again. A claim is written
        `slug:factor`; `runs` are the days from and to which it went live; costs are `planned`, `booked` and
        `invoiced`, in minor units."""
        code = code or new_code()
        first, last = runs or (EARLY.date().isoformat(), None)
        with self.database.writing(self.id) as session:
            parts = {
                "campaign": self._find(session, Campaign, campaign, kind=CampaignKind.BURST, starts_on=EARLY.date()),
                "channel": self._find_channel(session, channel),
                "asset": self._find(
                    session, Asset, asset or name, format=format, theme=theme, languages=["fi"], alt_text={},
                    status=AssetStatus.APPROVED,
                ),
                "persona": self._find_persona(session, persona),
            }  # fmt: skip
            for claim in claims:
                self._claim(session, asset or name, claim)
            id = self._find(
                session, Placement, name, starts_on=dt.date.fromisoformat(first),
                ends_on=dt.date.fromisoformat(last) if last else None, target_url="https://jobs.example/",
                status=PlacementStatus.LIVE if runs else PlacementStatus.PLANNED, currency=currency,
                tracking_code=code, **{f"{part}_id": key for part, key in parts.items()},
                **{f"{basis}_cost_minor": minor for basis, minor in costs.items()},
            )  # fmt: skip
            session.add_all(
                PlacementPersona(placement_id=id, persona_id=self._find_persona(session, one)) for one in also_for
            )
        self.codes[name] = code
        return id

    def opens_channel(self, name: str) -> uuid.UUID:
        """A channel in which nothing need be placed."""
        with self.database.writing(self.id) as session:
            return self._find_channel(session, name)

    def reads(self, observed: str, *, kind: AliasKind = AliasKind.LABEL, as_: str) -> None:
        """A label or host is said to be a placement or a channel."""
        with self.database.writing(self.id) as session:
            target = "placement_id" if as_ in self.codes else "channel_id"
            key = f"Placement {as_}" if as_ in self.codes else f"Channel {as_}"
            session.add(SourceAlias(kind=kind, observed=observed, created_at=EARLY, updated_at=EARLY,
                                    **{target: self.ids[key]}))  # fmt: skip

    def hears(
        self,
        application: str,
        applied: str,
        *,
        via: str | None = None,
        person: str | None = None,
        specialty: str | None = None,
        unit: str | None = None,
        source: dict[str, str] | None = None,
        **entered: str,
    ) -> None:
        """An application through a placement (or with another source), and the days it came to stages or went out."""
        told = {
            "kind": "application", "at": applied, "application": application, "person": person or f"of {application}",
            "source": {"tracking_code": self.codes[via]} if via else source or {},
        }  # fmt: skip
        if attributes := {name: said for name, said in (("specialty", specialty), ("unit", unit)) if said}:
            told["attributes"] = attributes
        self.tells(told)
        for what, day in entered.items():
            field = "outcome" if what in OUTCOMES else "stage"
            kind = "outcome" if what in OUTCOMES else "stage_change"
            self.tells({"kind": kind, "at": day, "application": application, field: what})

    def touches(self, person: str, day: str, *, via: str | None = None, **said: str) -> None:
        """Somebody met a placement, or something with a code, label or url."""
        said = {"tracking_code": self.codes[via]} if via else said
        self.tells({"kind": "touchpoint", "type": "self_report", "at": day, "person": person, **said})

    def tells(self, *observations: dict[str, Any]) -> None:
        """Observations as a system sends them; an id is made up where there is none, and days become noons."""
        for told in observations:
            self._told.append({"id": f"o{next(_numbers)}", **told, "at": instant(told["at"]).isoformat()})

    def sees(self, when: dt.datetime = NOW) -> None:
        """All that was told so far is taken in at this time."""
        told, self._told = self._told, []
        with self.database.writing(self.id) as session:
            receipt = take_in(session, "hr", told, secret=SECRET, now=when)
        assert receipt.rejected == []

    def effectiveness(self, **asked: Any) -> Effectiveness:
        scope = self.scope(**asked)
        with self.database.reading(self.id) as session:
            return report_effectiveness(session, scope)

    def funnel(self, **asked: Any) -> Funnel:
        scope = self.scope(**asked)
        with self.database.reading(self.id) as session:
            return report_funnel(session, scope)

    def unmatched(self, **asked: Any) -> Unmatched:
        scope = self.scope(**asked)
        with self.database.reading(self.id) as session:
            return report_unmatched(session, scope)

    def scope(self, **asked: Any) -> Scope:
        """A question; days as texts, filters beside the rest."""
        if self._told:
            self.sees()
        for name in ("from_", "to", "as_of"):
            if isinstance(asked.get(name), str):
                asked[name] = dt.date.fromisoformat(asked[name])
        filters = {name: asked.pop(name) for name in Filters.__slots__ if name in asked}
        if "stage" in asked:
            asked["stage"] = STAGES[asked["stage"]]
        for name, words in (("by", By), ("model", Model), ("view", View)):
            if name in asked:
                asked[name] = words(asked[name])
        return Scope(**{"organisation_id": self.id, "now": NOW, "filters": Filters(**filters), **asked})

    def _find(self, session: Any, row: type[Any], name: str, **values: Any) -> uuid.UUID:
        key = f"{row.__name__} {name}"
        if key not in self.ids:
            added = row(name=name, created_at=EARLY, updated_at=EARLY, **values)
            session.add(added)
            session.flush()
            self.ids[key] = added.id
        return self.ids[key]

    def _find_channel(self, session: Any, name: str) -> uuid.UUID:
        return self._find(session, Channel, name, kind=ChannelKind.OUT_OF_HOME, cost_model=CostModel.FIXED)

    def _find_persona(self, session: Any, slug: str) -> uuid.UUID:
        if f"Persona {slug}" not in self.ids:
            persona = Persona(
                slug=slug, version=1, specialty="gp", career_stage="young", name={"en": slug}, summary={}, situation={},
                tone={}, avoid={}, motivations=[], worries=[], questions=[], channels=[], evidence=[],
                reviewed_on=EARLY.date(), created_at=EARLY, updated_at=EARLY,
            )  # fmt: skip
            statement = {"en": "No nights"}
            persona.factors = [
                Factor(position=1, slug="no-nights", kind=FactorKind.ATTRACTION, statement=statement, proof={})
            ]
            session.add(persona)
            session.flush()
            self.ids[f"Persona {slug}"] = persona.id
        return self.ids[f"Persona {slug}"]

    def _claim(self, session: Any, asset: str, claim: str) -> None:
        slug, factor = claim.split(":")
        if f"Claim {slug}" not in self.ids:
            row = Claim(slug=slug, factor=factor, text={"en": slug}, created_at=EARLY, updated_at=EARLY)
            session.add(row)
            session.flush()
            self.ids[f"Claim {slug}"] = row.id
        session.add(AssetClaim(asset_id=self.ids[f"Asset {asset}"], claim_id=self.ids[f"Claim {slug}"]))


def row_of(answer: Effectiveness, label: str) -> Row:
    """The row of this name; the rows of what cannot be traced go by their kind."""
    (row,) = (row for row in answer.rows if label in {row.label, row.row} - {"known"})
    return row


def counts(answer: Effectiveness) -> dict[str, tuple[int, int, int, int]]:
    """For every row with applications: applications, reached, out, pending."""
    return {
        row.label if row.row == "known" else row.row: (row.applications, row.reached, row.out, row.pending)
        for row in answer.rows
        if row.applications
    }


def owners(answer: Effectiveness) -> dict[str, int]:
    """For every row with applications, how many are its own."""
    return {name: applications for name, (applications, *_rest) in counts(answer).items()}


def stages(answer: Funnel) -> dict[str, tuple[int, int, int, int]]:
    """For every stage: reached, rejected, withdrawn, pending."""
    return {row.stage: (row.reached, row.out.rejected, row.out.withdrawn, row.pending) for row in answer.stages}


LATER_STAGES = [stage.slug for stage in Stage if stage > Stage.APPLIED]
