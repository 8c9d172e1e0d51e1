"""The calendar's tables taken along: what runs when, and what each week carries."""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.i18n import _
from app.planning.calendar import Calendar, read_calendar
from app.planning.lines import status_words
from app.planning.schedule import DAY
from app.planning.sheet import column_title
from app.reports.costs import amount_of
from app.reports.workbook import Sheet, Value
from app.web.pages.calendar_view import LIMITS, finding, read_asked
from app.web.pages.files import sheet_file
from app.web.pages.filters import limit_selects, limit_words
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)


def _add_files(path: str, name: str, make: Callable[[Visit, Calendar], Sheet]) -> None:
    def add(kind: str) -> None:
        @router.get(f"{path}.{kind}")
        def file(request: Request) -> Response:
            return answer(request, lambda visit: sheet_file(visit, f"{name}.{kind}", make(visit, _read(visit))))

    add("csv")
    add("xlsx")


def _read(visit: Visit) -> Calendar:
    asked = read_asked(visit.asked, visit.today)
    return read_calendar(
        visit.session, visit.organisation, asked.stretch, visit.now, campaign=asked.campaign, channel=asked.channel
    )


def flights_sheet(visit: Visit, found: Calendar) -> Sheet:
    """A line for each placement that runs in the months that are looked at."""
    return Sheet(
        title=_("Calendar"),
        notes=_notes(visit, found),
        heads=[_("Placement"), column_title("channel"), _("Campaign"), column_title("place"), column_title("starts_on"),
               column_title("ends_on"), _("State"), _("Cost"), _("Currency")],
        rows=[
            [one.name, one.channel, one.campaign, one.place, one.starts_on, one.ends_on, status_words(one.status),
             *_amounts([one.cost] if one.cost else [])]
            for one in found.flights
        ],
    )  # fmt: skip


def weeks_sheet(visit: Visit, found: Calendar) -> Sheet:
    """A line for each week: how much runs, and what is known of its cost."""
    return Sheet(
        title=_("Week by week"),
        notes=[*_notes(visit, found), _("A cost is spread evenly over the days that its placement runs. One without an "
                                        "end has no cost in a week, since nobody knows how long it will run.")],
        heads=[column_title("starts_on"), column_title("ends_on"), _("Placements running"), _("Their cost in it"),
               _("Currency"), _("Without a known cost")],
        rows=[
            [one.monday, one.monday + DAY * 6, one.running, *_amounts(one.costs), one.without_cost]
            for one in found.weeks
        ],
    )  # fmt: skip


def _amounts(costs: Sequence[tuple[str, int]]) -> list[Value]:
    """The amount and its currency; several are written beside each other, and none is empty."""
    if len(costs) == 1:
        ((currency, minor),) = costs
        return [float(amount_of(minor, currency)), currency]
    said = [amount_of(minor, currency) for currency, minor in costs]
    return [" + ".join(said) or None, " + ".join(currency for currency, _minor in costs) or None]


def _notes(visit: Visit, found: Calendar) -> list[str]:
    chosen = [one for one in limit_selects(visit, visit.asked) if one.name in LIMITS and one.chosen]
    return [finding(found), *(_("%(name)s: %(said)s", name=one.label, said=limit_words(one)) for one in chosen)]


_add_files("/calendar", "calendar", flights_sheet)
_add_files("/calendar/weeks", "weeks", weeks_sheet)
