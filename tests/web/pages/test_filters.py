"""The bar of filters: what is set stands there in words, and each word can be taken away."""

import csv
import datetime as dt
import re
from html import unescape
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from app.access.organisation import Organisation
from app.funnel.stage import stated_stages, unheard_stages
from app.i18n import period
from app.planning.campaign import Campaign
from app.planning.placement import Placement
from app.reports.explain_words import period_doubt_words
from tests.support.client import MARK, TestClient
from tests.web.answers_examples import key_of
from tests.web.pages.conftest import visitor

PAGES = ("/funnel", "/verdicts", "/paths")


def limits(text: str) -> dict[str, str]:
    """What is set, and the address without it."""
    found = re.findall(r'<li[^>]*><a href="([^"]*)" aria-label="Take away: ([^"]*)"', text)
    return {unescape(said): unescape(address) for address, said in found}


def words(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def campaign_of(town: FastAPI, name: str) -> str:
    with town.state.database.writing() as session:
        return str(session.scalars(select(Campaign.id).where(Campaign.name == name)).one())


def applied(text: str) -> int:
    """How many applications the page's table counts in all."""
    found = re.search(r'All applications</th>.*?data-head="Applied"[^>]*>(?:<a[^>]*>)?(\d+)', text, re.DOTALL)
    assert found
    return int(found[1])


def test_what_is_set_stands_there_in_words_and_each_word_takes_itself_away(town: FastAPI) -> None:
    campaign = campaign_of(town, "Now we must")
    asked = f"/verdicts?campaign={campaign}&format=poster&specialty=unspecialised&from=2026-03-01&to=2026-06-30"
    found = limits(visitor(town).get(asked).text)
    assert list(found) == ["Campaign Now we must", "Specialty Not specialised", "Format Poster",
                           f"Applied {period(dt.date(2026, 3, 1), dt.date(2026, 6, 30))}"]  # fmt: skip
    for said, address in found.items():
        assert said not in limits(visitor(town).get(address).text)
        assert len(limits(visitor(town).get(address).text)) == len(found) - 1


@pytest.mark.parametrize("page", PAGES)
def test_one_bar_serves_every_page_that_asks_the_record(reader: TestClient, page: str) -> None:
    text = reader.get(f"{page}?specialty=unspecialised&stage=offer").text
    assert list(limits(text)) == ["Specialty Not specialised"]
    assert 'name="from"' in text
    assert '<option value="offer" selected>' in text


def test_all_is_taken_away_at_once_and_the_question_itself_stays(reader: TestClient) -> None:
    text = reader.get("/verdicts?by=format&stage=hired&format=poster&from=2026-03-01&beside=before").text
    (cleared,) = re.findall(r'<a class="clear" href="([^"]*)"', text)
    assert unescape(cleared) == "/verdicts?by=format&stage=hired"


def test_nothing_is_set_until_somebody_sets_it(reader: TestClient) -> None:
    for page in PAGES:
        assert 'class="limits"' not in reader.get(page).text


def test_a_place_is_a_limit_like_any_other(reader: TestClient) -> None:
    text = reader.get("/verdicts?place=Tram stops, Kallio").text
    assert list(limits(text)) == ["Place Tram stops, Kallio"]
    assert "Tram-stop poster, Kallio" in text
    assert "Search ad, brand" not in text


def test_a_limit_that_names_nothing_of_ours_is_still_seen_and_taken_away(reader: TestClient) -> None:
    assert limits(reader.get("/funnel?persona=nobody").text) == {"Ads for persona nobody": "/funnel"}


@pytest.mark.parametrize(("asked", "said"), [("from=2026-03-01", "from 1 Mar 2026"), ("to=2026-03-01", "until 1 Mar")])
def test_a_period_open_at_one_end_says_which(reader: TestClient, asked: str, said: str) -> None:
    assert said in next(iter(limits(reader.get(f"/funnel?{asked}").text)))


@pytest.mark.parametrize("page", ["/funnel", "/verdicts"])
def test_a_period_is_set_beside_the_one_before_which_is_as_long(reader: TestClient, page: str) -> None:
    text = words(reader.get(f"{page}?from=2026-06-01&to=2026-08-31&beside=before").text)
    assert "1 Jun – 31 Aug 2026" in text
    assert "1 Mar – 31 May 2026" in text  # 92 days end on 31 May
    assert "Share within 120 days" in text


def test_the_two_periods_count_what_each_counts_alone(reader: TestClient) -> None:
    text = reader.get("/verdicts?from=2026-06-01&to=2026-08-31&beside=before").text
    alone = [applied(reader.get(f"/verdicts?{asked}").text)
             for asked in ("from=2026-06-01&to=2026-08-31", "from=2026-03-01&to=2026-05-31")]  # fmt: skip
    sides = re.findall(r'<th scope="row">[^<]*2026</th><td class="number"><a[^>]*>(\d+)</a></td>', text)
    assert [int(one) for one in sides] == alone


def test_a_file_holds_both_sides_as_the_page_shows_them(reader: TestClient) -> None:
    asked = "from=2026-06-01&to=2026-08-31&beside=before"
    for page in ("funnel", "verdicts"):
        with ZipFile(BytesIO(reader.get(f"/{page}.xlsx?{asked}").content)) as book:
            said = words(book.read("xl/sharedStrings.xml").decode())
        assert "The probability that" in said or "cannot be compared" in said
        assert re.search(r"1 Mar – 31 May 2026: Applied \d+ · Interview \d+", said)
    lines = [words(line) for line in reader.get(f"/funnel.csv?{asked}").text.lstrip(MARK).splitlines()]
    head, first = (line for line in lines if line.startswith(("Stage", "Applied,")))
    alone = applied(reader.get("/verdicts?from=2026-03-01&to=2026-05-31").text)
    assert "Came: 1 Mar – 31 May 2026" in head
    assert str(alone) in first.split(",")


def test_the_two_sides_are_taken_along_as_the_table_that_is_seen(reader: TestClient) -> None:
    asked = "from=2026-06-01&to=2026-08-31&beside=before"
    for page in ("funnel", "verdicts"):
        text = reader.get(f"/{page}?{asked}").text
        assert f'href="/{page}/beside.csv?{asked.replace("&", "&amp;")}"' in text
        table = text[text.index('<section class="beside">') :]
        seen = re.findall(r'<th scope="row">([^<]+)</th>\s*<td class="number">(?:<a[^>]*>)?(\d+)', table)[:2]
        taken = list(csv.reader(StringIO(reader.get(f"/{page}/beside.csv?{asked}").text.lstrip(MARK))))
        assert taken[0][:3] == ["Which", "Applied", "Interview"]
        assert [(line[0], line[1]) for line in taken[1:]] == [(one.strip(), n) for one, n in seen]
    assert len(reader.get("/verdicts/beside.csv").text.splitlines()) == 1


def test_what_is_lacking_for_a_comparison_leads_to_the_field_that_says_it(reader: TestClient) -> None:
    text = reader.get("/funnel?beside=before").text
    assert '<a class="action" href="#filter-from">Applied from</a>' in text and 'id="filter-from"' in text


def test_the_days_of_the_bar_are_named_after_what_they_limit(reader: TestClient) -> None:
    asked = "/funnel?from=2026-06-01&view="
    applied, happened = ("Applied from", "Applied"), ("Happened from", "Happened")
    for view, (field, chosen) in {"cohort": applied, "snapshot": applied, "activity": happened}.items():
        text = reader.get(f"{asked}{view}").text
        assert f'<label for="filter-from">{field}</label>' in text
        assert f'data-limit="{chosen}: from 1 Jun 2026"' in text


def test_two_periods_are_doubted_in_words_of_periods(reader: TestClient) -> None:
    assert "meeting the ad" not in reader.get("/funnel?from=2026-06-01&to=2026-08-31&beside=before").text
    assert "as common in one period as in the other" in period_doubt_words(2.0, 1.5)


def test_without_a_first_day_there_is_no_period_before(reader: TestClient) -> None:
    assert "To compare with the period before, choose the first day" in reader.get("/funnel?beside=before").text


def test_a_campaign_is_set_beside_another(town: FastAPI) -> None:
    one, other = campaign_of(town, "Now we must"), campaign_of(town, "All year round")
    text = visitor(town).get(f"/funnel?campaign={one}&beside={other}").text
    assert "“Now we must”" in words(text) or "Too few" in words(text)
    assert [*re.findall(r'<th scope="row">(Now we must|All year round)</th>', text)] == [
        "Now we must",
        "All year round",
    ]
    stage_heads = re.findall(r'colspan="2">([^<]+)<', text)
    assert stage_heads == ["Now we must", "All year round"]


def test_a_campaign_beside_nothing_of_its_own_says_what_to_choose(town: FastAPI) -> None:
    one = campaign_of(town, "Now we must")
    assert "Choose your own campaign first" in visitor(town).get(f"/verdicts?beside={one}").text
    text = visitor(town).get(f"/verdicts?campaign={one}&beside={one}").text
    assert "Choose two campaigns that have placements." in text


@pytest.mark.parametrize("asked", ["tea", key_of(77)])
def test_what_nothing_can_be_set_beside_is_named(reader: TestClient, asked: str) -> None:
    answered = reader.get(f"/funnel?beside={asked}")
    assert answered.status_code == 422
    assert "is neither “the period before” nor a campaign" in answered.text


@pytest.mark.parametrize("page", PAGES)
def test_a_question_that_does_not_work_out_is_said_above_the_bar_which_stays_as_it_was_filled_in(
    reader: TestClient, page: str
) -> None:
    answered = reader.get(f"{page}?from=2026-09-01&to=2026-03-01&format=poster")
    text = unescape(answered.text)
    assert answered.status_code == 422
    assert "The period begins after it ends; swap the two dates." in text
    assert re.search(r'name="from" value="2026-09-01".*name="to" value="2026-03-01"', text, re.DOTALL)
    assert '<option value="poster" selected>' in text
    assert "Nothing was changed." not in text, "nobody wanted a change"
    assert reader.get(f"{page}?stage=tea&from=2026-09-01&to=2026-03-01").status_code == 422


def test_the_way_from_the_verdicts_to_the_paths_keeps_what_was_asked(reader: TestClient) -> None:
    asked = "specialty=unspecialised&stage=offer&from=2026-03-01&by=format&sort=label"
    (address,) = set(re.findall(r'href="(/paths\?[^"]*)"', unescape(reader.get(f"/verdicts?{asked}").text)))
    assert set(address.removeprefix("/paths?").split("&")) == {
        "specialty=unspecialised", "stage=offer", "from=2026-03-01", "by=format",
    }  # fmt: skip


@pytest.mark.parametrize(
    "asked", ["from=2026-03-01&to=2026-08-31", "format=poster&stage=offer", "specialty=unspecialised"]
)
def test_a_row_opens_on_the_question_it_answers_and_so_does_why(reader: TestClient, asked: str) -> None:
    table = reader.get(f"/verdicts?{asked}").text
    found = re.search(r'<a href="([^"]*/placements/[^"?]*\?[^"]*)">Tram-stop poster, Kallio<', table)
    assert found
    page = reader.get(unescape(found[1])).text
    assert limits(page).keys() == limits(table).keys() != set()
    (why,) = set(re.findall(r'href="([^"]*/placements/[^"?]*/why\?[^"#]*)"', page))
    explained = limits(reader.get(unescape(why)).text)
    assert explained.keys() == {said for said in limits(table) if not said.startswith("Format")}


@pytest.mark.parametrize("by", ["format", "channel", "claim"])
def test_why_of_a_row_is_asked_of_the_ads_that_are_chosen(reader: TestClient, by: str) -> None:
    table = reader.get(f"/verdicts?by={by}&format=poster&stage=offer").text
    addresses = set(re.findall(r'href="(/verdicts/why\?[^"]*)"', table))
    assert addresses
    for address in addresses:
        page = reader.get(unescape(address)).text
        assert limits(page).keys() == limits(table).keys() != set(), address


def test_ads_that_are_chosen_stand_beside_all_that_cannot_be_traced_and_the_page_says_so(reader: TestClient) -> None:
    said = "all applications that cannot be traced are counted here"
    assert said in reader.get("/verdicts?format=poster").text
    assert said not in reader.get("/verdicts?specialty=unspecialised").text


@pytest.mark.parametrize(("mode", "says_so"), [("off", True), ("aggregate", True), ("consented", False)])
def test_where_nobody_is_followed_the_pages_say_why_all_ways_of_sharing_agree(
    town: FastAPI, mode: str, says_so: bool
) -> None:
    with town.state.database.writing() as session:
        session.execute(update(Organisation).values(tracking_mode=mode))
        placement = session.scalars(select(Placement.id).where(Placement.name == "Tram-stop poster, Kallio")).one()
    for page in ("/paths", f"/placements/{placement}/why"):
        assert ("does not follow people from ad to ad" in visitor(town).get(page).text) is says_so


def test_every_number_behind_a_verdict_opens_as_many_applications_as_it_says(town: FastAPI, reader: TestClient) -> None:
    with town.state.database.writing() as session:
        placements = session.scalars(select(Placement.id)).all()
    opened = set()
    for placement in placements:
        text = reader.get(f"/placements/{placement}/why").text
        for address, n in re.findall(r'<dd><a class="counted" href="([^"]*only=[^"]*)">(\d+)</a>', text):
            listed = reader.get(unescape(address)).text
            assert len(re.findall(r'<th scope="row"><code>', listed)) == int(n)
            assert f"Only the {n} that the number counts." in listed
            opened.add(re.search(r"only=(\w+)", address)[1])  # type: ignore[index]
    assert opened >= {"own", "reached", "compared", "advanced"}


def test_a_campaign_that_is_a_pattern_is_limited_to_by_its_name_and_offered_to_nobody(town: FastAPI) -> None:
    with town.state.database.writing() as session:
        organisation = session.scalars(select(Organisation.id)).one()
    with town.state.database.writing(organisation) as session:
        one = session.scalars(select(Campaign).where(Campaign.name == "All year round")).one()
        parts = {name: getattr(one, name) for name in ("kind", "starts_on", "status", "created_at", "updated_at")}
        pattern = Campaign(name="Every winter", template=True, **parts)
        session.add(pattern)
        session.flush()
        id = pattern.id
    reader = visitor(town)
    assert 'data-limit="Campaign: Every winter"' in reader.get(f"/funnel?campaign={id}").text
    assert "Every winter" not in reader.get("/funnel").text
    with town.state.database.writing(organisation) as session:
        session.delete(session.get_one(Campaign, id))


def test_a_stage_that_no_system_records_is_offered_as_such(town: FastAPI) -> None:
    with town.state.database.writing() as session:
        unheard = unheard_stages(session, stated_stages(session))
    page = visitor(town).get("/verdicts").text
    field = page[page.index('name="stage"') :].partition("</select>")[0]
    offered = re.findall(r'<option value="([a-z]+)"[^>]*>([^<]+)', field)
    told = {slug for slug, name in offered if name.endswith(" (not recorded)")}
    assert told == {stage.slug for stage in unheard} != set()
