"""Today: what needs you, what changed, and whether the data is fresh. Nothing else."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from app.access.barrier_report import count_barriers
from app.funnel.stage import Stage
from app.i18n import _, at_words, date, ngettext, number, pick
from app.intake.connection import Connection
from app.planning.asset import list_undescribed
from app.planning.placement import Placement
from app.planning.schedule import Due, DueKind, list_due
from app.reports import attention
from app.reports.answers import Effectiveness, Funnel, Row, Unmatched
from app.reports.check_words import finding_words, item_name, often_words, remedy_words
from app.reports.checks import Check, Found, Item, checks_of_day
from app.reports.effectiveness import report_effectiveness
from app.reports.funnel import report_funnel
from app.reports.listing import PartOfStage, StageCell
from app.reports.names import came_to_stage, name_few, quote_few
from app.reports.put_aside import stand
from app.reports.scope import By, View
from app.reports.system_jobs import name_proposed
from app.reports.tally import list_unsteady, open_words, tally
from app.reports.tracing_words import traced_finding
from app.reports.unmatched import report_unmatched
from app.reports.wording import Verdict, verdict_words
from app.web.checks import find_refused
from app.web.late import ask_still
from app.web.pages.approving import find_approvers
from app.web.pages.checks import check_verb, item_address
from app.web.pages.counted import Counted, count_cell
from app.web.pages.data_line import Freshness, SystemRead, read_systems, read_to_day, waiting_says
from app.web.pages.needs import Need, system_needs
from app.web.pages.placement_link import PLANNERS
from app.web.pages.row_pages import TURNS, why_address
from app.web.pages.start import list_steps_left
from app.web.pages.visit import Visit, answer
from app.web.pages.work_list import list_asked_for
from app.web.waiting import with_waiting

router = APIRouter(include_in_schema=False)

RECENT_DAYS = 7
BOOKED_AHEAD = dt.timedelta(weeks=1)
"""How long before its last day it is told what must be booked."""
MOST_OPENED = 3
"""How many assets of one need, or verdicts that one application turns, have a link of their own."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A verdict that is not what it was."""

    label: str
    address: str
    before: Verdict
    after: Verdict
    turns: str
    """Where it is told what would turn it again."""


@router.get("/")
def today(request: Request) -> Response:
    """What needs you, what changed, and whether the data is fresh."""
    return answer(request, lambda visit: visit.page("today.html", _make(visit)))


def _make(visit: Visit) -> dict[str, Any]:
    since = visit.today - dt.timedelta(days=RECENT_DAYS)
    now = with_waiting(visit.session, report_effectiveness(visit.session, visit.scope()))
    before = report_effectiveness(visit.session, visit.scope(as_of=since))
    lately = report_funnel(
        visit.session, visit.scope(view=View.ACTIVITY, from_=since + dt.timedelta(days=1), to=visit.today)
    )
    return today_view(visit, now, before, lately, report_unmatched(visit.session, visit.scope()))


def today_view(
    visit: Visit, now: Effectiveness, before: Effectiveness, lately: Funnel, unmatched: Unmatched
) -> dict[str, Any]:
    """All that the page shows."""
    systems = read_systems(visit, now.data.through)
    needs, turns = list(find_needs(visit, now, unmatched, systems)), find_turns(visit, now, before)
    steps, work = list_steps_left(visit), list_asked_for(visit, visit.now - dt.timedelta(days=RECENT_DAYS))
    return {
        "title": _("Today"),
        "day": date(visit.today),
        "finding": today_finding(
            needs, turns, systems, sum(not step.done for step in steps), knows=knows(visit, lately)
        ),
        "steps": steps,
        "urgent": visit.address("/campaigns/urgent") if visit.member.place.role in PLANNERS else "",
        "needs": needs,
        "turns": turns,
        "changes": changes(visit, lately),
        "still": still_words(visit, lately),
        "verdicts": verdict_counts(now),
        "unsteady": unsteady_says(now),
        "unsteady_rows": [(row.label, turns_address(visit, row)) for row in list_unsteady(now)[:MOST_OPENED]],
        "untraced": traced_finding(now),
        "recent_days": RECENT_DAYS,
        "work": work,
        "live": any(one.running for one in work),
        "systems": systems,
    }


