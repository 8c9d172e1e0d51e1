"""What narrows a question on the command line, where rows may be named as people name them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def read_limits(
    session: "Session",
    *,
    campaign: str | None,
    channel: str | None = None,
    placement: str | None = None,
    vacancy: str | None = None,
    **words: Any,
) -> dict[str, Any]:
    """The filters in the words of a question: what has a key may be called by its name, a placement by its code."""
    from app.planning import campaign as campaigns
    from app.planning import channel as channels
    from app.planning.job import get_job_named
    from app.planning.placement import get_placement_named

    return words | {
        "campaign": _key_of(session, campaigns.Campaign, campaign),
        "channel": _key_of(session, channels.Channel, channel),
        "placement": str(get_placement_named(session, placement).id) if placement else None,
        "vacancy": str(get_job_named(session, vacancy).id) if vacancy else None,
    }


def _key_of(session: "Session", row: Any, name: str | None) -> str | None:
    """The key of the one row of this name; what is none is handed on, to be taken for a key or refused."""
    from sqlalchemy import select

    found = session.scalars(select(row.id).where(row.name == name)).all() if name else []
    return str(found[0]) if len(found) == 1 else name
