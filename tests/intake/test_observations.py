"""Observations: every field has its rule, and what is refused leaves nothing behind."""

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.access.organisation import TrackingMode, create_organisation
from app.database import Database
from app.errors import Invalid
from app.funnel.application import Application, Lead, SystemProgress
from app.funnel.fact import FactRow
from app.funnel.person import Person, PersonAlias
from app.funnel.pseudonym import Pseudonyms
from app.funnel.touchpoint import Touchpoint
from app.intake.observe import MOST_ITEMS, Receipt, parse_items, take_in

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
SECRET = b"a secret of at least 32 characters"
AT = "2026-03-01T09:00:00Z"
VALID: dict[str, dict[str, Any]] = {
    "touchpoint": {"person": "p1", "type": "attendance", "tracking_code": "h7k2mq"},
    "application": {
        "person": "p1", "application": "x1", "job": "j1", "job_title": "Doctor", "attributes": {"specialty": "gp"},
        "source": {"label": "LinkedIn", "url": "https://x.example/?utm_content=h7k2mq", "tracking_code": None},
    },
    "stage_change": {"application": "x1", "stage": "interview"},
    "outcome": {"application": "x1", "outcome": "rejected", "reason": "code"},
    "reopened": {"application": "x1"},
    "unhired": {"application": "x1"},
    "transferred": {"application": "x1", "job": "j2", "job_title": "Senior doctor"},
    "lead": {"person": "p2", "job": None, "source": {"label": "Fair"}},
    "person_merge": {"person": "p3", "into": "p1"},
    "erasure": {"person": "p9"},
    "void": {"voids": "touchpoint"},
}  # fmt: skip


def observation(what: str, /, **changed: Any) -> dict[str, Any]:
    """A right observation of this kind, but for what is changed of it."""
    return {"id": what, "kind": what, "at": AT, **VALID[what], **changed}


class Desk:
    """An organisation's door for observations."""

    def __init__(self, database: Database, name: str = "City", mode: TrackingMode = TrackingMode.OFF) -> None:
        self.database = database
        with database.writing() as session:
            self.id = create_organisation(session, name, now=NOW, tracking_mode=mode).id

    def take(self, *items: Any, system: str = "hr", now: dt.datetime = NOW) -> Receipt:
        """What becomes of items that are sent as a JSON array."""
        return self.take_body(json.dumps(items).encode(), system=system, now=now)

    def take_body(self, body: bytes, *, lines: bool = False, system: str = "hr", now: dt.datetime = NOW) -> Receipt:
        with self.database.writing(self.id) as session:
            return take_in(session, system, parse_items(body, lines=lines), secret=SECRET, now=now)

    def count(self, row: type) -> int:
        with self.database.reading(self.id) as session:
            return session.scalar(select(func.count()).select_from(row)) or 0

    def problem(self, item: Any) -> str:
        """Why this one item is refused; nothing of it may be stored."""
        receipt = self.take(item)
        (refused,) = receipt.rejected
        assert (receipt.accepted, refused.index, self.count(FactRow)) == (0, 0, 0)
        return refused.problem


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    database = Database(database_url)
    yield Desk(database)
    database.close()


@pytest.fixture
def sqlite_desk(sqlite_file_url: str) -> Iterator[Desk]:
    database = Database(sqlite_file_url)
    yield Desk(database)
    database.close()


def test_one_of_each_kind_is_taken_in_and_projected(desk: Desk) -> None:
    receipt = desk.take(*(observation(kind) for kind in VALID))
    assert receipt == Receipt(accepted=len(VALID))
    assert [desk.count(row) for row in (Application, Lead, Touchpoint)] == [1, 1, 0]
    with desk.database.reading(desk.id) as session:
        (row,) = session.scalars(select(Application))
        assert (row.code, row.label, row.host, row.specialty) == ("h7k2mq", "linkedin", "x.example", "gp")


