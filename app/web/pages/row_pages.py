"""Where a row of a report opens: the page of what it stands for."""

from app.reports.question import ON_PLAN
from app.reports.scope import By
from app.web.pages.visit import Visit

PAGES = {
    By.PLACEMENT: "/placements/",
    By.PERSONA: "/personas/",
    By.CAMPAIGN: "/campaigns/",
    By.ASSET: "/assets/",
    By.CHANNEL: "/channels/",
}


def row_address(visit: Visit, by: By, kind: str, key: str | None, *, again: bool = True) -> str | None:
    """Where a row opens, on the same question unless it is not to be asked again, if there is a page for what it
    stands for."""
    if kind != "known" or by not in PAGES or key is None:
        return None
    return visit.address(PAGES[by] + key, **(visit.asked_again() if again else {}))


TURNS = "turns"
"""Where on that page it stands what would turn the verdict."""


def why_address(visit: Visit, by: By, key: object) -> str:
    """Where the verdict on a row is explained, on the same question; which ads are chosen is nothing to a placement."""
    if by is By.PLACEMENT:
        return visit.address(f"/placements/{key}/why", **visit.asked_again(**dict.fromkeys(ON_PLAN)))
    return visit.address("/verdicts/why", by=by.value, key=key, **visit.asked_again())
