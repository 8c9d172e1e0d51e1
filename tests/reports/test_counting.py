"""What a row counts: reached, out and pending, touched and credited, with overlapping splits and with filters.

Both databases are read under every filter and for every stage; rules of credit and of single numbers are computed
from the columns, which do not say where they came from, and are told on SQLite.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest

from app.reports.grouping import group_applications
from app.reports.measuring import gather
from app.reports.reading import read
from tests.reports.builders import LATER_STAGES, City, counts, owners, row_of
from tests.support.databases import ON_SQLITE


def tell_a_spring(city: City) -> None:
    """Six applicants: hired, at interview, screened, rejected at once, withdrawn after the interview, waiting."""
    city.places("Poster")
    city.places("Video", channel="Stream")
    city.hears("x1", "2026-03-01", via="Poster", screened="2026-03-05", interview="2026-03-20", hired="2026-05-01")
    city.hears("x2", "2026-03-02", via="Poster", interview="2026-03-22")
    city.hears("x3", "2026-03-03", via="Poster", screened="2026-03-09")
    city.hears("x4", "2026-03-04", via="Video", rejected="2026-03-06")
    city.hears("x5", "2026-03-05", via="Video", interview="2026-04-01", withdrawn="2026-04-02")
    city.hears("x6", "2026-03-06")


@pytest.mark.parametrize(
    ("stage", "poster", "video", "unknown"),
    [
        ("screened", (3, 3, 0, 0), (2, 1, 1, 0), (1, 0, 0, 1)),
        ("interview", (3, 2, 0, 1), (2, 1, 1, 0), (1, 0, 0, 1)),
        ("offer", (3, 1, 0, 2), (2, 0, 2, 0), (1, 0, 0, 1)),
        ("hired", (3, 1, 0, 2), (2, 0, 2, 0), (1, 0, 0, 1)),
        ("started", (3, 0, 0, 3), (2, 0, 2, 0), (1, 0, 0, 1)),
    ],
)
def test_reached_out_and_pending_are_told_apart_for_every_stage(
    city: City, stage: str, poster: tuple[int, ...], video: tuple[int, ...], unknown: tuple[int, ...]
) -> None:
    tell_a_spring(city)
    answer = city.effectiveness(stage=stage)
    assert counts(answer) == {"Poster": poster, "Video": video, "unknown": unknown}
    totals = answer.totals
    assert (totals.reached, totals.out, totals.pending) == tuple(
        sum(row[n] for row in (poster, video, unknown)) for n in (1, 2, 3)
    )


def test_a_rejection_that_was_undone_is_pending_again(city: City) -> None:
    city.places("Poster")
    city.hears("x1", "2026-03-01", via="Poster", rejected="2026-03-10")
    city.tells({"kind": "reopened", "at": "2026-03-12", "application": "x1"})
    assert counts(city.effectiveness()) == {"Poster": (1, 0, 0, 1)}


def test_an_undone_hire_counts_as_an_offer(city: City) -> None:
    city.places("Poster")
    city.hears("x1", "2026-03-01", via="Poster", hired="2026-04-01")
    city.tells({"kind": "unhired", "at": "2026-04-10", "application": "x1"})
    assert counts(city.effectiveness(stage="offer")) == {"Poster": (1, 1, 0, 0)}
    assert counts(city.effectiveness(stage="hired")) == {"Poster": (1, 0, 0, 1)}


def test_moved_back_keeps_the_furthest_stage(city: City) -> None:
    city.places("Poster")
    city.hears("x1", "2026-03-01", via="Poster", offer="2026-04-01", screened="2026-04-10")
    assert counts(city.effectiveness(stage="offer")) == {"Poster": (1, 1, 0, 0)}


def test_touched_counts_first_last_and_any_of_those_who_reached_the_stage(city: City) -> None:
    city.places("Poster")
    city.places("Video", channel="Stream")
    city.touches("Ann", "2026-03-01", via="Poster")
    city.touches("Ann", "2026-03-02", via="Video")
    city.touches("Ann", "2026-03-03", via="Poster")
    city.hears("x1", "2026-03-10", person="Ann", via="Video", interview="2026-04-01")
    city.touches("Bob", "2026-03-01", via="Poster")
    city.hears("x2", "2026-03-10", person="Bob", interview="2026-04-01")
    city.touches("Cid", "2026-03-01", via="Poster")
    city.hears("x3", "2026-03-10", person="Cid")
    answer = city.effectiveness()
    poster, video = row_of(answer, "Poster"), row_of(answer, "Video")
    assert (poster.touched.first, poster.touched.last, poster.touched.any) == (2, 1, 2)
    assert (video.touched.first, video.touched.last, video.touched.any) == (0, 1, 1)


@pytest.mark.parametrize(
    ("model", "poster", "video", "unknown"),
    [
        ("first", 2.0, 0.0, 1.0),
        ("last", 1.0, 1.0, 1.0),
        ("linear", 1.5, 0.5, 1.0),
        ("any", 2.0, 1.0, 1.0),
        ("position", 1.5, 0.5, 1.0),
        ("time_decay", 1.385170, 0.614830, 1.0),
    ],
)
@ON_SQLITE
def test_credit_is_shared_by_the_rule_asked_for_and_the_unknown_get_theirs(
    city: City, model: str, poster: float, video: float, unknown: float
) -> None:
    """Ann met poster, video, poster and then the video's own code; Bob met the poster; of Cid nothing is known."""
    city.places("Poster")
    city.places("Video", channel="Stream")
    city.touches("Ann", "2026-03-01", via="Poster")
    city.touches("Ann", "2026-03-02", via="Video")
    city.touches("Ann", "2026-03-03", via="Poster")
    city.hears("x1", "2026-03-10", person="Ann", via="Video", interview="2026-04-01")
    city.hears("x2", "2026-03-10", via="Poster", interview="2026-04-01")
    city.hears("x3", "2026-03-10", interview="2026-04-01")
    answer = city.effectiveness(model=model)
    credits = [row_of(answer, label).credit for label in ("Poster", "Video", "unknown")]
    assert [credit.value for credit in credits] == pytest.approx([poster, video, unknown], abs=1e-6)
    assert all((credit.low or 0) <= (credit.value or 0) <= (credit.high or 0) for credit in credits)
    assert {credit.model for credit in credits} == {model}


