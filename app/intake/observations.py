"""Observations: the way in for any system without a connector, one JSON object an event.

Each kind has a pydantic model that says which fields it takes; whatever breaks a rule is refused item by
item with the field named, and nothing of a refused item is stored.
"""

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from app.database import Micros, to_micros
from app.funnel.fact import Fact, FactKind, Origin, TimeQuality, content_digest
from app.funnel.pseudonym import Pseudonyms
from app.funnel.stage import Stage
from app.funnel.touchpoint import TouchpointKind
from app.i18n import _
from app.planning.tracking import observe_source, read_code

EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def _plain(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError(_("must not contain control characters"))
    return text


def _written_out(value: object) -> object:
    if not isinstance(value, str) or not _INSTANT.match(value):
        raise ValueError(_("write the instant with its offset, for example 2026-03-01T09:00:00Z"))
    return value


def _in_our_time(instant: dt.datetime) -> dt.datetime:
    if not EARLIEST <= instant < LATEST:
        raise ValueError(_("must lie between the years 2000 and 2100"))
    return instant


def _code(text: str) -> str:
    code = read_code(text)
    if code is None:
        raise ValueError(_("is not a tracking code; one looks like h7k2mq"))
    return code


Key = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_plain)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_plain)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(_plain)]
Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
Code = Annotated[str, AfterValidator(_code)]
At = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_our_time)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=320), AfterValidator(_plain)]


class _Item(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Item):
    """Where an application came from, in the sender's words; what may be kept of it is cut out at once."""

    label: Text | None = None
    url: Url | None = None
    tracking_code: Code | None = None


class Attributes(_Item):
    """What may be known of an applicant: the specialty and the unit applied to, nothing else."""

    specialty: Slug | None = None
    unit: Text | None = None


class _Observation(_Item):
    id: Key
    at: At


class TouchpointSeen(_Observation):
    kind: Literal["touchpoint"]
    type: TouchpointKind
    person: Key | None = None
    email: Email | None = None
    tracking_code: Code | None = None
    label: Text | None = None
    url: Url | None = None

    @model_validator(mode="after")
    def _says_which_ad(self) -> "TouchpointSeen":
        if self.tracking_code is None and self.label is None and self.url is None:
            raise ValueError(_("give a tracking_code, a label or a url, so that the ad can be told"))
        return self


class ApplicationSeen(_Observation):
    kind: Literal["application"]
    person: Key
    application: Key
    job: Key | None = None
    job_title: Text | None = None
    attributes: Attributes = Attributes()
    source: Source = Source()


class StageChangeSeen(_Observation):
    kind: Literal["stage_change"]
    application: Key
    stage: Literal["applied", "screened", "interview", "offer", "hired", "started"]


class OutcomeSeen(_Observation):
    kind: Literal["outcome"]
    application: Key
    outcome: Literal["rejected", "withdrawn"]
    reason: Slug | None = None


class Reopened(_Observation):
    kind: Literal["reopened"]
    application: Key


class Unhired(_Observation):
    kind: Literal["unhired"]
    application: Key


class Transferred(_Observation):
    kind: Literal["transferred"]
    application: Key
    job: Key
    job_title: Text | None = None


class LeadSeen(_Observation):
    kind: Literal["lead"]
    person: Key
    job: None = None
    source: Source = Source()


class PersonMerge(_Observation):
    kind: Literal["person_merge"]
    person: Key
    into: Key


class Erasure(_Observation):
    kind: Literal["erasure"]
    person: Key | None = None
    email: Email | None = None

    @model_validator(mode="after")
    def _says_who(self) -> "Erasure":
        if (self.person is None) == (self.email is None):
            raise ValueError(_("give either the person or the email that is to be erased"))
        return self


class Void(_Observation):
    kind: Literal["void"]
    voids: Key