LONE = "\ud800"
KEYS = ["", "x" * 201, "a\x00b", "a\nb", f"a{LONE}", 5, True, [], {}]
WRONG: dict[str, list[Any]] = {
    "id": [*KEYS, None],
    "at": [
        None, "", "yesterday", "2026-03-01", "2026-03-01T09:00:00", "1772355600", 1772355600, 1772355600.5, True,
        "2026-02-30T09:00:00Z", "2026-03-01T25:00:00Z", "1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", [], {}, LONE,
    ],
    "kind": [None, "", "click", "snapshot", 5, [], {}, LONE],
    "person": KEYS,
    "into": [*KEYS, None],
    "application": [*KEYS, None],
    "voids": [*KEYS, None],
    "type": [None, "", "impression", 5, [], LONE],
    "email": ["", "nobody", "a@", "@b", "a b@c", "a@b@c", "x" * 320 + "@b.fi", "a\x00@b", f"a{LONE}@b", 5, []],
    "tracking_code": ["", "search", "h7k2m", "h7k2mqq", "h7k2m0", 5, [], LONE],
    "label": KEYS,
    "url": ["", "x" * 2001, "a\x00b", f"a{LONE}", 5, []],
    "job": ["", "x" * 201, "a\x00", 5, [], LONE],
    "job_title": KEYS,
    "attributes": [None, 5, [], "gp", {"age": 40}, {"specialty": "two words"}, {"specialty": "x" * 41}, {"unit": ""}],
    "source": [None, 5, [], "LinkedIn", {"name": "x"}, {"label": ""}, {"tracking_code": "no"}, {"url": 5}],
    "stage": [None, "", "Interview", "rejected", 2, [], LONE],
    "outcome": [None, "", "hired", "Rejected", 5, [], LONE],
    "reason": ["", "two words", "x" * 41, 5, [], LONE],
}  # fmt: skip
OPTIONAL = {
    "touchpoint": {"person"}, "application": {"job", "job_title", "attributes", "source"}, "outcome": {"reason"},
    "transferred": {"job_title"}, "lead": {"job", "source"},
}  # fmt: skip
FIELDS = [
    (kind, field)
    for kind, fields in VALID.items()
    for field in ("id", "at", "kind", *fields, *(["email", "label", "url"] if kind == "touchpoint" else []))
]


@pytest.mark.parametrize(("kind", "field"), FIELDS)
def test_a_wrong_value_is_refused_and_its_field_named(sqlite_desk: Desk, kind: str, field: str) -> None:
    for value in WRONG[field]:
        problem = sqlite_desk.problem(observation(kind, **{field: value}))
        surrogate = "surrogate" in problem and LONE in json.dumps(value, ensure_ascii=False)
        assert field in problem or surrogate, (value, problem)


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, field in FIELDS if field in VALID[kind]])
def test_a_field_that_is_needed_and_missing_is_named(sqlite_desk: Desk, kind: str, field: str) -> None:
    item = observation(kind)
    del item[field]
    receipt = sqlite_desk.take(item)
    if field in OPTIONAL.get(kind, ()):
        assert receipt.accepted == 1
    else:
        (refused,) = receipt.rejected
        assert field in refused.problem


@pytest.mark.parametrize("kind", VALID)
def test_an_unknown_field_is_refused_and_named(sqlite_desk: Desk, kind: str) -> None:
    assert "full_name" in sqlite_desk.problem(observation(kind, full_name="Matti Meikäläinen"))


def test_fields_inside_are_named_with_their_place(sqlite_desk: Desk) -> None:
    assert "attributes.age" in sqlite_desk.problem(observation("application", attributes={"age": 40}))
    assert "source.url" in sqlite_desk.problem(observation("application", source={"url": ""}))


def test_an_ad_that_nothing_tells_of_is_no_touchpoint(sqlite_desk: Desk) -> None:
    assert "tracking_code" in sqlite_desk.problem(observation("touchpoint", tracking_code=None))


