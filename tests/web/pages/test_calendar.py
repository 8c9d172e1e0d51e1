"""The calendar as a page, as a link for people without an account, and as a feed."""

import csv
import datetime as dt
import io
import re
import uuid
from html import unescape

import pytest
from fastapi import FastAPI
from sqlalchemy import delete, select, update

from app.access.audit import AuditEntry
from app.access.token import Role
from app.planning.calendar_share import CalendarShare
from app.planning.campaign import Campaign
from app.planning.channel import Channel
from app.planning.placement import Placement
from app.planning.schedule import Span, WeekLoad, look_at
from app.web.pages.timeline import Bar, Scale, place_names, week_costs, week_words
from tests.support.client import MARK, TestClient
from tests.support.people import add_person, browser_of
from tests.web.answers_examples import NOW, key_of
from tests.web.pages.conftest import visitor
from tests.web.pages.test_files import cells
from tests.web.pages.test_plan_pages import page_of, words

MARCH = "/calendar?month=2026-03"


@pytest.fixture(autouse=True)
def without_links(town: FastAPI) -> None:
    with town.state.database.writing() as session:
        session.execute(delete(CalendarShare))


def bars(text: str) -> dict[str, str]:
    """The classes of each flight that is drawn, by its name."""
    found = re.findall(r'<(?:a|span) class="(flight [^"]*)"[^>]*>(?:<span class="hidden">)?([^<]+)</', text)
    return {unescape(name): classes for classes, name in found}


def stranger(town: FastAPI) -> TestClient:
    return TestClient(town, headers={"accept": "text/html", "accept-language": "en"})


def make_link(reader: TestClient, **said: str) -> str:
    answer = reader.post("/calendar/shares", data={"name": "Agency", "days": "30", **said})
    assert answer.status_code == 200, answer.text
    found = re.search(r"<code>http://[^/]+(/shared/calendar/[^<]+)</code>", answer.text)
    assert found
    return found.group(1)


def test_a_flight_is_drawn_from_its_first_day_to_its_last_in_the_row_of_its_channel(reader: TestClient) -> None:
    """March 2026 is looked at from Monday 23 February on: the 3rd is column 9; 3 to 30 March are 28 days."""
    text = reader.get(f"{MARCH}&span=month").text
    assert bars(text)["Tram-stop poster, Kallio"] == "flight ended c9 s28"
    assert 'class="timeline month of-42"' in text
    lanes = re.findall(r"<h2>(?:<a[^>]*>)?([^<]+)", text)
    assert "Stops" in [unescape(lane) for lane in lanes]


def test_what_began_before_and_goes_on_is_drawn_to_both_edges(reader: TestClient) -> None:
    drawn = bars(reader.get("/calendar?month=2027-01&span=month").text)["Tram-stop poster, Vallila"]
    assert drawn == "flight planned from-before goes-on c1 s35"


def test_over_years_a_column_is_a_week_and_a_short_flight_can_still_be_pressed(reader: TestClient) -> None:
    drawn = bars(reader.get("/calendar?month=2026-01&span=years").text)
    assert re.fullmatch(r"flight ended trailing c\d+ s[3-9]", drawn["Tram-stop poster, Kallio"])
    assert all(int(re.findall(r" s(\d+)", one)[0]) >= 3 for one in drawn.values())


def test_a_name_stands_in_its_bar_or_beside_it_or_not_at_all() -> None:
    """Of 98 columns a letter takes 0.6: a day's name stands beside it, unless the row goes on there."""
    scale = Scale(look_at(Span.QUARTER, dt.date(2026, 3, 1)))

    def shown(*bars: tuple[int, int]) -> list[str]:
        laid = [Bar("Virtual evening", "", column, width, "flight", short=int(width == 3)) for column, width in bars]
        return [
            one.cut or ("beside" if "trailing" in one.kind else "inside") if one.shows else ""
            for one in place_names(scale, laid)
        ]

    assert shown((10, 3), (40, 20)) == ["beside", "inside"]
    assert shown((10, 3), (14, 20)) == ["", "inside"]
    assert shown((10, 3), (22, 20)) == ["Virtual ev…", "inside"], "as much as there is room for"
    assert shown((92, 3)) == [""], "there is no room at the edge"


