"""Answers in sentences: findings, verdicts and reasons. What goes together is never worded as what caused it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.funnel.stage import STAGES, Stage
from app.i18n import _, minor_digits, money, ngettext, number, percent, unbroken
from app.measurement.incidence import FEWEST_FOR_NORMAL
from app.measurement.thresholds import DOUBLED
from app.reports.answers import (
    CostPer,
    Effectiveness,
    Estimate,
    Funnel,
    Lift,
    Needs,
    PathsAnswer,
    Row,
    StageRow,
)
from app.reports.names import came_to_stage, not_recorded_words, of_all, to_stage
from app.reports.scope import By
from app.reports.tally import is_out_of_reach, is_settled, open_words, takes_too_long, tally

MINUS = "−"
MOST_DECIMALS = 2
WEEKS_A_YEAR = 52


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict in words: the word itself, what is added to it, and what tells that it is not firm."""

    kind: str
    head: str
    tail: str = ""
    doubt: str = ""

    def __str__(self) -> str:
        return f"{self.head} {self.tail}".strip()

    @property
    def whole(self) -> str:
        """With what tells that it is not firm."""
        return f"{self} {_dash(self.doubt)}".strip()

    @property
    def short(self) -> str:
        """Without what a verdict that cannot be told still needs."""
        return self.head if self.kind == "cannot_tell" else self.whole


def verdict_words(row: Row) -> Verdict:
    """`moved`, `did not move (not better)`, `cannot tell yet — about 14 more applicants (4 weeks)`."""
    code = row.reason.code if row.reason else None
    if row.verdict is None:
        return Verdict("not_judged", _("not judged"))
    if row.is_idle:
        return Verdict("not_judged", idle_words(row))
    doubt = _("one application would turn this") if row.turned_by_one else ""
    if row.verdict == "moved":
        return Verdict("moved", _("moved"), doubt=doubt)
    if row.verdict == "did_not_move":
        if code == "worse":
            return Verdict("did_not_move", _("did not move"), _("(worse)"), doubt)
        return Verdict("no_different", _("did not move"), _("(not better)"), doubt)
    if row.needs and is_out_of_reach(row.needs, code):
        return Verdict("cannot_tell", _("cannot tell"), _too_few_ever(row.needs))
    tail = _dash(_missing(code, row.needs, ended=row.ended))
    return Verdict("cannot_tell", _("cannot tell") if is_settled(row) else _("cannot tell yet"), tail)


def verdict_alone(row: Row) -> str:
    """`did not move (not better)`: the verdict without what is lacking for another."""
    said = verdict_words(row)
    return said.head if row.verdict == "cannot_tell" else str(said)


def idle_words(row: Row) -> str:
    """Why there is nothing to judge of a row, and no cost that somebody has a part in."""
    return _("did not run in this period") if row.begun else _("has not run")


def _too_few_ever(needs: Needs) -> str:
    """The size that no number of such applicants shows; where a doubling would be noticed, a smaller one is not."""
    if needs.ratio < DOUBLED:
        return _("— too few such applicants to ever notice a rise by half")
    return _("— too few such applicants to ever notice a doubling")


def _dash(text: str) -> str:
    return _("— %(text)s", text=text) if text else ""


def _missing(code: str | None, needs: Needs | None, *, ended: bool) -> str:
    if needs and needs.applications:
        return needs_words(needs, ended=ended)
    missing = {
        "too_early": _("too early"),
        "too_few": _("too few applicants"),
        "no_applicants": _("nobody has applied through it"),
        "none_reached": _("no applicant of any ad has come so far"),
        "nothing_to_compare": _("nothing to compare with"),
        "unclear": _("the difference is too small to see"),
    }.get(code or "", "")
    if needs and needs.weeks:
        wait = ngettext("about %(n)s more week", "about %(n)s more weeks", needs.weeks)
        return f"{missing}, {wait}" if missing else wait
    return missing


