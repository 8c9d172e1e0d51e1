"""Two people who change one thing at once. What only one of them changed is kept as both meant it; where they said
different things nothing is stored, and the form comes again with what both said."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.errors import Invalid, Problem, Stale
from app.i18n import _
from app.web.pages.administering import Form, only

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Merged(Generic[K, V]):
    """What a form changes of what stands now, and in which entries somebody else has said something different since
    the form was opened."""

    changes: Mapping[K, V]
    clashes: frozenset[K]


def merge(was: Mapping[K, V], now: Mapping[K, V], said: Mapping[K, V]) -> Merged[K, V]:
    """Lay what a form says over what stands now; `was` is what the form showed when it was opened. An entry that the
    form left as it was keeps what somebody else has said of it since; one that `was` does not name is as now."""
    meant = {key for key, value in said.items() if value not in (now[key], was.get(key, now[key]))}
    return Merged(
        {key: said[key] for key in meant}, frozenset(key for key in meant if was.get(key, now[key]) != now[key])
    )


def merge_rows(now: Mapping[str, str], sent: Form, by: str, field: str) -> Merged[str, str]:
    """Lay a form with a row for each of many things over what stands now: `by` names the things, `field` says
    something of each, and `was` what that was when the form was opened. What is not here is passed over."""
    names = sent.get(by, [])
    said = {name: value for name, value in zip(names, sent.get(field, []), strict=False) if name in now}
    return merge(dict(zip(names, sent.get("was", []), strict=False)), now, said)


def merge_field(now: str, sent: Form, field: str) -> Merged[str, str]:
    """Lay one field of a form over what stands now; a form without the field says nothing."""
    said = {field: only(sent, field)} if field in sent else {}
    return merge({field: only(sent, "was")} if "was" in sent else {}, {field: now}, said)


def merge_texts(now: Mapping[str, str], sent: Form, said: Mapping[str, str]) -> Merged[str, str]:
    """Lay a form of many fields of one thing over what stands now; its field `was` holds what it showed, as JSON."""
    return merge(read_was(only(sent, "was")), now, said)


def read_was(text: str) -> dict[str, str]:
    """What a form showed, field by field, as it was hidden in it. Raises Invalid where that is torn."""
    try:
        was = json.loads(text) if text else {}
    except ValueError:
        was = None
    if not isinstance(was, dict):
        raise Invalid([Problem("was", _("Part of the form is missing; open the page and send it again."))])
    return was


def require_whole(sent: Form, by: str, field: str) -> None:
    """Refuse a form of rows that came torn."""
    rows = len(sent.get(by, []))
    if len(sent.get(field, [])) != rows or len(sent.get("was", sent.get(by, []))) != rows:
        raise Invalid([Problem(field, _("Part of the form is missing; open the page and send it again."))])


def require_agreed(merged: Merged[K, V]) -> Mapping[K, V]:
    """The changes. Raises Stale where somebody else has said something different."""
    if merged.clashes:
        raise said_differently()
    return merged.changes


def said_differently() -> Stale:
    """What the second of two people is told, above the form with what both said."""
    return Stale(
        _("Somebody else changed this while you had it open, in another way. Both versions are below, and yours is "
          "chosen. Choose the one you want to keep, and send it again.")
    )  # fmt: skip
