"""Money, texts, dates and addresses where they enter."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy import String

from app.database import Base
from app.errors import Invalid
from app.i18n import LANGUAGES, minor_digits
from app.planning import alias, asset, campaign, channel, claim, job, persona_schema, placement, tracking
from app.planning import persona as personas
from app.planning.field import Day, Language, Name, Prose, Texts, Url
from app.planning.money import Money, current_currencies, show_money, to_minor, to_money
from app.planning.problem import read_as


@given(minor=st.integers(0, 10**12 - 1), currency=st.sampled_from(sorted(current_currencies())))
def test_money_comes_back_to_the_cent(minor: int, currency: str) -> None:
    money = to_money(minor, currency)
    assert to_minor(money) == minor
    assert Decimal(money.amount) * 10 ** minor_digits(currency) == minor


@given(units=st.integers(0, 10**12 - 1), cents=st.integers(0, 99))
def test_an_amount_written_with_fewer_decimals_is_the_same_amount(units: int, cents: int) -> None:
    written = f"{units}.{cents:02}"
    assert to_minor(Money(amount=written, currency="EUR")) == units * 100 + cents
    assert to_minor(Money(amount=written.rstrip("0").rstrip("."), currency="EUR")) == units * 100 + cents


def test_an_amount_is_shown_with_its_currencys_decimals() -> None:
    assert to_money(190_000, "EUR") == Money(amount="1900.00", currency="EUR")
    assert to_money(1900, "JPY") == Money(amount="1900", currency="JPY")
    assert show_money(None, "EUR") is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": 1900.0, "currency": "EUR"}, "amount"),
        ({"amount": "1,900", "currency": "EUR"}, "amount"),
        ({"amount": "-5", "currency": "EUR"}, "amount"),
        ({"amount": "١٢", "currency": "EUR"}, "amount"),
        ({"amount": "1e3", "currency": "EUR"}, "amount"),
        ({"amount": "1" * 13, "currency": "EUR"}, "amount"),
        ({"amount": "5", "currency": "eur"}, "currency"),
        ({"amount": "5", "currency": "FIM"}, "currency"),
        ({"amount": "5"}, "currency"),
        ({"amount": "5.005", "currency": "EUR"}, ""),
        ({"amount": "5.5", "currency": "JPY"}, ""),
    ],
)
def test_an_amount_without_a_clear_worth_is_refused(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        read_as(Money, wrong)
    assert [problem.field for problem in error.value.problems] == [field]


def accepts(kind: Any, value: object) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("text", ["a\0b", "a\nb", "a\u202eb", "a\x1bb", "a\u2028b", "\ud800", "  ", "", "x" * 201, 5])
def test_a_name_is_one_line_that_can_be_seen(text: object) -> None:
    assert not accepts(Name, text)


def test_a_name_is_kept_composed_and_without_blanks_around() -> None:
    assert TypeAdapter(Name).validate_python("  Keva\u0308t ") == "Kevät"


def test_prose_may_have_lines_and_nothing_else_unseen() -> None:
    assert accepts(Prose, "a\nb")
    assert not accepts(Prose, "a\0b")


@pytest.mark.parametrize(
    "url",
    [
        "jobs.example.org",
        "ftp://jobs.example.org/",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://user:secret@jobs.example.org/",
        "https://user@jobs.example.org/",
        "https://jobs.example.org/a b",
        "https://jobs.example.org\\@evil.example/",
        "https://jobs.example.org:99999/",
        "https://-bad-.example/",
        "https://[::1/",
        "https://" + "a" * 300 + ".fi",
    ],
)
def test_an_address_is_one_that_a_browser_opens_at_a_named_host(url: str) -> None:
    assert not accepts(Url, url)


@pytest.mark.parametrize("url", ["https://jobs.example.org/a?b=c#d", "http://localhost:8000", "https://työ.example/ä"])
def test_a_sound_address_is_taken(url: str) -> None:
    assert accepts(Url, url)


@given(text=st.text(max_size=50))
def test_no_text_breaks_the_reading_of_addresses(text: str) -> None:
    accepts(Url, f"https://{text}")


@pytest.mark.parametrize(
    "day",
    [
        20260330,
        "30.3.2026",
        "2026-3-30",
        "2026-02-30",
        "20260330",
        "1899-12-31",
        "2101-01-01",
        dt.datetime(2026, 3, 30, tzinfo=dt.UTC),
    ],
)
def test_a_date_is_written_year_month_day(day: object) -> None:
    assert not accepts(Day, day)


def test_a_date_is_taken() -> None:
    assert TypeAdapter(Day).validate_python("2026-03-30") == dt.date(2026, 3, 30)


def test_a_text_has_a_language_that_we_speak() -> None:
    assert not accepts(Texts, {"de": "Guten Tag"})
    assert not accepts(Texts, {})
    assert accepts(Texts, {"fi": "Hyvää päivää"})
    assert set(Language.__args__) == set(LANGUAGES)  # type: ignore[attr-defined]


SCHEMAS: list[tuple[type[BaseModel], type[Base]]] = [
    (persona_schema.PersonaIn, personas.Persona),
    (persona_schema.Reason, personas.Factor),
    (claim.ClaimIn, claim.Claim),
    (campaign.CampaignIn, campaign.Campaign),
    (asset.AssetIn, asset.Asset),
    (channel.ChannelIn, channel.Channel),
    (placement.PlacementIn, placement.Placement),
    (job.JobIn, job.Job),
    (alias.SourceAliasIn, tracking.SourceAlias),
]


def bounds(schema: dict[str, Any], definitions: dict[str, Any]) -> Iterator[int]:
    for part in [schema, *schema.get("anyOf", [])]:
        resolved = definitions[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        if "enum" in resolved:
            yield max(map(len, resolved["enum"]))
        elif "maxLength" in resolved:
            yield resolved["maxLength"]


@pytest.mark.parametrize(("schema", "table"), SCHEMAS, ids=lambda kind: kind.__name__)
def test_every_text_fits_its_column(schema: type[BaseModel], table: type[Base]) -> None:
    described = schema.model_json_schema()
    for name, column in table.__table__.columns.items():
        if isinstance(column.type, String) and column.type.length and name in described["properties"]:
            longest = list(bounds(described["properties"][name], described.get("$defs", {})))
            # A tracking code may be written with blanks; what is stored is the code.
            assert name == "tracking_code" or (longest and max(longest) <= column.type.length), name


@pytest.mark.parametrize(("schema", "_table"), SCHEMAS, ids=lambda kind: kind.__name__)
def test_a_field_that_we_do_not_know_is_refused(schema: type[BaseModel], _table: type[Base]) -> None:
    with pytest.raises(Invalid, match="misspelt: There is no such field"):
        read_as(schema, {"misspelt": 1})


@pytest.mark.parametrize(
    ("given_value", "message"),
    [
        ({"openings": "3"}, "openings: Give a whole number"),
        ({"openings": 0}, "openings: Give a number that is at least 1"),
        ({"openings": 1000}, "openings: Give a number that is at most 999"),
        ({"title": ""}, "title: Write something here"),
        ({"title": "x" * 201}, "title: At most 200 characters"),
        ({"title": 3}, "title: Give a text"),
        (
            {"specialty": "surgery"},
            "specialty: Choose one of general_practice, resident_general_practice, unspecialised",
        ),
        ({"opens_on": "soon"}, "opens_on: Write the date as year-month-day"),
        ({"opens_on": "2026-02-31"}, "opens_on: Write the date as year-month-day"),
        ({}, "title: This is needed"),
    ],
)
def test_a_refusal_names_the_field_and_the_remedy(given_value: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid) as error:
        read_as(job.JobIn, given_value)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("amount", "message"),
    [("1" * 13, "a digit too many"), ("1" * 13 + ".50", "a digit too many"), ("19,00", "in digits with a point"),
     ("much", "in digits with a point"), ("1.00001", "in digits with a point")],
)  # fmt: skip
def test_an_amount_that_is_too_long_is_not_said_to_be_written_wrongly(amount: str, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        read_as(Money, {"amount": amount, "currency": "EUR"})


def test_a_refusal_finds_its_way_into_lists() -> None:
    with pytest.raises(Invalid) as error:
        read_as(asset.AssetIn, {"claim_ids": ["x"], "languages": ["fi", "fi"], "alt_text": {"de": "x"}})
    fields = [problem.field for problem in error.value.problems]
    assert {"claim_ids[0]", "languages", "alt_text.de"} <= set(fields)


def test_a_slug_is_written_with_hyphens() -> None:
    with pytest.raises(Invalid, match="like no-night-duty"):
        read_as(claim.ClaimIn, {"slug": "No Night", "factor": "a", "text": {"fi": "x"}})
