"""The sum behind an expected funnel, in words: each number, the rate it rests on, and whose rate that is."""

from dataclasses import dataclass
from typing import Any

from app.funnel.stage import STAGES, Stage
from app.i18n import _, ngettext, number, percent
from app.planning.money import Money, to_minor
from app.reports.answers import CostPer
from app.reports.names import stage_name
from app.reports.reckoning import NO_HISTORY, History, RateBasis, Reckoned, ReckonedStep, read_history
from app.reports.scope import Scope
from app.reports.wording import cost_per_words, money_words, needed_words
from app.web.pages.visit import Visit

EXACT = 1e-9
"""What is nearer to a number than this is it, but for the last bits of a float."""


@dataclass(frozen=True, slots=True)
class SumLine:
    """One step: how many, in which range, the sum that this is, and whose rate it is by."""

    name: str
    needed: str
    sum: str
    basis: str


def history_for(visit: Visit, scope: Scope) -> History:
    """The record to reckon by, for whoever may see what it says."""
    return read_history(visit.session, scope) if visit.sees_small_counts else NO_HISTORY


def reckoned_view(found: Reckoned | None, budget: Money | None = None) -> dict[str, Any] | None:
    """What a page shows of the sum, beside the budget where there is one; nothing where no hires are asked for."""
    if found is None:
        return None
    if found.why is not None:
        return {
            "lacking": _(
                "The share of applicants that is hired is not known. Type that rate, and the rest is calculated."
            )
        }
    applied = next(one for one in found.steps if one.step == "applied")
    return {
        "lacking": "",
        "sentence": _("%(hires)s hires ÷ %(share)s of those who apply = %(n)s applications.",
                      hires=number(found.hires_wanted), share=_share(applied), n=number(applied.estimate or 0)),
        "lines": [_line(one, found, applied) for one in found.steps],
        "typed": _typed_says(found),
        "cost": cost_per_words(found.cost),
        "cost_sum": "" if found.cost_each.estimate is None
        else f"{_range(applied)} × {_each(found.cost_each)}",
        "cost_basis": _basis(found.cost_basis, found.cost_of),
        "short": _budget_words(found.cost, budget),
    }  # fmt: skip


def _budget_words(cost: CostPer, budget: Money | None) -> str:
    """That the budget does not do for what is expected, as far as the two can be compared."""
    if budget is None or cost.estimate is None or cost.currency != budget.currency:
        return ""
    there = to_minor(budget)
    if to_minor(Money(amount=cost.estimate, currency=budget.currency)) <= there:
        return ""
    return _("The budget of %(budget)s is less than that: expect fewer, or ask for more.",
             budget=money_words(there, budget.currency))  # fmt: skip


def _line(step: ReckonedStep, found: Reckoned, applied: ReckonedStep) -> SumLine:
    name = _("Links followed") if step.step == "clicks" else stage_name(STAGES[step.step])
    basis = _basis(step.basis, step.of, clicks=step.step == "clicks")
    return SumLine(name, _range(step), _sum(step, found, applied), "" if step.step == Stage.HIRED.slug else basis)


def _sum(step: ReckonedStep, found: Reckoned, applied: ReckonedStep) -> str:
    """The sum that a step is: hires over the share that is hired, applications over the share that applies of those who
    follow a link, or applications times the share that comes to a stage."""
    if step.step == Stage.HIRED.slug:
        return _("wanted")
    if step.rate.estimate is None:
        return "–"
    if step is applied:
        return f"{number(found.hires_wanted)} ÷ {_share(step)}"
    return f"{_range(applied)} {'÷' if step.step == 'clicks' else '×'} {_share(step)}"


def _typed_says(found: Reckoned) -> str:
    """That what is typed has no range; empty where nothing is."""
    if not any(one.basis == "own" for one in found.steps) and found.cost_basis != "own":
        return ""
    return _("A typed rate or cost was counted by nobody, so it adds nothing to a range: how far it may be off is not "
             "known.")  # fmt: skip


def _range(step: ReckonedStep) -> str:
    return _("not known") if step.estimate is None else needed_words(step.estimate, step.low, step.high)


def _share(step: ReckonedStep) -> str:
    """A share with its decimals, its ends as exact, so that whoever reckons after it comes to the same."""
    rate = step.rate
    if rate.estimate is None:
        return "–"
    ends = [one for one in (rate.low, rate.high) if one is not None]
    digits = next((n for n in (0, 1) if all(_is_exact(one * 100, n) for one in (rate.estimate, *ends))), 2)
    share = percent(rate.estimate, digits)
    return f"{share} ({'–'.join(number(one * 100, digits) for one in ends)})" if len(ends) == 2 else share


def _is_exact(number: float, digits: int) -> bool:
    """Whether a number is written whole with so many decimals."""
    return abs(number - round(number, digits)) < EXACT


def _each(cost: CostPer) -> str:
    """What one application costs, to the cent, so that the sum comes out."""
    if cost.estimate is None or cost.currency is None:
        return ""
    said = money_words(to_minor(Money(amount=cost.estimate, currency=cost.currency)), cost.currency, cents=True)
    if cost.low is None or cost.high is None:
        return said
    return f"{said} ({number(float(cost.low), 2)}–{number(float(cost.high), 2)})"


def _basis(basis: RateBasis | None, of: int | None, *, clicks: bool = False) -> str:
    """Whose rate it is, and on how many it was counted."""
    if basis != "history":
        return {"own": _("typed"), None: "–"}[basis]
    counted = (
        ngettext("%(n)s link followed", "%(n)s links followed", of or 0)
        if clicks
        else ngettext("%(n)s application", "%(n)s applications", of or 0)
    )
    return _("your own record: %(counted)s", counted=counted)
