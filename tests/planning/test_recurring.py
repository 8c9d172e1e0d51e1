"""A placement planned again every so many weeks."""

import datetime as dt

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.database import organisation_of
from app.errors import Invalid
from app.planning.placement import Placement, PlacementStatus
from app.planning.recurring import RepeatIn, repeat_placement
from tests.support.plan import LATER, a_campaign, a_live_placement, a_placement

EUROS = {"amount": "300.00", "currency": "EUR"}


def always(session: Session) -> str:
    return str(a_campaign(session, kind="continuous", ends_on=None, name="All year round", status="live").id)


def first(session: Session, **changes: object) -> Placement:
    flight = {"starts_on": "2026-03-02", "ends_on": "2026-03-15"}
    return a_placement(session, campaign_id=always(session), name="Letter", **{**flight, **changes})


def repeated(session: Session, placement: Placement, every_weeks: int, times: int) -> list[Placement]:
    given = RepeatIn(every_weeks=every_weeks, times=times)
    return list(repeat_placement(session, placement.id, given, now=LATER))


def test_each_flight_is_as_long_as_the_first_and_has_a_code_of_its_own(session: Session) -> None:
    placement = first(session)
    made = repeated(session, placement, 4, 3)
    assert [(one.starts_on.isoformat(), one.ends_on and one.ends_on.isoformat()) for one in made] == [
        ("2026-03-30", "2026-04-12"), ("2026-04-27", "2026-05-10"), ("2026-05-25", "2026-06-07"),
    ]  # fmt: skip
    assert len({placement.tracking_code, *(one.tracking_code for one in made)}) == 4
    assert len({one.name for one in made}) == 3
    assert all(one.name.startswith("Letter, ") for one in made)


def test_what_was_invoiced_for_the_first_is_not_the_others(session: Session) -> None:
    placement = first(session, planned_cost=EUROS, invoiced_cost=EUROS)
    (made,) = repeated(session, placement, 4, 1)
    assert (made.planned_cost_minor, made.invoiced_cost_minor) == (30000, None)
    assert made.status == PlacementStatus.PLANNED


@pytest.mark.parametrize(("every_weeks", "field"), [(1, "starts_on"), (2, None)])
def test_flights_that_would_overlap_are_refused_all_of_them(
    session: Session, every_weeks: int, field: str | None
) -> None:
    placement = first(session)
    before = session.scalar(select(func.count()).select_from(Placement)) or 0
    if field is None:
        assert len(repeated(session, placement, every_weeks, 2)) == 2
        return
    with pytest.raises(Invalid) as error, session.begin_nested():
        repeated(session, placement, every_weeks, 2)
    assert {one.field for one in error.value.problems} == {field}
    assert session.scalar(select(func.count()).select_from(Placement)) == before


def test_a_flight_without_an_end_does_not_come_again(session: Session) -> None:
    placement = first(session, ends_on=None)
    with pytest.raises(Invalid) as error:
        repeated(session, placement, 4, 1)
    assert [one.field for one in error.value.problems] == ["ends_on"]


def test_in_a_burst_flights_stay_inside_its_days(session: Session) -> None:
    placement = a_live_placement(session, starts_on="2026-03-02", ends_on="2026-03-08")
    assert repeated(session, placement, 1, 1)[0].starts_on == dt.date(2026, 3, 9)
    get_organisation(session, organisation_of(session)).locale = "fi"
    # The days are written as the reader writes them, both of them.
    with pytest.raises(Invalid, match=r"On 20 Jul 2026: The campaign ends on \d+ \w+ 2026; end then or earlier."):
        repeated(session, placement, 20, 1)
