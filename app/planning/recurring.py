"""Everyday marketing out of a concept: one placement is planned again every so many weeks, each under its own code."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from app.access.organisation import get_organisation
from app.database import organisation_of
from app.errors import Invalid, Problem
from app.i18n import _, date, speaking
from app.planning.copying import plan_anew
from app.planning.field import Given
from app.planning.placement import Placement, get_placement
from app.planning.placing import create_placement, name_by_rule
from app.planning.problem import refuse
from app.planning.row import begin_change

LONGEST_NAME = 200


class RepeatIn(Given):
    """How far apart the flights begin, and how many there are beside the first."""

    every_weeks: Annotated[int, Field(ge=1, le=52)]
    times: Annotated[int, Field(ge=1, le=52)]


def repeat_placement(
    session: Session, placement_id: uuid.UUID, given: RepeatIn, *, now: dt.datetime
) -> Sequence[Placement]:
    """Plan it again, whole or not at all: what was booked, invoiced and printed stays with the first; every other has
    a link of its own, so that each can be measured."""
    begin_change(session)
    placement = get_placement(session, placement_id)
    if placement.ends_on is None:
        refuse([Problem("ends_on", _("It runs without an end; give it a last day, then it can come again."))])
    locale = get_organisation(session, organisation_of(session)).locale
    made: list[Placement] = []
    problems: list[Problem] = []
    for n in range(1, given.times + 1):
        planned = plan_anew(placement, placement.campaign_id, dt.timedelta(weeks=given.every_weeks * n))
        with speaking(locale):
            name = f"{placement.name[: LONGEST_NAME - 30]}, {date(planned.starts_on)}"
        named = planned.model_copy(update={"name": name})
        try:
            named = named.model_copy(update={"name": name_by_rule(session, named)})
            made.append(create_placement(session, named, now=now))
        except Invalid as error:
            day = date(planned.starts_on)  # as the reader writes it; a name is as the organisation does
            problems += [Problem(one.field, _("On %(day)s: %(problem)s", day=day, problem=one.message))
                         for one in error.problems]  # fmt: skip
    refuse(problems)
    return made
