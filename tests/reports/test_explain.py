"""Why we say of a placement what we say: the verdict of the report, and every number back to its applications.

Applications are listed and rights asked on both databases; verdicts and what would turn them are computed from the
same columns, and told on SQLite.
"""

import datetime as dt
import io
import uuid
from collections import Counter
from typing import Any

import pytest
from rich.console import Console

from app.errors import Invalid, Missing
from app.i18n import LANGUAGES, speaking
from app.planning.asset import Format
from app.reports.explain import refuse_parts, report_explanation
from app.reports.explain_table import explanation_table
from app.reports.explained import Explanation
from app.reports.export import explanation_csv
from app.reports.scope import By
from tests.reports.builders import City, row_of
from tests.support.databases import ON_SQLITE

LONG = "2026-03-01"


@pytest.fixture
def ids(city: City) -> dict[str, uuid.UUID]:
    """A placement that moved people, three that are alike, one of which too few know, and one that nobody does. They
    differ in whatever rows can stand for; the first two share a promise."""
    named = {
        name: city.places(
            name, channel=name, format=format, campaign="Autumn" if name == "Evening" else "Spring",
            persona=name.lower(), theme=name,
            claims=(f"{name.lower()}:{name.lower()}", *(("shared:shared",) if name in ("Search", "Poster") else ())),
        )
        for name, format in (
            ("Evening", Format.EVENT), ("Search", Format.SEARCH_AD), ("Poster", Format.POSTER), ("Card", Format.POSTER),
            ("Radio", Format.RADIO),
        )
    }  # fmt: skip
    for name, n, reach in (("Evening", 40, 26), ("Search", 40, 8), ("Poster", 40, 8), ("Card", 4, 1)):
        for number in range(n):
            ending: dict[str, Any] = {"interview": "2026-04-10"} if number < reach else {"rejected": "2026-03-20"}
            city.hears(f"{name}{number}", LONG, via=name, **ending)
    city.touches("of Search0", "2026-02-20", via="Evening")
    city.hears("waits", "2026-11-28", via="Evening")
    city.hears("further", LONG, via="Evening", hired="2026-05-05")
    return named


def explain(city: City, placement: uuid.UUID | str, *, exact: bool = True, **asked: Any) -> Explanation:
    scope = city.scope(**asked)
    with city.database.reading(city.id) as session:
        return report_explanation(session, scope, str(placement), exact=exact)


@ON_SQLITE
@pytest.mark.parametrize("by", By)
def test_it_explains_the_verdict_that_the_report_gives_on_every_row(
    city: City, ids: dict[str, uuid.UUID], by: By
) -> None:
    report = city.effectiveness(by=by)
    rows = [row for row in report.rows if row.row == "known"]
    assert "moved" in {row.verdict for row in rows}, "a verdict is told"
    for row in rows:
        found = explain(city, row.key or "", by=by)
        assert (found.row.label, found.row.ended) == (row.label, row.ended)
        assert (found.verdict, found.reason, found.needs) == (row.verdict, row.reason, row.needs)
        assert found.lift is None or found.lift == row.lift
        by_one = any(abs(change.applications) == 1 for change in found.changes)
        assert row.turned_by_one == (by_one and row.verdict != "cannot_tell")
        assert found.counts is not None
        counts = (found.counts.applications, found.counts.reached, found.counts.out, found.counts.pending)
        assert counts == (row.applications, row.reached, row.out, row.pending)


@ON_SQLITE
def test_a_row_is_explained_of_the_ads_that_are_chosen_and_a_placement_whichever_are(
    city: City, ids: dict[str, uuid.UUID]
) -> None:
    chosen: dict[str, Any] = {"format": "poster"}
    row = row_of(city.effectiveness(by=By.CAMPAIGN, **chosen), "Spring")
    whole = row_of(city.effectiveness(by=By.CAMPAIGN), "Spring")
    found = explain(city, row.key or "", by=By.CAMPAIGN, **chosen)
    assert found.counts is not None
    assert found.counts.applications == row.applications < whole.applications
    placement = explain(city, ids["Evening"], **chosen)
    assert placement == explain(city, ids["Evening"])
    with pytest.raises(Missing):
        explain(city, "video", by=By.FORMAT, **chosen)


@ON_SQLITE
def test_whom_an_ad_of_several_rows_brought_is_counted_in_each_and_compared_in_none(
    city: City, ids: dict[str, uuid.UUID]
) -> None:
    city.places("Both", claims=("quiet:peace", "near:home"), channel="Both")
    city.places("One", claims=("quiet:peace",), channel="One")
    for name, n in (("Both", 3), ("One", 5)):
        for number in range(n):
            city.hears(f"{name}{number}", LONG, via=name, interview="2026-04-10")
    found = explain(city, "quiet", by=By.CLAIM)
    assert found.counts is not None
    assert (found.counts.applications, found.counts.several, found.counts.compared) == (8, 3, 5)
    assert Counter(one.compared for one in found.applications or ())["several"] == 3
    assert "belong to several rows" in " ".join(found.assumptions)


@pytest.mark.parametrize("by", [By.PLACEMENT, By.CHANNEL, By.CLAIM])
def test_every_number_is_found_again_in_the_applications_listed(city: City, ids: dict[str, uuid.UUID], by: By) -> None:
    for row in city.effectiveness(by=by).rows:
        if row.row != "known":
            continue
        found = explain(city, row.key or "", by=by)
        assert found.counts is not None
        assert found.applications is not None
        own = [one for one in found.applications if one.owned]
        uses = Counter(one.compared for one in found.applications)
        kinds = Counter(one.counted for one in own)
        assert len(own) == found.counts.applications
        assert [kinds[kind] for kind in ("reached", "out", "pending")] == [
            found.counts.reached, found.counts.out, found.counts.pending,
        ]  # fmt: skip
        assert len(found.applications) - uses[None] - uses["several"] == found.counts.compared
        assert uses["several"] == found.counts.several
        assert [uses["advanced"], uses["alone"], uses["unwatched"]] == [
            found.counts.observed, found.counts.alone, found.counts.unwatched,
        ]  # fmt: skip


