"""The calendar as a table for a terminal and as a file."""

from rich.console import Group
from rich.table import Table

from app.i18n import _, number, period
from app.planning.calendar import CalendarOut
from app.planning.schedule import DAY
from app.reports.export import sheet_csv
from app.reports.wording import amount_words
from app.reports.workbook import Sheet

COLUMNS = (
    "placement", "code", "channel", "campaign", "place", "starts_on", "ends_on", "status", "cost", "currency",
    "book_by", "book_by_at",
)  # fmt: skip


def calendar_csv(answer: CalendarOut) -> str:
    """Every placement that runs in these weeks."""
    rows = [
        (one.name, one.tracking_code, one.channel, one.campaign, one.place, one.starts_on, one.ends_on,
         one.status.value, one.cost.amount if one.cost else None, one.cost.currency if one.cost else None, one.book_by,
         one.book_by_at)
        for one in answer.flights
    ]  # fmt: skip
    return sheet_csv(Sheet("", (), COLUMNS, rows))


def calendar_table(answer: CalendarOut) -> Group:
    """Placements by channel, then week by week, then what is due."""
    flights = Table(_("Channel"), _("Placement"), _("When"), _("State"), box=None, pad_edge=False)
    for one in answer.flights:
        flights.add_row(one.channel, one.name, period(one.starts_on, one.ends_on), one.status.value)
    weeks = Table(_("Week"), _("Placements running"), _("Their cost in it"), _("Holidays"), box=None, pad_edge=False)
    for week in answer.weeks:
        sunday = week.monday + 6 * DAY
        named = [one.name for one in answer.public_holidays if week.monday <= one.on <= sunday]
        costs = " + ".join(amount_words(money.amount, money.currency) for money in week.costs)
        weeks.add_row(period(week.monday, sunday), number(week.running), costs or "–", ", ".join(named))
    due = Table(_("Day"), _("What"), _("Placement"), box=None, pad_edge=False)
    for what in answer.due:
        due.add_row(
            " ".join(filter(None, (what.on.isoformat(), what.at))),
            f"{what.kind.value}{' !' if what.late else ''}",
            what.name,
        )
    return Group(flights, "", weeks, "", due)
