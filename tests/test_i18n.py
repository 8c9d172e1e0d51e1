"""Numbers and instants in local form."""

import datetime as dt

import pytest

from app.i18n import LANGUAGES, _, moment, ngettext, period, speaking, unbroken_period


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "20 Nov 02:05"), ("fi", "20.11. 02.05"), ("sv", "20.11 kl. 02.05"), ("nb", "20.11. kl. 02.05")],
)
def test_an_instant_is_written_as_its_readers_write_it(language: str, text: str) -> None:
    with speaking(language):
        assert moment(dt.datetime(2026, 11, 20, 2, 5, tzinfo=dt.UTC), dt.UTC) == text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Winter", "Take “Winter” live?"),
        ("“Yöllä nukutaan”", "Take “Yöllä nukutaan” live?"),
        ("”Yöllä nukutaan”", "Take “Yöllä nukutaan” live?"),
        ("Poster “Yöllä nukutaan”, winter", "Take “Poster “Yöllä nukutaan”, winter” live?"),
        ("“Yöllä” ja “päivällä”", "Take ““Yöllä” ja “päivällä”” live?"),
    ],
)
def test_a_name_that_stands_in_quotes_gets_no_second_pair(name: str, said: str) -> None:
    with speaking("en"):
        assert _("Take “%(name)s” live?", name=name) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_ends_inside_no_day_of_an_unbroken_period(language: str) -> None:
    with speaking(language):
        days = unbroken_period(dt.date(2026, 10, 18), dt.date(2026, 11, 17))
        assert " " not in days
        assert days.replace("\N{NO-BREAK SPACE}", " ") == period(dt.date(2026, 10, 18), dt.date(2026, 11, 17))
        assert " " not in unbroken_period(dt.date(2026, 10, 18), None)


def test_an_apostrophe_is_printed_curved_and_what_a_text_names_stays_as_it_is() -> None:
    with speaking("en"):
        assert _("An asset's name: %(name)s", name="O'Hara") == "An asset’s name: O'Hara"
        assert ngettext("%(n)s asset's name", "%(n)s assets' names", 2) == "2 assets’ names"
