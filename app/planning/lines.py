"""What a line of a sheet means: the placement it makes or changes, many of them whole or not at all."""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import organisation_of
from app.errors import Conflict, Invalid, Problem
from app.i18n import _, minor_digits
from app.planning.asset import Asset, AssetStatus
from app.planning.campaign import Campaign
from app.planning.channel import Channel
from app.planning.field import check_time
from app.planning.money import current_currencies, show_money, to_percent
from app.planning.naming import LONGEST_NAME
from app.planning.neighbours import get_currency
from app.planning.persona import Persona, newest_personas
from app.planning.placement import COSTS, Placement, PlacementIn, PlacementStatus, describe_placement
from app.planning.placing import create_placement, name_by_rule, replace_placement
from app.planning.problem import read_as
from app.planning.row import begin_change
from app.planning.sheet import AMOUNTS, Line, LineProblem, column_title, find_formulas

NAMED = ("asset", "channel", "persona")
LENGTH_OF_DAY = len("2026-03-30")
_SYMBOLS = {"€": "EUR", "£": "GBP"}
CROWNS = ("SEK", "NOK", "DKK", "ISK")
"""What `kr` stands for, beside amounts in one of them."""
_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009']")
_AMOUNT = re.compile(r"[0-9][0-9.,]*")
_RATE = re.compile(r"[0-9]{1,2}(\.[0-9]{1,2})?")
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})(:00)?")


@dataclass(frozen=True, slots=True)
class Known:
    """What lines may name, by the folded name; and the currency of amounts that say none."""

    assets: Mapping[str, Asset]
    channels: Mapping[str, Channel]
    personas: Mapping[str, Persona]
    currency: str


@dataclass(slots=True)
class Stored:
    """What came of lines: the placements they made or changed, and what is wrong, which nothing is stored of."""

    placements: list[Placement] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)


def read_known(session: Session, campaign: Campaign) -> Known:
    """What a campaign's lines may name. Of two channels of one name the organisation's own is meant."""
    own = organisation_of(session)
    channels = sorted(session.scalars(select(Channel)), key=lambda one: one.organisation_id == own)
    personas = newest_personas(session)
    return Known(
        {fold(one.name): one for one in session.scalars(select(Asset).where(Asset.status != AssetStatus.RETIRED))},
        {fold(one.name): one for one in channels},
        {fold(name): one for one in personas for name in (*one.name.values(), one.slug)},
        get_currency(session, campaign),
    )


def store_lines(
    session: Session,
    campaign: Campaign,
    lines: Sequence[tuple[Placement | None, Line]],
    *,
    now: dt.datetime,
    numbers: Sequence[int] | None = None,
) -> Stored:
    """Make or change a placement by each line, a line that is wrong aside; whoever keeps the session must take all of
    it back if there is a problem. `numbers` are those of the lines where they are not one after the other."""
    begin_change(session)
    known, stored = read_known(session, campaign), Stored()
    for number, (placement, line) in zip(numbers or range(1, len(lines) + 1), lines, strict=True):
        try:
            with session.begin_nested():
                stored.placements.append(_store(session, campaign, placement, line, known, now))
        except Invalid as invalid:
            stored.problems += [LineProblem(number, _of_column(problem)) for problem in invalid.problems]
        except Conflict as conflict:
            stored.problems.append(LineProblem(number, Problem("name", str(conflict))))
    return stored


def refuse_lines(problems: Iterable[LineProblem]) -> None:
    """Raise what is wrong with lines, each with its row and column."""
    if found := [Problem(f"rows[{one.line}].{one.problem.field}", str(one)) for one in problems]:
        raise Invalid(found)


def write_line(placement: Placement) -> dict[str, str]:
    """A placement as a line that means it."""
    amounts = {cost: show_money(getattr(placement, f"{cost}_minor"), placement.currency) for cost in COSTS}
    return {
        "asset": placement.asset.name,
        "channel": placement.channel.name,
        "place": placement.place,
        "starts_on": str(placement.starts_on),
        "ends_on": str(placement.ends_on or ""),
        "audience": placement.audience,
        **{cost: money.amount if money else "" for cost, money in amounts.items()},
        "vat_percent": "" if placement.vat_hundredths is None else to_percent(placement.vat_hundredths),
        "target_url": placement.target_url,
        "persona": ", ".join(one.slug for one in placement.personas),
        "name": placement.name,
        "status": placement.status,
    }


