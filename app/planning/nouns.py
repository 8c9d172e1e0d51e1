"""The kinds of rows of a plan, and how they are written and read where no keys are: what one row says of another it
says by that one's name, slug or tracking code."""

import copy
import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from app.database import new_id, organisation_of
from app.errors import Problem
from app.i18n import _
from app.planning.alias import SourceAliasIn, create_source_alias, describe_source_alias, replace_source_alias
from app.planning.asset import Asset, AssetIn, create_asset, describe_asset
from app.planning.campaign import Campaign, CampaignIn, create_campaign, describe_campaign
from app.planning.channel import Channel, ChannelIn, create_channel, describe_channel
from app.planning.claim import Claim, ClaimIn, create_claim, describe_claim
from app.planning.field import Given
from app.planning.invoice import Invoice
from app.planning.invoice_file import FiledInvoice, describe_filed, file_invoice, key_of_filed
from app.planning.job import Job, JobIn, create_job, describe_job, replace_job
from app.planning.naming import (
    NamingPreset,
    NamingPresetIn,
    create_naming_preset,
    describe_naming_preset,
    replace_naming_preset,
)
from app.planning.persona import Persona, create_persona, persona_as_given
from app.planning.persona_schema import PersonaIn
from app.planning.placement import Placement, PlacementIn, describe_placement
from app.planning.placing import create_placement, replace_placement
from app.planning.problem import field_of
from app.planning.replacing import replace_asset, replace_campaign, replace_channel, replace_claim
from app.planning.tracking import SourceAlias

Row: TypeAlias = dict[str, Any]
AT = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Noun:
    """One kind of row: how it is read, written and told apart. `names` says for a field (`a.b` for one inside another,
    or inside each of several) that holds the keys of other rows what it is called in a file, and of which noun they
    are. What has no `replace` is not changed: `instead` says what to do."""

    model: Any
    schema: type[Given]
    describe: Callable[[Any], Given]
    create: Callable[..., Any]
    replace: Callable[..., Any] | None
    key: Callable[[Any], str]
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    order: tuple[Any, ...] = ()
    loading: tuple[Any, ...] = ()
    instead: Callable[[], str] = str


def _job_key(job: Job) -> str:
    return f"{job.title} · {job.unit} · {job.specialty} · {job.opens_on}"


NOUNS: Mapping[str, Noun] = {
    "personas": Noun(
        Persona, PersonaIn, persona_as_given, create_persona, None, lambda one: f"{one.slug}@{one.version}",
        order=(Persona.slug, Persona.version), loading=(selectinload(Persona.factors),),
        instead=lambda: _("give what you changed the next version"),
    ),
    "claims": Noun(Claim, ClaimIn, describe_claim, create_claim, replace_claim, lambda one: one.slug),
    "channels": Noun(Channel, ChannelIn, describe_channel, create_channel, replace_channel, lambda one: one.name),
    "jobs": Noun(Job, JobIn, describe_job, create_job, replace_job, _job_key),
    "campaigns": Noun(
        Campaign, CampaignIn, describe_campaign, create_campaign, replace_campaign, lambda one: one.name,
        {"aim.jobs": ("aim.jobs", "jobs")},
    ),
    "assets": Noun(
        Asset, AssetIn, describe_asset, create_asset, replace_asset, lambda one: one.name,
        {"variant_of_id": ("variant_of", "assets"), "claim_ids": ("claims", "claims")},
        order=(Asset.variant_of_id.is_not(None), Asset.name), loading=(selectinload(Asset.claim_links),),
    ),
    "placements": Noun(
        Placement, PlacementIn, describe_placement, create_placement, replace_placement,
        lambda one: one.tracking_code or "",
        {"campaign_id": ("campaign", "campaigns"), "asset_id": ("asset", "assets"),
         "channel_id": ("channel", "channels"), "persona_id": ("persona", "personas"),
         "also_for_ids": ("also_for", "personas")},
        loading=(selectinload(Placement.further_links),),
    ),
    "invoices": Noun(
        Invoice, FiledInvoice, describe_filed, file_invoice, None, key_of_filed,
        {"campaign_id": ("campaign", "campaigns"), "placement_ids": ("placements", "placements"),
         "parts.placement_id": ("parts.placement", "placements")},
        loading=(selectinload(Invoice.shares),),
        instead=lambda: _("take it back under Costs, and read it in anew"),
    ),
    "source_aliases": Noun(
        SourceAlias, SourceAliasIn, describe_source_alias, create_source_alias, replace_source_alias,
        lambda one: f"{one.kind} {one.observed}",
        {"channel_id": ("channel", "channels"), "placement_id": ("placement", "placements")},
    ),
    "naming_presets": Noun(
        NamingPreset, NamingPresetIn, describe_naming_preset, create_naming_preset, replace_naming_preset,
        lambda one: one.name,
    ),
}  # fmt: skip
"""Every kind of row of the plan, each after those that it names."""


