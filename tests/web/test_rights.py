"""Every route says who may use it, and keeps to it: each route × role × own and foreign rows × nobody."""

import re
import uuid
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI

from app.access.token import SCOPES_OF, Role, Scope
from app.errors import NotReady
from app.web.rights import COUNTS, RIGHTS, Counts, Visitor, require_rights, right_of, routes_of
from tests.support.client import TestClient
from tests.support.people import add_person, browser_of
from tests.web.conftest import Door
from tests.web.sweep import lay_plan

OURS, THEIRS = "OURMARK", "THEIRMARK"
STALE = {"If-Match": '"999"'}
"""A change of a revision that never was: it shows that one may, and changes nothing."""


class Swept:
    """The application with a plan of our own and a foreign one."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.own = lay_plan(door.database, door.ours, OURS, door.app.state.files) | {"organisation_id": str(door.ours)}
        self.foreign = lay_plan(door.database, door.theirs, THEIRS, door.app.state.files) | {
            "organisation_id": str(door.theirs)
        }
        self.foreign["check"] = "nothing"  # which is no row of anybody's
        self.app = door.app
        for role in (Role.VIEWER, Role.MARKETER, Role.CONSULTANT, Role.ADMINISTRATOR):
            add_person(door.database, door.ours, f"{role}@kivikoski.example", role)

    @cached_property
    def schema(self) -> dict[str, Any]:
        """What the application says of itself; working it out takes longer than most of these tests."""
        return self.app.openapi()

    @cached_property
    def administrator(self) -> TestClient:
        return self.client(Role.ADMINISTRATOR)

    def client(self, role: Role) -> TestClient:
        return TestClient(self.app, headers={"Authorization": f"Bearer {self.door.token(role)}"})

    def visitor(self, role: Role | None = Role.ADMINISTRATOR) -> TestClient:
        """A browser in which somebody of this role is signed in, or nobody."""
        return browser_of(self.app, role and f"{role}@kivikoski.example")

    def body(self, method: str, path: str) -> dict[str, Any] | None:
        """A body that the route takes: the own row's content, or as little as breaks no rule of form."""
        if path.endswith("/repeat"):
            return {"every_weeks": 52, "times": 1}
        if path.endswith("/copy"):
            return {"name": f"Copy {uuid.uuid4()}", "starts_on": "2026-04-01", "with_placements": False}
        if path.endswith("/placements") and "campaign_id" in path:
            return {"rows": "Mine asset,Mine channel"}
        if method != "PUT":
            return {} if method in ("PATCH", "POST") else None
        if path.endswith("{campaign_id}/placements"):
            return {"rows": "name"}
        if path.endswith("/aside"):
            return {"until": "2026-03-20"}
        if path.endswith("/sources/{placement_id}"):
            return None
        if path.endswith("/departments"):
            return {"system": "hr", "units": {}}
        shown = self.administrator.get(fill(path, self.own)).json()
        schema = self.schema["paths"][path]["put"]["requestBody"]["content"]["application/json"]["schema"]
        fields = self.schema["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
        return {name: value for name, value in shown.items() if name in fields}


def fill(path: str, keys: dict[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda found: keys[found[1]], path)


@pytest.fixture
def swept(door: Door) -> Swept:
    return Swept(door)


def api(app: FastAPI) -> Iterator[tuple[str, str, Scope]]:
    for method, path in routes_of(app):
        right = RIGHTS[path][method]
        if isinstance(right, Scope):
            yield method, path, right


def pages(app: FastAPI) -> Iterator[tuple[str, str]]:
    for method, path in routes_of(app):
        if RIGHTS[path][method] in (Visitor.READER, Visitor.ADMINISTRATOR):
            yield method, path


def test_every_route_of_the_api_lets_in_whom_it_says_and_shows_nobody_what_is_anothers(swept: Swept) -> None:
    asked, leaks = 0, []
    for role in Role:
        client = swept.client(role)
        for method, path, right in api(swept.app):
            for keys in (swept.own, swept.foreign) if "{" in path else (swept.own,):
                answer = client.request(method, fill(path, keys), json=swept.body(method, path), headers=STALE)
                asked += 1
                told = (role, method, path, "own" if keys is swept.own else "foreign", answer.status_code)
                if right not in SCOPES_OF[role]:
                    wrong = answer.status_code != 403
                elif keys is swept.foreign:
                    wrong = answer.status_code != 404
                else:
                    wrong = answer.status_code in (401, 403, 404) or answer.status_code >= 500
                if wrong or THEIRS.lower() in answer.text.lower():
                    leaks.append(told)
    assert leaks == []
    assert asked > 400


def test_nobody_gets_anything_from_the_api(swept: Swept) -> None:
    for method, path, _right in api(swept.app):
        answer = TestClient(swept.app).request(method, fill(path, swept.own), json={}, headers=STALE)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), (method, path)
        assert OURS.lower() not in answer.text.lower()


def test_every_page_shows_our_own_and_nothing_of_anothers(swept: Swept) -> None:
    for method, path in pages(swept.app):
        keys = (swept.own, swept.foreign) if "{" in path.replace("{format}", "") else (swept.own,)
        for chosen in keys:
            answer = swept.visitor().request(method, fill(path, chosen))
            assert answer.status_code < 500
            assert THEIRS not in answer.text, (method, path)
            assert answer.status_code == 404 or chosen is swept.own, (method, path)


def test_a_page_asked_about_foreign_rows_tells_nothing_of_them(swept: Swept) -> None:
    client = swept.client(Role.VIEWER)
    for noun in ("campaign", "channel", "placement", "persona"):
        asked = {noun: swept.foreign["slug"] if noun == "persona" else swept.foreign[f"{noun}_id"]}
        for path in ("/verdicts", "/funnel", "/verdicts.csv"):
            assert THEIRS not in swept.visitor().get(path, params=asked).text
        assert THEIRS not in client.get("/api/v1/reports/effectiveness", params=asked).text


def test_who_is_not_signed_in_sees_no_page(swept: Swept) -> None:
    for method, path in pages(swept.app):
        answer = swept.visitor(None).request(method, fill(path, swept.own))
        assert answer.status_code in (303, 307), (method, path)
        assert answer.headers["location"].startswith("/sign-in"), (method, path)
        assert OURS not in answer.text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MARKETER, Role.CONSULTANT])
