"""`GET /reports/explain…`: why we say of a placement, or of any other row, what we say."""

import datetime as dt
import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field
from sqlalchemy.orm import Session

from app.reports.explain import name_explanation, refuse_parts, report_explanation
from app.reports.explained import Explanation
from app.reports.export import explanation_csv
from app.reports.scope import By
from app.web.api.reports import Question, RecordQuestion
from app.web.exports import tell_machine_export
from app.web.problems import documented
from app.web.session import ApiCaller, Caller, Now, ReadSession, Store, speaking_to

router = APIRouter(prefix="/reports/explain", tags=["reports"])

PROBLEMS = documented(401, 403, 404, 422, 503)


class ExplainQuestion(RecordQuestion):
    """Which verdict is explained."""

    stage: Literal["screened", "interview", "offer", "hired", "started"] = "interview"


class ExplainRowQuestion(Question):
    """Which row's verdict is explained."""

    by: By
    key: str = Field("", max_length=200, description="Of the row, as the effectiveness report gives it.")
    stage: Literal["screened", "interview", "offer", "hired", "started"] = "interview"


Asked = Annotated[ExplainQuestion, Query()]
AskedOfRow = Annotated[ExplainRowQuestion, Query()]


@router.get("/{placement_id}.csv", summary="The applications behind a verdict", responses=PROBLEMS)
def get_explained_applications(
    placement_id: uuid.UUID, question: Asked, caller: Caller, session: ReadSession, now: Now, request: Request,
    database: Store,
) -> Response:  # fmt: skip
    """Every application that a number of the explanation counts, by the key of its record, with its days, as CSV."""
    found = _explain(str(placement_id), question, caller, session, now)
    tell_machine_export(request, caller, database, f"explain/{placement_id}.csv", now)
    return Response(explanation_csv(found), media_type="text/csv", headers={"Cache-Control": "no-store"})


@router.get("/{placement_id}", summary="Why we say of a placement what we say", responses=PROBLEMS)
def get_explanation(
    placement_id: uuid.UUID, question: Asked, caller: Caller, session: ReadSession, now: Now, request: Request,
    database: Store,
) -> Explanation:  # fmt: skip
    """The model and why it is this one, what it takes for granted, what the verdict needed, how far it hangs on the
    prior, what could explain it away, the smallest change that would turn it, and the applications counted. A token
    that may not see small counts gets all of this without a number of people, and may ask for nothing but a stage."""
    found = _explain(str(placement_id), question, caller, session, now)
    tell_machine_export(request, caller, database, f"explain/{placement_id}.json", now)
    return found


@router.get(".csv", summary="The applications behind the verdict on a row", responses=PROBLEMS)
def get_explained_row_applications(
    question: AskedOfRow, caller: Caller, session: ReadSession, now: Now, request: Request, database: Store
) -> Response:
    """As for a placement, of a format, promise, persona, channel, or whatever else the effectiveness report is split
    by; and of the ads alone that are chosen."""
    found = _explain(question.key, question, caller, session, now)
    tell_machine_export(request, caller, database, f"{name_explanation(question.by, question.key)}.csv", now)
    return Response(explanation_csv(found), media_type="text/csv", headers={"Cache-Control": "no-store"})


@router.get("", summary="Why we say of a row what we say", responses=PROBLEMS)
def get_row_explanation(
    question: AskedOfRow, caller: Caller, session: ReadSession, now: Now, request: Request, database: Store
) -> Explanation:
    """The same for any row of the effectiveness report. Where its rows overlap, applicants of an ad that belongs to
    several are counted in each and compared in none."""
    found = _explain(question.key, question, caller, session, now)
    tell_machine_export(request, caller, database, f"{name_explanation(question.by, question.key)}.json", now)
    return found


def _explain(
    key: str, question: ExplainQuestion | ExplainRowQuestion, caller: ApiCaller, session: Session, now: dt.datetime
) -> Explanation:
    scope = question.scope(caller, now)
    with speaking_to(caller, session, question.language):
        if not caller.sees_small_counts:
            refuse_parts(scope)
        return report_explanation(session, scope, key, exact=caller.sees_small_counts)