def needs_words(needs: Needs, *, ended: bool) -> str:
    """`about 14 more applicants (4 weeks)`; what has ended gets no more of them by itself, in no number of weeks."""
    if ended:
        return ngettext("ended; a repetition would need about %(n)s more applicant",
                        "ended; a repetition would need about %(n)s more applicants",
                        needs.applications or 0)  # fmt: skip
    more = ngettext("about %(n)s more applicant", "about %(n)s more applicants", needs.applications or 0)
    if needs.weeks is None:
        return more
    if takes_too_long(needs):
        years = round(needs.weeks / WEEKS_A_YEAR)
        wait = ngettext("%(n)s year at its pace", "%(n)s years at its pace", years)
    else:
        wait = ngettext("%(n)s week", "%(n)s weeks", needs.weeks)
    return f"{more} ({wait})"


def noticed_words(needs: Needs) -> str:
    """What so many applicants are needed for."""
    if needs.ratio < DOUBLED:
        return _("to notice an ad that raises the rate by half, four times out of five")
    return _("to notice an ad that doubles the rate, four times out of five")


def expected_words(row: Row) -> str:
    """`3 so far, 3–5 in the end`; of nobody there is no end to tell, for somebody may still apply."""
    so_far = _("%(n)s so far", n=number(row.reached))
    if row.expected_reached.estimate is None or not row.applications:
        return so_far
    return _("%(so_far)s, %(range)s in the end", so_far=so_far, range=whole_range(row.expected_reached))


def whole_range(estimate: Estimate) -> str:
    """An interval of a count in whole numbers: `3–5`, or `3` when both ends meet."""
    if estimate.low is None or estimate.high is None:
        return "" if estimate.estimate is None else number(round(estimate.estimate))
    low, high = math.floor(estimate.low + 0.5), math.floor(estimate.high + 0.5)
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def needed_words(estimate: int | None, low: int | None, high: int | None) -> str:
    """`181 (145–231)`, one number where it has no range, a dash where there is none."""
    if estimate is None:
        return "–"
    if low is None or (low, high) == (estimate, estimate):
        return number(estimate)
    most = _("without an end") if high is None else number(high)
    return f"{number(estimate)} ({number(low)}–{most})"


def why_words(why: str | None) -> str:
    """Why there is no number, short enough for a table."""
    return {
        "too_early": _("too early"),
        "too_few": _("too few"),
        "not_recorded": _("not recorded"),
        "mixed_currency": _("mixed currencies"),
        "did_not_run": _("did not run in this period"),
    }.get(why or "", "–")


def share_words(share: Estimate, of: int | None = None, waiting: int = 0) -> str:
    """`29 %, 17–44`, or why there is none; `of` is how many it is the share of, which is said of few, with those of
    them who wait: the share tells of them, too, and is not that of those who came."""
    if share.estimate is None:
        return why_words(share.why)
    if share.low is None or share.high is None:
        return percent(share.estimate)
    said = ", ".join(ranged_share(share.estimate, share.low, share.high))
    if of is None or not is_few(of):
        return said
    of_few = _("%(share)s, of only %(n)s", share=said, n=number(of))
    if not waiting:
        return of_few
    return of_few + ngettext(", of whom %(n)s still waits", ", of whom %(n)s still wait", waiting)


def is_few(of: int) -> bool:
    """Whether a share of so many is of few: its interval is that of small numbers."""
    return of < FEWEST_FOR_NORMAL


def only_words(n: int) -> str:
    """How few a drawing is of."""
    return ngettext("only %(n)s application", "only %(n)s applications", n)


def ranged_share(estimate: float, low: float, high: float) -> tuple[str, str]:
    """A share and its range in per cent, `29 %` and `17–44`; with decimals where a range would shrink to a point, since
    what nobody of 400 did is still done by up to half a per cent: `0.0 %` and `0.0–0.5`."""
    ends = [(number(low * 100, digits), number(high * 100, digits)) for digits in range(MOST_DECIMALS + 1)]
    digits = next((digits for digits, (one, other) in enumerate(ends) if one != other), 0)
    return percent(estimate, digits), "–".join(ends[digits])


