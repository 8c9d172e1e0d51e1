"""A sheet with one row an application and a column for each stage it can come to, read as the observations that its
rows stand for.

Whoever keeps applicants in a spreadsheet knows the days and not the hours. All of one day is told in the order of the
stages from noon on, as of approximate time. Columns that are none of ours are not read, so that no name is.
"""

import datetime as dt
import itertools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from app.funnel.stage import STAGES
from app.i18n import _
from app.intake.ad_totals.values import DayOrder, NoSuchDayError, UnclearError, read_day, tell_order
from app.intake.observations import OBSERVATION
from app.intake.observe import Unreadable, describe_problems
from app.intake.stage_proposal import plain_name, propose_stage
from app.planning.persona_schema import Specialty
from app.planning.sheet_file import undefuse
from app.planning.tracking import read_code
from app.spreadsheets import Cell, Row, Sheet, read_sheets, refused

NAMES: Mapping[str, Collection[str]] = {
    "application": {"application", "application id", "application number", "id", "hakemus", "hakemusnumero",
                    "hakemuksen tunnus", "ansokan", "ansokningsnummer", "soknad", "soknadsnummer"},
    "person": {"person", "person id", "applicant", "applicant id", "candidate", "candidate id", "henkilo", "hakija",
               "hakijan tunnus", "sokande", "kandidat", "soker"},
    "job": {"job", "jobb", "job id", "vacancy", "tehtava", "avoin tehtava", "tyopaikka", "tjanst", "stilling"},
    "job_title": {"job title", "title", "tehtavanimike", "nimike", "befattning", "stillingstittel"},
    "specialty": {"specialty", "speciality", "erikoisala", "specialitet", "spesialitet"},
    "unit": {"unit", "yksikko", "toimipiste", "enhet"},
    "source": {"source", "lahde", "kalla", "kilde"},
    "url": {"link", "url", "linkki", "lank", "lenke"},
    "code": {"code", "tracking code", "koodi", "seurantakoodi", "kod", "sparningskod", "kode", "sporingskode"},
    "applied": {"applied on", "hakupaiva", "haettu"},
    "screened": {"forurval"},
    "hired": {"anstallning", "ansettelse"},
    "started": {"start date", "start", "arbetsstart", "oppstart"},
    "rejected": {"rejected", "rejected on", "hylatty", "ei valittu", "avslag", "avvisad", "avvist"},
    "withdrawn": {"withdrawn", "withdrawn on", "perunut", "perui", "vetaytynyt", "aterkallad", "atertagen", "trukket"},
}  # fmt: skip
"""What each column is called in Finnish, Swedish, Norwegian and English, without accents; those of stages are known by
the words of stages, too."""
SPECIALTIES: Mapping[Specialty, Collection[str]] = {
    Specialty.GENERAL_PRACTICE: {
        "general practice", "general practitioner", "gp", "family medicine", "yleislaaketiede", "yleislaakari",
        "allmanmedicin", "allmanlakare", "allmennmedisin", "fastlege",
    },
    Specialty.RESIDENT_GENERAL_PRACTICE: {
        "resident general practice", "resident in general practice", "yleislaaketieteeseen erikoistuva",
        "under specialisering i allmanmedicin", "st lakare i allmanmedicin", "i spesialisering i allmennmedisin",
        "lis i allmennmedisin",
    },
    Specialty.UNSPECIALISED: {
        "unspecialised", "not specialised", "erikoistumaton laakari", "erikoistumaton", "utan specialisering",
        "uten spesialitet",
    },
    Specialty.OTHER_SPECIALTY: {
        "other specialty", "another specialty", "muu erikoisala", "annan specialitet", "annen spesialitet",
    },
}  # fmt: skip
"""What the specialties that are told apart are called in Finnish, Swedish, Norwegian and English, without accents."""
NEEDED = ("application", "applied")
OUTCOMES = ("rejected", "withdrawn")
DAYS = (*STAGES, *OUTCOMES)
"""The columns that hold days, in the order in which what is of one day is told."""
SEARCHED_FOR_HEADS = 10
NOON = dt.time(12)

_HOUR = re.compile(r"[T ]\d{1,2}[:.]\d\d.*", re.DOTALL)

Line = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class ApplicationTable:
    """The observations that a sheet stands for, each with the number of its row, the columns that are none of ours,
    what the columns of stages are called, by stage, and what is to be said of rows that are read all the same; its head
    and rows as they stand there."""

    items: Sequence[tuple[int, Any]]
    unread: Sequence[str]
    stages: Mapping[str, str]
    remarks: Sequence[tuple[int, str]]
    head: Sequence[Cell]
    rows: Mapping[int, Sequence[Cell]]