def as_called(noun: Noun, field: str) -> str:
    """A field as a file has it: `campaign` for `campaign_id`."""
    called = noun.names.get(AT.sub("", field), ("", ""))[0]
    return f"{field.rpartition('.')[0]}.{called.rpartition('.')[2]}".removeprefix(".") if called else field


def read_rows(session: Session, noun: Noun) -> Sequence[Any]:
    statement = select(noun.model).order_by(*(noun.order or (noun.model.created_at, noun.model.id)))
    return session.scalars(statement.options(*noun.loading)).all()


def spell(noun: Noun, row: Any, known: Mapping[str, Mapping[Any, str]]) -> Row:
    """A row as a file has it."""
    spelt = noun.describe(row).model_dump(mode="json", include=set(noun.schema.model_fields), exclude_none=True)
    for column, (called, of) in noun.names.items():
        _rename(spelt, column, called, partial(_name_of, known[of]))
    return spelt


def _name_of(names: Mapping[Any, str], id: Any, _place: str) -> str:
    return names[id]


def _rename(row: Row, column: str, called: str, read: Callable[[Any, str], Any], before: str = "") -> None:
    """Call a field of a row otherwise, and let it say what `read` makes of each key or name in it; `read` is also
    told the field's place. An empty field is left out."""
    step, _dot, rest = column.partition(".")
    if rest:
        inner, further = row.get(step), called.partition(".")[2]
        if isinstance(inner, dict):
            _rename(inner, rest, further, read, f"{before}{step}.")
        for at, one in enumerate(inner if isinstance(inner, list) else ()):
            if isinstance(one, dict):
                _rename(one, rest, further, read, f"{before}{step}[{at}].")
    elif said := row.pop(step, None):
        place = f"{before}{step}"
        row[called] = [read(one, place) for one in said] if isinstance(said, list) else read(said, place)


@dataclass(frozen=True, slots=True)
class Unfound:
    """A name of no row: in which field of a file, and of the schema, and of which noun."""

    field: str
    into: str
    name: str
    table: str

    def problem(self) -> Problem:
        """What to do about it."""
        remedy = _("There is no “%(name)s” among the %(table)s; add it.", name=self.name, table=self.table)
        return Problem(self.field, remedy)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A row as its schema takes it, and what it names in vain."""

    row: Row
    unfound: Sequence[Unfound]


def resolve(session: Session, noun: Noun, row: Row, refused: Set[tuple[str, str]] = frozenset()) -> Resolved:
    """A row with the keys of the rows that it names. What is not there, or among the `refused` as a table and a name,
    has a key that is nobody's."""
    given, missing = copy.deepcopy(row), list[Unfound]()
    for column, (called, of) in noun.names.items():

        def read(name: Any, place: str, of: str = of, into: str = field_of(column)) -> str:
            found = None if (of, str(name)) in refused else find_named(session, NOUNS[of], str(name))
            if found is None:
                missing.append(Unfound(place, into, str(name), of))
            return str(new_id() if found is None else found.id)

        _rename(given, called, column, read)
    return Resolved(given, missing)


def key_as_written(noun: Noun, row: Row) -> str:
    """What other rows of a file call a row, whether it can be stored or not."""
    return str(noun.key(_Written(row)))


class _Written:
    """A row of a file with its fields as a stored one has them; empty where it has none."""

    def __init__(self, row: Row) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return self._row.get(name, "")


def find_named(session: Session, noun: Noun, name: str) -> Any | None:
    """The row of this name: the organisation's own, else one that is shared with it."""
    return next(
        iter([*find_all_named(session, noun, name, own=True), *find_all_named(session, noun, name, own=False)]), None
    )


def find_all_named(session: Session, noun: Noun, name: str, *, own: bool) -> list[Any]:
    """The rows of this name that are the organisation's own, or those that are shared with it."""
    if "\x00" in name:  # which PostgreSQL takes in no text
        return []
    here = noun.model.organisation_id == organisation_of(session)
    rows = session.scalars(_by_name(noun, name).where(here if own else ~here).order_by(noun.model.id)).all()
    found = [row for row in rows if noun.key(row) == name]
    return found or [row for row in rows if isinstance(row, Placement) and row.came_as == name]


def _by_name(noun: Noun, name: str) -> Any:
    """The rows that may have this name; what is a name of several columns is looked at row by row."""
    model = noun.model
    if model is Persona:
        return select(model).where(model.slug == name.rpartition("@")[0])
    if model is SourceAlias:
        return select(model).where(model.observed == name.partition(" ")[2])
    if model in (Job, Invoice):
        words = name.split(" · ")
        first = Job.title if model is Job else Invoice.reference
        return select(model).where(first.in_([" · ".join(words[:n]) for n in range(1, len(words))]))
    if model is Placement:
        return select(model).where(or_(model.tracking_code == name, model.came_as == name))
    column = {Claim: "slug"}.get(model, "name")
    return select(model).where(getattr(model, column) == name)
