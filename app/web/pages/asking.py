"""A page that a question is asked of in its address: one that does not work out is said above the bar of filters, which
stays as it was filled in."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from fastapi.responses import Response

from app.errors import Invalid
from app.i18n import _
from app.reports.question import read_scope
from app.reports.scope import Scope
from app.web.pages.filters import FilterBar
from app.web.pages.visit import Make, Visit, problems_of

Bar: TypeAlias = Callable[[Visit, Scope], FilterBar]


def with_bar(make: Make, bar: Bar) -> Make:
    """A page, or its bar alone with what is wrong in the question."""

    def ask(visit: Visit) -> Response:
        try:
            return make(visit)
        except Invalid as error:
            return visit.page("question.html", question_view(visit, error, bar), 422)

    return ask


def question_view(visit: Visit, error: Invalid, bar: Bar) -> dict[str, Any]:
    """What is wrong, and the bar as it was filled in."""
    asked = visit.asked
    filled = bar(visit, _read_rest(visit, error))
    return {
        "title": _("This question cannot be answered"),
        "problems": problems_of(error),
        "bar": replace(filled, from_=_shown_day(asked.get("from")), to=_shown_day(asked.get("to")), keeps=False),
    }


def _shown_day(asked: str | None) -> str:
    """A day that a field for days can show; it takes no other, and what is wrong with those stands above it."""
    try:
        return dt.date.fromisoformat(asked or "").isoformat()
    except ValueError:
        return ""


def _read_rest(visit: Visit, error: Invalid) -> Scope:
    """The question without what is wrong in it; of a period that ends before it begins, without either day."""
    wrong = {problem.field for problem in error.problems}
    wrong |= {"to"} if "from" in wrong else set()
    try:
        return read_scope(visit.organisation.id, visit.now,
                          {name: said for name, said in visit.asked.items() if name not in wrong})  # fmt: skip
    except Invalid:
        return visit.scope()