def test_an_erasure_says_who_once(sqlite_desk: Desk) -> None:
    assert "person" in sqlite_desk.problem(observation("erasure", person=None))
    assert "email" in sqlite_desk.problem(observation("erasure", email="a@b.fi"))


@pytest.mark.parametrize("item", [None, 5, "text", [], [{}], {}, True, 1e30, {"kind": "touchpoint"}, {"id": "a"}])
def test_what_is_no_observation_is_refused(sqlite_desk: Desk, item: Any) -> None:
    assert sqlite_desk.problem(item)


def test_a_long_complaint_is_cut(sqlite_desk: Desk) -> None:
    assert len(sqlite_desk.problem(observation("reopened", **{"x" * 10_000 + str(n): 1 for n in range(9)}))) <= 500
    assert len(sqlite_desk.problem({"id": "a" * 999, "kind": "k" * 9999})) <= 500


def test_the_rest_of_a_call_is_stored(desk: Desk) -> None:
    receipt = desk.take(observation("application"), observation("outcome", outcome="lost"), observation("lead"))
    assert (receipt.accepted, [(one.index, one.id) for one in receipt.rejected]) == (2, [(1, "outcome")])
    assert (desk.count(FactRow), desk.count(Application), desk.count(Lead)) == (2, 1, 1)


# The body


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b'"a"', b"5", b"null", b"[", b"[1,]", b"[NaN]", b"[Infinity]", b"[-Infinity]", b"\xff\xfe",
        b'["\xc3\x28"]', b"[" * 100_000, b'{"a":' * 100_000, b"[" + b"9" * 5000 + b"]", b"[1] [2]",
    ],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_a_body_that_is_no_json_array_is_refused_whole(body: bytes) -> None:
    with pytest.raises(Invalid, match=r"JSON"):
        parse_items(body, lines=False)


def test_a_key_that_stands_twice_is_refused(sqlite_desk: Desk) -> None:
    twice = json.dumps(observation("reopened"))[:-1] + ', "application": "x2"}'
    inside = json.dumps(observation("lead")).replace('"label": "Fair"', '"label": "Fair", "label": "Other"')
    receipt = sqlite_desk.take_body(f"[{twice}, {inside}]".encode())
    assert receipt.accepted == 0
    assert "twice" in receipt.rejected[0].problem
    assert "source" in receipt.rejected[1].problem


def test_a_broken_line_is_refused_and_the_others_are_stored(desk: Desk) -> None:
    lines = [json.dumps(observation("application")), "", '{"id": "a2", NaN}', "\u2028", json.dumps(observation("lead"))]
    receipt = desk.take_body("\r\n".join(lines).encode(), lines=True)
    assert (receipt.accepted, [one.index for one in receipt.rejected]) == (2, [1, 2])


def test_ten_thousand_items_are_taken_and_one_more_is_refused() -> None:
    assert len(parse_items(b"[" + b"1," * (MOST_ITEMS - 1) + b"1]", lines=False)) == MOST_ITEMS
    for body, lines in ((b"[" + b"1," * MOST_ITEMS + b"1]", False), (b"1\n" * (MOST_ITEMS + 1), True)):
        with pytest.raises(Invalid, match="10001"):
            parse_items(body, lines=lines)


# Idempotency


@pytest.mark.parametrize("kind", VALID)
def test_the_same_id_with_the_same_content_is_a_duplicate(desk: Desk, kind: str) -> None:
    desk.take(observation(kind))
    again = observation(kind, at="2026-03-01T11:00:00+02:00")
    assert desk.take(again, again) == Receipt(duplicate=2)
    assert desk.count(FactRow) == 1


@pytest.mark.parametrize("kind", VALID)
def test_the_same_id_with_other_content_is_a_conflict_and_nothing_is_overwritten(desk: Desk, kind: str) -> None:
    desk.take(observation(kind))
    with desk.database.reading(desk.id) as session:
        before = [row.digest for row in session.scalars(select(FactRow))]
    assert desk.take(observation(kind, at="2026-03-02T09:00:00Z")) == Receipt(conflict=1)
    with desk.database.reading(desk.id) as session:
        assert [row.digest for row in session.scalars(select(FactRow))] == before