def test_only_administrators_see_pages_of_administrators(swept: Swept, role: Role) -> None:
    for method, path in pages(swept.app):
        if RIGHTS[path][method] is Visitor.ADMINISTRATOR:
            answer = swept.visitor(role).request(method, fill(path, swept.own))
            assert answer.status_code == 403, (method, path)


@pytest.mark.parametrize(
    ("collection", "field"),
    [
        ("placements", "campaign_id"), ("placements", "asset_id"), ("placements", "channel_id"),
        ("placements", "persona_id"), ("assets", "variant_of_id"), ("assets", "claim_ids"),
        ("source-aliases", "channel_id"),
    ],
)  # fmt: skip
def test_no_row_of_ours_can_be_made_to_hang_on_a_foreign_one(swept: Swept, collection: str, field: str) -> None:
    noun = {"placements": "placement", "assets": "asset", "source-aliases": "source_alias"}[collection]
    place = f"/api/v1/{collection}/{swept.own[f'{noun}_id']}"
    foreign = {"variant_of_id": "asset_id", "claim_ids": "claim_id"}.get(field, field)
    value: Any = [swept.foreign[foreign]] if field == "claim_ids" else swept.foreign[foreign]
    answer = swept.client(Role.MARKETER).patch(place, json={field: value}, headers={"If-Match": "*"})
    assert answer.status_code in (404, 409, 422)
    assert THEIRS not in answer.text


