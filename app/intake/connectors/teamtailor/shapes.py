"""The parts of Teamtailor's answers that we read, and no others: names of people are never taken out.

Tolerant of what we do not know and of the spelling of names (kebab-case, underscores, camelCase); strict
about what we need. A field that may be empty must still be there: one that vanished has been renamed.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from app.intake.connectors.reading import Ref, Text, read_record

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

M = TypeVar("M", bound=BaseModel)
A = TypeVar("A", bound=BaseModel)
R = TypeVar("R", bound=BaseModel)


def _folded(value: Any) -> Any:
    """An object with its names in lower case and underscores."""
    if not isinstance(value, Mapping):
        return value
    return {_CAPITAL.sub("_", str(name)).replace("-", "_").lower(): item for name, item in value.items()}


class _Folded(BaseModel):
    """An object whose names are read in any spelling."""

    @model_validator(mode="before")
    @classmethod
    def _fold(cls, value: Any) -> Any:
        return _folded(value)


class Links(_Folded):
    next: str | None = None


class Meta(_Folded):
    record_count: int | None = None


class Listing(_Folded):
    """One page of a list. The records are read one by one, so that a broken one costs only itself.

    `answered_at` is the vendor's clock, from the answer's headers.
    """

    data: list[Any]
    included: list[Any] = []
    links: Links = Links()
    meta: Meta = Meta()
    answered_at: dt.datetime | None = None


class Single(_Folded):
    """One record that was asked for by its key."""

    data: dict[str, Any]
    included: list[Any] = []


class Identifier(BaseModel):
    id: Ref


class EventPayload(_Folded):
    event_name: Text
    data: Identifier


class Event(_Folded):
    """The body of a company webhook; of what it says of its resource only the key is read."""

    payload: EventPayload


class To(BaseModel):
    """A relationship to one record; `data` is there because we asked for it to be included."""

    data: Identifier | None

    @property
    def ref(self) -> str | None:
        return self.data.id if self.data else None


class ToMany(BaseModel):
    """A relationship to any number of records, asked for as the one above."""

    data: list[Identifier]


class Record(BaseModel, Generic[A, R]):
    id: Ref
    attributes: A
    relationships: R


class ApplicationAttributes(_Folded):
    created_at: AwareDatetime
    updated_at: AwareDatetime
    changed_stage_at: AwareDatetime | None
    rejected_at: AwareDatetime | None
    sourced: bool
    referring_url: Text | None
    referring_site: Text | None


class ApplicationRelationships(_Folded):
    candidate: To
    job: To
    stage: To
    reject_reason: To


ApplicationRecord = Record[ApplicationAttributes, ApplicationRelationships]


class CompanyAttributes(_Folded):
    name: Text


class CompanyRecord(BaseModel):
    id: Ref
    attributes: CompanyAttributes


class StageAttributes(_Folded):
    name: Text
    stage_type: Text | None
    row_order: int | None = None


class StageRecord(BaseModel):
    id: Ref
    attributes: StageAttributes


def _day(value: object) -> object:
    """A day, also where it comes as an instant."""
    return value.partition("T")[0] if isinstance(value, str) else value


class OfferDetails(_Folded):
    start_date: Annotated[dt.date, BeforeValidator(_day)] | None


class OfferAttributes(_Folded):
    sent_at: AwareDatetime | None
    answered_at: AwareDatetime | None
    response: Text | None
    details: OfferDetails | None


class OfferRelationships(_Folded):
    job_application: To


OfferRecord = Record[OfferAttributes, OfferRelationships]


class JobAttributes(_Folded):
    title: Text
    tags: list[Text] = []


class JobRelationships(_Folded):
    department: To


JobRecord = Record[JobAttributes, JobRelationships]


class IncludedJobAttributes(_Folded):
    title: Text


class IncludedJob(BaseModel):
    attributes: IncludedJobAttributes


class CandidateAttributes(_Folded):
    email: Text | None


class Candidate(BaseModel):
    attributes: CandidateAttributes


class PoolAttributes(_Folded):
    """What a list of candidates says of one; `connected` is whether they asked to be told of vacancies."""

    created_at: AwareDatetime
    updated_at: AwareDatetime
    email: Text | None
    connected: bool
    sourced: bool
    referred: bool = False
    referring_url: Text | None
    referring_site: Text | None


class PoolRelationships(_Folded):
    job_applications: ToMany


class PoolPlace(BaseModel):
    """Whether a candidate applied to a job; of whoever did, the applications tell the rest."""

    relationships: PoolRelationships


PoolRecord = Record[PoolAttributes, PoolRelationships]


class ReasonAttributes(_Folded):
    rejected_by_company: bool


class Reason(BaseModel):
    attributes: ReasonAttributes


class DepartmentAttributes(_Folded):
    name: Text


class Department(BaseModel):
    attributes: DepartmentAttributes


class _Attributes(BaseModel):
    attributes: Annotated[dict[str, Any], BeforeValidator(_folded)]


_INSTANT = TypeAdapter(AwareDatetime)


class Included:
    """The records that came along with a list, by type and key."""

    def __init__(self, listing: Listing) -> None:
        self._records = {
            (raw["type"], str(raw["id"])): raw
            for raw in listing.included
            if isinstance(raw, dict) and isinstance(raw.get("type"), str) and "id" in raw
        }

    def find(self, kind: str, ref: str | None, shape: type[M]) -> M | None:
        """A record that came along; None if it did not, as when it was deleted in the meantime."""
        raw = self.get(kind, ref) if ref is not None else None
        return None if raw is None else read_record(shape, raw)

    def get(self, kind: str, ref: str) -> Any:
        """The same as it came, not read yet."""
        return self._records.get((kind, ref))


def read_instant(raw: object, name: str) -> dt.datetime | None:
    """One instant among a record's attributes, where it can be read."""
    try:
        attributes = _Attributes.model_validate(raw).attributes
        return _INSTANT.validate_python(attributes.get(name))
    except ValidationError:
        return None
