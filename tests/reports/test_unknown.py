"""What is not known: each thing of the other reports with its count, why it is so, and what would tell it."""

import datetime as dt
from typing import Any

import pytest

from app.access.organisation import TrackingMode, get_organisation
from app.reports.answers import Needs, Reason, Row, Waiting
from app.reports.effectiveness import report_effectiveness
from app.reports.not_known import Kind, Named, Span, Unknown, Unknowns
from app.reports.unknown import _of_ads as of_ads
from app.reports.unknown import report_unknown
from app.reports.unknown_words import describe
from tests.reports.builders import City
from tests.web import answers_examples as examples

NOTHING_WAITS = Waiting(needs_mapping=0, dead=0, received=0)


def ask(city: City, waiting: Waiting = NOTHING_WAITS, late: tuple[Named, ...] = (), **asked: Any) -> Unknowns:
    scope = city.scope(**asked)
    with city.database.reading(city.id) as session:
        whole = report_effectiveness(session, city.scope())
        return report_unknown(session, scope, whole, waiting, late)


def counts(found: Unknowns) -> dict[Kind, tuple[int | None, int | None]]:
    return {one.kind: (one.n, one.all) for one in found.unknown}


def thing(found: Unknowns, kind: Kind) -> Unknown:
    (one,) = (one for one in found.unknown if one.kind is kind)
    return one


def tell_a_spring(city: City) -> None:
    """Eight applied: four by the poster, of whom one waits; three by nothing known, one by a code of no ad. Three
    say no specialty. The radio spot brought nobody."""
    city.places("Poster", runs=("2026-03-01", "2026-03-31"), currency="EUR", invoiced=1900)
    city.places("Radio", channel="Radio", runs=("2026-03-01", None))
    endings: tuple[dict[str, Any], ...] = (
        {"interview": "2026-03-20"},
        {"rejected": "2026-03-20"},
        {"rejected": "2026-04-01"},
    )
    for number, ending in enumerate(endings):
        city.hears(f"p{number}", "2026-03-02", via="Poster", specialty="gp", **ending)
    city.hears("p3", "2026-11-01", via="Poster", specialty="gp")
    city.hears("u0", "2026-03-02", specialty="gp", rejected="2026-03-09")
    city.hears("u1", "2026-03-02", withdrawn="2026-03-09")
    city.hears("c0", "2026-03-02", source={"tracking_code": "zzz999"}, rejected="2026-03-09")
    city.hears("w0", "2026-11-01")


def test_every_unknown_is_told_with_how_many_of_how_many(city: City) -> None:
    """Of no stage is a share told: those who wait were seen for a month, and nobody is left whom they could be told
    by. The poster has no other ad's applicants beside it."""
    tell_a_spring(city)
    assert counts(ask(city)) == {
        Kind.COST: (1, 2), Kind.SOURCE: (3, 8), Kind.CODE: (1, 8), Kind.PENDING: (2, 8), Kind.SHARE: (4, 4),
        Kind.STAGES_UNHEARD: (1, 5),
        Kind.SPECIALTY: (3, 8), Kind.NOBODY_CAME: (1, 2), Kind.NOTHING_BESIDE: (1, 2), Kind.BROUGHT: (2, 2),
    }  # fmt: skip


def test_what_is_asked_limits_what_is_unknown_of_applications_and_not_of_the_whole(city: City) -> None:
    tell_a_spring(city)
    found = counts(ask(city, to="2026-03-31"))
    assert (found[Kind.SOURCE], found.get(Kind.PENDING), found[Kind.COST]) == ((2, 6), None, (1, 2))
    assert counts(ask(city, specialty="gp"))[Kind.SOURCE] == (1, 5)
    assert Kind.SPECIALTY not in counts(ask(city, specialty="gp"))


def test_the_finding_counts_those_not_traced_and_those_still_open(city: City) -> None:
    tell_a_spring(city)
    assert ask(city).finding.replace("\N{NO-BREAK SPACE}", " ") == (
        "4 of 8 applications (50 %) cannot be traced to an ad. 2 (25 %) may still come to “Interview” or go out. "
        "Of 2 ads, for 2 we cannot tell yet."
    )
    assert ask(city, from_="2026-11-20").finding.startswith("Nobody has applied in this period")