def test_every_column_and_width_that_is_drawn_has_its_style(town: FastAPI, reader: TestClient) -> None:
    sheet = re.search(r'href="(/static/calendar-[^"]+)"', reader.get("/calendar").text)
    assert sheet
    styles = set(re.findall(r"\.([a-z]+-?\d+(?:-\d+)?)(?= \{)", reader.get(sheet.group(1)).text))
    for span in ("month", "quarter", "years"):
        for month in range(1, 13):
            text = reader.get(f"/calendar?span={span}&month=2026-{month:02}").text
            used = {one for classes in re.findall(r'class="([^"]*)"', text) for one in classes.split()}
            assert {one for one in used if re.fullmatch(r"[csh]\d+|of-\d+|short-\d+-\d+", one)} <= styles


def test_the_page_says_first_how_much_of_what_is_drawn_runs_and_when_most_of_it(reader: TestClient) -> None:
    text = words(reader.get(f"{MARCH}&span=month").text)
    said = re.search(r"23 Feb\W+5 Apr 2026: (\d) placements; most at once, (\d), in the week from \d", text)
    assert said
    drawn = bars(reader.get(f"{MARCH}&span=month").text)
    assert int(said[1]) == sum(classes.startswith("flight") for classes in drawn.values())
    at_once = [int(n) for n in re.findall(r"Mar 2026 (\d) ", text.partition("Week by week")[2])]
    assert int(said[2]) == max(at_once)


def test_what_runs_in_a_week_of_the_months_counts_in_them(town: FastAPI, reader: TestClient) -> None:
    """April 2026 is looked at from 30 March on, the last day of the poster's flight."""
    channel = page_of(town, Channel, "Stops").rpartition("/")[2]
    text = words(reader.get(f"/calendar?month=2026-04&span=month&channel={channel}").text)
    assert re.search(r"30 Mar\W+3 May 2026: 1 placement\.", text)


def test_all_that_is_drawn_stands_in_tables_with_its_cost(reader: TestClient) -> None:
    text = words(reader.get(f"{MARCH}&span=month").text)
    assert "Tram-stop poster, Kallio Stops Now we must Tram stops, Kallio 3–30 Mar 2026 ended 1,900 €" in text.replace(
        "\N{THIN SPACE}", " "
    ).replace("\N{NO-BREAK SPACE}", " ")
    assert re.search(r"2–8 Mar 2026 \d [\d, ]+ € ", text.replace("\N{NO-BREAK SPACE}", " "))


def test_filters_take_a_campaign_or_channel_and_say_so(town: FastAPI, reader: TestClient) -> None:
    channel = page_of(town, Channel, "Stops").rpartition("/")[2]
    text = reader.get(f"{MARCH}&channel={channel}").text
    assert list(bars(text)) == ["Tram-stop poster, Kallio"]
    assert "Take away: Channel Stops" in text
    campaign = page_of(town, Campaign, "All year round").rpartition("/")[2]
    assert "Tram-stop poster, Kallio" not in bars(reader.get(f"{MARCH}&campaign={campaign}").text)


def test_public_holidays_and_the_usual_weeks_without_school_are_named(reader: TestClient) -> None:
    text = words(reader.get(f"{MARCH}&span=month").text)
    assert "3 Apr 2026: Good Friday" in text
    assert "2–8 Mar 2026: Winter holiday (Oulu, Kuopio, Joensuu, Rovaniemi and around)" in text
    assert "these are the usual weeks of each region, by rule" in text


def test_weeks_without_school_that_are_too_narrow_for_a_name_stand_together_with_one(reader: TestClient) -> None:
    months = unescape(reader.get(f"{MARCH}&span=quarter").text)
    assert re.findall(r'class="school[^>]*>([^<]+)<', months).count("Winter holiday, by region") == 1
    assert "Winter holiday · Oulu" in unescape(reader.get(f"{MARCH}&span=month").text)


def test_months_before_and_after_keep_what_is_chosen(reader: TestClient) -> None:
    text = unescape(reader.get(f"{MARCH}&span=month&lang=sv").text)
    assert 'rel="prev">' in text
    assert "/calendar?lang=sv&month=2026-02&span=month" in text
    assert "/calendar?lang=sv&month=2026-04&span=month" in text


@pytest.mark.parametrize("asked", ["span=week", "month=2026-13", "campaign=x", "month=1800-01"])
def test_a_question_that_does_not_work_out_is_refused(reader: TestClient, asked: str) -> None:
    assert reader.get(f"/calendar?{asked}").status_code == 422


def test_an_empty_calendar_says_what_will_be_drawn(newcomer: TestClient) -> None:
    text = words(newcomer.get("/calendar").text)
    assert "nothing is planned to run" in text
    assert "A placement is drawn here from the day it is planned" in text
    assert "Nothing starts, ends or must be booked." in text


