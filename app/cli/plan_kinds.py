"""The kinds of rows of the plan that have verbs of their own: how each is found, listed and described."""

from typing import TYPE_CHECKING, Any

from app.cli.plan_fields import Kind
from app.i18n import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.planning.placement import Placement, PlacementOut


def claim_kind() -> Kind:
    from app.planning.claim import describe_claim, get_claim_named
    from app.web.api.claims import ROWS

    line = ("slug", "factor", "text")
    return Kind(
        "claims", line, get_claim_named, ROWS.query, ROWS.filter, ROWS.list, lambda _s, one: describe_claim(one)
    )


def campaign_kind() -> Kind:
    from app.planning.campaign import describe_campaign, get_campaign_named
    from app.web.api.campaigns import ROWS

    def check(_session: "Session", given: Any, row: Any | None) -> None:
        """Its steps are taken by a verb that tells first what is not in order."""
        from app.errors import Invalid, Problem

        if given.status != (row.status if row is not None else "draft"):
            raise Invalid([Problem("status", _("kutsu campaign status brings a campaign to its next step."))])

    line = ("name", "kind", "starts_on", "ends_on", "budget", "status", "id")
    return Kind("campaigns", line, get_campaign_named, ROWS.query, ROWS.filter, ROWS.list,
                lambda _s, one: describe_campaign(one), check=check)  # fmt: skip


def asset_kind() -> Kind:
    from app.planning.asset import check_hands, describe_asset, get_asset_named
    from app.planning.problem import refuse
    from app.web.api.assets import ROWS

    def check(session: "Session", given: Any, row: Any | None) -> None:
        """Nobody approves on the command line what was written on it."""
        refuse(check_hands(session, given, row))

    line = ("name", "format", "languages", "claims", "variant_of", "consent_expires_on", "status", "id")
    return Kind("assets", line, get_asset_named, ROWS.query, ROWS.filter, ROWS.list,
                lambda _s, one: describe_asset(one), {"claim": "claims", "variant_of": "assets"},
                check)  # fmt: skip


def placement_kind() -> Kind:
    from app.planning.placement import PlacementFilter, get_placement_named, list_placements
    from app.web.api.placements import PlacementQuery

    line = ("tracking_code", "name", "campaign", "asset", "channel", "persona", "place", "starts_on", "ends_on",
            "planned_cost", "booked_cost", "invoiced_cost", "status", "id")  # fmt: skip
    of = {"campaign": "campaigns", "asset": "assets", "channel": "channels", "persona": "personas"}
    return Kind(
        "placements", line, get_placement_named, PlacementQuery, PlacementFilter, list_placements, _describe, of
    )


def _describe(session: "Session", placement: "Placement") -> "PlacementOut":
    from app.intake.connection import find_vendor
    from app.planning.placement import describe_placement

    return describe_placement(placement, find_vendor(session))