def test_a_source_that_names_a_channel_leaves_its_ad_unknown(city: City) -> None:
    tell_a_spring(city)
    city.opens_channel("Fair")
    city.reads("fair", as_="Fair")
    city.hears("f0", "2026-03-02", source={"label": "fair"})
    assert counts(ask(city))[Kind.AD_OF_CHANNEL] == (1, 9)


def test_a_source_without_a_meaning_is_told_apart_from_those_of_which_it_is_too_late_to_find_out(city: City) -> None:
    """Their own label, or one that they named before applying; a code of no ad has a place of its own."""
    tell_a_spring(city)
    city.hears("l0", "2026-03-02", source={"label": "Friend"})
    city.touches("of l1", "2026-03-01", label="Friend")
    city.hears("l1", "2026-03-02")
    city.touches("of l2", "2025-03-01", label="Friend")  # longer ago than the lookback
    city.hears("l2", "2026-03-02")
    found = ask(city)
    assert (counts(found)[Kind.SOURCE_NAME], counts(found)[Kind.SOURCE]) == ((2, 11), (4, 11))
    assert "2 of them name a source that nobody has explained yet." in found.finding
    city.opens_channel("Colleagues")
    city.reads("friend", as_="Colleagues")
    found = ask(city)
    assert Kind.SOURCE_NAME not in counts(found)
    assert (counts(found)[Kind.SOURCE], counts(found)[Kind.AD_OF_CHANNEL]) == ((4, 11), (2, 11))


def test_where_ads_are_chosen_what_cannot_be_traced_is_no_share_of_theirs(city: City) -> None:
    tell_a_spring(city)
    found = ask(city, campaign=city.ids["Campaign Spring"])
    assert found.finding.startswith(
        "4 applications are known to have come by what is chosen. "
        "Beside them stand 4 that cannot be traced, whatever is chosen."
    )
    assert found.beside.startswith("Whatever is chosen, all applications that cannot be traced are counted here")
    assert ask(city).beside == ""


def test_systems_and_deliveries_that_are_not_in_the_numbers_are_told(city: City) -> None:
    tell_a_spring(city)
    late = (Named(key=None, label="HR", since=dt.date(2026, 11, 20)),)
    found = ask(city, Waiting(needs_mapping=2, dead=1, received=5), late)
    assert thing(found, Kind.NOT_READ).why.startswith("Not read: “HR” since 20 Nov")
    assert (thing(found, Kind.NOT_READ).n, thing(found, Kind.DELIVERIES).n) == (1, 3)


def test_what_comes_by_files_is_not_said_to_come_by_itself(sqlite_city: City) -> None:
    tell_a_spring(sqlite_city)

    def remedy(*ways: Any) -> str:
        late = tuple(Named(key=None, label="HR", since=dt.date(2026, 11, 20), comes_by=way) for way in ways)
        return thing(ask(sqlite_city, late=late), Kind.NOT_READ).remedy

    assert "synchronisation" not in remedy("file")
    assert remedy("file").endswith("unless somebody gives a newer file.")
    assert "synchronisation" in remedy("synchronisation")
    assert remedy("synchronisation", "file") == f"{remedy('synchronisation')} {remedy('file')}"


def test_a_city_of_which_nothing_was_read_says_so(sqlite_city: City) -> None:
    found = ask(sqlite_city)
    assert counts(found) == {Kind.NOT_READ: (None, None)}
    assert thing(found, Kind.NOT_READ).what == "No system has been read yet"


def test_that_nobody_is_followed_is_told_where_it_is_so(sqlite_city: City) -> None:
    tell_a_spring(sqlite_city)
    assert Kind.NOT_FOLLOWED not in counts(ask(sqlite_city))
    with sqlite_city.database.writing() as session:
        get_organisation(session, sqlite_city.id).tracking_mode = TrackingMode.OFF
    assert counts(ask(sqlite_city))[Kind.NOT_FOLLOWED] == (8, 8)
    assert "others" not in thing(ask(sqlite_city), Kind.NOT_FOLLOWED).why
    sqlite_city.touches("of u0", "2026-03-01", via="Radio")
    found = ask(sqlite_city)
    assert counts(found)[Kind.NOT_FOLLOWED] == (7, 8)
    assert thing(found, Kind.NOT_FOLLOWED).why.endswith(
        "Of 1 other, an ad met before is known from an event, from their own words or from who sent them."
    )


