"""The paths report: which steps make a path, and every way of sharing credit adds up to those who came."""

import io
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from app.errors import Invalid
from app.measurement.credit import Rule
from app.planning.placement import Placement
from app.reports.answers import PathsAnswer, PathTaken
from app.reports.credit_words import hastening_words, untraced_words
from app.reports.export import paths_csv
from app.reports.listing import CreditCell, Part, PathCell, list_counted
from app.reports.paths import MODELS, Touches, report_paths
from app.reports.scope import By
from app.reports.tables import paths_table
from tests.reports.builders import City


def ask(city: City, touches: Touches = Touches.STAGE, *, intervals: bool = False, **asked: Any) -> PathsAnswer:
    scope = city.scope(**asked)
    with city.database.reading(city.id) as session:
        return report_paths(session, scope, touches, intervals=intervals)


def credits(answer: PathsAnswer, model: str) -> dict[str, float | None]:
    return {line.label: line.credit for line in answer.models[model] if line.credit != 0}


def taken(answer: PathsAnswer) -> dict[tuple[str, ...], tuple[int, int, int]]:
    return {tuple(path.steps): (path.applications, path.reached, path.unresolved) for path in answer.paths}


@pytest.fixture
def story(city: City) -> City:
    """Two come by poster and newsletter; one comes by a search ad and an evening held after applying; one of a source
    that nobody knows is rejected, and one waits."""
    for name in ("Poster", "Newsletter", "Search", "Evening"):
        city.places(name, channel=name)
    for one in ("a", "b"):
        city.touches(f"of {one}", "2026-02-01", via="Poster")
        city.hears(one, "2026-03-01", via="Newsletter", interview="2026-04-01")
    city.hears("c", "2026-03-01", via="Search", screened="2026-03-10", interview="2026-04-01")
    city.touches("of c", "2026-03-20", via="Evening")
    city.hears("d", "2026-03-01", rejected="2026-03-05")
    city.hears("e", "2026-11-01", via="Search")
    city.touches("of c", "2026-05-01", via="Poster")
    return city


def test_a_path_is_what_somebody_met_up_to_the_stage(story: City) -> None:
    answer = ask(story)
    assert taken(answer) == {
        ("Poster", "Newsletter"): (2, 2, 0),
        ("Search", "Evening"): (1, 1, 0),
        ("Search",): (1, 0, 1),
        ("Unknown source",): (1, 0, 0),
    }
    assert (answer.unresolved, answer.untouched, answer.totals.reached) == (1, 0, 3)
    assert credits(answer, "last") == {"Newsletter": 2, "Evening": 1}
    assert credits(answer, "first") == {"Poster": 2, "Search": 1}
    assert credits(answer, "any") == {"Poster": 2, "Newsletter": 2, "Search": 1, "Evening": 1}
    assert credits(answer, "linear") == {"Poster": 1, "Newsletter": 1, "Search": 0.5, "Evening": 0.5}


def test_between_two_stages_only_what_was_met_on_the_way_counts(story: City) -> None:
    """Three came to the screening; the one who was screened on 10 March met an evening on the 20th. Of the other two,
    the interview is the first that is known of the screening too."""
    answer = ask(story, Touches.BETWEEN)
    assert taken(answer) == {("Evening",): (1, 1, 0), (): (2, 2, 0)}
    assert (answer.untouched, answer.totals.applications) == (2, 3)
    assert credits(answer, "last") == {"Evening": 1}
    assert [line.row for line in answer.models["last"]] == ["known"] * 4


def test_markov_and_shapley_are_hidden_below_ten_and_say_why(story: City) -> None:
    answer = ask(story, intervals=True)
    for model in ("markov", "shapley"):
        assert {(line.credit, line.low, line.why) for line in answer.models[model]} == {(None, None, "too_few")}
    assert {(line.effect, line.why) for line in answer.removal_effects} == {(None, "too_few")}
    assert all(line.why is None for line in answer.models["linear"])


