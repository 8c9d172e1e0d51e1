"""The placements of a campaign are filled in as a table, pasted from a sheet, and kept whole or not at all."""

import base64
import datetime as dt
import re
import uuid
import zlib
from collections.abc import Iterator
from html import unescape

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.access.organisation import get_organisation
from app.database import Database
from app.planning.campaign import Campaign
from app.planning.channel import Channel
from app.planning.placement import Placement
from app.planning.sheet import COLUMNS
from app.web.pages.placement_columns import list_groups
from tests.support.browser import Watch, barriers
from tests.support.forms import read_form, read_forms
from tests.support.hands import Keys
from tests.support.people import COOKIE, open_session
from tests.support.plan import a_campaign, a_persona, a_placement, an_asset
from tests.support.server import serving
from tests.web.pages.planning_office import PlanningOffice, send

ORDER = [field for group in list_groups() for field in group.fields]
"""The fields of a row from left to right, in each column from above."""
ROWS = """asset\tchannel\tplace\tstarts\tends\tplanned cost\tvat %
Poster\tStops\tKallio\t1.12.2026\t14.12.2026\t1 900,50 €\t25,5
Poster\tStops\tVallila\t2026-12-01\t2026-12-14\t1900\t25,5
"""
GIVEN = {"persona": "gp-young-family", "target_url": "https://jobs.example.org/doctor", "vat_percent": ""}


@pytest.fixture
def office(sqlite_file_url: str) -> Iterator[PlanningOffice]:
    database = Database(sqlite_file_url)
    yield PlanningOffice(database)
    database.close()


@pytest.fixture
def table(office: PlanningOffice) -> str:
    return f"/campaigns/{office.campaign}/placements"


def read_rows(page: str, path: str) -> dict[str, list[str]]:
    """The form that the table is, beside the one that chooses its columns."""
    (fields,) = [one for one in read_forms(page, path) if "row" in one]
    return fields


def fill(form: dict[str, list[str]], n: int, **cells: str) -> None:
    """Write into the row of this number, from 0."""
    for column, text in cells.items():
        form[column][n] = text


def fill_all(form: dict[str, list[str]], **cells: str) -> dict[str, list[str]]:
    """The form with its first row filled in further."""
    fill(form, 0, **cells)
    return form


ROW = {"asset": "Poster", "channel": "Stops", "persona": "gp-young-family",
       "target_url": "https://jobs.example.org/doctor"}  # fmt: skip


def test_several_rows_are_filled_in_at_once_and_rows_left_empty_are_left_out(
    office: PlanningOffice, table: str
) -> None:
    form = read_rows(office.first.get(table).text, table)
    assert len(form["row"]) == 3
    fill(form, 0, place="Kal\r\nlio", planned_cost="2 000", vat_percent="25.5", **ROW)
    fill(form, 2, place="Vallila", starts_on="2026-12-05", **ROW)
    shown = unescape(send(office.first, table, form).text)
    assert "Kept: 2 placements." in shown
    made = office.placements()
    assert set(made) == {"Kal lio", "Vallila"}
    assert (made["Kal lio"].planned_cost_minor, str(made["Vallila"].starts_on)) == (200_000, "2026-12-05")
    assert made["Kal lio"].tracking_code in shown
    assert "2,510 € with VAT" in shown.replace("\u00a0", " ")
    assert "<dt>Planned cost</dt><dd>2,000\u00a0€</dd>" in shown


def test_a_row_that_is_wrong_keeps_all_from_being_stored_and_is_shown_as_it_was_written(
    office: PlanningOffice, table: str
) -> None:
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", **ROW)
    fill(form, 1, place="Vallila", **ROW | {"asset": "Postre", "target_url": "https://10.0.0.1/"})
    answer = office.first.post(table, data=form)
    shown = unescape(answer.text)
    assert answer.status_code == 422
    assert "Row 2, Asset: There is no asset “Postre”" in shown
    assert 'aria-invalid="true" aria-describedby="asset-2-problem"' in shown
    assert 'value="Postre"' in shown
    assert office.placements() == {}