def test_shapley_credit_is_hidden_below_ten_who_reached_the_stage(city: City) -> None:
    city.places("Poster")
    city.hears("x1", "2026-03-10", via="Poster", interview="2026-04-01")
    credit = row_of(city.effectiveness(model="shapley"), "Poster").credit
    assert (credit.value, credit.low, credit.high, credit.why) == (None, None, None, "too_few")


def test_credit_after_a_code_of_nobodys_goes_to_what_is_unmatched(city: City) -> None:
    city.places("Poster")
    city.touches("Ann", "2026-03-01", via="Poster")
    city.hears("x1", "2026-03-10", person="Ann", source={"tracking_code": "zzz999"}, interview="2026-04-01")
    answer = city.effectiveness()
    assert row_of(answer, "unmatched").credit.value == 1.0
    assert row_of(answer, "Poster").touched.any == 1
    assert row_of(answer, "Poster").credit.value == 0.0


def promise(city: City) -> None:
    city.places("Poster", claims=("quiet:no-nights", "short:short-week"), theme="calm")
    city.places("Video", channel="Stream", claims=("still:no-nights",), theme="calm")
    city.places("Plain", channel="Radio")
    city.hears("x1", "2026-03-01", via="Poster", interview="2026-03-20")
    city.hears("x2", "2026-03-02", via="Video")
    city.hears("x3", "2026-03-03", via="Plain", interview="2026-03-20")
    city.hears("x4", "2026-03-04")


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("claim", {"quiet": 1, "short": 1, "still": 1, "None stated": 1, "unknown": 1}),
        ("factor", {"No nights": 2, "short-week": 1, "None stated": 1, "unknown": 1}),
        ("theme", {"calm": 2, "None stated": 1, "unknown": 1}),
    ],
)
def test_what_an_asset_may_carry_several_of_overlaps_and_says_so(city: City, by: str, expected: dict[str, int]) -> None:
    promise(city)
    answer = city.effectiveness(by=by)
    assert answer.overlapping
    assert owners(answer) == expected
    assert answer.totals.applications == 4


