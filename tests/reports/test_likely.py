"""What a name or a code that leads nowhere probably is."""

import pytest

from app.reports.likely import Likely, is_slip

PLACEMENTS = [("p1", "Tram stop, Kallio", "h7k2mq"), ("p2", "Film", "abc234"), ("p3", "Two", "abc237"),
              ("p4", "Twice here", "xyz567"), ("p5", "Twice here", "xyz987")]  # fmt: skip


@pytest.fixture
def likely() -> Likely:
    return Likely(PLACEMENTS, [("c1", "LinkedIn"), ("c2", "Film")])


@pytest.mark.parametrize(
    ("code", "is_one"), [("h7k2mp", True), ("7hk2mq", True), ("h7k2qm", True), ("h7k2mq", False), ("h7k3mp", False),
                         ("k7h2mq", False), ("h7k2m", False)],
)  # fmt: skip
def test_a_slip_is_one_sign_misread_or_two_neighbours_that_changed_places(code: str, is_one: bool) -> None:
    assert is_slip(code, "h7k2mq") is is_one


@pytest.mark.parametrize(
    ("kind", "observed", "key"),
    [
        ("code", "h7k2nq", "p1"),
        ("code", "zz9zz9", None),
        ("code", "abc235", None),  # of two placements
        ("label", "tram stop,  KALLIO", "p1"),
        ("label", "our tram stop, kallio (spring)", "p1"),
        ("label", "linkedin", "c1"),
        ("label", "film", None),  # a placement and a channel
        ("label", "film at the fair", None),  # too short to be told from a word
        ("label", "twice here", None),
        ("label", "poster h7k2mq", "p1"),
        ("host", "linkedin.com", None),
    ],
)
def test_what_only_one_of_them_can_be_is_proposed(likely: Likely, kind: str, observed: str, key: str | None) -> None:
    found = likely.propose(kind, observed)
    assert (found.key if found else None) == key
