"""What people write is shown and never run: payloads through every text of the plan, in a real browser and a file."""

import csv
import io
import json
import uuid
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

import pytest
from fastapi import FastAPI
from playwright.sync_api import Dialog, Page

from app.access.organisation import create_organisation
from app.access.token import Role, create_token
from app.database import Database
from app.intake.connectors.page import StageSeen
from app.intake.stage_proposal import store_proposals
from app.tasks.task import LONGEST_TEXT, State, enqueue
from app.web.application import create_app
from tests.support.browser import Watch
from tests.support.client import TestClient
from tests.support.people import COOKIE, add_person, browser_of, open_session
from tests.support.plan import NOW
from tests.support.proofs import Proof
from tests.support.server import serving
from tests.web.sweep import NOUNS, lay_plan

Path: TypeAlias = tuple[str | int, ...]

RUN = "window.ran=1"
ACTIVE = [
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f'"><img src=x onerror="{RUN}">',
    f"'><svg/onload={RUN}>",
    f"<details open ontoggle={RUN}>",
    f'<iframe srcdoc="<script>parent.{RUN}</script>">',
    f"<a href=javascript:{RUN}>x</a>",
    f"--><body onload={RUN}>",
    f"</title></textarea></style><script>{RUN}</script>",
    "{{ 7*7 }}{% raise %}${7*7}",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"x' autofocus onfocus='{RUN}' y=\"",
    f"<math><mtext><style><img src onerror={RUN}></style>",
    f"<form action=javascript:{RUN}><button autofocus>",
]
FEW = [ACTIVE[0], "".join((ACTIVE[2], ACTIVE[8], ACTIVE[9]))]
"""One that is short enough for every text, and one out of an attribute, elements that hold text alone, a template."""
FORMULAS = ["=1+2", "+1+2", "-1+2", "@SUM(1,2)", "\t=1+2", "\r=1+2", '=HYPERLINK("https://evil.example","x")']
ADDRESSES = [
    f"javascript:{RUN}", f"JaVaScRiPt:{RUN}", f"data:text/html,<script>{RUN}</script>", f"vbscript:{RUN}",
    f" javascript:{RUN}", f"java\tscript:{RUN}", "//evil.example/x", "file:///etc/passwd",
]  # fmt: skip
LINKS = """[...document.querySelectorAll("[href],[action],[src]")].map((one) =>
    one.getAttribute("href") || one.getAttribute("action") || one.getAttribute("src"))"""
KEPT = {"slug", "tracking_code", "factor", "id"}
"""Keys that other rows name; their form allows no payload anyway."""


@pytest.fixture
def database(sqlite_file_url: str) -> Iterator[Database]:
    database = Database(sqlite_file_url)
    yield database
    database.close()


