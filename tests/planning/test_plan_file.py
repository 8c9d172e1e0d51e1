"""The whole plan as a file: there and back without loss, all of it or nothing."""

import datetime as dt
import io
import json
import uuid
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from xlsxwriter import Workbook

from app.database import Database
from app.errors import Invalid
from app.i18n import speaking
from app.planning.alias import SourceAliasIn, create_source_alias
from app.planning.campaign import Campaign
from app.planning.channel import ChannelIn, ChannelKind, Weekday
from app.planning.invoice import InvoiceIn, record_invoice
from app.planning.job import JobIn, create_job
from app.planning.naming import NamingPresetIn, create_naming_preset
from app.planning.nouns import NOUNS
from app.planning.placement import Placement
from app.planning.plan_file import PlanResult, export_plan, import_plan
from app.planning.plan_sheets import FORMATS, read_plan_file, write_plan
from app.planning.sheet_file import defuse, undefuse
from app.web.pages.plan_file import recoded_words
from tests.planning.conftest import organisation_named
from tests.support.plan import (
    LATER,
    NOW,
    a_campaign,
    a_channel,
    a_claim,
    a_live_placement,
    a_persona,
    a_placement,
    an_asset,
    reason,
    text,
)


def lay_plan(session: Session) -> None:
    """A plan with every kind of row, and what is hard to carry: nested texts, lists, money, versions, variants."""
    a_persona(session)
    persona = a_persona(session, version=2, factors=[reason("no-night-duty"), reason("own-patients")])
    claim = a_claim(session, slug="no-nights", text=text("=No night, “never”,\nnot once"))
    channel = a_channel(session, name="Tram stops", booking_closes_days=11, booking_closes_on="thursday",
                        booking_closes_at="12:00")  # fmt: skip
    campaign = a_campaign(session, name="Now we must", budget={"amount": "20000.00", "currency": "EUR"},
                          expected_funnel={"applied": 30, "hired": 3})  # fmt: skip
    asset = an_asset(session, name="Poster", claim_ids=[str(claim.id)], languages=["fi", "sv"], status="approved",
                     alt_text={"fi": "Lääkäri", "sv": "En läkare"})  # fmt: skip
    an_asset(session, name="Another poster", variant_of_id=str(asset.id))
    placed: dict[str, Any] = {
        "campaign_id": str(campaign.id), "asset_id": str(asset.id), "channel_id": str(channel.id),
        "persona_id": str(persona.id),
    }  # fmt: skip
    placed["also_for_ids"] = [a_persona(session, slug=slug).id for slug in ("senior", "resident")]
    placement = a_placement(session, name="+Kallio", planned_cost={"amount": "1900.00", "currency": "EUR"}, **placed)
    job = {"title": "Doctor", "specialty": "general_practice", "opens_on": "2026-03-01", "openings": 2}
    observed = {"observed_jobs": ["0a" * 16, "1b" * 16]}
    vacancy = create_job(session, JobIn.model_validate(job | observed), now=NOW)
    create_job(session, JobIn.model_validate(job), now=NOW)
    aim = {"personas": [persona.slug], "claims": ["no-nights"], "jobs": [str(vacancy.id)]}
    campaign.aim = {**aim, "talent_pool": True, "leads_wanted": 30}
    alias = {"kind": "label", "observed": "tram stop", "placement_id": str(placement.id)}
    create_source_alias(session, SourceAliasIn.model_validate(alias), now=NOW)
    invoice = {
        "campaign_id": campaign.id, "reference": "+JCDecaux 10234", "amount": {"amount": "100.01", "currency": "EUR"},
        "vat_percent": "25.5", "starts_on": "2026-03-01", "ends_on": "2026-03-31",
    }  # fmt: skip
    record_invoice(session, InvoiceIn.model_validate(invoice), now=NOW)
    preset = {"name": "Ours", "pattern": "{campaign} {year}"}
    create_naming_preset(session, NamingPresetIn.model_validate(preset), now=NOW)


def rows_of(session: Session) -> int:
    return sum(session.scalar(select(func.count()).select_from(noun.model)) or 0 for noun in NOUNS.values())


def total(counts: Any) -> int:
    return sum(counts.values())


@pytest.mark.parametrize("format", FORMATS)
def test_a_plan_is_read_into_another_organisation_as_it_was(database: Database, format: str) -> None:
    first, second = organisation_named(database, "First"), organisation_named(database, "Second")
    with database.writing(first) as session:
        lay_plan(session)
        tables = export_plan(session)
        for placement in session.scalars(select(Placement)):
            placement.tracking_code = "h7k2m3"  # a code is the whole installation's; this frees it
    content = write_plan(tables, format)
    with database.writing(second) as session:
        result = import_plan(session, read_plan_file(f"plan.{format}", content), now=LATER)
        assert total(result.added) == sum(map(len, tables.values())) == 15
    with database.reading(second) as session:
        assert export_plan(session) == tables