def status_words(status: PlacementStatus) -> str:
    """What a person calls a step of a placement."""
    return {
        PlacementStatus.PLANNED: _("planned"),
        PlacementStatus.LIVE: _("live"),
        PlacementStatus.ENDED: _("ended"),
    }[status]


def fold(name: str) -> str:
    """A name in the form it is compared in."""
    return " ".join(name.casefold().split())


def read_amount(text: str, currency: str) -> dict[str, str]:
    """An amount as people and spreadsheets of any country write it: `1900`, `1 900,50 €`, `SEK 1,900.50`. The last
    point or comma parts the decimals, unless three digits follow; without a word it is in this currency, as it is with
    `kr` where that is a crown. Raises ValueError for what is none."""
    said = _BLANKS.sub("", text)
    letters = "".join(re.findall(r"[^\d.,]", said)).upper()
    digits = re.sub(r"[^\d.,]", "", said)
    meant = _SYMBOLS.get(letters, letters)
    if meant in ("KR", "KR.") and currency not in CROWNS:
        raise ValueError(_("“%(text)s” is in crowns, and this is counted in %(currency)s: give the amount in that.",
                           text=text.strip(), currency=currency))  # fmt: skip
    if not _AMOUNT.fullmatch(digits) or (meant and meant not in current_currencies() and meant not in ("KR", "KR.")):
        raise ValueError(_("“%(text)s” is no amount; write it in digits, for example 1900.00.", text=text.strip()))
    whole, mark, rest = _part(digits, minor_digits(currency))
    amount = re.sub("[.,]", "", whole) + (f".{rest}" if mark else "")
    return {"amount": amount, "currency": meant if meant in current_currencies() else currency}


def read_cost(field: str, text: str, currency: str) -> dict[str, str]:
    """An amount that is given by itself. Raises Invalid naming the field."""
    try:
        return read_amount(text, currency)
    except ValueError as error:
        raise Invalid([Problem(field, str(error))]) from None


def _part(digits: str, decimals: int) -> tuple[str, str, str]:
    place = max(digits.rfind("."), digits.rfind(","))
    rest = digits[place + 1 :]
    grouped = len(rest) == 3 and decimals != 3
    return (digits, "", "") if place < 0 or grouped or not rest else (digits[:place], digits[place], rest)


def read_day(text: str) -> str:
    """A day as it is written here, `2026-03-30` or `30.3.2026`, in the one form that the plan takes. Raises ValueError
    for what is none."""
    found = _DAY.fullmatch(text)
    day = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else text
    try:
        dt.date.fromisoformat(day if len(day) == LENGTH_OF_DAY else "")
    except ValueError:
        raise ValueError(_("Write the date as year-month-day, for example 2026-03-30.")) from None
    return day


def read_time(text: str) -> str:
    """A time of day as people and spreadsheets write it, `9.30` or `09:30:00`, in the one form that the plan takes.
    Raises ValueError for what is none."""
    found = _TIME.fullmatch(text)
    return check_time(f"{int(found[1]):02}:{found[2]}" if found else text)


def read_rate(cell: str) -> str:
    """A rate of tax as people write it, `25,5 %`. Raises ValueError for what is none."""
    rate = _BLANKS.sub("", cell).removesuffix("%").replace(",", ".")
    if re.fullmatch(r"0*[1-9][0-9]{2,}(\.[0-9]*)?", rate):
        raise ValueError(_("A rate is below 100 %%; %(rate)s is too large.", rate=cell.strip()))
    if not _RATE.fullmatch(rate):
        raise ValueError(_("Write the rate as a number of at most two decimals, for example 25.5."))
    return rate


def _store(
    session: Session, campaign: Campaign, placement: Placement | None, line: Line, known: Known, now: dt.datetime
) -> Placement:
    given = _read_line(campaign, placement, line, known)
    if not line.get("name"):
        given = given.model_copy(update={"name": name_by_rule(session, given)})
    if placement is None:
        return create_placement(session, given, now=now)
    return replace_placement(session, placement.id, given, revision=None, now=now)