def today_finding(
    needs: Sequence[Need],
    turns: Sequence[Turn],
    systems: Sequence[SystemRead],
    steps_left: int = 0,
    *,
    knows: bool = True,
) -> str:
    """The day in a sentence."""
    nothing = _("Nothing needs you")
    if steps_left:
        nothing = ngettext("%(n)s first step is left", "%(n)s first steps are left", steps_left)
    still = _("no verdict turned") if knows else _("whether a verdict turned is not known")
    parts = [
        ngettext("%(n)s thing needs you", "%(n)s things need you", len(needs)) if needs else nothing,
        ngettext("%(n)s verdict turned", "%(n)s verdicts turned", len(turns)) if turns else still,
    ]
    late = [one for one in systems if one.state not in (Freshness.FRESH, Freshness.FILES)]
    broken = [one for one in systems if one.state is Freshness.BROKEN]
    paused = [one for one in systems if one.state is Freshness.PAUSED]
    if not systems:
        parts.append(_("no system is connected yet"))
    elif broken:
        parts.append(ngettext("%(n)s system is broken", "%(n)s systems are broken", len(broken)))
    elif paused:
        parts.append(ngettext("%(n)s system is paused", "%(n)s systems are paused", len(paused)))
    elif late:
        parts.append(ngettext("%(n)s system is late", "%(n)s systems are late", len(late)))
    elif all(one.state is Freshness.FILES for one in systems):
        parts.append(_("the data is as new as the last file"))
    else:
        parts.append(_("no system is late"))
    return _("%(first)s, %(second)s, and %(third)s.", first=parts[0], second=parts[1], third=parts[2])


def find_needs(visit: Visit, now: Effectiveness, unmatched: Unmatched, systems: Sequence[SystemRead]) -> Iterator[Need]:
    """What waits for a person, the most harmful to the numbers first."""
    yield from system_needs(visit, systems)
    if visit.administers and (told := count_barriers(visit.session)):
        yield Need(
            ngettext("Somebody met a barrier on these pages and told of it.",
                     "%(n)s reports tell of barriers on these pages.", told),
            _("Read it and see to it within two weeks, as the law asks."),
            visit.address("/accessibility"), _("What was told"),
        )  # fmt: skip
    if stages := attention.unmapped_stages(visit.session):
        names = list(dict.fromkeys(stage.name for stage in stages))
        yield Need(
            ngettext("Nobody has said what the stage %(names)s stands for.",
                     "Nobody has said what %(n)s stages stand for: %(names)s.",
                     len(names), names=quote_few(names))
            + " "
            + ngettext("%(n)s application has been there.", "%(n)s applications have been there.",
                       now.data.unmapped_applications),
            _("Map it to one of our stages. Everything is then counted anew by itself."),
            stages_address(visit, stages[0].system), _("Say what it means"),
        )  # fmt: skip
    found = checks_of_day(visit.session, visit.scope(), visit.today, visit.organisation.zone, unmatched)
    if now.data.waiting and now.data.waiting.for_somebody:  # which tells of webhooks, too
        yield Need(
            f"{waiting_says(now.data.waiting)}.",
            _("Go to the system that sent them. Map their stages there, or see why they could not be read."),
            visit.address("/data"), _("How the data comes in"),
        )  # fmt: skip
    else:
        found = [find_refused(visit.session, visit.now), *found]
    yield from _check_needs(visit, found)
    yield from _job_needs(visit)
    yield from _booking_needs(visit)
    yield from _approval_needs(visit)
    for persona in attention.personas_to_review(visit.session, visit.today):
        yield Need(
            _("“%(name)s” was last reviewed on %(day)s.", name=pick(persona.name), day=date(persona.reviewed_on)),
            _("Read it with a doctor of that group, and enter the date of the review."),
            visit.address(f"/personas/{persona.slug}"), _("Read it"),
        )  # fmt: skip


