"""One file of an ad platform: what it would do, what it did, and how it is taken back."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.funnel.daily_ad_total import AdImport, ImportState
from app.i18n import _, date, moment, ngettext, number, period
from app.intake.ad_totals.keeping import check_currency, discard, foresee, get_import, keep, may_undo, rows_of, undo
from app.reports.spending import Matching, load_flights, load_matching
from app.web.pages.ad_totals import HERE, list_placements
from app.web.pages.door import go_to, read_id
from app.web.pages.placement_link import PLANNERS
from app.web.pages.spending_words import (
    exact_money,
    import_spend,
    left_out_words,
    platform_name,
    result_words,
    spend_words,
)
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)

MOST_SHOWN = 10


@router.get(f"{HERE}/{{import_id}}")
def one_import(request: Request, import_id: str) -> Response:
    """What a file would do, or did."""
    return answer(request, lambda visit: _import_page(visit, read_id(import_id)))


@router.post(f"{HERE}/{{import_id}}/keep")
def keep_it(request: Request, import_id: str) -> Response:
    """Let what was read take the place of what stood for its days."""
    return _do(request, import_id, keep)


@router.post(f"{HERE}/{{import_id}}/undo")
def undo_it(request: Request, import_id: str) -> Response:
    """Take it back."""
    return _do(request, import_id, undo)


@router.post(f"{HERE}/{{import_id}}/discard")
def discard_it(request: Request, import_id: str) -> Response:
    """Forget what was read."""
    return _do(request, import_id, lambda session, id, _now: discard(session, id))


def _do(request: Request, import_id: str, act: Callable[[Session, uuid.UUID, dt.datetime], object]) -> Response:
    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        act(visit.session, read_id(import_id), visit.now)
        return go_to(visit.address(HERE))

    return change(request, do, lambda visit, problems: _import_page(visit, read_id(import_id), problems))


def _import_page(visit: Visit, import_id: uuid.UUID, problems: Sequence[str] = ()) -> Response:
    found = get_import(visit.session, import_id)
    return visit.page("ad_import.html", import_view(visit, found, problems), 422 if problems else 200)


def import_view(visit: Visit, found: AdImport, problems: Sequence[str]) -> dict[str, Any]:
    """All that the page of one file shows."""
    held = found.state == ImportState.HELD
    return {
        "title": found.name or _("A file of %(platform)s", platform=platform_name(found.platform)),
        "finding": _import_finding(visit, found),
        "problems": problems,
        "here": f"{HERE}/{found.id}",
        "back": visit.address(HERE),
        "facts": list(_facts(found)),
        "left_out": left_out_words(found.columns_left_out or []),
        "changes": _changes(visit, found) if held else [],
        "rows": _rows(visit, found) if held else [],
        "more": _more(found),
        "held": held,
        "may_change": visit.member.place.role in PLANNERS,
        "may_undo": may_undo(found, visit.now),
    }


def _import_finding(visit: Visit, found: AdImport) -> str:
    at = moment(found.at, visit.organisation.zone)
    return {
        ImportState.HELD: _("This was read. Nothing of it counts yet: look at it, and keep it or drop it."),
        ImportState.KEPT: _("Kept on %(moment)s.", moment=at),
        ImportState.UNDONE: _("Taken back: what was here for these days before is here again."),
    }[ImportState(found.state)]


def _facts(found: AdImport) -> Iterator[tuple[str, str]]:
    yield _("Platform"), platform_name(found.platform)
    yield _("Days"), period(found.first_day, found.last_day)
    yield _("Totals of a day and an ad"), number(found.count)
    yield _("Spent"), import_spend(found)
    if found.sums_left_out:
        yield _("Rows that add others up, left out"), number(found.sums_left_out)


def _changes(visit: Visit, held: AdImport) -> list[str]:
    """What keeping it would do to what stands."""
    found = foresee(visit.session, held)
    if found.is_known:
        return [_("All of this is here already, the same to the last number: keeping it would change nothing.")]
    if not found.replaced:
        return [_("Nothing is here for these days yet, so nothing is replaced.")]
    said = [
        ngettext("It takes the place of %(n)s total that is here for these days, with %(spend)s spent.",
                 "It takes the place of %(n)s totals that are here for these days, with %(spend)s spent.",
                 found.replaced, spend=spend_words(found.replaced_spend))
    ]  # fmt: skip
    if problem := check_currency(held, found):
        said.append(problem.message)
    if found.gone:
        names = ", ".join(_("“%(name)s”", name=name) for name in found.gone[:MOST_SHOWN])
        said.append(
            ngettext("%(names)s is not in this file and loses its totals of these days: was all of the account "
                     "exported?", "%(names)s are not in this file and lose their totals of these days: was all of the "
                     "account exported?", len(found.gone), names=names)
        )  # fmt: skip
    return said


def _rows(visit: Visit, held: AdImport) -> list[tuple[str, ...]]:
    """The first rows as they were understood, each with the placement that it leads to."""
    flights = load_flights(visit.session)
    names = dict(list_placements(visit))
    matching = load_matching(visit.session, flights)
    return [
        (
            date(row.day), row.campaign, row.ad, _count(row.impressions), _count(row.clicks),
            exact_money(row.spend_minor, held.currency) if row.spend_minor is not None and held.currency else "–",
            result_words(row.results_hundredths), _leads_to(matching, names, row.campaign, row.ad, row.code),
        )
        for row in rows_of(held)[:MOST_SHOWN]
    ]  # fmt: skip


def _more(held: AdImport) -> str:
    left = held.count - MOST_SHOWN
    return ngettext("and %(n)s row more", "and %(n)s rows more", left) if held.rows and left > 0 else ""


def _count(n: int | None) -> str:
    return "–" if n is None else number(n)


def _leads_to(matching: Matching, names: Mapping[str, str], campaign: str, ad: str, code: str | None) -> str:
    found = matching.lead(campaign, ad, code)
    return _("to be matched") if found is None else names[str(found)]
