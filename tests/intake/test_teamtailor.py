"""Reading Teamtailor's answers: tolerant of what we do not know, strict about what we need."""

import copy
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Drifted, Refused, VendorError
from app.i18n import speaking
from app.intake.connectors.page import ApplicationSeen, LeadSeen, StageSeen
from app.intake.connectors.teamtailor import VENDOR
from app.intake.connectors.teamtailor.calls import ask, walk
from app.intake.connectors.teamtailor.records import read_applications, read_jobs, read_stages
from app.intake.connectors.teamtailor.shapes import Listing
from tests.intake.town import START

AT = "2026-03-02T11:00:00.000+02:00"
LATER = "2026-03-05T11:00:00.000+02:00"

APPLICATION: dict[str, Any] = {
    "id": "7",
    "type": "job-applications",
    "attributes": {
        "created-at": AT, "updated-at": LATER, "changed-stage-at": None, "rejected-at": None, "sourced": False,
        "referring-url": "https://city.example/?utm_content=h7k2mq", "referring-site": "LinkedIn",
        "cover-letter": "unread", "row-order": 3,
    },
    "relationships": {
        "candidate": {"data": {"type": "candidates", "id": "9"}},
        "job": {"data": {"type": "jobs", "id": "1"}},
        "stage": {"data": {"type": "stages", "id": "4"}},
        "reject-reason": {"data": None},
    },
}  # fmt: skip
INCLUDED: list[dict[str, Any]] = [
    {"id": "9", "type": "candidates", "attributes": {"email": "a@example.org", "first-name": "unread"}},
    {"id": "1", "type": "jobs", "attributes": {"title": "Lääkäri"}},
    {"id": "4", "type": "stages", "attributes": {"name": "Inbox", "stage-type": "Inbox", "row-order": 0}},
    {"id": "2", "type": "reject-reasons", "attributes": {"rejected-by-company": False}},
]


def listing(*records: Any, included: list[Any] | None = None) -> Listing:
    return Listing.model_validate({"data": list(records), "included": INCLUDED if included is None else included})


def application(**changes: Any) -> dict[str, Any]:
    """The usual record with some attributes changed; `_` stands for `-`."""
    record = copy.deepcopy(APPLICATION)
    record["attributes"].update({name.replace("_", "-"): value for name, value in changes.items()})
    return record


def test_an_application_is_read_with_all_that_it_points_to() -> None:
    (seen,) = read_applications(listing(APPLICATION), {}).records
    assert seen == ApplicationSeen(
        application="7", candidate="9", email="a@example.org", job="1", job_title="Lääkäri",
        applied_at=START, updated_at=START + dt.timedelta(days=3),
        stage=StageSeen(ref="4", name="Inbox", vendor_type="Inbox", position=0), entered_at=START,
        url="https://city.example/?utm_content=h7k2mq", label="LinkedIn",
    )  # fmt: skip


def spell(change: Callable[[str], str]) -> dict[str, Any]:
    record = copy.deepcopy(APPLICATION)
    for part in ("attributes", "relationships"):
        record[part] = {change(name): value for name, value in record[part].items()}
    return record


@pytest.mark.parametrize(
    "change",
    [
        lambda name: name.replace("-", "_"),
        lambda name: name.split("-")[0] + "".join(part.title() for part in name.split("-")[1:]),
        str.upper,
    ],
    ids=["underscores", "camelCase", "capitals"],
)
def test_names_are_read_in_any_spelling(change: Callable[[str], str]) -> None:
    usual = read_applications(listing(APPLICATION), {}).records
    assert read_applications(listing(spell(change)), {}).records == usual


def test_what_we_do_not_know_is_passed_over() -> None:
    record = application(brand_new={"deep": [1]})
    record["meta"] = {"anything": 1}
    odd = [*INCLUDED, {"type": "novelties", "id": 5}, "no object", {"id": "6"}]
    assert read_applications(listing(record, included=odd), {}).skipped == {}


@pytest.mark.parametrize(
    "name",
    ["created-at", "updated-at", "changed-stage-at", "rejected-at", "sourced", "referring-url", "referring-site"],
)
def test_a_record_without_a_field_we_need_is_skipped_with_the_fields_name(name: str) -> None:
    record = application()
    del record["attributes"][name]
    read = read_applications(listing(record, APPLICATION), {})
    assert len(read.records) == 1
    assert read.skipped == {f"missing: {name.replace('-', '_')}": 1}


