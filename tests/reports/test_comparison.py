"""Two placements, formats or periods side by side: how probable it is that the one's go further, and by how much."""

from typing import Any

import pytest

from app.errors import Invalid
from app.funnel.stage import Stage
from app.i18n import LANGUAGES, speaking
from app.measurement.contrasts import Contrast
from app.planning.asset import Format
from app.reports.answers import Comparison, Estimate
from app.reports.comparison import report_comparison
from app.reports.comparison_words import chance_words, comparison_sentence
from tests.reports.builders import City


def compare(city: City, by: str, a: str, b: str, **asked: Any) -> Comparison:
    scope = city.scope(**asked)
    with city.database.reading(city.id) as session:
        return report_comparison(session, scope, by, a, b)


def come(city: City, name: str, n: int, reached: int, day: str = "2026-03-01") -> None:
    month = int(day[5:7])
    for number in range(n):
        ending: dict[str, Any] = (
            {"interview": f"2026-{month + 1:02d}-10"} if number < reached else {"rejected": f"2026-{month:02d}-20"}
        )
        city.hears(f"{name}{day}{number}", day, via=name, **ending)


@pytest.fixture
def city(sqlite_city: City) -> City:
    """Half come to an interview after an evening, a fifth after two posters and a search ad; a card has three."""
    for name, format in (("Evening", Format.EVENT), ("Poster", Format.POSTER), ("Other", Format.POSTER),
                         ("Search", Format.SEARCH_AD), ("Card", Format.PRINT)):  # fmt: skip
        sqlite_city.places(name, format=format, channel=name)
    for name, n, reached in (
        ("Evening", 60, 30),
        ("Poster", 40, 8),
        ("Other", 40, 8),
        ("Search", 60, 12),
        ("Card", 3, 1),
    ):
        come(sqlite_city, name, n, reached)
    return sqlite_city


def test_the_better_of_two_placements_is_named_with_a_probability_and_an_interval(city: City) -> None:
    found = compare(city, "placement", city.codes["Evening"], city.codes["Search"])
    assert (found.a.label, found.a.applications, found.a.reached, found.b.reached) == ("Evening", 60, 30, 12)
    assert found.probability_better is not None
    assert found.probability_better > 0.99
    assert found.change.estimate is not None
    assert found.change.low is not None
    assert 0 < found.change.low < found.change.estimate
    assert found.text.startswith(
        "The probability that applicants of “Evening” go further than comparable applicants of “Search”"
    )
    assert "That is enough to say that those of “Evening” do." in found.text
    assert "Things that go together need not cause each other." in found.text
    assert found.verdict == "a_further"
    assert found.confounding is not None
    assert found.confounding.estimate > found.confounding.limit > 1
    assert found.text.endswith(found.confounding.text)


def test_turning_the_two_over_turns_the_answer_over(city: City) -> None:
    keys = [str(city.ids[f"Placement {name}"]) for name in ("Evening", "Search")]
    one, other = compare(city, "placement", *keys), compare(city, "placement", *reversed(keys))
    assert one.probability_better == pytest.approx(1 - (other.probability_better or 0), abs=1e-6)
    assert one.ratio.estimate == pytest.approx(1 / (other.ratio.estimate or 0), rel=1e-4)
    assert (one.a, one.b) == (other.b, other.a)


def test_the_change_is_that_of_the_share_whose_hazard_is_multiplied(city: City) -> None:
    """A share F becomes 1 − (1 − F)^ratio; here F is a fifth, give or take the weeks."""
    found = compare(city, "placement", city.codes["Evening"], city.codes["Search"])
    share, ratio = found.b.conversion.estimate, found.ratio.estimate
    assert share is not None
    assert ratio is not None
    assert found.change.estimate == pytest.approx((1 - (1 - share) ** ratio) / share - 1)


def test_two_formats_hold_all_their_placements(city: City) -> None:
    found = compare(city, "format", "event", "poster")
    assert (found.b.applications, found.b.reached) == (80, 16)
    assert (found.scope["by"], found.probability_better is not None) == ("format", True)


def test_whoever_came_through_an_ad_for_both_personas_is_on_neither_side(sqlite_city: City) -> None:
    sqlite_city.places("Junior", persona="junior", channel="A")
    sqlite_city.places("Senior", persona="senior", channel="B")
    sqlite_city.places("Both", persona="junior", also_for=("senior",), channel="C")
    for name, n, reached in (("Junior", 40, 20), ("Senior", 40, 8), ("Both", 30, 30)):
        come(sqlite_city, name, n, reached)
    found = compare(sqlite_city, "persona", "junior", "senior")
    assert [(side.applications, side.reached) for side in (found.a, found.b)] == [(40, 20), (40, 8)]
    assert found.text.endswith("30 applicants came through ads for several of these and are left out here.")


def test_two_that_are_alike_are_as_good_as_even(city: City) -> None:
    found = compare(city, "placement", city.codes["Poster"], city.codes["Other"])
    assert found.probability_better == pytest.approx(0.5, abs=0.01)
    assert found.change.estimate == pytest.approx(0, abs=0.01)
    assert (found.verdict, found.confounding) == ("cannot_tell", None)
    assert (
        "That is not enough to say whose go further: it takes 92\N{NO-BREAK SPACE}% or more, or 8\N{NO-BREAK SPACE}% or"
        in found.text
    )


