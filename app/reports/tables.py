"""Reports as tables for a terminal: the finding first, then the rows, doubt drawn as a small bar."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from app.funnel.stage import STAGES, Stage
from app.i18n import _, date, number, percent
from app.reports.against_plan import PlanAnswer
from app.reports.answers import (
    Comparison,
    DaysToStage,
    Effectiveness,
    Estimate,
    Funnel,
    Lift,
    PathsAnswer,
    Row,
    Unmatched,
)
from app.reports.brought_words import brought_words
from app.reports.cost_words import row_cost_words
from app.reports.credit_words import credit_digits, hastening_words, sharing_words, untraced_words
from app.reports.forecasts import ForecastsAnswer
from app.reports.leads import leads_sentence
from app.reports.monthly_answers import Monthly
from app.reports.names import by_name, model_name, stage_name
from app.reports.not_known import Unknowns
from app.reports.scope import By
from app.reports.tracing_words import traced_finding
from app.reports.wording import (
    change_words,
    funnel_finding,
    needed_words,
    paths_finding,
    share_words,
    verdict_words,
    verdicts_finding,
    whole_range,
)

BAR_ARM = 6
"""Cells on either side of no change; the last stands for four times as many, or a quarter."""
WIDE = 100
"""Columns of a terminal that has room for the bars."""
WIDEST = 160
"""Columns of one that has room for whom each brought too."""
STYLES = {"moved": "bold", "not_judged": "dim"}


@dataclass(frozen=True, slots=True)
class EffectivenessTable:
    """Which ads moved people: a line a row, what cannot be traced last. A narrow terminal gets the verdicts alone."""

    answer: Effectiveness

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        by, stage = By(self.answer.scope["by"]), STAGES[self.answer.scope["stage"]]
        wide = options.max_width >= WIDE
        table = _table([by_name(by)], [_("Cost"), _("Applied"), stage_name(stage), _("In the end")], [])
        if wide:
            table.add_column(_("Compared"), no_wrap=True, min_width=2 * BAR_ARM + 1)
        table.add_column(_("Verdict"), overflow="fold")
        widest = options.max_width >= WIDEST
        if widest:
            table.add_column(_("More than without it"), overflow="fold")
        for row in self.answer.rows:
            verdict = verdict_words(row)
            counts = (number(row.applications), number(row.reached), whole_range(row.expected_reached) or "–")
            cells = (row.label, _cost(row), *counts, *([_lift(row), verdict.whole] if wide else [verdict.short]))
            cells = (*cells, brought_words(row.brought)) if widest else cells
            table.add_row(*map(Text, cells), style=STYLES.get(verdict.kind))
        yield _under((verdicts_finding(self.answer, by, stage), traced_finding(self.answer)), table)
        if not wide:
            yield Text(_("A terminal of %(n)s columns or more says what each verdict still needs.", n=number(WIDE)))


def effectiveness_table(answer: Effectiveness) -> RenderableType:
    """The report's rows under its findings, as wide as the terminal."""
    return EffectivenessTable(answer)


def funnel_table(answer: Funnel) -> RenderableType:
    """Where applicants are and where they stop: a line a stage."""
    heads = [_("Reached"), _("Waiting"), _("Withdrawn"), _("Rejected")]
    table = _table([_("Stage")], heads, [_("Of those before"), _("Of all"), _("Days to the stage")])
    for row in answer.stages:
        counts = (row.reached, row.pending, row.out.withdrawn, row.out.rejected)
        unheard = row.conversion_from_start.why == "not_recorded"
        numbers = ["–" if unheard else number(count) for count in counts]
        shares = (row.conversion_from_previous, row.conversion_from_start)
        cells = (stage_name(STAGES[row.stage]), *numbers, *map(_share, shares), _days(row.days_to_stage))
        table.add_row(*map(Text, cells))
    stage: Stage = STAGES[answer.scope["stage"]]
    return _under([funnel_finding(answer, stage, answer.scope["horizon_days"])], table)


def plan_table(answer: PlanAnswer) -> RenderableType:
    """Every campaign: what was expected and what came, a line a stage that either is known of."""
    table = _table([_("Campaign"), _("Stage")], [_("Expected"), _("Came"), _("Waiting")], [])
    for row in answer.campaigns:
        if row.leads:
            wanted, came = _count_or_dash(row.leads.wanted), number(row.leads.came)
            table.add_row(*map(Text, (row.name, _("Talent pool"), wanted, came, "")))
        for stage in row.stages:
            if stage.expected is None and stage.came is None:
                continue
            expected = needed_words(stage.expected, stage.expected_low, stage.expected_high)
            counts = map(_count_or_dash, (stage.came, stage.pending))
            table.add_row(*map(Text, (row.name, stage_name(STAGES[stage.stage]), expected, *counts)))
    said = [f"{row.name}: {leads_sentence(row.leads)}" for row in answer.campaigns if row.leads]
    return _under(said, table)


def _count_or_dash(count: int | None) -> str:
    return "–" if count is None else number(count)