def test_when_those_who_wait_will_have_come_is_told_by_how_long_others_took(city: City) -> None:
    for number in range(6):
        city.hears(f"x{number}", "2026-03-01", interview="2026-03-20")
    city.hears("waits", "2026-03-01")
    assert thing(ask(city), Kind.PENDING).when == "Half of those who came to interview did so within 19 days."


def changed(row: Row, **parts: Any) -> Row:
    return row.model_copy(update=parts)


def kinds_of(*rows: Row) -> dict[Kind, Unknown]:
    return {one.kind: one for one in of_ads(examples.effectiveness(list(rows)))}


TOO_FEW_OF_ANY = Needs(applications=None, weeks=None, capped=True)
SMALL = Reason(code="unclear", params={}, text="")


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (examples.POSTER, Kind.TOO_FEW),
        (changed(examples.POSTER, ended=True), Kind.ENDED),
        (changed(examples.POSTER, needs=TOO_FEW_OF_ANY), Kind.HARDLY_EVER),
        (changed(examples.DISPLAY, needs=TOO_FEW_OF_ANY.model_copy(update={"ratio": 1.5})), Kind.TOO_EARLY),
        (changed(examples.POSTER, needs=Needs(applications=144, weeks=1165, capped=False)), Kind.TOO_SLOW),
        (changed(examples.POSTER, reason=SMALL), Kind.UNCLEAR),
        (changed(examples.POSTER, reason=SMALL, ended=True), Kind.UNCLEAR),
        (examples.DISPLAY, Kind.TOO_EARLY),
        (changed(examples.DISPLAY, ended=True), Kind.TOO_EARLY),
        (examples.RADIO, Kind.NOBODY_CAME),
    ],
)
def test_an_ad_without_a_verdict_is_told_by_what_it_lacks(row: Row, kind: Kind) -> None:
    told = kinds_of(changed(row, begun=True), examples.SEARCH)
    assert (told[kind].n, told[kind].all) == (1, 2)
    assert [one for one in told if one is not Kind.BROUGHT] == [kind]


def test_what_ads_lack_goes_from_the_one_that_lacks_least_to_the_one_that_lacks_most() -> None:
    other = changed(examples.POSTER, label="Other", needs=Needs(applications=40, weeks=9, capped=False))
    told = kinds_of(examples.POSTER, other)[Kind.TOO_FEW]
    assert (told.applicants, told.weeks) == (Span(least=14, most=40, n=2), Span(least=4, most=9, n=2))
    over = kinds_of(changed(examples.POSTER, ended=True))[Kind.ENDED]
    assert (over.applicants, over.weeks) == (Span(least=14, most=14, n=1), None)


@pytest.mark.parametrize(
    ("weeks", "n", "said"),
    [
        (None, 2, ""),
        (Span(least=4, most=9, n=2), 2, "In about 4 to 9 weeks."),
        (Span(least=1, most=1, n=2), 2, "In about 1 week."),
        (Span(least=4, most=9, n=2), 3, "For 2 of them in about 4 to 9 weeks."),
    ],
)
def test_when_it_can_be_told_says_of_how_many_that_is_known(
    sqlite_city: City, weeks: Span | None, n: int, said: str
) -> None:
    one = Unknown(kind=Kind.TOO_FEW, unit="ads", n=n, all=5, share=n / 5, weeks=weeks)
    assert describe(one, sqlite_city.scope(), sqlite_city.funnel()).when == said


def test_ads_with_a_verdict_and_ads_only_planned_are_not_unknown() -> None:
    assert [*kinds_of(changed(examples.RADIO, begun=False))] == []
    assert [*kinds_of(examples.NEWSLETTER, examples.SEARCH)] == [Kind.BROUGHT]