def test_what_a_row_names_and_is_not_there_leads_to_where_it_is_made_under_its_name(
    office: PlanningOffice, table: str
) -> None:
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", **ROW | {"asset": "Postre & film", "channel": "Radio", "persona": "nobody"})
    shown = office.first.post(table, data=form).text
    ways = re.findall(r' <a href="([^"]*)">Make it</a>', shown)
    assert ways[0].startswith("/assets/new?name=Postre+%26+film&amp;place_in=")
    assert ways[1].startswith("/channels/new?name=Radio&amp;place_in=") and ways[2].startswith(
        "/personas/new?place_in="
    )
    assert 'value="Postre &amp; film"' in office.first.get(ways[0]).text
    assert 'value="Radio"' in office.first.get(ways[1]).text
    fill(form, 0, asset="Poster", channel="Stops", persona="gp-young-family", target_url="x")
    assert "Make it" not in office.first.post(table, data=form).text


BACK = r'<a class="button" href="([^"]*)">Back to the placements of “Now we must”</a>'


def make_on_the_way(office: PlanningOffice, shown: str, place: str, **fields: str) -> str:
    """Make what a refused page leads to, and go back: what then stands there."""
    way = next(one for one in re.findall(r' <a href="([^"]*)">Make it</a>', shown) if one.startswith(place))
    page = office.first.get(unescape(way)).text
    action = re.findall(rf'method="post" action="({place}[^"]*)"', page)[0]
    form = read_form(page, place) | {name: [value] for name, value in fields.items()}
    made = send(office.first, unescape(action), form).text
    return office.first.get(unescape(re.findall(BACK, made)[0])).text


@pytest.mark.parametrize(
    ("column", "place", "fields"),
    [("asset", "/assets/new", {}), ("channel", "/channels/new", {"kind": "radio", "cost_model": "fixed"})],
)
def test_rows_that_were_typed_come_back_once_what_they_name_is_made(
    office: PlanningOffice, table: str, column: str, place: str, fields: dict[str, str]
) -> None:
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", planned_cost="1900", **ROW | {column: "New one"})
    fill(form, 2, place="Vallila", **ROW)
    again = read_rows(make_on_the_way(office, office.first.post(table, data=form).text, place, **fields), table)
    rows = list(zip(*(again[name] for name in (column, "place", "planned_cost")), strict=True))
    assert rows == [("New one", "Kallio", "1900"), (ROW[column], "Vallila", ""), ("", "", "")]
    assert "Kept: 2 placements." in unescape(send(office.first, table, again).text)


def test_rows_that_were_typed_come_back_once_their_persona_is_written(office: PlanningOffice, table: str) -> None:
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", **ROW | {"persona": "nobody"})
    way = re.findall(r' <a href="([^"]*)">Make it</a>', office.first.post(table, data=form).text)[0]
    page = office.first.get(unescape(way)).text
    action = unescape(re.findall(r'method="post" action="(/personas/new[^"]*)"', page)[0])
    assert unescape(way).partition("?")[2] in action, "the form sends them on"
    back = office.first.get("/personas/gp-young-family?" + action.partition("?")[2]).text
    again = read_rows(office.first.get(unescape(re.findall(BACK, back)[0])).text, table)
    assert (again["place"][0], again["persona"][0]) == ("Kallio", "nobody")
    assert (
        "Back to the placements" not in office.viewer.get("/personas/gp-young-family?" + action.partition("?")[2]).text
    )


def test_rows_that_were_pasted_come_back_to_be_looked_at_again(office: PlanningOffice, table: str) -> None:
    rows = "asset\tchannel\tplace\n" + "\n".join(f"Poster\tRadio\tPlace {n}" for n in range(150))
    shown = office.first.post(f"{table}/paste", data={"rows": rows, **GIVEN}).text
    back = make_on_the_way(office, shown, "/channels/new", kind="radio", cost_model="fixed")
    form = read_form(back, f"{table}/paste")
    head = form["rows"][0].splitlines()[0].split("\t")
    assert head == ["asset", "channel", "place", "target_url", "persona"], "with what held for rows that said nothing"
    assert len(form["rows"][0].splitlines()) == 151
    assert "Kept: 150 placements." in send(office.first, f"{table}/paste", {**form, "store": ["yes"]}).text


def test_pasted_rows_that_no_address_has_room_for_are_not_carried_in_part(office: PlanningOffice, table: str) -> None:
    noise = (f"Poster\tRadio\t{uuid.uuid4()}{uuid.uuid4()}" for _n in range(150))
    shown = office.first.post(f"{table}/paste", data={"rows": "asset\tchannel\tplace\n" + "\n".join(noise), **GIVEN})
    way = unescape(re.findall(r' <a href="([^"]*)">Make it</a>', shown.text)[0])
    assert "place_in=" in way and "rows=" not in way and len(way) < 200