class Town:
    """A town whose every text can be replaced."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.writing() as session:
            organisation: uuid.UUID = create_organisation(session, "Harbour Town", now=NOW).id
        self.organisation = organisation
        self.rows = lay_plan(database, organisation, "mark")
        with database.writing(organisation) as session:
            token = create_token(session, "tests", Role.ADMINISTRATOR, now=NOW)
        self.app: FastAPI = create_app(database, b"k" * 32, clock=lambda: NOW)
        add_person(database, organisation)
        self.client = TestClient(self.app, headers={"Authorization": f"Bearer {token}"})

    def place(self, noun: str) -> str:
        collection = "source-aliases" if noun == "source_alias" else f"{noun.replace('_', '-')}s"
        return f"/api/v1/{collection}/{self.rows[f'{noun}_id']}"

    def fields(self) -> Iterator[tuple[str, Path]]:
        """Every text of every row, by where it stands."""
        for noun in NOUNS:
            for path in texts(self.client.get(self.place(noun)).json()):
                if path[-1] not in KEPT:
                    yield noun, path

    def put(self, noun: str, paths: Sequence[Path], text: str) -> bool:
        """Whether the API takes this text in these places of a row."""
        row = self.client.get(self.place(noun)).json()
        value = {str(path[0]): row[str(path[0])] for path in paths}
        for path in paths:
            value = replaced(value, path, text)
        answer = self.client.patch(self.place(noun), json=value, headers={"If-Match": "*"})
        if answer.status_code == 201:  # the next version of a persona
            self.rows[f"{noun}_id"] = answer.json()["id"]
        return answer.status_code in (200, 201)

    def open_fields(self, text: str) -> dict[str, list[Path]]:
        """The places that take this text, by noun."""
        taken: dict[str, list[Path]] = {}
        for noun, path in self.fields():
            if self.put(noun, [path], text):
                taken.setdefault(noun, []).append(path)
        return taken

    def observe(self, number: int, label: str) -> None:
        item = {
            "id": f"a{number}", "kind": "application", "at": "2026-02-20T09:00:00Z", "person": f"p{number}",
            "application": f"x{number}", "job": "j1", "job_title": label, "source": {"label": label},
            "attributes": {"unit": label},
        }  # fmt: skip
        receipt = self.client.post("/api/v1/observations", json=[item]).json()
        assert receipt["accepted"] == 1, receipt

    def see_stage(self, number: int, name: str) -> None:
        """A system calls one of its stages so."""
        system = f"teamtailor:{self.rows['connection_id']}"
        with self.database.writing(self.organisation) as session:
            store_proposals(session, system, [StageSeen(ref=f"s{number}", name=name)])

    def fail_task(self, error: str) -> None:
        """A piece of long work ends with this error."""
        with self.database.writing(self.organisation) as session:
            task = enqueue(session, f"kind {error}"[:40], now=NOW)
            task.state, task.error, task.finished_at = State.FAILED, error[:LONGEST_TEXT], NOW

    def pages(self) -> list[str]:
        placement = self.rows["placement_id"]
        by = ("channel", "campaign", "asset", "persona", "claim", "factor", "theme")
        return [
            "/", "/verdicts", "/funnel", f"/placements/{placement}", "/personas", f"/personas/{self.rows['slug']}",
            "/tokens", "/audit", "/data", f"/data/{self.rows['connection_id']}",
            f"/data/{self.rows['connection_id']}/stages", f"/data/{self.rows['connection_id']}/webhooks",
            "/units", f"/units/{self.organisation}", *(f"/verdicts?by={one}" for one in by),
        ]  # fmt: skip


def texts(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts(inner, (*path, key))


def replaced(value: Any, path: Path, text: str) -> Any:
    copy = json.loads(json.dumps(value))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = text
    return copy


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


def test_no_payload_runs_wherever_it_is_written(watch: Watch, town: Town) -> None:
    write_everywhere(watch, town, FEW)


@pytest.mark.prove
def test_no_payload_of_many_runs_wherever_it_is_written(watch: Watch, town: Town, proof: Proof) -> None:
    texts_written = write_everywhere(watch, town, ACTIVE)
    proof(f"active payloads that ran, {len(ACTIVE)} in each of {texts_written} texts", "0", 0)


def write_everywhere(watch: Watch, town: Town, payloads: Sequence[str]) -> int:
    """Write each payload into every text that takes it, and look at every page; gives the number of texts."""
    dialogs: list[str] = []
    taken = town.open_fields(ACTIVE[0])
    assert sum(map(len, taken.values())) >= 40, "names, texts in languages, worries, evidence"
    watch.carry_cookie(COOKIE, open_session(town.app))
    with serving(town.app) as site:
        page = watch.open()
        page.on("dialog", partial(dismiss, dialogs))
        page.add_init_script("document.addEventListener('securitypolicyviolation', () => { window.violated = 1 })")
        for number, payload in enumerate(payloads):
            for noun, paths in taken.items():
                assert town.put(noun, paths, payload), (noun, payload)
            town.observe(number, payload)
            town.see_stage(number, payload)
            town.fail_task(payload)
            token = {"system": payload[:60], "role": "viewer"}
            assert town.client.post("/api/v1/tokens", json=token).status_code == 201
            unit = {"name": payload, "link_hosts": ["jobs.example.org"]}
            assert town.client.post("/api/v1/organisations", json=unit).status_code == 201
            for address in town.pages() if number == 0 else (*town.pages()[:6], *town.pages()[8:11]):
                page.goto(site + address)
                assert is_quiet(page), (payload, address)
            page.goto(f"{site}/audit?actor=" + "%22%3E%3Cscript%3Ewindow.ran=1%3C/script%3E")
            assert is_quiet(page)
        for address in town.pages():
            page.goto(site + address)
            assert is_quiet(page), address
        page.wait_for_load_state("networkidle")
    assert dialogs == []
    return sum(map(len, taken.values()))


@pytest.mark.parametrize("payload", [ACTIVE[0], ACTIVE[2], ACTIVE[3], ACTIVE[6]])
def test_a_payload_that_came_through_would_be_seen(watch: Watch, payload: str) -> None:
    watch.allow("")
    page = watch.open()
    page.set_content(f"<p>{payload}</p>")
    page.wait_for_load_state("networkidle")
    assert not is_quiet(page)


def dismiss(dialogs: list[str], dialog: Dialog) -> None:
    dialogs.append(dialog.message)
    dialog.dismiss()


def is_quiet(page: Page) -> bool:
    """Nothing ran, nothing was refused by the policy, and no link runs anything."""
    links = page.evaluate(LINKS)
    bad = [link for link in links if link.strip().lower().startswith(("javascript:", "data:text", "vbscript:"))]
    handlers = page.evaluate("document.querySelectorAll('[onerror],[onload],[onfocus],[ontoggle]').length")
    return not bad and not handlers and not page.evaluate("window.ran || window.violated || 0")


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_is_none_of_the_web_is_taken_nowhere(town: Town, address: str) -> None:
    urls = [(noun, path) for noun, path in town.fields() if str(path[-1]) in ("url", "target_url")]
    assert {path[0] for _noun, path in urls} == {"evidence", "target_url"}
    assert [noun for noun, path in urls if town.put(noun, [path], address)] == []


def test_no_formula_is_active_in_a_file(town: Town) -> None:
    taken = town.open_fields(FORMULAS[0])
    for number, formula in enumerate(FORMULAS):
        for noun, paths in taken.items():
            town.put(noun, paths, formula)
        if formula.isprintable():
            town.observe(number, formula)
            assert town.client.post("/api/v1/tokens", json={"system": formula, "role": "viewer"}).status_code == 201
        visitor = browser_of(town.app)
        for file in ("/verdicts.csv", "/verdicts.csv?by=channel", "/verdicts.csv?by=campaign", "/audit.csv"):
            for row in csv.reader(io.StringIO(visitor.get(file).text)):
                assert [cell for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))] == []
                assert [cell for cell in row if cell.startswith("-") and not is_number(cell)] == []


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
