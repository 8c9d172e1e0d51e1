"""One placement: the chain it stands in, its verdict with the numbers opened, its link, its people over time."""

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Missing
from app.funnel.stage import Stage
from app.i18n import _, date, number, period, pick
from app.planning.past_target import correct_target, read_target
from app.planning.placement import Placement
from app.planning.problem import read_as
from app.planning.recurring import RepeatIn, repeat_placement
from app.reports.answers import Effectiveness, Row
from app.reports.brought_words import brought_words, decimal_range
from app.reports.effectiveness import report_effectiveness
from app.reports.figures import people_over_time as draw_people
from app.reports.listing import Part as CountedPart
from app.reports.listing import RowCell
from app.reports.names import came_to_stage, format_name, stage_name
from app.reports.plan import best_cost
from app.reports.scope import By, Scope
from app.reports.spending import Spending, load_flights, load_spending
from app.reports.timeline import DayCount, people_over_time
from app.reports.wording import (
    cost_per_words,
    needs_words,
    noticed_words,
    one_sided_words,
    share_words,
    whole_range,
    why_words,
)
from app.web.late import late_words
from app.web.pages.administering import Form, only
from app.web.pages.chart import make_chart
from app.web.pages.counted import Counted, count_cell
from app.web.pages.door import go_to
from app.web.pages.form_texts import complete_address
from app.web.pages.interval import Interval, lift_interval, share_interval
from app.web.pages.judgement import find_row, judgement_view
from app.web.pages.meanwhile import merge_field, require_agreed
from app.web.pages.placement_booking import book, booking_view
from app.web.pages.placement_cost import cost_in_chain, cost_view
from app.web.pages.placement_link import PLANNERS, link_view, row_address
from app.web.pages.placement_step import step_view, take_step
from app.web.pages.print_kit import kit_view
from app.web.pages.row_pages import why_address
from app.web.pages.units import Sent
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the chain that a placement stands in."""

    before: str
    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """One number behind the verdict, with what it means."""

    name: str
    value: str
    note: str = ""
    address: str | None = None
    interval: Interval | None = None
    one_sided: str = ""
    """What is said where the interval reaches what the verdict denies."""


@router.get("/placements/{id}")
def placement_page(request: Request, id: str) -> Response:
    """One placement."""

    return answer(request, lambda visit: _page(visit, id))


@router.post("/placements/{id}/target")
def correct(request: Request, id: str, sent: Sent) -> Response:
    """Let its link lead somewhere else from now on."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        placement = get_placement(visit.session, id)
        changes = require_agreed(merge_field(placement.target_url, sent, "target_url"))
        given = read_target(complete_address(changes.get("target_url", placement.target_url)))
        correct_target(visit.session, placement.id, given, revision=None, now=visit.now)
        return go_to(visit.address(f"/placements/{placement.id}", kept="target"))

    return change(request, do, lambda visit, problems: _page(visit, id, problems, sent))


@router.post("/placements/{id}/booking")
def book_it(request: Request, id: str, sent: Sent) -> Response:
    """Say that it is booked, and at which price."""
    return _do(request, id, sent, book, "booking")


@router.post("/placements/{id}/status")
def take_it(request: Request, id: str, sent: Sent) -> Response:
    """Take its next step: live, or ended."""
    return _do(request, id, sent, take_step, "status")


def _do(request: Request, id: str, sent: Form, step: Callable[[Visit, Placement, Form], None], kept: str) -> Response:
    """What a planner does with it by a form of its page, which says then that it is kept."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        placement = get_placement(visit.session, id)
        step(visit, placement, sent)
        return go_to(visit.address(f"/placements/{placement.id}", kept=kept))

    return change(request, do, lambda visit, problems: _page(visit, id, problems, sent))


@router.post("/placements/{id}/repeat")
def repeat(request: Request, id: str, sent: Sent) -> Response:
    """Plan it again every so many weeks."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        placement = get_placement(visit.session, id)
        given = read_as(RepeatIn, {name: only(sent, name) for name in ("every_weeks", "times")})
        repeat_placement(visit.session, placement.id, given, now=visit.now)
        return go_to(visit.address(f"/campaigns/{placement.campaign_id}/placements"))

    return change(request, do, lambda visit, problems: _page(visit, id, problems, sent))


