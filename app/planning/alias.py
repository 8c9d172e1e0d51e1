"""Source aliases: what an ATS calls a source, the host it saw, an ad platform's campaign, or a code that no placement
has, and the channel or placement it means."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationInfo, field_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Problem
from app.i18n import _
from app.planning.channel import Channel
from app.planning.field import Given, Name, Shown, check_host
from app.planning.listing import Stretch, Window, read_stretch
from app.planning.placement import Placement
from app.planning.problem import refuse
from app.planning.row import (
    Revision,
    add_row,
    begin_change,
    check_exists,
    check_unique,
    get_row,
    get_row_to_change,
    move_revision,
)
from app.planning.tracking import AliasKind, SourceAlias, fold_ad, fold_label, read_code


class SourceAliasIn(Given):
    """A label, a host, an ad's name or a code as it was observed, and the one channel or placement that it means."""

    kind: AliasKind
    observed: Name
    channel_id: uuid.UUID | None = None
    placement_id: uuid.UUID | None = None

    @field_validator("observed")
    @classmethod
    def _as_it_is_compared(cls, observed: str, others: ValidationInfo) -> str:
        if others.data.get("kind") == AliasKind.HOST:
            return check_host(observed)
        if others.data.get("kind") == AliasKind.AD:
            return fold_ad(observed)
        if others.data.get("kind") == AliasKind.CODE:
            return _read_code(observed)
        if (label := fold_label(observed)) is None:
            raise ValueError(_("This looks like somebody's address or number; name the source."))
        return label


def _read_code(observed: str) -> str:
    code = read_code(observed)
    if code is None:
        raise ValueError(_("This is no tracking code: it has six letters and digits, such as h7k2mq."))
    return code


class SourceAliasOut(SourceAliasIn, Shown):
    """A source alias as it is stored."""


@dataclass(frozen=True, slots=True)
class SourceAliasFilter:
    """Which source aliases are listed."""

    kind: AliasKind | None = None
    channel_id: uuid.UUID | None = None
    placement_id: uuid.UUID | None = None


def create_source_alias(session: Session, given: SourceAliasIn, *, now: dt.datetime) -> SourceAlias:
    """Store a new source alias."""
    begin_change(session)
    _check(session, given, None)
    return add_row(session, SourceAlias(**given.model_dump()), now)


def get_source_alias(session: Session, alias_id: uuid.UUID) -> SourceAlias:
    """One source alias."""
    return get_row(session, SourceAlias, alias_id)


def list_source_aliases(session: Session, wanted: SourceAliasFilter, window: Window) -> Stretch[SourceAlias]:
    """Source aliases that fit the filter."""
    statement = select(SourceAlias)
    for column in ("kind", "channel_id", "placement_id"):
        if (value := getattr(wanted, column)) is not None:
            statement = statement.where(getattr(SourceAlias, column) == value)
    return read_stretch(session, statement, SourceAlias, window)


def replace_source_alias(
    session: Session, alias_id: uuid.UUID, given: SourceAliasIn, *, revision: Revision, now: dt.datetime
) -> SourceAlias:
    """Change a source alias to what is given."""
    alias = get_row_to_change(session, SourceAlias, alias_id, revision)
    _check(session, given, alias)
    for field, value in given.model_dump().items():
        setattr(alias, field, value)
    return move_revision(session, alias, now)


def delete_source_alias(session: Session, alias_id: uuid.UUID, *, revision: Revision) -> None:
    """Delete a source alias; nothing stands on one."""
    session.delete(get_row_to_change(session, SourceAlias, alias_id, revision))
    session.flush()


def describe_source_alias(alias: SourceAlias) -> SourceAliasOut:
    """A source alias as the API shows it."""
    return SourceAliasOut.model_validate(alias, from_attributes=True)


def _check(session: Session, given: SourceAliasIn, alias: SourceAlias | None) -> None:
    refuse(_check_target(session, given))
    refuse(_check_code(session, given))
    rules = (SourceAlias.kind == given.kind, SourceAlias.observed == given.observed)
    check_unique(session, SourceAlias, alias, "observed", *rules)


def _check_code(session: Session, given: SourceAliasIn) -> Iterator[Problem]:
    """A code that a placement has is that placement's."""
    if given.kind == AliasKind.CODE:
        name = session.scalar(select(Placement.name).where(Placement.tracking_code == given.observed))
        if name is not None:
            yield Problem("observed", _("This is the code of “%(name)s” already.", name=name))


def _check_target(session: Session, given: SourceAliasIn) -> Iterator[Problem]:
    if (given.channel_id is None) == (given.placement_id is None):
        yield Problem("channel_id", _("Name either the channel or the placement that this means, not both."))
        return
    if given.kind == AliasKind.AD and given.placement_id is None:
        yield Problem("placement_id", _("An ad stands for a placement, which its cost belongs to; name one."))
        return
    if given.kind == AliasKind.CODE and given.placement_id is None:
        yield Problem(
            "placement_id",
            _("A code stands for a placement; name the one that “%(code)s” stands for.", code=given.observed),
        )
        return
    missing: list[Problem] = []
    if given.channel_id is not None:
        check_exists(session, Channel, given.channel_id, "channel_id", missing)
    if given.placement_id is not None:
        check_exists(session, Placement, given.placement_id, "placement_id", missing)
    yield from missing