@pytest.mark.parametrize("name", ["candidate", "job", "stage", "reject-reason"])
def test_a_relationship_that_was_not_included_is_missed(name: str) -> None:
    record = application()
    record["relationships"][name] = {"links": {"related": "https://api.teamtailor.com/"}}
    read = read_applications(listing(record, APPLICATION), {})
    assert read.skipped == {f"missing: {name.replace('-', '_')}.data": 1}


@pytest.mark.parametrize("value", ["yesterday", "2026-03-02T11:00:00", "", {}, True])
def test_a_time_that_cannot_be_read_or_has_no_offset_is_a_counted_reason(value: Any) -> None:
    read = read_applications(listing(application(updated_at=value), APPLICATION), {})
    assert read.skipped == {"unreadable: updated_at": 1}


def test_reasons_hold_nothing_of_what_the_record_says() -> None:
    read = read_applications(listing(application(sourced="aino@example.org"), APPLICATION), {})
    assert "aino" not in str(read.skipped)


def test_a_page_of_which_most_cannot_be_read_is_a_drift() -> None:
    broken = application(updated_at=None)
    read_applications(listing(broken, APPLICATION), {}).require_most("Teamtailor")
    with pytest.raises(Drifted, match="unreadable: updated_at"):
        read_applications(listing(broken, broken, APPLICATION), {}).require_most("Teamtailor")


def test_somebody_whom_a_recruiter_added_is_a_lead() -> None:
    (seen,) = read_applications(listing(application(sourced=True)), {}).records
    assert seen == LeadSeen(
        lead="7", candidate="9", email="a@example.org", seen_at=START, updated_at=START + dt.timedelta(days=3),
        url="https://city.example/?utm_content=h7k2mq", label="LinkedIn",
    )  # fmt: skip


@pytest.mark.parametrize(("reason", "outcome"), [("2", "withdrawn"), ("3", "rejected"), (None, "rejected")])
def test_a_rejection_is_the_applicants_own_where_its_reason_says_so(reason: str | None, outcome: str) -> None:
    record = application(rejected_at=LATER)
    record["relationships"]["reject-reason"]["data"] = reason and {"type": "reject-reasons", "id": reason}
    (seen,) = read_applications(listing(record), {}).records
    assert (seen.outcome, seen.reason, seen.out_at) == (outcome, reason, START + dt.timedelta(days=3))


def test_a_reason_without_a_rejection_says_nothing() -> None:
    record = application()
    record["relationships"]["reject-reason"]["data"] = {"type": "reject-reasons", "id": "2"}
    (seen,) = read_applications(listing(record), {}).records
    assert (seen.outcome, seen.reason, seen.out_at) == (None, None, None)


def test_only_a_stage_that_everybody_starts_in_was_entered_by_applying() -> None:
    later = copy.deepcopy(INCLUDED)
    later[2]["attributes"]["stage-type"] = "In process"
    (seen,) = read_applications(listing(APPLICATION, included=later), {}).records
    assert seen.entered_at is None


def test_numbers_as_keys_are_read_as_text() -> None:
    record = application()
    record["id"] = 7
    (seen,) = read_applications(listing(record), {}).records
    assert seen.application == "7"


def test_what_no_database_takes_is_cut_out_of_texts() -> None:
    record = application(referring_site="Linked\x00In \ud800")
    (seen,) = read_applications(listing(record), {}).records
    assert seen.label == "LinkedIn "