def read_applications(data: bytes, name: str, zone: ZoneInfo, today: dt.date) -> ApplicationTable:
    """Read a sheet, CSV or XLSX. A row with anything wrong in it is one item that cannot be read. Raises Invalid
    where it is no sheet, or has no column of applications or of the days they were made."""
    head, rows = _find_table(read_sheets(data, name))
    columns = _settle(head, rows)
    days = [cells[place] for _n, cells in rows for field, place in columns.items()
            if field in DAYS and place < len(cells)]  # fmt: skip
    proved = tell_order(days)
    heads = {field: str(head[at]).strip() for field, at in columns.items()}
    reading = _Reading(heads, zone, today, next(iter(proved)) if len(proved) == 1 else None)
    lines = ((n, {field: cells[at] for field, at in columns.items() if _says(cells, at)}) for n, cells in rows)
    items = [(n, item) for n, line in lines if line for item in reading.observe(n, line)]
    unread = [str(cell).strip() for at, cell in enumerate(head) if at not in columns.values() and str(cell).strip()]
    stages = {field: name for field, name in heads.items() if field in STAGES}
    return ApplicationTable(items, unread, stages, reading.remarks, head, dict(rows))


def name_column(name: str) -> str | None:
    """The field that a column of this name holds, if it is one of ours."""
    plain = plain_name(name)
    for field, names in NAMES.items():
        if plain in names:
            return field
    stage = propose_stage(None, name)
    return stage.slug if stage is not None else None


def _find_table(sheets: Sequence[Sheet]) -> tuple[Sequence[Cell], list[Row]]:
    """The first row that names the columns that are needed, and the rows below it."""
    for sheet in sheets:
        rows = sheet()
        for _n, cells in itertools.islice(rows, SEARCHED_FOR_HEADS):
            if set(NEEDED) <= {name_column(str(cell)) for cell in cells}:
                return cells, list(rows)
    raise refused(_("No row names the columns: one must be called application and one applied. Take the example to "
                    "see how a sheet looks."))  # fmt: skip


def _settle(head: Sequence[Cell], rows: Sequence[Row]) -> dict[str, int]:
    """Where each field stands. What is named like a stage and holds no day, as who holds the interview, is none."""
    columns: dict[str, int] = {}
    for at, cell in enumerate(head):
        field = name_column(str(cell))
        if field is None or (field in DAYS and field not in NEEDED and not _holds_days(rows, at)):
            continue
        if field in columns:
            raise refused(_("“%(one)s” and “%(other)s” say the same; leave one of the columns out.",
                            one=head[columns[field]], other=cell))  # fmt: skip
        columns[field] = at
    return columns


def _holds_days(rows: Sequence[Row], at: int) -> bool:
    said = [cells[at] for _n, cells in rows if _says(cells, at)]
    return not said or any(_is_day(cell) for cell in said)


def _is_day(cell: Cell) -> bool:
    try:
        _day(cell, None)
    except (UnclearError, NoSuchDayError):
        return True
    except ValueError:
        return False
    return True


def _says(cells: Sequence[Cell], at: int) -> bool:
    return at < len(cells) and str(cells[at]).strip() != ""


def _day(cell: Cell, order: DayOrder | None) -> dt.date:
    return read_day(_HOUR.sub("", cell.strip()) if isinstance(cell, str) else cell, order)


def _text(cell: Cell) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else undefuse(str(cell).strip())


STANDS_IN: Mapping[str, str] = {
    "id": "application", "application": "application", "person": "person", "job": "job", "job_title": "job_title",
    "source.label": "source", "source.url": "url", "source.tracking_code": "code", "attributes.specialty": "specialty",
    "attributes.unit": "unit",
}  # fmt: skip
"""Which column of a sheet says a field of an observation."""