def test_months_in_which_nothing_of_the_chosen_runs_say_so(town: FastAPI, reader: TestClient) -> None:
    channel = page_of(town, Channel, "Stops").rpartition("/")[2]
    assert "Take a filter away" in reader.get(f"/calendar?month=2020-01&channel={channel}").text


def test_who_reads_and_may_not_see_small_counts_sees_the_plan_and_opens_its_placements(town: FastAPI) -> None:
    with town.state.database.reading() as session:
        organisation = session.scalars(select(Campaign.organisation_id).limit(1)).one()
    add_person(town.state.database, organisation, "few@calendar.example", Role.VIEWER, sees_small_counts=False)
    text = browser_of(town, "few@calendar.example").get(MARCH).text
    assert "Tram-stop poster, Kallio" in bars(text)
    assert f"/placements/{key_of(2)}" in text
    assert "/calendar/shares" not in text


def test_a_link_shows_the_plan_to_people_without_an_account_but_no_cost_and_no_way_further(
    town: FastAPI, reader: TestClient
) -> None:
    path = make_link(reader)
    answer = stranger(town).get(f"{path}?month=2026-03")
    text = words(answer.text)
    assert "Shared with Agency until" in text
    assert "Tram-stop poster, Kallio" in bars(answer.text)
    assert "€" not in text
    assert "/placements/" not in answer.text
    assert "/funnel" not in answer.text
    assert (answer.headers["cache-control"], answer.headers["x-robots-tag"]) == ("no-store", "noindex, nofollow")


def test_a_link_to_one_campaign_cannot_be_made_to_show_another(town: FastAPI, reader: TestClient) -> None:
    campaign, other = (page_of(town, Campaign, name).rpartition("/")[2] for name in ("All year round", "Now we must"))
    path = make_link(reader, campaign=campaign)
    shown = bars(stranger(town).get(f"{path}?month=2026-03&campaign={other}").text)
    assert "Newsletter “No night duty”" in shown
    assert "Tram-stop poster, Kallio" not in shown


def test_a_feed_is_read_by_calendar_programs_and_ends_with_its_link(town: FastAPI, reader: TestClient) -> None:
    path = make_link(reader)
    answer = stranger(town).get(f"{path}/feed.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.text.startswith("BEGIN:VCALENDAR")
    assert "SUMMARY:Tram-stop poster\\, Vallila" in answer.text
    assert "Kallio" not in answer.text  # over for more than six months
    revoke = re.search(r'action="(/calendar/shares/[^"]+/revoke)"', reader.get("/calendar").text)
    assert revoke
    assert reader.post(revoke.group(1)).status_code == 303
    for gone in (path, f"{path}/feed.ics"):
        answer = stranger(town).get(gone)
        assert (answer.status_code, "leads to no calendar any more" in answer.text) == (404, True)


@pytest.mark.parametrize(("month", "way"), [("1900-01", "next"), ("2100-12", "prev")])
def test_the_first_and_the_last_month_of_any_plan_can_be_looked_at(reader: TestClient, month: str, way: str) -> None:
    answer = reader.get(f"/calendar?span=month&month={month}")
    assert answer.status_code == 200
    assert re.findall(r'rel="(next|prev)"', answer.text) == [way]


@pytest.mark.parametrize("asked", ["span=week", "month=2026-13", "month=9999-12"])
def test_a_stranger_is_told_too_what_does_not_work_out(town: FastAPI, reader: TestClient, asked: str) -> None:
    assert stranger(town).get(f"{make_link(reader)}?{asked}").status_code == 422


def test_the_secret_of_a_link_is_shown_once(reader: TestClient) -> None:
    secret = make_link(reader).rpartition("/")[2]
    text = reader.get("/calendar").text
    assert "Agency" in text
    assert secret not in text


@pytest.mark.parametrize("said", [{"name": " "}, {"days": "0"}, {"days": "731"}, {"days": "x"}, {"campaign": "x"}])
def test_a_link_that_cannot_be_made_says_why_and_none_is_made(
    town: FastAPI, reader: TestClient, said: dict[str, str]
) -> None:
    answer = reader.post("/calendar/shares", data={"name": "Agency", "days": "30", **said})
    assert answer.status_code == 422
    assert "Nothing was changed." in answer.text
    with town.state.database.reading() as session:
        assert session.scalars(select(CalendarShare)).all() == []


def test_only_planners_make_links(town: FastAPI) -> None:
    with town.state.database.reading() as session:
        organisation = session.scalars(select(Campaign.organisation_id).limit(1)).one()
    add_person(town.state.database, organisation, "looks@calendar.example", Role.VIEWER)
    viewer = browser_of(town, "looks@calendar.example")
    assert viewer.post("/calendar/shares", data={"name": "Agency", "days": "30"}).status_code == 403
    assert viewer.post(f"/calendar/shares/{key_of(1)}/revoke").status_code == 403


def test_a_link_is_made_in_the_name_of_who_made_it(town: FastAPI, reader: TestClient) -> None:
    make_link(reader)
    with town.state.database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.noun == "calendar_share")).all()[-1]
        assert (entry.actor_kind, entry.action) == ("user", "created")


