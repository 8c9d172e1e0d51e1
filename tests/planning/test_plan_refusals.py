"""What is told of a plan's file that is refused: all that can be found in one round, once for each cause, and nothing
that only follows from something else that is told."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.planning.placement import Placement, PlacementIn
from app.planning.placing import create_placement
from app.planning.plan_file import export_plan, import_plan
from app.planning.plan_problems import by_cause
from tests.support.plan import (
    LATER,
    NOW,
    UNKNOWN_ID,
    a_campaign,
    a_channel,
    a_persona,
    a_placement,
    an_asset,
    name_hosts,
    placement_fields,
)

Plan = dict[str, list[dict[str, Any]]]


@pytest.fixture
def plan(session: Session) -> Plan:
    """A plan with a live campaign and one placement in it, as its file has it; of the placement only the file."""
    name_hosts(session)
    campaign = a_campaign(session, name="Now we must", status="live", budget={"amount": "900.00", "currency": "EUR"})
    parts = {"campaign_id": campaign.id, "asset_id": an_asset(session, name="Poster", status="approved").id,
             "channel_id": a_channel(session, name="Stops").id, "persona_id": a_persona(session).id}  # fmt: skip
    made = a_placement(session, name="Kallio", place="Kallio", tracking_code="h6wtg2", status="live", **parts)
    told = export_plan(session)
    session.delete(made)
    session.flush()
    return told


def problems_of(session: Session, plan: Plan) -> dict[str, str]:
    """What is wrong with each field, as machines are told it."""
    with pytest.raises(Invalid) as error:
        import_plan(session, plan, now=LATER)
    assert session.scalar(select(func.count()).select_from(Placement)) == 0
    found = {one.field: one.message for one in error.value.problems}
    assert len(found) == len(error.value.problems)
    return found


def lines_of(session: Session, plan: Plan) -> list[str]:
    """What people are told."""
    with pytest.raises(Invalid) as error, by_cause():
        import_plan(session, plan, now=LATER)
    return [str(one) for one in error.value.problems]


def many(row: dict[str, Any], count: int, **changes: Any) -> list[dict[str, Any]]:
    codes = [f"a2b3c{n}" for n in range(2, 10)] + [f"d4e5f{n}" for n in range(2, 10)]
    return [row | {"name": f"Stop {n}", "place": f"Stop {n}", "tracking_code": code} | changes
            for n, code in enumerate(codes[:count], 1)]  # fmt: skip


def test_a_cause_that_many_rows_have_is_one_line_with_how_many_and_the_first_of_them(
    session: Session, plan: Plan
) -> None:
    (row,) = plan["placements"]
    rows = many(row, 12, target_url="https://elsewhere.example.net/doctor")
    rows[0] |= {"starts_on": "soon"}
    day, host = lines_of(session, {"placements": rows})
    assert day.startswith("placements, row 1 (Stop 1), column starts_on: Write the date")
    assert host.startswith(
        "placements, 12 rows (“Stop 1”, “Stop 2”, “Stop 3”, “Stop 4”, “Stop 5” (+7)), column target_url: "
        "elsewhere.example.net is not one of your own hosts"
    )


def test_a_row_that_names_a_refused_one_is_not_told_that_it_is_missing(session: Session, plan: Plan) -> None:
    (row,) = plan["placements"]
    alias = {"kind": "label", "observed": "stops", "placement": "h6wtg2"}
    refused = row | {"target_url": "https://elsewhere.example.net/doctor"}
    found = problems_of(session, {"placements": [refused], "source_aliases": [alias]})
    assert list(found) == ["placements[0].target_url"]
    found = problems_of(session, {"placements": [refused], "source_aliases": [alias | {"placement": "x9y8z7"}]})
    assert list(found) == ["placements[0].target_url", "source_aliases[0].placement"]


def test_what_rests_on_a_refused_row_is_held_against_nothing_that_the_row_would_change(
    session: Session, plan: Plan
) -> None:
    (campaign,), (row,) = plan["campaigns"], plan["placements"]
    longer = campaign | {"ends_on": "2026-06-30", "budget": {"amount": "much", "currency": "EUR"}}
    later = row | {"ends_on": "2026-05-31", "target_url": "https://10.0.0.1/doctor"}
    found = problems_of(session, {"campaigns": [longer], "placements": [later]})
    assert list(found) == ["campaigns[0].budget.amount", "placements[0].target_url"], "its own faults are told"


def test_one_round_names_every_fault_of_a_placement(session: Session, plan: Plan) -> None:
    (row,) = plan["placements"]
    assert import_plan(session, {"placements": [row]}, now=LATER).added == {"placements": 1}
    session.delete(session.scalars(select(Placement)).one())
    session.flush()
    faulty = row | {
        "starts_on": "2026-02-01", "ends_on": "2027-01-01", "place": "x" * 201,
        "planned_cost": {"amount": "10.00", "currency": "SEK"}, "booked_cost": {"amount": "ten", "currency": "EUR"},
        "target_url": "https://169.254.169.254:8080/latest",
    }  # fmt: skip
    assert set(problems_of(session, {"placements": [faulty]})) == {
        f"placements[0].{field}" for field in
        ("starts_on", "ends_on", "place", "planned_cost.currency", "booked_cost.amount", "target_url")
    }  # fmt: skip


def test_beside_an_overlap_currency_and_target_are_told_too(session: Session, plan: Plan) -> None:
    (row,) = plan["placements"]
    other = row | {"name": "Again", "tracking_code": "x9y8z7"}
    other |= {"planned_cost": {"amount": "10.00", "currency": "SEK"}, "target_url": "https://jobs.example.org:81/"}
    assert set(problems_of(session, {"placements": [row, other]})) == {
        "placements[1].starts_on", "placements[1].planned_cost.currency", "placements[1].target_url",
    }  # fmt: skip


def test_a_flight_that_ends_before_it_starts_overlaps_nothing(session: Session, plan: Plan) -> None:
    (row,) = plan["placements"]
    backwards = row | {"tracking_code": "x9y8z7", "starts_on": "2026-03-20", "ends_on": "2026-03-10"}
    assert list(problems_of(session, {"placements": [row, backwards]})) == ["placements[1].ends_on"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"place": "x" * 201}, "place"),
        ({"ends_on": "some day"}, "ends_on"),
        ({"also_for": ["nobody@1"]}, "also_for"),
        ({"status": "flying"}, "status"),
    ],
)
def test_what_a_faulty_field_would_change_is_not_held_against_the_row(
    session: Session, plan: Plan, changes: dict[str, Any], field: str
) -> None:
    (row,) = plan["placements"]
    other = row | {"tracking_code": "x9y8z7", **changes}
    other = other if "place" in changes or "ends_on" in changes else other | {"place": "Vallila"}
    assert list(problems_of(session, {"placements": [row, other]})) == [f"placements[1].{field}"]


def test_an_asset_is_told_all_of_its_faults_and_none_that_follows(session: Session, plan: Plan) -> None:
    (row,) = plan["assets"]
    faulty = row | {"name": "Film", "shows_people": "perhaps", "consent_expires_on": "2026-12-31", "url": "nowhere",
                    "claims": ["none-such"], "alt_text": {"sv": "En läkare"}, "languages": ["fi"]}  # fmt: skip
    assert set(problems_of(session, {"assets": [faulty]})) == {
        f"assets[0].{field}" for field in ("shows_people", "url", "claims", "alt_text.sv", "alt_text.fi")
    }


def test_a_placement_of_what_is_not_there_is_told_its_own_faults_beside(session: Session) -> None:
    fields = placement_fields(session, asset_id=UNKNOWN_ID, target_url="https://localhost/x")
    with pytest.raises(Invalid) as error:
        create_placement(session, PlacementIn.model_validate(fields), now=NOW)
    assert [one.field for one in error.value.problems] == ["asset_id", "target_url"]