@pytest.fixture
def claims(sqlite_city: City) -> City:
    """A poster claims two things, a film one of them, and a banner nothing: two came by poster and film, one by the
    banner alone, and one who met the film was rejected."""
    sqlite_city.places("Poster", claims=("nature:calm", "flats:home"), theme="Lakes")
    sqlite_city.places("Film", claims=("nature:calm",), channel="Film")
    sqlite_city.places("Banner", channel="Banner")
    for one in ("a", "b"):
        sqlite_city.touches(f"of {one}", "2026-02-01", via="Poster")
        sqlite_city.hears(one, "2026-03-01", via="Film", interview="2026-04-01")
    sqlite_city.hears("c", "2026-03-01", via="Banner", interview="2026-04-01")
    sqlite_city.hears("d", "2026-03-01", via="Film", rejected="2026-03-05")
    return sqlite_city


def test_an_ad_that_belongs_to_several_rows_shares_its_part_equally_among_them(claims: City) -> None:
    answer = ask(claims, by="claim")
    assert taken(answer)["nature + flats", "nature"] == (2, 2, 0)
    assert credits(answer, "first") == {"nature": 1, "flats": 1, "None stated": 1}
    assert credits(answer, "last") == {"nature": 2, "None stated": 1}
    assert credits(answer, "linear") == {"nature": 1.5, "flats": 0.5, "None stated": 1}
    assert credits(answer, "any") == {"nature": 2, "flats": 2, "None stated": 1}


PARTS: dict[Part, Callable[[PathTaken], int]] = {
    Part.APPLIED: lambda path: path.applications,
    Part.REACHED: lambda path: path.reached,
    Part.PENDING: lambda path: path.unresolved,
}


@pytest.mark.parametrize("touches", Touches)
@pytest.mark.parametrize("by", [By.PLACEMENT, By.CLAIM, By.CHANNEL])
def test_every_number_of_the_report_is_that_of_the_applications_listed_for_it(
    claims: City, touches: Touches, by: By
) -> None:
    """A way by as many as took it; a credit by the parts of those it is shared out of, whole ones or not."""
    answer, scope = ask(claims, touches, by=by), claims.scope(by=by)
    with claims.database.reading(claims.id) as session:
        for path in answer.paths:
            for part, count in PARTS.items():
                listed = list_counted(session, scope, PathCell(path.key, touches, part))
                assert len(listed.applications) == count(path)
                assert listed.label == (" → ".join(path.steps) or "met nothing in between")
        for rule in set(Rule) - {Rule.SHAPLEY}:  # which is hidden below ten
            for line in answer.models[rule.value]:
                listed = list_counted(session, scope, CreditCell(rule, touches, line.row, line.key or ""))
                assert sum(one.part for one in listed.applications) == pytest.approx(line.credit)
                assert all(0 < one.part <= 1 for one in listed.applications)


def test_a_way_is_spelled_the_same_whatever_its_rows_are_called(claims: City) -> None:
    before = {tuple(path.steps): path.key for path in ask(claims).paths}
    with claims.database.writing(claims.id) as session:
        session.get_one(Placement, claims.ids["Placement Film"]).name = "Motion picture"
    after = {tuple(path.steps): path.key for path in ask(claims).paths}
    assert len(set(before.values())) == len(before)
    assert after["Poster", "Motion picture"] == before["Poster", "Film"]


def test_filters_on_the_plan_choose_applications_and_not_what_they_met(claims: City) -> None:
    answer = ask(claims, placement=claims.ids["Placement Film"])
    assert taken(answer) == {("Poster", "Film"): (2, 2, 0), ("Film",): (1, 0, 0)}
    assert credits(answer, "first") == {"Poster": 2}
    assert answer.totals == claims.effectiveness(placement=claims.ids["Placement Film"]).totals
    assert answer.scope["filters"] == {"placement": str(claims.ids["Placement Film"])}


def test_nobody_makes_an_empty_answer(sqlite_city: City) -> None:
    for touches in Touches:
        answer = ask(sqlite_city, touches, intervals=True)
        assert (answer.paths, answer.totals.applications, answer.unresolved) == ([], 0, 0)
    sqlite_city.places("Radio")
    assert [line.credit for line in ask(sqlite_city, intervals=True).models["last"]] == [0, 0, 0, 0]