@pytest.mark.parametrize("format", FORMATS)
def test_a_placement_whose_code_is_another_organisations_gets_a_fresh_one_and_is_found_by_the_files(
    database: Database, format: str
) -> None:
    first, second = organisation_named(database, "First"), organisation_named(database, "Second")
    with database.writing(first) as session:
        lay_plan(session)
        tables = export_plan(session)
    content = write_plan(tables, format)
    (code,) = [one["tracking_code"] for one in tables["placements"]]
    for added, changed in ((15, 0), (0, 0)):
        with database.writing(second) as session:
            found = import_plan(session, read_plan_file(f"plan.{format}", content), now=LATER)
            assert (total(found.added), total(found.changed)) == (added, changed)
            assert found.recoded == (("+Kallio",) if added else ())
    with database.reading(second) as session:
        placement = session.scalars(select(Placement)).one()
        assert placement.tracking_code != code
        anew = export_plan(session)
        assert anew["source_aliases"] == [tables["source_aliases"][0] | {"placement": placement.tracking_code}]
        assert anew["placements"] == [tables["placements"][0] | {"tracking_code": placement.tracking_code}]
    with database.reading(first) as session:
        assert export_plan(session) == tables


def test_a_rehearsal_says_which_codes_would_be_fresh_and_a_change_in_the_file_reaches_its_placement(
    database: Database,
) -> None:
    first, second = organisation_named(database, "First"), organisation_named(database, "Second")
    with database.writing(first) as session:
        lay_plan(session)
        tables = export_plan(session)
    with database.writing(second) as session:
        assert import_plan(session, tables, now=LATER, rehearse=True).recoded == ("+Kallio",)
        assert session.scalar(select(func.count()).select_from(Placement)) == 0
        import_plan(session, tables, now=LATER)
        (row,) = tables["placements"]
        found = import_plan(session, {"placements": [row | {"audience": "Commuters"}]}, now=LATER)
        assert (found.changed, found.recoded) == ({"placements": 1}, ())
        assert session.scalars(select(Placement.audience)).one() == "Commuters"


def test_the_page_and_the_command_say_which_placements_have_a_fresh_code() -> None:
    with speaking("en"):
        assert recoded_words([]) == ""
        assert recoded_words(["Kallio"]).startswith("1 placement has a fresh code and link here, since its code in")
        assert "“Kallio”, “Vallila”. Print and publish the new ones." in recoded_words(["Kallio", "Vallila"])


def test_reading_a_plan_where_it_came_from_changes_nothing(session: Session) -> None:
    lay_plan(session)
    a_live_placement(session)
    tables = export_plan(session)
    result = import_plan(session, tables, now=LATER)
    assert (total(result.added), total(result.changed)) == (0, 0)
    assert export_plan(session) == tables


def test_what_a_row_says_anew_is_changed_and_what_no_row_names_stays(session: Session) -> None:
    lay_plan(session)
    (row,) = [one for one in export_plan(session)["campaigns"] if one["name"] == "Now we must"]
    result = import_plan(session, {"campaigns": [row | {"concept": "Bolder"}]}, now=LATER)
    assert result == PlanResult(added={}, changed={"campaigns": 1}, unchanged={})
    assert session.scalars(select(Campaign.concept).where(Campaign.name == "Now we must")).one() == "Bolder"
    assert rows_of(session) == 15


def test_of_a_plan_with_one_wrong_row_nothing_is_stored_and_every_problem_is_named(session: Session) -> None:
    channels = [
        {"name": "Stops", "kind": "out_of_home", "cost_model": "fixed"},
        {"name": "Radio", "kind": "wireless", "cost_model": "fixed"},
    ]
    with pytest.raises(Invalid) as error:
        import_plan(session, {"channels": channels, "claims": [{"slug": "a"}], "adverts": []}, now=LATER)
    assert [one.field for one in error.value.problems] == [
        "adverts", "claims[0].factor", "claims[0].text", "channels[1].kind",
    ]  # fmt: skip
    assert rows_of(session) == 0


def test_a_rehearsal_says_what_would_happen_and_stores_nothing(session: Session) -> None:
    channel = {"name": "Stops", "kind": "out_of_home", "cost_model": "fixed"}
    result = import_plan(session, {"channels": [channel]}, now=LATER, rehearse=True)
    assert result.added == {"channels": 1}
    assert rows_of(session) == 0


