"""A link that goes out leads to a host that the organisation, or one above it, has named as its own: to no other,
however it is spelt."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.access.link_host import find_target_host, lies_on, normalise_host, read_link_host
from app.access.organisation import change_organisation, create_organisation, get_organisation, list_link_hosts
from app.database import Database, organisation_of
from app.errors import Conflict, Invalid
from app.planning.sharing import refuse_to_strand
from tests.support.plan import NOW, a_campaign, a_live_placement, a_placement

NAMED = ["jobs.example.org", ".clinic.example.net", "xn--tyt-snabc.example.fi"]

OWN = [
    ("https://jobs.example.org/doctor", "jobs.example.org"),
    ("HTTPS://JOBS.Example.ORG./doctor?lang=fi#apply", "jobs.example.org"),
    ("http://north.clinic.example.net", "north.clinic.example.net"),
    ("https://a.b.clinic.example.net/", "a.b.clinic.example.net"),
    ("https://jobs。example．org/", "jobs.example.org"),
]
FOREIGN = [
    "https://evil.example.org/", "https://jobs.example.org.evil.com/", "https://xjobs.example.org/", "https://org/",
    "https://evil.com/jobs.example.org", "https://evil.com?https://jobs.example.org/", "https://evil.com#@jobs.example.org",
    "https://jobs.example.org@evil.com/", "https://evil.com@jobs.example.org/", "https://a:b@jobs.example.org/",
    "https://jobs.example.org:8443/", "https://jobs.example.org:443/", "https://jobs.example.org:/",
    "https://evil.com\\@jobs.example.org/", "https:\\\\evil.com/jobs.example.org", "//jobs.example.org/", "/doctor", "",
    "https:jobs.example.org", "https:/jobs.example.org", "https:///jobs.example.org", "http:///evil.com/jobs.example.org",
    "javascript://jobs.example.org/%0aalert(1)", "data:text/html,jobs.example.org", "ftp://jobs.example.org/",
    "file://jobs.example.org/", "mailto:doctor@jobs.example.org", "view-source:https://jobs.example.org/",
    "https://clinic.example.net/", "https://xclinic.example.net/", "https://.clinic.example.net/",
    "https://evil.com%2f.clinic.example.net/", "https://evil.com%00.clinic.example.net/",
    "https://evil.com／.clinic.example.net/", "https://evil.com\t.clinic.example.net/", "https://evil.com\n/",
    "https://evil.com .clinic.example.net/", "https://faß.clinic.example.net/", "https://ßjobs.example.org/",
    "https://jobs\u200d.example.org/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[jobs.example.org]/",
    "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://127.1/", "https://10.0.0.7/",
    "https://169.254.169.254/", "https://localhost/", "https://intranet/", "https://kutsu.local/", "https://db.internal/",
]  # fmt: skip


@pytest.mark.parametrize(("url", "host"), OWN)
def test_an_address_on_ones_own_host_leads_there_however_it_is_written(url: str, host: str) -> None:
    assert find_target_host(url) == host
    assert lies_on(host, NAMED)


@pytest.mark.parametrize("url", FOREIGN)
def test_no_other_address_passes_for_ones_own(url: str) -> None:
    host = find_target_host(url)
    assert host is None or not lies_on(host, NAMED)


pieces = st.sampled_from([
    "https", "http", "javascript", ":", "//", "/", "\\", "@", "?", "#", ".", ":443", "%2f", "%00", "\t",
    "\u3002", "\u200b", "jobs.example.org", "clinic.example.net", "north.", "evil.com", "127.0.0.1", "[::1]",
    "ß", "ı", "K", "\uff0f", "xn--",
])  # fmt: skip


@given(st.lists(pieces | st.text(max_size=3), max_size=9).map("".join))
def test_whatever_passes_is_read_by_a_browsers_rules_as_a_host_of_ones_own(url: str) -> None:
    host = find_target_host(url)
    if host is not None and lies_on(host, NAMED):
        scheme, _colon, rest = url.partition("://")
        authority = rest.split("/")[0].split("?")[0].split("#")[0]
        assert scheme.lower() in ("http", "https")
        assert not set(authority) & set("@:\\%[] \t\r\n")
        assert normalise_host(authority) == host


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        (" Jobs.Example.org. ", "jobs.example.org"), (".example.org", ".example.org"),
        ("työ.example.fi", "xn--ty-gka.example.fi"),
        ("org", None), (".org", None), ("localhost", None), ("10.0.0.1", None), ("host.lan", None), ("1.2.3.0x4", None),
        ("https://jobs.example.org", "jobs.example.org"), ("jobs.example.org/x", "jobs.example.org"),
        ("jobs.example.org:443", None), ("*.example.org", None),
        ("..example.org", None), ("", None), (".", None), ("faß.example.de", None), ("-a.example.org", None),
    ],
)  # fmt: skip
def test_hosts_are_named_by_public_names_alone(given_: str, kept: str | None) -> None:
    assert read_link_host(given_) == kept


def name(session: Session, *hosts: str) -> None:
    organisation = get_organisation(session, organisation_of(session))
    refuse_to_strand(session, organisation, hosts)
    change_organisation(session, organisation, {"link_hosts": hosts})


def test_a_placement_goes_live_only_on_a_host_that_is_named(session: Session) -> None:
    campaign = a_campaign(session, status="live")
    a_placement(session, campaign_id=campaign.id, target_url="https://other.example.org/")
    for url, why in (
        ("https://other.example.org/", "target_url: other.example.org is not one of your own hosts .jobs.example.org"),
        ("https://jobs.example.org:8443/", "without a port"),
        ("https://10.0.0.7/", "by its name alone"),
    ):
        with pytest.raises(Invalid, match=why):
            a_placement(session, campaign_id=campaign.id, status="live", target_url=url)


def test_a_unit_has_the_hosts_named_above_it_as_well(database_url: str) -> None:
    database = Database(database_url)
    with database.writing() as session:
        city = create_organisation(session, "City", now=NOW, link_hosts=["city.example.org"])
        unit = create_organisation(session, "North", now=NOW, parent=city, link_hosts=["north.example.org"]).id
        stranger = create_organisation(session, "Inland", now=NOW).id
        city_id: uuid.UUID = city.id
    with database.reading(unit) as session:
        assert list_link_hosts(session, unit) == ["city.example.org", "north.example.org"]
    with database.reading(city_id) as session:
        assert list_link_hosts(session, city_id) == ["city.example.org"]
    with database.reading(stranger) as session:
        assert list_link_hosts(session, stranger) == []
    database.close()


def test_a_host_that_a_live_link_leads_to_stays_named(session: Session) -> None:
    a_live_placement(session, name="Tram")
    with pytest.raises(Conflict, match=r"Tram.*end them first"):
        name(session, "other.example.org")
    name(session, ".example.org", "other.example.org")
    assert list_link_hosts(session, organisation_of(session)) == [".example.org", "other.example.org"]
