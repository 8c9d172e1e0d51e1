"""Secrets that were typed and tried, on their way through the page that asks whose account they open: sealed, so that
they come back from the person who typed them alone, and for a short while."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping

from app.errors import Invalid, NotReady, Problem
from app.i18n import _
from app.intake.sealing import Sealer

KEPT_FOR = dt.timedelta(minutes=15)


def seal_draft(sealer: Sealer, secrets: Mapping[str, str], user_id: uuid.UUID, now: dt.datetime) -> str:
    """Secrets as the page holds them."""
    until = (now + KEPT_FOR).isoformat()
    return sealer.seal(json.dumps({"secrets": dict(secrets), "of": str(user_id), "until": until})).decode()


def open_draft(sealer: Sealer, draft: str, user_id: uuid.UUID, now: dt.datetime) -> Mapping[str, str]:
    """The secrets again, for who typed them and while they are kept."""
    try:
        said = json.loads(sealer.open(draft.encode()))
        if said["of"] == str(user_id) and now < dt.datetime.fromisoformat(said["until"]):
            secrets: Mapping[str, str] = said["secrets"]
            return secrets
    except (NotReady, ValueError, KeyError, TypeError):
        pass
    raise Invalid([Problem("", _("That took too long, so what you typed was forgotten. Enter it once more."))])
