"""The employer whose rows are kept apart from every other's, and the units below it: a chain of organisations.

A unit is an organisation with a parent. It is founded under its parent and stays there, so the chain has no loops.
"""

import datetime as dt
import enum
import uuid
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.link_host import LONGEST_LIST, read_link_host
from app.database import Base, new_id, sight_of
from app.errors import Conflict, Invalid, Missing, Problem
from app.i18n import LANGUAGES, _
from app.sight import list_above, list_below

DEFAULT_RETENTION_DAYS = 730
LONGEST_NAME = 200
DEEPEST_CHAIN = 5


class TrackingMode(enum.StrEnum):
    """What may be recorded of people who meet an ad; enforced where data enters."""

    OFF = "off"
    AGGREGATE = "aggregate"
    CONSENTED = "consented"


class Organisation(Base):
    __tablename__ = "organisation"
    __table_args__ = (UniqueConstraint("parent_id", "name"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    locale: Mapped[str] = mapped_column(String(10), default="fi")
    time_zone: Mapped[str] = mapped_column(String(60), default="Europe/Helsinki")
    tracking_mode: Mapped[TrackingMode] = mapped_column(String(12), default=TrackingMode.OFF)
    retention_days: Mapped[int] = mapped_column(default=DEFAULT_RETENTION_DAYS)
    shares_personas: Mapped[bool] = mapped_column(default=False)
    shares_claims: Mapped[bool] = mapped_column(default=False)
    shares_channels: Mapped[bool] = mapped_column(default=False)
    shares_presets: Mapped[bool] = mapped_column(default=False)
    shares_templates: Mapped[bool] = mapped_column(default=False)
    link_hosts: Mapped[list[str]] = mapped_column(default=list)
    data_version: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[dt.datetime]

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)


# Of two missing parents neither equals the other, so the names of whole employers need a rule of their own.
_OF_NOBODY = Organisation.parent_id.is_(None)
Index("uq_organisation_root", Organisation.name, unique=True, sqlite_where=_OF_NOBODY, postgresql_where=_OF_NOBODY)


def create_organisation(
    session: Session,
    name: str,
    *,
    now: dt.datetime,
    parent: Organisation | None = None,
    locale: str | None = None,
    time_zone: str | None = None,
    tracking_mode: TrackingMode | None = None,
    link_hosts: Sequence[str] = (),
) -> Organisation:
    """Found an organisation, or a unit of `parent`, whose ways it takes over where nothing else is said. Its name
    must be new beside its siblings, its language and time zone known."""
    organisation = Organisation(
        parent_id=parent.id if parent else None,
        name=name.strip(),
        locale=locale or (parent.locale if parent else "fi"),
        time_zone=time_zone or (parent.time_zone if parent else "Europe/Helsinki"),
        tracking_mode=tracking_mode or (parent.tracking_mode if parent else TrackingMode.OFF),
        retention_days=parent.retention_days if parent else DEFAULT_RETENTION_DAYS,
        link_hosts=read_link_hosts(link_hosts),
        created_at=now,
    )
    _check(session, organisation)
    if parent is not None and len(list_ancestors(session, parent.id)) + 2 > DEEPEST_CHAIN:
        raise Conflict(_("A chain of organisations has at most %(n)s levels; found it higher up.", n=DEEPEST_CHAIN))
    session.add(organisation)
    _store(session, organisation)
    return organisation


def change_organisation(session: Session, organisation: Organisation, changes: Mapping[str, Any]) -> Organisation:
    """Change what an organisation is called, speaks and records; who reads its rows may see other answers then."""
    for field, value in changes.items():
        setattr(organisation, field, _READ[field](value) if field in _READ else value)
    with session.no_autoflush:
        _check(session, organisation)
    organisation.data_version += 1
    _store(session, organisation)
    return organisation


def _store(session: Session, organisation: Organisation) -> None:
    """Flush; a name that is taken beside it where the session sees nobody, only the unique key can tell."""
    name = organisation.name
    try:
        session.flush()
    except IntegrityError:
        raise Conflict(_("An organisation named %(name)s is there already.", name=name)) from None


def read_link_hosts(given: Sequence[str]) -> list[str]:
    """The hosts that tracking links may lead to, each once and in the form they are compared in."""
    hosts = {name: read_link_host(name) for name in given}
    problems = [
        Problem(
            "link_hosts",
            _(
                "“%(host)s” is no public host; name one like jobs.example.org, or .example.org for all below it.",
                host=name,
            ),
        )
        for name, host in hosts.items()
        if host is None
    ]
    if len(hosts) > LONGEST_LIST:
        problems.append(Problem("link_hosts", _("At most %(n)s of these.", n=LONGEST_LIST)))
    if problems:
        raise Invalid(problems)
    return sorted({host for host in hosts.values() if host})


_READ: Mapping[str, Callable[[Any], Any]] = MappingProxyType({"name": str.strip, "link_hosts": read_link_hosts})
"""The fields that are not kept just as they are given."""


def list_link_hosts(session: Session, organisation_id: uuid.UUID) -> list[str]:
    """The hosts that an organisation's links may lead to: those that it named, and those named above it."""
    line = (get_organisation(session, organisation_id), *list_ancestors(session, organisation_id))
    return sorted({host for one in line for host in one.link_hosts})


def _check(session: Session, organisation: Organisation) -> None:
    name, problems = organisation.name, []
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        problems.append(Problem("name", _("Name the organisation in 1 to 200 characters.")))
    if organisation.locale not in LANGUAGES:
        problems.append(Problem("locale", _("Choose one of %(known)s.", known=", ".join(LANGUAGES))))
    if organisation.time_zone not in _time_zones():
        problems.append(Problem("time_zone", _("No such time zone; for example Europe/Helsinki.")))
    if problems:
        raise Invalid(problems)
    beside = Organisation.parent_id.is_not_distinct_from(organisation.parent_id)
    there = session.scalar(select(Organisation).where(Organisation.name == name, beside))
    if there not in (None, organisation):
        raise Conflict(_("An organisation named %(name)s is there already.", name=name))


@cache
def _time_zones() -> set[str]:
    """The zones that there are; looking through the system's files for them takes longer than founding a town."""
    return zoneinfo.available_timezones()


def list_ancestors(session: Session, organisation_id: uuid.UUID) -> list[Organisation]:
    """The organisations above this one, the nearest first."""
    above = {one.id: one for one in _load(session, list_above(session.connection(), organisation_id))}
    line = []
    here = get_organisation(session, organisation_id)
    while here.parent_id is not None:
        here = above[here.parent_id]
        line.append(here)
    return line


def list_descendants(session: Session, organisation_id: uuid.UUID) -> list[Organisation]:
    """Every organisation below this one, by name."""
    return _load(session, list_below(session.connection(), organisation_id))


def list_units(session: Session, organisation_id: uuid.UUID) -> list[Organisation]:
    """The units right below this organisation, by name."""
    return list(
        session.scalars(
            select(Organisation).where(Organisation.parent_id == organisation_id).order_by(Organisation.name)
        )
    )


def get_organisation_within(session: Session, top_id: uuid.UUID, organisation_id: uuid.UUID) -> Organisation:
    """The organisation with this key, if it is `top` or below it; any other is as good as not there."""
    if organisation_id not in (top_id, *list_below(session.connection(), top_id)):
        raise Missing(_("There is no such organisation."))
    return get_organisation(session, organisation_id)


def _load(session: Session, ids: Sequence[uuid.UUID]) -> list[Organisation]:
    order = (Organisation.name, Organisation.id)
    return list(session.scalars(select(Organisation).where(Organisation.id.in_(ids)).order_by(*order)))


def get_data_version(session: Session) -> int:
    """A number that moves with every committed change of rows that the session's organisation can see: its own, its
    units' and those above it. A session that only reads sees one state, so there it is asked once."""
    known: dict[str, int] = session.info.get("versions", {})
    if "seen" not in known:
        sight = sight_of(session)
        kin = (*sight.own, *sight.above, *sight.below)
        known["seen"] = session.scalar(select(func.sum(Organisation.data_version)).where(Organisation.id.in_(kin))) or 0
    return int(known["seen"])


def list_organisations(session: Session) -> list[Organisation]:
    """Every organisation of the installation, by name."""
    return list(session.scalars(select(Organisation).order_by(Organisation.name)))


def find_organisation(session: Session, name: str) -> Organisation | None:
    """The organisation of this name that is nobody's unit, if there is one."""
    return session.scalar(select(Organisation).where(Organisation.name == name, _OF_NOBODY))


def get_organisation(session: Session, organisation_id: uuid.UUID) -> Organisation:
    """The organisation with this key."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise Missing(_("There is no such organisation."))
    return organisation


def choose_organisation(session: Session, name: str | None) -> Organisation:
    """The organisation named, or the only one that is nobody's unit. A name that several have is given with its
    parents' names before it: `City/Unit`."""
    organisations = list_organisations(session)
    if not organisations:
        raise Missing(_("There is no organisation yet; `kutsu organisation create NAME` makes one."))
    paths = name_paths(organisations)
    if name is None:
        chosen = [one for one in organisations if one.parent_id is None]
    else:
        chosen = [one for one in organisations if paths[one.id] == name]
        chosen = chosen or [one for one in organisations if one.name == name]
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(sorted(paths[one.id] for one in chosen or organisations))
    raise Missing(_("Name the organisation with --organisation; there are: %(names)s.", names=names))


def name_paths(organisations: Sequence[Organisation]) -> dict[uuid.UUID, str]:
    """What each organisation is called with the names of its parents before it, as far as those are given."""
    by_id = {one.id: one for one in organisations}

    def path(one: Organisation) -> str:
        parent = by_id.get(one.parent_id) if one.parent_id else None
        return f"{path(parent)}/{one.name}" if parent else one.name

    return {one.id: path(one) for one in organisations}
