"""Rows of the plan by command, whatever their kind: fields are given and shown as a file of the plan has them, with
names for what other rows are."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast

import typer

from app.cli.listing import print_line, print_rows
from app.cli.runtime import Runtime
from app.i18n import _, speaking

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.planning.field import Given, Shown
    from app.planning.listing import Stretch
    from app.planning.nouns import Noun, Resolved, Row
    from app.web.paging import PageQuery

Fields: TypeAlias = Mapping[str, str | None]
"""What is given of a row, as cells of a sheet: what is None is not given, what is empty is taken away."""
Set: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="Any field, as show names it; nothing after = takes it away"),
]
Where: TypeAlias = Annotated[
    list[str] | None, typer.Option("--where", metavar="FIELD=VALUE", help="Only those; may be repeated")
]
Sort: TypeAlias = Annotated[str | None, typer.Option(help="A field, with a hyphen before it to run downwards")]
Revision: TypeAlias = Annotated[
    int | None, typer.Option(min=1, help="Change it only if it still is at this one, as show prints it")
]


@dataclass(frozen=True, slots=True)
class Kind:
    """How rows of a table are found, listed and described, and what a line says of each. `check` says before anything
    is stored why the command line may not."""

    table: str
    line: Sequence[str]
    find: "Callable[[Session, str], Any]"
    query: "type[PageQuery]"
    filter: type[Any]
    list: "Callable[[Session, Any, Any], Stretch[Any]]"
    describe: "Callable[[Session, Any], Shown]"
    of: Mapping[str, str] = field(default_factory=dict)
    """The table that a field of the filter names a row of."""
    check: "Callable[[Session, Given, Any | None], None]" = lambda _session, _given, _row: None

    @property
    def noun(self) -> "Noun":
        from app.planning.nouns import NOUNS

        return NOUNS[self.table]


def list_rows(
    runtime: Runtime, kind: Kind, where: Fields, sort: str | None, format: str, language: str | None,
    nothing: Callable[[], str],
) -> None:  # fmt: skip
    """Print the rows that are wanted; where there are none, what to do, as the reader speaks."""
    from app.planning.problem import read_as

    with _speaking(runtime, language), runtime.database.reading(runtime.organisation_id) as session, _naming(kind.noun):
        asked = {name: value for name, value in where.items() if value is not None}
        wanted = _read_filter(session, kind, asked) | ({"sort": sort} if sort else {})
        query = read_as(kind.query, wanted | {"limit": 200})
        stretch = kind.list(session, query.wanted(kind.filter), query.window())
        rows = list(stretch.rows)
        while stretch.next is not None:
            stretch = kind.list(session, query.wanted(kind.filter), _after(query, stretch.next))
            rows += stretch.rows
        cells = _cells_of(session, kind, rows)
        shown = [kind.describe(session, one) for one in rows]
        none = nothing()
    print_rows(kind.noun.schema if not shown else type(shown[0]), shown, format, lambda one: cells[one.id], none)


def show_row(runtime: Runtime, kind: Kind, name: str, format: str, language: str | None) -> None:
    """Print all that is known of a row: its fields as `--set` takes them, and what is made of them."""
    from app.planning.plan_sheets import flatten

    with _speaking(runtime, language), runtime.database.reading(runtime.organisation_id) as session:
        row = kind.find(session, name)
        shown = kind.describe(session, row)
        said = _spell(session, kind.noun, [row])[0]
    if format == "json":
        typer.echo(json.dumps(shown.model_dump(mode="json"), ensure_ascii=False, indent=2))
    elif format == "table":
        made = shown.model_dump(mode="json", exclude=set(kind.noun.schema.model_fields), exclude_none=True)
        for pair in flatten(said | made):
            print_line(pair)
    else:
        print_rows(type(shown), [shown], format, lambda _one: (), "")


def add_row(runtime: Runtime, kind: Kind, fields: Fields, sets: Sequence[str] | None, language: str | None) -> None:
    """Store a new row, and print its line."""
    from app.planning.one_round import store_read

    with _changing(runtime, kind, language) as session:
        patch = _read_patch(session, kind.noun, _with_sets(fields, sets), None)

        def store(said: "Given") -> Any:
            kind.check(session, said, None)
            return kind.noun.create(session, said, now=runtime.now())

        given = {name: value for name, value in patch.row.items() if value is not None}
        made = store_read(session, kind.noun.schema, given, store, patch.unfound)
        print_line(_cells_of(session, kind, [made])[made.id])


def change_row(
    runtime: Runtime,
    kind: Kind,
    name: str,
    fields: Fields,
    sets: Sequence[str] | None,
    revision: int | None,
    language: str | None,
) -> None:
    """Change what is given of a row, and print its line; the rest stays."""
    from app.cli.listing import said
    from app.planning.one_round import store_read
    from app.web.patch import overlay

    with _changing(runtime, kind, language) as session:
        changes = said(**_with_sets(fields, sets))
        row = kind.find(session, name)
        patch = _read_patch(session, kind.noun, {name: str(value) for name, value in changes.items()}, row)
        replace = cast("Callable[..., Any]", kind.noun.replace)  # what is never changed has no such verb

        def store(given: "Given") -> Any:
            kind.check(session, given, row)
            return replace(session, row.id, given, revision=revision, now=runtime.now())

        shown = kind.describe(session, row)
        kept = shown.model_dump(mode="json", include=set(kind.noun.schema.model_fields))
        given = overlay(kind.noun.schema, shown, patch.row)
        changed = store_read(session, kind.noun.schema, given, store, patch.unfound, kept)
        print_line(_cells_of(session, kind, [changed])[changed.id])


def pairs(option: str, given: Sequence[str] | None) -> dict[str, str | None]:
    """What is given as NAME=VALUE. Raises Invalid naming the option."""
    from app.errors import Invalid, Problem

    parted = [one.partition("=") for one in given or ()]
    if wrong := next((name for name, is_, _value in parted if not is_ or not name), None):
        raise Invalid([Problem(option, _("“%(text)s” has no =; write it as NAME=VALUE.", text=wrong))])
    return {name.strip(): value for name, _is, value in parted}


def _with_sets(fields: Fields, sets: Sequence[str] | None) -> dict[str, str | None]:
    return {**fields, **pairs("--set", sets)}


@contextmanager
def _speaking(runtime: Runtime, language: str | None) -> Iterator[None]:
    with speaking(runtime.language(language)):
        yield


@contextmanager
def _naming(noun: "Noun") -> Iterator[None]:
    """Let problems name fields as they are given here."""
    from app.errors import Invalid, Problem
    from app.planning.nouns import as_called

    try:
        yield
    except Invalid as error:
        raise Invalid([Problem(as_called(noun, one.field), one.message) for one in error.problems]) from None


@contextmanager
def _changing(runtime: Runtime, kind: Kind, language: str | None) -> "Iterator[Session]":
    with (
        _speaking(runtime, language),
        _naming(kind.noun),
        runtime.database.writing(runtime.organisation_id) as session,
    ):
        yield session


def _read_patch(session: "Session", noun: "Noun", fields: Fields, row: Any | None) -> "Resolved":
    """What is given as a merge patch of the API, and what it names in vain."""
    from app.planning.nouns import resolve
    from app.planning.plan_sheets import read_fields

    said = {name: _newest(session, name, value) for name, value in fields.items() if value is not None}
    patch = read_fields(noun, said, lambda: _currency(session, said, row))
    resolved = resolve(session, noun, patch)
    for column, (called, _of) in noun.names.items():
        if said.get(called) == "":
            outer, _dot, inner = column.rpartition(".")
            (resolved.row.setdefault(outer, {}) if outer else resolved.row)[inner] = None
    return resolved


def _newest(session: "Session", name: str, value: str) -> str:
    """Personas without a version are meant in their newest one."""
    from app.planning.persona import find_newest_persona

    if name not in ("persona", "also_for"):
        return value
    slugs = [one.strip() for one in value.split(",")]
    newest = {slug: find_newest_persona(session, slug) for slug in slugs if "@" not in slug}
    return ", ".join(f"{slug}@{found.version}" if (found := newest.get(slug)) else slug for slug in slugs)


def _currency(session: "Session", said: Mapping[str, str], row: Any | None) -> str:
    """That of an amount which says none."""
    from app.planning.campaign import Campaign
    from app.planning.neighbours import get_currency
    from app.planning.nouns import NOUNS, find_named

    campaign: Campaign | None = row if isinstance(row, Campaign) else getattr(row, "campaign", None)
    if campaign is None and "campaign" in said:
        campaign = find_named(session, NOUNS["campaigns"], said["campaign"])
    return get_currency(session, campaign)


def _read_filter(session: "Session", kind: Kind, asked: Mapping[str, str]) -> dict[str, object]:
    """What of a list is wanted, with keys for names. Raises Invalid for what nothing is listed by."""
    from dataclasses import fields

    from app.errors import Invalid, Problem
    from app.planning.nouns import NOUNS, find_named

    known = [one.name.removesuffix("_id") for one in fields(kind.filter)]
    wanted: dict[str, object] = {}
    for name, value in asked.items():
        if name not in known:
            raise Invalid(
                [Problem("--where", _("“%(text)s” is none of %(known)s.", text=name, known=", ".join(known)))]
            )
        if (of := kind.of.get(name)) is None or (of == "personas" and "@" not in value):
            wanted[name] = value
        elif (found := find_named(session, NOUNS[of], value)) is not None:
            wanted[f"{name}_id"] = found.id
        else:
            remedy = _("There is no “%(name)s” among the %(table)s; choose one that is there.", name=value, table=of)
            raise Invalid([Problem(name, remedy)])
    return wanted


def _after(query: "PageQuery", after: Any) -> Any:
    from dataclasses import replace

    return replace(query.window(), after=after)


def _spell(session: "Session", noun: "Noun", rows: Sequence[Any]) -> "list[Row]":
    """Rows as a file has them."""
    from app.planning.nouns import NOUNS, read_rows, spell

    tables = {of for _called, of in noun.names.values()}
    known = {of: {str(one.id): NOUNS[of].key(one) for one in read_rows(session, NOUNS[of])} for of in tables}
    return [spell(noun, row, known) for row in rows]


def _cells_of(session: "Session", kind: Kind, rows: Sequence[Any]) -> dict[Any, list[object]]:
    """What a line says of each row, by its key."""
    spelt = _spell(session, kind.noun, rows)
    return {
        row.id: [row.id if name == "id" else _cell(said.get(name)) for name in kind.line]
        for row, said in zip(rows, spelt, strict=True)
    }


def _cell(value: object) -> object:
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values())
    return ", ".join(value) if isinstance(value, list) else value