@pytest.fixture
def busy(sqlite_city: City) -> City:
    """Forty applications by thirty people, on ways of one to three steps; two of three come to an interview."""
    names = ("Poster", "Newsletter", "Search")
    for name, claims in zip(names, (("nature:calm", "flats:home"), ("flats:home",), ()), strict=True):
        sqlite_city.places(name, channel=name, claims=claims)
    for n in range(40):
        person = f"p{n % 30}"
        for step in range(n % 3):
            sqlite_city.touches(person, f"2026-02-{1 + step + n % 7:02d}", via=names[(n + step) % 3])
        ending: dict[str, Any] = {"interview": "2026-04-01"} if n % 3 else {"rejected": "2026-03-20"}
        via = names[n % 2] if n % 5 else None
        sqlite_city.hears(f"a{n}", "2026-03-01", person=person, via=via, **ending)
    return sqlite_city


@pytest.mark.parametrize(
    "filtered", [{}, {"channel": "Poster"}, {"placement": "Newsletter"}], ids=["all", "channel", "ad"]
)
@pytest.mark.parametrize("by", By)
def test_every_way_of_sharing_adds_up_to_those_who_came(busy: City, by: By, filtered: dict[str, str]) -> None:
    filters: dict[str, Any] = {name: busy.ids[f"{name.capitalize()} {value}"] for name, value in filtered.items()}
    answer = ask(busy, by=by, **filters)
    assert answer.totals == busy.effectiveness(by=by, **filters).totals
    assert answer.totals.reached > 0
    require_shared_once(answer)


@pytest.mark.parametrize("by", By)
def test_between_two_stages_too_what_came_is_shared_out_once(busy: City, by: By) -> None:
    for n in range(24):
        busy.hears(f"b{n}", "2026-03-01", person=f"q{n}", via="Search", screened="2026-03-05", interview="2026-03-25")
        busy.touches(f"q{n}", "2026-03-10", via=("Poster", "Newsletter", "Search")[n % 3])
        busy.touches(f"q{n}", "2026-03-12", via=("Poster", "Newsletter")[n % 2])
    answer = ask(busy, Touches.BETWEEN, by=by)
    assert (answer.untouched, answer.totals.reached) == (26, 50)
    require_shared_once(answer)


@pytest.fixture
def waiting(sqlite_city: City) -> City:
    """All are screened at once. Of a hundred who met an evening two weeks later four in five come to interview in the
    weeks after it, of two hundred others one in five; a poster is met by every second of all and does nothing."""
    for name in ("Evening", "Poster", "Search"):
        sqlite_city.places(name, channel=name, claims=("nature:calm",) if name != "Search" else ())
    for n in range(300):
        evening = n < 100
        comes = n % 5 < 4 if evening else n % 5 == 4
        entered: dict[str, Any] = {"interview": f"2026-04-{1 + n % 28:02d}"} if comes else {}
        sqlite_city.hears(f"a{n}", "2026-03-01", person=f"p{n}", via="Search", screened="2026-03-02", **entered)
        if evening:
            sqlite_city.touches(f"p{n}", "2026-03-16", via="Evening")
        if n % 2:
            sqlite_city.touches(f"p{n}", "2026-03-18", via="Poster")
    return sqlite_city


def test_who_met_an_ad_on_the_way_and_went_on_sooner_is_told(waiting: City) -> None:
    answer = ask(waiting, Touches.BETWEEN)
    evening, poster = answer.hastened
    assert (evening.label, evening.verdict) == ("Evening", "sooner")
    assert (poster.label, poster.verdict) == ("Poster", "cannot_tell")
    assert evening.ratio.low is not None
    assert evening.ratio.low > 1
    assert hastening_words(answer).startswith("After meeting Evening on the way, people went on sooner")
    assert ask(waiting).hastened == []