def paths_table(answer: PathsAnswer) -> RenderableType:
    """Credit under every model side by side, then the ways that most took."""
    shown = [name for name in answer.models if any(line.credit is not None for line in answer.models[name])]
    credit = _table([by_name(By(answer.scope["by"]))], [model_name(name) for name in shown], [])
    digits = [credit_digits(answer.models[name]) for name in shown]
    for lines in zip(*(answer.models[name] for name in shown), strict=True):
        if any(line.credit for line in lines):
            cells = (number(line.credit or 0, places) for line, places in zip(lines, digits, strict=True))
            credit.add_row(*map(Text, (lines[0].label, *cells)))
    ways = _table([_("Steps")], [_("Applied"), stage_name(STAGES[answer.scope["stage"]]), _("Open")], [])
    for path in answer.paths:
        steps = " → ".join(path.steps) or _("met nothing in between")
        ways.add_row(*map(Text, (steps, number(path.applications), number(path.reached), number(path.unresolved))))
    hidden = [model_name(name) for name in answer.models if name not in shown]
    few = _("Too few came to the stage for: %(models)s.", models=", ".join(hidden)) if hidden else ""
    findings = [answer.heading, paths_finding(answer), untraced_words(answer), sharing_words(answer),
                hastening_words(answer), few]  # fmt: skip
    return Group(_under(findings, credit), Text(""), ways)


def comparison_table(answer: Comparison) -> RenderableType:
    """The sentence, and under it the two with their counts."""
    stage = stage_name(STAGES[answer.scope["stage"]])
    table = _table([_("Compare")], [_("Applied"), stage, _("Pending"), _("Out"), _("Of all")], [])
    for side in (answer.a, answer.b):
        counts = map(number, (side.applications, side.reached, side.pending, side.out))
        table.add_row(*map(Text, (side.label, *counts, _share(side.conversion))))
    return _under([answer.text], table)


def monthly_table(answer: Monthly) -> RenderableType:
    """Months of applying by channel: who applied, and of these who came to an interview."""
    heads = [*(channel.label for channel in answer.channels), _("All")]
    table = _table([_("Month")], heads, [])
    for row in (*answer.rows, answer.totals):
        cells = (f"{_count(cell.applications)} / {_count(cell.reached)}" for cell in (*row.cells, row.total))
        table.add_row(*map(Text, (row.month or _("All"), *cells)))
    said = _("Applied / of these came to an interview.")
    return _under([said, "" if answer.exact else _("… is a count that is hidden.")], table)


def _count(count: int | None) -> str:
    return "…" if count is None else number(count)


def unmatched_table(answer: Unmatched) -> RenderableType:
    """What was observed and leads to no placement."""
    if not answer.sources:
        return Text(_("Everything that was observed leads to a placement or a channel."))
    kinds = {"code": _("Code"), "label": _("Label"), "host": _("Host")}
    counts = [_("Applications"), _("Touchpoints")]
    table = _table([_("Observed as"), _("What was observed")], counts, [_("First"), _("Last")])
    for source in answer.sources:
        counted = (number(source.applications), number(source.touchpoints))
        table.add_row(
            *map(Text, (kinds[source.kind], source.observed, *counted, date(source.first), date(source.last)))
        )
    return table


def unknown_table(answer: Unknowns) -> RenderableType:
    """What is not known: a line a thing, under what is said of all."""
    table = _table([_("Not known")], [_("Number"), _("of"), _("Share")], [_("What would tell"), _("When")])
    for one in answer.unknown:
        counts = ("–" if n is None else number(n) for n in (one.n, one.all))
        share = "–" if one.share is None else percent(one.share)
        table.add_row(*map(Text, (one.what, *counts, share, one.remedy, one.when)))
    return _under([answer.finding], table)


def forecasts_table(answer: ForecastsAnswer) -> RenderableType:
    """What was foretold half a year ago, row by row, and what came."""
    counts = [_("Applied"), _("Had come"), _("Foretold"), stage_name(STAGES[answer.scope["stage"]])]
    table = _table([by_name(By(answer.scope["by"]))], counts, [_("Held")])
    for row in answer.rows:
        foretold = number(row.low) if row.low == row.high else f"{number(row.low)}–{number(row.high)}"
        cells = (row.label, number(row.applications), number(row.so_far), foretold, number(row.came))
        table.add_row(*map(Text, (*cells, _("yes") if row.held else _("no"))))
    return _under([answer.finding], table)


def _table(names: Sequence[str], numbers: Sequence[str], texts: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name, max_width=40, overflow="fold")
    for heading in numbers:
        table.add_column(heading, justify="right")
    for heading in texts:
        table.add_column(heading, overflow="fold")
    return table


def _under(findings: Sequence[str], table: Table) -> Group:
    return Group(*(Text(finding) for finding in findings if finding), Text(""), table)


def _cost(row: Row) -> str:
    return row_cost_words(row)


def _lift(row: Row) -> str:
    if row.lift is None:
        return ""
    return draw_bar(row.lift) or change_words(row.lift)


def draw_bar(lift: Lift) -> str:
    """The interval as a line, its middle as a dot, no change as a bar across: `    ──┃──●──   `."""
    if lift.estimate is None or lift.low is None or lift.high is None:
        return ""
    low, middle, high = (_cell(change) for change in (lift.low, lift.estimate, lift.high))
    marks = {middle: "●", **({} if middle == BAR_ARM else {BAR_ARM: "┃"})}
    return "".join(marks.get(cell, "─" if low <= cell <= high else " ") for cell in range(2 * BAR_ARM + 1))


def _cell(change: float) -> int:
    """Equal ratios are equal distances: half as many lies as far from the middle as twice as many."""
    quarters = math.log(max(1 + change, 1e-9), 4)
    return round(BAR_ARM * (1 + min(1.0, max(-1.0, quarters))))


def _share(share: Estimate) -> str:
    if share.estimate is None or share.low is None or share.high is None:
        return "–"
    return share_words(share)


def _days(days: DaysToStage) -> str:
    if days.median is None or days.low is None or days.high is None:
        return "–"
    return f"{number(days.median)}, {number(days.low)}–{number(days.high)}"
