"""What is wrong with a row that is sent over the API, in one round: beside the faults of its form, what the sound
fields break in the plan."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.planning.nouns import NOUNS
from app.planning.one_round import try_sound
from app.planning.problem import read_sound
from app.planning.row import find_row
from app.web.problems import list_faults

ELSEWHERE = ("invoices",)
"""Rows that files and the API give in different forms."""


def with_plan(error: RequestValidationError, request: Request, session: Session, now: dt.datetime) -> Exception:
    """The refusal of a request whose form is faulty, with what else is wrong; the same where nothing else can be
    told."""
    store = _find_store(request, session, now)
    if store is None or not isinstance(error.body, Mapping):
        return error
    schema, keep, kept = store
    said, faulty, _problems = read_sound(schema, error.body, kept)
    if said is None or not faulty:
        return error
    return Invalid([*list_faults(error), *try_sound(session, said, faulty, keep)])


def _find_store(
    request: Request, session: Session, now: dt.datetime
) -> tuple[type[Any], Callable[[Any], object], Mapping[str, Any]] | None:
    """The form of the rows of an address, what stores one, a new one or in place of the one that it names, and what
    that one says."""
    noun = request.url.path.removeprefix("/api/v1/").split("/")[0].replace("-", "_")
    kind = None if noun in ELSEWHERE else NOUNS.get(noun)
    if kind is None or len(request.path_params) > 1 or request.method not in ("POST", "PUT"):
        return None
    if request.method == "POST":
        return None if request.path_params else (kind.schema, lambda said: kind.create(session, said, now=now), {})
    key, replace = _read_key(*request.path_params.values()), kind.replace
    row = find_row(session, kind.model, key) if key is not None else None
    if row is None or replace is None:
        return None
    kept = kind.describe(row).model_dump(mode="json", include=set(kind.schema.model_fields))
    return kind.schema, lambda said: replace(session, row.id, said, revision=None, now=now), kept


def _read_key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
