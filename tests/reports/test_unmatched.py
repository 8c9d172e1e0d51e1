"""What was observed and leads to no placement, most first."""

import datetime as dt

from app.access.organisation import get_organisation
from app.planning.tracking import AliasKind
from tests.reports.builders import City, owners


def found(city: City, **asked: object) -> list[tuple[str, str, int, int]]:
    sources = city.unmatched(**asked).sources
    return [(source.kind, source.observed, source.applications, source.touchpoints) for source in sources]


def test_codes_labels_and_hosts_without_a_placement_are_counted_most_first(city: City) -> None:
    city.places("Poster")
    city.hears("x1", "2026-03-01", via="Poster")
    city.hears("x2", "2026-03-02", source={"tracking_code": "zzz999"})
    city.hears("x3", "2026-03-05", source={"tracking_code": "zzz999", "label": "LinkedIn"})
    city.hears("x4", "2026-03-03", source={"label": "Duunitori", "url": "https://www.duunitori.fi/x"})
    city.touches("Ann", "2026-02-01", tracking_code="zzz999")
    city.touches("Ann", "2026-03-09", label="A friend")
    assert found(city) == [
        ("code", "zzz999", 2, 1),
        ("host", "duunitori.fi", 1, 0),
        ("label", "duunitori", 1, 0),
        ("label", "a friend", 0, 1),
    ]
    code = city.unmatched().sources[0]
    assert (code.first, code.last) == (dt.date(2026, 2, 1), dt.date(2026, 3, 5))


def test_what_has_an_alias_leads_somewhere(city: City) -> None:
    city.places("Poster", channel="LinkedIn")
    city.reads("linkedin", as_="LinkedIn")
    city.reads("tram poster", as_="Poster")
    city.reads("linkedin.com", kind=AliasKind.HOST, as_="LinkedIn")
    city.hears("x1", "2026-03-01", source={"label": "LinkedIn"})
    city.hears("x2", "2026-03-01", source={"label": "Tram poster"})
    city.hears("x3", "2026-03-01", source={"label": "Ad 7", "url": "https://linkedin.com/"})
    assert found(city) == []


def test_the_organisations_own_hosts_are_no_source_that_anybody_is_asked_about(city: City) -> None:
    with city.database.writing(city.id) as session:
        get_organisation(session, city.id).link_hosts = ["jobs.city.example", ".www.example.org"]
    for n, host in enumerate(("jobs.city.example", "www.jobs.city.example", "a.www.example.org", "city.example")):
        city.hears(f"x{n}", "2026-03-01", source={"url": f"https://{host}/gp"})
    city.hears("y", "2026-03-01", source={"label": "Jobs.city.example"})
    assert found(city) == [("host", "city.example", 1, 0)]
    assert owners(city.effectiveness()) == {"unknown": 5}


def test_touches_of_nobody_known_count_too(city: City) -> None:
    city.tells({"kind": "touchpoint", "type": "attendance", "at": "2026-03-01", "label": "Fair"})
    assert found(city) == [("label", "fair", 0, 1)]


def test_only_the_local_days_asked_for_are_looked_at(city: City) -> None:
    for day in ("2026-03-01T21:59+00:00", "2026-03-01T22:00+00:00", "2026-03-03T21:59+00:00", "2026-03-03T22:00+00:00"):
        city.hears(f"x{day}", day, source={"label": "Fair"})
    assert found(city, from_="2026-03-02", to="2026-03-03") == [("label", "fair", 2, 0)]
    assert found(city, as_of="2026-03-01") == [("label", "fair", 1, 0)]


def test_what_was_seen_later_was_not_known(city: City) -> None:
    march = dt.datetime(2026, 3, 31, tzinfo=dt.UTC)
    city.hears("x1", "2026-03-01", source={"label": "Fair"})
    city.sees(march)
    city.hears("x2", "2026-03-01", source={"label": "Fair"})
    assert found(city, known_at=march) == [("label", "fair", 1, 0)]
