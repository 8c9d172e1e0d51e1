"""Is the analytics in order? What is not, each with the list behind it, the remedy and who can do it."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import exists, select

from app.access.token import Role
from app.database import from_micros
from app.errors import Invalid, Problem
from app.funnel.application import Application, SystemProgress
from app.funnel.daily_ad_total import Platform
from app.i18n import _, date, ngettext
from app.planning.placement import Placement
from app.reports.check_words import PLANNERS, check_name, finding_words, item_name, item_note, remedy_words, who_can
from app.reports.checks import Check, Found, Item, read_check
from app.reports.likely import load_likely
from app.reports.listing import Odd, OddCell
from app.reports.put_aside import PutAside, Standing, put_aside, take_up
from app.web.checks import run_checks
from app.web.pages.actors import name_actors
from app.web.pages.administering import actor_of, only
from app.web.pages.counted import counted_address
from app.web.pages.data_line import read_systems
from app.web.pages.door import go_to
from app.web.pages.needs import system_needs
from app.web.pages.roles import role_name
from app.web.pages.units import Sent
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)

SHOWN = 8
OF_THE_PLAN = (Check.PERSONAS, Check.CONSENTS)
"""Checks that find what the plan lacks, and of which no number is made."""
WEEKS = (1, 4, 13)
"""For how long a check may be put aside on the page."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """What a name or a code probably means, to be said with one click: the fields of the form, and its words."""

    kind: str
    observed: str
    means: str
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is not in order, and where it is put right."""

    name: str
    note: str
    address: str
    confirm: "Confirm | None" = None


@dataclass(frozen=True, slots=True)
class Section:
    """One check that found something."""

    check: str
    finding: str
    remedy: str
    who: str
    verb: tuple[str, str]
    lines: Sequence[Line]
    more: Sequence[Line]
    aside: str = ""
    may_do: bool = False


@router.get("/checks")
def checks(request: Request) -> Response:
    """What waits, what is put aside, and what is in order."""
    return answer(request, _page)


@router.post("/checks/{check}/aside")
def set_aside(request: Request, check: str, sent: Sent) -> Response:
    """Put a check aside for a while."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        wanted, weeks = read_check(check), only(sent, "weeks")
        if weeks not in {str(one) for one in WEEKS}:
            raise Invalid([Problem("weeks", _("Part of the form is missing; open the page and send it again."))])
        found = next(one.found for one in _run(visit) if one.found.check is wanted)
        until = visit.today + dt.timedelta(weeks=int(weeks))
        put_aside(visit.session, found, until, actor_of(visit), today=visit.today, now=visit.now)
        return go_to(visit.address("/checks"))

    return change(request, do, _page)


@router.post("/checks/{check}/again")
def again(request: Request, check: str) -> Response:
    """Tell of it again."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        take_up(visit.session, read_check(check))
        return go_to(visit.address("/checks"))

    return change(request, do, _page)


def _run(visit: Visit) -> list[Standing]:
    return run_checks(visit.session, visit.organisation, visit.now)


def _page(visit: Visit, problems: Sequence[str] = ()) -> Response:
    return visit.page("checks.html", checks_view(visit, problems), 422 if problems else 200)


def checks_view(visit: Visit, problems: Sequence[str] = ()) -> dict[str, Any]:
    """All that the page shows."""
    standing = _run(visit)
    names = name_actors(visit, [(one.aside.actor_kind, one.aside.actor_name) for one in standing if one.aside])
    waiting = [one for one in standing if one.is_open]
    nothing = not any(one.found.items for one in standing) and not _has_anything(visit)
    progress = visit.session.scalars(select(SystemProgress))
    systems = list(system_needs(visit, read_systems(visit, {one.system: from_micros(one.through) for one in progress})))
    return {
        "title": _("Are the numbers in order?"),
        "finding": _("There is nothing to check yet: no ad is placed, and nobody has applied. Begin here:")
        if nothing
        else checks_finding(standing, len(systems)),
        "first": visit.address("/start") if nothing else "",
        "problems": problems,
        "systems": systems,
        "waiting": [_section(visit, one, names) for one in waiting],
        "aside": [_section(visit, one, names) for one in standing if one.found.items and not one.is_open],
        "in_order": ""
        if nothing
        else ", ".join(check_name(one.found.check) for one in standing if not one.found.items),
        "weeks": [(n, ngettext("for a week", "for %(n)s weeks", n)) for n in WEEKS],
    }


