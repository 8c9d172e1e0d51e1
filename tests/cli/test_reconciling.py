"""What the command that compares counts tells."""

import datetime as dt

from app.cli.reconciling import MOST_SHOWN, _tell
from app.errors import TryLater
from app.intake.counted_line import list_lines
from app.intake.reconcile import CountCheck, Extra, Missing, Reconciled
from tests.intake.town import START

DAY = dt.date(2026, 3, 2)


def check(**said: int) -> CountCheck:
    usual = {"theirs": 3, "ours": 3, "missing": 0, "erased": 0, "extra": 0}
    return CountCheck(day=DAY, **{**usual, **said})


def test_days_that_agree_are_summed_and_those_that_differ_are_told_with_what_to_look_for() -> None:
    found = Reconciled(
        [check(), check(theirs=5, missing=2, extra=1)],
        [Missing("77", START)],
        [Extra(b"\x01" * 16, START, "Doctor"), Extra(b"\x02" * 16, START, None)],
    )
    assert _tell(found) == [
        "they say 8, we have 6.",
        "2026-03-02: they say 5, we have 3 (2 not here, 1 no longer there)",
        "not here: 77, made 2026-03-02 09:00",
        f"no longer there: {'01' * 16}, made 2026-03-02 09:00 for Doctor",
        f"no longer there: {'02' * 16}, made 2026-03-02 09:00 for a job without a name",
    ]


def test_of_a_system_that_cannot_be_asked_nothing_is_known_and_no_count_is_told() -> None:
    assert _tell(TryLater("It does not answer.")) == ["what they have is not known. It does not answer."]
    (line,) = list_lines("Tea", TryLater("It does not answer."))
    assert (line.what, line.theirs, line.ours, line.why) == ("not_known", None, None, "It does not answer.")


def test_a_day_on_which_some_were_erased_agrees_if_nothing_else_differs() -> None:
    assert check(erased=2).agrees
    assert not check(erased=2, extra=1).agrees
    assert check(erased=1, extra=1).describe() == "2026-03-02: they say 3, we have 3 (1 erased here, 1 no longer there)"


def test_among_sentences_some_are_named_with_how_many_more_there_are_and_as_rows_all_are() -> None:
    missing = [Missing(str(n), START) for n in range(MOST_SHOWN + 2)]
    found = Reconciled([check(theirs=55, missing=52)], missing, [Extra(b"\x01" * 16, START, "Doctor")])
    told = _tell(found)
    assert told[-2:] == ["2 more: --format csv names all.", told[-1]]
    assert len(told) == 2 + MOST_SHOWN + 1 + 1
    day, *differing = list_lines("Tea", found)
    assert (day.what, day.theirs, day.missing, day.agrees) == ("day", 55, 52, False)
    assert [one.key for one in differing if one.what == "missing"] == [one.key for one in missing]
    assert [(one.reference, one.job) for one in differing if one.what == "extra"] == [("01" * 16, "Doctor")]
    assert {one.theirs for one in differing} == {None}, "a sum of the column counts nothing twice"