class _Reading:
    """The rows of one sheet, each read by itself; an application has one row."""

    def __init__(self, heads: Mapping[str, str], zone: ZoneInfo, today: dt.date, order: DayOrder | None) -> None:
        self._heads, self._zone, self._today, self._order = heads, zone, today, order
        self._columns = {place: heads[field] for place, field in STANDS_IN.items() if field in heads}
        self._rows: dict[str, int] = {}
        self.remarks: list[tuple[int, str]] = []
        """What was put right in rows that are read, with their numbers."""

    def observe(self, row: int, line: Line) -> Iterator[Any]:
        """The observations of one row, or what is wrong with it."""
        texts = {field: _text(cell) for field, cell in line.items() if field not in DAYS}
        id, problems = texts.get("application", ""), list[str]()
        days = self._read_days(line, problems)
        problems += self._contradict(days)
        remark = self._keep_code(texts)
        for field in NEEDED:
            if field not in line:
                problems.append(_("%(column)s: this must be said", column=self._heads[field]))
        before = self._rows.setdefault(id, row)
        if id and before != row:
            problems.append(_("this application stands in row %(row)s, too; an application has one row", row=before))
        items = [] if problems else list(self._make(id, texts, days))
        problems += [problem for item in items for problem in _check(item, self._columns)]
        if remark and not problems:
            self.remarks.append((row, remark))
        yield from [Unreadable("; ".join(dict.fromkeys(problems)), id or None)] if problems else items

    def _contradict(self, days: Mapping[str, dt.date]) -> Iterator[str]:
        """What cannot be of days: to come to a stage before an earlier one, or to go out before a stage. A row tells of
        no way back, so that one of the two days is wrong."""
        latest: str | None = None
        for field in (field for field in DAYS if field in days):
            if latest is not None and days[field] < days[latest]:
                yield _("%(column)s (%(day)s) lies before %(other)s (%(before)s); mend one of the two days",
                        column=self._heads[field], day=days[field].isoformat(), other=self._heads[latest],
                        before=days[latest].isoformat())  # fmt: skip
            elif field in STAGES:
                latest = field

    def _keep_code(self, texts: dict[str, str]) -> str | None:
        """Let what is no tracking code stand for the source, as what a system wrote does: an application is not lost
        for a misprint. What to say of it, if there is anything."""
        said = texts.get("code")
        if said is None or read_code(said) is not None:
            return None
        del texts["code"]
        if "source" in texts:
            return _("%(column)s: “%(code)s” is no tracking code and was left out; the source of the row was kept",
                     column=self._heads["code"], code=said[:40])  # fmt: skip
        texts["source"] = said
        return _("%(column)s: “%(code)s” is no tracking code and was kept as the name of the source",
                 column=self._heads["code"], code=said[:40])  # fmt: skip

    def _read_days(self, line: Line, problems: list[str]) -> dict[str, dt.date]:
        days = {}
        for field in (field for field in DAYS if field in line):
            column = self._heads[field]
            try:
                days[field] = _day(line[field], self._order)
            except UnclearError:
                problems.append(_("%(column)s: day or month first? Write year-month-day", column=column))
            except NoSuchDayError:
                said = _text(line[field])
                problems.append(_("%(column)s: no calendar has the day %(day)s; mend its day or month", column=column,
                                  day=said))  # fmt: skip
            except ValueError:
                problems.append(_("%(column)s: no day; write year-month-day, for example 2026-03-30", column=column))
            if field in days and days[field] > self._today:
                problems.append(_("%(column)s: this day is yet to come", column=column))
        return days

    def _make(self, id: str, texts: Mapping[str, str], days: Mapping[str, dt.date]) -> Iterator[dict[str, Any]]:
        known = {field: text for field, text in texts.items() if field in ("job", "job_title")}
        source = {"label": texts.get("source"), "url": texts.get("url"), "tracking_code": texts.get("code")}
        attributes = {"specialty": _slug(texts.get("specialty")), "unit": texts.get("unit")}
        for order, field in enumerate(DAYS):
            if field not in days:
                continue
            noon = dt.datetime.combine(days[field], NOON, self._zone) + dt.timedelta(seconds=order)
            item: dict[str, Any] = {"id": f"{id}/{field}", "at": noon.isoformat(), "application": id}
            if field == "applied":
                item |= {"kind": "application", "person": texts.get("person", id), **known, "source": source,
                         "attributes": attributes}  # fmt: skip
            elif field in OUTCOMES:
                item |= {"kind": "outcome", "outcome": field}
            else:
                item |= {"kind": "stage_change", "stage": field}
            yield item


def _slug(text: str | None) -> str | None:
    if text is None:
        return None
    plain = plain_name(text)
    known = next((one.value for one, names in SPECIALTIES.items() if plain in names), None)
    return known or plain.replace(" ", "-")[:40] or None


def _check(item: Mapping[str, Any], columns: Mapping[str, str]) -> Iterator[str]:
    try:
        OBSERVATION.validate_python(item)
    except (ValidationError, UnicodeEncodeError) as error:
        yield describe_problems(error, columns)