def test_of_two_contents_in_one_call_the_first_wins(desk: Desk) -> None:
    receipt = desk.take(observation("lead"), observation("lead", person="p5"))
    assert (receipt.accepted, receipt.conflict) == (1, 1)


def test_a_void_may_come_first_and_cannot_take_back_a_void(desk: Desk) -> None:
    assert desk.take(observation("void"), observation("touchpoint")).accepted == 2
    assert desk.count(Touchpoint) == 0
    assert "voids" in desk.take(observation("void", id="v2", voids="void")).rejected[0].problem
    desk.take(observation("erasure"))
    assert "voids" in desk.take(observation("void", id="v3", voids="erasure")).rejected[0].problem


# Erasure


def test_what_is_sent_of_an_erased_person_is_refused_and_the_erasure_may_be_repeated(desk: Desk) -> None:
    mine = [observation(kind) for kind in ("touchpoint", "application")]
    desk.take(*mine, observation("erasure", person="p1"))
    assert (desk.count(Application), desk.count(Person)) == (1, 1)
    receipt = desk.take(*mine, observation("stage_change"), observation("erasure", id="e2", person="p1"))
    assert (receipt.accepted, len(receipt.rejected)) == (1, 3)
    assert all("erased" in one.problem for one in receipt.rejected)


def test_somebody_known_by_an_address_alone_can_be_erased(desk: Desk) -> None:
    guest = observation("touchpoint", person=None, email="Äiti@Example.fi")
    desk.take(guest)
    desk.take(observation("erasure", person=None, email="äiti@example.FI"))
    assert desk.take({**guest, "id": "t2"}).rejected


def test_nothing_is_stored_of_a_first_word_about_an_erased_person(desk: Desk) -> None:
    desk.take(observation("erasure"))
    receipt = desk.take(observation("stage_change"), observation("application", person="p9"))
    assert (receipt.accepted, desk.count(FactRow), desk.count(Application)) == (0, 1, 0)


# What may be recorded


@pytest.mark.parametrize("mode", [TrackingMode.OFF, TrackingMode.AGGREGATE])
@pytest.mark.parametrize("type", ["click", "open"])
def test_without_consent_no_click_or_open_of_a_person_is_stored(
    database_url: str, mode: TrackingMode, type: str
) -> None:
    desk = Desk(Database(database_url), mode=mode)
    problem = desk.problem(observation("touchpoint", type=type))
    assert "type" in problem and mode in problem
    assert [desk.count(row) for row in (FactRow, Touchpoint, Person, PersonAlias)] == [0, 0, 0, 0]
    desk.database.close()


@pytest.mark.parametrize("type", ["click", "open", "attendance", "self_report", "referral", "ats_source"])
def test_with_consent_every_touchpoint_is_stored(sqlite_file_url: str, type: str) -> None:
    desk = Desk(Database(sqlite_file_url), mode=TrackingMode.CONSENTED)
    assert desk.take(observation("touchpoint", type=type)).accepted == 1
    assert desk.count(Touchpoint) == 1
    desk.database.close()


def test_no_key_and_no_address_lies_in_the_database_in_clear(sqlite_desk: Desk) -> None:
    source = {
        "label": "write to source-address@example.fi",
        "url": "https://secret-user:secret-word@x.example/secret-path?utm_term=utm-address@x.fi&utm_person=secret-name&q=secret-query",
    }
    sqlite_desk.take(
        observation("touchpoint", id="secret-id", person="secret-person", email="secret-address@example.fi"),
        observation(
            "application", person="secret-person", application="secret-application", job="secret-job", source=source
        ),
        observation("person_merge", person="secret-person", into="secret-other"),
        observation("void", voids="secret-void"),
        observation("lead", person="secret-lead"),
        observation("erasure", person="secret-lead"),
    )
    path = Path(str(sqlite_desk.database.url.database))
    sqlite_desk.database.close()
    stored = b"".join(file.read_bytes() for file in path.parent.glob("kutsu.db*")).lower()
    assert b"doctor" in stored, "what may be kept is found, so what is not found is not there"
    for secret in (b"secret-", b"address@"):
        assert secret not in stored


