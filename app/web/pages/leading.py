"""The way to the hosts that links may lead to."""

from app.web.pages.visit import Visit


def hosts_address(visit: Visit) -> str:
    """Where an administrator names the hosts that links may lead to; nothing for others."""
    return visit.address(f"/units/{visit.organisation.id}") + "#hosts" if visit.administers else ""
