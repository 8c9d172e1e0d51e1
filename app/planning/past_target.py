"""Where a placement led before: its target is frozen once it is live, and corrected on record when it is wrong, for a
poster that hangs cannot be printed anew."""

import datetime as dt
import uuid
from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.database import Base, OfOrganisation, new_id
from app.errors import Conflict, Invalid, Problem
from app.i18n import _
from app.planning.agreeing import check_target, has_gone_out
from app.planning.field import Url
from app.planning.placement import Placement
from app.planning.problem import refuse
from app.planning.row import Revision, get_row_to_change, move_revision

_URL: TypeAdapter[str] = TypeAdapter(Url)


class PastTarget(OfOrganisation, Base):
    """A target that was corrected; the audit says by whom."""

    __tablename__ = "past_target"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    placement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("placement.id", ondelete="CASCADE"), index=True)
    target_url: Mapped[str] = mapped_column(String(2000))
    until: Mapped[dt.datetime]


def read_target(text: str) -> str:
    """An address as the plan takes one. Raises Invalid."""
    try:
        return _URL.validate_python(text)
    except ValidationError as error:
        raise Invalid([Problem("target_url", _("Give an address that begins with https://."))]) from error


def correct_target(
    session: Session, placement_id: uuid.UUID, target_url: str, *, revision: Revision, now: dt.datetime
) -> Placement:
    """Let the link of a placement that has gone out lead somewhere else from now on, on a host of the organisation's
    own. Its code stays, and so does all that was counted. Raises Conflict where nothing has gone out yet."""
    placement = get_row_to_change(session, Placement, placement_id, revision)
    if not has_gone_out(placement):
        raise Conflict(_("The placement has not gone live: change its target like any other field."))
    if target_url == placement.target_url:
        return placement
    refuse(list(check_target(session, target_url)))
    session.add(PastTarget(placement_id=placement.id, target_url=placement.target_url, until=now))
    placement.target_url = target_url
    return move_revision(session, placement, now)


def list_past_targets(session: Session, placement_id: uuid.UUID) -> Sequence[PastTarget]:
    """Where it led before, the latest first."""
    past = select(PastTarget).where(PastTarget.placement_id == placement_id)
    return session.scalars(past.order_by(PastTarget.until.desc(), PastTarget.id.desc())).all()
