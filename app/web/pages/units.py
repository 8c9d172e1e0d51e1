"""The units below the organisation, for its administrators: what is placed where, and which departments are which
unit. What one of them is called, shares and links to has a page of its own. Whoever may not see small counts sees all
but the counts."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.access.organisation import (
    DEEPEST_CHAIN,
    Organisation,
    create_organisation,
    get_organisation_within,
    list_ancestors,
    list_descendants,
    name_paths,
)
from app.errors import Invalid, Problem
from app.i18n import _, ngettext, number
from app.intake.unit_rule import Department, change_unit_rule, count_placed, list_departments, lock_unit_rules
from app.intake.vendors import list_connections
from app.web.pages.administering import Form, only, read_pairs, require_administrator
from app.web.pages.door import go_to, read_id
from app.web.pages.meanwhile import merge_rows, require_agreed, require_whole
from app.web.pages.visit import Again, Make, Visit, answer, change

router = APIRouter(include_in_schema=False)

Sent = Annotated[Form, Depends(read_pairs)]


@dataclass(frozen=True, slots=True)
class Node:
    """An organisation in the tree, with those right below it; `placed` is empty where the reader may see no counts."""

    id: uuid.UUID
    name: str
    address: str
    placed: str
    shares: str
    below: "Sequence[Node]"


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """A department as the page shows it: the unit chosen for it, empty for the organisation itself, which it is now,
    and whether somebody else said that while the visitor said something different."""

    name: str
    applications: str
    unit: str
    waits: bool
    now: str
    clashes: bool = False


@dataclass(frozen=True, slots=True)
class SystemRule:
    """The unit rule of one system, the departments without a unit first."""

    system: str
    name: str
    departments: Sequence[DepartmentRow]


@router.get("/units")
def units(request: Request) -> Response:
    """The tree, and the rules that place applications in it."""
    return answer(request, _page)


@router.post("/units")
def found(request: Request, sent: Sent) -> Response:
    """Found a unit below the organisation or one of its units."""

    def do(visit: Visit) -> Response:
        above = only(sent, "parent") or str(visit.organisation.id)
        parent = get_organisation_within(visit.session, visit.organisation.id, read_id(above))
        unit = create_organisation(visit.session, only(sent, "name"), parent=parent, now=visit.now)
        return go_to(visit.address("/units", founded=unit.id))

    return administer(request, do, lambda visit, problems: _page(visit, problems, founding=sent))


@router.post("/units/departments")
def place(request: Request, sent: Sent) -> Response:
    """Say which unit departments of a system are, and place its applications anew."""

    def do(visit: Visit) -> Response:
        anew = place_departments(visit, only(sent, "system"), sent)
        said = "none" if anew is None else anew if visit.sees_small_counts else "kept"
        return go_to(visit.address("/units", anew=said))

    return administer(request, do, lambda visit, problems: _page(visit, problems, placing=sent))


def place_departments(visit: Visit, system: str, sent: Form) -> int | None:
    """Do what a form says of a system's departments; gives how many applications were placed anew, or None where
    nothing was to be changed."""
    lock_unit_rules(visit.session)
    changes = _read_changes(list_departments(visit.session), system, sent)
    return change_unit_rule(visit.session, system, changes) if changes else None


def administer(request: Request, do: Make, again: Again) -> Response:
    """Do what an administrator's form asks for, or show its page again with what is wrong."""

    def as_administrator(visit: Visit) -> Response:
        require_administrator(visit)
        return do(visit)

    return change(request, as_administrator, again)


def _read_changes(known: Sequence[Department], system: str, sent: Form) -> dict[str, uuid.UUID | None]:
    """What is said of departments and is not so yet. Raises Stale where somebody else said something different."""
    require_whole(sent, "department", "unit")
    now, named = _now(one for one in known if one.system == system), set(sent.get("department", []))
    if not named or not named <= now.keys():
        raise Invalid([Problem("department", _("Part of the form is missing; open the page and send it again."))])
    changes = require_agreed(merge_rows(now, sent, "department", "unit"))
    return {name: read_id(unit) if unit else None for name, unit in changes.items()}


def _now(known: Iterable[Department]) -> dict[str, str]:
    return {one.name: str(one.unit_id) if one.unit_id else "" for one in known}


def _page(
    visit: Visit, problems: Sequence[str] = (), *, founding: Form | None = None, placing: Form | None = None
) -> Response:
    require_administrator(visit)
    view = units_view(visit, problems, founding or {}, placing or {})
    return visit.page("units.html", view, 422 if problems else 200)


def units_view(visit: Visit, problems: Sequence[str], founding: Form, placing: Form) -> dict[str, Any]:
    """All that the page shows; what was typed into a form that was refused is kept."""
    own, below = visit.organisation, list_descendants(visit.session, visit.organisation.id)
    departments = list_departments(visit.session)
    return {
        "title": _("Units"),
        "finding": _finding(visit, below, departments),
        "said": _said(visit, {one.id: one for one in below}),
        "problems": problems,
        "tree": _tree(visit, own, below, count_placed(visit.session)),
        "counts": visit.sees_small_counts,
        "here": visit.address("/units"),
        "parents": _parents(visit, own, below, only(founding, "parent")),
        "name": only(founding, "name"),
        "misnamed": bool(problems and founding),
        "place": visit.address("/units/departments"),
        "units": list_choices(below),
        "departments": len(departments),
        "rules": list_rules(visit, departments, placing),
        "own": own.name,
    }


