"""What waits in the inbox, told beside a report: the record does not know of it, and who reads numbers must."""

from typing import TypeVar

from sqlalchemy.orm import Session

from app.intake.inbox import State
from app.intake.inbox_projection import count_states
from app.reports.against_plan import PlanAnswer
from app.reports.answers import Comparison, Effectiveness, Funnel, PathsAnswer, Waiting
from app.reports.forecasts import ForecastsAnswer

Told = TypeVar("Told", Comparison, Effectiveness, ForecastsAnswer, Funnel, PathsAnswer, PlanAnswer)


def with_waiting(session: Session, answer: Told) -> Told:
    """The answer, with how many deliveries wait now in the organisations that the session sees."""
    return answer.model_copy(update={"data": answer.data.model_copy(update={"waiting": find_waiting(session)})})


def find_waiting(session: Session) -> Waiting:
    """How many deliveries wait now in the organisations that the session sees."""
    states = count_states(session)
    return Waiting(**{state.value: states.get(state, 0) for state in (State.NEEDS_MAPPING, State.DEAD, State.RECEIVED)})