def test_an_ad_for_several_personas_counts_under_each_and_the_answer_says_so(city: City) -> None:
    city.places("Poster", persona="junior")
    city.places("Evening", channel="Online", persona="junior", also_for=("senior",))
    city.hears("x1", "2026-03-01", via="Poster", interview="2026-03-20")
    before = city.effectiveness(by="persona")
    assert (before.overlapping, before.shared) == (False, 0)
    city.hears("x2", "2026-03-02", via="Evening", interview="2026-03-20")
    city.hears("x3", "2026-03-03", via="Evening")
    answer = city.effectiveness(by="persona")
    assert answer.overlapping
    assert answer.shared == 2
    assert owners(answer) == {"junior": 3, "senior": 2}
    assert (answer.totals.applications, row_of(answer, "senior").reached) == (3, 1)
    only = city.effectiveness(by="persona", persona="senior")
    assert (owners(only), only.totals.applications) == ({"senior": 2}, 2)
    assert only.shared == 2  # though its rows add up: the verdict leaves them out all the same


@ON_SQLITE
def test_all_applications_together_come_to_an_end_of_their_own(city: City) -> None:
    tell_a_spring(city)
    decided, open_ = city.effectiveness(campaign=city.ids["Campaign Spring"], to="2026-03-02"), city.effectiveness()
    assert decided.expected_reached is not None and open_.expected_reached is not None
    assert (decided.expected_reached.estimate, decided.totals.reached) == (2, 2)
    assert open_.expected_reached.low is not None and open_.expected_reached.high is not None
    assert open_.totals.reached <= open_.expected_reached.low
    assert open_.expected_reached.high <= open_.totals.reached + open_.totals.pending


@ON_SQLITE
def test_what_rows_share_that_a_filter_leaves_out_is_not_counted_as_shared(city: City) -> None:
    city.places("Sheet", persona="junior", claims=("quiet:No nights", "short:short-week"))
    city.places("Radio", persona="senior", channel="Radio", claims=("still:No nights",))
    city.hears("x1", "2026-03-01", via="Sheet")
    city.hears("x2", "2026-03-01", via="Radio")
    assert city.effectiveness(by="claim").shared == 1
    only = city.effectiveness(by="claim", persona="senior")
    assert (only.shared, owners(only)) == (0, {"still": 1})


@ON_SQLITE
def test_the_pace_of_what_goes_on_though_nobody_came_of_late_is_that_since_its_first(city: City) -> None:
    """Four in the last eight weeks are a half a week; ten long ago are ten over all weeks since; none where over."""
    city.places("Poster", runs=("2026-02-01", None))
    city.places("Banner", channel="News", runs=("2026-02-01", "2026-03-31"))
    city.places("Radio", channel="Radio", runs=("2026-02-01", None))
    city.places("Card", channel="Card", runs=("2026-02-01", None))
    for number in range(10):
        city.hears(f"p{number}", "2026-02-18", via="Poster")
        city.hears(f"b{number}", "2026-02-18", via="Banner")
    for number in range(4):
        city.hears(f"r{number}", "2026-11-20", via="Radio")
    scope = city.scope()
    with city.database.reading(city.id) as session:
        reading = read(session, scope)
    grouping = group_applications(reading)
    pace = gather(reading, grouping).pace
    weeks = (reading.last_day - dt.date(2026, 2, 18)).days / 7 + 1 / 7
    found = {group.label: round(float(pace[number]), 3) for number, group in enumerate(grouping.groups)}
    assert found == {"Poster": round(10 / weeks, 3), "Banner": 0, "Radio": 0.5, "Card": 0}


