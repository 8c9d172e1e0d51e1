"""Where each persona, specialty, campaign, channel or format stops: the stages of the funnel, a row for each."""

import enum
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.funnel.columns import NEVER, NONE
from app.funnel.stage import Stage
from app.i18n import _
from app.reports.answers import Answer, Data, Estimate
from app.reports.cache import cached
from app.reports.funnel import conversion_between
from app.reports.grouping import group_applications
from app.reports.names import specialty_name
from app.reports.reading import Reading, describe_scope, known_to_meet_filters, read
from app.reports.scope import By, Scope, View

Chosen = NDArray[np.bool_]


class Split(enum.StrEnum):
    """What a row stands for; each is a filter of the same name too."""

    PERSONA = "persona"
    SPECIALTY = "specialty"
    CAMPAIGN = "campaign"
    CHANNEL = "channel"
    FORMAT = "format"


class Standing(enum.Enum):
    """Where the interval of a share lies beside that of all: wholly below, wholly above, or so that they meet."""

    BELOW = "below"
    ABOVE = "above"
    AMONG = "among"


NO_SHARE = Estimate(estimate=None, low=None, high=None)


class StageOfRow(Answer):
    """One stage of a row: how many came, how many wait for it at the stage before, and the share of those who had come
    there."""

    stage: str
    reached: int
    waiting: int
    from_previous: Estimate


class SplitRow(Answer):
    """One row; `key` is what the filter takes, and null for those of whom it is not known and for all together."""

    key: str | None
    label: str
    stages: list[StageOfRow]
    whole: bool = False


class FunnelSplit(Answer):
    """Rows with the most applications first, those of whom it is not known last; `whole` is all of them together."""

    scope: dict[str, Any]
    data: Data
    whole: SplitRow
    rows: list[SplitRow]


def report_split(session: Session, scope: Scope, split: Split) -> FunnelSplit:
    """Follow everybody who applied in the period, row by row; computed once per state of the data."""
    asked = replace(split_by(scope, split), view=View.COHORT)
    return cached(session, asked, f"split by {split.value}",
                  lambda: _report(read(session, asked), split))  # fmt: skip


def report_chosen(session: Session, scope: Scope, split: Split) -> FunnelSplit:
    """The same where a filter asks for one row of the split: that row alone, beside all together as without the
    filter."""
    asked = getattr(scope.filters, split.value)
    if asked is None:
        return report_split(session, scope, split)
    found = report_split(session, replace(scope, filters=replace(scope.filters, **{split.value: None})), split)
    return found.model_copy(update={"rows": [row for row in found.rows if row.key == str(asked)]})


def split_by(scope: Scope, split: Split) -> Scope:
    """The same question, of which the rows are those of the split."""
    return scope if split is Split.SPECIALTY else replace(scope, by=By(split.value))


def _report(reading: Reading, split: Split) -> FunnelSplit:
    everyone = known_to_meet_filters(reading)
    rows = [_row(reading, key, label, everyone & chosen) for key, label, chosen in _parts(reading, split)]
    rows = [row for row in rows if row.stages[0].reached]
    return FunnelSplit(
        scope=describe_scope(reading.scope),
        data=reading.data,
        whole=_row(reading, None, _("All applications"), everyone).model_copy(update={"whole": True}),
        rows=sorted(rows, key=lambda row: (row.key is None, -row.stages[0].reached, row.label)),
    )


def _parts(reading: Reading, split: Split) -> Iterator[tuple[str | None, str, Chosen]]:
    return _specialties(reading) if split is Split.SPECIALTY else _of_the_plan(reading)


def _specialties(reading: Reading) -> Iterator[tuple[str | None, str, Chosen]]:
    columns = reading.columns
    for code, name in enumerate(columns.specialties):
        yield name, specialty_name(name), columns.specialty == code
    yield None, _("Specialty not known"), columns.specialty == NONE


def _of_the_plan(reading: Reading) -> Iterator[tuple[str | None, str, Chosen]]:
    grouping = group_applications(reading)
    rest = np.ones(reading.columns.count, dtype=np.bool_)
    for number, group in enumerate(grouping.groups):
        chosen = np.zeros(reading.columns.count, dtype=np.bool_)
        chosen[grouping.application[grouping.group == number]] = True
        rest &= ~chosen
        if group.shown:
            yield group.key, group.label, chosen
    yield None, _("Not traced to an ad"), rest


def not_known(reading: Reading, split: Split) -> tuple[str, Chosen]:
    """Of whom it is not known where they belong: what their row is called, and who they are. The reading's question
    is split the same way (`split_by`)."""
    return next((label, chosen) for key, label, chosen in _parts(reading, split) if key is None)


def _row(reading: Reading, key: str | None, label: str, chosen: Chosen) -> SplitRow:
    return SplitRow(
        key=key,
        label=label,
        stages=[
            StageOfRow(
                stage=stage.slug,
                reached=int(np.count_nonzero(chosen & (reading.columns.reached[:, stage] != NEVER))),
                waiting=_count_waiting(reading, chosen, stage),
                from_previous=conversion_between(reading, chosen, stage),
            )
            for stage in reading.recorded
        ],
    )


def _count_waiting(reading: Reading, chosen: Chosen, stage: Stage) -> int:
    """Of those who came to the stage before, who neither came to this one nor went out."""
    if stage is Stage.APPLIED:
        return 0
    reached = reading.columns.reached
    there = chosen & (reached[:, reading.before(stage)] != NEVER) & (reached[:, stage] == NEVER)
    return int(np.count_nonzero(there & (reading.columns.out == NEVER)))


def behind(found: FunnelSplit, stage: str) -> SplitRow | None:
    """The row of which surely the smallest share comes to the stage from the one before: the lowest of those that
    stand below all. None where no row does."""
    apart = [row for row in found.rows if row.key is not None and stand(row, found.whole, stage) is Standing.BELOW]
    return min(apart, key=lambda row: (share_of(row, stage) or NO_SHARE).estimate or 0, default=None)


def stand(row: SplitRow, whole: SplitRow, stage: str) -> Standing | None:
    """How the share of a row stands to that of all; none where either cannot be told."""
    share, of_all = share_of(row, stage) or NO_SHARE, share_of(whole, stage) or NO_SHARE
    if share.low is None or share.high is None or of_all.low is None or of_all.high is None:
        return None
    if share.high < of_all.low:
        return Standing.BELOW
    return Standing.ABOVE if share.low > of_all.high else Standing.AMONG


def share_of(row: SplitRow, stage: str) -> Estimate | None:
    """What share of those at the stage before comes to this one; none for a stage that no system speaks of."""
    return next((one.from_previous for one in row.stages if one.stage == stage), None)
