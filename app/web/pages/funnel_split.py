"""The part of the funnel that shows where each persona, or whatever else one splits by, stops."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from app.errors import Invalid, Problem
from app.funnel.stage import STAGES, Stage
from app.i18n import _, number
from app.reports.effectiveness import report_effectiveness
from app.reports.funnel_split import (
    NO_SHARE,
    FunnelSplit,
    Split,
    SplitRow,
    StageOfRow,
    Standing,
    behind,
    report_chosen,
    share_of,
    stand,
)
from app.reports.listing import PartOfStage, StageCell
from app.reports.names import persona_says, quotable, stage_name
from app.reports.scope import By, Scope
from app.reports.wording import share_range_words, share_words, verdict_alone
from app.reports.workbook import Sheet, Value
from app.web.pages.columns import Column, choose_columns, column_form
from app.web.pages.counted import Counted, count_cell
from app.web.pages.data_line import data_line
from app.web.pages.files import file_links, sheet_notes
from app.web.pages.filters import Select, filter_bar, find_unheard
from app.web.pages.interval import Interval, share_interval
from app.web.pages.sorting import sort_head, sort_lines
from app.web.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class Cell:
    """One stage of a row: how many came, and the share of those before; drawn for the stage that is asked about."""

    count: Counted
    share: str
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Line:
    """One row, and where the funnel is of it alone."""

    label: str
    address: str | None
    cells: Sequence[Cell]


def read_split(visit: Visit) -> Split:
    """What the address splits by: personas, unless it says otherwise. Raises Invalid for what it cannot be."""
    text = visit.asked.get("split", Split.PERSONA.value)
    if text not in set(Split):
        wrong = _("“%(text)s” is none of %(known)s.", text=text, known=", ".join(Split))
        raise Invalid([Problem("split", wrong)])
    return Split(text)


def split_names() -> dict[Split, str]:
    """What there is to split by."""
    return {
        Split.PERSONA: _("Persona"),
        Split.SPECIALTY: _("Specialty"),
        Split.CAMPAIGN: _("Campaign"),
        Split.CHANNEL: _("Channel"),
        Split.FORMAT: _("Format"),
    }


def split_select(split: Split) -> Select:
    """The field that says what to split by."""
    return Select("split", _("A row for each"), [(one.value, name) for one, name in split_names().items()], split.value)


def split_columns(visit: Visit) -> list[Column]:
    """The stages that some system speaks of: each is a column that can be chosen."""
    unheard = find_unheard(visit)
    return [Column(stage.slug, stage_name(stage)) for stage in Stage if stage not in unheard]


def split_view(visit: Visit, scope: Scope, split: Split) -> dict[str, Any] | None:
    """All that the page shows of it; nothing where nobody can be told apart."""
    found = report_chosen(visit.session, scope, split)
    if not any(row.key is not None for row in found.rows):
        return None
    every = split_columns(visit)
    columns = choose_columns(every, visit.asked.get("columns"))
    chosen = {column.name for column in columns}
    return {
        "title": split_title(split),
        "finding": (finding := split_finding(found, scope.stage)),
        "verdict": verdict_beside(visit, scope, split, found) if finding else None,
        "says": _says(split),
        "label": sort_head(visit, "label", split_names()[split], numeric=False, at="split"),
        "heads": [sort_head(visit, column.name, column.title, at="split") for column in columns],
        "drawn": scope.stage.slug if any(_told(row, scope.stage.slug) for row in found.rows) else "",
        "told": any(_told(row, column.name) for row in (*found.rows, found.whole) for column in columns),
        "columns": column_form(visit, every, columns),
        "lines": [_line(visit, scope, split, row, chosen) for row in sort_rows(visit, found)],
        "whole": _line(visit, scope, split, found.whole, chosen),
        "files": file_links(visit, "/funnel/split"),
        "shared": shared_words(found),
    }


def _told(row: SplitRow, stage: str) -> bool:
    """Whether a share of those before can be told of a stage after the first."""
    return any(one.stage == stage and one.from_previous.estimate is not None for one in row.stages[1:])


def verdict_beside(visit: Visit, scope: Scope, split: Split, found: FunnelSplit) -> tuple[str, str] | None:
    """What the verdict says of the row that the finding names, and where it stands: a share of all applicants as they
    are is another number than a change against comparable ones."""
    known = [row for row in found.rows if row.key is not None]
    row = known[0] if len(known) == 1 else behind(found, scope.stage.slug)
    if split is Split.SPECIALTY or scope.stage is Stage.APPLIED or row is None:
        return None
    by = By(split.value)
    judged = report_effectiveness(visit.session, replace(scope, by=by)).rows
    one = next((one for one in judged if one.row == "known" and one.key == row.key and not one.is_idle), None)
    if one is None:
        return None
    said = _("That is beside all applicants, whoever they are. Beside comparable applicants of other ads the verdict "
             "is “%(verdict)s”.", verdict=verdict_alone(one))  # fmt: skip
    return said, visit.address("/verdicts", **{**visit.asked_again(), "by": by.value})


def sort_rows(visit: Visit, found: FunnelSplit) -> list[SplitRow]:
    """The rows as the address asks for them: by how many applied, or by what share came to a later stage. Those of
    whom it is not known stay last."""
    values: dict[str, Callable[[SplitRow], Any]] = {"label": lambda row: row.label.casefold()}
    values |= {one.stage: partial(_value_at, one.stage) for one in found.whole.stages}
    known = sort_lines(visit, [row for row in found.rows if row.key is not None], values)
    return [*known, *(row for row in found.rows if row.key is None)]


def _value_at(stage: str, row: SplitRow) -> float | None:
    one = next(one for one in row.stages if one.stage == stage)
    return one.reached if stage == Stage.APPLIED.slug else one.from_previous.estimate


def split_sheet(visit: Visit, scope: Scope) -> Sheet:
    """The table as it is seen: how many of each row came to the stages chosen, and the share of those before."""
    split = read_split(visit)
    found = report_chosen(visit.session, scope, split)
    columns = choose_columns(split_columns(visit), visit.asked.get("columns"))
    share, ends = _("Of those before"), (_("low"), _("high"))
    heads, shares = [split_names()[split]], list[int]()
    for column in columns:
        heads.append(column.title)
        if column.name != Stage.APPLIED.slug:
            shares += range(len(heads), len(heads) + 3)
            heads += [f"{column.title}: {share}", *(f"{column.title}: {share}, {end}" for end in ends)]
    return Sheet(
        title=split_finding(found, scope.stage),
        notes=sheet_notes([shared_words(found)], data_line(visit, found.data, scope), filter_bar(visit, scope).limits),
        heads=heads,
        rows=[_sheet_row(row, {column.name for column in columns}) for row in (*sort_rows(visit, found), found.whole)],
        shares=frozenset(shares),
    )


def _sheet_row(row: SplitRow, chosen: Collection[str]) -> list[Value]:
    cells: list[Value] = [row.label]
    for one in row.stages:
        if one.stage in chosen:
            share = one.from_previous
            cells += (
                [one.reached]
                if one.stage == Stage.APPLIED.slug
                else [one.reached, share.estimate, share.low, share.high]
            )
    return cells


def split_title(split: Split) -> str:
    """What the table shows."""
    return {
        Split.PERSONA: _("Where applicants stop, by persona"),
        Split.SPECIALTY: _("Where applicants stop, by specialty"),
        Split.CAMPAIGN: _("Where applicants stop, by campaign"),
        Split.CHANNEL: _("Where applicants stop, by channel"),
        Split.FORMAT: _("Where applicants stop, by format"),
    }[split]


def split_finding(found: FunnelSplit, stage: Stage) -> str:
    """Which row is surely behind at the stage asked about, or that none is; of one row alone, how it stands to all."""
    known = [row for row in found.rows if row.key is not None]
    if stage is Stage.APPLIED:
        return ""
    if len(known) == 1:
        return _finding_of_one(known[0], found.whole, stage)
    row = behind(found, stage.slug)
    if row is None:
        return _("In no row below is it certain that fewer go on to “%(stage)s” than among all applications.",
                 stage=stage_name(stage))  # fmt: skip
    return _(
        "Fewest go on from “%(before)s” to “%(stage)s” among “%(label)s”: %(share)s of %(n)s, against %(whole)s of all "
        "%(all)s.", **_beside_all(row, found.whole, stage),
    )  # fmt: skip


def _finding_of_one(row: SplitRow, whole: SplitRow, stage: Stage) -> str:
    """How the row stands to all; empty where too few came to the stage before to tell a share."""
    standing = stand(row, whole, stage.slug)
    if standing is None:
        return ""
    said = _beside_all(row, whole, stage)
    if standing is Standing.BELOW:
        return _("Among “%(label)s”, %(share)s of %(n)s go on from “%(before)s” to “%(stage)s”. That is surely less "
                 "than %(whole)s of all %(all)s.", **said)  # fmt: skip
    if standing is Standing.ABOVE:
        return _("Among “%(label)s”, %(share)s of %(n)s go on from “%(before)s” to “%(stage)s”. That is surely more "
                 "than %(whole)s of all %(all)s.", **said)  # fmt: skip
    return _("Among “%(label)s”, %(share)s of %(n)s go on from “%(before)s” to “%(stage)s”, and %(whole)s of all "
             "%(all)s. That is not enough to say that they differ.", **said)  # fmt: skip


def _beside_all(row: SplitRow, whole: SplitRow, stage: Stage) -> dict[str, str]:
    """The words of a row beside all: the two stages, and each share with the number it is of."""
    earlier = [STAGES[one.stage] for one in whole.stages if STAGES[one.stage] < stage]
    before = max(earlier, default=Stage.APPLIED)
    share, of_all = (share_of(one, stage.slug) or NO_SHARE for one in (row, whole))
    return {
        "label": quotable(row.label), "before": stage_name(before), "stage": stage_name(stage),
        "share": share_range_words(share), "n": number(_came_to(row, before)),
        "whole": share_range_words(of_all), "all": number(_came_to(whole, before)),
    }  # fmt: skip


def _says(split: Split) -> str:
    """Whom a persona's row counts, and why a verdict may say another thing of a row."""
    said = _("Here each row stands beside all applicants as they are. A verdict sets it beside comparable applicants "
             "of other ads, so the two can differ.")  # fmt: skip
    return {Split.PERSONA: f"{persona_says()} {said}", Split.SPECIALTY: ""}.get(split, said)


