"""Reads an account at Teamtailor through its documented JSON:API with an Admin read key."""

from collections.abc import Mapping
from types import MappingProxyType

from app.intake.connectors.page import Client
from app.intake.connectors.teamtailor.streams import RIGHT, Teamtailor

API_VERSION = "20240904"


class TeamtailorVendor:
    """Where the accounts of each data region live, and what every call carries."""

    regions: Mapping[str, str] = MappingProxyType(
        {
            "eu": "https://api.teamtailor.com/v1",
            "na": "https://api.na.teamtailor.com/v1",
            "ap": "https://api.au.teamtailor.com/v1",
        }
    )

    secrets = ("key",)
    rights = (RIGHT,)

    def headers(self, secrets: Mapping[str, str]) -> Mapping[str, str]:
        return {"Authorization": f"Token token={secrets['key']}", "X-Api-Version": API_VERSION}

    def token_url(self, base_url: str) -> None:
        return None

    def connector(self, client: Client) -> Teamtailor:
        return Teamtailor(client)


VENDOR = TeamtailorVendor()
