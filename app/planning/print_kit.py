"""The print kit of a placement: the code to print, the address in letters, the promises as its caption, and what
whoever prints it must know."""

import enum
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid, Problem
from app.i18n import LANGUAGES, _, current_language, number, period
from app.planning.agreeing import check_target
from app.planning.asset import Asset, Format
from app.planning.campaign import Campaign
from app.planning.channel import ChannelKind
from app.planning.placement import Placement, PlacementStatus
from app.planning.scan_code import ScanCode, least_width_mm, make_scan_code
from app.planning.tracking import short_address

PRINTED_FORMATS = (Format.POSTER, Format.PRINT)
"""What hangs or lies on paper; anything else is followed by a press of a finger, and rarely printed."""
FROM_THE_HAND_CM = 30
DISTANCES_CM: Mapping[str, int] = {ChannelKind.OUT_OF_HOME: 100, ChannelKind.EVENT: 300}
"""How far people stand from a code where it is not in their hands: before a tram stop's glass, in a room's middle."""
LONGEST_CAPTION = 600
"""Characters of all promises together: what is longer does not stand above a code, and would draw it small."""
MOST_AT_ONCE = 150
"""Posters of one file."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class FileKind(enum.StrEnum):
    """What a kit is handed out as: the code with caption and address to put into a layout (svg, png), or a page to
    print with what the printer must know (pdf)."""

    PDF = "pdf"
    SVG = "svg"
    PNG = "png"

    @property
    def media_type(self) -> str:
        return {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}[self.value]


@dataclass(frozen=True, slots=True)
class PrintKit:
    """What is printed of one placement; `address` is what the code leads to, and `shown` is it in letters."""

    name: str
    campaign: str
    place: str
    flight: str
    status: str
    captions: Sequence[str]
    language: str
    address: str
    shown: str
    target: str
    code: ScanCode
    width_mm: int
    distance_cm: int


def make_kit(placement: Placement, public_url: str, language: str | None = None) -> PrintKit:
    """The kit of a placement, captioned in the language asked for, else in the asset's own; `public_url` is where this
    installation is reached from outside. Raises Invalid where there is nothing to lead to, or no such caption."""
    if not placement.target_url:
        remedy = _("“%(name)s” leads nowhere yet; give it a target before its code is printed.", name=placement.name)
        raise Invalid([Problem("target_url", remedy)])
    spoken = choose_language(placement, language)
    captions = [claim.text.get(spoken) or next(iter(claim.text.values())) for claim in placement.asset.claims]
    if (length := sum(map(len, captions))) > LONGEST_CAPTION:
        remedy = _(
            "The promise of “%(name)s” has %(n)s characters; at most %(most)s fit above a code. Make a shorter claim.",
            name=placement.name,
            n=number(length),
            most=number(LONGEST_CAPTION),
        )
        raise Invalid([Problem("claims", remedy)])
    address = short_address(public_url, placement.tracking_code)
    code, distance = make_scan_code(address), scanning_distance_cm(placement)
    return PrintKit(
        name=placement.name,
        campaign=placement.campaign.name,
        place=", ".join(filter(None, (placement.place, placement.channel.name))),
        flight=period(placement.starts_on, placement.ends_on),
        status=" · ".join(_not_to_print(placement, public_url)),
        captions=captions,
        language=spoken,
        address=address,
        shown=address.partition("://")[2],
        target=placement.target_url,
        code=code,
        width_mm=least_width_mm(code.modules, distance),
        distance_cm=distance,
    )


def _not_to_print(placement: Placement, public_url: str) -> Iterator[str]:
    """What stands on the paper itself, which goes further than the page it was taken from."""
    if is_reached_here_alone(public_url):
        yield _("for trying out: only the computer it was made on can open this address")
    if placement.status == PlacementStatus.PLANNED:
        yield _("planned: not live yet")


def is_reached_here_alone(public_url: str) -> bool:
    """Whether nobody but this machine can open what is printed."""
    return (urlsplit(public_url).hostname or "") in LOOPBACK


def scanning_distance_cm(placement: Placement) -> int:
    """From how far the code is expected to be read."""
    return DISTANCES_CM.get(placement.channel.kind, FROM_THE_HAND_CM)


def caption_languages(placement: Placement) -> list[str]:
    """The languages in which every promise of the asset is worded; all that we speak, where it promises nothing."""
    claims = placement.asset.claims
    return [one for one in LANGUAGES if all(one in claim.text for claim in claims)]


def choose_language(placement: Placement, asked: str | None) -> str:
    """The language of a kit's promise: the one that is asked for, else the asset's own. Raises Invalid."""
    there = caption_languages(placement)
    if asked is None:
        wanted = [*placement.asset.languages, current_language(), *there]
        return next((one for one in wanted if one in there), wanted[0])
    if asked not in there:
        remedy = _(
            "The promise of “%(name)s” has no text in %(asked)s. Choose %(known)s, or write the text first.",
            name=placement.name,
            asked=asked,
            known=", ".join(there) or _("none: no language has all the texts"),
        )
        raise Invalid([Problem("language", remedy)])
    return asked


def address_notes(public_url: str) -> list[str]:
    """That nobody else can open what is printed, where that is so."""
    if not is_reached_here_alone(public_url):
        return []
    return [
        _(
            "Only this machine can open this address (%(host)s). Print nothing until whoever runs Kutsu for you has "
            "set the address at which people find it (KUTSU_PUBLIC_URL): ask them for it.",
            host=urlsplit(public_url).hostname or "",
        )
    ]


def kit_notes(session: Session, placement: Placement, public_url: str) -> list[str]:
    """What must be known before it is printed, the gravest first; nothing where all is as it should be."""
    notes = address_notes(public_url)
    if placement.status == PlacementStatus.PLANNED:
        notes.append(
            _(
                "It is not live: until it is, its code and where it leads can still be changed. Print when both are "
                "final."
            )
        )
        notes += [problem.message for problem in check_target(session, placement.target_url)]
    elif placement.status == PlacementStatus.ENDED:
        notes.append(_("It has ended. Its code goes on leading where it led."))
    if placement.asset.format not in PRINTED_FORMATS:
        notes.append(
            _(
                "An ad of this format is rarely printed: people follow its link. The code is for a card, a slide or a "
                "screen."
            )
        )
    return notes


def list_posters(session: Session, campaign_id: uuid.UUID) -> Sequence[Placement]:
    """A campaign's placements that are printed, in the order of their flights."""
    return session.scalars(
        select(Placement)
        .where(Placement.campaign_id == campaign_id, Placement.asset.has(Asset.format.in_(PRINTED_FORMATS)))
        .order_by(Placement.starts_on, Placement.name)
    ).all()


def require_posters(session: Session, campaign: Campaign) -> Sequence[Placement]:
    """All that is printed of a campaign. Raises Invalid where nothing is, or more than a file holds."""
    posters = list_posters(session, campaign.id)
    if not posters:
        remedy = _("“%(name)s” has no poster or print advertisement; place one first.", name=campaign.name)
        raise Invalid([Problem("campaign", remedy)])
    if len(posters) > MOST_AT_ONCE:
        remedy = _(
            "“%(name)s” has %(n)s posters and print advertisements, and a file holds %(most)s; take them one by one.",
            name=campaign.name,
            n=number(len(posters)),
            most=number(MOST_AT_ONCE),
        )
        raise Invalid([Problem("campaign", remedy)])
    return posters