def shared_words(found: FunnelSplit) -> str:
    """That rows do not add up, where some came through ads for several of them."""
    if sum(row.stages[0].reached for row in found.rows) <= found.whole.stages[0].reached:
        return ""
    return _("Some ads are for several of these, so rows share applicants. They do not add up to the total of "
             "%(total)s.", total=number(found.whole.stages[0].reached))  # fmt: skip


def _came_to(row: SplitRow, stage: Stage) -> int:
    return next((one.reached for one in row.stages if one.stage == stage.slug), 0)


def _line(visit: Visit, scope: Scope, split: Split, row: SplitRow, chosen: Collection[str]) -> Line:
    return Line(
        label=row.label,
        address=visit.same_address(**{split.value: row.key}) if row.key else None,
        cells=[
            Cell(
                _count(visit, split, row, one.reached, STAGES[one.stage]),
                "" if one.stage == Stage.APPLIED.slug else share_words(one.from_previous, before, one.waiting),
                share_interval(one.from_previous, before, one.waiting) if one.stage == scope.stage.slug else None,
            )
            for one, before in _with_before(row)
            if one.stage in chosen
        ],
    )


def _with_before(row: SplitRow) -> Iterator[tuple[StageOfRow, int]]:
    """Each stage of a row with how many had come to the one before."""
    before = row.stages[0].reached
    for one in row.stages:
        yield one, before
        before = one.reached


def _count(visit: Visit, split: Split, row: SplitRow, n: int, stage: Stage) -> Counted:
    """A number that opens what it counts: a filter says whom, or that it is not known."""
    if row.key is None:
        unknown = None if row.whole else split
        of_all = {split.value: None} if row.whole else {}
        return count_cell(visit, n, StageCell(stage, PartOfStage.REACHED, unknown), view=None, **of_all)
    return count_cell(visit, n, StageCell(stage, PartOfStage.REACHED), **{split.value: row.key, "view": None})