def test_an_address_is_one_person_whatever_its_case_and_form(desk: Desk) -> None:
    for place, address in enumerate(["äiti@example.fi", "ÄITI@EXAMPLE.FI", "a\u0308iti@example.fi"]):
        desk.take(observation("touchpoint", id=f"t{place}", person=None, email=address))
    assert desk.count(Person) == 1


def test_two_systems_with_the_same_keys_do_not_meet(desk: Desk) -> None:
    for system in ("hr", "events"):
        assert desk.take(observation("application"), observation("lead"), system=system).accepted == 2
    assert (desk.count(Application), desk.count(Person)) == (2, 4)


def test_two_organisations_with_the_same_system_and_keys_do_not_meet(database_url: str) -> None:
    database = Database(database_url)
    desks = [Desk(database, name) for name in ("Espoo", "Vantaa")]
    for desk in desks:
        assert desk.take(observation("application")).accepted == 1
    desks[0].take(observation("erasure", person="p1"))
    assert desks[1].take(observation("stage_change")).accepted == 1
    assert [desk.count(FactRow) for desk in desks] == [2, 2]
    database.close()


def test_neither_secret_nor_organisation_nor_namespace_may_differ_for_the_same_reference() -> None:
    references = {
        Pseudonyms(secret, organisation).reference(namespace, key)
        for secret in (SECRET, SECRET[::-1])
        for organisation in (uuid.UUID(int=1), uuid.UUID(int=2))
        for namespace, key in (("a", "bc"), ("ab", "c"), ("a", "b"))
    }
    assert len(references) == 12


def test_a_call_says_that_the_system_was_heard_until_now_and_never_takes_it_back(desk: Desk) -> None:
    desk.take(observation("lead"))
    desk.take(observation("lead"), now=NOW - dt.timedelta(days=3))
    with desk.database.reading(desk.id) as session:
        (through,) = session.scalars(select(SystemProgress.through))
    assert through == int(NOW.timestamp() * 1_000_000)


# Anything at all

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = sorted({name for fields in VALID.values() for name in fields} | {"email", "url", "label", "tracking_code"})
VALUES = JSON | st.sampled_from([value for values in WRONG.values() for value in values])
ITEMS = JSON | st.builds(
    lambda kind, changed: observation(kind, **changed),
    st.sampled_from(list(VALID)),
    st.dictionaries(st.sampled_from(["id", "at", "kind", *NAMES]), VALUES, max_size=2),
)
ONE_DESK = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(suppress_health_check=ONE_DESK, max_examples=150)
@given(items=st.lists(ITEMS, max_size=5))
def test_whatever_is_sent_each_item_is_stored_whole_or_refused(sqlite_desk: Desk, items: list[Any]) -> None:
    with sqlite_desk.database.rehearsing(sqlite_desk.id) as session:
        receipt = take_in(session, "hr", items, secret=SECRET, now=NOW)
        stored = session.scalar(select(func.count()).select_from(FactRow))
    counted = receipt.accepted + receipt.duplicate + receipt.conflict + len(receipt.rejected)
    assert (counted, stored) == (len(items), receipt.accepted)
    "".join(one.problem + (one.id or "") for one in receipt.rejected).encode()


@settings(max_examples=300)
@given(body=st.binary() | st.text().map(str.encode), lines=st.booleans())
def test_whatever_the_bytes_they_are_read_or_refused(body: bytes, lines: bool) -> None:
    with suppress(Invalid):
        assert isinstance(parse_items(body, lines=lines), list)
