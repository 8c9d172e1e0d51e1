"""What a campaign aims at: whom it speaks to and with which claims, the vacancies or the talent pool it is for, and how
many hires are wanted of it, with the planner's own rates where the organisation has no history."""

import uuid
from collections.abc import Iterable
from itertools import pairwise
from typing import Annotated, Any

from pydantic import Field, StrictBool
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.errors import Problem
from app.i18n import _
from app.planning.claim import Claim
from app.planning.field import Count, Given, Slug
from app.planning.job import Job
from app.planning.money import Money, Percent
from app.planning.persona import Persona

STAGES_OF_RATES = ("screened", "interview", "offer", "hired", "started")


class Aim(Given):
    """Whom a campaign speaks to, what it promises, and what for."""

    personas: Annotated[list[Slug], Field(max_length=20, description="By slug: always the newest version.")] = Field(
        default_factory=list
    )
    claims: Annotated[list[Slug], Field(max_length=50)] = Field(default_factory=list)
    jobs: Annotated[list[uuid.UUID], Field(max_length=200, description="The vacancies it is for.")] = Field(
        default_factory=list
    )
    talent_pool: StrictBool = Field(default=False, description="It is for leads, who apply to no vacancy.")
    leads_wanted: Annotated[Count, Field(ge=1)] | None = Field(
        default=None, description="How many of them, where it is for the talent pool."
    )


class Rates(Given):
    """How many of a hundred who apply come to each stage, and of a hundred who follow a link apply: what the planner
    takes for granted where there is no history."""

    applied: Percent | None = Field(default=None, description="Of a hundred who follow a link.")
    screened: Percent | None = None
    interview: Percent | None = None
    offer: Percent | None = None
    hired: Percent | None = None
    started: Percent | None = None


class Reckoning(Given):
    """From how many hires the expected funnel is reckoned back, and by which rates of one's own."""

    hires_wanted: Annotated[Count, Field(ge=1)]
    rates: Rates = Field(default_factory=Rates)
    cost_per_application: Money | None = None


def check_aim(session: Session, given: Aim, before: Aim | None) -> list[Problem]:
    """What the aim names is there; what it named before may have gone since."""
    kept = before or Aim()
    poolless = given.leads_wanted is not None and not given.talent_pool
    remedy = _("Say that it is for the talent pool, or leave this empty.")
    return [
        *([Problem("aim.leads_wanted", remedy)] if poolless else []),
        *_check_named(session, "personas", given.personas, kept.personas, Persona.slug, _("persona")),
        *_check_named(session, "claims", given.claims, kept.claims, Claim.slug, _("claim")),
        *_check_named(session, "jobs", given.jobs, kept.jobs, Job.id, _("job")),
    ]


def keep_known(session: Session, aim: Aim) -> Aim:
    """The aim without what the session's organisation does not see."""
    gone = {problem.field for problem in check_aim(session, aim, None)}
    lists = {name: [one for n, one in enumerate(getattr(aim, name)) if f"aim.{name}[{n}]" not in gone]
             for name in ("personas", "claims", "jobs")}  # fmt: skip
    return aim.model_copy(update=lists)


def check_rates(given: Reckoning) -> list[Problem]:
    """Of those who apply, fewer come to each later stage; a rate of nothing leads nowhere back."""
    said = [(stage, rate) for stage in STAGES_OF_RATES if (rate := getattr(given.rates, stage)) is not None]
    problems = [
        Problem(f"reckoning.rates.{later}", _("That is more than come to the stage before; give a smaller rate."))
        for (_earlier, before), (later, rate) in pairwise(said) if float(rate) > float(before)
    ]  # fmt: skip
    every = [*said, ("applied", given.rates.applied)]
    return problems + [
        Problem(f"reckoning.rates.{stage}", _("A rate of 0 leads nowhere; give a larger one, or leave it empty."))
        for stage, rate in every if rate is not None and not float(rate)
    ]  # fmt: skip


def _check_named(
    session: Session, field: str, given: Iterable[object], kept: Iterable[object], column: InstrumentedAttribute[Any],
    noun: str,
) -> list[Problem]:  # fmt: skip
    asked = [(n, one) for n, one in enumerate(given) if one not in set(kept)]
    there = set(session.scalars(select(column).where(column.in_([one for _n, one in asked])))) if asked else set()
    return [
        Problem(f"aim.{field}[{n}]", _("There is no %(noun)s “%(name)s”.", noun=noun, name=one))
        for n, one in asked if one not in there
    ]  # fmt: skip
