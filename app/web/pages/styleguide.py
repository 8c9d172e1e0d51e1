"""The style guide: every component that pages are made of, and every state that a page can be in, on one page."""

import datetime as dt
import uuid
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.i18n import _, money, ngettext, number, percent
from app.intake.trial import Aspect, Check, Trial
from app.measurement.contrasts import Obstacle
from app.planning.aim import Rates, Reckoning
from app.planning.calendar import Calendar
from app.planning.placement import PlacementStatus
from app.planning.scan_code import make_scan_code
from app.planning.schedule import DAY, Flight, Span, look_at, weigh_weeks
from app.planning.school_holidays import list_school_holidays
from app.reports.answers import Conversion, Estimate, Lift
from app.reports.comparison_words import obstacle_words
from app.reports.figures import expected_against_realised
from app.reports.names import stage_name
from app.reports.reckoning import NO_HISTORY, reckon
from app.reports.scope import Scope
from app.reports.wording import Verdict
from app.tasks.task import State, Task
from app.web.pages.ads import Ad, AdTable, ad_titles, heads_of
from app.web.pages.age import Age, age_words
from app.web.pages.beside import Side, StageBeside
from app.web.pages.chart import make_chart
from app.web.pages.columns import ColumnForm
from app.web.pages.counted import Counted
from app.web.pages.files import FileLinks
from app.web.pages.filters import FilterBar, Limit, Select, by_select, stage_select
from app.web.pages.interval import Interval, lift_interval, share_interval
from app.web.pages.meanwhile import said_differently
from app.web.pages.reckoned import reckoned_view
from app.web.pages.sorting import Head
from app.web.pages.task_words import Running, describe_task, result_words, work_name
from app.web.pages.timeline import Timeline, draw_timeline
from app.web.pages.units import DepartmentRow, SystemRule
from app.web.pages.visit import Visit, answer
from app.web.pages.work_list import WorkRow
from app.worker.handlers import REPLAY

router = APIRouter(include_in_schema=False)

PATH = "/styleguide"
TOKENS = (
    "paper",
    "raised",
    "ink",
    "muted",
    "rule",
    "accent",
    "accent-ink",
    "moved",
    "unmoved",
    "band",
    "band-quiet",
    "edge",
)
CODE_LEADS_TO = "https://kutsu.example.org/k/h7k2mq"
SCALE = ("display", "title", "large", "text", "small")


@router.get(PATH)
def styleguide(request: Request) -> Response:
    """The page."""
    return answer(request, lambda visit: visit.page("styleguide.html", styleguide_view(visit)))


def styleguide_view(visit: Visit) -> dict[str, Any]:
    """An example for every component, and for every state."""
    scope = visit.scope()
    return {
        "title": _("Style guide"),
        "tokens": TOKENS,
        "scale": SCALE,
        "intervals": list_intervals(),
        "verdicts": list_verdicts(),
        "counted": Counted(number(41), f"{PATH}#counted"),
        "uncounted": Counted(number(0), None),
        "select": stage_select(visit, scope),
        "bar": _bar(visit, scope),
        "columns": ColumnForm([("cost", _("Cost"), True), ("out", _("Out"), False)], {}, PATH),
        "files": FileLinks(f"{PATH}#files", f"{PATH}#files"),
        "beside": _beside(scope),
        "stages_beside": [_stage_beside(scope)],
        "judgement": _judgement(visit, scope),
        "ads": AdTable(heads_of(visit, ad_titles(scope.stage)), [_ad()], FileLinks(f"{PATH}#files", f"{PATH}#files")),
        "no_ads": AdTable([], [], FileLinks("", "")),
        "chart": _chart(),
        "running": [
            describe_task(_half_done(visit), visit.now),
            Running("2", None, _("It waits its turn.")),
        ],
        "work": WorkRow(f"{PATH}#work", work_name(REPLAY, ""), f"{PATH}#work", None, "", result_words(
            Task(kind=REPLAY, result={"applications": 1200})), "fresh", may_stop=False, may_try_again=True),
        "trial": Trial((
            Check(Aspect.ACCESS, ok=True, text=_("The key is right.")),
            Check(Aspect.JOBS, ok=False, text=_("Jobs cannot be read; give the key the right to read them.")),
        )),
        "rule": SystemRule("teamtailor:1", "Teamtailor", [
            DepartmentRow("Kallio", ngettext("%(n)s application", "%(n)s applications", 12), "", waits=True, now=""),
        ]),
        "heads": [Head("month", _("Month"), "#table", "", numeric=False),
                  Head("applied", _("Applied"), "#table", "descending", numeric=True)],
        "timeline": _timeline(visit),
        "code": make_scan_code(CODE_LEADS_TO),
        "code_leads_to": CODE_LEADS_TO,
        "problems": [_("The period begins after it ends; swap the two dates.")],
        "reckoned": reckoned_view(reckon(NO_HISTORY, Reckoning(hires_wanted=3, rates=Rates(hired="8")))),
        "conflict": str(said_differently()),
        "late": Age(_("%(said)s, late", said=age_words(visit.now - visit.now.replace(day=1))), "", late=True),
        "partial": ngettext("%(n)s delivery is not mapped or could not be read",
                            "%(n)s deliveries are not mapped or could not be read", 3),
    }  # fmt: skip


