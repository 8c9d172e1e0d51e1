"""Pages as they are answered, on a town's own data and on every example."""

import csv
import io
import re
import uuid
from html import unescape

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response
from sqlalchemy import select

from app.planning.campaign import Campaign
from app.reports.scope import By
from app.web.pages.visit import answer
from tests.support.client import MARK, TestClient
from tests.web.answers_examples import EFFECTIVENESS, FUNNELS, LONG_NAME, key_of
from tests.web.pages.conftest import visitor
from tests.web.pages.shown import address

PLACEMENT = f"/placements/{key_of(2)}"
PAGES = (
    "/", "/funnel", "/verdicts", PLACEMENT, f"{PLACEMENT}/why", "/paths", "/paths?touches=between&by=format",
    "/forecasts", "/personas", "/personas/gp-young-family", "/search", "/search?q=e", "/help",
    "/applications", "/applications?at=offer&part=pending&sort=-out",
)  # fmt: skip
EXAMPLES = [
    *(address("verdicts", name) for name in EFFECTIVENESS),
    *(address("funnel", name) for name in FUNNELS),
]
REST = ["Unknown source", "Partly traced: channel known, placement not", "Unmatched codes"]
WAYS = [f"/verdicts?by={by.value}" for by in By]
QUESTIONS = [
    *WAYS,
    "/verdicts?stage=hired&sort=-cost",
    "/verdicts?sort=-lift&from=2026-03-01&to=2026-06-30",
    "/funnel?view=activity&stage=offer",
    "/funnel?view=snapshot",
    "/funnel?persona=gp-young-family&format=poster",
    f"/placements/{key_of(2)}?stage=hired",
]


@pytest.mark.parametrize("language", ["en", "fi"])
@pytest.mark.parametrize("path", [*PAGES, *EXAMPLES, *QUESTIONS])
def test_every_page_opens_in_every_language(town: FastAPI, path: str, language: str) -> None:
    answered = visitor(town, language).get(path)
    assert answered.status_code == 200
    assert f'<html lang="{language}">' in answered.text
    assert answered.headers["content-language"] == language


@pytest.mark.parametrize("path", ["/", "/funnel", "/verdicts", "/personas", "/search?q=e"])
def test_every_page_opens_before_there_is_anything(newcomer: TestClient, path: str) -> None:
    assert newcomer.get(path).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, *EXAMPLES])
def test_no_page_carries_styles_or_scripts_of_its_own(reader: TestClient, path: str) -> None:
    text = reader.get(path).text
    assert " style=" not in text
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*(src=|application/json))", text)
    assert not re.search(r"\son[a-z]+=", text)


def test_a_table_in_finnish_shows_no_english(town: FastAPI) -> None:
    text = visitor(town, "fi").get(address("verdicts", "city")).text
    assert "ei voi vielä sanoa</strong> <span>– tarvitaan noin 14 hakijaa lisää (4 viikkoa)" in text
    assert "Against" not in text


def test_what_cannot_be_traced_is_always_last_and_visible(reader: TestClient) -> None:
    for sort in ("", "label", "-cost", "-applications", "-reached", "-expected_reached", "-lift"):
        text = reader.get(f"{address('verdicts', 'city')}?sort={sort}").text
        rest = text[text.index(' class="untraced">') :]
        assert re.findall(r'<th scope="row"[^>]*>([^<]+)</th>', rest)[:3] == REST


def test_a_verdict_that_one_application_turns_says_so_and_leads_to_what_would_turn_it(reader: TestClient) -> None:
    text = reader.get(address("verdicts", "city")).text
    marks = re.findall(r'<small class="line doubt"><a href="([^"]+)">one application would turn this</a>', text)
    assert marks == [f"/placements/{key_of(4)}/why#turns"]
    assert "One application would turn 1 of these verdicts." in text
    assert 'id="turns"' in reader.get(marks[0]).text


def test_who_surely_stops_sooner_than_all_is_named_in_the_first_lines(reader: TestClient) -> None:
    def finding(path: str) -> str:
        found: list[str] = re.findall(r'<p class="finding">(.*?)</p>', reader.get(path).text)
        return found[0]

    assert "Fewest go on from “Screened” to “Interview” among “Events”: 0\N{NO-BREAK SPACE}% (0–26) of 9," in finding(
        "/funnel?split=channel"
    )
    assert "Fewest go on" not in finding("/funnel?split=persona")