def test_filters_do_not_turn_what_is_said_of_an_ad_met_on_the_way_and_a_claim_is_all_its_ads(waiting: City) -> None:
    everybody = ask(waiting, Touches.BETWEEN)
    assert ask(waiting, Touches.BETWEEN, placement=waiting.ids["Placement Poster"]).hastened == everybody.hastened
    (claim,) = ask(waiting, Touches.BETWEEN, by="claim").hastened
    assert (claim.label, claim.ratio.estimate is not None) == ("nature", True)


def test_of_too_few_who_went_on_it_is_not_said_what_hastened_them(story: City) -> None:
    (evening,) = ask(story, Touches.BETWEEN).hastened
    assert (evening.label, evening.ratio.why, evening.verdict) == ("Evening", "too_few", "cannot_tell")
    assert hastening_words(ask(story, Touches.BETWEEN)).startswith("We cannot say of anything met on the way")
    assert hastening_words(ask(story)) == ""


def require_shared_once(answer: PathsAnswer) -> None:
    """Every way of sharing shares out each application that came once; where `any` counts it, once at least."""
    assert set(answer.models) == set(MODELS)
    for model, lines in answer.models.items():
        total = math.fsum(line.credit or 0 for line in lines)
        if model == "any":
            assert total + answer.untouched >= answer.totals.reached
        elif lines[0].why is None:
            assert total + answer.untouched == pytest.approx(answer.totals.reached, abs=1e-9)
    assert sum(path.reached for path in answer.paths) == answer.totals.reached


def test_without_touches_after_applying_credit_is_that_of_the_effectiveness_report(busy: City) -> None:
    answer = ask(busy)
    for model in ("first", "last", "any", "linear", "time_decay", "position", "shapley"):
        rows = busy.effectiveness(model=model).rows
        assert [line.label for line in answer.models[model]] == [row.label for row in rows]
        assert [line.credit for line in answer.models[model]] == pytest.approx([row.credit.value for row in rows])
        assert [line.low for line in answer.models[model]] == pytest.approx([row.credit.low for row in rows])


@pytest.mark.parametrize("by", ["placement", "claim"])
def test_intervals_come_from_people_drawn_anew_and_the_same_again(busy: City, by: str) -> None:
    plain, drawn = ask(busy, by=by), ask(busy, by=by, intervals=True)
    assert {(line.low, line.high) for line in plain.models["markov"]} == {(None, None)}
    for model in MODELS:
        for line, before in zip(drawn.models[model], plain.models[model], strict=True):
            assert line.credit == before.credit
            assert line.low is not None
            assert line.high is not None
            assert line.credit is not None
            assert line.low <= line.credit + 1e-9
            assert line.credit <= line.high + 1e-9
    assert drawn.models["last"] != plain.models["last"]
    assert ask(busy, by=by, intervals=True) == drawn


def test_a_period_a_specialty_and_a_short_lookback_cut_the_paths(story: City) -> None:
    assert ask(story, from_="2026-10-01").totals.applications == 1
    assert taken(ask(story, lookback_days=10))[("Newsletter",)] == (2, 2, 0)
    assert ask(story, specialty="gp").paths == []


def test_a_terminal_and_a_file_get_them(busy: City, story: City) -> None:
    for city in (busy, story):
        answer = ask(city, intervals=True)
        console = Console(width=160, record=True, file=io.StringIO())
        console.print(paths_table(answer))
        text = console.export_text()
        assert "Ways of sharing credit, not proof" in text
        lines = paths_csv(answer).splitlines()
        assert lines[0] == "model,row,key,label,credit,low,high,why,removal_effect,least,most"
        assert len(lines) == 1 + len(MODELS) * len(answer.models["last"])


