"""`GET /reports/…`: the answers, in the shapes of `app.reports.answers`."""

import datetime as dt
import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.funnel.stage import STAGES
from app.planning.asset import Format
from app.reports.against_plan import PlanAnswer, report_plan
from app.reports.answers import Comparison, Effectiveness, Funnel, PathsAnswer, Unmatched
from app.reports.comparison import report_comparison
from app.reports.effectiveness import report_effectiveness
from app.reports.forecasts import ForecastsAnswer, report_forecasts
from app.reports.funnel import report_funnel
from app.reports.monthly import report_monthly
from app.reports.monthly_answers import Monthly
from app.reports.not_known import Unknowns
from app.reports.ordering import order_rows
from app.reports.paths import Touches, report_paths
from app.reports.scope import By, Filters, Model, Scope, View
from app.reports.unmatched import report_unmatched
from app.web.exports import tell_report
from app.web.problems import documented
from app.web.session import Caller, Now, ReadSession, speaking_to
from app.web.unknown import ask_unknown
from app.web.waiting import with_waiting

router = APIRouter(prefix="/reports", tags=["reports"], dependencies=[Depends(tell_report)])


Spoken = Annotated[
    Literal["en", "fi", "sv", "nb"] | None,
    Field(description="Of labels and sentences; else the one that `Accept-Language` names, else the organisation's."),
]


class RecordQuestion(BaseModel):
    """What every report can be asked of the record. Dates are the organisation's own and inclusive."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: dt.date | None = Field(None, alias="from", description="First date of application.")
    to: dt.date | None = Field(None, description="Last date of application.")
    as_of: dt.date | None = Field(None, description="Use what had happened by the end of this day.")
    known_at: AwareDatetime | None = Field(None, description="Use what had been seen by then.")
    lookback_days: int = Field(90, description="How long before applying a touch counts.")
    horizon_days: int = Field(120, description="By when after applying the stage must be reached.")
    level: float = Field(0.9, description="Of every interval.")
    include_units: bool = Field(True, description="Count in the units below your organisation.")
    specialty: str | None = Field(None, max_length=40)
    vacancy: uuid.UUID | None = Field(None, description="Applications to the systems' jobs that it is said to be.")
    language: Spoken = None

    def scope(self, caller: Caller, now: dt.datetime) -> Scope:
        """The question as reports take it."""
        return Scope(
            organisation_id=caller.organisation_id,
            now=now,
            stage=STAGES[getattr(self, "stage", "interview")],
            by=By(by) if (by := getattr(self, "by", "placement")) in set(By) else By.PLACEMENT,
            view=getattr(self, "view", View.COHORT),
            model=getattr(self, "model", Model.LAST),
            from_=self.from_,
            to=self.to,
            as_of=self.as_of,
            known_at=self.known_at,
            lookback_days=self.lookback_days,
            horizon_days=self.horizon_days,
            level=self.level,
            include_units=self.include_units,
            filters=self.filters(),
        )

    def filters(self) -> Filters:
        """Which applications are asked about."""
        return Filters(specialty=self.specialty, vacancy=self.vacancy)


class Question(RecordQuestion):
    """What a report with rows of the plan can be asked as well."""

    campaign: uuid.UUID | None = None
    channel: uuid.UUID | None = None
    placement: uuid.UUID | None = None
    persona: str | None = Field(None, max_length=80)
    format: Format | None = None
    place: str | None = Field(None, max_length=200, description="Of the placement, as the plan spells it.")

    def filters(self) -> Filters:
        """Which applications are asked about."""
        return Filters(
            campaign=self.campaign,
            channel=self.channel,
            placement=self.placement,
            persona=self.persona,
            format=self.format,
            place=self.place,
            specialty=self.specialty,
            vacancy=self.vacancy,
        )


class EffectivenessQuestion(Question):
    """How the rows are split, judged and ordered."""

    by: By = By.PLACEMENT
    stage: Literal["screened", "interview", "offer", "hired", "started"] = "interview"
    model: Model = Field(Model.LAST, description="How credit is shared; it describes and does not judge.")
    sort: str | None = Field(None, description="A column, with `-` before it for the largest first.")
    limit: int | None = Field(None, ge=1, le=1000, description="Rows a page; without it all rows come.")
    cursor: str | None = Field(None, max_length=500, description="`next` of the page before.")


class MonthlyQuestion(BaseModel):
    """What the monthly grid can be asked."""

    model_config = ConfigDict(extra="forbid")

    language: Spoken = None


class PathsQuestion(Question):
    """Which applications' paths, which steps make one, and how surely credit is told."""

    by: By = By.PLACEMENT
    stage: Literal["screened", "interview", "offer", "hired", "started"] = "interview"
    touches: Touches = Field(
        Touches.STAGE,
        description="Touches up to the entry to the stage, or only those `between` the one before and it.",
    )
    intervals: bool = Field(False, description="Draw people anew, 500 times, for an interval under every model.")
    markov_order: Literal[1, 2] = Field(1, description="Whether the chain goes on from the last step, or the last two.")


class ComparisonQuestion(Question):
    """Which two are set beside each other."""

    by: Literal["placement", "asset", "format", "channel", "campaign", "persona", "period"] = "placement"
    a: str = Field(max_length=80, description="Key of a row, or tracking code; or a period, 2026-01-01/2026-03-31.")
    b: str = Field(max_length=80, description="The other one.")
    stage: Literal["screened", "interview", "offer", "hired", "started"] = "interview"


