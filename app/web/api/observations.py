"""`POST /observations`: the way in for any system without a connector."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from app.intake.observations import OBSERVATION
from app.intake.observe import MOST_ITEMS, parse_items, read_items, store_items
from app.intake.sender_day import RefusedCounts, count_sent
from app.web.problems import UnknownMediaType, documented
from app.web.session import Caller, Now, PseudonymKey, Store, writing_for

JSON, LINES = "application/json", "application/x-ndjson"

router = APIRouter(prefix="/observations", tags=["observations"])


class RejectionOut(BaseModel):
    """An item that was not taken in: its place in the call, its id if it has one, and what to mend."""

    model_config = ConfigDict(from_attributes=True)

    index: int
    id: str | None
    problem: str


class ReceiptOut(BaseModel):
    """What became of the items. Everything but the rejected is on disk when this is read."""

    model_config = ConfigDict(from_attributes=True)

    accepted: int = Field(description="New facts.")
    duplicate: int = Field(description="Said before by this system, under the same id and with the same content.")
    conflict: int = Field(description="Said before under the same id with another content; the first one stands.")
    rejected: list[RejectionOut]


async def _body(request: Request) -> bytes:
    return await request.body()


def _refused_counts(request: Request) -> RefusedCounts:
    counts: RefusedCounts = request.app.state.refused_observations
    return counts


Refusing = Annotated[RefusedCounts, Depends(_refused_counts)]


def _is_lines(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in (JSON, LINES):
        raise UnknownMediaType(f"Send {JSON} or {LINES}.")
    return media_type == LINES


def _inline(schema: Any, definitions: dict[str, Any]) -> Any:
    """A JSON schema without references, since OpenAPI has no place for a schema's own definitions."""
    if isinstance(schema, list):
        return [_inline(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inline(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {name: _inline(part, definitions) for name, part in schema.items() if name not in ("$defs", "discriminator")}


def _observation_schema() -> Any:
    schema = OBSERVATION.json_schema()
    return _inline(schema, schema["$defs"])


REQUEST_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": {"type": "array", "maxItems": MOST_ITEMS, "items": _observation_schema()}},
            LINES: {"schema": {"type": "string", "description": "One observation as JSON a line."}},
        },
    }
}


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    summary="Send observations",
    responses=documented(400, 401, 403, 413, 415, 422, 503),
    openapi_extra=REQUEST_BODY,
)
def post_observations(
    sender: Caller,
    body: Annotated[bytes, Depends(_body)],
    lines: Annotated[bool, Depends(_is_lines)],
    database: Store,
    now: Now,
    key: PseudonymKey,
    refused: Refusing,
    after_answer: BackgroundTasks,
) -> ReceiptOut:
    """Send up to 10,000 observations. Items are taken in one by one: a wrong one is named and the others are kept.

    Each is known by its `id` within the token's system, so a call may safely be repeated.
    """
    items = parse_items(body, lines=lines)
    with database.reading(sender.organisation_id) as session:
        read, receipt = read_items(session, sender.system, items, secret=key, now=now)
    if receipt.rejected and not read:  # whoever has nothing to store does not wait for who stores
        refused.add(sender.organisation_id, sender.system, len(receipt.rejected), now)
        after_answer.add_task(refused.write)
        return ReceiptOut.model_validate(receipt)
    with writing_for(sender, database, now) as session:
        receipt = store_items(session, sender.system, read, receipt, now)
        count_sent(session, sender.system, receipt, now)
    return ReceiptOut.model_validate(receipt)
