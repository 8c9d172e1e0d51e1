"""Pages that show the examples instead of the store's answers, each at an address of its own."""

from functools import partial
from typing import Any

from fastapi import FastAPI

from app.reports.answers import Effectiveness, Funnel
from app.web.pages.funnel import funnel_view
from app.web.pages.verdicts import verdicts_view
from app.web.pages.visit import Visit
from tests.web.answers_examples import EFFECTIVENESS, FUNNELS
from tests.web.pages.town import show


def address(page: str, example: str) -> str:
    return f"/examples/{page}/{example.replace(' ', '-')}"


def show_examples(app: FastAPI) -> list[str]:
    """Open a page for every example; returns their addresses."""
    addresses = []
    for name, found in EFFECTIVENESS.items():
        addresses.append(address("verdicts", name))
        show(app, addresses[-1], "verdicts.html", partial(_verdicts, found=found))
    for name, counted in FUNNELS.items():
        addresses.append(address("funnel", name))
        show(app, addresses[-1], "funnel.html", partial(_funnel, found=counted))
    return addresses


def _verdicts(visit: Visit, *, found: Effectiveness) -> dict[str, Any]:
    return verdicts_view(visit, visit.question(), found)


def _funnel(visit: Visit, *, found: Funnel) -> dict[str, Any]:
    return funnel_view(visit, visit.question(), found)