@pytest.mark.parametrize("model", ["first", "last", "linear", "any"])
@ON_SQLITE
def test_every_promise_of_the_last_touch_gets_the_whole_credit(city: City, model: str) -> None:
    promise(city)
    answer = city.effectiveness(by="claim", model=model)
    credit = {row.label: row.credit.value for row in answer.rows if row.row == "known"}
    assert credit == {"quiet": 1.0, "short": 1.0, "still": 0.0, "None stated": 1.0}


def test_rows_that_overlap_are_compared_by_those_who_met_one_of_them_only(city: City) -> None:
    """Everybody of the promise *short* met *quiet* too and nobody met one of them alone, so neither can be compared."""
    promise(city)
    reasons = {row.label: row.reason.code for row in city.effectiveness(by="claim").rows if row.reason}
    assert reasons["short"] == reasons["quiet"] == "no_applicants"
    assert reasons["still"] != "no_applicants"


def crowd(city: City, via: str, n: int, reach: int, *, day: str = "2026-03-01", prefix: str = "") -> None:
    """So many applicants of one placement, of whom some came to interview and all others were rejected."""
    for number in range(n):
        ending: dict[str, Any] = {"interview": "2026-03-20"} if number < reach else {"rejected": "2026-03-20"}
        city.hears(f"{prefix or via}{number}", day, via=via, **ending)


@pytest.fixture
def busy(city: City) -> City:
    city.places("Newsletter", channel="E-mail", campaign="Spring")
    city.places("Search", channel="Search", campaign="Spring")
    city.places("Poster", channel="Tram stops", campaign="Autumn")
    city.places("Video", channel="Stream", campaign="Autumn")
    for via, n, reach in (("Newsletter", 40, 26), ("Search", 60, 9), ("Poster", 30, 6), ("Video", 6, 1)):
        crowd(city, via, n, reach)
    city.hears("y1", "2026-03-01")
    return city


def test_a_verdict_does_not_turn_with_the_view(busy: City) -> None:
    everything = busy.effectiveness()
    spring = busy.effectiveness(campaign=busy.ids["Campaign Spring"])
    assert [row.label for row in spring.rows if row.row == "known"] == ["Newsletter", "Search"]
    for label in ("Newsletter", "Search"):
        assert row_of(spring, label) == row_of(everything, label)
    assert row_of(everything, "Newsletter").verdict == "moved"
    assert row_of(everything, "Video").verdict == "cannot_tell"
    assert spring.totals.applications == 101
    assert sum(row.applications for row in spring.rows) == 101


@pytest.mark.parametrize("by", ["placement", "channel", "format", "claim"])
def test_rows_add_up_under_every_filter(busy: City, by: str) -> None:
    for filter in (
        {"campaign": busy.ids["Campaign Autumn"]},
        {"channel": busy.ids["Channel Search"]},
        {"placement": busy.ids["Placement Poster"]},
        {"persona": "young-family"},
        {"format": "poster"},
        {"specialty": "gp"},
    ):
        answer = busy.effectiveness(by=by, **filter)
        assert sum(row.applications for row in answer.rows) == answer.totals.applications


def test_who_is_known_to_be_of_another_channel_is_no_part_of_this_one(city: City) -> None:
    city.places("Ad", channel="LinkedIn")
    city.opens_channel("Radio")
    city.reads("radio", as_="Radio")
    city.hears("x1", "2026-03-01", via="Ad")
    city.hears("x2", "2026-03-01", source={"label": "Radio"})
    city.hears("x3", "2026-03-01")
    asked = {"channel": city.ids["Channel LinkedIn"]}
    assert owners(city.effectiveness(**asked)) == {"Ad": 1, "unknown": 1}
    assert owners(city.effectiveness(by="channel", **asked)) == {"LinkedIn": 1, "unknown": 1}
    assert owners(city.effectiveness(by="channel", campaign=city.ids["Campaign Spring"])) == {
        "LinkedIn": 1, "partly_traced": 1, "unknown": 1,
    }  # fmt: skip