def _page(visit: Visit, id: str, problems: Sequence[str] = (), sent: Form | None = None) -> Response:
    placement, scope = get_placement(visit.session, id), visit.question()
    found = report_effectiveness(visit.session, scope)
    people = people_over_time(visit.session, scope, placement.id) if visit.sees_small_counts else []
    view = placement_view(visit, scope, placement, found, people) | link_view(visit, placement, problems, sent or {})
    view |= {"print": kit_view(visit, placement), **booking_view(visit, placement, sent or {})}
    view |= step_view(visit, placement)
    view["within"] = None if view["frozen"] else "/campaigns"  # nobody has met it: there is no verdict to belong to
    return visit.page("placement.html", view, 422 if problems else 200)


def get_placement(session: Session, id: str) -> Placement:
    """The placement of this key, as an address names it."""
    try:
        placement = session.scalar(select(Placement).where(Placement.id == uuid.UUID(id)))
    except ValueError:
        placement = None
    if placement is None:
        raise Missing(_("There is no such placement."))
    return placement


def placement_view(
    visit: Visit, scope: Scope, placement: Placement, found: Effectiveness, people: Sequence[DayCount]
) -> dict[str, Any]:
    """All that the page shows."""
    row = find_row(found, str(placement.id))
    spending = load_spending(visit.session, load_flights(visit.session)).get(placement.id)
    counts = [(one.day, one.applied, one.reached) for one in people]
    summary = people_summary(people, scope.stage)
    return {
        "title": placement.name,
        "chain": chain(visit, placement, spending),
        "late": late_words(placement, visit.now, visit.organisation.zone),
        "edit": row_address(visit, placement.campaign_id, placement.id) if visit.member.place.role in PLANNERS else "",
        **cost_view(placement, spending),
        "judgement": judgement_view(visit, scope, found, row),
        "why": why_address(visit, By.PLACEMENT, placement.id),
        "goal": stage_name(scope.stage),
        "numbers": open_numbers(visit, row, scope) if row and visit.sees_small_counts and not row.is_idle else [],
        "horizon": number(scope.horizon_days),
        "chart": make_chart(
            "people",
            draw_people(
                counts,
                (placement.starts_on, placement.ends_on),
                scope.stage,
                summary,
                young_since(people, scope.horizon_days),
            ),
            summary,
            "people-table",
            people[-1].applied if people else 0,
        ),
        "people": [_month(visit, placement, one) for one in _thinned(people)],
    }


def chain(visit: Visit, placement: Placement, spending: Spending | None) -> list[Part]:
    """`For GP with a young family · promise no night duty · poster · tram stops · 3–30 March · 1,900 €`."""
    asset = placement.asset
    claims = [pick(claim.text) for claim in asset.claims]
    parts = [
        Part(_("and for") if n else _("For"), pick(one.name), visit.address(f"/personas/{one.slug}"))
        for n, one in enumerate(placement.personas)
    ]
    parts += [Part(_("promise"), _("“%(name)s”", name=claim)) for claim in claims]
    parts += [
        Part("", format_name(asset.format), visit.address(f"/assets/{asset.id}")),
        *([Part("", placement.place)] if placement.place else []),
        Part("", placement.channel.name, visit.address(f"/channels/{placement.channel_id}")),
        Part("", period(placement.starts_on, placement.ends_on)),
        Part(_("campaign"), placement.campaign.name, visit.address(f"/campaigns/{placement.campaign_id}")),
        Part("", cost_in_chain(best_cost(placement, spending))),
    ]
    return parts