class UnknownQuestion(Question):
    """For which stage."""

    stage: Literal["screened", "interview", "offer", "hired", "started"] = "interview"


class ForecastsQuestion(Question):
    """For which stage, and split how; dates, and what was known when, change nothing."""

    by: By = By.PLACEMENT
    stage: Literal["screened", "interview", "offer", "hired", "started"] = "interview"


class FunnelQuestion(Question):
    """By application date, by event date, or as it stands."""

    view: View = View.COHORT


PROBLEMS = documented(401, 403, 422, 503)


@router.get("/effectiveness", summary="After which ads people got further", responses=PROBLEMS)
def get_effectiveness(
    question: Annotated[EffectivenessQuestion, Query()], caller: Caller, session: ReadSession, now: Now
) -> Effectiveness:
    """Rows, totals and verdicts for one stage. What is attributed is described; what is judged is an association
    with comparable applicants; nothing here says what was caused."""
    with speaking_to(caller, session, question.language):
        answer = with_waiting(session, report_effectiveness(session, question.scope(caller, now)))
        return order_rows(answer, sort=question.sort, limit=question.limit, cursor=question.cursor)


@router.get("/funnel", summary="Where applicants are and where they stop", responses=PROBLEMS)
def get_funnel(question: Annotated[FunnelQuestion, Query()], caller: Caller, session: ReadSession, now: Now) -> Funnel:
    """Every stage with who reached it, who waits and who went out, and what share gets there in which time."""
    with speaking_to(caller, session, question.language):
        return with_waiting(session, report_funnel(session, question.scope(caller, now)))


@router.get("/paths", summary="Ways of sharing credit, not proof", responses=PROBLEMS)
def get_paths(
    question: Annotated[PathsQuestion, Query()], caller: Caller, session: ReadSession, now: Now
) -> PathsAnswer:
    """The ways that applications took, and what each way of sharing gives every row of those who came: first, last
    and any touch, equal parts, time decay, position, Shapley and Markov, side by side and never blended. Filters on the
    plan choose applications as in the effectiveness report; by factor, claim or theme an ad's credit is shared equally
    among all that it carries. Between two stages, also whether those who met an ad on the way went on sooner."""
    with speaking_to(caller, session, question.language):
        scope = question.scope(caller, now)
        answer = report_paths(
            session, scope, question.touches, intervals=question.intervals, markov_order=question.markov_order
        )
        return with_waiting(session, answer)


@router.get("/comparison", summary="Two placements, formats or periods side by side", responses=PROBLEMS)
def get_comparison(
    question: Annotated[ComparisonQuestion, Query()], caller: Caller, session: ReadSession, now: Now
) -> Comparison:
    """How probable it is that applicants of the one go further than comparable ones of the other, and by how much.
    Between two periods filters on the plan choose whose applications are compared."""
    with speaking_to(caller, session, question.language):
        scope = question.scope(caller, now)
        return with_waiting(session, report_comparison(session, scope, question.by, question.a, question.b))


@router.get("/monthly", summary="How many applied each month through each channel", responses=PROBLEMS)
def get_monthly(
    question: Annotated[MonthlyQuestion, Query()], caller: Caller, session: ReadSession, now: Now
) -> Monthly:
    """A fixed grid, without filters. A token that may not see small counts gets it with every count under ten hidden,
    and with it whatever could give it away; all other reports are closed to it."""
    with speaking_to(caller, session, question.language):
        scope = Scope(organisation_id=caller.organisation_id, now=now)
        return report_monthly(session, scope, exact=caller.sees_small_counts)


@router.get("/unmatched", summary="What was observed and leads to no placement", responses=PROBLEMS)
def get_unmatched(question: Annotated[Question, Query()], caller: Caller, session: ReadSession, now: Now) -> Unmatched:
    """Codes, labels and hosts without a placement: each is an advertisement mistagged, or a source to be named."""
    with speaking_to(caller, session, question.language):
        return report_unmatched(session, question.scope(caller, now))


@router.get("/unknown", summary="What don't we know yet", responses=PROBLEMS)
def get_unknown(
    question: Annotated[UnknownQuestion, Query()], caller: Caller, session: ReadSession, now: Now
) -> Unknowns:
    """What is not known of these applications and their ads, and of the data and the plan as a whole: each with its
    count, why it is so, what would tell it, and when where that can be estimated."""
    with speaking_to(caller, session, question.language):
        return ask_unknown(session, question.scope(caller, now))


@router.get("/forecasts", summary="What was foretold, and what came", responses=PROBLEMS)
def get_forecasts(
    question: Annotated[ForecastsQuestion, Query()], caller: Caller, session: ReadSession, now: Now
) -> ForecastsAnswer:
    """Of every row that was open half a year ago, how many were foretold to come to the stage and how many came: a
    check of our own intervals. A row of which nothing could be foretold then is left out."""
    with speaking_to(caller, session, question.language):
        return with_waiting(session, report_forecasts(session, question.scope(caller, now)))


@router.get("/plan", summary="The plan against what came", responses=PROBLEMS)
def get_plan(question: Annotated[Question, Query()], caller: Caller, session: ReadSession, now: Now) -> PlanAnswer:
    """Every campaign, or one: its budget and costs, the stages it was meant to reach beside those it reached, and the
    sum by which that was expected."""
    with speaking_to(caller, session, question.language):
        return with_waiting(session, report_plan(session, question.scope(caller, now)))