def _job_needs(visit: Visit) -> Iterator[Need]:
    if called := name_proposed(visit.session):
        yield Need(
            ngettext("%(n)s job of your systems is called like a vacancy of the plan: %(names)s.",
                     "%(n)s jobs of your systems are called like vacancies of the plan: %(names)s.",
                     len(called), names=quote_few(called)),
            _("Say whether it is that vacancy: until then nobody is counted as an applicant to it."),
            visit.address("/jobs"), _("Say which vacancy it is"),
        )  # fmt: skip


def _booking_needs(visit: Visit) -> Iterator[Need]:
    """What should have been booked, and what must be within a week, with the last day for it."""
    due = [one for one in list_due(visit.session, visit.now, visit.organisation.zone) if one.kind is DueKind.BOOK]
    calendar = visit.address("/calendar") + "#due", _("What must be booked")
    if missed := [one.flight for one in due if one.late and one.flight.too_late]:
        yield Need(
            ngettext("%(n)s placement was planned after the last day for booking it: %(names)s.",
                     "%(n)s placements were planned after the last day for booking them: %(names)s.",
                     len(missed), names=quote_few([one.name for one in missed])),
            ask_still(missed), *calendar,
        )  # fmt: skip
    if late := [one.flight.name for one in due if one.late and not one.flight.too_late]:
        yield Need(
            ngettext("%(n)s placement should have been booked by now: %(names)s.",
                     "%(n)s placements should have been booked by now: %(names)s.", len(late), names=quote_few(late)),
            _("Book it today, or move its days."), *calendar,
        )  # fmt: skip
    if soon := [one for one in due if not one.late and one.on <= visit.today + BOOKED_AHEAD]:
        yield Need(
            ngettext("%(n)s placement must be booked within a week: %(names)s.",
                     "%(n)s placements must be booked within a week: %(names)s.",
                     len(soon), names=quote_few([one.flight.name for one in soon])),
            _("The first must be booked by %(day)s. Enter what was booked, and it is no longer told.",
              day=day_words(soon[0])), *calendar,
        )  # fmt: skip


def day_words(due: Due) -> str:
    """The last day of a booking, with the time from which it is too late where one is known."""
    return at_words(date(due.on), due.at) if due.at else date(due.on)


def _approval_needs(visit: Visit) -> Iterator[Need]:
    """Ads that start soon and that nobody has approved, told to those who may; apart, those that the visitor wrote."""
    soon = [one for one in attention.placements_unapproved(visit.session, visit.today)
            if attention.must_be_approved(one, visit.today)]  # fmt: skip
    me = str(visit.member.user_id)
    if visit.member.place.role not in PLANNERS:
        return
    if theirs := [one for one in soon if one.asset.written_by != me]:
        yield _unapproved(visit, theirs, _("Look at it, and approve it."))
    if own := [one for one in soon if one.asset.written_by == me]:
        wrote = _("You wrote it, so somebody else approves it.")
        yield _unapproved(visit, own, f"{wrote} {find_approvers(visit, me).text}")


def _unapproved(visit: Visit, soon: Sequence[Placement], remedy: str) -> Need:
    """What is to be done of these, with each of their assets as a page to open."""
    what = ngettext("%(n)s placement starts soon with an asset that is not approved: %(names)s.",
                    "%(n)s placements start soon with assets that are not approved: %(names)s.",
                    len(soon), names=quote_few([one.name for one in soon]))  # fmt: skip
    first = _("The first starts on %(day)s.", day=date(soon[0].starts_on))
    assets = list({one.asset_id: one.asset for one in soon}.values())
    ways = [(visit.address(f"/assets/{one.id}"), quote_few([one.name])) for one in assets[:MOST_OPENED]]
    bare = sum(bool(list_undescribed(one.asset)) for one in soon)
    if bare:
        lacking = ngettext("%(n)s of them lacks the description that approval needs.",
                           "%(n)s of them lack the descriptions that approval needs.", bare)  # fmt: skip
        remedy = f"{lacking} {remedy}"
        ways.insert(0, (visit.address("/assets/describe"), _("Describe them, all on one page")))
    if len(assets) > MOST_OPENED:
        ways.append((visit.address("/assets", status="draft"), _("Assets that wait for approval")))
    return Need(f"{what} {first}", remedy, *ways[0], ways[1:])


