"""JSON merge patches (RFC 7396): a change that names only what changes, checked as if all had been given."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.planning.field import Given, Shown
from app.planning.one_round import store_read
from app.planning.problem import read_as

G = TypeVar("G", bound=Given)
R = TypeVar("R")


def change(session: Session, schema: type[G], shown: Shown, patch: Mapping[str, Any], store: Callable[[G], R]) -> R:
    """What comes of storing what is there with what is given laid over it. Raises Invalid with all that is wrong."""
    kept = shown.model_dump(mode="json", include=set(schema.model_fields))
    return store_read(session, schema, overlay(schema, shown, patch), store, kept=kept)


def merge(schema: type[G], shown: Shown, patch: Mapping[str, Any]) -> G:
    """What is there with what is given laid over it; null puts a field back to what it is when left out."""
    return read_as(schema, overlay(schema, shown, patch))


def overlay(schema: type[Given], shown: Shown, patch: Mapping[str, Any]) -> dict[str, Any]:
    """The same before it is checked."""
    return _overlay(shown.model_dump(mode="json", include=set(schema.model_fields)), patch)


def _overlay(current: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    merged = {key: value for key, value in current.items() if key not in patch}
    for key, value in patch.items():
        before = current.get(key)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            merged[key] = _overlay(before, value)
        elif value is not None:
            merged[key] = value
    return merged
