"""How far each application goes, and when: the stages it enters, and how it goes out."""

import datetime as dt
import enum
import math
from dataclasses import dataclass, field

import numpy as np


class Step(enum.IntEnum):
    """A stage of the city's hiring process."""

    INBOX = 0
    SCREENING = 1
    INTERVIEW = 2
    OFFER = 3
    HIRED = 4


class Why(enum.IntEnum):
    """Why an application went out; the number is the reason's key in the ATS."""

    UNQUALIFIED = 1
    OTHER_CHOSEN = 2
    NO_ANSWER = 3
    SENT_TWICE = 4
    OTHER_POST = 5
    TAKEN_BACK = 6
    TERMS = 7

    @property
    def by_company(self) -> bool:
        return self <= Why.SENT_TWICE


_WITHDRAWALS = (Why.OTHER_POST, Why.TAKEN_BACK, Why.TERMS)
_REJECTIONS = (Why.UNQUALIFIED, Why.OTHER_CHOSEN, Why.NO_ANSWER)
WITHDRAWN_SHARE = 0.3
OFFER_SHARE, HIRED_SHARE = 0.5, 0.8
SKIPS_SCREENING, SCREENED_AND_OUT = 0.1, 0.6
NEVER_ANSWERED = 0.02
MOVED_BACK, UNREJECTED, UNHIRED = 0.06, 0.05, 0.06

_SCREENING = (13.0, 0.55)
_INTERVIEW = (34.0, 0.5)
_OFFER = (20.0, 0.5)
_HIRE = (18.0, 0.5)
_OUT = (33.0, 0.65)
_OUT_LATER = (24.0, 0.6)
"""Median days and spread (standard deviation of the logarithm) from one step to the next."""


@dataclass(frozen=True, slots=True)
class Move:
    step: Step
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Rejection:
    why: Why
    at: dt.datetime
    undone_at: dt.datetime | None = None


@dataclass(slots=True)
class Journey:
    """All that ever becomes of one application, also after today."""

    applied_at: dt.datetime
    moves: list[Move] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)

    @property
    def last_at(self) -> dt.datetime:
        return self.moves[-1].at if self.moves else self.applied_at

    def reached_at(self, step: Step) -> dt.datetime | None:
        """When it first came to this stage or beyond."""
        return next((move.at for move in self.moves if move.step >= step), None)

    def move(self, step: Step, after_days: float) -> None:
        self.moves.append(Move(step, next_office_time(self.last_at, after_days)))


def draw_journey(rng: np.random.Generator, applied_at: dt.datetime, *, reaches_interview: bool) -> Journey:
    """One application's way; whether it comes to an interview is settled before, only the time is not."""
    journey = Journey(applied_at)
    if reaches_interview:
        _go_to_interview(rng, journey)
        _go_on_from_interview(rng, journey)
    else:
        _go_nowhere(rng, journey)
    return journey


def send_twice(rng: np.random.Generator, applied_at: dt.datetime) -> Journey:
    """The way of an application that says what an earlier one said: closed within days."""
    journey = Journey(applied_at)
    journey.rejections.append(Rejection(Why.SENT_TWICE, next_office_time(applied_at, 1 + 3 * rng.random())))
    return journey


def next_office_time(at: dt.datetime, after_days: float) -> dt.datetime:
    """A moment in office hours about so many days later, and always later."""
    aim = at + dt.timedelta(days=after_days)
    day = aim.date() + dt.timedelta(days=max(0, 7 - aim.weekday()) if aim.weekday() >= 5 else 0)
    part = (aim - dt.datetime.combine(aim.date(), dt.time(), dt.UTC)) / dt.timedelta(days=1)
    office = dt.datetime.combine(day, dt.time(6), dt.UTC) + dt.timedelta(seconds=round(part * 8 * 3600))
    return max(office, at + dt.timedelta(hours=1))


def _go_to_interview(rng: np.random.Generator, journey: Journey) -> None:
    screening, interview = _days(rng, _SCREENING), _days(rng, _INTERVIEW)
    if rng.random() < SKIPS_SCREENING:
        journey.move(Step.INTERVIEW, screening + interview)
    else:
        journey.move(Step.SCREENING, screening)
        if rng.random() < UNREJECTED:
            at = next_office_time(journey.last_at, 0.2 * interview)
            journey.rejections.append(Rejection(Why.NO_ANSWER, at, next_office_time(at, 0.2 * interview)))
        journey.move(Step.INTERVIEW, interview)


def _go_on_from_interview(rng: np.random.Generator, journey: Journey) -> None:
    offered = rng.random() < OFFER_SHARE
    if rng.random() < MOVED_BACK:
        journey.move(Step.SCREENING, 2 + 6 * rng.random())
        if offered or rng.random() < 0.5:
            journey.move(Step.INTERVIEW, 5 + 9 * rng.random())
    if not offered:
        _go_out(rng, journey, _OUT_LATER)
        return
    journey.move(Step.OFFER, _days(rng, _OFFER))
    if rng.random() >= HIRED_SHARE:
        _go_out(rng, journey, _OUT_LATER)
        return
    journey.move(Step.HIRED, _days(rng, _HIRE))
    if rng.random() < UNHIRED:
        journey.move(Step.OFFER, 3 + 10 * rng.random())
        at = next_office_time(journey.last_at, 1.0)
        journey.rejections.append(Rejection(Why.OTHER_POST, at))


def _go_nowhere(rng: np.random.Generator, journey: Journey) -> None:
    out, screening = _days(rng, _OUT), _days(rng, _SCREENING)
    if rng.random() < SCREENED_AND_OUT and screening < out - 1:
        journey.move(Step.SCREENING, screening)
        out -= screening
    if rng.random() >= NEVER_ANSWERED:
        _leave(rng, journey, out)


def _go_out(rng: np.random.Generator, journey: Journey, delay: tuple[float, float]) -> None:
    _leave(rng, journey, _days(rng, delay))


def _leave(rng: np.random.Generator, journey: Journey, after_days: float) -> None:
    reasons = _WITHDRAWALS if rng.random() < WITHDRAWN_SHARE else _REJECTIONS
    why = reasons[int(rng.integers(len(reasons)))]
    journey.rejections.append(Rejection(why, next_office_time(journey.last_at, after_days)))


def _days(rng: np.random.Generator, delay: tuple[float, float]) -> float:
    median, spread = delay
    return float(rng.lognormal(math.log(median), spread))
