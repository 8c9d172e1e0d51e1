"""The employer whose rows are kept apart from every other's."""

import datetime as dt
import enum
import uuid
import zoneinfo

from sqlalchemy import BigInteger, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, new_id
from app.errors import Conflict, Invalid, Missing, Problem
from app.i18n import LANGUAGES, _

DEFAULT_RETENTION_DAYS = 730
LONGEST_NAME = 200


class TrackingMode(enum.StrEnum):
    """What may be recorded of people who meet an ad; enforced where data enters."""

    OFF = "off"
    AGGREGATE = "aggregate"
    CONSENTED = "consented"


class Organisation(Base):
    __tablename__ = "organisation"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), unique=True)
    locale: Mapped[str] = mapped_column(String(10), default="fi")
    time_zone: Mapped[str] = mapped_column(String(60), default="Europe/Helsinki")
    tracking_mode: Mapped[TrackingMode] = mapped_column(String(12), default=TrackingMode.OFF)
    retention_days: Mapped[int] = mapped_column(default=DEFAULT_RETENTION_DAYS)
    data_version: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[dt.datetime]

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)


def create_organisation(
    session: Session,
    name: str,
    *,
    now: dt.datetime,
    locale: str = "fi",
    time_zone: str = "Europe/Helsinki",
    tracking_mode: TrackingMode = TrackingMode.OFF,
) -> Organisation:
    """Found an organisation; its name must be new, its language and time zone known."""
    problems = []
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        problems.append(Problem("name", _("Name the organisation in 1 to 200 characters.")))
    if locale not in LANGUAGES:
        problems.append(Problem("locale", _("Choose one of %(known)s.", known=", ".join(LANGUAGES))))
    if time_zone not in zoneinfo.available_timezones():
        problems.append(Problem("time_zone", _("No such time zone; for example Europe/Helsinki.")))
    if problems:
        raise Invalid(problems)
    if session.scalar(select(Organisation).where(Organisation.name == name.strip())):
        raise Conflict(_("An organisation named %(name)s is there already.", name=name.strip()))
    organisation = Organisation(
        name=name.strip(), locale=locale, time_zone=time_zone, tracking_mode=tracking_mode, created_at=now
    )
    session.add(organisation)
    session.flush()
    return organisation


def list_organisations(session: Session) -> list[Organisation]:
    """Every organisation of the installation, by name."""
    return list(session.scalars(select(Organisation).order_by(Organisation.name)))


def find_organisation(session: Session, name: str) -> Organisation | None:
    """The organisation of this name, if there is one."""
    return session.scalar(select(Organisation).where(Organisation.name == name))


def get_organisation(session: Session, organisation_id: uuid.UUID) -> Organisation:
    """The organisation with this key."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise Missing(_("There is no such organisation."))
    return organisation


def choose_organisation(session: Session, name: str | None) -> Organisation:
    """The organisation named, or the only one there is."""
    organisations = list_organisations(session)
    if name is None and len(organisations) == 1:
        return organisations[0]
    for organisation in organisations:
        if organisation.name == name:
            return organisation
    if not organisations:
        raise Missing(_("There is no organisation yet; `kutsu organisation create NAME` makes one."))
    names = ", ".join(organisation.name for organisation in organisations)
    raise Missing(_("Name the organisation with --organisation; there are: %(names)s.", names=names))
