"""The question a report answers, frozen at the edge: which applications, up to when, for which stage, split how."""

import datetime as dt
import enum
import uuid
from dataclasses import dataclass, field
from typing import Any

from app.errors import Invalid, Problem
from app.funnel.stage import STAGES, Stage
from app.i18n import _


class By(enum.StrEnum):
    """What a row of the effectiveness report stands for."""

    PLACEMENT = "placement"
    ASSET = "asset"
    FORMAT = "format"
    CHANNEL = "channel"
    CAMPAIGN = "campaign"
    PERSONA = "persona"
    FACTOR = "factor"
    CLAIM = "claim"
    THEME = "theme"


OVERLAPPING = frozenset({By.FACTOR, By.CLAIM, By.THEME})
"""Splits whose rows share applications, since an asset may carry several."""


class View(enum.StrEnum):
    """A cohort counts by application date, an activity report by event date, a snapshot counts who stands where now."""

    COHORT = "cohort"
    ACTIVITY = "activity"
    SNAPSHOT = "snapshot"


class Model(enum.StrEnum):
    """How credit is shared among the ads that somebody met."""

    FIRST = "first"
    LAST = "last"
    ANY = "any"
    LINEAR = "linear"
    TIME_DECAY = "time_decay"
    POSITION = "position"
    SHAPLEY = "shapley"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Only applications owned by placements that meet all of these, of this specialty and to this vacancy; empty means
    no such limit."""

    campaign: uuid.UUID | None = None
    persona: str | None = None
    channel: uuid.UUID | None = None
    format: str | None = None
    placement: uuid.UUID | None = None
    place: str | None = None
    specialty: str | None = None
    vacancy: uuid.UUID | None = None

    @property
    def of_applications(self) -> "Filters":
        """What is asked of the application itself, whatever placement owns it."""
        return Filters(specialty=self.specialty, vacancy=self.vacancy)

    @property
    def on_placements(self) -> bool:
        """Whether anything but the channel is asked of the placement, so that only a known one can meet it."""
        return any(part is not None for part in (self.campaign, self.persona, self.format, self.placement, self.place))

    @property
    def on_plan(self) -> bool:
        return self.on_placements or self.channel is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One question. `from_` and `to` are the organisation's local dates of application, both inclusive."""

    organisation_id: uuid.UUID
    now: dt.datetime
    stage: Stage = Stage.INTERVIEW
    by: By = By.PLACEMENT
    view: View = View.COHORT
    from_: dt.date | None = None
    to: dt.date | None = None
    as_of: dt.date | None = None
    known_at: dt.datetime | None = None
    lookback_days: int = 90
    horizon_days: int = 120
    model: Model = Model.LAST
    level: float = 0.9
    include_units: bool = True
    """Whether the units below the organisation are counted in, and what is placed in them."""
    filters: Filters = field(default_factory=Filters)

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise Invalid(problems)

    def _problems(self) -> Any:
        if self.stage is Stage.APPLIED:
            later = ", ".join(slug for slug, stage in STAGES.items() if stage > Stage.APPLIED)
            yield Problem("stage", _("Every applicant has applied; choose a later stage: %(later)s.", later=later))
        if self.from_ and self.to and self.from_ > self.to:
            yield Problem("from", _("The period begins after it ends; swap the two dates."))
        if not 0 < self.lookback_days <= 730:
            yield Problem("lookback_days", _("Give 1 to 730 days."))
        if not 7 <= self.horizon_days <= 182:
            yield Problem("horizon_days", _("Give 7 to 182 days."))
        if not 0.5 <= self.level <= 0.99:
            yield Problem("level", _("Give a level from 0.5 to 0.99, such as 0.9."))
