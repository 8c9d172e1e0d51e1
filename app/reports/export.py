"""Reports as files: CSV that a spreadsheet opens without running anything in it."""

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from app.funnel.stage import Stage
from app.reports.against_plan import PlanAnswer, PlannedStage, PlanRow
from app.reports.answers import (
    Bounds,
    Comparison,
    Effectiveness,
    Funnel,
    PathsAnswer,
    Unmatched,
    UnmatchedSource,
)
from app.reports.explained import CountedApplication, Explanation
from app.reports.forecasts import ForecastRow, ForecastsAnswer
from app.reports.listing import Listed, Listing
from app.reports.monthly_answers import Monthly
from app.reports.not_known import Span, Unknowns
from app.reports.workbook import Sheet
from app.spreadsheets import FOR_MACHINES, Marks

ACTIVE_STARTS = ("=", "+", "-", "@", "\t", "\r")

EFFECTIVENESS_COLUMNS = (
    "row", "key", "code", "label", "cost", "currency", "applications", "reached", "out", "pending",
    "expected_low", "expected_high", "conversion", "conversion_low", "conversion_high", "lift", "lift_low",
    "lift_high", "probability_better", "verdict", "reason", "needs_applications", "needs_weeks",
    "touched_first", "touched_last", "touched_any", "cost_per_reached", "cost_per_reached_low",
    "cost_per_reached_high", "brought", "brought_low", "brought_high", "brought_probability_more", "brought_reason",
    "reached_because", "reached_because_low", "reached_because_high", "cost_per_reached_because",
    "cost_per_reached_because_low", "cost_per_reached_because_high", "reached_least", "reached_most",
    "turned_by_one",
)  # fmt: skip
FUNNEL_COLUMNS = (
    "stage", "reached", "pending", "withdrawn", "rejected", "conversion_from_previous",
    "conversion_from_previous_low", "conversion_from_previous_high", "conversion_from_start",
    "conversion_from_start_low", "conversion_from_start_high", "days_median", "days_low", "days_high",
)  # fmt: skip

PLAN_COLUMNS = (
    "campaign", "name", "kind", "status", "starts_on", "ends_on", "placements", "budget", "planned", "booked",
    "invoiced", "production", "currency", "hires_wanted", "stage", "expected", "came", "pending", "expected_low",
    "expected_high",
)  # fmt: skip

LATER_STAGES = tuple(stage.slug for stage in Stage if stage > Stage.APPLIED)


def effectiveness_csv(answer: Effectiveness) -> str:
    """Every row of the report; what cannot be told is an empty cell, never 0."""
    return _write(EFFECTIVENESS_COLUMNS, (_effectiveness_cells(row) for row in answer.rows))


def sheet_csv(sheet: Sheet, marks: Marks = FOR_MACHINES) -> str:
    """A table as it was seen: its heads in the reader's language, and under them plain numbers and days."""
    return _write(sheet.heads, sheet.rows, marks)


def rows_csv(model: type[BaseModel], rows: Iterable[BaseModel]) -> str:
    """Rows of one kind, a column a field, named as the API names it; what has parts is written as JSON."""
    columns = list(model.model_fields)
    return _write(columns, ([_part(shown[name]) for name in columns] for shown in map(_plain, rows)))


def _plain(row: BaseModel) -> dict[str, Any]:
    return row.model_dump(mode="json")


