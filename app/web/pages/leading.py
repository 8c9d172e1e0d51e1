"""Where the link of a placement may lead: told as soon as it is typed, with the way to the hosts that are named."""

from urllib.parse import urlsplit

from app.i18n import _
from app.planning.placement import Placement
from app.planning.placing import check_target, has_gone_out
from app.web.pages.visit import Visit


def elsewhere_words(visit: Visit, placement: Placement) -> str:
    """Why its link may not go live where it leads, as long as it has not; nothing where it may."""
    if has_gone_out(placement) or not list(check_target(visit.session, placement.target_url)):
        return ""
    host = urlsplit(placement.target_url).hostname or placement.target_url
    return _("Cannot go live: %(host)s is none of your own hosts.", host=host)


def hosts_address(visit: Visit) -> str:
    """Where an administrator names the hosts that links may lead to; nothing for others."""
    return visit.address(f"/units/{visit.organisation.id}") + "#hosts" if visit.administers else ""
