"""The parts of Greenhouse's records that we read, and no others: names of people are never taken out.

A field that may be empty must still be there: one that vanished has been renamed. Where clients of this version
disagree on a name, both are read.
"""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field, model_validator

from app.intake.connectors.reading import Ref, Text

ANONYMISED = "Anonymized"
STATUSES = frozenset({"in_process", "rejected", "hired", "converted"})
"""How an application may stand, as far as we know."""


class Row(BaseModel):
    """A record with its key; `spellings` are other names that a field goes by."""

    spellings: ClassVar[Mapping[str, str]] = {}

    id: Ref

    @model_validator(mode="before")
    @classmethod
    def _spell(cls, value: Any) -> Any:
        return {cls.spellings.get(name, name): one for name, one in value.items()} if isinstance(value, dict) else value


class Application(Row):
    created_at: AwareDatetime
    updated_at: AwareDatetime
    candidate_id: Ref
    job_id: Ref | None
    job_post_id: Ref | None = None
    source_id: Ref | None
    stage_id: Ref | None
    stage_name: Text | None
    status: Text
    prospect: bool
    rejected_at: AwareDatetime | None


class StageStay(Row):
    """One row of an application's history: a stage that it was or is in."""

    application_id: Ref
    job_interview_stage_id: Ref
    entered_at: AwareDatetime | None
    exited_at: AwareDatetime | None
    current: bool
    updated_at: AwareDatetime


def _day(value: object) -> object:
    """A day, also where it comes as an instant."""
    return value.partition("T")[0] if isinstance(value, str) else value


Day = Annotated[dt.date, BeforeValidator(_day)]


class Offer(Row):
    spellings = MappingProxyType({"sent_at": "sent_on", "starts_at": "starts_on", "start_date": "starts_on"})

    application_id: Ref
    status: Annotated[str, BeforeValidator(lambda value: str(value).lower())]
    version: int = 0
    sent_on: Day | None
    starts_on: Day | None
    resolved_at: AwareDatetime | None


class RejectionDetail(Row):
    application_id: Ref
    rejection_reason_id: Ref | None
    rejected_at: AwareDatetime | None


class ReasonType(BaseModel):
    name: Text


class RejectionReason(Row):
    type: ReasonType | None


class Stage(Row):
    spellings = MappingProxyType({"priority": "sort_order"})

    name: Text
    job_id: Ref
    sort_order: int | None


class Job(Row):
    name: Text
    department_id: Ref | None
    office_ids: list[Ref] | None


class Named(Row):
    """A department, an office or a source."""

    name: Text


class TrackingLink(Row):
    token: Text
    source_id: Ref | None
    job_id: Ref | None = None


class Email(BaseModel):
    value: Text | None
    type: Text | None = None


class Candidate(Row):
    """A person: the address by which others know them, and whether Greenhouse has made them nameless. It writes
    one word in the place of the first name then; names themselves are let go before anything is read."""

    email_addresses: list[Email]
    anonymised: Annotated[bool, BeforeValidator(lambda name: name == ANONYMISED)] = Field(validation_alias="first_name")


class OfApplication(BaseModel):
    """Any row that hangs on an application."""

    application_id: Ref
