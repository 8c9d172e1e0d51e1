"""Answers in sentences."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.funnel.stage import Stage
from app.i18n import LANGUAGES, speaking
from app.measurement import THRESHOLDS, ReasonCode
from app.measurement import Why as MeasuredWhy
from app.measurement.explanation import Choice, Use
from app.measurement.reasons import BroughtCode
from app.planning.aim import Rates, Reckoning
from app.reports.answers import CostPer, Estimate, Lift, Needs, Reason, Row, Why
from app.reports.brought_words import brought_sentence
from app.reports.explain import USES
from app.reports.explain_words import method_words, threshold_words, use_name, verdict_with_side
from app.reports.explained import Change, Counted, Explanation
from app.reports.names import quote_few
from app.reports.reason_words import plain_change, reason_sentence
from app.reports.reckoning import NO_HISTORY, reckon
from app.reports.scope import By
from app.reports.tracing_words import traced_finding, untraced_among_chosen
from app.reports.wording import (
    amount_words,
    change_words,
    cost_per_words,
    expected_words,
    funnel_finding,
    one_sided_words,
    pace_finding,
    question,
    ranged_share,
    share_words,
    verdict_words,
    verdicts_finding,
    whole_range,
    why_words,
)
from app.web.pages.reckoned import reckoned_view
from app.web.pages.why import change_words as what_would_change
from tests.web import answers_examples as examples


def changed(row: Row, **parts: Any) -> Row:
    return row.model_copy(update=parts)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (examples.NEWSLETTER, "moved"),
        (examples.SEARCH, "did not move (not better)"),
        (examples.VIDEO, "did not move (worse)"),
        (examples.POSTER, "cannot tell yet — about 14 more applicants (4 weeks)"),
        (examples.DISPLAY, "cannot tell yet — too early, about 6 more weeks"),
        (examples.RADIO, "cannot tell yet — nobody has applied through it"),
        (
            changed(examples.POSTER, needs=Needs(applications=None, weeks=None, capped=True)),
            "cannot tell — too few such applicants to ever notice a doubling",
        ),
        (
            changed(examples.POSTER, needs=Needs(applications=None, weeks=None, capped=True, ratio=1.5)),
            "cannot tell — too few such applicants to ever notice a rise by half",
        ),
        (
            changed(examples.DISPLAY, needs=Needs(applications=None, weeks=None, capped=True, ratio=1.5)),
            "cannot tell yet — too early",
        ),
        (examples.UNKNOWN, "not judged"),
        (changed(examples.RADIO, needs=None), "cannot tell yet — nobody has applied through it"),
        (changed(examples.RADIO, needs=None, reason=None), "cannot tell yet"),
        (
            changed(examples.RADIO, needs=Needs(applications=None, weeks=2, capped=False), reason=None),
            "cannot tell yet — about 2 more weeks",
        ),
        (
            changed(examples.POSTER, needs=Needs(applications=1, weeks=None, capped=False)),
            "cannot tell yet — about 1 more applicant",
        ),
        (
            changed(examples.POSTER, needs=Needs(applications=144, weeks=1165, capped=False)),
            "cannot tell — about 144 more applicants (22 years at its pace)",
        ),
        (
            changed(examples.POSTER, ended=True),
            "cannot tell — ended; a repetition would need about 14 more applicants",
        ),
        (changed(examples.DISPLAY, ended=True), "cannot tell yet — too early, about 6 more weeks"),
    ],
)
def test_a_verdict_says_what_is_still_missing(row: Row, words: str) -> None:
    assert str(verdict_words(row)) == words


def test_the_finding_counts_the_ads_that_moved_doctors_and_those_still_open() -> None:
    finding = verdicts_finding(examples.CITY, By.PLACEMENT, Stage.INTERVIEW)
    assert (
        finding
        == "After 2 of 8 placements doctors got to interview more often; after 2 they did not; for 4 we cannot tell "
        "yet."
    )
    over = [changed(examples.POSTER, ended=True), changed(examples.DISPLAY, ended=True), examples.NEWSLETTER]
    settled = verdicts_finding(examples.CITY.model_copy(update={"rows": over}), By.PLACEMENT, Stage.INTERVIEW)
    assert settled.endswith("; for 1 we cannot tell yet, for 1 waiting will not tell.")
    planned = [*examples.CITY.rows, changed(examples.POSTER, begun=False, applications=0)]
    more = verdicts_finding(examples.CITY.model_copy(update={"rows": planned}), By.PLACEMENT, Stage.INTERVIEW)
    assert more == f"{finding} 1 planned one has not run yet."
    ran = [*examples.CITY.rows, changed(examples.POSTER, in_period=False, applications=0)]
    elsewhere = verdicts_finding(examples.CITY.model_copy(update={"rows": ran}), By.PLACEMENT, Stage.INTERVIEW)
    assert elsewhere == f"{finding} 1 more did not run in this period."
    assert traced_finding(examples.CITY) == "188 of 511 applications (37\N{NO-BREAK SPACE}%) cannot be traced to an ad."


def test_what_cannot_be_traced_stands_beside_the_ads_that_are_chosen_and_is_no_share_of_theirs() -> None:
    """Of a channel it may be known that somebody came by it, and by which of its ads not; of a campaign that is not."""
    rest = {row.row: row.applications for row in examples.CITY.rows if row.row != "known"}
    vague = rest["unknown"] + rest["unmatched"]
    for asked, beside in (("channel", vague), ("campaign", vague + rest["partly_traced"])):
        chosen = examples.CITY.model_copy(update={"scope": {"filters": {asked: "one"}}})
        assert traced_finding(chosen) == (
            f"{511 - beside} applications are known to have come by what is chosen. "
            f"Beside them stand {beside} that cannot be traced, whatever is chosen."
        )
        assert untraced_among_chosen(chosen).endswith("The funnel counts only those that are known to have.")
    of_people = examples.CITY.model_copy(update={"scope": {"filters": {"specialty": "gp"}}})
    assert traced_finding(of_people) == traced_finding(examples.CITY)
    assert untraced_among_chosen(of_people) == ""


@pytest.mark.parametrize(
    ("language", "verdicts", "funnel"),
    [
        (
            "fi",
            (
                "8 mainospaikasta 2:n jälkeen lääkärit pääsivät palkkaukseen asti useammin; 2:n jälkeen eivät; "
                "4 on vielä avoinna."
            ),
            "431 hakemuksesta arviolta 29 % (25–34) pääsi haastatteluun 120 päivän kuluessa hakemisesta.",
        ),
        (
            "sv",
            (
                "Efter 2 av 8 placeringar kom läkare oftare till anställning; efter 2 gjorde de det inte; "
                "om 4 kan vi inte säga något ännu."
            ),
            (
                "Av 431 ansökningar är det uppskattningsvis 29 % (25–34) som kom till intervju "
                "inom 120 dagar efter ansökan."
            ),
        ),
        (
            "nb",
            (
                "Etter 2 av 8 plasseringer kom leger oftere til ansettelse; etter 2 gjorde de ikke det; "
                "om 4 kan vi ikke si noe ennå."
            ),
            "Av 431 søknader er det anslagsvis 29 % (25–34) som kom til intervju innen 120 dager etter søknaden.",
        ),
    ],
)
def test_a_finding_is_whole_in_every_language(language: str, verdicts: str, funnel: str) -> None:
    with speaking(language):
        assert verdicts_finding(examples.CITY, By.PLACEMENT, Stage.HIRED) == verdicts
        assert funnel_finding(examples.CITY_FUNNEL, Stage.INTERVIEW, 120).replace("\N{NO-BREAK SPACE}", " ") == funnel


def test_no_mover_is_said_as_what_is_known_not_as_what_is() -> None:
    answer = examples.effectiveness([examples.SEARCH])
    finding = verdicts_finding(answer, By.FORMAT, Stage.HIRED)
    assert finding == "After none of 1 format are doctors known to have got to a hire more often; after 1 they did not."
    assert traced_finding(answer) == "Every application can be traced to an ad."


def test_a_period_without_applicants_has_nothing_to_judge() -> None:
    answer = examples.EFFECTIVENESS["empty"]
    assert verdicts_finding(answer, By.PLACEMENT, Stage.INTERVIEW).startswith("Nobody has applied")
    assert traced_finding(answer) == ""
    untraced = examples.EFFECTIVENESS["nothing traced"]
    assert verdicts_finding(untraced, By.PLACEMENT, Stage.OFFER).startswith("No application can be traced")


@pytest.mark.parametrize("by", list(By))
@pytest.mark.parametrize("stage", [stage for stage in Stage if stage])
def test_every_split_asks_its_own_question(by: By, stage: Stage) -> None:
    assert question(by, stage).endswith("?")
    assert len({question(one, stage) for one in By}) == len(By)


def test_a_reason_opens_its_numbers() -> None:
    sentence = reason_sentence("better", {"applicants": 61, "observed": 24, "expected": 13.6}, Stage.INTERVIEW)
    assert sentence == (
        "Its applicants went further than comparable applicants of other ads: of those compared, 24 came to "
        "interview; among comparable applicants, 13.6 would be usual."
    )
    assert reason_sentence("too_few", {"applicants": 1}, Stage.OFFER).startswith(
        "1 traced applicant is too few for an ad"
    )
    assert reason_sentence("of tomorrow", {}, Stage.OFFER) == "The numbers do not allow a verdict."


def test_a_change_beside_counts_that_say_more_tells_how_the_one_comes_from_the_other() -> None:
    drawn = Lift(estimate=1.1, low=0.4, high=2.0, probability_better=0.99, horizon_days=120)
    params = {"applicants": 90, "observed": 48, "expected": 18.3}
    sentence = reason_sentence("better", params, Stage.INTERVIEW, drawn).replace("\N{NO-BREAK SPACE}", " ")
    assert sentence.endswith(
        "48 came to interview; among comparable applicants, 18.3 would be usual. Counted plainly, that is +162 %. "
        "Few applicants can deceive, so it is drawn toward what ads like it show: +110 % (+40 to +200 %)."
    )
    untold = Lift(estimate=None, low=None, high=None, probability_better=None, horizon_days=120, why="too_few")
    assert reason_sentence("too_few", params, Stage.INTERVIEW, untold).endswith("18.3 would be usual.")
    assert (plain_change(1, 0.04), plain_change(0, 2.0)) == ("", "−100 %")


@pytest.mark.parametrize(("more", "pending", "may_come"), [(2, 3, True), (3, 3, True), (4, 3, False), (-1, 3, False)])
def test_a_change_that_those_who_wait_may_bring_is_said_to_come_by_itself(
    more: int, pending: int, may_come: bool
) -> None:
    change = Change(applications=more, verdict="moved", text="With so many the verdict would be “moved”.")
    counts = Counted(**{**dict.fromkeys(Counted.model_fields, 0), "pending": pending})
    told: dict[str, Any] = {"changes": [change], "counts": counts, "needs": None, "exact": True}
    said = what_would_change(Explanation.model_construct(**told))
    assert (said[1:] == ["3 of its applicants still wait, so that may come by itself."]) is may_come


@pytest.mark.parametrize(
    ("code", "said"), [("no_different", True), ("unclear", True), ("too_few", True), ("better", False)]
)
def test_what_leaves_a_row_open_or_not_better_says_that_applicants_alone_make_nothing_sure(
    code: str, said: bool
) -> None:
    lift = Lift(estimate=-0.3, low=-0.6, high=0.1, probability_better=0.1, horizon_days=120)
    sentence = reason_sentence(code, {"applicants": 33, "observed": 4, "expected": 6.4}, Stage.INTERVIEW, lift)
    assert ("not only on how many applied, but on how many would usually have come" in sentence) is said


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("because", "caused", "thanks to", "brought")),
        ("fi", ("koska", "aiheutt", "ansiosta", "johtu", "takia")),
        ("sv", ("eftersom", "orsak", "tack vare", "beror", "gav")),
        ("nb", ("fordi", "forårsak", "takket være", "skyldes", "ga ")),
    ],
)
@pytest.mark.parametrize("code", list(ReasonCode))
def test_no_reason_claims_that_an_ad_caused_anything(code: str, language: str, words: tuple[str, ...]) -> None:
    with speaking(language):
        sentence = reason_sentence(code, {"applicants": 20, "observed": 3, "expected": 2.1}, Stage.INTERVIEW)
    assert not any(word in sentence for word in words)


def test_what_is_foreseen_stands_beside_what_is() -> None:
    assert expected_words(examples.POSTER) == "3 so far, 3–5 in the end"
    assert expected_words(examples.DISPLAY) == "0 so far"
    nobody = examples.POSTER.model_copy(update={"applications": 0, "reached": 0})
    assert expected_words(nobody) == "0 so far"


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (examples.between(3.6, 2.6, 5.2), "3–5"),
        (examples.between(3, 2.9, 3.2), "3"),
        (Estimate(estimate=3.6, low=None, high=None), "4"),
        (examples.TOO_EARLY, ""),
    ],
)
def test_a_count_is_foreseen_in_whole_people(estimate: Estimate, words: str) -> None:
    assert whole_range(estimate) == words


def test_a_share_carries_its_interval_or_says_why_there_is_none() -> None:
    assert share_words(examples.between(0.29, 0.17, 0.44)) == "29\N{NO-BREAK SPACE}%, 17–44"
    assert share_words(Estimate(estimate=0.29, low=None, high=None)) == "29\N{NO-BREAK SPACE}%"
    assert share_words(examples.TOO_EARLY) == "too early"


@pytest.mark.parametrize(
    ("share", "said"),
    [
        ((0, 0, 0.0048), "0.0\N{NO-BREAK SPACE}%, 0.0–0.5"),
        ((0, 0, 0.0004), "0.00\N{NO-BREAK SPACE}%, 0.00–0.04"),
        ((0.996, 0.9951, 0.9999), "99.6\N{NO-BREAK SPACE}%, 99.5–100.0"),
        ((0.31, 0.308, 0.312), "31.0\N{NO-BREAK SPACE}%, 30.8–31.2"),
        ((1, 1, 1), "100\N{NO-BREAK SPACE}%, 100–100"),
    ],
)
def test_a_range_never_shrinks_to_a_point_for_want_of_decimals(share: tuple[float, float, float], said: str) -> None:
    assert share_words(examples.between(*share)) == said


@given(some.floats(0, 1), some.floats(0, 1))
def test_two_ends_that_differ_by_a_hundredth_of_a_per_cent_are_told_apart(one: float, other: float) -> None:
    low, high = sorted((one, other))
    _share, ends = ranged_share(low, low, high)
    if high - low > 0.0002:
        assert len(set(ends.split("–"))) == 2


def test_a_change_carries_its_sign() -> None:
    assert change_words(examples.lift(0.18, -0.2, 0.7)) == "+18\N{NO-BREAK SPACE}% (−20 to +70\N{NO-BREAK SPACE}%)"
    assert change_words(examples.lift(0, -0.2, 0.7).model_copy(update={"low": None})) == "0\N{NO-BREAK SPACE}%"
    assert change_words(examples.NO_LIFT) == "too few"


def test_money_is_local_and_never_guessed() -> None:
    assert amount_words("1900.00", "EUR") == "1,900\N{NO-BREAK SPACE}€"
    assert amount_words("1900", "JPY") == "1,900\N{NO-BREAK SPACE}JP¥"
    assert amount_words(None, None) == "–"
    assert cost_per_words(examples.POSTER.cost_per_reached) == "633\N{NO-BREAK SPACE}€ (380–1,000)"
    assert cost_per_words(examples.NO_COST) == "no cost known"
    nobody = CostPer(estimate=None, low="380.00", high=None, currency="EUR", why="too_few")
    assert cost_per_words(nobody) == "at least 380\N{NO-BREAK SPACE}€"
    assert cost_per_words(CostPer(estimate=None, low=None, high=None, currency=None, why="mixed_currency")) == (
        "mixed currencies"
    )
    open_ended = CostPer(estimate="633.33", low=None, high=None, currency="EUR")
    assert cost_per_words(open_ended) == "633\N{NO-BREAK SPACE}€"


def test_the_funnel_is_found_in_a_sentence() -> None:
    city = examples.CITY_FUNNEL
    assert funnel_finding(city, Stage.INTERVIEW, 120) == (
        "Of 431 applications, an estimated 29\N{NO-BREAK SPACE}% (25–34) came to interview within 120 days of applying."
    )
    assert pace_finding(city, Stage.INTERVIEW) == "Half of those who came to interview did so within 34 days."
    assert pace_finding(city, Stage.STARTED) == ""


def test_a_funnel_too_young_for_a_share_says_so() -> None:
    assert funnel_finding(examples.bare_funnel(1), Stage.INTERVIEW, 120) == (
        "Of 1 application, 0 came to interview so far; it is too early to say how many will in the end."
    )
    assert funnel_finding(examples.bare_funnel(0), Stage.INTERVIEW, 120) == "Nobody has applied yet."
    point = Estimate(estimate=0.5, low=None, high=None)
    row = examples.CITY_FUNNEL.stages[2].model_copy(update={"conversion_from_start": point})
    lone = examples.CITY_FUNNEL.model_copy(update={"stages": [row]})
    assert "an estimated 50\N{NO-BREAK SPACE}% came" in funnel_finding(lone, Stage.INTERVIEW, 120)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", list(ReasonCode))
def test_every_reason_has_one_plain_sentence_of_its_own_in_every_language(code: ReasonCode, language: str) -> None:
    params = {"applicants": 20, "observed": 3, "expected": 2.1}
    with speaking(language):
        said = {one: reason_sentence(one, params, Stage.INTERVIEW) for one in ReasonCode}
        unknown = reason_sentence("of tomorrow", params, Stage.INTERVIEW)
    sentence = said[code]
    assert sentence.endswith(".")
    assert sentence.count(".") - sentence.count("2.1") == 1
    assert sentence != unknown
    assert list(said.values()).count(sentence) == 1
    with speaking("en"):
        assert (reason_sentence(code, params, Stage.INTERVIEW) == sentence) is (language == "en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stage", [stage for stage in Stage if stage > Stage.APPLIED])
def test_a_reason_stands_at_every_stage_without_its_numbers_too(stage: Stage, language: str) -> None:
    with speaking(language):
        for code in ReasonCode:
            assert "%(" not in reason_sentence(code, {}, stage) + reason_sentence(code, {"applicants": 1}, stage)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_for_a_missing_number_has_words_of_its_own(language: str) -> None:
    with speaking(language):
        said = [why_words(why) for why in get_args(Why)]
    assert {measured.value for measured in MeasuredWhy} <= set(get_args(Why))
    assert "–" not in said
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [code for code in ReasonCode if code not in ("better", "worse", "no_different")])
def test_what_cannot_be_told_says_what_is_missing(code: ReasonCode, language: str) -> None:
    reason = Reason(code=code.value, params={}, text="")
    row = changed(examples.RADIO, verdict="cannot_tell", reason=reason, needs=None)
    with speaking(language):
        assert verdict_words(row).tail not in ("", "–")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_whom_an_ad_brought_has_one_plain_sentence_of_its_own_in_every_language(language: str) -> None:
    nothing, some = Estimate(estimate=None, low=None, high=None), examples.between(4, 1, 9)
    told = (BroughtCode.MORE, BroughtCode.NOT_SEEN)
    with speaking(language):
        said = {code: brought_sentence(code, 3, some if code in told else nothing) for code in BroughtCode}
        without_weeks = [brought_sentence(code, None, nothing) for code in BroughtCode if code not in told]
    assert len(set(said.values())) == len(said)
    for sentence in (*said.values(), *without_weeks):
        assert sentence.endswith(".")
        assert sentence.count(".") == 1
        assert "%(" not in sentence
    with speaking("en"):
        english = brought_sentence(BroughtCode.NOT_APART, 3, nothing)
    assert (said[BroughtCode.NOT_APART] == english) is (language == "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_model_and_every_use_of_an_application_has_words_of_its_own_in_every_language(language: str) -> None:
    with speaking(language):
        models = [method_words(choice, by) for choice in Choice for by in By]
        uses = [use_name(use) for use in (*USES.values(), "several", None)]
    assert len(set(models)) == len(Choice) * len(By)
    assert len(set(uses)) == len(Use) + 2
    assert all(text.endswith(".") for text in models)


@pytest.mark.parametrize(
    ("verdict", "code", "low", "high", "says"),
    [
        ("moved", "better", -0.02, 0.8, True),
        ("moved", "better", 0.004, 0.8, True),
        ("moved", "better", 0.006, 0.8, False),
        ("did_not_move", "worse", -0.6, 0.03, True),
        ("did_not_move", "worse", -0.6, -0.1, False),
        ("did_not_move", "no_different", -0.3, 0.08, False),
        ("cannot_tell", "too_few", -0.3, 0.8, False),
        ("moved", "better", None, None, False),
    ],
)
def test_a_bar_as_it_is_written_reaches_no_difference_or_does_not(
    verdict: str, code: str, low: float | None, high: float | None, says: bool
) -> None:
    found = Lift(estimate=0.2, low=low, high=high, probability_better=0.93, horizon_days=120)
    assert bool(one_sided_words(found, verdict, code)) is says


def test_the_rule_says_that_a_bar_may_reach_no_difference_where_a_verdict_may_be_wrong_by_more_than_it_leaves_out() -> (
    None
):
    def said(better: float | None, level: float) -> str:
        return " ".join(threshold_words(THRESHOLDS, "1", better, level, guarded=False))

    assert "The bar leaves 5\N{NO-BREAK SPACE}% out on each side" in said(0.93, 0.9)
    assert "The bar leaves 2.5\N{NO-BREAK SPACE}% out on each side" in said(0.93, 0.95)
    assert "out on each side" in said(None, 0.9)
    assert "out on each side" not in said(0.97, 0.9)
    assert "out on each side" not in said(0.93, 0.8)


def test_each_step_of_an_expectation_shows_its_sum_its_range_and_what_it_was_counted_on() -> None:
    """3 hires ÷ 10 % (5–20) = 30 (15–60) applications, of a record of 40; × 50 % (40–60) = 15 (6–36) interviews; ÷ 4 %
    (2–5), counted on 100 links, = 750 (300–3,000) links; × 100 € (80–120), by 25 of them, = 3,000 € (1,200–7,200)."""
    shares = {
        "hired": Estimate(estimate=0.1, low=0.05, high=0.2),
        "interview": Estimate(estimate=0.5, low=0.4, high=0.6),
    }
    cost = CostPer(estimate="100.00", low="80.00", high="120.00", currency="EUR")
    record = NO_HISTORY.model_copy(
        update={"applications": 40, "shares": shares, "cost_per_application": cost, "paid": 25, "clicks": 100,
                "applied_per_click": Estimate(estimate=0.04, low=0.02, high=0.05)}
    )  # fmt: skip
    by_record = reckoned_view(reckon(record, Reckoning(hires_wanted=3)))
    assert by_record is not None
    lines = {line.name: [line.needed, line.sum.replace("\N{NO-BREAK SPACE}", " "), line.basis]
             for line in by_record["lines"]}  # fmt: skip
    assert lines["Links followed"] == [
        "750 (300–3,000)",
        "30 (15–60) ÷ 4 % (2–5)",
        "your own record: 100 links followed",
    ]
    assert lines["Applied"] == ["30 (15–60)", "3 ÷ 10 % (5–20)", "your own record: 40 applications"]
    assert lines["Interview"] == ["15 (6–36)", "30 (15–60) × 50 % (40–60)", "your own record: 40 applications"]
    assert lines["Hired"] == ["3", "wanted", ""]
    assert by_record["cost"].replace("\N{NO-BREAK SPACE}", " ") == "3,000 € (1,200–7,200)"
    assert by_record["cost_basis"] == "your own record: 25 applications"
    assert by_record["cost_sum"].startswith("30 (15–60) × 100")
    assert by_record["typed"] == ""


def test_typed_rates_add_nothing_to_a_range_and_it_is_said() -> None:
    record = NO_HISTORY.model_copy(update={"applications": 40})
    found = reckon(record, Reckoning(hires_wanted=3, rates=Rates(hired="8", interview="30")))
    view = reckoned_view(found)
    assert view is not None
    assert [(line.needed, line.basis) for line in view["lines"] if line.name == "Interview"] == [("12", "typed")]
    assert "how far it may be off is not known" in view["typed"]
    assert found.range_of("interview", 12) == (None, None)
    ranged = NO_HISTORY.model_copy(update={"shares": {"hired": Estimate(estimate=0.1, low=0.05, high=0.2)}})
    assert reckon(ranged, Reckoning(hires_wanted=3)).range_of("applied", 30) == (15, 60)
    assert reckon(ranged, Reckoning(hires_wanted=3)).range_of("applied", 31) == (None, None), "another was expected"


@pytest.mark.parametrize(
    ("verdict", "code", "words"),
    [
        ("did_not_move", "no_different", "did not move (not better)"),
        ("did_not_move", "worse", "did not move (worse)"),
        ("moved", "better", "moved"),
        ("cannot_tell", "too_few", "cannot tell"),
        ("did_not_move", None, "did not move"),
    ],
)
def test_why_says_a_verdict_as_its_row_does(verdict: str, code: str | None, words: str) -> None:
    """Who may not see small counts is told no reason, and so no side."""
    assert verdict_with_side(verdict, Reason(code=code, params={}, text="") if code else None) == words


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "“Evening ‘Polku’, ‘Sti’”"),
        ("fi", "”Evening ’Polku’, ’Sti’”"),
        ("sv", "”Evening ’Polku’, ’Sti’”"),
        ("nb", "«Evening ‘Polku’, ‘Sti’»"),
    ],
)
def test_a_name_in_quotation_marks_has_the_inner_marks_of_the_language(language: str, said: str) -> None:
    with speaking(language):
        assert quote_few(["Evening “Polku”, «Sti»"]) == said
