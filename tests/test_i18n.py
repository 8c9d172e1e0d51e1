"""Numbers and instants in local form."""

import datetime as dt

import pytest

from app.i18n import moment, speaking


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "20 Nov 02:05"), ("fi", "20.11. 02.05"), ("sv", "20.11 kl. 02.05"), ("nb", "20.11. kl. 02.05")],
)
def test_an_instant_is_written_as_its_readers_write_it(language: str, text: str) -> None:
    with speaking(language):
        assert moment(dt.datetime(2026, 11, 20, 2, 5, tzinfo=dt.UTC), dt.UTC) == text
