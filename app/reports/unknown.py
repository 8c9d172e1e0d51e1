"""What don't we know yet? Every unknown of the other reports in one place, with its count, and what would tell it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.organisation import TrackingMode, get_organisation
from app.funnel.stage import STAGES, Stage
from app.measurement.thresholds import DOUBLED
from app.planning.placement import Placement, PlacementStatus
from app.reports.answers import Effectiveness, Funnel, Row, StageRow, Waiting
from app.reports.attention import placements_without_cost, unmapped_stages
from app.reports.effectiveness import report_effectiveness
from app.reports.funnel import report_funnel
from app.reports.funnel_split import FunnelSplit, Split, report_split
from app.reports.names import stage_name
from app.reports.not_known import Kind, Named, Span, Unit, Unknown, Unknowns
from app.reports.scope import By, Scope, View
from app.reports.source_counts import count_sources
from app.reports.tally import takes_too_long
from app.reports.tracing_words import untraced_among_chosen
from app.reports.unknown_words import describe, unknown_finding

UNTRACED = {"partly_traced": Kind.AD_OF_CHANNEL, "unmatched": Kind.CODE}
OF_MANY: tuple[Unit, ...] = ("applications", "ads")
"""Of few stages or systems a share says less than their number."""
BY_CODE = {
    "too_early": Kind.TOO_EARLY, "too_few": Kind.TOO_FEW, "unclear": Kind.UNCLEAR, "no_applicants": Kind.NOBODY_CAME,
    "none_reached": Kind.NOTHING_BESIDE, "nothing_to_compare": Kind.NOTHING_BESIDE,
}  # fmt: skip


def report_unknown(
    session: Session, scope: Scope, whole: Effectiveness, waiting: Waiting, late: Sequence[Named]
) -> Unknowns:
    """Gather what other reports do not know of this question, and what is not known of the record and the plan.

    whole    the report of all placements that nothing limits
    waiting  deliveries that have come and are not in the numbers;  late  systems that were not read for too long
    """
    scope = replace(scope, by=By.PLACEMENT, view=View.COHORT)
    found, funnel = report_effectiveness(session, scope), report_funnel(session, scope)
    unexplained = count_sources(session, scope).unexplained
    things = [
        *_of_what_was_read(whole, waiting, late),
        *_of_the_whole(session, scope, whole, funnel),
        *_of_sources(found, unexplained),
        *_of_applications(found, funnel, report_split(session, scope, Split.SPECIALTY)),
        *_of_ads(found),
    ]
    return Unknowns(
        scope=found.scope,
        data=found.data.model_copy(update={"waiting": waiting}),
        finding=unknown_finding(found, scope.stage, unexplained),
        beside=untraced_among_chosen(found),
        unknown=[describe(one, scope, funnel) for one in sorted(things, key=lambda one: list(Kind).index(one.kind))],
    )


def _thing(kind: Kind, unit: Unit, n: int, all_: int | None, **parts: Any) -> Iterator[Unknown]:
    """One that is there; of what is known nothing is said."""
    if n:
        yield Unknown(
            kind=kind, unit=unit, n=n, all=all_, share=n / all_ if all_ and unit in OF_MANY else None, **parts
        )


def _of_what_was_read(whole: Effectiveness, waiting: Waiting, late: Sequence[Named]) -> Iterator[Unknown]:
    if not whole.data.through:
        yield Unknown(kind=Kind.NOT_READ, unit="systems", n=None, all=None, share=None)
    yield from _thing(Kind.NOT_READ, "systems", len(late), len(whole.data.through), named=list(late))
    yield from _thing(Kind.DELIVERIES, "deliveries", waiting.for_somebody, None)


def _of_the_whole(session: Session, scope: Scope, whole: Effectiveness, funnel: Funnel) -> Iterator[Unknown]:
    unmapped = [Named(key=None, label=stage.name) for stage in unmapped_stages(session)]
    counted = whole.data.unmapped_applications
    yield from _thing(Kind.STAGES_UNMAPPED, "applications", counted, whole.totals.applications, named=unmapped)
    heard = [row for row in funnel.stages if row.stage != Stage.APPLIED.slug]
    unheard = [Named(key=None, label=stage_name(STAGES[row.stage])) for row in heard if _is_unheard(row)]
    yield from _thing(Kind.STAGES_UNHEARD, "stages", len(unheard), len(heard), named=unheard)
    if get_organisation(session, scope.organisation_id).tracking_mode != TrackingMode.CONSENTED:
        all_, met = whole.totals.applications, count_sources(session, _everything(scope)).met_before
        share = (all_ - met) / all_ if all_ else None
        yield Unknown(kind=Kind.NOT_FOLLOWED, unit="applications", n=all_ - met, all=all_, share=share)
    bare = placements_without_cost(session)
    ran = session.scalar(select(func.count()).where(Placement.status != PlacementStatus.PLANNED)) or 0
    yield from _thing(Kind.COST, "ads", len(bare), ran, named=[Named(key=str(one.id), label=one.name) for one in bare])


def _everything(scope: Scope) -> Scope:
    return Scope(organisation_id=scope.organisation_id, now=scope.now, view=View.COHORT)


def _of_sources(found: Effectiveness, unexplained: int) -> Iterator[Unknown]:
    """Of an unknown source are those whose name still may be given a meaning, and those of which nothing more is known:
    two kinds, since only for these it is too late."""
    for row in found.rows:
        if row.row == "unknown":
            all_ = found.totals.applications
            yield from _thing(Kind.SOURCE_NAME, "applications", unexplained, all_)
            yield from _thing(Kind.SOURCE, "applications", row.applications - unexplained, all_)


def _of_applications(found: Effectiveness, funnel: Funnel, split: FunnelSplit) -> Iterator[Unknown]:
    totals = found.totals
    for row in found.rows:
        if row.row in UNTRACED:
            yield from _thing(UNTRACED[row.row], "applications", row.applications, totals.applications)
    yield from _thing(Kind.PENDING, "applications", totals.pending, totals.applications)
    told = [row for row in funnel.stages if row.stage != Stage.APPLIED.slug and not _is_unheard(row)]
    open_ = [row for row in told if row.conversion_from_start.estimate is None]
    if totals.applications:
        named = [Named(key=None, label=stage_name(STAGES[row.stage])) for row in open_]
        yield from _thing(Kind.SHARE, "stages", len(open_), len(told), named=named)
    for line in split.rows:
        if line.key is None:
            yield from _thing(Kind.SPECIALTY, "applications", line.stages[0].reached, split.whole.stages[0].reached)


def _of_ads(found: Effectiveness) -> Iterator[Unknown]:
    judged = _judged(found)
    by_kind: dict[Kind, list[Row]] = {}
    for row in judged:
        if row.verdict == "cannot_tell" and (kind := _why_not_told(row)):
            by_kind.setdefault(kind, []).append(row)
    for kind, rows in by_kind.items():
        needs = [row.needs for row in rows if row.needs and kind not in (Kind.NOBODY_CAME, Kind.NOTHING_BESIDE)]
        yield from _thing(
            kind, "ads", len(rows), len(judged), named=_name(rows),
            applicants=_span(one.applications for one in needs),
            weeks=None if kind is Kind.ENDED else _span(one.weeks for one in needs),
        )  # fmt: skip
    unseen = [row for row in judged if row.brought.estimate is None]
    weeks = _span(row.brought.weeks for row in unseen if not row.ended)
    yield from _thing(Kind.BROUGHT, "ads", len(unseen), len(judged), named=_name(unseen), weeks=weeks)


def _judged(found: Effectiveness) -> list[Row]:
    return [row for row in found.rows if row.verdict is not None and not row.is_idle]


def _why_not_told(row: Row) -> Kind | None:
    """Why there is no verdict; what has ended, or will hardly ever have enough, is told apart from what goes on."""
    code = row.reason.code if row.reason else ""
    if row.needs and row.needs.ratio >= DOUBLED and row.needs.capped and code in ("too_few", "too_early"):
        return Kind.HARDLY_EVER
    if code == "too_few" and row.ended:
        return Kind.ENDED
    if row.needs and takes_too_long(row.needs):
        return Kind.TOO_SLOW
    return BY_CODE.get(code)


def _name(rows: Sequence[Row]) -> list[Named]:
    return [Named(key=row.key, label=row.label) for row in sorted(rows, key=lambda row: (-row.applications, row.label))]


def _span(numbers: Iterable[int | None]) -> Span | None:
    known = [one for one in numbers if one]
    return Span(least=min(known), most=max(known), n=len(known)) if known else None


def _is_unheard(row: StageRow) -> bool:
    return row.conversion_from_start.why == "not_recorded"
