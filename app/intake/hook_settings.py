"""How the deliveries of one connection are signed, where its vendor leaves that open: the whole of a signature that
somebody describes, and of others how far the clocks may differ."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from app.errors import Problem
from app.i18n import _
from app.intake.connectors.hook import HookScheme
from app.intake.connectors.signed import BODY, ID, TIMESTAMP, SignedHooks
from app.intake.connectors.standard import StandardHooks
from app.intake.connectors.teamtailor.hooks import TeamtailorHooks
from app.intake.schemes import SCHEMES, SIGNED
from app.planning.field import Given

LONGEST_TOLERANCE_SECONDS = 24 * 60 * 60
LONGEST_PREFIX, LONGEST_TEXT = 40, 100
ENCODINGS = ("hex", "base64")
HEADERS = ("signature_header", "timestamp_header", "id_header")
WEBHOOKS = "webhooks."
_HEADER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_PART = re.compile(r"\{[a-z]*\}")

_Short = Annotated[str, Field(max_length=200), AfterValidator(lambda text: text or None)]
_Name = Annotated[str, Field(max_length=200), AfterValidator(lambda text: text.strip() or None)]


class HookSettings(Given):
    """How deliveries are signed. All but the tolerance is for a connection of the kind `signed`."""

    signature_header: _Name | None = Field(None, description="The header that holds the signature.")
    prefix: _Short | None = Field(None, description="What stands before the signature in its header.")
    encoding: _Name | None = Field(None, description="How the signature is written: `hex` (usual) or `base64`.")
    signed_text: _Name | None = Field(
        None,
        description="What is signed with HMAC-SHA256: `{body}` (usual), or for example `{timestamp}.{body}` or "
        "`{id}.{timestamp}.{body}`.",
    )
    timestamp_header: _Name | None = Field(
        None, description="The header of `{timestamp}`, in seconds or milliseconds since 1970."
    )
    timestamp_prefix: _Short | None = Field(
        None,
        description="What stands before the time if it stands in the signature's header, such as `t=` of "
        "`t=1700000000,v1=…`; then there is no `timestamp_header`.",
    )
    id_header: _Name | None = Field(
        None, description="The header that names a delivery, the same at each attempt; without it the body does."
    )
    tolerance_seconds: int | None = Field(
        None, description="How far its clock may differ; what comes outside it is kept, and believed after a check."
    )
    success_status: int | None = Field(None, description="What the sender takes for *received*, 202 if not said.")


def check_settings(vendor: str, given: HookSettings) -> Iterator[Problem]:
    """What is wrong with the settings of a connection, by the paths of their fields in it."""
    for problem in _check_all(vendor, given):
        yield Problem(f"{WEBHOOKS}{problem.field}", problem.message)


def _check_all(vendor: str, given: HookSettings) -> Iterator[Problem]:
    if vendor == SIGNED:
        yield from _check_headers(given)
        yield from _check_text(given.signed_text or BODY, given)
        yield from _check_form(given)
        yield from _check_prefixes(given)
    else:
        for name, value in given:
            if value is not None and name != "tolerance_seconds":
                yield Problem(name, _("Only a connection whose signature you describe yourself takes this."))
    seconds, has_time = given.tolerance_seconds, _signs_time(vendor, given)
    if seconds is not None and not has_time:
        yield Problem("tolerance_seconds", _("Its signature covers no time, so there is none to tolerate."))
    elif seconds is not None and not 1 <= seconds <= LONGEST_TOLERANCE_SECONDS:
        yield Problem("tolerance_seconds", _("Tolerate from 1 second to 86,400, which is a day."))


def _signs_time(vendor: str, given: HookSettings) -> bool:
    if vendor == SIGNED:
        return given.timestamp_header is not None or given.timestamp_prefix is not None
    return isinstance(SCHEMES[vendor], StandardHooks | TeamtailorHooks)


def _check_headers(given: HookSettings) -> Iterator[Problem]:
    if not given.signature_header:
        yield Problem("signature_header", _("Name the header that holds the signature."))
    named = [(name, getattr(given, name)) for name in HEADERS]
    for place, (name, value) in enumerate(named):
        if value and not _HEADER.fullmatch(value):
            yield Problem(name, _("The name of a header is of letters, digits, - and _: at most 60."))
        elif value and value.lower() in [other.lower() for _name, other in named[:place] if other]:
            yield Problem(name, _("This header holds something else already."))


def _check_text(text: str, given: HookSettings) -> Iterator[Problem]:
    field = "signed_text"
    parts = _PART.findall(text)
    if parts.count(BODY) != 1 or len(set(parts)) < len(parts) or {*parts} - {BODY, TIMESTAMP, ID}:
        yield Problem(field, _("Write {body} once, and at most once each {timestamp} and {id}."))
    elif len(text) > LONGEST_TEXT or not text.isascii() or not text.isprintable():
        yield Problem(field, _("At most %(n)s letters, digits and signs.", n=LONGEST_TEXT))
    elif re.search(r"[A-Za-z0-9{]\{|\}[A-Za-z0-9{]", text):
        yield Problem(field, _("Put a sign such as . or : between the parts, so that they can be told apart."))
    holder = "timestamp_prefix" if given.timestamp_prefix else "timestamp_header"
    if TIMESTAMP in parts and not _signs_time(SIGNED, given):
        yield Problem(holder, _("Name the header that holds the time."))
    if _signs_time(SIGNED, given) and TIMESTAMP not in parts:
        yield Problem(holder, _("A time that is not signed says nothing: write {timestamp} into what is "
                                "signed, or name no header."))  # fmt: skip
    if ID in parts and not given.id_header:
        yield Problem("id_header", _("Name the header that holds the id."))


def _check_form(given: HookSettings) -> Iterator[Problem]:
    if given.encoding is not None and given.encoding not in ENCODINGS:
        yield Problem("encoding", _("Choose one of %(known)s.", known=", ".join(ENCODINGS)))
    if given.success_status is not None and not 200 <= given.success_status <= 299:
        yield Problem("success_status", _("Received is said by a status from 200 to 299."))


def _check_prefixes(given: HookSettings) -> Iterator[Problem]:
    of_time, of_signature = given.timestamp_prefix or "", given.prefix or ""
    for name, prefix in (("prefix", of_signature), ("timestamp_prefix", of_time)):
        if len(prefix) > LONGEST_PREFIX or not prefix.isascii() or not prefix.isprintable():
            yield Problem(name, _("At most %(n)s letters, digits and signs.", n=LONGEST_PREFIX))
        elif of_time and re.search("[,; ]", prefix):
            yield Problem(name, _("Write no comma, semicolon or space: these part what the header holds."))
    if of_time and given.timestamp_header:
        yield Problem("timestamp_prefix", _("The time stands in a header of its own already."))
    elif of_time and of_signature and (of_time.startswith(of_signature) or of_signature.startswith(of_time)):
        yield Problem("timestamp_prefix", _("The time and the signature have to begin differently."))


def keep_settings(given: HookSettings | None) -> dict[str, Any] | None:
    """Settings as they are stored; nothing where all is as usual."""
    said = given.model_dump(exclude_none=True) if given is not None else {}
    return {name: value.lower() if name in HEADERS else value for name, value in said.items()} or None


def make_scheme(name: str, settings: Mapping[str, Any] | None) -> HookScheme | None:
    """How deliveries are signed, by the scheme's name and a connection's settings; None for none that we know."""
    if name == SIGNED:
        return _describe_signed(settings or {})
    known = SCHEMES.get(name)
    seconds = (settings or {}).get("tolerance_seconds")
    if seconds is not None and isinstance(known, StandardHooks | TeamtailorHooks):
        return replace(known, tolerance=dt.timedelta(seconds=seconds))
    return known


def _describe_signed(settings: Mapping[str, Any]) -> SignedHooks:
    said = {name: value for name, value in settings.items() if name != "tolerance_seconds"}
    if "tolerance_seconds" in settings:
        said["tolerance"] = dt.timedelta(seconds=settings["tolerance_seconds"])
    return SignedHooks(**said)
