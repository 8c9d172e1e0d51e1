"""Figures as plain values."""

import datetime as dt
import json
import math
import re

import pytest

from app.funnel.stage import Stage
from app.reports.answers import Estimate, ModelCredit, PathsAnswer, Totals
from app.reports.credit_words import credit_digits, leaders_finding
from app.reports.figures import LONGEST_LABEL, Figure, credit_by_model, forest, incidence, people_over_time, young_from
from app.reports.timeline import DayCount
from app.web.pages.interval import lift_interval, share_interval
from app.web.pages.paths import credit_lines, range_words
from app.web.pages.placement import young_since
from tests.support.house import ROOT
from tests.web import answers_examples as examples

DAYS = [(dt.date(2026, 3, 5), 1, 0), (dt.date(2026, 4, 1), 4, 1), (dt.date(2026, 11, 22), 6, 3)]


def figures() -> list[Figure]:
    flight = (dt.date(2026, 3, 3), dt.date(2026, 3, 30))
    made = [forest(answer, "title") for answer in examples.EFFECTIVENESS.values()]
    made += [incidence(answer, Stage.INTERVIEW) for answer in examples.FUNNELS.values()]
    made += [people_over_time(DAYS, flight, Stage.INTERVIEW, "title")]
    return [one for one in made if one is not None]


def test_figures_are_json_and_take_their_colours_from_tokens() -> None:
    style = (ROOT / "app/web/static/kutsu.css").read_text()
    for figure in figures():
        text = json.dumps(figure, allow_nan=False)
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b", text)
        for token in re.findall(r"var\((--[a-z-]+)\)", text):
            assert f"{token}:" in style


def test_a_forest_shows_every_row_that_has_a_change_and_no_other() -> None:
    figure = forest(examples.CITY, "title")
    assert figure is not None
    assert sum(len(trace["y"]) for trace in figure["data"]) == 6
    assert {trace["name"] for trace in figure["data"]} == {"moved", "did_not_move", "no_different", "cannot_tell"}


def test_only_what_went_less_far_is_drawn_as_worse() -> None:
    figure = forest(examples.CITY, "title")
    assert figure is not None
    colours = {trace["name"]: trace["marker"]["line"]["color"] for trace in figure["data"]}
    assert colours["no_different"] == colours["cannot_tell"] != colours["did_not_move"]
    kinds = [lift_interval(row.lift, row.verdict, row.reason.code) for row in (examples.SEARCH, examples.VIDEO)
             if row.reason]  # fmt: skip
    assert [one.kind for one in kinds if one] == ["no_different", "did_not_move"]


def test_a_forest_names_the_line_that_all_ads_are_drawn_to() -> None:
    """No difference is the mean that effects are shrunk to; on an axis of logarithms it lies at zero."""
    figure = forest(examples.CITY, "title")
    assert figure is not None
    (note,) = figure["layout"]["annotations"]
    (line,) = figure["layout"]["shapes"]
    assert (note["text"], 10 ** note["x"], line["x0"]) == ("no difference", 1, 1)


@pytest.mark.parametrize(
    ("estimate", "low", "high", "arrow"), [(-0.87, -0.96, -0.8, "triangle-left"), (9.0, 5.0, 20.0, "triangle-right")]
)
def test_a_change_beyond_the_scale_stands_at_its_edge_as_an_arrow(
    estimate: float, low: float, high: float, arrow: str
) -> None:
    beyond = examples.POSTER.model_copy(update={"lift": examples.lift(estimate, low, high)})
    figure = forest(examples.effectiveness([beyond]), "title")
    assert figure is not None
    (trace,), (least, most) = figure["data"], figure["layout"]["xaxis"]["range"]
    assert trace["marker"]["symbol"] == [arrow]
    assert least < math.log10(trace["x"][0]) < most
    assert min(trace["error_x"]["array"] + trace["error_x"]["arrayminus"]) == 0


def test_a_forest_ends_where_the_interval_ends() -> None:
    figure = forest(examples.effectiveness([examples.POSTER]), "title")
    assert figure is not None
    (trace,) = figure["data"]
    assert trace["x"][0] == pytest.approx(1.18)
    assert trace["x"][0] + trace["error_x"]["array"][0] == pytest.approx(1.7)
    assert trace["x"][0] - trace["error_x"]["arrayminus"][0] == pytest.approx(0.8)


def test_where_nothing_can_be_told_nothing_is_drawn() -> None:
    assert forest(examples.EFFECTIVENESS["all too early"], "title") is None
    assert incidence(examples.bare_funnel(1), Stage.INTERVIEW) is None
    assert people_over_time([], (dt.date(2026, 3, 3), None), Stage.INTERVIEW, "title") is None


def test_long_labels_are_shortened_in_the_figure() -> None:
    figure = forest(examples.EFFECTIVENESS["long names"], "title")
    assert figure is not None
    assert all(len(label) <= LONGEST_LABEL for label in figure["layout"]["yaxis"]["ticktext"])