def _read_line(campaign: Campaign, placement: Placement | None, line: Line, known: Known) -> PlacementIn:
    """The placement that a line says, laid over the one that is there. Raises Invalid naming columns."""
    before = write_line(placement) if placement is not None else {}
    said = {column: cell for column, cell in line.items() if placement is None or cell != before[column]}
    # What is named is there already, whatever it is called.
    problems = find_formulas({column: cell for column, cell in said.items() if column not in NAMED})
    given: dict[str, object] = {"campaign_id": campaign.id, "name": _name(line)}
    if placement is not None:
        kept = describe_placement(placement).model_dump(include=set(PlacementIn.model_fields) - {"tracking_code"})
        given = kept | {"name": _name(line)}
    given |= _find_parts(said, known, problems, whole=placement is None)
    currency = (placement.currency if placement is not None else None) or known.currency
    named = {problem.field for problem in problems}
    for column in said.keys() - {*NAMED, "name", *named}:
        try:
            given[column] = _read_cell(column, said[column], currency)
        except ValueError as error:
            problems.append(Problem(column, str(error)))
    if placement is None:
        given |= {day: given.get(day) or getattr(campaign, day) for day in ("starts_on", "ends_on")}
    if problems:
        raise Invalid(problems)
    return read_as(PlacementIn, {name: value for name, value in given.items() if value is not None})


def _name(line: Line) -> str:
    """The name that a line gives, else one of what it brings together."""
    said = line.get("name") or ", ".join(filter(None, (line.get("asset"), line.get("place") or line.get("channel"))))
    return said[:LONGEST_NAME].strip()


def _find_parts(said: Line, known: Known, problems: list[Problem], *, whole: bool) -> dict[str, object]:
    """What the line names. A new one must name all of it."""
    found: dict[str, object] = {}
    rows: tuple[tuple[str, Mapping[str, Asset | Channel | Persona]], ...] = (
        ("asset", known.assets), ("channel", known.channels), ("persona", known.personas),
    )  # fmt: skip
    for column, there in rows:
        if column not in said and not whole:
            continue
        cell = said.get(column, "")
        names = part_names(cell, there) if column == "persona" else [cell]
        ids = [row.id for name in names if (row := there.get(fold(name))) is not None]
        if len(ids) == len(names):
            found[f"{column}_id"] = ids[0]
            found |= {"also_for_ids": ids[1:]} if column == "persona" else {}
        elif cell:
            missing = next(name for name in names if fold(name) not in there)
            remedy = _("There is no %(column)s “%(name)s”; choose one that is there, or make it first.",
                       column=column_title(column).lower(), name=missing)  # fmt: skip
            problems.append(Problem(column, remedy))
        else:
            problems.append(Problem(column, _("This is needed.")))
    return found


def part_names(cell: str, there: Collection[str]) -> list[str]:
    """The names in a cell that may hold several, a comma or a line break between them; a name may have a comma itself.
    `there` are the names that are known, folded."""
    parts = [name.strip() for name in re.split(r",\s*|\s*[\r\n]\s*", cell)]
    names = []
    while parts:
        longest = next((n for n in range(len(parts), 1, -1) if fold(", ".join(parts[:n])) in there), 1)
        names.append(", ".join(parts[:longest]))
        parts = parts[longest:]
    return names


def _read_cell(column: str, cell: str, currency: str) -> object:
    if column in AMOUNTS:
        return read_amount(cell, currency) if cell else None
    if column in ("starts_on", "ends_on"):
        return read_day(cell) if cell else None
    if column == "vat_percent":
        return read_rate(cell) if cell else None
    if column == "status":
        return _read_status(cell) if cell else None
    return cell


def _read_status(cell: str) -> PlacementStatus:
    for status in PlacementStatus:
        if fold(cell) in (status, status_words(status)):
            return status
    raise ValueError(_("Choose one of %(known)s.", known=", ".join(map(status_words, PlacementStatus))))


def _of_column(problem: Problem) -> Problem:
    """A rule of the plan as a rule of the column that the line says it in."""
    column = problem.field.partition(".")[0].removesuffix("_id")
    return Problem("persona" if column == "also_for_ids" else column, problem.message)
