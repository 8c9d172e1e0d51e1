"""The whole plan as tables of plain rows, there and back without loss: what one row says of another it says by that
one's name, slug or tracking code, so that a plan can be read into another organisation, or be written by hand."""

import copy
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from app.database import organisation_of
from app.errors import Conflict, Denied, Invalid, Problem
from app.i18n import _
from app.planning.alias import SourceAliasIn, create_source_alias, describe_source_alias, replace_source_alias
from app.planning.asset import Asset, AssetIn, create_asset, describe_asset
from app.planning.campaign import Campaign, CampaignIn, create_campaign, describe_campaign
from app.planning.channel import Channel, ChannelIn, create_channel, describe_channel
from app.planning.claim import Claim, ClaimIn, create_claim, describe_claim
from app.planning.field import Given
from app.planning.holding import hold_back
from app.planning.invoice import Invoice
from app.planning.invoice_file import FiledInvoice, describe_filed, file_invoice, key_of_filed, with_parts
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
from app.planning.placing import CodeTakenError, create_placement, replace_placement
from app.planning.problem import read_as
from app.planning.replacing import replace_asset, replace_campaign, replace_channel, replace_claim
from app.planning.row import begin_change
from app.planning.tracking import SourceAlias

Row: TypeAlias = dict[str, Any]
Tables: TypeAlias = Mapping[str, Sequence[Row]]
"""The rows of each noun, by its name in the plural; fields as the API takes them, but for what names another row."""
_CALLED = ("name", "slug", "title", "reference", "observed", "tracking_code")
"""What a row may be called by, the first that it has."""
_AT = re.compile(r"\[(\d+)\]")


class SheetRow(dict[str, Any]):
    """A row that a sheet has, with the number that a spreadsheet shows beside it."""

    def __init__(self, said: Row, number: int) -> None:
        self.number = number
        super().__init__(said)


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


@dataclass(frozen=True, slots=True)
class PlanResult:
    """What reading a plan in did, or would do: how many rows of each noun were added, changed, and as they are; and
    the names of those that wait for an approval here: assets that stay drafts, and their placements, not live yet.
    `recoded` names the placements that got a fresh code, since that in the file is another organisation's here."""

    added: Mapping[str, int]
    changed: Mapping[str, int]
    unchanged: Mapping[str, int]
    waiting: Mapping[str, Sequence[str]] = field(default_factory=dict)
    recoded: Sequence[str] = ()


def export_plan(session: Session) -> dict[str, list[Row]]:
    """The organisation's own plan; of what is shared from above only the names that its rows use."""
    own = organisation_of(session)
    rows = {name: _rows(session, noun) for name, noun in NOUNS.items()}
    known = {name: {str(row.id): noun.key(row) for row in rows[name]} for name, noun in NOUNS.items()}
    return {
        name: [_spell(noun, row, known) for row in rows[name] if row.organisation_id == own]
        for name, noun in NOUNS.items()
    }


def import_plan(session: Session, tables: Tables, *, now: dt.datetime, rehearse: bool = False) -> PlanResult:
    """Store every row of a plan, or nothing when one breaks a rule; every problem is named with its row. What is
    there under the same name is changed to what the row says, and what no row names stays. A rehearsal stores
    nothing."""
    begin_change(session)
    counts = {name: Counter[str]() for name in ("added", "changed", "unchanged")}
    seen: Counter[str] = Counter()
    waiting: dict[str, list[str]] = {}
    recoded: list[str] = []
    problems = list(_check_nouns(tables))
    with session.begin_nested() as all_of_it:
        for name in NOUNS:
            for at, row in enumerate(tables.get(name, ())):
                try:
                    outcome, waits, anew = _store(session, name, row, seen, now)
                    counts[outcome][name] += 1
                    recoded += [_call(row)] if anew else []
                    if waits:
                        waiting.setdefault(name, []).append(_call(row))
                except Invalid as error:
                    problems += [in_row(name, at, row, one.message, one.field) for one in error.problems]
                except (Conflict, Denied) as error:
                    problems.append(in_row(name, at, row, str(error)))
        if problems:
            raise Invalid(problems)
        if rehearse:
            all_of_it.rollback()
    return PlanResult(**{name: dict(found) for name, found in counts.items()}, waiting=waiting, recoded=tuple(recoded))


def in_row(table: str, at: int, row: object, message: str, field: str = "") -> Problem:
    """What is wrong with a row, the one `at` this place from 0 of its table: the text itself says in which row and
    column of a sheet, since a page and a command show nothing else."""
    noun = NOUNS.get(table)
    field = _as_called(noun, field) if noun else field
    place = {
        "table": table, "problem": message, "column": _AT.sub(r".\1", field), "name": _call(row),
        "n": row.number if isinstance(row, SheetRow) else at + 1,
    }  # fmt: skip
    if field:
        said = _("%(table)s, row %(n)s (%(name)s), column %(column)s: %(problem)s", **place)
    else:
        said = _("%(table)s, row %(n)s (%(name)s): %(problem)s", **place)
    return Problem(f"{table}[{at}].{field}".removesuffix("."), said)


