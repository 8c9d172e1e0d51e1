"""The form in which somebody says how a system signs what it sends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import Invalid, Problem
from app.i18n import _
from app.intake.hook_settings import WEBHOOKS, HookSettings, check_settings
from app.intake.schemes import SIGNED
from app.planning.problem import read_as
from app.web.pages.administering import Form

TOLERANCE = "tolerance_seconds"


@dataclass(frozen=True, slots=True)
class SigningField:
    """One thing that may be filled in; `choices` are values and their words, where it is a choice."""

    name: str
    label: str
    hint: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()


def signing_fields(vendor: str, said: Mapping[str, Any]) -> list[SigningField]:
    """What a connection to this vendor leaves open, with what was said of it."""
    return [
        SigningField(name, label, hint, str(said.get(name, "")), _encodings() if name == "encoding" else ())
        for name, label, hint in _all_fields()
        if vendor == SIGNED or name == TOLERANCE
    ]


def leaves_open(vendor: str) -> bool:
    """Whether anything is to be said of how this vendor signs."""
    return not list(check_settings(vendor, HookSettings(tolerance_seconds=1))) or vendor == SIGNED


def _all_fields() -> Iterator[tuple[str, str, str]]:
    yield "signature_header", _("Header of the signature"), _("For example X-Signature.")
    yield "prefix", _("What stands before the signature in it"), _("For example sha256=; most often nothing.")
    yield "encoding", _("How the signature is written"), ""
    yield ("signed_text", _("What is signed"),
           _("{body} alone, or for example {timestamp}.{body} or {id}.{timestamp}.{body}."))  # fmt: skip
    yield ("timestamp_header", _("Header of the time, if it is signed, too"),
           _("It holds {timestamp}: seconds or milliseconds since 1970."))  # fmt: skip
    yield ("timestamp_prefix", _("What stands before the time in the signature's header"),
           _("For example t=, where the header holds t=1700000000,v1=… and none holds the time alone."))  # fmt: skip
    yield ("id_header", _("Header of the delivery's id, if there is one"),
           _("It holds {id}, which is the same when a delivery is sent again."))  # fmt: skip
    yield (TOLERANCE, _("By how many seconds its clock may differ"),
           _("300 if you write nothing. What comes outside it is kept, and believed only after a check."))  # fmt: skip
    yield "success_status", _("Status that says “received”"), _("202 if you write nothing.")


def _encodings() -> tuple[tuple[str, str], ...]:
    return ("hex", _("in hexadecimal digits")), ("base64", _("in base64"))


def read_signing(form: Form) -> HookSettings:
    """What a form says."""
    said = {name: form[name][0] for name, _label, _hint in _all_fields() if form.get(name, [""])[0].strip()}
    return read_as(HookSettings, said)


def name_fields(error: Invalid) -> Invalid:
    """The same problems, each with the label of its field before it."""
    labels = {name: f"{label}: " for name, label, _hint in _all_fields()}
    plain = [(one.field.removeprefix(WEBHOOKS), one.message) for one in error.problems]
    return Invalid([Problem(field, labels.get(field, "") + message) for field, message in plain])