def packed(text: str) -> str:
    return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode()


@pytest.mark.parametrize(
    "rows", ["x", "eNq", *map(packed, ["", "[1]", '[{"place": 3}]', "{}", "[" * 5000, " " * 300_000 + "[]"])]
)
def test_an_address_that_carries_no_rows_shows_empty_ones(office: PlanningOffice, table: str, rows: str) -> None:
    shown = office.first.get(table, params={"rows": rows})
    assert shown.status_code == 200 and set(read_rows(shown.text, table)["place"]) == {""}


def test_a_new_row_that_names_no_persona_is_for_the_only_one_that_its_campaign_speaks_to(
    office: PlanningOffice, table: str
) -> None:
    without = {**ROW, "persona": ""}
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", **without)
    assert "This is needed" in unescape(office.first.post(table, data=form).text)
    with office.database.writing(office.city) as session:
        session.get_one(Campaign, office.campaign).aim = {"personas": ["gp-young-family"]}
    text = office.first.get(table).text
    assert re.findall(r'<input id="persona-1"[^>]* placeholder="([^"]+)"', text) == ["GP with a young family"]
    form = read_rows(text, table)
    fill(form, 0, place="Kallio", **without)
    assert "Kept: 1 placement." in unescape(send(office.first, table, form).text)


def test_all_personas_of_a_placement_are_seen_in_its_row_and_another_is_added_on_a_line_of_its_own(
    office: PlanningOffice, table: str
) -> None:
    slugs = ["gp-young-family", "senior-with-an-older-parent", "newly-licensed-on-the-road"]
    with office.database.writing(office.city) as session:
        for slug in slugs[1:]:
            a_persona(session, slug=slug, name={"en": slug, "fi": slug})
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", **ROW | {"persona": ", ".join(slugs[:2])})
    shown = send(office.first, table, form).text
    (field,) = re.findall(r'<textarea[^>]*name="persona"[^>]*>([^<]*)</textarea>', shown)
    assert field == f"GP with a young family, {slugs[1]}"
    form = read_rows(shown, table)
    fill(form, 0, persona="\r\n".join(slugs))
    shown = send(office.first, table, form).text
    assert re.findall(r'<textarea[^>]*name="persona" rows="(\d)"', shown) == ["3"]
    with office.reading() as session:
        assert [one.slug for one in session.scalars(select(Placement)).one().personas] == [slugs[0], *sorted(slugs[1:])]


def test_each_row_has_its_link_as_text_to_be_selected_and_a_button_that_copies_it(
    office: PlanningOffice, table: str
) -> None:
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", **ROW)
    shown = send(office.first, table, form).text
    code = office.placements()["Kallio"].tracking_code
    assert f'<span class="address">kutsu.example/k/{code}</span>' in shown
    assert f'data-copy="http://kutsu.example/k/{code}"' in shown
    assert shown.count("data-copy=") == 1


def test_a_name_that_is_its_assets_is_said_once_and_may_still_be_changed(office: PlanningOffice, table: str) -> None:
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", name="Poster", **ROW)
    fill(form, 1, place="Vallila", name="Poster in Vallila", **ROW)
    send(office.first, table, form)
    shown = office.first.get(table).text
    assert shown.count('<details class="same"><summary>named as its asset</summary>') == 1
    form = read_rows(shown, table)
    assert form["name"][:2] == ["Poster", "Poster in Vallila"]
    fill(form, 0, name="Poster in Kallio")
    assert '<details class="same">' not in send(office.first, table, form).text
    assert {one.name for one in office.placements().values()} == {"Poster in Kallio", "Poster in Vallila"}


