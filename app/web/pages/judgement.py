"""What pages of the plan say of a row of the effectiveness report: its verdict, why, and what it cost."""

import uuid
from dataclasses import replace
from typing import Any

from app.errors import Missing
from app.funnel.stage import Stage
from app.i18n import _, percent
from app.reports.answers import Effectiveness, Row
from app.reports.cost_words import costs_words, row_cost_words
from app.reports.effectiveness import report_effectiveness
from app.reports.names import stage_name
from app.reports.reason_words import reason_sentence
from app.reports.scope import By, Scope
from app.reports.wording import Verdict, expected_words, verdict_words
from app.web.pages.counted import UNSEEN
from app.web.pages.data_line import data_line, partial_now
from app.web.pages.filters import list_limits, stage_select
from app.web.pages.visit import Visit


def read_key(text: str, noun: str) -> uuid.UUID:
    """The key that an address gives. Raises Missing for what is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Missing(_("There is no such %(noun)s.", noun=noun)) from None


def judge(visit: Visit, scope: Scope, by: By, key: str) -> tuple[dict[str, Any] | None, Row | None]:
    """What the page says first, and the row it is said of, if anybody is known to have come by it."""
    found = report_effectiveness(visit.session, replace(scope, by=by))
    row = find_row(found, key)
    return judgement_view(visit, scope, found, row), row


def find_row(found: Effectiveness, key: str) -> Row | None:
    """The known row of this key."""
    return next((row for row in found.rows if row.row == "known" and row.key == key), None)


def judgement_view(visit: Visit, scope: Scope, found: Effectiveness, row: Row | None) -> dict[str, Any] | None:
    """The verdict in words, why, from which data, what it is limited by, and the field that asks for another stage;
    none for whoever may not see small counts, which these words tell of."""
    if not visit.sees_small_counts:
        return None
    limits = list_limits(visit, scope)
    return {
        "verdict": row_verdict(visit, row, limited=bool(limits)),
        "so_far": expected_words(row) if row and row.applications and not row.is_idle else "",
        "reason": reason_words(row, scope.stage, limited=bool(limits)),
        "goal": stage_name(scope.stage),
        "stage": stage_select(visit, scope),
        "address": visit.request.url.path,
        "limits": limits,
        "asked": asked_but_stage(visit),
        "data_line": data_line(visit, found.data, scope),
        "partial": partial_now(visit),
        "level": percent(scope.level),
    }


def asked_but_stage(visit: Visit) -> dict[str, object]:
    """What the field that asks for another stage keeps of the question."""
    asked = visit.asked_again(lang=visit.asked.get("lang"))
    return {name: said for name, said in asked.items() if said and name != "stage"}


def reason_words(row: Row | None, stage: Stage, *, limited: bool = False) -> str:
    """Why the verdict is what it is."""
    if limited and row is None:
        return _("Among those chosen, nobody is known to have applied through it.")
    if row is None:
        return _("Nothing of it has run yet, so nobody can have come by it.")
    if row.reason is None:
        return _("Nobody is known to have applied through it.")
    return reason_sentence(row.reason.code, row.reason.params, stage, row.lift)


def row_verdict(visit: Visit, row: Row | None, *, limited: bool = False) -> Verdict:
    """The verdict in words, for whoever may see small counts; what has no row did not run, or is not among those
    that the question is limited to."""
    if not visit.sees_small_counts:
        return Verdict("cannot_tell", UNSEEN)
    if row is None:
        return Verdict("not_judged", _("not judged") if limited else _("has not run"))
    return verdict_words(row)


def cost_words(row: Row | None) -> str:
    """What it cost, each currency for itself."""
    return row_cost_words(row) if row else costs_words(())
