"""Schemathesis over the whole OpenAPI: whatever is sent, every answer is described and none is a failure of ours."""

from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation

from app.access.token import Role
from app.planning.alias import SourceAliasIn, create_source_alias
from app.planning.job import JobIn, create_job
from app.planning.naming import NamingPresetIn, create_naming_preset
from app.planning.row import PlanRow
from tests.support.plan import NOW, a_claim, a_persona, a_placement, an_asset
from tests.support.proofs import Proof
from tests.web.conftest import Door

CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
    schemathesis.checks.negative_data_rejection,
    schemathesis.checks.response_headers_conformance,
    schemathesis.checks.unsupported_method,
    schemathesis.checks.allow_header_conformance,
    schemathesis.checks.missing_required_header,
    schemathesis.checks.ignored_auth,
]
EXAMPLES = {"sqlite": 1, "postgresql": 1}
"""Most of a request's cost is making it up, and what is made up does not depend on the database."""


def a_plan(door: Door) -> dict[str, str]:
    """A row of each noun, by the name that paths give its id, for requests to meet."""
    with door.database.writing(door.ours) as session:
        persona = a_persona(session)
        claim = a_claim(session)
        asset = an_asset(session, claim_ids=[claim.id])
        placement = a_placement(session, asset_id=asset.id, persona_id=persona.id)
        job = JobIn.model_validate({"title": "GP", "specialty": "general_practice", "opens_on": "2026-03-01"})
        alias = {"kind": "label", "observed": "linkedin", "channel_id": placement.channel_id}
        rows: dict[str, PlanRow] = {
            "persona": persona,
            "claim": claim,
            "asset": asset,
            "placement": placement,
            "campaign": placement.campaign,
            "channel": placement.channel,
            "job": create_job(session, job, now=NOW),
            "naming_preset": create_naming_preset(
                session, NamingPresetIn(name="Ours", pattern="{campaign} {format}"), now=NOW
            ),
            "source_alias": create_source_alias(session, SourceAliasIn.model_validate(alias), now=NOW),
        }
        return {f"{noun}_id": str(row.id) for noun, row in rows.items()}


def test_nothing_that_is_sent_breaks_the_api(door: Door) -> None:
    attempt_all(door, EXAMPLES[door.database.url.get_backend_name()])


@pytest.mark.prove
def test_nothing_of_much_that_is_sent_breaks_the_api(door: Door, proof: Proof) -> None:
    operations = attempt_all(door, 200)
    proof(f"5xx or undescribed answers, 200 generated requests to each of {operations} operations", "0", 0)


def attempt_all(door: Door, examples: int) -> int:
    """Tries each operation with this many requests, good and bad; gives the number of operations."""
    schema = open_schema(door)
    known = a_plan(door)
    headers = {"Authorization": f"Bearer {door.token(Role.ADMINISTRATOR)}"}
    operations = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
    for operation in operations:
        attempt(operation, known, headers, examples)
    return len(operations)


def open_schema(door: Door) -> schemathesis.BaseSchema:
    """What the application says of itself. What is too long for a field may be too long for any body, too, if each of
    its characters takes several bytes: then it is refused as that, before the field is looked at."""
    schema: schemathesis.BaseSchema = schemathesis.openapi.from_asgi("/openapi.json", door.app)
    rejection = schema.config.checks.negative_data_rejection
    rejection.expected_statuses = [*rejection.expected_statuses, str(HTTPStatus.REQUEST_ENTITY_TOO_LARGE.value)]
    return schema


def attempt(operation: Any, known: dict[str, str], headers: dict[str, str], examples: int) -> None:
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    # A call of observations is answered as a whole and its wrong items are refused one by one inside the answer.
    takes_items_apart = operation.path == "/api/v1/observations"
    checks = [
        check for check in CHECKS if not (takes_items_apart and check is schemathesis.checks.negative_data_rejection)
    ]

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=cases, meets_a_row=st.booleans())
    def send(case: schemathesis.Case[Any], meets_a_row: bool) -> None:
        if meets_a_row and case.meta and not case.meta.is_negative_at(ParameterLocation.PATH):
            case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
        case.call_and_validate(headers=headers, checks=checks)

    send()