def test_what_two_change_of_a_row_at_once_is_kept_and_what_both_change_is_shown(
    office: PlanningOffice, table: str
) -> None:
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", **ROW)
    send(office.first, table, form)
    opened = read_rows(office.first.get(table).text, table)
    theirs = {name: list(values) for name, values in opened.items()}
    fill(theirs, 0, audience="Seniors", planned_cost="100")
    send(office.second, table, theirs)
    fill(opened, 0, booked_cost="90")
    send(office.first, table, opened)
    kept = office.placements()["Kallio"]
    assert (kept.audience, kept.planned_cost_minor, kept.booked_cost_minor) == ("Seniors", 10_000, 9_000)
    fill(opened, 0, audience="GPs")
    answer = office.first.post(table, data=opened)
    assert answer.status_code == 422
    assert "Somebody else said meanwhile: Seniors" in unescape(answer.text)
    assert ">GPs</textarea>" in answer.text
    send(office.first, table, read_rows(answer.text, table))
    assert office.placements()["Kallio"].audience == "GPs"


def test_a_row_is_taken_out_and_one_that_somebody_took_out_meanwhile_is_named(
    office: PlanningOffice, table: str
) -> None:
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", **ROW)
    send(office.first, table, form)
    opened = read_rows(office.first.get(table).text, table)
    send(office.second, table, {**opened, "out": [opened["row"][0]]})
    assert office.placements() == {}
    fill(opened, 0, audience="GPs")
    answer = office.first.post(table, data=opened)
    assert answer.status_code == 422
    assert "“Poster, Kallio” were taken out meanwhile" in unescape(answer.text)


def test_a_placements_page_leads_whoever_plans_to_its_row(office: PlanningOffice, table: str) -> None:
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", **ROW)
    send(office.first, table, form)
    key = office.placements()["Kallio"].id
    assert f'href="{table}#row-{key}">Change it' in office.first.get(f"/placements/{key}").text
    assert f'<tr id="row-{key}" ' in office.first.get(table).text


def test_a_form_that_is_torn_changes_nothing(office: PlanningOffice, table: str) -> None:
    form = read_rows(office.first.get(table).text, table)
    for torn in ({**form, "asset": ["Poster"]}, {**form, "row_was": ["{", "", ""]}):
        answer = office.first.post(table, data=torn)
        assert answer.status_code == 422
        assert "Part of the form is missing" in answer.text


def test_a_placement_that_is_added_after_its_flight_began_is_warned_of(office: PlanningOffice) -> None:
    with office.database.writing(office.city) as session:
        running = a_campaign(session, name="Running", starts_on="2026-10-01", ends_on="2026-12-31").id
    table = f"/campaigns/{running}/placements"
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", **ROW)
    shown = unescape(send(office.first, table, form).text)
    assert (
        "1 of them got its link after it began to run. Applications from before that cannot be traced by it." in shown
    )
    assert "Linked on 22 Nov 2026: what came before has no link." in shown
    own = f"/placements/{office.placements()['Kallio'].id}"
    assert "Linked on 22 Nov 2026: what came before has no link." in office.viewer.get(own).text


def test_a_placement_says_until_when_it_is_booked_and_that_it_should_have_been(
    office: PlanningOffice, table: str
) -> None:
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", **ROW)
    send(office.first, table, form)
    one = office.placements()["Kallio"]
    for lead_time, planned, said in (
        (9, 0, "To be booked by 22 Nov 2026."),
        (10, 1, "It should have been booked by 21 Nov 2026."),
        (10, 0, "It was planned after the last day for booking, 21 Nov 2026: ask the channel whether it still takes"),
    ):
        with office.database.writing(office.city) as session:
            session.get_one(Channel, one.channel_id).lead_time_days = lead_time
            session.get_one(Placement, one.id).created_at = one.created_at - dt.timedelta(days=planned)
        for path in (table, f"/placements/{one.id}"):
            assert said in unescape(office.first.get(path).text)
    with office.database.writing(office.city) as session:
        session.get_one(Placement, one.id).booked_cost_minor = 100
    assert "been booked by" not in office.first.get(table).text


def test_pasted_rows_are_for_the_only_persona_that_their_campaign_speaks_to(office: PlanningOffice, table: str) -> None:
    chosen = '<option value="gp-young-family" selected>'
    assert chosen not in office.first.get(f"{table}/paste").text
    with office.database.writing(office.city) as session:
        session.get_one(Campaign, office.campaign).aim = {"personas": ["gp-young-family"]}
    assert chosen in office.first.get(f"{table}/paste").text