def _half_done(visit: Visit) -> Task:
    """Work that runs, from whose pace the time that is left can be told."""
    begun = visit.now - dt.timedelta(minutes=2)
    return Task(id=uuid.UUID(int=1), kind=REPLAY, state=State.RUNNING, done=400, total=1000, started_at=begun)


def _timeline(visit: Visit) -> Timeline:
    """Flights in every state, short and long, side by side and at both edges."""
    today = visit.today
    stretch = look_at(Span.MONTH, today)
    flights = [
        Flight(
            id=uuid.UUID(int=n), code="h7k2mq", name=_("Poster"), campaign="", channel_id=uuid.UUID(int=0),
            channel=_("Out of home"), place="", starts_on=first, ends_on=last, status=status, cost=("EUR", 190_000),
            book_by=None, changed_at=visit.now,
        )
        for n, (first, last, status) in enumerate((
            (stretch.first - 9 * DAY, stretch.first + 9 * DAY, PlacementStatus.ENDED),
            (stretch.first + 5 * DAY, None, PlacementStatus.LIVE),
            (stretch.first + 12 * DAY, stretch.first + 12 * DAY, PlacementStatus.PLANNED),
            (stretch.first + 16 * DAY, stretch.first + 22 * DAY, PlacementStatus.PLANNED),
        ))
    ]  # fmt: skip
    weeks = weigh_weeks(flights, stretch.first, stretch.last)
    public, schools = {stretch.first + 10 * DAY: ""}, list_school_holidays("FI", stretch.first, stretch.last)
    found = Calendar(stretch, "FI", flights, weeks, [], public, schools)
    return draw_timeline(found, weeks, today, lambda _path: f"{PATH}#time")


def list_intervals() -> list[Interval]:
    """Every kind of interval: judged, not judged, open at its ends, and none with its reason."""
    lifts = (("moved", (0.8, 0.2, 1.6)), ("did_not_move", (-0.4, -0.6, -0.1)), ("cannot_tell", (0.1, -0.95, 7.0)))
    shares = (Estimate(estimate=0.29, low=0.17, high=0.44), Estimate(estimate=None, low=None, high=None, why="too_few"))
    drawn = [lift_interval(_lift(*ends), verdict) for verdict, ends in lifts]
    of_few = share_interval(Estimate(estimate=1.0, low=0.43, high=1.0), 2)
    return [*(one for one in drawn if one), *(share_interval(share) for share in shares), of_few]


def _lift(estimate: float, low: float, high: float) -> Lift:
    return Lift(estimate=estimate, low=low, high=high, probability_better=None, horizon_days=120)


def list_verdicts() -> list[Verdict]:
    """Every verdict."""
    return [
        Verdict("moved", _("moved")),
        Verdict("moved", _("moved"), doubt=_("one application would turn this")),
        Verdict("did_not_move", _("did not move"), _("(not better)")),
        Verdict("cannot_tell", _("cannot tell yet"), _("— %(text)s", text=_("too early"))),
        Verdict("not_judged", _("not judged")),
    ]


def _bar(visit: Visit, scope: Scope) -> FilterBar:
    limits = [Limit(_("Format"), _("Poster"), PATH), Limit(_("Specialty"), _("General practice"), PATH)]
    beside = Select("beside", _("Compare with"), [("", _("nothing else"))], "")
    return FilterBar(
        action=PATH, selects=[by_select(scope), stage_select(visit, scope)], days=_("Applied from"), from_="", to="",
        last=[beside], kept={}, limits=limits, cleared=PATH, question="", keeps=True, kept_as=None,
    )  # fmt: skip


def _beside(scope: Scope) -> dict[str, Any]:
    share = Conversion(estimate=0.29, low=0.17, high=0.44, horizon_days=120)
    sides = [
        Side(name, [Counted(number(n), None) for n in (41, 12, 4, 25)], share_interval(share)) for name in ("A", "B")
    ]
    said = obstacle_words("A", "B", Obstacle.TOO_FEW_ADVANCED, scope.stage)
    goal = stage_name(scope.stage)
    return {"lacking": "", "text": said, "goal": goal, "days": number(120), "sides": sides, "files": None}


def _stage_beside(scope: Scope) -> StageBeside:
    cells = (number(12), "29 %, 17–44", number(7), _("too few"))
    return StageBeside(stage_name(scope.stage), [Counted(cell, None) for cell in cells])


def _judgement(visit: Visit, scope: Scope) -> dict[str, Any]:
    return {
        "verdict": list_verdicts()[2], "so_far": "", "reason": _("Nobody is known to have applied through it."),
        "goal": stage_name(scope.stage), "stage": stage_select(visit, scope), "address": visit.request.url.path,
        "data_line": _("No system has been read yet"), "level": percent(scope.level), "why": f"{PATH}#judgement",
        "partial": "", "limits": [], "asked": {},
    }  # fmt: skip


def _ad() -> Ad:
    return Ad(
        _("Poster"), f"{PATH}#ads", _("Poster"), "", (_("Out of home"), f"{PATH}#ads"), "", money(190_000, "EUR"),
        Counted(number(6), None), Counted(number(3), None), list_verdicts()[2],
    )  # fmt: skip


def _chart() -> Any:
    rows = [(_("Poster"), 3, 9, 5, True), (_("Video"), 2, 6, 8, False)]
    finding = _("A chart's title says what it shows")
    return make_chart("example", expected_against_realised(rows, finding), finding, "ads")