def test_beside_the_share_of_a_row_stands_its_verdict_where_both_are_told(reader: TestClient) -> None:
    said = re.findall(r"of other ads the verdict is “([^ ”]+ [^ ”]+ [^ ”]+)", reader.get("/funnel?split=channel").text)
    row = reader.get("/verdicts?by=channel").text.partition(">Events</a>")[2]
    assert said == re.findall(r'<span class="verdict[^>]*><strong>([^<]+)', row)[:1]
    for without in ("/funnel?split=specialty", "/funnel?split=channel&from=2027-01-01"):
        assert "of other ads the verdict is" not in reader.get(without).text


def test_what_is_said_of_one_row_alone_is_how_it_stands_to_all(reader: TestClient) -> None:
    text = reader.get("/funnel?split=channel").text
    events = re.findall(r'href="([^"]*)">Events</a>', text)[0].replace("&amp;", "&")
    alone = reader.get(events).text
    assert (
        "Among “Events”, 0\N{NO-BREAK SPACE}% (0–26) of 9 go on from “Screened” to “Interview”. That is surely less"
        in alone
    )
    assert "Fewest" not in alone
    other = next(
        one for one in re.findall(r'href="([^"]*channel=[^"]*)">', text) if one != events.replace("&", "&amp;")
    )
    assert "None of the rows" not in reader.get(other.replace("&amp;", "&")).text


def test_each_share_of_a_stage_is_written_once_beside_its_bar(reader: TestClient) -> None:
    text = reader.get("/funnel").text
    table = text[text.index('id="stages"') :]
    assert "%" not in table[: table.index("</table>")]


def test_one_row_of_the_split_keeps_its_comparison_with_all(reader: TestClient) -> None:
    text = reader.get("/funnel?split=format&format=event").text
    table = text[text.index('<table class="split ') :]
    rows = re.findall(r'<th scope="row"[^>]*>(?:<a[^>]*>)?([^<]+)', table[: table.index("</table>")])
    assert rows == ["Event", "All applications"]
    whole = reader.get("/funnel?split=format").text

    def applied_of_all(page: str) -> str:
        found: list[str] = re.findall(r"All applications</th><td[^>]*>(?:<a[^>]*>)?(\d+)", page)
        return found[0]

    assert applied_of_all(text) == applied_of_all(whole)
    assert "so the two can differ" in text


def test_who_stands_where_now_is_told_without_shares_of_all_who_ever_applied(reader: TestClient) -> None:
    text = reader.get("/funnel?view=snapshot").text
    bars = text[text.index('<ol class="funnel">') : text.index("</ol>")]
    assert "%" not in re.sub(r"<[^>]*>", "", bars)
    assert re.search(r"open applications? stands? at “Interview” or beyond it now, and \d+ more are hired", text)


def test_a_bar_that_reaches_no_difference_beside_a_verdict_says_how_that_can_be(reader: TestClient) -> None:
    said, page = "The bar reaches “no difference”", address("verdicts", "barely moved")
    text = reader.get(f"{page}?stage=hired&specialty=surgery").text
    assert text.count(said) == 1
    why = f"/placements/{key_of(1)}/why?stage=hired&amp;specialty=surgery"
    assert f'only. <a href="{why}">Why we say this</a>' in text
    assert (
        f'{said} because the verdict looks at one direction only. <a href="/verdicts/why?by=asset&amp;key='
        in reader.get(f"{page}?by=asset").text
    )
    assert said not in reader.get(address("verdicts", "city")).text


def test_rows_that_share_applicants_say_how_many_and_that_verdicts_leave_them_out(reader: TestClient) -> None:
    said = reader.get(address("verdicts", "overlapping")).text
    assert "2 applications came through ads that carry several of these." in said
    assert "rows share applicants and do not add up to the total" in said
    assert "The verdicts leave these out, since nobody can be compared with themselves" in said
    assert "rows share applicants" not in reader.get(address("verdicts", "city")).text


def test_a_name_that_looks_like_markup_stays_a_name(reader: TestClient) -> None:
    text = reader.get(address("verdicts", "markup")).text
    assert "&lt;/script&gt;&lt;b&gt;Poster" in text
    assert "\\u003c/script\\u003e\\u003cb\\u003ePoster" in text
    assert "<b>Poster" not in text + reader.get("/nothing/<b>Poster").text
    assert LONG_NAME in reader.get(address("verdicts", "long names")).text