def test_an_application_is_listed_with_its_days_and_how_it_met_the_placement(
    city: City, ids: dict[str, uuid.UUID]
) -> None:
    found = explain(city, ids["Evening"]).applications
    assert found is not None
    touched = next(one for one in found if not one.owned)
    assert (touched.applied, touched.stages) == (
        dt.date(2026, 3, 1),
        {"screened": None, "interview": dt.date(2026, 4, 10)},
    )
    assert (touched.met, touched.counted, touched.compared) == ([dt.date(2026, 2, 20)], "reached", "advanced")
    waits = next(one for one in found if one.counted == "pending")
    assert (waits.stages, waits.compared, waits.met) == ({}, "unwatched", [dt.date(2026, 11, 28)])
    hired = next(one for one in found if "hired" in one.stages)
    assert hired.stages == {"screened": None, "interview": None, "offer": None, "hired": dt.date(2026, 5, 5)}
    gone = next(one for one in found if one.out)
    assert (gone.out, gone.outcome, gone.counted) == (dt.date(2026, 3, 20), "rejected", "out")
    assert len({one.record for one in found}) == len(found) == 43
    assert not {"of", "Evening"} & {one.record for one in found}


def test_without_the_right_no_number_of_people_is_told_nor_anything_made_of_some(
    city: City, ids: dict[str, uuid.UUID]
) -> None:
    for name in ("Evening", "Card", "Radio"):
        exact, found = explain(city, ids[name]), explain(city, ids[name], exact=False)
        assert (found.verdict, found.method.text, found.assumptions) == (
            exact.verdict, exact.method.text, exact.assumptions,
        )  # fmt: skip
        assert (found.threshold.version, found.threshold.better, found.method.ads) == (
            exact.threshold.version,
            None,
            None,
        )
        nothing = (found.counts, found.lift, found.reason, found.needs, found.confounding, found.applications)
        assert nothing == (None,) * 6
        assert (found.changes, found.prior.cases) == ([], [])
    nobody, few = (explain(city, ids[name], exact=False) for name in ("Radio", "Card"))
    same = {"row": few.row}
    assert nobody.model_copy(update=same) == few


def test_without_the_right_a_part_of_the_record_may_not_be_asked_about(city: City, ids: dict[str, uuid.UUID]) -> None:
    refuse_parts(city.scope(stage="hired"))
    for part in ({"from_": LONG}, {"as_of": LONG}, {"horizon_days": 30}, {"specialty": "gp"}, {"include_units": False}):
        with pytest.raises(Invalid, match="no more than a stage"):
            refuse_parts(city.scope(**part))
    narrow = explain(city, ids["Evening"], exact=False, from_="2026-11-01")
    assert narrow == explain(city, ids["Evening"], exact=False)


@ON_SQLITE
def test_the_smallest_change_is_said_in_so_many_words(city: City, ids: dict[str, uuid.UUID]) -> None:
    (change,) = explain(city, ids["Evening"]).changes
    assert (change.verdict, change.applications < 0) == ("cannot_tell", True)
    said = f"With {-change.applications} fewer who came to interview, the verdict would be “cannot tell”."
    assert change.text == said
    assert explain(city, ids["Card"]).changes == []


@ON_SQLITE
def test_what_could_explain_it_away_and_what_hangs_on_the_prior_are_said(city: City, ids: dict[str, uuid.UUID]) -> None:
    moved = explain(city, ids["Evening"])
    assert moved.confounding is not None
    assert moved.confounding.estimate > moved.confounding.limit > 1
    assert [case.usual for case in moved.prior.cases] == [False, True, False]
    assert moved.prior.text.endswith("the verdict would be the same.")
    alike = explain(city, ids["Search"])
    assert alike.confounding is None or alike.confounding.limit >= 1
    assert moved.threshold.text.startswith("“Moved” needs two things: a probability of")
    assert moved.method.model == "fates"


def test_a_placement_that_is_not_there_is_missing(city: City, ids: dict[str, uuid.UUID]) -> None:
    with pytest.raises(Missing):
        explain(city, uuid.UUID(int=7))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_terminal_and_a_file_get_the_same(sqlite_city: City, language: str) -> None:
    id = sqlite_city.places("Tram")
    lone = sqlite_city.places("Radio")
    for number in range(9):
        ending: dict[str, Any] = {"interview": "2026-04-10"} if number < 5 else {"withdrawn": "2026-03-20"}
        sqlite_city.hears(f"a{number}", LONG, via="Tram", **ending)
    sqlite_city.hears("b", LONG, via="Radio", interview="2026-04-01")
    console = Console(width=160, record=True, file=io.StringIO())
    for exact, placement in ((True, id), (True, lone), (False, id)):
        with speaking(language):
            found = explain(sqlite_city, placement, exact=exact)
            console.print(explanation_table(found))
            text = console.export_text()
        assert found.method.text[:40] in text
        lines = explanation_csv(found).splitlines()
        assert lines[0].startswith("record,applied,screened,interview")
        assert len(lines) == 1 + len(found.applications or [])
        assert all(one.record[:12] in text for one in found.applications or [])
        assert len(Explanation.model_validate_json(found.model_dump_json()).assumptions) == 7