def test_a_row_that_names_what_is_not_there_is_refused_by_that_name(session: Session) -> None:
    lay_plan(session)
    (row,) = export_plan(session)["placements"]
    with pytest.raises(Invalid) as error:
        import_plan(session, {"placements": [row | {"asset": "Billboard", "persona": "gp-young-family@7"}]}, now=LATER)
    assert {one.field: "Billboard" in one.message for one in error.value.problems} == {
        "placements[0].asset": True, "placements[0].persona": False,
    }  # fmt: skip


def test_a_name_that_nobody_can_read_is_nobodys(session: Session) -> None:
    lay_plan(session)
    (row,) = export_plan(session)["placements"]
    with pytest.raises(Invalid) as error:
        import_plan(session, {"placements": [row | {"asset": "Poster\x00"}]}, now=LATER)
    assert [one.field for one in error.value.problems] == ["placements[0].asset"]


def test_a_placement_written_by_hand_without_a_code_is_planned_once(session: Session) -> None:
    lay_plan(session)
    (row,) = export_plan(session)["placements"]
    by_hand = {name: said for name, said in row.items() if name != "tracking_code"}
    by_hand |= {"name": "Vallila", "place": "Vallila"}
    assert import_plan(session, {"placements": [by_hand]}, now=LATER).added == {"placements": 1}
    assert import_plan(session, {"placements": [by_hand]}, now=LATER).unchanged == {"placements": 1}


def test_a_stored_version_of_a_persona_is_not_rewritten(session: Session) -> None:
    a_persona(session)
    (row,) = export_plan(session)["personas"]
    with pytest.raises(Invalid, match="next version"):
        import_plan(session, {"personas": [row | {"career_stage": "senior"}]}, now=LATER)


def packed(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, said in files.items():
            archive.writestr(name.replace("_csv", ".csv"), said)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("plan.json", b"{", "no JSON"),
        ("plan.json", b"[1]", "an object with a list of rows"),
        ("plan.json", b'{"claims": [3]}', "named fields"),
        ("plan.json", b'{"claims": [{"slug": "\\ud800"}]}', "no JSON"),
        ("plan.json", b"[" * 100_000, "no JSON"),
        ("plan.json", b'{"a": [{"b": ' + b"[" * 900 + b"]" * 900 + b"}]}", "no JSON"),
        ("adverts.csv", b"name\nx\n", "after its table"),
        ("claims.csv", b"slug,text/fi\nx,y\n", "no column"),
        ("claims.csv", b"\x89PNG\r\n", "of the kind PNG"),
        ("plan.png", b"\x89PNG\r\n", "of the kind PNG"),
        ("claims.csv", b"slug\n" + b"x" * 5000 + b"\n", "longer than any name"),
        ("plan.xlsx", b"PK\x03\x04broken", "broken"),
        ("plan.xlsx", b'{"claims": []}', "says that this is a spreadsheet"),
        ("plan.zip", b'{"claims": []}', r"says that this is a packed file \(ZIP\)"),
        ("plan.json", b"PK\x03\x04", "says that this is text"),
        ("claims.csv", b"PK\x03\x04", "says that this is text"),
        ("plan.zip", packed(claims_csv="0" * 70_000_000), "more than 67,108,864 bytes"),
        ("plan.xlsx", packed(**{"[Content_Types].xml": "no"}), "no spreadsheet"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(name: str, content: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read_plan_file(name, content)


def test_a_table_saved_by_a_spreadsheet_with_semicolons_or_in_utf16_is_read() -> None:
    rows = [{"slug": "a", "text": {"fi": "Ei öitä; koskaan"}, "factor": "no-night-duty"}]
    cells = 'slug;text.fi;factor\r\na;"Ei öitä; koskaan";no-night-duty\r\n;;\r\n'
    assert read_plan_file("claims.csv", cells.encode("utf-8-sig")) == {"claims": rows}
    assert read_plan_file("claims.csv", cells.replace(";", "\t").encode("utf-16")) != {}


def a_workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True, "default_date_format": "hh:mm"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, cells in enumerate(rows):
                sheet.write_row(at, 0, cells)
    return content.getvalue()


def test_what_is_wrong_in_a_sheet_is_said_with_its_table_its_row_as_the_sheet_numbers_it_and_its_column(
    session: Session,
) -> None:
    lay_plan(session)
    (row,) = export_plan(session)["placements"]
    heads = ["name", "campaign", "asset", "channel", "starts_on", "target_url", "planned_cost.amount"]
    told = [row["name"], row["campaign"], row["asset"], row["channel"], row["starts_on"], row["target_url"], 1900.5]
    content = a_workbook(placements=[heads, [], told, ["Vallila"]])
    with pytest.raises(Invalid) as error:
        import_plan(session, read_plan_file("plan.xlsx", content), now=LATER)
    said = {one.field: one.message for one in error.value.problems}
    assert said["placements[0].planned_cost.currency"] == (
        "placements, row 3 (+Kallio), column planned_cost.currency: This is needed."
    )
    assert said["placements[1].campaign"] == "placements, row 4 (Vallila), column campaign: This is needed."


def test_a_number_in_a_list_is_the_column_that_the_sheet_has(session: Session) -> None:
    lay_plan(session)
    (row,) = export_plan(session)["invoices"]
    (part,) = row["parts"]
    with pytest.raises(Invalid, match=r"invoices, row 1 \(\+JCDecaux 10234\), column parts\.0\.placement: "):
        import_plan(session, {"invoices": [row | {"parts": [part | {"placement": ""}]}]}, now=LATER)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (("1.900,50", "EUR"), {"amount": "1900.50", "currency": "EUR"}),
        (("1 900,5 €", ""), {"amount": "1900.5", "currency": "EUR"}),
        (("1,900", ""), {"amount": "1900"}),
        (("1.900", "EUR"), {"amount": "1.900", "currency": "EUR"}),
        (("SEK 1.900,50", "EUR"), {"amount": "SEK 1.900,50", "currency": "EUR"}),
        (("much", "EUR"), {"amount": "much", "currency": "EUR"}),
    ],
)
def test_an_amount_in_a_sheet_is_read_as_forms_read_it_unless_it_might_mean_another(
    typed: tuple[str, str], read: dict[str, str]
) -> None:
    heads = ["name", "planned_cost.amount", "planned_cost.currency"]
    found = read_plan_file("plan.xlsx", a_workbook(placements=[heads, ["Kallio", *typed]]))
    assert found == {"placements": [{"name": "Kallio", "planned_cost": read}]}


def test_days_and_rates_in_a_sheet_are_read_as_pasted_ones_are() -> None:
    cells = "name;starts_on;ends_on;vat_percent\nKallio;11.1.2027;soon;25,5 %\n"
    row = {"name": "Kallio", "starts_on": "2027-01-11", "ends_on": "soon", "vat_percent": "25.5"}
    assert read_plan_file("placements.csv", cells.encode()) == {"placements": [row]}


channels = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(list(ChannelKind)),
        "lead_time_days": st.integers(0, 365),
        "booking_closes_days": st.none() | st.integers(0, 365),
        "booking_closes_on": st.none() | st.sampled_from(list(Weekday)),
        "booking_closes_at": st.none() | st.times().map(lambda at: f"{at:%H:%M}"),
    }
)