@pytest.mark.parametrize("language", ["fi", "sv", "nb"])
def test_the_calendar_speaks_as_its_reader_does(town: FastAPI, language: str) -> None:
    text = visitor(town, language).get(MARCH).text
    assert {"fi": "Kalenteri", "sv": "Samtidigt", "nb": "Skoleferier"}[language] in text


PLANNED_IN_TIME = NOW - dt.timedelta(days=60)


def plan_on(town: FastAPI, at: dt.datetime) -> None:
    """Let everything have been planned at an instant."""
    with town.state.database.writing() as session:
        session.execute(update(Placement).values(created_at=at))


def test_what_should_have_been_booked_by_now_is_said_first_and_marked(town: FastAPI, reader: TestClient) -> None:
    """The poster in Vallila begins on 1 December; it is 22 November, and its channel is booked thirty days ahead."""
    assert "should have been booked" not in words(reader.get("/calendar").text)
    key = uuid.UUID(page_of(town, Channel, "Stops").rpartition("/")[2])
    with town.state.database.writing() as session:
        session.get_one(Channel, key).lead_time_days = 30
    plan_on(town, PLANNED_IN_TIME)
    text = words(reader.get("/calendar").text)
    assert "1 should have been booked by now." in text
    assert "1 Nov 2026 book: Tram-stop poster, Vallila Stops late" in text
    assert "Late 1 Nov 2026 book" in text and text.index("Late 1 Nov") < text.index("In the coming 6 weeks")
    today = words(reader.get("/").text)
    assert 'href="/calendar#due">What must be booked</a>' in reader.get("/").text
    assert 'id="due"' in reader.get("/calendar").text
    assert "1 placement should have been booked by now: “Tram-stop poster, Vallila”. Book it today" in today
    plan_on(town, NOW)
    with town.state.database.writing() as session:
        session.get_one(Channel, key).lead_time_days = 0


def test_what_was_planned_after_its_booking_was_over_says_so_and_whom_to_ask(town: FastAPI, reader: TestClient) -> None:
    """It is 22 November, when the poster of 1 December was planned in a channel that is booked thirty days ahead."""
    key = uuid.UUID(page_of(town, Channel, "Stops").rpartition("/")[2])
    with town.state.database.writing() as session:
        stops = session.get_one(Channel, key)
        stops.lead_time_days, stops.contact = 30, "Aino, 09 123"
    try:
        today = words(reader.get("/").text)
        assert "1 placement was planned after the last day for booking it: “Tram-stop poster, Vallila”. Ask" in today
        assert "still taken: Stops (Aino, 09 123). If it is, enter what was booked; if not, move the days." in today
        assert "Book it today" not in today
        text = words(reader.get("/calendar").text)
        assert "1 was planned after its last day for booking." in text and "should have been booked" not in text
        assert "1 Nov 2026 book: Tram-stop poster, Vallila Stops planned too late" in text
    finally:
        with town.state.database.writing() as session:
            stops = session.get_one(Channel, key)
            stops.lead_time_days, stops.contact = 0, ""


def test_what_must_be_booked_within_a_week_is_told_before_it_is_late(town: FastAPI, reader: TestClient) -> None:
    """It is 22 November, and the poster in Vallila begins on 1 December."""
    key = uuid.UUID(page_of(town, Channel, "Stops").rpartition("/")[2])
    try:
        for days, told in ((1, False), (2, True), (9, True), (10, False)):
            with town.state.database.writing() as session:
                session.get_one(Channel, key).lead_time_days = days
            said = "1 placement must be booked within a week: “Tram-stop poster, Vallila”. The first must be booked by"
            assert (said in words(reader.get("/").text)) is told, days
        with town.state.database.writing() as session:
            stops = session.get_one(Channel, key)
            stops.lead_time_days, stops.booking_closes_days, stops.booking_closes_at = 0, 5, "12:00"
        assert "The first must be booked by 26 Nov 2026 at 12:00." in words(reader.get("/").text)
    finally:
        with town.state.database.writing() as session:
            stops = session.get_one(Channel, key)
            stops.lead_time_days, stops.booking_closes_days, stops.booking_closes_at = 0, None, None