Observation = Annotated[
    TouchpointSeen | ApplicationSeen | StageChangeSeen | OutcomeSeen | Reopened | Unhired | Transferred | LeadSeen
    | PersonMerge | Erasure | Void,
    Field(discriminator="kind"),
]  # fmt: skip
OBSERVATION: TypeAdapter[Any] = TypeAdapter(Observation)
SEQUENCE_ON_A_TIE = {stage.slug: int(stage) for stage in Stage} | {"reopened": 1, "unhired": 9}
"""What comes first of things said to have happened at one instant: further stages later, undoing last."""


class Reader:
    """Turns one system's observations into facts: keys become keyed hashes here and are not kept."""

    def __init__(
        self, pseudonyms: Pseudonyms, system: str, observed_at: Micros, origin: Origin, time_quality: TimeQuality
    ) -> None:
        self._pseudonyms = pseudonyms
        self._system = system
        self._observed_at = observed_at
        self._origin = origin
        self._time_quality = time_quality

    def key(self, id: str) -> bytes:
        """The key of the fact that the observation with this id becomes."""
        return self._pseudonyms.reference(f"{self._system}/observation", id)

    def person(self, key: str) -> bytes:
        return self._pseudonyms.reference(f"{self._system}/person", key)

    def fact(self, seen: Any) -> Fact:
        """The fact that an observation states."""
        kind = FactKind(seen.kind)
        occurred_at = to_micros(seen.at)
        said = vars(seen)
        application, person, job, stage = (said.get(name) for name in ("application", "person", "job", "stage"))
        references = {
            "application": application and self._pseudonyms.reference(f"{self._system}/application", application),
            "person": self.person(person) if person else self._email_alone(said.get("email")),
            "job": job and self._pseudonyms.reference(f"{self._system}/job", job),
            "voids": self.key(seen.voids) if kind is FactKind.VOID else None,
        }
        payload = self._payload(kind, seen)
        content = [
            *(reference and reference.hex() for reference in references.values()), stage, occurred_at, payload,
        ]  # fmt: skip
        return Fact(
            key=self.key(seen.id), digest=content_digest(kind, content), kind=kind, system=self._system,
            occurred_at=occurred_at, observed_at=self._observed_at, origin=self._origin, **references,
            stage_ref=stage, stage_name=None, sequence=SEQUENCE_ON_A_TIE.get(stage or kind, 0),
            time_quality=self._time_quality, payload=payload,
        )  # fmt: skip

    def _email_alone(self, email: str | None) -> bytes | None:
        """Somebody known by an e-mail address only, as on an event's list of participants."""
        return self._pseudonyms.email(email) if email else None

    def _payload(self, kind: FactKind, seen: Any) -> dict[str, Any]:
        match kind:
            case FactKind.TOUCHPOINT:
                payload: dict[str, Any] = {"type": seen.type.value}
                payload |= _source(seen.url, seen.label, seen.tracking_code)
                if seen.email:
                    payload["email"] = self._pseudonyms.email(seen.email).hex()
                return payload
            case FactKind.APPLICATION:
                payload = _source(seen.source.url, seen.source.label, seen.source.tracking_code)
                if attributes := seen.attributes.model_dump(exclude_none=True):
                    payload["attributes"] = attributes
                return payload | ({"job_title": seen.job_title} if seen.job_title else {})
            case FactKind.LEAD:
                return _source(seen.source.url, seen.source.label, seen.source.tracking_code)
            case FactKind.OUTCOME:
                return {"outcome": seen.outcome} | ({"reason": seen.reason} if seen.reason else {})
            case FactKind.TRANSFERRED:
                return {"job_title": seen.job_title} if seen.job_title else {}
            case FactKind.PERSON_MERGE:
                return {"into": self.person(seen.into).hex()}
            case _:
                return {}


def _source(url: str | None, label: str | None, code: str | None) -> dict[str, Any]:
    if url is None and label is None:
        return {"code": code} if code else {}
    source = observe_source(url, label, code)
    kept = {"code": source.code, "label": source.label, "host": source.host, "utm": source.utm}
    return {name: value for name, value in kept.items() if value}