def list_choices(below: Sequence[Organisation]) -> list[tuple[str, str]]:
    """The units that a department may be, by their paths."""
    return [(str(id), path) for id, path in sorted(name_paths(below).items(), key=lambda one: one[1])]


def _finding(visit: Visit, below: Sequence[Organisation], departments: Sequence[Department]) -> str:
    own = visit.organisation
    if not below:
        return _("%(name)s has no unit yet: all applications are its own.", name=own.name)
    units = ngettext("%(n)s unit below %(name)s.", "%(n)s units below %(name)s.", len(below), name=own.name)
    left = [one for one in departments if one.unit_id is None]
    if not left:
        return units
    waiting = ngettext("%(n)s department is no unit yet", "%(n)s departments are no unit yet", len(left))
    if not visit.sees_small_counts:
        return f"{units} {waiting}; " + _("the applications from there are placed in %(name)s itself.", name=own.name)
    placed = sum(one.applications for one in left)
    kept = ngettext("%(n)s application from there is placed in %(name)s itself.",
                    "%(n)s applications from there are placed in %(name)s itself.", placed, name=own.name)  # fmt: skip
    return f"{units} {waiting}; {kept}"


def _said(visit: Visit, below: Mapping[uuid.UUID, Organisation]) -> str:
    """What the change did that the visitor comes from."""
    anew = visit.asked.get("anew", "")
    if anew == "none":
        return _("Nothing was to be changed.")
    if anew == "kept":
        return _("Kept. The applications were placed anew.")
    if anew.isascii() and anew.isdecimal() and len(anew) < 12:
        return ngettext("Kept. %(n)s application was placed anew.", "Kept. %(n)s applications were placed anew.",
                        int(anew))  # fmt: skip
    founded = {str(id): one for id, one in below.items()}.get(visit.asked.get("founded", ""))
    return _("%(name)s was founded.", name=founded.name) if founded else ""


def _tree(visit: Visit, own: Organisation, below: Sequence[Organisation], placed: Mapping[uuid.UUID, int]) -> Node:
    def node(one: Organisation) -> Node:
        count = number(placed.get(one.id, 0)) if visit.sees_small_counts else ""
        units = [node(unit) for unit in below if unit.parent_id == one.id]
        return Node(one.id, one.name, visit.address(f"/units/{one.id}"), count, shared_words(one), units)

    return node(own)


def shared_words(one: Organisation) -> str:
    """What an organisation shares with the units below it, in a few words."""
    shared = [words for name, words in sharing_words() if getattr(one, name)]
    return _("shares %(nouns)s", nouns=", ".join(shared)) if shared else ""


def sharing_words() -> list[tuple[str, str]]:
    """What may be shared, by the name of the choice."""
    return [
        ("shares_personas", _("personas")),
        ("shares_claims", _("promises")),
        ("shares_channels", _("channels")),
        ("shares_presets", _("naming presets")),
        ("shares_templates", _("campaign templates")),
    ]


def _parents(
    visit: Visit, own: Organisation, below: Sequence[Organisation], chosen: str
) -> list[tuple[str, str, bool]]:
    """Below whom a unit may be founded: whoever is not the last of as long a chain as there may be."""
    above = len(list_ancestors(visit.session, own.id))
    paths = name_paths([own, *below])
    depth = {own.id: above + 1}
    while len(depth) <= len(below):
        depth |= {one.id: depth[one.parent_id] + 1 for one in below if one.parent_id in depth}
    there = sorted((path, str(id)) for id, path in paths.items() if depth[id] < DEEPEST_CHAIN)
    return [(id, path, id == chosen) for path, id in there]


def list_rules(visit: Visit, departments: Sequence[Department], placing: Form) -> list[SystemRule]:
    """The rule of each system that spoke of departments; what was typed into a form that was refused is kept."""
    names = {one.system: one.name for one in list_connections(visit.session)}
    rules = []
    for system in dict.fromkeys(one.system for one in departments):
        here = [one for one in departments if one.system == system]
        rows = _rows(here, placing if only(placing, "system") == system else {}, visit.sees_small_counts)
        rows.sort(key=lambda row: not row.waits)
        rules.append(SystemRule(system, names.get(system) or system.rpartition(":")[2], rows))
    return sorted(rules, key=lambda rule: not rule.departments[0].waits)


def _rows(departments: Sequence[Department], sent: Form, counts: bool) -> list[DepartmentRow]:
    """A row for each department of a system, beside what a form says of it that was refused."""
    now = _now(departments)
    merged = merge_rows(now, sent, "department", "unit")
    chosen = {**now, **merged.changes}
    return [
        DepartmentRow(
            one.name, ngettext("%(n)s application", "%(n)s applications", one.applications) if counts else "",
            chosen[one.name], one.unit_id is None, now[one.name], one.name in merged.clashes,
        )
        for one in departments
    ]  # fmt: skip