def _opened(visit: Visit, row: Row, name: str, n: int, part: CountedPart, note: str = "") -> Opened:
    """A number of the placement's own applications, which opens them."""
    one = count_cell(visit, n, RowCell(part, "known", row.key or ""))
    return Opened(name, one.n, note, one.address)


def open_numbers(visit: Visit, row: Row, scope: Scope) -> list[Opened]:
    """The numbers behind a verdict, in the order in which one checks them."""
    stage, expected = scope.stage, row.expected_reached
    needs, brought = row.needs, row.brought
    numbers = [
        _opened(visit, row, _("Applied"), row.applications, CountedPart.APPLIED),
        _opened(visit, row, came_to_stage(stage).capitalize(), row.reached, CountedPart.REACHED),
        _opened(visit, row, _("Pending"), row.pending, CountedPart.PENDING, _("still before it, and in the process")),
        _opened(visit, row, _("Out"), row.out, CountedPart.OUT, _("rejected or withdrawn before it")),
        Opened(
            _("Expected in the end"),
            whole_range(expected) if expected.estimate is not None else why_words(expected.why),
            _("with those who are pending now"),
        ),
        Opened(
            _("Share within %(days)s days", days=number(scope.horizon_days)),
            share_words(row.conversion, row.applications, row.pending),
            _("of all who applied through it; those who have not had the time yet count as far as they were followed"),
            interval=share_interval(row.conversion, row.applications, row.pending),
        ),
        Opened(
            _("Against comparable applicants"), "",
            _("associated with this ad, not proved to be caused by it; drawn toward what ads like it show"),
            interval=lift_interval(row.lift, row.verdict, row.reason.code if row.reason else None),
            one_sided=one_sided_words(row.lift, row.verdict, row.reason.code if row.reason else None),
        ),
        Opened(
            _("More who applied than without it"), brought_words(brought), brought.reason.text if brought.reason else ""
        ),
        Opened(
            _("Of these in the end"), decimal_range(row.reached_because),
            _("who %(came)s, beyond those of comparable weeks without it", came=came_to_stage(stage)),
        ),
        Opened(
            _("Cost of each of these"), cost_per_words(row.cost_per_reached_because),
            _("what the placement cost, divided by these people only"),
        ),
        Opened(
            _("Attributed cost of each"), cost_per_words(row.cost_per_reached),
            _("what the placement cost, divided by all who %(came)s through it", came=came_to_stage(stage)),
        ),
    ]  # fmt: skip
    if needs and (needs.applications or needs.capped):
        text = _("more than 1,000 applicants") if needs.capped else needs_words(needs, ended=row.ended)
        numbers.append(Opened(_("Still needed"), text, noticed_words(needs)))
    return numbers


def people_summary(people: Sequence[DayCount], stage: Stage) -> str:
    """The chart in a sentence."""
    if not people:
        return ""
    last = people[-1]
    return _("By %(day)s, %(applied)s had applied through it, and %(reached)s %(came)s",
             day=date(last.day), applied=number(last.applied), reached=number(last.reached),
             came=came_to_stage(stage))  # fmt: skip


def young_since(people: Sequence[DayCount], horizon_days: int) -> dt.date | None:
    """The day since when whoever applied has not had the time; none where nobody has applied since."""
    if not people:
        return None
    since = people[-1].day - dt.timedelta(days=horizon_days)
    before = max((one.applied for one in people if one.day <= since), default=0)
    return since if people[-1].applied > before else None


def _month(visit: Visit, placement: Placement, one: DayCount) -> tuple[str, Counted, Counted]:
    applied, reached = (
        count_cell(visit, n, RowCell(part, "known", str(placement.id)), as_of=one.day)
        for n, part in ((one.applied, CountedPart.APPLIED), (one.reached, CountedPart.REACHED))
    )
    return date(one.day), applied, reached


def _thinned(people: Sequence[DayCount]) -> list[DayCount]:
    """The last count of each month: enough to check the drawing by."""
    months = {(one.day.year, one.day.month): one for one in people}
    return list(months.values())