def test_pasted_rows_are_looked_at_before_anything_is_stored_and_then_stored_all(
    office: PlanningOffice, table: str
) -> None:
    paste = f"{table}/paste"
    shown = office.first.post(paste, data={"rows": ROWS, **GIVEN})
    assert "2 rows can be taken. Nothing is stored yet" in unescape(shown.text)
    assert office.placements() == {}
    form = read_form(shown.text, paste)
    assert form["rows"] == [ROWS]
    assert "Kept: 2 placements." in send(office.first, paste, {**form, "store": ["yes"]}).text
    made = office.placements()
    assert (made["Kallio"].planned_cost_minor, made["Vallila"].vat_hundredths) == (190_050, 2550)


def test_what_is_wrong_with_a_pasted_row_is_named_and_nothing_is_stored(office: PlanningOffice, table: str) -> None:
    rows = ROWS + "Postre\tStops\tVallila\tsoon\t\t=1+1\t\nPoster\tStops\tKallio\t2026-12-10\t\t\t\n"
    for sent in ({}, {"store": "yes"}):
        answer = office.first.post(f"{table}/paste", data={"rows": rows, **GIVEN, **sent})
        shown = unescape(answer.text)
        assert answer.status_code == 422
        assert "2 rows cannot be taken yet. Nothing was stored." in shown
        assert "Asset: There is no asset “Postre”" in shown
        assert "Planned cost: This begins like a formula" in shown
        assert "Starts: Write the date as year-month-day" in shown
        assert "Starts: “Poster, Kallio” is the same asset in the same channel and place" in shown
        assert shown.count(' <a href="/assets/new?name=Postre&place_in=') == shown.count(">Make it</a>") == 1
        assert "Store these placements" not in shown
        assert office.placements() == {}
    torn = office.first.post(f"{table}/paste", data={"rows": " ", **GIVEN})
    assert "Nothing was pasted" in torn.text


def test_who_only_reads_sees_the_table_and_no_field(office: PlanningOffice, table: str) -> None:
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", **ROW)
    send(office.first, table, form)
    shown = office.viewer.get(table).text
    assert "<span>Kallio</span>" in shown
    assert 'name="asset"' not in shown
    assert office.viewer.post(table, data=form).status_code == 403
    assert office.viewer.get(f"{table}/paste").status_code == 403
    assert office.viewer.post(f"{table}/paste", data={"rows": ROWS, "store": "yes"}).status_code == 403


def test_a_long_table_is_read_page_by_page_and_a_form_comes_back_to_its_page(
    office: PlanningOffice, table: str
) -> None:
    with office.database.writing(office.city) as session:
        get_organisation(session, office.city).link_hosts = ["jobs.example.org"]
        first = a_placement(session, campaign_id=office.campaign, starts_on="2026-12-01", ends_on="2026-12-02")
        parts = {f"{part}_id": getattr(first, f"{part}_id") for part in ("asset", "channel", "persona")}
        for n in range(44):
            flight = {"starts_on": "2026-12-03", "ends_on": "2026-12-04", "place": f"Stop {n:02}"}
            a_placement(session, campaign_id=office.campaign, **parts, **flight, name=f"P{n:02}")
    shown = office.first.get(f"{table}?page=2").text
    form = read_rows(shown, table)
    assert (form["place"][0], form["place"][19], len(form["row"])) == ("Stop 19", "Stop 38", 23)
    assert "45 placements" in shown
    fill(form, 0, audience="GPs")
    answer = office.first.post(f"{table}?page=2", data=form)
    assert answer.headers["location"] == f"{table}?page=2&kept=1"
    assert len(read_rows(office.first.get(f"{table}?page=9&rows=50").text, table)["row"]) == 5 + 50
    assert office.first.get(f"{table}?page={'9' * 5000}").status_code == 200


def test_a_campaign_that_is_a_template_takes_no_placements(office: PlanningOffice) -> None:
    with office.database.writing(office.city) as session:
        template = a_campaign(session, name="Template", template=True).id
    shown = office.first.get(f"/campaigns/{template}/placements").text
    assert "A template has no placements" in shown
    assert 'name="asset"' not in shown


def test_every_field_of_a_placement_is_in_one_column_of_the_table() -> None:
    assert sorted(ORDER) == sorted(COLUMNS)