def stages_address(visit: Visit, system: str) -> str:
    """Where the stages of a system are given their meaning."""
    connections = (one for one in visit.session.scalars(select(Connection)) if one.system == system)
    return next((visit.address(f"/data/{one.id}/stages") for one in connections), visit.address("/data"))


def _check_needs(visit: Visit, found: Sequence[Found]) -> Iterator[Need]:
    """What the checks found, counted and told as on their own page; not what is put aside."""
    for one in stand(visit.session, found, visit.today):
        if one.is_open:
            check, items = one.found.check, one.found.items
            each = (item_address(visit, items[0]), _("Open it")) if len(items) == 1 else (
                visit.address("/checks"), _("Look at each"))  # fmt: skip
            way = check_verb(visit, check)
            yield Need(f"{finding_words(one.found)}: {_names(check, items)}.", remedy_words(check),
                       *(way if way[0] else each))  # fmt: skip


def _names(check: Check, items: Sequence[Item]) -> str:
    if check is Check.WEBHOOKS or all(item.n is None for item in items):
        return quote_few([item_name(item) for item in items])
    return name_few(
        [f"{item_name(item)} ({often_words(check, item.n)})" if item.n else item_name(item) for item in items]
    )


def find_turns(visit: Visit, now: Effectiveness, before: Effectiveness) -> list[Turn]:
    """The placements whose verdict is another than it was, first those that can now be told."""
    earlier = {row.key: row for row in before.rows if row.row == "known"}
    turned = [
        (row, earlier[row.key]) for row in now.rows if row.key in earlier and row.verdict != earlier[row.key].verdict
    ]
    turned.sort(key=lambda pair: (pair[0].verdict == "cannot_tell", pair[0].label))
    return [_turn(visit, after, then) for after, then in turned]


def _turn(visit: Visit, after: Row, then: Row) -> Turn:
    return Turn(
        after.label,
        visit.address(f"/placements/{after.key}"),
        verdict_words(then),
        verdict_words(after),
        turns_address(visit, after),
    )


def unsteady_says(now: Effectiveness) -> str:
    """What stands before the verdicts that one application would turn; empty where none is so close."""
    n = len(list_unsteady(now))
    return _("Of these, one application would turn %(n)s:", n=number(n)) if n else ""


def turns_address(visit: Visit, row: Row) -> str:
    """Where it is told what would turn the verdict on this placement."""
    return f"{why_address(visit, By.PLACEMENT, row.key)}#{TURNS}"


def changes(visit: Visit, lately: Funnel) -> list[tuple[Counted, str]]:
    """How many came to each stage in the last days; stages that nobody came to are left out."""
    asked = {"view": View.ACTIVITY, "from": lately.scope["from"], "to": lately.scope["to"], "seen": "today"}
    return [
        (count_cell(visit, row.reached, StageCell(stage, PartOfStage.REACHED), **asked), came_to_stage(stage))
        for stage, row in zip(Stage, lately.stages, strict=True)
        if row.reached
    ]


def knows(visit: Visit, lately: Funnel) -> bool:
    """Whether any of the last days has been read; where no system is connected there is nothing to read."""
    read_to = read_to_day(lately.data.through, visit)
    return read_to is None or read_to >= dt.date.fromisoformat(str(lately.scope["from"]))


def still_words(visit: Visit, lately: Funnel) -> str:
    """That nothing happened in the last days, as far as they were read."""
    read_to = read_to_day(lately.data.through, visit)
    if read_to is None:
        return _("Not known: no system has been read yet.")
    if read_to >= visit.today - dt.timedelta(days=1):
        return _("Nobody applied and nobody moved.")
    if not knows(visit, lately):
        return _("Not known: the data ends on %(day)s.", day=date(read_to))
    return _("Up to %(day)s, where the data ends, nobody applied and nobody moved.", day=date(read_to))


def verdict_counts(now: Effectiveness) -> str:
    """`2 moved, 2 did not, for 4 we cannot tell yet`, or nothing where nothing can be judged."""
    counts = tally(now)
    if not counts.judged:
        return ""
    told = _("%(moved)s moved, %(not)s did not", moved=number(counts.moved), **{"not": number(counts.did_not_move)})
    return ", ".join(filter(None, (told, open_words(counts))))
