"""The door for tracking links: it leads where the placement points, and counts days and no people, where it may."""

import asyncio
import datetime as dt
import uuid
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlalchemy import select, update

from app.access.organisation import Organisation, TrackingMode, get_organisation
from app.database import Database
from app.errors import Busy
from app.funnel.daily_click import DAILY_CLICK, DailyClick, Follower, count_clicks, tell_follower
from tests.support.client import TestClient
from tests.support.plan import a_live_placement, a_placement
from tests.web.conftest import Door

CODE = "h7k2mq"
BROWSER = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"}


@pytest.fixture
def poster(door: Door) -> str:
    """The code of a live placement of ours, whose clicks are counted."""
    door.make(lambda session: a_live_placement(session, tracking_code=CODE))
    set_mode(door, TrackingMode.AGGREGATE)
    return CODE


def set_mode(door: Door, mode: TrackingMode) -> None:
    with door.database.writing(door.ours) as session:
        get_organisation(session, door.ours).tracking_mode = mode


def follow(
    door: Door,
    code: str,
    *,
    headers: Mapping[str, str] = BROWSER,
    method: str = "GET",
) -> httpx2.Response:
    """Follow a link as a browser that has never been here."""
    stranger = door.stranger()
    stranger.headers.pop("user-agent", None)
    return stranger.request(method, f"/k/{code}", headers=dict(headers), follow_redirects=False)


def counted(door: Door) -> dict[tuple[str, dt.date, str], int]:
    with door.database.reading() as session:
        return {(one.code, one.day, one.follower): one.n for one in session.scalars(select(DailyClick))}


def by_follower(door: Door) -> dict[str, int]:
    return {follower: n for (_code, _day, follower), n in counted(door).items()}


def test_a_link_leads_to_the_target_with_the_code_where_it_is_found_again(door: Door, poster: str) -> None:
    answer = follow(door, poster)
    assert answer.status_code == 302
    assert answer.content == b""
    assert answer.headers["cache-control"] == "no-store"
    target = urlsplit(answer.headers["location"])
    assert (target.scheme, target.netloc, target.path) == ("https", "jobs.example.org", "/doctor")
    assert parse_qs(target.query)["utm_content"] == [poster]


@pytest.mark.parametrize("typed", ["H7K2MQ", "h7k-2mq", "h7k%202mq", "k:h7k2mq"])
def test_a_code_read_aloud_or_typed_from_a_poster_is_found(door: Door, poster: str, typed: str) -> None:
    assert follow(door, typed).status_code == 302
    assert list(counted(door)) == [(poster, dt.date(2026, 3, 1), "person")]


@pytest.mark.parametrize(
    "asked", ["url=https://evil.example", "utm_content=zzzzz2", "next=//evil.example", "%0d%0aa=b"]
)
def test_a_query_is_not_taken_on(door: Door, poster: str, asked: str) -> None:
    plain, asking = follow(door, poster), follow(door, f"{poster}?{asked}")
    assert asking.headers["location"] == plain.headers["location"]


@pytest.mark.parametrize("code", ["zzzzz2", "nothing", "h7k2m", "%00", "h7k2mq%0d%0aset-cookie:a=b"])
def test_a_code_that_nothing_has_leads_nowhere_and_says_so_in_the_readers_language(
    door: Door, poster: str, code: str
) -> None:
    answer = follow(door, code, headers={**BROWSER, "accept-language": "fi"})
    assert answer.status_code == 404
    assert "Tämä osoite ei vie minnekään" in answer.text
    assert counted(door) == {}


def test_who_mistyped_an_address_is_offered_the_one_site_that_links_lead_to_and_is_not_sent_there(
    door: Door, poster: str
) -> None:
    with door.database.writing() as session:
        session.execute(update(Organisation).values(link_hosts=["jobs.example.org"]))
    answer = follow(door, "h7k2mz")
    assert (answer.status_code, answer.headers.get("location")) == (404, None)
    assert (
        '<a class="action" href="https://jobs.example.org/" rel="noreferrer">Go on to jobs.example.org</a>'
        in answer.text
    )
    assert "none of them is O, I, L, 0 or 1" in answer.text
    assert "kutsu_clicks_astray_total 1.0" in door.stranger().get("/metrics").text


@pytest.mark.parametrize("theirs", [["careers.example.com"], [".example.org"]])
def test_where_links_lead_to_several_sites_none_is_named_to_who_mistyped_an_address(
    door: Door, poster: str, theirs: list[str]
) -> None:
    with door.database.writing(door.theirs) as session:
        get_organisation(session, door.theirs).link_hosts = theirs
    answer = follow(door, "h7k2mz")
    assert answer.status_code == 404
    assert "example" not in answer.text


