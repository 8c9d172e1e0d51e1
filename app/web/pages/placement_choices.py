"""What a row of placements may name: lists that a browser offers while one writes."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.i18n import pick, typed_number
from app.planning.asset import Asset, AssetStatus
from app.planning.campaign import Campaign, read_aim
from app.planning.channel import Channel
from app.planning.lines import fold, part_names, write_line
from app.planning.persona import newest_personas
from app.planning.placement import COSTS, Placement
from app.web.pages.visit import Visit

MADE_AT = {"asset": "/assets/new", "channel": "/channels/new", "persona": "/personas/new"}
Choices = Mapping[str, Sequence[tuple[str, str]]]
"""What each column that names something may name."""


def list_choices(session: Session) -> Choices:
    """For each column that names something, what is there: as it is written, and what else tells it apart."""
    assets = select(Asset.name).where(Asset.status != AssetStatus.RETIRED).order_by(Asset.name)
    channels = select(Channel.name).order_by(Channel.name)
    return {
        "asset": [(name, "") for name in session.scalars(assets)],
        "channel": [(name, "") for name in session.scalars(channels)],
        "persona": [(one.slug, pick(one.name)) for one in newest_personas(session)],
    }


def find_only_persona(campaign: Campaign) -> str:
    """The one persona that the campaign speaks to, by its slug; nothing where it is none or several."""
    personas = read_aim(campaign).personas
    return next(iter(personas)) if len(personas) == 1 else ""


def name_personas(session: Session) -> dict[str, str]:
    """How a cell names each persona, by slug: by its name, or by the slug where its name means several."""
    personas = newest_personas(session)
    meant = Counter(name for one in personas for name in {fold(text) for text in (*one.name.values(), one.slug)})
    return {one.slug: name if meant[fold(name := pick(one.name))] == 1 else one.slug for one in personas}


def write_cells(placement: Placement, personas: Mapping[str, str]) -> dict[str, str]:
    """A placement as a line in the reader's words: its personas by name, its numbers as they are typed here."""
    line = write_line(placement)
    numbers = {column: typed_number(line[column]) for column in (*COSTS, "vat_percent")}
    return line | numbers | {"persona": ", ".join(personas.get(one.slug, one.slug) for one in placement.personas)}


def make_address(visit: Visit, column: str, cell: str, there: Choices, typed: Mapping[str, str] | None = None) -> str:
    """Where the asset, channel or persona that a cell names is made, with the rows that were typed, which what is made
    leads back to; nothing where all that it names is there."""
    if column not in MADE_AT:
        return ""
    known = {fold(text) for pair in there[column] for text in pair}
    named = part_names(cell, known) if column == "persona" else [cell]
    missing = [one for one in named if one and fold(one) not in known]
    name = missing[0] if missing and column != "persona" else None
    return visit.address(MADE_AT[column], name=name, **(typed or {})) if missing else ""