def test_columns_are_chosen_and_what_is_not_seen_stays_as_it_was(office: PlanningOffice, table: str) -> None:
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", audience="Seniors", planned_cost="100", **ROW)
    send(office.first, table, form)
    picked = office.first.get(f"{table}?kept=1&column=when&column=cost&column=")
    narrow = f"{table}?columns=when.cost"
    assert (picked.status_code, picked.headers["location"]) == (303, f"{table}?kept=1&columns=when.cost#columns")
    shown = office.first.get(narrow).text
    heads = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', shown)
    assert [re.sub("<[^>]+>", " ", head).split() for head in heads] == [
        ["Code"], ["Starts", "·", "Ends", "·", "Status"], ["Cost"], ["Take", "out"],
    ]  # fmt: skip
    assert 'id="audience-1"' not in shown
    form = read_rows(shown, table)
    fill(form, 0, booked_cost="90", ends_on="2026-12-20")
    assert office.first.post(narrow, data=form).headers["location"] == f"{narrow}&kept=1"
    kept = office.placements()["Kallio"]
    assert (kept.audience, kept.planned_cost_minor, kept.booked_cost_minor) == ("Seniors", 10_000, 9_000)
    assert str(kept.ends_on) == "2026-12-20"


def test_what_is_wrong_is_shown_in_its_column_though_it_was_not_chosen(office: PlanningOffice, table: str) -> None:
    narrow = f"{table}?columns=where"
    form = read_rows(office.first.get(narrow).text, table)
    fill(form, 0, channel="Stops", place="Kallio")
    answer = office.first.post(narrow, data=form)
    assert (answer.status_code, office.placements()) == (422, {})
    for column, there in (("asset", True), ("persona", True), ("channel", True), ("booked_cost", False)):
        assert (f'id="{column}-1"' in answer.text) is there
    send(office.first, narrow, fill_all(read_rows(answer.text, table), **ROW))
    assert set(office.placements()) == {"Kallio"}


def test_the_columns_that_are_chosen_stay_chosen_on_every_page_of_the_table(office: PlanningOffice, table: str) -> None:
    with office.database.writing(office.city) as session:
        first = a_placement(session, campaign_id=office.campaign, starts_on="2026-12-01", ends_on="2026-12-02")
        parts = {f"{part}_id": getattr(first, f"{part}_id") for part in ("asset", "channel", "persona")}
        for n in range(20):
            a_placement(session, campaign_id=office.campaign, **parts, starts_on="2026-12-03", ends_on="2026-12-04",
                        place=f"Stop {n:02}")  # fmt: skip
    shown = unescape(office.first.get(f"{table}?columns=where&kept=1").text)
    assert f'href="{table}?columns=where&page=2"' in shown
    assert f'href="{table}?columns=where&page=1&rows=50"' in shown
    assert "“height” is none of ad, cost" in unescape(office.first.get(f"{table}?columns=height").text)


@pytest.mark.parametrize(("language", "written"), [("en", ["1234.50", "25.5"]), ("sv", ["1234,50", "25,5"])])
def test_numbers_stand_in_the_table_as_they_are_typed_in_its_language_and_change_nothing_when_sent_back(
    office: PlanningOffice, table: str, language: str, written: list[str]
) -> None:
    form = read_rows(office.first.get(table).text, table)
    send(office.first, table, fill_all(form, planned_cost="1234,50", vat_percent="25,5", place="Kallio", **ROW))
    before = office.placements()["Kallio"]
    reader = {"accept-language": language}
    shown = read_rows(office.first.get(table, headers=reader).text, table)
    assert [shown["planned_cost"][0], shown["vat_percent"][0]] == written
    assert office.first.post(table, data=shown, headers=reader).status_code == 303
    after = office.placements()["Kallio"]
    assert (after.planned_cost_minor, after.vat_hundredths) == (123_450, 2550)
    assert after.revision == before.revision