def test_the_state_of_a_view_lives_in_its_address(reader: TestClient) -> None:
    text = reader.get("/verdicts?stage=hired&by=format&from=2026-03-01").text
    assert '<option value="hired" selected>' in text
    assert '<option value="format" selected>' in text
    assert 'name="from" value="2026-03-01"' in text
    assert "stage=hired" in re.findall(r'href="(/verdicts\.csv[^"]*)"', text)[0]


def test_a_question_that_does_not_work_out_says_which_part(reader: TestClient) -> None:
    answered = reader.get("/verdicts?stage=coffee&from=yesterday")
    assert answered.status_code == 422
    assert "“coffee” is none of applied, screened" in answered.text
    assert "“yesterday” is no date" in answered.text
    assert 'id="filter-from" name="from" value=""' in answered.text
    later = reader.get("/verdicts?from=2026-03-02&to=2026-03-01").text
    assert 'name="from" value="2026-03-02"' in later


def test_a_form_with_empty_fields_asks_for_everything(reader: TestClient) -> None:
    assert reader.get("/verdicts?stage=interview&campaign=&persona=&from=&to=").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/nothing", f"/placements/{uuid.UUID(int=99)}", "/placements/nonsense", "/personas/nobody", "/verdicts/"],
)
def test_an_address_where_nothing_is_gets_a_page(reader: TestClient, path: str) -> None:
    answered = reader.get(path)
    assert answered.status_code == 404
    assert answered.headers["content-type"].startswith("text/html")
    assert "There is no such page" in answered.text


def test_the_address_of_a_form_leads_to_the_page_above_it_in_the_same_language(reader: TestClient) -> None:
    """Where a form was refused the address stays, and the ways to other languages lead to it."""
    answered = reader.get("/start/personas?lang=fi", follow_redirects=False)
    assert (answered.status_code, answered.headers["location"]) == (303, "/start?lang=fi")
    assert reader.get("/start/personas", headers={"accept": "application/json"}).status_code == 405


def test_a_machine_is_told_in_its_own_way(town: FastAPI) -> None:
    client = TestClient(town)
    assert client.get("/api/v1/nothing", headers={"accept": "text/html"}).json()["status"] == 404
    assert client.get("/nothing", headers={"accept": "application/json"}).json()["status"] == 404


