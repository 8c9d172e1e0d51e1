"""The organisation of whoever asks and the units below it: for administrators, and for nobody else's."""

import uuid
from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from sqlalchemy.orm import Session

from app.access.link_host import LONGEST_LIST
from app.access.organisation import (
    LONGEST_NAME,
    Organisation,
    TrackingMode,
    create_organisation,
    get_organisation,
    get_organisation_within,
    list_descendants,
)
from app.access.token import Scope
from app.intake.unit_rule import list_departments, place_in_units
from app.planning.sharing import change_above_units
from app.web.problems import documented
from app.web.session import ApiCaller, Caller, Now, Store, writing_for

router = APIRouter(prefix="/organisations", tags=["organisations"])
PROBLEMS = documented(400, 401, 403, 404, 409, 413, 422, 503)

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
LinkHosts = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=255)]],
    Field(
        max_length=LONGEST_LIST,
        description="Hosts that tracking links may lead to; `.example.org` stands for every host below it.",
        examples=[["jobs.example.org", ".example.org"]],
    ),
]
Language = Literal["en", "fi", "sv", "nb"]


class UnitIn(BaseModel):
    """A unit to be founded; what is not said is as with its parent, and that is your organisation if none is named."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    parent_id: uuid.UUID | None = None
    locale: Language | None = None
    time_zone: str | None = Field(None, max_length=60)
    tracking_mode: TrackingMode | None = None
    link_hosts: LinkHosts = []


class OrganisationChange(BaseModel):
    """What is to change; the rest stays. What is shared may be read and used by every unit below."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    locale: Language | None = None
    time_zone: str | None = Field(None, max_length=60)
    tracking_mode: TrackingMode | None = None
    shares_personas: StrictBool | None = None
    shares_claims: StrictBool | None = None
    shares_channels: StrictBool | None = None
    shares_presets: StrictBool | None = None
    shares_templates: StrictBool | None = None
    link_hosts: LinkHosts | None = None


class OrganisationOut(BaseModel):
    """An organisation as it is stored."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    parent_id: uuid.UUID | None
    name: str
    locale: str
    time_zone: str
    tracking_mode: TrackingMode
    shares_personas: bool
    shares_claims: bool
    shares_channels: bool
    shares_presets: bool
    shares_templates: bool
    link_hosts: list[str] = Field(description="Where its tracking links may lead, beside the hosts named above it.")


class DepartmentOut(BaseModel):
    """A department as a system calls it, how many applied there, and the unit they are placed in."""

    model_config = ConfigDict(from_attributes=True)

    system: str
    name: str
    applications: int | None = Field(description="None if the token may not see small counts.")
    unit_id: uuid.UUID | None


class UnitRuleIn(BaseModel):
    """The unit of each of a system's departments; a department that is not named is the organisation's own."""

    model_config = ConfigDict(extra="forbid")

    system: str = Field(min_length=1, max_length=80)
    units: dict[str, uuid.UUID] = Field(max_length=1000)


def _administrator(caller: Caller) -> ApiCaller:
    caller.require(Scope.ADMIN)
    return caller


Administrator = Annotated[ApiCaller, Depends(_administrator)]


def _session(caller: Administrator, database: Store, now: Now) -> Iterator[Session]:
    with writing_for(caller, database, now) as session:
        yield session


AdministratorSession = Annotated[Session, Depends(_session, scope="function")]


@router.get("", summary="List your organisation and its units", responses=PROBLEMS)
def list_all(caller: Administrator, session: AdministratorSession) -> list[OrganisationOut]:
    """Your own first, then every unit below it by name."""
    own = get_organisation(session, caller.organisation_id)
    return [_describe(one) for one in (own, *list_descendants(session, own.id))]


@router.post("", summary="Found a unit", status_code=201, responses=PROBLEMS)
def create(given: UnitIn, caller: Administrator, session: AdministratorSession, now: Now) -> OrganisationOut:
    """Below your organisation or one of its units; its name is new beside its siblings."""
    parent = get_organisation_within(session, caller.organisation_id, given.parent_id or caller.organisation_id)
    ways = given.model_dump(include={"locale", "time_zone", "tracking_mode", "link_hosts"})
    return _describe(create_organisation(session, given.name, parent=parent, now=now, **ways))


@router.get("/departments", summary="List departments and their units", responses=PROBLEMS)
def departments(caller: Administrator, session: AdministratorSession) -> list[DepartmentOut]:
    """Every department that your systems spoke of."""
    return _describe_departments(caller, session)


@router.put("/departments", summary="Give a system its unit rule", responses=PROBLEMS)
def place(given: UnitRuleIn, caller: Administrator, session: AdministratorSession) -> list[DepartmentOut]:
    """Replaces the rule of that system, and places its applications anew."""
    place_in_units(session, given.system, given.units)
    return _describe_departments(caller, session)


@router.get("/{organisation_id}", summary="Read an organisation", responses=PROBLEMS)
def read(organisation_id: uuid.UUID, caller: Administrator, session: AdministratorSession) -> OrganisationOut:
    """Your own, or a unit below it."""
    return _describe(get_organisation_within(session, caller.organisation_id, organisation_id))


@router.patch("/{organisation_id}", summary="Change an organisation", responses=PROBLEMS)
def change(
    organisation_id: uuid.UUID, patch: OrganisationChange, caller: Administrator, session: AdministratorSession
) -> OrganisationOut:
    """Its name, its ways, and what it shares with the units below it."""
    organisation = get_organisation_within(session, caller.organisation_id, organisation_id)
    return _describe(change_above_units(session, organisation, patch.model_dump(exclude_none=True)))


def _describe_departments(caller: ApiCaller, session: Session) -> list[DepartmentOut]:
    shown = [DepartmentOut.model_validate(one) for one in list_departments(session)]
    unseen = {} if caller.sees_small_counts else {"applications": None}
    return [one.model_copy(update=unseen) for one in shown]


def _describe(organisation: Organisation) -> OrganisationOut:
    return OrganisationOut.model_validate(organisation)
