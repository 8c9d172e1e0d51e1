"""Reading a question from words, as an address, an API call or a command line gives them."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from app.errors import Invalid, Problem
from app.funnel.stage import STAGES
from app.i18n import _
from app.reports.scope import By, Filters, Model, Scope, View

T = TypeVar("T")


def read_scope(organisation_id: uuid.UUID, now: dt.datetime, asked: Mapping[str, str | None]) -> Scope:
    """The scope that these words ask for; what is not said is as `Scope` has it, and each wrong word is named."""
    problems: list[Problem] = []
    said = {name: value.strip() for name, value in asked.items() if value is not None and value.strip()}
    parts = _read(said, _SCOPE_PARTS, problems)
    filters = _read(said, _FILTER_PARTS, problems)
    if problems:
        raise Invalid(problems)
    return Scope(organisation_id=organisation_id, now=now, filters=Filters(**filters), **parts)


def _read(
    said: Mapping[str, str], readers: Mapping[str, Callable[[str], Any]], problems: list[Problem]
) -> dict[str, Any]:
    read = {}
    for field, reader in readers.items():
        name = field.rstrip("_")
        if name in said:
            try:
                read[field] = reader(said[name])
            except ValueError as error:
                problems.append(Problem(name, str(error)))
    return read


def _one_of(choices: Mapping[str, T]) -> Callable[[str], T]:
    def read(text: str) -> T:
        if text not in choices:
            raise ValueError(_("“%(text)s” is none of %(known)s.", text=text, known=", ".join(choices)))
        return choices[text]

    return read


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("“%(text)s” is no date; write 2026-03-31.", text=text)) from None


def _instant(text: str) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ValueError(_("“%(text)s” is no instant; write 2026-03-31T12:00:00Z.", text=text))
    return instant


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise ValueError(_("“%(text)s” names nothing of ours.", text=text)) from None


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError(_("“%(text)s” is no whole number.", text=text))
    return int(text)


def _share(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(_("“%(text)s” is no number.", text=text)) from None


_SCOPE_PARTS: dict[str, Callable[[str], Any]] = {
    "stage": _one_of(STAGES),
    "by": _one_of({by.value: by for by in By}),
    "view": _one_of({view.value: view for view in View}),
    "model": _one_of({model.value: model for model in Model}),
    "from_": _day,
    "to": _day,
    "as_of": _day,
    "known_at": _instant,
    "lookback_days": _whole,
    "horizon_days": _whole,
    "level": _share,
    "include_units": _one_of({"true": True, "false": False}),
}
_FILTER_PARTS: dict[str, Callable[[str], Any]] = {
    "campaign": _key,
    "channel": _key,
    "placement": _key,
    "persona": str,
    "format": str,
    "place": str,
    "specialty": str,
    "vacancy": _key,
}
PARAMETERS = tuple(name.rstrip("_") for name in (*_SCOPE_PARTS, *_FILTER_PARTS))
"""Every word that a question may be asked with."""
ON_PLAN = tuple(name for name in _FILTER_PARTS if name not in ("specialty", "vacancy"))
"""The filters that choose among ads; whom an ad is compared with is the same with them and without."""
