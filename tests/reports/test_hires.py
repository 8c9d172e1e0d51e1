"""Hires beside the verdicts on an earlier stage: who looks at interviews alone may turn off what brings most hires."""

import pytest

from app.reports.answers import Effectiveness, Row
from app.reports.hire_words import hire_finding
from tests.reports.builders import City, row_of
from tests.web.answers_examples import CITY, NEWSLETTER, SEARCH, VIDEO


@pytest.mark.parametrize("by", ["placement", "theme"])
def test_each_row_says_how_many_were_hired_whatever_stage_is_asked_about(city: City, by: str) -> None:
    city.places("Poster", theme="Poster")
    city.hears("x1", "2026-03-01", via="Poster", hired="2026-04-20")
    city.hears("x2", "2026-03-01", via="Poster", interview="2026-03-20")
    city.hears("x3", "2026-03-01", hired="2026-04-20")
    for stage in ("interview", "hired"):
        found = city.effectiveness(by=by, stage=stage)
        assert row_of(found, "Poster").hired == 1
        assert (found.totals.hired, sum(row.hired or 0 for row in found.rows)) == (2, 2)


def answered(*rows: Row) -> Effectiveness:
    totals = CITY.totals.model_copy(update={"hired": sum(row.hired or 0 for row in rows)})
    return CITY.model_copy(update={"rows": list(rows), "totals": totals})


def test_a_verdict_that_hires_do_not_bear_out_is_named_and_so_is_what_brought_most() -> None:
    hired = [row.model_copy(update={"hired": n}) for row, n in ((NEWSLETTER, 2), (SEARCH, 9), (VIDEO, 4))]
    at_interview = answered(*hired)
    open_ = [row.model_copy(update={"verdict": "cannot_tell", "reason": None, "needs": None}) for row in hired[1:]]
    assert hire_finding(at_interview, answered(hired[0], *open_)) == (
        f"Most hires so far are attributed to “{SEARCH.label}”: 9 of 15. That is a count, and it compares nobody: "
        "many hires may come of many applicants. By hires, the verdict is another for "
        f"“{SEARCH.label}” (cannot tell yet), “‘My first year’, video” (cannot tell yet)."
    )
    assert "another" not in hire_finding(at_interview, at_interview)
    assert hire_finding(at_interview, None) == ""