def test_the_incidence_states_its_finding_and_stops_where_too_few_are_followed() -> None:
    figure = incidence(examples.CITY_FUNNEL, Stage.INTERVIEW)
    assert figure is not None
    assert figure["layout"]["title"]["text"] == "Half of those who came to interview did so within 34 days"
    names = [trace["name"] for trace in figure["data"] if "name" in trace]
    assert names == ["Screened", "Interview", "Offer", "Hired"]


def test_below_each_day_stands_how_many_still_wait_for_the_stage_asked_about() -> None:
    figure = incidence(examples.CITY_FUNNEL, Stage.INTERVIEW)
    assert figure is not None
    assert figure["layout"]["xaxis"]["ticktext"] == ["30<br>400", "60<br>200", "90<br>133", "120<br>100", "180<br>80"]
    nobody = [point.model_copy(update={"at_risk": 0}) for point in examples.CITY_FUNNEL.stages[2].incidence]
    rows = [row.model_copy(update={"incidence": nobody}) if row.stage == Stage.OFFER.slug else row
            for row in examples.CITY_FUNNEL.stages]  # fmt: skip
    offer = incidence(examples.CITY_FUNNEL.model_copy(update={"stages": rows}), Stage.OFFER)
    assert offer is not None
    assert offer["layout"]["xaxis"]["ticktext"] == [f"{day}<br>0" for day in (30, 60, 90, 120, 180)]


def test_a_curve_without_intervals_is_drawn_without_a_band() -> None:
    bare = [point.model_copy(update={"low": None}) for point in examples.CITY_FUNNEL.stages[2].incidence]
    row = examples.CITY_FUNNEL.stages[2].model_copy(update={"incidence": bare})
    figure = incidence(examples.CITY_FUNNEL.model_copy(update={"stages": [row]}), Stage.OFFER)
    assert figure is not None
    assert len(figure["data"]) == 1
    assert figure["layout"]["title"]["text"] == "How many got an offer, by days after applying"


def test_a_flight_without_an_end_is_shaded_to_the_last_day() -> None:
    figure = people_over_time(DAYS, (dt.date(2026, 3, 3), None), Stage.INTERVIEW, "title")
    assert figure is not None
    assert figure["layout"]["shapes"][0]["x1"] == "2026-11-22"
    assert [label["text"] for label in figure["layout"]["annotations"]] == ["6 applied", "3 interview"]


def test_what_rests_on_fewer_than_half_of_the_applications_is_hatched() -> None:
    """Of the 431 of the example 400 are 30 days old, 220 are 120 days old, and 160 are 180."""
    assert young_from(examples.CITY_FUNNEL) == 120
    figure = incidence(examples.CITY_FUNNEL, Stage.INTERVIEW)
    assert figure is not None
    (stripes,) = figure["layout"]["shapes"]
    places = [float(x) for x in re.findall(r"[ML]([\d.]+),", stripes["path"])]
    assert (min(places), max(places)) == (120, 183)
    assert figure["layout"]["annotations"][-1]["text"] == "fewer than half are that old"
    small = examples.CITY_FUNNEL.totals.model_copy(update={"applications": 300})
    old = examples.CITY_FUNNEL.model_copy(update={"totals": small})
    assert young_from(old) is None
    unhatched = incidence(old, Stage.INTERVIEW)
    assert unhatched is not None
    assert "shapes" not in unhatched["layout"]


def test_days_since_when_nobody_can_have_come_so_far_are_hatched() -> None:
    figure = people_over_time(DAYS, (dt.date(2026, 3, 3), None), Stage.INTERVIEW, "title", dt.date(2026, 10, 1))
    assert figure is not None
    stripes = figure["layout"]["shapes"][1]
    places = re.findall(r"[ML]([\d_:-]+),([\d.]+)", stripes["path"])
    assert (min(places)[0], max(places)[0]) == ("2026-10-01_00:00", "2026-11-22_00:00")
    assert {float(height) for _place, height in places} == {0, 0.25, 0.5, 0.75, 1}
    assert young_since([DayCount(*day) for day in DAYS], 120) == dt.date(2026, 7, 25)
    assert young_since([DayCount(*DAYS[0]), DayCount(dt.date(2026, 11, 22), 1, 1)], 120) is None
    assert young_since([], 120) is None


def credit_answer(**models: list[float | None]) -> PathsAnswer:
    names = ["Newsletter", "Poster", "Unknown source"]
    totals = Totals(people=9, applications=9, reached=9, out=0, pending=0, traced_share=0.6)
    return PathsAnswer(
        scope={"by": "placement", "stage": "interview"}, data=examples.DATA, totals=totals, heading="", unresolved=0,
        untouched=0, untraced=4, paths=[], removal_effects=[], hastened=[],
        models={
            model: [
                ModelCredit(row="unknown" if name.startswith("Unknown") else "known", key=None, label=name, credit=one,
                            low=None, high=None, why=None if one is not None else "too_few")
                for name, one in zip(names, credit, strict=True)
            ]
            for model, credit in models.items()
        },
    )  # fmt: skip