def test_where_nothing_may_be_recorded_a_link_leads_on_and_leaves_nothing(door: Door, poster: str) -> None:
    set_mode(door, TrackingMode.OFF)
    assert follow(door, poster).status_code == 302
    assert counted(door) == {}


@pytest.mark.parametrize(("asks", "n"), [("dnt", 0), ("sec-gpc", 0), ("sec-other", 1)])
def test_who_asks_not_to_be_followed_gets_there_and_is_not_even_counted(
    door: Door, poster: str, asks: str, n: int
) -> None:
    assert follow(door, poster, headers={**BROWSER, asks: "1"}).status_code == 302
    assert sum(counted(door).values()) == n


@pytest.mark.parametrize("mode", [TrackingMode.AGGREGATE, TrackingMode.CONSENTED])
def test_clicks_are_counted_by_code_and_day_of_the_organisation(door: Door, poster: str, mode: TrackingMode) -> None:
    set_mode(door, mode)
    door.clock = dt.datetime(2026, 3, 3, 21, 59, tzinfo=dt.UTC)
    for _again in range(3):
        follow(door, poster)
    door.clock += dt.timedelta(minutes=1)  # midnight in Helsinki
    follow(door, poster)
    first, second = dt.date(2026, 3, 3), dt.date(2026, 3, 4)
    assert counted(door) == {(poster, first, "person"): 3, (poster, second, "person"): 1}


def test_how_often_a_link_was_followed_is_read_over_the_api(door: Door, client: TestClient, poster: str) -> None:
    (placed,) = client.get("/api/v1/placements", params={"tracking_code": poster}).json()["items"]
    where = f"/api/v1/placements/{placed['id']}/clicks"
    set_mode(door, TrackingMode.OFF)
    assert client.get(where).json() == {"mode": "off", "people": 0, "programs": 0, "days": []}
    set_mode(door, TrackingMode.AGGREGATE)
    for agent in ("Mozilla/5.0", "Mozilla/5.0", "Googlebot/2.1"):
        follow(door, poster, headers={"user-agent": agent})
    day = {"day": "2026-03-01", "people": 2, "programs": 1}
    assert client.get(where).json() == {"mode": "aggregate", "people": 2, "programs": 1, "days": [day]}


def test_of_who_followed_a_link_nothing_is_kept_but_what_kind_of_follower_it_was() -> None:
    assert DAILY_CLICK.columns.keys() == ["organisation_id", "code", "day", "follower", "n"]


def test_robots_and_programs_that_look_ahead_are_sent_on_and_counted_apart(door: Door, poster: str) -> None:
    assert follow(door, poster, method="HEAD").status_code == 302
    for headers in (
        BROWSER,
        {**BROWSER, "sec-purpose": "prefetch;prerender"},
        {"user-agent": "facebookexternalhit/1.1"},
        {},
    ):
        assert follow(door, poster, headers=headers).status_code == 302
    assert by_follower(door) == {"head": 1, "person": 1, "prefetch": 1, "robot": 1, "nameless": 1}
    with door.database.reading(door.ours) as session:
        assert count_clicks(session, [poster, "zzzzz2"]) == {poster: dict.fromkeys(Follower, 1)}


@pytest.mark.parametrize(
    ("agent", "follower"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0", "person"),
        ("Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 Mobile Safari/537.36 [FBAN/FB4A]", "person"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "robot"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0 Safari/537.36", "robot"),
        ("WhatsApp/2.24.1 A", "robot"),
        ("LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)", "robot"),
        ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "robot"),
        ("Microsoft Office Existence Discovery", "robot"),
        ("python-requests/2.32", "robot"),
        (" ", "nameless"),
    ],
)
def test_who_follows_a_link_is_told_by_what_it_says_of_itself(agent: str, follower: str) -> None:
    assert tell_follower("GET", {"user-agent": agent}) == follower