@given(st.lists(channels, min_size=1, max_size=4), st.sampled_from(list(FORMATS)))
def test_every_channel_comes_back_from_a_file_as_it_was(said: list[dict[str, Any]], format: str) -> None:
    given = [
        ChannelIn.model_validate({"name": f"Stops {n}", "cost_model": "fixed", **one}) for n, one in enumerate(said)
    ]
    rows = [one.model_dump(mode="json", exclude_none=True) for one in given]
    (read,) = read_plan_file(f"plan.{format}", write_plan({"channels": rows}, format)).values()
    assert [ChannelIn.model_validate(row) for row in read] == given


@pytest.mark.parametrize(
    ("typed", "read"),
    [("9.30", "09:30"), ("12:00", "12:00"), (dt.time(12), "12:00"), ("noon", "noon"), ("24:00", "24:00")],
)
def test_a_time_of_day_in_a_sheet_is_read_as_people_and_spreadsheets_write_it(typed: str | dt.time, read: str) -> None:
    content = a_workbook(channels=[["name", "booking_closes_at"], ["Stops", typed]])
    assert read_plan_file("plan.xlsx", content) == {"channels": [{"name": "Stops", "booking_closes_at": read}]}


@given(st.text())
def test_a_defused_text_is_no_formula_and_comes_back_as_it_was(written: str) -> None:
    assert undefuse(defuse(written)) == written
    assert not defuse(written).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_plan_as_json_says_whose_keys_nowhere(session: Session) -> None:
    lay_plan(session)
    text = json.dumps(export_plan(session))
    assert not any(str(uuid.UUID(str(id))) in text for id in session.scalars(select(Placement.id)))


def test_a_cell_of_a_csv_file_that_is_a_formula_is_refused_by_row_and_column() -> None:
    head = "name,kind,cost_model,contact\n"
    for cell in ("=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd"):
        with pytest.raises(Invalid) as found:
            read_plan_file("channels.csv", f"{head}Stops,social,free,Anna\nTrams,social,free,{cell}\n".encode())
        assert str(found.value).startswith(f"file: Row 3, column contact: “{cell}” begins like a formula")
    for cell in ("+358 40 123", "-5", "'=1+1"):
        (row,) = read_plan_file("channels.csv", f"{head}Stops,social,free,{cell}\n".encode())["channels"]
        assert row["contact"] == cell.removeprefix("'")