def no_table(name: str) -> Problem:
    """A table that no plan has."""
    return Problem(name, _("A plan has no table “%(name)s”; it has %(known)s.", name=name, known=", ".join(NOUNS)))


def _as_called(noun: Noun, field: str) -> str:
    """A field as a file has it: `campaign` for `campaign_id`."""
    called = noun.names.get(_AT.sub("", field), ("", ""))[0]
    return f"{field.rpartition('.')[0]}.{called.rpartition('.')[2]}".removeprefix(".") if called else field


def _call(row: object) -> str:
    said = [row.get(name) for name in _CALLED] if isinstance(row, dict) else []
    return next((one for one in said if isinstance(one, str) and one.strip()), _("without a name"))


def _check_nouns(tables: Tables) -> Iterator[Problem]:
    return (no_table(name) for name in tables if name not in NOUNS)


def _rows(session: Session, noun: Noun) -> Sequence[Any]:
    statement = select(noun.model).order_by(*(noun.order or (noun.model.created_at, noun.model.id)))
    return session.scalars(statement.options(*noun.loading)).all()


def _spell(noun: Noun, row: Any, known: Mapping[str, Mapping[Any, str]]) -> Row:
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


def _store(session: Session, name: str, row: Row, seen: Counter[str], now: dt.datetime) -> tuple[str, bool, bool]:
    """Add a row, or change the one that has its name; says which, whether it waits for an approval, and whether it got
    a fresh code. `seen` counts the rows of each name so far, since two jobs may be alike."""
    noun = NOUNS[name]
    said = _with_its_code(session, read_as(noun.schema, _resolve(session, noun, row)))
    called = noun.key(said)
    there = _find_all(session, noun, called, own=True)[seen[f"{name} {called}"] :]
    said = with_parts(said, there[:1]) if isinstance(said, FiledInvoice) else said
    given = hold_back(session, said, there[0] if there else None)
    waits = given is not said
    seen[f"{name} {called}"] += bool(called)
    if not there:
        return "added", waits, _add(session, noun, given, now)
    if _as_given(noun, there[0]) == given:
        return "unchanged", waits, False
    if noun.replace is None:
        short = called.partition(" · ")[0]
        raise Conflict(_("%(name)s is stored with other content; %(instead)s.", name=short, instead=noun.instead()))
    noun.replace(session, there[0].id, given, revision=None, now=now)
    return "changed", waits, False


def _add(session: Session, noun: Noun, given: Given, now: dt.datetime) -> bool:
    """Add a row; a placement whose code is another organisation's gets a fresh one, which is said by True. The file's
    own is kept beside it, so that later rows and readings find it by that."""
    try:
        noun.create(session, given, now=now)
    except CodeTakenError:
        placement = noun.create(session, given.model_copy(update={"tracking_code": None}), now=now)
        placement.came_as = getattr(given, "tracking_code", None)
        session.flush()
        return True
    return False


def _with_its_code(session: Session, given: Any) -> Any:
    """A placement that was written by hand has no code: it is the one of its name in its campaign, if there is one. One
    whose code is another organisation's has a code of its own here."""
    if not isinstance(given, PlacementIn):
        return given
    if given.tracking_code:
        here = _find(session, NOUNS["placements"], given.tracking_code)
        return given.model_copy(update={"tracking_code": here.tracking_code}) if here is not None else given
    alike = select(Placement.tracking_code).where(
        Placement.campaign_id == given.campaign_id, Placement.name == given.name
    )
    codes = session.scalars(alike).all()
    return given.model_copy(update={"tracking_code": codes[0]}) if len(codes) == 1 else given


def _as_given(noun: Noun, row: Any) -> Given:
    return noun.schema.model_validate(noun.describe(row).model_dump(include=set(noun.schema.model_fields)))


def _resolve(session: Session, noun: Noun, row: Row) -> Row:
    """A row with the keys of the rows that it names."""
    given, problems = copy.deepcopy(row), []
    for column, (called, of) in noun.names.items():

        def find(name: Any, place: str, of: str = of) -> str:
            found = _find(session, NOUNS[of], str(name))
            if found is None:
                remedy = _("There is no “%(name)s” among the %(table)s; add it.", name=name, table=of)
                problems.append(Problem(place, remedy))
                return ""
            return str(found.id)

        _rename(given, called, column, find)
    if problems:
        raise Invalid(problems)
    return given


def _find(session: Session, noun: Noun, name: str) -> Any | None:
    """The row of this name: the organisation's own, else one that is shared with it."""
    return next(iter([*_find_all(session, noun, name, own=True), *_find_all(session, noun, name, own=False)]), None)


def _find_all(session: Session, noun: Noun, name: str, *, own: bool) -> list[Any]:
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
