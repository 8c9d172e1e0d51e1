"""The kinds of values that plan schemas are made of, each with its rule: texts, slugs, dates, addresses."""

import datetime as dt
import re
import unicodedata
import uuid
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app.access.link_host import normalise_host
from app.i18n import _

EARLIEST_DAY = dt.date(1900, 1, 1)
LATEST_DAY = dt.date(2100, 12, 31)
NOBODY = uuid.UUID(int=0)
"""The key of no row."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME_OF_DAY = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNWANTED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})


class Given(BaseModel):
    """What is sent to us: a field that we do not know is refused, since it is most often one misspelt."""

    model_config = ConfigDict(extra="forbid")

    stand_ins: ClassVar[Mapping[str, Any]] = {}
    """What stands in a needed field that is faulty while the others are tried: nobody is told what follows from it."""


class Shown(BaseModel):
    """What every row of the plan is shown with."""

    id: uuid.UUID
    revision: int = Field(description="Moves with each change; the ETag names it.")
    created_at: dt.datetime
    updated_at: dt.datetime


def compose(value: object) -> object:
    """A text in its one Unicode form, so that what looks equal is equal and lengths are what is stored."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _unwanted(text: str, allowed: str) -> str | None:
    for character in text:
        hidden = character in _DIRECTION_OVERRIDES or unicodedata.category(character) in _UNWANTED_CATEGORIES
        if hidden and character not in allowed:
            return f"U+{ord(character):04X}"
    return None


def check_line(text: str) -> str:
    """A text of one line, without characters that cannot be seen."""
    if found := _unwanted(text, allowed=""):
        raise ValueError(_("Take out the control character %(code)s; the text has one line.", code=found))
    return text


def check_lines(text: str) -> str:
    """A text that may have several lines, without other characters that cannot be seen."""
    if found := _unwanted(text, allowed="\n"):
        raise ValueError(_("Take out the control character %(code)s.", code=found))
    return text


def check_url(text: str) -> str:
    """An address that a browser opens: http or https, a host, and nobody's name or password."""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(_("This is no web address; write it like https://jobs.example.org/doctor.")) from None
    if parts.scheme not in ("http", "https") or re.search(r"\s|\\", text):
        raise ValueError(_("Give a web address that starts with https:// or http:// and has no spaces."))
    if "@" in parts.netloc:
        raise ValueError(_("Take the user name and password out of the address."))
    if normalise_host(host) is None:
        raise ValueError(_("The address names no host; write it like https://jobs.example.org/doctor."))
    return text


def check_host(text: str) -> str:
    """The name of a host alone, in lower case and without `www.`."""
    host = text.lower().removeprefix("www.")
    if normalise_host(host) is None:
        raise ValueError(_("Give the host alone, like jobs.example.org."))
    return host


def _read_day(value: object) -> object:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    raise ValueError(_("Write the date as year-month-day, for example 2026-03-30."))


def _check_day(day: dt.date) -> dt.date:
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise ValueError(_("The year must be from 1900 to 2100."))
    return day


def check_time(text: str) -> str:
    """A time of day to the minute, `09:30`, in the one form that is kept."""
    if not re.fullmatch(_TIME_OF_DAY, text):
        raise ValueError(_("Write the time as hours and minutes, for example 12:00."))
    return text


def _one_each(values: list[str]) -> list[str]:
    if len(set(values)) < len(values):
        raise ValueError(_("Name each one once."))
    return values


Language = Literal["en", "fi", "sv", "nb"]

# Constraints stand next to `str`, so that they hold for the text once it is composed and stripped.
COMPOSED = BeforeValidator(compose)
ONE_LINE = AfterValidator(check_line)
LINES = AfterValidator(check_lines)

Slug = Annotated[
    str,
    StringConstraints(max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
    Field(examples=["no-night-duty"]),
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), COMPOSED, ONE_LINE]
Theme = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), COMPOSED, ONE_LINE]
Place = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), COMPOSED, ONE_LINE]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), COMPOSED, LINES]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), COMPOSED, LINES]
Url = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000),
    COMPOSED,
    ONE_LINE,
    AfterValidator(check_url),
    Field(examples=["https://jobs.example.org/doctor"]),
]
Day = Annotated[dt.date, BeforeValidator(_read_day), AfterValidator(_check_day), Field(examples=["2026-03-30"])]
TimeOfDay = Annotated[
    str,
    AfterValidator(check_time),
    Field(examples=["12:00"], json_schema_extra={"pattern": f"^{_TIME_OF_DAY}$", "maxLength": len("12:00")}),
]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Languages = Annotated[list[Language], Field(min_length=1, max_length=4), AfterValidator(_one_each)]

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), COMPOSED, ONE_LINE]
Passage = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), COMPOSED, LINES]
Texts = Annotated[
    dict[Language, Passage],
    Field(
        min_length=1,
        description="One text, per language.",
        examples=[{"fi": "Ei yöpäivystystä", "en": "No night duty"}],
    ),
]
Labels = Annotated[dict[Language, Words], Field(min_length=1, description="A short text, per language.")]