def test_only_the_specialty_asked_for_is_counted(city: City) -> None:
    city.places("Poster")
    city.hears("x1", "2026-03-01", via="Poster", specialty="gp")
    city.hears("x2", "2026-03-01", via="Poster", specialty="surgery")
    assert owners(city.effectiveness(specialty="gp")) == {"Poster": 1}
    assert owners(city.effectiveness(specialty="unheard-of")) == {}


def test_nobody_has_applied(city: City) -> None:
    city.places("Poster", planned=100, currency="EUR")
    answer = city.effectiveness()
    assert counts(answer) == {}
    assert answer.totals.traced_share is None
    poster = row_of(answer, "Poster")
    assert (poster.verdict, poster.reason and poster.reason.code) == ("cannot_tell", "no_applicants")
    assert (poster.conversion.estimate, poster.conversion.why) == (None, "too_few")


def test_nothing_was_placed(city: City) -> None:
    city.hears("x1", "2026-03-01", interview="2026-03-20")
    for by in ("placement", "claim", "channel"):
        assert counts(city.effectiveness(by=by)) == {"unknown": (1, 1, 0, 0)}


@pytest.mark.parametrize("stage", LATER_STAGES)
@ON_SQLITE
def test_one_applicant_is_told_of_without_a_verdict(city: City, stage: str) -> None:
    city.places("Poster")
    city.hears("x1", "2026-03-01", via="Poster", interview="2026-03-20")
    assert row_of(city.effectiveness(stage=stage), "Poster").verdict == "cannot_tell"


def test_the_sentence_of_the_readme_can_be_said_from_one_row(busy: City) -> None:
    """For how much money, how many applied, came on, will in the end, and how that stands beside the others."""
    newsletter = row_of(busy.effectiveness(), "Newsletter")
    expected, lift = newsletter.expected_reached, newsletter.lift
    assert (newsletter.applications, newsletter.reached) == (40, 26)
    assert (expected.low, expected.estimate, expected.high) == (26, 26, 26)
    assert lift is not None
    assert lift.low is not None
    assert lift.low > 0
    assert newsletter.reason is not None
    assert all_finite([lift.low, lift.estimate, lift.high, lift.probability_better])


def all_finite(values: Iterable[float | None]) -> bool:
    return all(value is not None and abs(value) < 1e6 for value in values)


def test_how_many_will_reach_it_is_not_foretold_too_early(city: City) -> None:
    city.places("Poster")
    for number in range(8):
        city.hears(f"x{number}", "2026-11-20", via="Poster")
    row = row_of(city.effectiveness(), "Poster")
    assert (row.expected_reached.estimate, row.expected_reached.why) == (None, "too_early")
    assert (row.conversion.estimate, row.conversion.why) == (None, "too_early")


def test_a_row_has_ended_once_all_of_its_placements_are_over(city: City) -> None:
    city.places("Over", channel="Radio", runs=("2026-03-01", "2026-03-31"))
    city.places("Goes on", channel="Stops", runs=("2026-03-01", None))
    city.places("Ends today", channel="Stops", runs=("2026-03-01", "2026-12-01"))
    assert {row.label: row.ended for row in city.effectiveness().rows if row.row == "known"} == {
        "Over": True, "Goes on": False, "Ends today": False,
    }  # fmt: skip
    by_channel = {row.label: row.ended for row in city.effectiveness(by="channel").rows if row.row == "known"}
    assert (by_channel["Radio"], by_channel["Stops"]) == (True, False)
    assert not any(row.ended for row in city.effectiveness(as_of="2026-03-31").rows)


def test_channels_without_placements_have_not_ended(city: City) -> None:
    city.opens_channel("Fair")
    assert [row.ended for row in city.effectiveness(by="channel").rows if row.row == "known"] == [False]
