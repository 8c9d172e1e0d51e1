"""The sum behind an expected funnel, in words: each number, the rate it rests on, and whose rate that is."""

from dataclasses import dataclass
from typing import Any

from app.funnel.stage import STAGES
from app.i18n import _, ngettext, number, percent
from app.planning.money import Money, to_minor
from app.reports.answers import CostPer
from app.reports.names import stage_name
from app.reports.reckoning import NO_HISTORY, History, RateBasis, Reckoned, ReckonedStep, read_history
from app.reports.scope import Scope
from app.reports.wording import cost_per_words, money_words, ranged_share
from app.web.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class SumLine:
    """One step: how many, in which range, by which rate."""

    name: str
    needed: str
    rate: str
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
        "lines": [_line(one) for one in found.steps],
        "record": ngettext("Your own record is %(n)s application.", "Your own record is %(n)s applications.",
                           found.record) if any(one.basis == "history" for one in found.steps) else "",
        "cost": cost_per_words(found.cost),
        "cost_basis": _basis(found.cost_basis),
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


def _line(step: ReckonedStep) -> SumLine:
    name = _("Links followed") if step.step == "clicks" else stage_name(STAGES[step.step])
    return SumLine(name, _range(step), _share(step), _basis(step.basis))


def _range(step: ReckonedStep) -> str:
    if step.estimate is None:
        return _("not known")
    if step.low is None or (step.low, step.high) == (step.estimate, step.estimate):
        return number(step.estimate)
    end = number(step.high) if step.high is not None else _("without an end")
    return f"{number(step.estimate)} ({number(step.low)}–{end})"


def _share(step: ReckonedStep) -> str:
    """A share with a decimal where it has one, so that whoever reckons after it comes to the same."""
    rate = step.rate
    if rate.estimate is None:
        return "–"
    share = percent(rate.estimate, 0 if round(rate.estimate * 1000) % 10 == 0 else 1)
    if rate.low is None or rate.high is None:
        return share
    return f"{share} ({ranged_share(rate.estimate, rate.low, rate.high)[1]})"


def _basis(basis: RateBasis | None) -> str:
    return {"history": _("your own record"), "own": _("typed"), None: "–"}[basis]