def test_credit_under_every_model_is_drawn_beside_the_others_and_what_is_hidden_is_not() -> None:
    answer = credit_answer(first=[4, 1, 4], last=[1, 4, 4], markov=[None, None, None])
    figure = credit_by_model(answer, leaders_finding(answer))
    assert figure is not None
    assert [(trace["name"], trace["x"]) for trace in figure["data"]] == [
        ("First touch", [4, 1, 4]), ("Last touch", [1, 4, 4]),
    ]  # fmt: skip
    assert len({(trace["marker"]["symbol"]) for trace in figure["data"]}) == 2
    assert figure["layout"]["yaxis"]["ticktext"] == ["Newsletter", "Poster", "Unknown source"]
    assert "depends on the way of sharing" in figure["layout"]["title"]["text"]
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b", json.dumps(figure))


def test_where_all_ways_agree_the_title_says_so_and_where_nothing_was_shared_nothing_is_drawn() -> None:
    agreed = credit_answer(first=[4, 1, 4], last=[3, 2, 4], any=[1, 9, 4])
    assert leaders_finding(agreed) == "Among the known ads, every way of sharing puts “Newsletter” first."
    nothing = credit_answer(first=[0, 0, 0], last=[0, 0, 0])
    assert (leaders_finding(nothing), credit_by_model(nothing, "")) == ("", None)
    untraced = credit_answer(first=[0, 0, 9])
    assert leaders_finding(untraced) == ""


def test_a_name_that_has_quotation_marks_gets_single_ones_between_those_of_the_sentence() -> None:
    answer = credit_answer(first=[4, 1, 4])
    (first, *_others) = answer.models["first"]
    answer.models["first"][0] = first.model_copy(update={"label": "Evening “Polku taloon”"})
    assert leaders_finding(answer) == "Among the known ads, every way of sharing puts “Evening ‘Polku taloon’” first."


def test_ways_of_sharing_are_listed_from_most_to_least_and_what_has_no_placement_last() -> None:
    answer = credit_answer(first=[1, 4, 9], linear=[2, 3, 9])
    assert [line[0][1].label for line in credit_lines(answer)] == ["Poster", "Newsletter", "Unknown source"]


def test_a_share_of_few_is_drawn_open_and_says_of_how_many() -> None:
    share = Estimate(estimate=1.0, low=0.43, high=1.0)
    few, many = share_interval(share, 2), share_interval(share, 15)
    assert (few.kind, few.text) == ("few", "100\N{NO-BREAK SPACE}%, 43–100, of only 2")
    waited = share_interval(Estimate(estimate=1.0, low=0.69, high=1.0), 8, 3)
    assert waited.text == "100\N{NO-BREAK SPACE}%, 69–100, of only 8, of whom 3 still wait"
    assert "wait" not in share_interval(Estimate(estimate=0.4, low=0.3, high=0.5), 80, 3).text
    assert (many.kind, many.text) == ("plain", "100\N{NO-BREAK SPACE}%, 43–100")


def test_curves_of_few_applications_are_broken_and_say_how_few() -> None:
    totals = examples.CITY_FUNNEL.totals.model_copy(update={"applications": 14})
    figure = incidence(examples.CITY_FUNNEL.model_copy(update={"totals": totals}), Stage.INTERVIEW)
    assert figure is not None
    lines = [trace for trace in figure["data"] if trace["mode"] == "lines+markers"]
    assert {(one["line"]["dash"], one["marker"]["symbol"]) for one in lines} == {("dot", "circle-open")}
    assert "only 14 applications" in {one["text"] for one in figure["layout"]["annotations"]}
    assert "only" not in str(incidence(examples.CITY_FUNNEL, Stage.INTERVIEW))


def test_ways_that_are_not_shown_are_not_drawn_and_the_others_keep_their_marks() -> None:
    answer = credit_answer(first=[4, 1, 4], last=[1, 4, 4], linear=[2, 3, 4])
    every, some = credit_by_model(answer, ""), credit_by_model(answer, "", {"last", "linear"})
    assert every is not None and some is not None
    assert some["data"] == every["data"][1:]


def test_the_range_over_all_ways_is_one_number_where_they_agree() -> None:
    varied, alike = credit_lines(credit_answer(first=[4, 1, 4], last=[1, 1, 4], linear=[2, 1, 4]))[:2]
    assert (range_words(varied, 1), range_words(alike, 0)) == ("1.0–4.0", "1")


def test_applications_that_a_way_gives_whole_are_counts_without_decimals() -> None:
    whole, parted = credit_answer(first=[4, 1, 4], last=[1, 4, 4], linear=[2.5, 2.5, 4]), 9 / 3
    assert [credit_digits(whole.models[way]) for way in ("first", "last", "linear")] == [0, 0, 1]
    assert credit_digits([whole.models["first"][0].model_copy(update={"credit": parted * (1 + 1e-12)})]) == 0
    figure = credit_by_model(whole, "")
    assert figure is not None
    assert any(text.endswith(": 4") for text in figure["data"][0]["text"])
    assert any(text.endswith(": 2.5") for text in figure["data"][2]["text"])