@pytest.mark.parametrize("language", ["en", "fi", "sv", "nb"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_whole_table_is_seen_without_scrolling_to_the_side_and_without_barriers(
    watch: Watch, office: PlanningOffice, table: str, width: int, language: str
) -> None:
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Tram stops between Kallio and Vallila", audience="Doctors on their way home", **ROW)
    fill(form, 0, planned_cost="123456.78", production_cost="1234.50", vat_percent="25.5")
    send(office.first, table, form)
    with serving(office.app) as site:
        watch.carry_cookie(COOKIE, open_session(office.app))
        page = watch.open(viewport={"width": width, "height": 900})
        page.goto(f"{site}{table}?lang={language}")
        region = page.get_by_role("region", name=page.locator("h1").inner_text())
        assert region.evaluate("(one) => one.scrollWidth - one.clientWidth") == 0
        cut = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.id)"
        assert region.locator("input.number, input[type=date], label:visible").evaluate_all(cut) == []
        assert barriers(page) == []


def test_placements_are_filled_in_with_keys_alone_and_without_javascript(
    watch: Watch, office: PlanningOffice, table: str
) -> None:
    with serving(office.app) as site:
        watch.carry_cookie(COOKIE, open_session(office.app))
        page = watch.open(java_script_enabled=False)
        page.goto(site + table)
        keys = Keys(page)
        said = {**ROW, "place": "Kallio", "starts_on": "2026-12-05", "planned_cost": "1900"}
        for column in sorted(said, key=ORDER.index):
            keys.fill(page.locator(f"#{column}-1"), said[column])
        keys.follow(page.get_by_role("button", name="Keep these placements"))
        expect(page.get_by_role("status").first).to_contain_text("Kept: 1 placement.")
    assert office.placements()["Kallio"].planned_cost_minor == 190_000


def test_personas_are_named_in_the_table_as_people_call_them_and_a_name_with_a_comma_is_one(
    office: PlanningOffice, table: str
) -> None:
    with office.database.writing(office.city) as session:
        a_persona(session, slug="left-public-care", name={"en": "GP, who left", "fi": "Yleislääkäri, joka lähti"})
        for slug in ("twin-one", "twin-two"):
            a_persona(session, slug=slug, name={"en": "Twin", "fi": "Kaksonen"})
    form = read_rows(office.first.get(table).text, table)
    fill(form, 0, place="Kallio", **ROW | {"persona": "GP with a young family, GP, who left"})
    fill(form, 1, place="Vallila", **ROW | {"persona": "twin-two"})
    shown = unescape(send(office.first, table, form).text)
    said = re.findall(r'<textarea[^>]*name="persona"[^>]*>([^<]*)</textarea>', shown)
    assert said == ["GP with a young family, GP, who left"]
    assert 'value="twin-two"' in shown
    again = read_rows(office.first.get(table).text, table)
    fill(again, 0, audience="Doctors")
    assert "Kept: 1 placement." in unescape(send(office.first, table, again).text)
    with office.reading() as session:
        slugs = {one.place: [some.slug for some in one.personas] for one in session.scalars(select(Placement))}
    assert slugs == {"Kallio": ["gp-young-family", "left-public-care"], "Vallila": ["twin-two"]}


@pytest.mark.browser
@pytest.mark.parametrize("scripted", [True, False])
def test_enter_in_a_row_sends_nothing_and_the_first_empty_row_is_one_link_away(
    office: PlanningOffice, table: str, watch: Watch, scripted: bool
) -> None:
    with office.database.writing(office.city) as session:
        a_placement(session, campaign_id=office.campaign, starts_on="2026-12-01", ends_on="2026-12-31")
    with serving(office.app) as site:
        watch.carry_cookie(COOKIE, open_session(office.app))
        page = watch.open(java_script_enabled=scripted)
        page.goto(f"{site}{table}")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.get_by_role("link", name="To the first empty row").press("Enter")
        expect(page.locator("#asset-2")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#asset-3" if scripted else "#asset-2")).to_be_focused()
        assert page.url.endswith(f"{table}#asset-2")
        if scripted:
            page.locator("#place-2").press("Enter")
            expect(page.locator("#place-3")).to_be_focused()
            page.locator("#starts_on-4").press("Enter")
            expect(page.get_by_role("button", name="Keep these placements")).to_be_focused()


def test_a_long_name_of_an_asset_is_shown_whole_and_kept_as_one_line(office: PlanningOffice, table: str) -> None:
    name = "Now we must: interview (Doctor trained abroad)"
    with office.database.writing(office.city) as session:
        asset = an_asset(session, name=name, status="draft")
        days = {"starts_on": "2026-12-01", "ends_on": "2026-12-31"}
        a_placement(session, campaign_id=office.campaign, asset_id=asset.id, place="Kallio", **days)
    page = office.first.get(table).text
    assert f">{name}</textarea>" in page.partition('<textarea id="asset-1"')[2].partition("<input")[0]
    form = read_rows(page, table)
    fill(form, 0, asset=name.replace(" (", "\r\n("), audience="All")
    assert "Kept: 1 placement." in send(office.first, table, form).text
