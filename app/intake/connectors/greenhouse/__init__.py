"""Reads an account at Greenhouse through Harvest v3 with the credentials of an OAuth application."""

from collections.abc import Mapping
from types import MappingProxyType

from app.intake.connectors.greenhouse.calls import scope_of
from app.intake.connectors.greenhouse.streams import READ, Greenhouse
from app.intake.connectors.page import Client

BASE_URL = "https://harvest.greenhouse.io/v3"
TOKEN_URL = "https://auth.greenhouse.io/token"  # noqa: S105 (an address)


class GreenhouseVendor:
    """Where accounts live, and where the pair of an account is exchanged for a token."""

    regions: Mapping[str, str] = MappingProxyType({"global": BASE_URL})
    secrets = ("client_id", "client_secret")
    rights = tuple(scope_of(resource) for resource in READ)

    def headers(self, secrets: Mapping[str, str]) -> Mapping[str, str]:
        return {}

    def token_url(self, base_url: str) -> str:
        return TOKEN_URL if base_url == BASE_URL else f"{base_url}/token"

    def connector(self, client: Client) -> Greenhouse:
        return Greenhouse(client)


VENDOR = GreenhouseVendor()
