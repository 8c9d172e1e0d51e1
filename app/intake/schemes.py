"""The ways in which deliveries are signed, by name: all that the door needs of vendors, and nothing by which they are
asked."""

from collections.abc import Mapping
from types import MappingProxyType

from app.intake.connectors.greenhouse.hooks import GreenhouseHooks
from app.intake.connectors.hook import HookScheme
from app.intake.connectors.standard import StandardHooks
from app.intake.connectors.teamtailor.hooks import TeamtailorHints, TeamtailorHooks

STANDARD, SIGNED = "standard", "signed"
SENDERS = frozenset({STANDARD, SIGNED})
"""Systems that send by themselves, and cannot be asked."""
SCHEMES: Mapping[str, HookScheme] = MappingProxyType(
    {
        "teamtailor": TeamtailorHooks(),
        "teamtailor-v1": TeamtailorHints(),
        "greenhouse": GreenhouseHooks(),
        STANDARD: StandardHooks(),
    }
)
"""A vendor's own way has its name, what follows a dash is another of its. What somebody describes (`SIGNED`) is made of
the settings of its connection."""