def test_a_job_says_its_unit_and_specialty() -> None:
    job = {
        "id": "1",
        "attributes": {"title": "Lääkäri", "tags": ["urgent", "Specialty: GP "]},
        "relationships": {"department": {"data": {"type": "departments", "id": "3"}}},
    }
    department = {"id": "3", "type": "departments", "attributes": {"name": "Keskusta"}}
    (seen,) = read_jobs(listing(job, included=[department])).records
    assert seen.attributes == {"unit": "Keskusta", "specialty": "gp"}
    (plain,) = read_jobs(listing(job, included=[])).records
    assert plain.attributes == {"specialty": "gp"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PART = st.sampled_from(["attributes", "relationships", "id", "type"])


@given(JSON, PART)
def test_whatever_stands_in_a_record_it_is_read_or_counted(junk: Any, part: str) -> None:
    record = {**APPLICATION, part: junk}
    for read in (
        read_applications(listing(record, junk), {}),
        read_applications(listing(APPLICATION, included=[junk, *({**one, part: junk} for one in INCLUDED)]), {}),
        read_jobs(listing(record, junk)),
        read_stages(listing(record, junk)),
    ):
        assert len(read.records) + read.skipped.total() in (1, 2)


@dataclass
class Scripted:
    """A client that gives prepared answers, one for each path."""

    answers: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> "Given":
        return Given(self.status, self.headers, self.answers[path])


@dataclass
class Given:
    status: int
    headers: Mapping[str, str]
    json: Any


@pytest.mark.parametrize(
    ("status", "kind", "text"),
    [
        (400, Drifted, "Teamtailor no longer understands the question: sort is not allowed"),
        (401, Refused, "Check the key and the region"),
        (403, Refused, "scope Admin and the right Read"),
        (404, Refused, "Check the region"),
        (406, Refused, "no longer speaks this version of its API: sort is not allowed"),
        (422, Drifted, "no longer understands the question"),
        (302, Refused, "Teamtailor answers 302 and sends Kutsu on to another address"),
        (409, Refused, "Teamtailor answers 409: sort is not allowed"),
    ],
)
def test_each_refusal_says_what_to_do(status: int, kind: type[VendorError], text: str) -> None:
    body = {"errors": [{"title": "Bad", "detail": "sort is not allowed"}]}
    with speaking("en"), pytest.raises(kind) as caught:
        ask(Scripted({"/jobs": body}, status), "/jobs")
    assert text in str(caught.value)


@pytest.mark.parametrize("body", [None, {}, {"errors": []}, {"errors": {}}, [], {"errors": ["x"]}])
def test_a_refusal_without_a_reason_is_told_too(body: Any) -> None:
    with pytest.raises(Refused, match=r"without a reason\."):
        ask(Scripted({"/jobs": body}, 418), "/jobs")


@pytest.mark.parametrize("body", [[], {}, {"data": {}}, {"data": [], "links": 3}, None])
def test_an_answer_that_is_no_list_is_a_drift(body: Any) -> None:
    with pytest.raises(Drifted, match="in a form we do not know"):
        ask(Scripted({"/jobs": body}), "/jobs")


def page(next: str | None, *data: Any) -> dict[str, Any]:
    return {"data": list(data), "links": {"next": next} if next else {}}


def test_pages_are_followed_until_no_next_is_named() -> None:
    client = Scripted({"/jobs": page("/2", 1), "/2": page("/3", 2), "/3": page(None, 3)})
    assert [one.data for one in walk(client, "/jobs", {})] == [[1], [2], [3]]


def test_a_page_that_leads_back_is_refused() -> None:
    client = Scripted({"/jobs": page("/2", 1), "/2": page("/3", 2), "/3": page("/2", 3)})
    with pytest.raises(Drifted, match="in a circle"):
        list(walk(client, "/jobs", {}))


def test_an_empty_page_that_names_a_next_one_is_refused() -> None:
    with pytest.raises(Drifted, match="in a circle"):
        list(walk(Scripted({"/jobs": page("/2")}), "/jobs", {}))


@pytest.mark.parametrize(
    ("header", "clock"),
    [("Mon, 02 Mar 2026 09:00:00 GMT", START), ("soon", None), (None, None)],
)
def test_the_vendors_clock_is_read_where_it_is_told(header: str | None, clock: dt.datetime | None) -> None:
    headers = {} if header is None else {"date": header}
    assert ask(Scripted({"/jobs": page(None)}, headers=headers), "/jobs").answered_at == clock


def test_every_call_carries_key_and_version_to_the_region_chosen() -> None:
    assert VENDOR.headers({"key": "k1"}) == {"Authorization": "Token token=k1", "X-Api-Version": "20240904"}
    assert VENDOR.regions["na"] == "https://api.na.teamtailor.com/v1"


def test_rows_out_of_order_leave_the_cursor_until_the_window_was_read_to_its_end() -> None:
    early, late = application(created_at=AT), application(created_at=LATER)
    late["id"] = "8"
    client = Unsorted([late, early])
    pages = [one for one in VENDOR.connector(client).pages({}, START + dt.timedelta(days=9)) if one.stream == "history"]
    assert [one.cursor and one.cursor["done"] for one in pages] == [None, True]


@dataclass
class Unsorted:
    """A vendor that does not heed the order that was asked for."""

    applications: list[Any]

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Given:
        data = self.applications if path == "/job-applications" else []
        return Given(200, {}, {"data": data, "included": INCLUDED})