def change_words(lift: Lift) -> str:
    """`+18 % (−20 to +70 %)`, or why there is none."""
    if lift.estimate is None:
        return why_words(lift.why)
    if lift.low is None or lift.high is None:
        return unbroken(f"{signed(lift.estimate)} %")
    return unbroken(_("%(estimate)s %% (%(low)s to %(high)s %%)",
                      estimate=signed(lift.estimate), low=signed(lift.low), high=signed(lift.high)))  # fmt: skip


def one_sided_words(lift: Lift | None, verdict: str | None, code: str | None) -> str:
    """What is said where the interval of a change that a verdict tells from none reaches none, as it is written: a
    verdict asks about one side alone, an interval leaves out as much on either."""
    if lift is None or lift.low is None or lift.high is None:
        return ""
    reaches = round(lift.low * 100) <= 0 if verdict == "moved" else code == "worse" and round(lift.high * 100) >= 0
    return _("The bar reaches “no difference” because the verdict looks at one direction only.") if reaches else ""


def signed(change: float) -> str:
    """A relative change in per cent with its sign: `+18`, `−20`, `0`."""
    value = round(change * 100)
    return f"{'+' if value > 0 else MINUS if value < 0 else ''}{number(abs(value))}"


def amount_words(amount: str | None, currency: str | None) -> str:
    """An amount of a report in local form."""
    if amount is None or currency is None:
        return "–"
    return money_words(int(Decimal(amount).scaleb(minor_digits(currency)).to_integral_value()), currency)


def money_words(minor: int, currency: str, *, cents: bool = False) -> str:
    """An amount of the plan in local form, never broken over two lines."""
    return money(minor, currency, cents=cents).replace(" ", "\N{NO-BREAK SPACE}")


def cost_per_words(cost: CostPer) -> str:
    """`633 € (380–1,000)`, `at least 380 €` while nobody has come, or why there is none."""
    if cost.estimate is None and cost.low is not None:
        return _("at least %(amount)s", amount=amount_words(cost.low, cost.currency))
    if cost.estimate is None:
        return _("no cost known") if cost.why == "not_recorded" and cost.currency is None else why_words(cost.why)
    estimate = amount_words(cost.estimate, cost.currency)
    if cost.low is None or cost.high is None:
        return estimate
    return f"{estimate} ({number(float(cost.low))}–{number(float(cost.high))})"


def question(by: By, stage: Stage) -> str:
    """What the verdicts page answers."""
    goal = to_stage(stage)
    return {
        By.PLACEMENT: _("After which ads did doctors get %(goal)s more often?", goal=goal),
        By.ASSET: _("After which assets did doctors get %(goal)s more often?", goal=goal),
        By.FORMAT: _("After which forms of advertising did doctors get %(goal)s more often?", goal=goal),
        By.CHANNEL: _("After ads in which channels did doctors get %(goal)s more often?", goal=goal),
        By.CAMPAIGN: _("After which campaigns did doctors get %(goal)s more often?", goal=goal),
        By.PERSONA: _("After the ads for which personas did doctors get %(goal)s more often?", goal=goal),
        By.FACTOR: _("After ads with which factors did doctors get %(goal)s more often?", goal=goal),
        By.CLAIM: _("After ads with which promises did doctors get %(goal)s more often?", goal=goal),
        By.THEME: _("After ads with which themes did doctors get %(goal)s more often?", goal=goal),
    }[by]


def nobody_finding(scope: Mapping[str, Any]) -> str:
    """Nobody has applied: at all, or in the period and among those asked about."""
    return _("Nobody has applied in this period.") if is_limited(scope) else _("Nobody has applied yet.")


def nothing_to_judge(scope: Mapping[str, Any]) -> str:
    """The same, where verdicts would stand."""
    if is_limited(scope):
        return _("Nobody has applied in this period, so there is nothing to judge yet.")
    return _("Nobody has applied yet, so there is nothing to judge.")


def is_limited(scope: Mapping[str, Any]) -> bool:
    """Whether a question leaves any applicants out."""
    return any(scope.get(name) for name in ("from", "to", "as_of", "filters"))


