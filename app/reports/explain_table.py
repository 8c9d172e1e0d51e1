"""An explanation for a terminal: what was counted, then how it was judged, then the applications."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from app.funnel.stage import STAGES, Stage
from app.i18n import _, date, number
from app.reports.explain_words import case_words, counted_name, lift_words, use_name, verdict_with_side
from app.reports.explained import CountedApplication, Explanation
from app.reports.names import came_to_stage, stage_name


def explanation_table(answer: Explanation) -> RenderableType:
    """The whole explanation, a part after the other."""
    stage = STAGES[answer.scope["stage"]]
    head = _("%(row)s, %(stage)s: %(verdict)s", row=answer.row.label, stage=stage_name(stage).lower(),
             verdict=verdict_with_side(answer.verdict, answer.reason))  # fmt: skip
    parts: list[RenderableType] = [Text(head, style="bold"), Text(answer.reason.text if answer.reason else "")]
    parts += [*_part(_("What was counted"), _counts(answer, stage))]
    parts += [*_part(_("How it was compared"), Text(answer.method.text))]
    parts += [*_part(_("What the verdict needs"), Text(answer.threshold.text))]
    parts += [*_part(_("What would change it"), *(Text(one.text) for one in answer.changes), Text(answer.prior.text))]
    parts += [_cases(answer)] if answer.lift else []
    parts += [Text(answer.confounding.text)] if answer.confounding else []
    parts += [*_part(_("What is taken for granted"), *(Text(f"· {one}") for one in answer.assumptions))]
    if answer.applications:
        parts += [*_part(_("The applications counted"), _applications(answer.applications))]
    return Group(*parts)


def _part(title: str, *content: RenderableType) -> tuple[RenderableType, ...]:
    return Text(""), Text(title, style="bold"), *content


def _counts(answer: Explanation, stage: Stage) -> RenderableType:
    counts = answer.counts
    if counts is None:
        return Text("–")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in (
        (_("Applied"), number(counts.applications)), (came_to_stage(stage).capitalize(), number(counts.reached)),
        (_("At most"), number(counts.reached + counts.untraced)),
        (_("Pending"), number(counts.pending)), (_("Out"), number(counts.out)),
        (_("Compared"), number(counts.compared)), (_("Advanced"), number(counts.observed)),
        (_("Usual for comparable applicants"), number(counts.expected, 1)),
        (_("Against comparable applicants"), lift_words(answer.lift)),
    ):  # fmt: skip
        table.add_row(Text(name), Text(value))
    return table


def _cases(answer: Explanation) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in (_("Ads differ by"), _("Verdict"), _("Against comparable applicants")):
        table.add_column(name)
    for case in answer.prior.cases:
        table.add_row(*map(Text, case_words(case)))
    return table


def _applications(applications: list[CountedApplication]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in (_("Record"), _("Applied"), _("Furthest"), _("Out"), _("Its own"), _("Counted as"),
                 _("In the comparison")):  # fmt: skip
        table.add_column(name, overflow="fold")
    for one in applications:
        furthest = [*one.stages][-1] if one.stages else "applied"
        out = "–" if one.out is None else date(one.out)
        own = _("yes") if one.owned else _("no")
        cells = (one.record[:12], date(one.applied), stage_name(STAGES[furthest]), out, own, counted_name(one.counted),
                 use_name(one.compared))  # fmt: skip
        table.add_row(*map(Text, cells))
    return table