ways = st.lists(
    st.tuples(st.lists(st.sampled_from("ABC"), max_size=3), st.sampled_from(["interview", "rejected", ""])),
    min_size=1, max_size=14,
)  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ways)
def test_whatever_the_paths_what_came_is_shared_out_once(
    sqlite_city: City, people: list[tuple[list[str], str]]
) -> None:
    city = City(sqlite_city.database)
    for name in "ABC":
        city.places(name, channel=name)
    for n, (steps, ending) in enumerate(people):
        for day, name in enumerate(steps[:-1]):
            city.touches(f"p{n}", f"2026-02-{day + 1:02d}", via=name)
        entered: dict[str, Any] = {ending: "2026-04-01"} if ending else {}
        city.hears(f"a{n}", "2026-03-01", person=f"p{n}", via=steps[-1] if steps else None, **entered)
    answer = ask(city)
    reached = sum(ending == "interview" for _steps, ending in people)
    assert answer.unresolved == sum(not ending for _steps, ending in people)
    for model in ("last", "linear", "time_decay", "position", *(("markov", "shapley") if reached >= 10 else ())):
        total = math.fsum(line.credit or 0 for line in answer.models[model])
        assert total == pytest.approx(reached, abs=1e-9)


def bounds(answer: PathsAnswer, model: str) -> dict[str, tuple[float, float]]:
    return {line.label: (line.bounds.least, line.bounds.most) for line in answer.models[model] if line.bounds}


def test_what_cannot_be_traced_bounds_what_a_row_could_have(story: City) -> None:
    """Two came of sources that nobody knows, one of them met an evening later; one by a channel in which nothing is
    placed, and so is nobody's of these."""
    story.opens_channel("Web")
    story.reads("the web page", as_="Web")
    for one, label in (("u", None), ("v", None), ("w", "the web page")):
        source = {"label": label} if label else {}
        story.hears(one, "2026-03-01", source=source, screened="2026-03-10", interview="2026-04-01")
    story.touches("of v", "2026-03-20", via="Evening")
    answer = ask(story)
    assert answer.untraced == 3
    assert bounds(answer, "last") == {"Poster": (0, 1), "Newsletter": (2, 3), "Search": (0, 1), "Evening": (2, 3)}
    assert bounds(answer, "linear")["Evening"] == (1, 2.5)
    assert bounds(answer, "markov") == {}
    assert untraced_words(answer).startswith("Of those who came, 3 cannot be traced to an ad")
    rows = story.effectiveness().rows
    reached = {row.label: (row.reached_bounds.least, row.reached_bounds.most) for row in rows if row.reached_bounds}
    assert (reached["Poster"], reached["Newsletter"]) == ((0, 2), (2, 4))
    assert [row.reached_bounds for row in rows if row.row != "known"] == [None] * 3


def test_of_a_known_channel_what_cannot_be_traced_may_be_the_ads_placed_there(sqlite_city: City) -> None:
    sqlite_city.places("Poster", channel="Trams")
    sqlite_city.places("Radio", channel="Radio")
    sqlite_city.reads("tram", as_="Trams")
    sqlite_city.hears("a", "2026-03-01", source={"label": "tram"}, interview="2026-04-01")
    answer = ask(sqlite_city)
    assert (answer.untraced, bounds(answer, "last")) == (1, {"Poster": (0, 1), "Radio": (0, 0)})
    most = {row.label: row.reached_bounds.most for row in sqlite_city.effectiveness().rows if row.reached_bounds}
    assert most == {"Poster": 1, "Radio": 0}
    assert ask(sqlite_city, by="channel").untraced == 0
    assert untraced_words(ask(sqlite_city, by="channel")) == ""


@pytest.mark.parametrize("by", ["placement", "claim"])
def test_the_chain_may_remember_two_steps_and_says_so(busy: City, by: str) -> None:
    with busy.database.reading(busy.id) as session:
        two = report_paths(session, busy.scope(by=by), markov_order=2)
    one = ask(busy, by=by)
    assert (one.scope["markov_order"], two.scope["markov_order"]) == (1, 2)
    assert two.models["markov"] != one.models["markov"]
    assert {name: lines for name, lines in two.models.items() if name != "markov"} == {
        name: lines for name, lines in one.models.items() if name != "markov"
    }
    require_shared_once(two)


def test_no_chain_remembers_three_steps(busy: City) -> None:
    with busy.database.reading(busy.id) as session, pytest.raises(Invalid, match="markov_order"):
        report_paths(session, busy.scope(), markov_order=3)