def _part(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def funnel_csv(answer: Funnel) -> str:
    """Every stage of the report; of one that no system records the cells are empty."""
    return _write(FUNNEL_COLUMNS, (_funnel_cells(stage) for stage in answer.stages))


def plan_csv(answer: PlanAnswer) -> str:
    """Every stage of every campaign, and before them the leads of one that is for the talent pool; what nobody expected
    and what no system speaks of are empty cells."""
    return _write(PLAN_COLUMNS, (cells for row in answer.campaigns for cells in _plan_cells(row)))


def _plan_cells(row: PlanRow) -> Iterable[Sequence[Any]]:
    spent = {one.basis: one.amount for one in row.spent}
    money = [amount.amount if (amount := spent.get(basis)) else None
             for basis in ("planned", "booked", "invoiced", "production")]  # fmt: skip
    currency = next((one.currency for one in (row.budget, *spent.values()) if one), None)
    head = [str(row.campaign), row.name, row.kind.value, row.status.value, row.starts_on, row.ends_on, row.placements,
            row.budget and row.budget.amount, *money, currency, row.reckoned and row.reckoned.hires_wanted]  # fmt: skip
    leads = [[*head, "lead", row.leads.wanted, row.leads.came, None, None, None]] if row.leads else []
    return [*leads, *([*head, *_planned_cells(stage)] for stage in row.stages)]


def _planned_cells(stage: PlannedStage) -> Sequence[Any]:
    return (stage.stage, stage.expected, stage.came, stage.pending, stage.expected_low, stage.expected_high)


def unmatched_csv(answer: Unmatched) -> str:
    """Everything observed that leads to no placement."""
    columns = tuple(UnmatchedSource.model_fields)
    return _write(columns, ([getattr(source, name) for name in columns] for source in answer.sources))


def unknown_csv(answer: Unknowns) -> str:
    """Each thing that is not known, a line a thing, with its numbers and its words."""
    columns = ("kind", "unit", "n", "all", "share", "what", "why", "remedy", "when")
    ends = ("weeks_least", "weeks_most", "applicants_least", "applicants_most")
    return _write(
        (*columns, *ends),
        (
            [*(getattr(one, name) for name in columns), *_ends(one.weeks), *_ends(one.applicants)]
            for one in answer.unknown
        ),
    )


def _ends(span: Span | None) -> tuple[int | None, int | None]:
    return (span.least, span.most) if span else (None, None)


def forecasts_csv(answer: ForecastsAnswer) -> str:
    """Each row of what was foretold, with what came."""
    columns = tuple(ForecastRow.model_fields)
    return _write(columns, ([getattr(row, name) for name in columns] for row in answer.rows))


def monthly_csv(answer: Monthly) -> str:
    """Every cell with its month and channel, totals among them as `all`; a hidden count is an empty cell."""
    labels = [*(channel.label for channel in answer.channels), "all"]
    return _write(
        ("month", "channel", "applications", "reached"),
        (
            (row.month or "all", label, cell.applications, cell.reached)
            for row in (*answer.rows, answer.totals)
            for label, cell in zip(labels, (*row.cells, row.total), strict=True)
        ),
    )


def paths_csv(answer: PathsAnswer) -> str:
    """Every row under every model; the removal effect stands with the Markov credit that is made of it."""
    effects = [one.effect for one in answer.removal_effects]
    return _write(
        ("model", "row", "key", "label", "credit", "low", "high", "why", "removal_effect", "least", "most"),
        (
            (
                model,
                one.row,
                one.key,
                one.label,
                one.credit,
                one.low,
                one.high,
                one.why,
                effect,
                *_bound_cells(one.bounds),
            )
            for model, lines in answer.models.items()
            for one, effect in zip(lines, effects if model == "markov" else [None] * len(lines), strict=True)
        ),
    )


def comparison_csv(answer: Comparison) -> str:
    """The two in a line each; what is said of both stands in the line of the first."""
    doubt = answer.confounding
    both = (answer.probability_better, answer.verdict, answer.ratio.estimate, answer.ratio.low, answer.ratio.high,
            answer.change.estimate, answer.change.low, answer.change.high, doubt.estimate if doubt else None,
            doubt.limit if doubt else None)  # fmt: skip
    return _write(
        ("side", "key", "label", "applications", "reached", "out", "pending", "conversion", "conversion_low",
         "conversion_high", "probability_better", "verdict", "ratio", "ratio_low", "ratio_high", "change",
         "change_low", "change_high", "e_value", "e_value_limit"),
        (
            (name, one.key, one.label, one.applications, one.reached, one.out, one.pending, one.conversion.estimate,
             one.conversion.low, one.conversion.high, *said)
            for name, one, said in (("a", answer.a, both), ("b", answer.b, (None,) * len(both)))
        ),
    )  # fmt: skip


def listing_csv(answer: Listing, marks: Marks = FOR_MACHINES) -> str:
    """Every application that a number counts; a stage without a day is `reached`."""
    columns = ("record", "applied", *LATER_STAGES, "out", "outcome", "current", "specialty", "row", "key", "label",
               "part")  # fmt: skip
    return _write(columns, (_listed_cells(one) for one in answer.applications), marks)


def _listed_cells(one: Listed) -> Sequence[Any]:
    days = stage_cells(one.stages)
    return (one.record, one.applied, *days, one.out, one.outcome, one.current, one.specialty, one.row, one.key,
            one.label, one.part)  # fmt: skip


def stage_cells(stages: Mapping[str, dt.date | None]) -> list[Any]:
    """The day of each stage after applying; one without a day is `reached`, one not reached empty."""
    return [stages[stage] or "reached" if stage in stages else None for stage in LATER_STAGES]


def explanation_csv(answer: Explanation, marks: Marks = FOR_MACHINES) -> str:
    """Every application behind the explanation; a stage without a day is `reached`."""
    columns = ("record", "applied", *LATER_STAGES, "out", "outcome", "own", "met", "counted", "compared")
    return _write(columns, (_application_cells(one) for one in answer.applications or ()), marks)


def _application_cells(one: CountedApplication) -> Sequence[Any]:
    days = stage_cells(one.stages)
    met = " ".join(day.isoformat() for day in one.met)
    return (one.record, one.applied, *days, one.out, one.outcome, one.owned, met, one.counted, one.compared)


def _effectiveness_cells(row: Any) -> Sequence[Any]:
    lift, needs, per = row.lift, row.needs, row.cost_per_reached
    brought, because, per_because = row.brought, row.reached_because, row.cost_per_reached_because
    return (
        row.row, row.key, row.code, row.label, "+".join(cost.amount for cost in row.costs),
        "+".join(cost.currency for cost in row.costs), row.applications, row.reached, row.out, row.pending,
        row.expected_reached.low, row.expected_reached.high, row.conversion.estimate, row.conversion.low,
        row.conversion.high, lift and lift.estimate, lift and lift.low, lift and lift.high,
        lift and lift.probability_better, row.verdict, row.reason and row.reason.text,
        needs and needs.applications, needs and needs.weeks, row.touched.first, row.touched.last, row.touched.any,
        per.estimate, per.low, per.high, brought.estimate, brought.low, brought.high, brought.probability_more,
        brought.reason and brought.reason.text, because.estimate, because.low, because.high, per_because.estimate,
        per_because.low, per_because.high, *_bound_cells(row.reached_bounds),
        row.turned_by_one if row.verdict else None,
    )  # fmt: skip


def _bound_cells(bounds: Bounds | None) -> Sequence[Any]:
    return (None, None) if bounds is None else (bounds.least, bounds.most)


def _funnel_cells(stage: Any) -> Sequence[Any]:
    before, start, days = stage.conversion_from_previous, stage.conversion_from_start, stage.days_to_stage
    counts = [stage.reached, stage.pending, stage.out.withdrawn, stage.out.rejected]
    return (
        stage.stage, *(counts if start.why != "not_recorded" else [None] * len(counts)), before.estimate,
        before.low, before.high, start.estimate, start.low, start.high, days.median, days.low, days.high,
    )  # fmt: skip


def _write(columns: Sequence[str], rows: Iterable[Sequence[Any]], marks: Marks = FOR_MACHINES) -> str:
    file = io.StringIO()
    file.write(marks.begins)
    writer = csv.writer(file, delimiter=marks.between, lineterminator="\r\n")
    writer.writerow([_cell(value, marks) for value in columns])
    writer.writerows([_cell(value, marks) for value in row] for row in rows)
    return file.getvalue()


def _cell(value: Any, marks: Marks) -> Any:
    """A text that a spreadsheet would take for a formula is made a plain text by an apostrophe."""
    if isinstance(value, str) and value.startswith(ACTIVE_STARTS):
        return f"'{value}"
    return str(round(value, 6)).replace(".", marks.decimal) if isinstance(value, float) else value