def verdicts_finding(answer: Effectiveness, by: By, stage: Stage) -> str:
    """`After 2 of 24 placements doctors got to interview more often; after 5 they did not; for 2 we cannot tell yet,
    for 15 waiting will not tell.` All of them add up to those that are judged."""
    counts, goal = tally(answer), to_stage(stage)
    if not answer.totals.applications:
        return nothing_to_judge(answer.scope)
    if not counts.judged:
        return _("No application can be traced to an ad, so there is nothing to judge yet.")
    all_ = of_all(by, counts.judged)
    if not counts.moved:
        first = _("After none of %(all)s are doctors known to have got %(goal)s more often", all=all_, goal=goal)
    else:
        first = _("After %(n)s of %(all)s doctors got %(goal)s more often", n=number(counts.moved), all=all_, goal=goal)
    if counts.did_not_move:
        first = f"{first}; " + _("after %(n)s they did not", n=number(counts.did_not_move))
    if counts.cannot_tell:
        first = f"{first}; {open_words(counts)}"
    return f"{first}. {_idle_finding(answer)}".strip()


def _idle_finding(answer: Effectiveness) -> str:
    """How many of which nothing is judged, and whether they are yet to run or ran at other times."""
    idle = [row for row in answer.rows if row.row == "known" and row.is_idle]
    if not idle:
        return ""
    if any(row.begun for row in idle):
        return ngettext("%(n)s more did not run in this period.", "%(n)s more did not run in this period.", len(idle))
    return ngettext("%(n)s planned one has not run yet.", "%(n)s planned ones have not run yet.", len(idle))


def paths_finding(answer: PathsAnswer) -> str:
    """`3 of 8 applications came to interview. 1 is still open and shared out to nobody.`"""
    totals = answer.totals
    if not totals.applications:
        return nobody_finding(answer.scope)
    came = _("%(reached)s of %(all)s applications %(came)s.", reached=number(totals.reached),
             all=number(totals.applications), came=came_to_stage(STAGES[answer.scope["stage"]]))  # fmt: skip
    if not answer.unresolved:
        return came
    open_ = ngettext(
        "%(n)s is still open, and no way of sharing counts it.",
        "%(n)s are still open, and no way of sharing counts them.",
        answer.unresolved,
    )
    return f"{came} {open_}"


def funnel_finding(answer: Funnel, stage: Stage, horizon_days: int) -> str:
    """`Of 431 applications, 29 % (25–34) come to interview within 120 days.`"""
    total = answer.totals.applications
    if not total:
        return nobody_finding(answer.scope)
    row = find_stage(answer, stage)
    if row is not None and row.conversion_from_start.why == "not_recorded":
        return not_recorded_words([row.stage])
    of = ngettext("Of %(n)s application", "Of %(n)s applications", total)
    share = row.conversion_from_start if row else Estimate(estimate=None, low=None, high=None)
    if row is None or share.estimate is None:
        return _("%(of)s, %(reached)s %(came)s so far; it is too early to say how many will in the end.",
                 of=of, reached=number(row.reached if row else 0), came=came_to_stage(stage))  # fmt: skip
    return _("%(of)s, an estimated %(share)s %(came)s within %(days)s days of applying.",
             of=of, share=share_range_words(share), came=came_to_stage(stage), days=number(horizon_days))  # fmt: skip


def share_range_words(share: Estimate) -> str:
    """`25 % (23–27)`, for the middle of a sentence."""
    if share.low is None or share.high is None:
        return percent(share.estimate or 0)
    return "{} ({})".format(*ranged_share(share.estimate or 0, share.low, share.high))


def pace_finding(answer: Funnel, stage: Stage) -> str:
    """How soon those who came to the stage came there, where that can be told."""
    row = find_stage(answer, stage)
    if row is None or row.days_to_stage.median is None:
        return ""
    days = ngettext("%(n)s day", "%(n)s days", round(row.days_to_stage.median))
    return _("Half of those who %(came)s did so within %(days)s.", came=came_to_stage(stage), days=days)


def find_stage(answer: Funnel, stage: Stage) -> StageRow | None:
    """The row of one stage, if the answer has it."""
    return next((row for row in answer.stages if row.stage == stage.slug), None)