@pytest.mark.parametrize(("at", "late"), [("11:00", True), ("11:01", False)])
def test_on_the_last_day_it_is_too_late_from_the_time_on_at_which_booking_closes(
    town: FastAPI, reader: TestClient, at: str, late: bool
) -> None:
    """It is 11:00 of 22 November in Helsinki, and the poster in Vallila begins nine days later."""
    key = uuid.UUID(page_of(town, Channel, "Stops").rpartition("/")[2])
    with town.state.database.writing() as session:
        stops = session.get_one(Channel, key)
        stops.booking_closes_days, stops.booking_closes_at = 9, at
    plan_on(town, PLANNED_IN_TIME)
    path = make_link(reader)
    for shown in (reader.get("/calendar"), stranger(town).get(path)):
        said = f"22 Nov 2026 at {at} book: Tram-stop poster, Vallila Stops{' late' if late else ''} "
        assert said in words(shown.text)
        assert ("1 should have been booked by now." in words(shown.text)) is late
    assert ("should have been booked by now" in words(reader.get("/").text)) is late
    hours = int(at[:2]) - 2
    assert f"DTSTART:20261122T{hours:02}{at[3:]}00Z" in stranger(town).get(f"{path}/feed.ics").text
    with town.state.database.writing() as session:
        stops = session.get_one(Channel, key)
        stops.booking_closes_days = stops.booking_closes_at = None
    plan_on(town, NOW)


def test_a_week_of_which_no_cost_is_known_says_so_where_a_sum_would_stand() -> None:
    monday = dt.date(2026, 3, 2)
    assert week_costs(WeekLoad(monday, 2, (), 2)) == "cost unknown"
    assert week_words(WeekLoad(monday, 1, (), 1)) == "2–8 Mar 2026 · 1 placement runs · cost unknown"
    some = WeekLoad(monday, 2, (("EUR", 50_000),), 1)
    assert week_costs(some) == "500\N{NO-BREAK SPACE}€"
    assert week_words(some).endswith("· the cost of 1 is unknown")
    assert week_costs(WeekLoad(monday, 1, (), 0)) == ""


def test_what_runs_and_what_each_week_carries_are_taken_along_as_they_are_seen(reader: TestClient) -> None:
    text = reader.get(f"{MARCH}&span=month").text
    for region, path in (("flights-table", "/calendar"), ("load-table", "/calendar/weeks")):
        seen = [
            re.sub(r"<[^>]+>", "", row).strip() for row in re.findall(r'<th scope="row">(.*?)</th>', part(text, region))
        ]
        lines = list(csv.reader(io.StringIO(reader.get(f"{path}.csv?month=2026-03&span=month").text.lstrip(MARK))))
        assert len(lines) - 1 == len(seen) > 0
        assert f'href="{path}.csv?month=2026-03&amp;span=month"' in text
        book = cells(reader.get(f"{path}.xlsx?month=2026-03&span=month").content)
        assert book[-len(lines)] == lines[0]
    flights = list(csv.reader(io.StringIO(reader.get("/calendar.csv?month=2026-03&span=month").text.lstrip(MARK))))
    (poster,) = [line for line in flights if line[0] == "Tram-stop poster, Kallio"]
    assert poster[4:] == ["2026-03-03", "2026-03-30", "ended", "1900.0", "EUR"]


def part(text: str, region: str) -> str:
    """The table in a region of the page."""
    return unescape(re.sub(r"&amp;", "&", text[text.index(f'id="{region}"') :]).partition("</table>")[0])


def test_two_years_lead_to_a_sheet_for_each_quarter(reader: TestClient) -> None:
    text = unescape(reader.get("/calendar?month=2026-02&span=years").text).replace("\u2009", " ")
    sheets = re.findall(r'<a href="(/calendar[^"]*span=quarter[^"]*)">([^<]*)</a>', text)
    assert [words for _address, words in sheets][:2] == ["1 Feb – 30 Apr 2026", "1 May – 31 Jul 2026"]
    assert len(sheets) == 8 and sheets[-1][1] == "1 Nov 2027 – 31 Jan 2028"
    for address, _words in sheets[1:2]:
        assert '<div class="timeline quarter' in reader.get(address).text and "month=2026-05" in address
    assert "A sheet for each quarter" not in reader.get("/calendar?month=2026-02&span=quarter").text