def test_a_token_may_do_less_than_its_role(swept: Swept) -> None:
    admin = swept.client(Role.ADMINISTRATOR)
    given = {"system": "Board", "role": "marketer", "scopes": ["reports:read"]}
    made = admin.post("/api/v1/tokens", json=given).json()
    client = TestClient(swept.app, headers={"Authorization": f"Bearer {made['token']}"})
    for method, path, right in api(swept.app):
        status = client.request(method, fill(path, swept.own), json={}, headers=STALE).status_code
        assert (status == 403) is (right != Scope.REPORTS_READ), (method, path)


def test_who_may_not_see_small_counts_gets_no_route_that_shows_them_and_every_other_that_the_role_opens(
    swept: Swept,
) -> None:
    token = swept.door.token(Role.ADMINISTRATOR, sees_small_counts=False)
    client = TestClient(swept.app, headers={"Authorization": f"Bearer {token}"})
    add_person(swept.door.database, swept.door.ours, "few@kivikoski.example", sees_small_counts=False)
    visitor = browser_of(swept.app, "few@kivikoski.example")
    asked = 0
    for method, path, _right in api(swept.app):
        answer = client.request(method, fill(path, swept.own), json={}, headers=STALE)
        closed = COUNTS.get(path) is Counts.EXACT
        assert (answer.status_code == 403) is closed, (method, path, answer.text)
        assert ("reports/monthly" in answer.text) is closed
        asked += closed
    for method, path in pages(swept.app):
        answer = visitor.request(method, fill(path, swept.own))
        if path == "/":
            assert (answer.text, answer.headers["location"]) == ("", "/monthly"), "where all begin leads on"
            continue
        closed = COUNTS.get(path) is Counts.EXACT
        assert ("Small counts are not shown to you" in answer.text) is closed, (method, path)
        assert not closed or (answer.status_code == 403 and 'href="/monthly"' in answer.text)
        asked += closed
    assert asked > 8


@pytest.mark.parametrize("path", ["/api/v1/reports/effectiveness", "/api/v1/reports/monthly", "/verdicts", "/monthly"])
def test_a_report_that_does_not_say_whether_it_shows_small_counts_keeps_the_application_from_starting(
    swept: Swept, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(COUNTS, path)
    with pytest.raises(NotReady, match=f"Whether {path} shows small counts is not declared"):
        require_rights(swept.app)


def test_a_route_without_a_declared_right_keeps_the_application_from_starting(swept: Swept) -> None:
    router = APIRouter(prefix="/api/v1")

    @router.get("/secrets/{secret_id}")
    def secrets(secret_id: uuid.UUID) -> str:
        return str(secret_id)

    swept.app.include_router(router)
    with pytest.raises(NotReady, match=r"GET /api/v1/secrets/\{secret_id\}.*rights\.py"):
        require_rights(swept.app)


def test_a_route_of_the_api_that_is_declared_for_visitors_opens_for_no_token(swept: Swept) -> None:
    assert right_of("GET", "/api/v1/nothing") is None
    assert right_of("POST", "/verdicts") is None
    assert right_of("GET", f"/api/v1/jobs/{swept.own['job_id']}") is Scope.PLAN_READ


def test_no_right_is_declared_for_a_route_that_is_not_there(swept: Swept) -> None:
    declared = {(method, path) for path, methods in RIGHTS.items() for method in methods}
    assert declared == set(routes_of(swept.app))


def test_every_cookie_that_is_set_is_closed_to_scripts_and_other_sites(swept: Swept) -> None:
    for method, path in routes_of(swept.app):
        for scheme in ("http", "https"):
            client = TestClient(swept.app, f"{scheme}://127.0.0.1", client=("127.0.0.1", 50000))
            keys = swept.own | {"secret": "none-that-was-ever-given", "code": "zzzzz2"}
            for cookie in client.request(method, fill(path, keys)).headers.get_list("set-cookie"):
                flags = {part.strip().lower() for part in cookie.split(";")[1:]}
                assert {"httponly", "path=/"} <= flags, (path, cookie)
                assert flags & {"samesite=lax", "samesite=strict"}, (path, cookie)
                assert scheme == "http" or "secure" in flags, (path, cookie)