def test_many_who_follow_a_link_at_once_are_all_counted(door: Door, poster: str) -> None:
    async def run() -> list[int]:
        transport = httpx2.ASGITransport(app=door.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://kutsu.example") as client:
            asked = (client.get(f"/k/{poster}", headers=BROWSER) for _one in range(200))
            return [answer.status_code for answer in await asyncio.gather(*asked)]

    assert asyncio.run(run()) == [302] * 200
    assert by_follower(door) == {"person": 200}


def test_a_link_is_counted_for_the_organisation_whose_it_is(door: Door, poster: str) -> None:
    door.make(lambda session: a_live_placement(session, tracking_code="zzzzz2"), door.theirs)
    assert follow(door, "zzzzz2").status_code == 302
    assert counted(door) == {}, "theirs are not counted"
    with door.database.writing() as session:
        session.execute(update(Organisation).values(tracking_mode=TrackingMode.AGGREGATE))
    links_again = Door(door.database, door.ours, door.theirs)
    follow(links_again, "zzzzz2")
    with door.database.reading(door.ours) as session:
        assert count_clicks(session, ["zzzzz2"]) == {}
    with door.database.reading(door.theirs) as session:
        assert count_clicks(session, ["zzzzz2"]) == {"zzzzz2": {Follower.PERSON: 1}}


def test_a_placement_that_is_only_planned_leads_on_too_so_that_a_print_can_be_tried(door: Door) -> None:
    door.make(lambda session: a_placement(session, tracking_code=CODE))
    assert follow(door, CODE).status_code == 302


def test_a_placement_that_is_only_planned_never_leads_to_somebody_elses_site(door: Door) -> None:
    """Our address would lend its name to any other."""
    door.make(
        lambda session: a_placement(session, tracking_code=CODE, target_url="https://jobs.example.org.evil.example/")
    )
    answer = follow(door, CODE)
    assert (answer.status_code, answer.headers.get("location")) == (404, None)
    assert "only planned" in answer.text and "evil" not in answer.text


def test_what_went_out_leads_on_though_its_host_is_named_no_more(door: Door, poster: str) -> None:
    with door.database.writing(door.ours) as session:
        get_organisation(session, door.ours).link_hosts = ["careers.example.com"]
    assert follow(door, poster).status_code == 302


def test_whoever_follows_a_link_gets_there_when_nothing_can_be_stored(
    door: Door, poster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_said: object) -> None:
        raise Busy("full")

    monkeypatch.setattr(door.app.state.hooks.writer, "store", refuse)
    assert follow(door, poster).status_code == 302
    assert "kutsu_clicks_unsure_total 1.0" in door.stranger().get("/metrics").text


def test_when_nothing_can_be_looked_up_the_visitor_is_asked_to_come_again() -> None:
    door = Door(Database("sqlite:////nowhere/at/all.db"), uuid.UUID(int=1), uuid.UUID(int=2))
    answer = follow(door, CODE)
    assert answer.status_code == 503
    assert "Try it again in a minute" in answer.text
    assert "Today" not in answer.text, "who comes from a poster is no reader of ours"


def test_where_a_poster_leads_is_corrected_after_printing_and_stays_on_record(door: Door) -> None:
    key = door.make(lambda session: a_live_placement(session, tracking_code=CODE))
    client, place = door.client(), f"/api/v1/placements/{key}"
    old, new = "https://jobs.example.org/doctor", "https://jobs.example.org/doctor-2"
    frozen = client.patch(place, json={"target_url": new}, headers={"If-Match": '"1"'})
    assert frozen.status_code == 409, "not by the way"
    answer = client.put(f"{place}/target", json={"target_url": new}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["target_url"]) == (200, new)
    assert urlsplit(follow(door, CODE).headers["location"]).path == "/doctor-2"
    told = client.get(f"{place}/target").json()
    assert told == {"target_url": new, "past": [{"target_url": old, "until": "2026-03-01T09:00:00Z"}]}
    late = client.put(f"{place}/target", json={"target_url": old}, headers={"If-Match": '"1"'})
    assert late.status_code == 412, "who saw it as it was before is told"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/doctor", "http://127.0.0.1/", "https://jobs.example.org:8443/", "javascript:alert(1)"],
)
def test_a_target_is_never_corrected_to_a_foreign_host(door: Door, target: str) -> None:
    key = door.make(lambda session: a_live_placement(session, tracking_code=CODE))
    answer = door.client().put(
        f"/api/v1/placements/{key}/target", json={"target_url": target}, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 422
    assert "target_url" in answer.json()["errors"][0]["field"]
    assert urlsplit(follow(door, CODE).headers["location"]).netloc == "jobs.example.org"


def test_a_placement_that_is_only_planned_is_changed_as_ever(door: Door) -> None:
    key = door.make(lambda session: a_placement(session, tracking_code=CODE))
    given = {"target_url": "https://jobs.example.org/doctor-2"}
    answer = door.client().put(f"/api/v1/placements/{key}/target", json=given, headers={"If-Match": '"1"'})
    assert answer.status_code == 409
