"""Counts compared with a system's, day by day: what differs by its reference, and bringing what only the system has."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.access.token import Role
from app.i18n import _, date, moment, ngettext, number, period, unhyphenated
from app.intake.connection import Connection
from app.intake.connection_changes import require_active
from app.intake.differences import CountedDayOut, DifferenceOut, list_counted_days
from app.intake.reconcile import EXTRA, list_count_checks
from app.intake.vendors import get_connection, get_vendor
from app.reports.workbook import Sheet, Value
from app.tasks.task import Asker, enqueue
from app.web.pages.count_words import A_DAY, counts_sentence, list_gaps
from app.web.pages.data_in import find_running
from app.web.pages.door import go_to, read_id
from app.web.pages.files import file_links, sheet_file
from app.web.pages.visit import Visit, answer, change
from app.worker.due import SOON
from app.worker.handlers import BRING

router = APIRouter(include_in_schema=False)

MOST_SHOWN = 50
"""How many differing applications of a day the page lists; its file has them all."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An application that differs, as the page shows it."""

    reference: str
    why: str
    job: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day as the page shows it."""

    day: str
    anchor: str
    theirs: str
    ours: str
    said: str
    differing: Sequence[Difference]
    more: str


@router.get("/data/{connection_id}/counts")
def counts(request: Request, connection_id: str) -> Response:
    """Each day that was compared."""
    return answer(request, lambda visit: _page(visit, read_id(connection_id)))


@router.get("/data/{connection_id}/counts.csv")
def counts_csv(request: Request, connection_id: str) -> Response:
    """The same as a table of commas."""
    return answer(request, lambda visit: sheet_file(visit, "counts.csv", counts_sheet(visit, read_id(connection_id))))


@router.get("/data/{connection_id}/counts.xlsx")
def counts_xlsx(request: Request, connection_id: str) -> Response:
    """The same as a spreadsheet."""
    return answer(request, lambda visit: sheet_file(visit, "counts.xlsx", counts_sheet(visit, read_id(connection_id))))


def _page(visit: Visit, connection_id: uuid.UUID, problems: Sequence[str] = ()) -> Response:
    found = get_connection(visit.session, connection_id)
    return visit.page("counts.html", counts_view(visit, found, problems), 422 if problems else 200)


def counts_view(visit: Visit, connection: Connection, problems: Sequence[str]) -> dict[str, Any]:
    """All that the page shows."""
    days = list_counted_days(visit.session, connection.id)
    checks = list_count_checks(visit.session, connection.id)
    agreeing = [_day(one) for one in days if one.agrees]
    compared_at = max((one.compared_at for one in days), default=None)
    return {
        "title": _("Counts of %(name)s, day by day", name=unhyphenated(connection.name)),
        "name": connection.name,
        "back": visit.address(f"/data/{connection.id}"),
        "here": f"/data/{connection.id}/counts",
        "finding": counts_sentence(checks, visit.today) or _("Not compared yet."),
        "gaps": [period(first, last) for first, last in list_gaps(checks, visit.today)],
        "when": _("Compared on %(when)s.", when=moment(compared_at, visit.organisation.zone)) if compared_at else "",
        "never": _never_words(connection, may_ask=visit.administers),
        "may_compare": visit.administers and _is_compared(connection),
        "back_plain": f"/data/{connection.id}",
        "problems": problems,
        "differing": [_day(one) for one in days if not one.agrees],
        "agreeing": agreeing,
        "agree": ngettext("%(n)s day agrees", "%(n)s days agree", len(agreeing)),
        "bringing": find_running(visit, connection, BRING),
        "may_bring": visit.administers and connection.state == "active" and any(one.missing for one in days),
        "files": file_links(visit, f"/data/{connection.id}/counts"),
    }


def _is_compared(connection: Connection) -> bool:
    """Whether its system can be asked what it counts, and is."""
    return connection.state == "active" and bool(get_vendor(connection.vendor).secrets)


def _never_words(connection: Connection, *, may_ask: bool) -> str:
    """When what was never compared will be, and who can have it done at once."""
    if not _is_compared(connection):
        return _("It is compared once the connection is read from: one that is paused, or that only sends, is not.")
    daily = _("It is compared every day by itself, once it has been read to its end.")
    return daily if may_ask else f"{daily} " + _("An administrator can have it compared at once.")


def _day(one: CountedDayOut) -> Day:
    shown, more = one.differing[:MOST_SHOWN], one.missing + one.extra - MOST_SHOWN
    parts = [_("%(n)s not here", n=number(one.missing))] if one.missing else []
    parts += [_("%(n)s erased here", n=number(one.erased))] if one.erased else []
    parts += [_("%(n)s no longer there", n=number(one.extra))] if one.extra else []
    return Day(
        day=date(one.day),
        anchor=f"{one.day}",
        theirs=number(one.theirs),
        ours=number(one.ours),
        said=", ".join(parts),
        differing=[Difference(each.reference, why_words(each), each.job or "") for each in shown],
        more=ngettext("%(n)s more is in the files.", "%(n)s more are in the files.", more) if more > 0 else "",
    )


def why_words(one: DifferenceOut) -> str:
    """Why an application differs."""
    return _("No longer there") if one.reason == EXTRA else _("Not here")


def counts_sheet(visit: Visit, connection_id: uuid.UUID) -> Sheet:
    """A row for each day, compared or not, and below it one for each application that differs: counts stand at days
    alone, so that a column can be summed."""
    found = get_connection(visit.session, connection_id)
    heads = [
        _("Day"), _("They say"), _("We have"), _("Not here"), _("Erased here"), _("No longer there"),
        _("Application"), _("Why it differs"), _("Job"),
    ]  # fmt: skip
    days = list_counted_days(visit.session, found.id)
    rows = [(one.day, row) for one in days for row in _rows(one)]
    for first, last in list_gaps(list_count_checks(visit.session, found.id), visit.today):
        between = [first + A_DAY * after for after in range((last - first).days + 1)]
        rows += [(day, (day, *(None,) * 6, _("nothing was compared"), None)) for day in between]
    rows.sort(key=lambda one: one[0], reverse=True)
    return Sheet(_("Counts of %(name)s, day by day", name=found.name), [], heads, [row for _day, row in rows])


def _rows(one: CountedDayOut) -> Iterator[Sequence[Value]]:
    nothing: tuple[Value, ...] = (None,) * 5
    yield one.day, one.theirs, one.ours, one.missing, one.erased, one.extra, None, None, None
    for each in one.differing:
        yield one.day, *nothing, each.reference, why_words(each), each.job


@router.post("/data/{connection_id}/counts/bring")
def bring(request: Request, connection_id: str) -> Response:
    """Ask for what only the system has, each application by its key, as soon as a worker is free."""

    def do(visit: Visit) -> Response:
        visit.require((Role.ADMINISTRATOR,))
        found = get_connection(visit.session, read_id(connection_id))
        require_active(found)
        asked = (Asker.USER, str(visit.member.user_id))
        enqueue(visit.session, BRING, str(found.id), now=visit.now, priority=SOON, asked=asked)
        return go_to(visit.address(f"/data/{found.id}/counts"))

    return change(request, do, lambda visit, problems: _page(visit, read_id(connection_id), problems))