def test_two_periods_are_compared_by_when_people_applied(city: City) -> None:
    come(city, "Evening", 40, 10, "2026-06-05")
    found = compare(city, "period", "2026-03-01/2026-03-31", "2026-06-01/2026-06-30")
    assert (found.a.applications, found.b.applications) == (203, 40)
    own = compare(
        city, "period", "2026-03-01/2026-03-31", "2026-06-01/2026-06-30", placement=city.ids["Placement Evening"]
    )
    assert (own.a.applications, own.a.reached, own.b.applications, own.b.reached) == (60, 30, 40, 10)
    assert own.probability_better is not None
    assert own.probability_better > 0.95


def test_too_few_to_compare_say_so_and_give_no_number(sqlite_city: City) -> None:
    for name in ("Tram", "Bus"):
        sqlite_city.places(name)
        come(sqlite_city, name, 5, 2)
    found = compare(sqlite_city, "placement", sqlite_city.codes["Tram"], sqlite_city.codes["Bus"])
    assert (found.probability_better, found.ratio.why, found.change.why) == (None, "too_few", "too_few")
    assert "cannot be compared: of all who can be traced to an ad, at least 30 must be known to have come" in found.text


def test_two_whose_applicants_share_no_specialty_are_not_compared_and_that_is_said(sqlite_city: City) -> None:
    for name, specialty in (("Tram", "general_practice"), ("Bus", "psychiatry")):
        sqlite_city.places(name)
        for number in range(40):
            sqlite_city.hears(f"{name}{number}", "2026-03-01", via=name, specialty=specialty, interview="2026-03-20")
    found = compare(sqlite_city, "placement", sqlite_city.codes["Tram"], sqlite_city.codes["Bus"])
    assert (found.probability_better, found.verdict) == (None, "cannot_tell")
    assert "no applicant of the one has the specialty of an applicant of the other" in found.text


def test_before_the_horizon_there_is_a_ratio_and_no_share_yet(sqlite_city: City) -> None:
    for name, reached in (("Tram", 30), ("Bus", 20)):
        sqlite_city.places(name)
        for number in range(60):
            ending: dict[str, Any] = {"interview": "2026-11-01"} if number < reached else {}
            sqlite_city.hears(f"{name}{number}", "2026-10-20", via=name, **ending)
    found = compare(sqlite_city, "placement", sqlite_city.codes["Tram"], sqlite_city.codes["Bus"])
    assert found.ratio.estimate is not None
    assert (found.change.estimate, found.change.why) == (None, "too_early")
    assert "times as often" in found.text
    assert (found.confounding is None) == (found.verdict == "cannot_tell")


@pytest.mark.parametrize(
    ("by", "a", "b", "wrong"),
    [
        ("claim", "x", "y", "none of placement"),
        ("format", "poster", "poster", "name another"),
        ("format", "poster", "leaflet", "This split has no row “leaflet”"),
        ("period", "2026-03", "2026-04-01/2026-04-30", "is no period"),
        ("period", "2026-03-31/2026-03-01", "2026-04-01/2026-04-30", "swap the two dates"),
        ("period", "2026-03-01/2026-04-01", "2026-04-01/2026-04-30", "overlap"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(city: City, by: str, a: str, b: str, wrong: str) -> None:
    with pytest.raises(Invalid, match=wrong):
        compare(city, by, a, b)


def test_two_periods_take_no_third(city: City) -> None:
    with pytest.raises(Invalid, match="compared already"):
        compare(city, "period", "2026-03-01/2026-03-31", "2026-06-01/2026-06-30", from_="2026-01-01")


def test_every_language_has_its_own_sentence(city: City) -> None:
    said = set()
    for language in LANGUAGES:
        with speaking(language):
            said.add(compare(city, "placement", city.codes["Evening"], city.codes["Search"]).text)
    assert len(said) == len(LANGUAGES)


def test_of_a_campaign_that_the_filters_divide_the_part_that_meets_them_is_compared(sqlite_city: City) -> None:
    for name, campaign, persona in (("A", "Spring", "young"), ("B", "Spring", "senior"), ("C", "Autumn", "senior")):
        sqlite_city.places(name, campaign=campaign, persona=persona)
        come(sqlite_city, name, {"A": 9, "B": 4, "C": 5}[name], 2)
    campaigns = [str(sqlite_city.ids[f"Campaign {name}"]) for name in ("Spring", "Autumn")]
    found = compare(sqlite_city, "campaign", *campaigns, persona="senior")
    assert (found.a.applications, found.b.applications) == (4, 5)


@pytest.mark.parametrize(("probability", "said"), [(0.0004, "under 1 %"), (0.9996, "over 99 %"), (0.18, "18 %")])
def test_no_probability_is_said_to_be_certain(probability: float, said: str) -> None:
    assert chance_words(probability).replace("\N{NO-BREAK SPACE}", " ") == said


@pytest.mark.parametrize(("low", "chance", "said"), [(1.01, 0.96, True), (0.99, 0.94, False), (1.05, 0.99, False)])
def test_a_range_without_no_difference_beside_no_verdict_says_why_that_can_be(
    low: float, chance: float, said: bool
) -> None:
    """Of two alone it takes 97 %; a range of 90 % leaves out 5 % on either side."""
    contrast = Contrast(ratio=1.23, low=low, high=1.5, probability_better=chance, ads=2)
    early = Estimate(estimate=None, low=None, high=None, why="too_early")
    text = comparison_sentence("A", "B", contrast, early, Stage.INTERVIEW, 0.9)
    assert ("That range holds with 90\N{NO-BREAK SPACE}% certainty and leaves out no difference." in text) is said