def test_what_nobody_meant_becomes_a_page_with_a_number(town: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    @town.get("/broken")
    def broken(request: Request) -> Response:
        return answer(request, lambda _visit: Response(b"x" * (1 // 0)))

    answered = visitor(town).get("/broken")
    assert answered.status_code == 500
    number = re.findall(r"in the log as ([0-9a-f]{12})", answered.text)[0]
    assert f"unexpected error {number}" in caplog.text


def test_a_language_chosen_by_address_stays_chosen(town: FastAPI) -> None:
    text = visitor(town, "en").get("/verdicts?lang=fi").text
    assert '<html lang="fi">' in text
    assert 'href="/funnel?lang=fi"' in text
    assert 'href="/verdicts?lang=en"' in text


def test_a_language_chosen_on_a_page_is_remembered_and_no_address_needs_to_say_it_any_more(town: FastAPI) -> None:
    client = visitor(town, "en")
    chosen = client.get("/verdicts?lang=fi")
    assert "kutsu-language=fi" in chosen.headers["set-cookie"]
    for path in ("/verdicts", "/verdicts?lang=fi", "/sign-in"):
        again = client.get(path, follow_redirects=False)
        assert again.headers.get("content-language", "fi") == "fi" and "set-cookie" not in again.headers
    assert 'href="/funnel"' in client.get("/verdicts?lang=fi").text
    sent = client.get("/verdicts?lang=sv", headers={"sec-fetch-site": "none"})
    assert 'href="/funnel?lang=sv"' in sent.text
    assert client.get("/verdicts").headers["content-language"] == "fi"


@pytest.mark.parametrize(("came", "chosen"), [("none", "fi"), ("cross-site", "fi"), ("same-origin", "de")])
def test_a_language_that_an_address_brought_along_or_that_is_none_of_ours_is_not_remembered(
    town: FastAPI, came: str, chosen: str
) -> None:
    answered = visitor(town, "en").get(f"/verdicts?lang={chosen}", headers={"sec-fetch-site": came})
    assert "set-cookie" not in answered.headers


def test_only_without_a_wish_the_organisations_language_is_spoken(town: FastAPI) -> None:
    client = visitor(town)
    assert '<html lang="fi">' in client.get("/", headers={"accept-language": ""}).text
    assert '<html lang="sv">' in client.get("/", headers={"accept-language": "sv"}).text


def test_the_same_question_as_a_file(reader: TestClient) -> None:
    answered = reader.get("/verdicts.csv?stage=offer")
    assert answered.headers["content-type"].startswith("text/csv")
    assert answered.text.startswith(
        "\ufeffPlacement,Verdict,Why,One application would turn it,Cost,Currency,Applied,Offer"
    )
    assert "Unknown source" in answered.text


def test_static_files_may_be_kept_for_ever_and_nothing_else_is_served(reader: TestClient) -> None:
    text = reader.get("/verdicts").text
    addresses = re.findall(r'(?:href|src|data-library)="(/static/[^"]+)"', text)
    assert any(one.startswith("/static/plotly-basic.min-") for one in addresses)
    for one in addresses:
        compressed, whole = reader.get(one), reader.get(one, headers={"accept-encoding": "identity"})
        assert (compressed.headers["content-encoding"], compressed.text) == ("gzip", whole.text)
        assert "immutable" in compressed.headers["cache-control"]
        assert "content-encoding" not in whole.headers
    assert reader.get("/static/../visit.py").status_code == 404
    assert reader.get("/static/kutsu.css").status_code == 404
    assert reader.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


def test_pages_without_a_chart_do_not_load_plotly(reader: TestClient) -> None:
    for path in ("/", "/personas", address("verdicts", "all too early"), address("funnel", "empty")):
        assert "plotly" not in reader.get(path).text


def test_a_page_that_is_looked_at_comes_compressed_and_the_answer_to_a_form_never(reader: TestClient) -> None:
    compressed, whole = reader.get("/verdicts"), reader.get("/verdicts", headers={"accept-encoding": "identity"})
    assert compressed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in compressed.headers["vary"]
    assert compressed.text == whole.text
    assert "content-encoding" not in whole.headers
    refused = reader.post("/views", data={"name": "", "path": "/people", "question": ""})
    assert len(refused.content) > 1400
    assert "content-encoding" not in refused.headers


def test_why_says_when_it_was_reckoned_and_what_to_name_when_asking(reader: TestClient) -> None:
    body = reader.get(f"{PLACEMENT}/why").text
    assert re.search(r"Reckoned on \d.{5,30} from all that was known by then", body)
    assert "state of the data" not in body


def test_paths_speak_of_markov_only_where_it_is_shown(reader: TestClient) -> None:
    assert "Markov compares" not in reader.get("/paths").text
    assert "Markov compares" in reader.get("/paths?columns=first.markov").text


def test_each_row_of_verdicts_says_what_it_was_in_the_period_before(reader: TestClient) -> None:
    asked = "by=channel&from=2026-06-01&to=2026-08-31"

    def read(path: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(reader.get(path).text.lstrip(MARK))))

    then = {row["Channel"]: row for row in read("/verdicts.csv?by=channel&from=2026-03-01&to=2026-05-31")}
    rows = read(f"/verdicts.csv?{asked}&beside=before")
    applied, came = (
        next(head for head in rows[0] if head.startswith(f"{name}: ")) for name in ("Applied", "Interview")
    )
    assert {row["Channel"]: (row[applied], row[came]) for row in rows} == {
        name: (row["Applied"], row["Interview"]) for name, row in then.items()
    }
    page, (most, *_others) = reader.get(f"/verdicts?{asked}&beside=before").text, rows
    said = [unescape(one) for one in re.findall(r'<small class="line">([^<]*)</small>', page)]
    assert any(f": {most[came]} of {most[applied]}, " in one for one in said)
    assert "Under each verdict stands the same row in" in page
    alone = reader.get(f"/verdicts?{asked}").text
    assert "Under each verdict" not in alone
    assert not any(head.startswith("Applied: ") for head in read(f"/verdicts.csv?{asked}")[0])


def test_another_campaign_stands_beside_the_rows_of_ones_own(town: FastAPI) -> None:
    with town.state.database.writing() as session:
        one, other = session.scalars(select(Campaign.id).order_by(Campaign.name))
    reader = visitor(town)

    def read(path: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(reader.get(path).text.lstrip("\ufeff"))))

    asked = f"/verdicts.csv?by=persona&campaign={one}"
    alone = {row["Persona"]: row["Applied"] for row in read(f"/verdicts.csv?by=persona&campaign={other}")}
    rows = read(f"{asked}&beside={other}")
    (head,) = (head for head in rows[0] if head.startswith("Applied: "))
    told = {row["Persona"]: row[head] for row in rows if row[head]}
    assert told == {name: alone[name] for name in told} != {}
    assert [row["Applied"] for row in rows] == [row["Applied"] for row in read(asked)]
    page = reader.get(f"/verdicts?by=persona&campaign={one}&beside={other}").text
    assert f"Under each verdict stands the same row in {head.removeprefix('Applied: ')}" in unescape(page)
    by_ad = unescape(reader.get(f"/verdicts?campaign={one}&beside={other}").text)
    assert by_ad.count("None of the rows below is also in") == 1
    assert "no such row" not in by_ad


def test_why_says_what_a_row_comes_to_in_the_end_as_the_list_does(reader: TestClient) -> None:
    row = reader.get("/verdicts").text.split('<tr role="row">')[2]
    (why,) = re.findall(r'<p><a href="([^"]+/why[^"]*)"', row)
    (ends,) = re.findall(r'data-head="In the end" class="number">([^<]+)</td>', row)
    page = unescape(reader.get(unescape(why)).text)
    assert re.search(rf"<dt>In the end<small>[^<]*</small></dt><dd>{ends}</dd>", page)


def test_today_says_what_the_verdicts_are_before_what_needs_somebody(reader: TestClient) -> None:
    text = reader.get("/").text
    above = text[: text.index("Needs you")]
    for way in ("/verdicts", "/verdicts?by=format", "/funnel?split=persona", "/unknown"):
        assert f'href="{way}">' in above[above.index("Verdicts now:") :]


def test_why_answers_the_second_question_of_the_list_with_the_same_sentence(reader: TestClient) -> None:
    text = reader.get("/verdicts").text
    told = re.findall(r"would have without it\?</b> ([^<]+)</p><p><a href=\"([^\"]+)\"", text)
    assert told
    for sentence, why in told:
        assert f'<p class="prose">{sentence}</p>' in reader.get(unescape(why)).text


def test_a_row_of_one_ad_is_told_to_differ_from_its_placement_and_no_other_is(reader: TestClient) -> None:
    said = "A row of one ad only, such as"
    assert said in reader.get("/verdicts?by=channel").text
    assert said not in reader.get("/verdicts").text
    assert said not in reader.get("/verdicts?by=persona").text


def test_ads_that_did_not_run_are_one_line_that_opens(reader: TestClient) -> None:
    page = reader.get("/verdicts?from=2022-06-01&to=2022-08-31").text
    table = page[page.index('<table class="verdicts ') :].partition("</table>")[0]
    assert "did not run in this period" not in table
    assert "No application of this period belongs to an ad" in table
    said = re.findall(r"<summary>Did not run in this period: (\d+)</summary>(.*?)</details>", page, re.DOTALL)
    assert len(said) == 1
    number, listed = said[0]
    assert listed.count('<th scope="row">') == int(number)
    assert "Did not run in this period" not in reader.get(address("verdicts", "city")).text


@pytest.mark.parametrize(
    ("language", "only"), [("en", "only an experiment shows"), ("fi", "vain koe"), ("sv", "bara ett experiment"),
                           ("nb", "bare et eksperiment")],
)  # fmt: skip
def test_which_ads_moved_is_asked_beside_what_moved_does_not_say(town: FastAPI, language: str, only: str) -> None:
    """A verdict goes together with an ad, and hires are attributed to one: neither is known to be caused by it."""
    reader = visitor(town, language)
    for page in ("/verdicts", "/verdicts?by=format", address("verdicts", "city")):
        before_table = reader.get(page).text.partition("<table")[0]
        assert only in before_table, page
