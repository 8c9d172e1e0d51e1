"""Tracking codes: short and safe to read aloud, published in links, found again in what an ATS kept."""

import enum
import re
import secrets
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit, urlunsplit

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, Shareable
from app.planning.row import PlanRow

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""No 0/o, 1/l/i: nothing that is mistaken when a poster is read aloud."""
CODE_LENGTH = 6
_CODE = re.compile(rf"[{ALPHABET}]{{{CODE_LENGTH}}}")
_CODE_IN_LABEL = re.compile(rf"(?:^|[\s\[(#|:/_-])k[-:]([{ALPHABET}]{{{CODE_LENGTH}}})(?=$|[\s\])|,;])")

_CONTACT_DETAILS = re.compile(r"\S@\S|\+?\d[\d \-]{6,}")

CODE_PARAMETERS = ("utm_content", "k", "lever-source[]", "lever-source", "gh_src", "utm_source", "trid")
"""Where a link may carry a code, the most deliberate first."""
UTM_PARAMETERS = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
"""All that is kept of a link's query; one that looks like somebody's address or number is dropped."""
ATS_PARAMETER = {"lever": "lever-source[]", "greenhouse": "gh_src", "workable": "utm_source"}
"""The one parameter of a link that each ATS keeps."""


class AliasKind(enum.StrEnum):
    """What was observed: a source's name or host at an ATS, the name of a campaign or ad at an ad platform, or a code
    that no placement has, such as one with a misprint."""

    LABEL = "label"
    HOST = "host"
    AD = "ad"
    CODE = "code"


class SourceAlias(Shareable, PlanRow, Base):
    """What an ATS calls a source, the host it saw, an ad platform's campaign, or a code of nobody, said to be a channel
    or one placement of ours."""

    __tablename__ = "source_alias"
    __table_args__ = (
        UniqueConstraint("organisation_id", "kind", "observed"),
        CheckConstraint("(channel_id IS NULL) <> (placement_id IS NULL)", name="one_target"),
    )
    shared_by = "shares_channels"

    kind: Mapped[AliasKind] = mapped_column(String(8))
    observed: Mapped[str] = mapped_column(String(200))
    channel_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("channel.id"))
    placement_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("placement.id"))


@dataclass(frozen=True, slots=True)
class ObservedSource:
    """What was seen of where somebody came from, cut to what may be kept; `found_in`: where the code was."""

    code: str | None = None
    label: str | None = None
    host: str | None = None
    utm: Mapping[str, str] | None = None
    found_in: str | None = None


def new_code() -> str:
    """A code that is new as far as chance goes (hundreds of millions); the store's unique key decides."""
    while not is_code(code := "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))):
        pass
    return code


def is_code(text: str) -> bool:
    """Whether a text has the form of a code; without a digit it could be a word, such as *search*."""
    return _CODE.fullmatch(text) is not None and not text.isalpha() and not text.isdigit()


def read_code(text: str) -> str | None:
    """The code a person or a system wrote, whatever its case and the blanks and hyphens in it."""
    code = re.sub(r"[\s\-]", "", text).lower().removeprefix("k:")
    return code if is_code(code) else None


def observe_source(url: str | None = None, label: str | None = None, code: str | None = None) -> ObservedSource:
    """Read what an ATS kept of a source: the code wherever it is, else what label and host remain."""
    host, parameters = _read_url(url) if url else (None, {})
    utm = {name: parameters[name] for name in UTM_PARAMETERS if fold_label(parameters.get(name))}
    found, found_in = _find_code(parameters, label, code)
    return ObservedSource(found, fold_label(label), host, utm or None, found_in)


def _find_code(parameters: Mapping[str, str], label: str | None, code: str | None) -> tuple[str | None, str | None]:
    if code and (found := read_code(code)):
        return found, "tracking_code"
    for name in CODE_PARAMETERS:
        if name in parameters and (found := read_code(parameters[name])):
            return found, f"url:{name}"
    if label:
        if found := read_code(label):
            return found, "label"
        if (marked := _CODE_IN_LABEL.search(label.lower())) and is_code(marked.group(1)):
            return marked.group(1), "label"
    return None, None


def _read_url(url: str) -> tuple[str | None, dict[str, str]]:
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return None, {}
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(parts.query, max_num_fields=100) if parts.query.count("&") < 100 else ():
        parameters.setdefault(name.lower(), value[:200])
    return (host.removeprefix("www.")[:200] if host else None), parameters


def fold_label(label: str | None) -> str | None:
    """A source's name in the form it is compared by: one Unicode form, one case, single blanks.

    What looks like somebody's address or number is no source's name and is dropped.
    """
    return None if label is None or _CONTACT_DETAILS.search(label) else fold_name(label)


def fold_name(name: str) -> str | None:
    """A name that employers give, not applicants, in the form it is compared by: it may hold dates and numbers."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())[:200].strip() or None


def fold_ad(campaign: str, ad: str = "") -> str:
    """What an ad platform calls a campaign, or one ad of it, in the form it is compared by."""
    return fold_name(f"{campaign} › {ad}" if ad else campaign) or ""


def codes_in_name(name: str) -> list[str]:
    """What in a name has the form of a code, marked as one or not; only the plan says which of it is one."""
    return [word for word in re.split(r"[^a-z0-9]+", name.lower()) if is_code(word)]


def link(target_url: str, code: str, *, source: str, medium: str, campaign: str, vendor: str | None = None) -> str:
    """The placement's link: its target with the code in `utm_content` and in what the connected ATS keeps."""
    parts = urlsplit(target_url)
    added = {"utm_source": source, "utm_medium": medium, "utm_campaign": campaign, "utm_content": code}
    kept = ATS_PARAMETER.get(vendor or "")
    if kept:
        added[kept] = code
    replaced = {name.lower() for name in added}
    own = [pair for pair in parts.query.split("&") if pair and _parameter_name(pair) not in replaced]
    return urlunsplit(parts._replace(query="&".join([*own, urlencode(added)])))


def _parameter_name(pair: str) -> str:
    # Without case, as a link is read: else the target's own `UTM_content` would be found before ours.
    return unquote_plus(pair.partition("=")[0]).lower()


def short_address(public_url: str, code: str) -> str:
    """Where this installation, reached at `public_url`, leads on to a code's target: to print and publish."""
    return f"{public_url.rstrip('/')}/k/{code}"


def slugify(text: str) -> str:
    """A text as a link parameter's value: a-z, 0-9 and hyphens, since analytics tools tell cases apart."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ø", "o").replace("æ", "ae"))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")[:80]