def _has_anything(visit: Visit) -> bool:
    """Whether there is a placement or an application that a check could find something in."""
    return any(visit.session.scalar(select(exists(select(one.id)))) for one in (Placement, Application))


def checks_finding(standing: Sequence[Standing], systems: int) -> str:
    """All checks in a sentence, with how many systems are not read any more."""
    of_plan = sum(one.is_open and one.found.check in OF_THE_PLAN for one in standing)
    waiting = systems + sum(one.is_open for one in standing) - of_plan
    said = []
    if waiting:
        said.append(ngettext("Because of %(n)s thing the numbers are not right or not complete.",
                             "Because of %(n)s things the numbers are not right or not complete.",
                             waiting))  # fmt: skip
    if of_plan:
        said.append(ngettext("%(n)s thing of the plan is incomplete; no number is wrong because of it.",
                             "%(n)s things of the plan are incomplete; no number is wrong because of them.",
                             of_plan))  # fmt: skip
    if said:
        return " ".join(said)
    if any(one.found.items for one in standing):
        return _("Nothing needs you now: everything that is not in order is put aside.")
    return _("Everything is in order.")


def _section(visit: Visit, one: Standing, names: Mapping[str, str]) -> Section:
    check = one.found.check
    lines = [
        Line(item_name(item), item_note(check, item), item_address(visit, item), confirm)
        for item, confirm in zip(one.found.items, _confirm_each(visit, one.found), strict=True)
    ]
    words = finding_words(one.found), remedy_words(check)
    shown = make_section(check.value, words, who_can(check), check_verb(visit, check), lines)
    aside = _aside_words(visit, one.aside, names) if one.aside else ""
    return replace(shown, aside=aside, may_do=visit.member.place.role in PLANNERS)


def _confirm_each(visit: Visit, found: Found) -> Iterator[Confirm | None]:
    """For each thing that is found what it probably means; only of those that are shown at once, and for planners."""
    may_say = found.check in (Check.SOURCES, Check.CODES) and visit.member.place.role in PLANNERS
    likely = load_likely(visit.session) if may_say and found.items else None
    for place, item in enumerate(found.items):
        meant = likely.propose(item.noun, item.key) if likely and place < SHOWN else None
        yield Confirm(item.noun, item.key, f"{meant.noun}:{meant.key}", meant.name) if meant else None


def make_section(
    name: str, words: tuple[str, str], roles: Sequence[Role], verb: tuple[str, str], lines: Sequence[Line]
) -> Section:
    """A finding and its remedy, with who can do it, the page that does, and the list, whose tail is folded away."""
    who = ", ".join(role_name(role) for role in roles)
    return Section(name, *words, who, verb, lines[:SHOWN], lines[SHOWN:])


def check_verb(visit: Visit, check: Check) -> tuple[str, str]:
    """The page on which all of a check is put right, where there is one."""
    address, words = {
        Check.SOURCES: ("/data/sources", _("Say what they mean")),
        Check.CODES: ("/data/sources", _("Say which placement each is")),
        Check.ADS: ("/data/ad-totals", _("Say which placements they are")),
        Check.AD_TOTALS: ("/data/ad-totals", _("Read a file")),
        Check.WEBHOOKS: ("/data", _("How the data comes in")),
    }.get(check, ("", ""))
    return (visit.address(address), words) if address else ("", "")


def item_address(visit: Visit, item: Item) -> str:
    """The page of one thing that is not in order."""
    if item.noun in ("placement", "asset"):
        return visit.address(f"/{item.noun}s/{item.key}")
    if item.noun == "code":
        return counted_address(visit, OddCell(Odd.CODE, item.key), seen="checks")
    if item.noun == "connection":
        return visit.address(f"/data/{item.key}/webhooks")
    return visit.address("/data/ad-totals" if item.noun in set(Platform) else "/data/sources")


def _aside_words(visit: Visit, aside: PutAside, names: Mapping[str, str]) -> str:
    by = names[aside.actor_name]
    on = date(aside.at.astimezone(visit.organisation.zone).date())
    return _("Put aside until %(day)s by %(name)s on %(on)s.", day=date(aside.until), name=by, on=on)
