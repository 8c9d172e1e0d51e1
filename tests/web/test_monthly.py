"""The months are open to all who read reports: exact with the right to see small counts, without it protected."""

import csv
import io

import numpy as np
import pytest

from app.access.token import Role
from app.reports.suppression import Hidden, K
from tests.reports.test_suppression import Attack
from tests.support.client import MARK, TestClient
from tests.support.people import add_person, browser_of
from tests.support.plan import NOW, a_channel, a_live_placement
from tests.web.conftest import Door

PATH = "/api/v1/reports/monthly"


@pytest.fixture
def filled(door: Door) -> Door:
    """Three months, three channels; few through one of them."""
    door.clock = NOW
    with door.database.writing(door.ours) as session:
        codes = [
            a_live_placement(session, channel_id=a_channel(session, name=name).id).tracking_code
            for name in ("Bus", "Tram", "Radio")
        ]
    sent = []
    for month, counts in enumerate(((30, 24, 3), (28, 22, 15), (25, 31, 12)), start=1):
        for channel, count in enumerate(counts):
            for n in range(count):
                key = f"{month}-{channel}-{n}"
                sent.append({
                    "id": f"a{key}", "kind": "application", "at": f"2025-1{month - 1}-05T09:00:00Z",
                    "person": f"p{key}",
                    "application": f"x{key}", "source": {"tracking_code": codes[channel]},
                })  # fmt: skip
                if n % 2 == 0:
                    sent.append({
                        "id": f"s{key}", "kind": "stage_change", "at": f"2025-1{month - 1}-20T09:00:00Z",
                        "application": f"x{key}", "stage": "interview",
                    })  # fmt: skip
    answer = door.client(Role.SERVICE).post("/api/v1/observations", json=sent)
    assert answer.json()["accepted"] == len(sent)
    return door


def grid(answer: dict, field: str) -> list[list[int | None]]:  # type: ignore[type-arg]
    return [[cell[field] for cell in (*row["cells"], row["total"])] for row in (*answer["rows"], answer["totals"])]


def test_with_the_right_every_count_is_exact(filled: Door) -> None:
    answer = filled.client(Role.VIEWER).get(f"{PATH}?language=en").json()
    assert [channel["label"] for channel in answer["channels"]] == ["Bus", "Radio", "Tram", "Channel unknown"]
    assert [row["month"] for row in answer["rows"]] == [f"2025-{n}" for n in (10, 11, 12)] + [
        "2026-01",
        "2026-02",
        "2026-03",
    ]
    assert grid(answer, "applications")[0] == [30, 3, 24, 0, 57]
    assert grid(answer, "reached")[0] == [15, 2, 12, 0, 29]
    assert grid(answer, "applications")[-1] == [83, 30, 77, 0, 190]
    assert (answer["exact"], answer["hidden_under"]) == (True, None)


def test_without_the_right_no_small_count_is_there_and_none_can_be_found_from_both_grids(filled: Door) -> None:
    exact = filled.client(Role.VIEWER).get(PATH).json()
    few = TestClient(
        filled.app, headers={"Authorization": f"Bearer {filled.token(Role.VIEWER, sees_small_counts=False)}"}
    )
    shown = few.get(PATH).json()
    assert (shown["exact"], shown["hidden_under"]) == (False, K)
    assert "unmapped" not in str(shown)
    full = {field: np.array(grid(exact, field)) for field in ("applications", "reached")}
    hidden = {field: np.array([[n is None for n in row] for row in grid(shown, field)]) for field in full}
    for field, counts in full.items():
        assert not (~hidden[field] & (counts < K)).any()
        assert all(
            a is None or a == b
            for x, y in zip(grid(shown, field), counts, strict=True)
            for a, b in zip(x, y, strict=True)
        )
    inside = {field: counts[:-1, :-1] for field, counts in full.items()}
    attack = Attack(inside["applications"], inside["reached"], Hidden(hidden["applications"], hidden["reached"]))
    found = [
        high - low
        for of_reached, field in ((False, "applications"), (True, "reached"))
        for cell in np.argwhere(hidden[field])
        for low, high in [attack.bounds(tuple(cell), of_reached=of_reached)]
    ]
    assert len(found) > 10
    assert min(found) >= K - 1e-6


@pytest.mark.parametrize(
    "asked", ["from=2025-11-01", "stage=hired", "channel=x", "include_units=false", "as_of=2025-12-01"]
)
def test_the_grid_takes_no_question_that_would_make_another_table(filled: Door, asked: str) -> None:
    assert filled.client(Role.VIEWER).get(f"{PATH}?{asked}").status_code == 422
    page = browser_of_few(filled)
    assert page.get(f"/monthly?{asked}").text.count("…") == page.get("/monthly").text.count("…")


def browser_of_few(door: Door) -> TestClient:
    add_person(door.database, door.ours, "few@kivikoski.example", Role.VIEWER, sees_small_counts=False)
    return browser_of(door.app, "few@kivikoski.example")


def test_the_page_and_the_file_show_the_same_as_the_api(filled: Door) -> None:
    add_person(filled.database, filled.ours)
    page = browser_of(filled.app).get("/monthly").text
    assert "190 have applied" in page
    assert "…" not in page
    few = browser_of_few(filled)
    assert "… is a count under ten" in few.get("/monthly").text
    rows = list(csv.DictReader(io.StringIO(few.get("/monthly.csv").text.lstrip(MARK))))
    assert (rows[-1]["Month"], len(rows), len(rows[-1])) == ("All months", 7, 1 + 2 * 5)
    counts = [int(n) for row in rows for name, n in row.items() if name != "Month" and n]
    assert counts
    assert min(counts) >= K


def test_an_administrator_gives_and_takes_the_right_and_the_audit_tells_it(filled: Door) -> None:
    few = browser_of_few(filled)
    assert few.get("/funnel").status_code == 403
    assert "Small counts are not shown to you" in few.get("/verdicts").text
    add_person(filled.database, filled.ours)
    administrator = browser_of(filled.app)
    member = administrator.get("/people").text.split('name="member" value="')
    keys = {part[:36] for part in member[1:]}
    for key in keys:
        administrator.post("/people/role", data={"member": key, "role": "administrator", "small_counts": "yes"})
    assert few.get("/funnel").status_code == 200
    assert "right to small counts" in administrator.get("/audit").text
