"""Who comes in by a password or a code, who waits, and that nobody can keep somebody else out."""

import datetime as dt
import time
import uuid
from collections.abc import Iterator

import argon2
import pyotp
import pytest

from app.access import password
from app.access.account_link import Purpose, make_link, use_link
from app.access.attempt import Attempt, is_worth_telling, key_of_attempt, wait_after
from app.access.audit import Action, AuditEntry
from app.access.audit_reading import AuditFilter, all_entries
from app.access.refusal import hour_of, list_refusals
from app.access.second_step import count_recovery_codes, new_totp_secret, turn_on
from app.access.session import end_session, end_sessions, find_session, list_sessions
from app.access.signing_in import Client
from app.access.user import get_user, set_password
from app.errors import Denied, Invalid, Missing, TryLater
from tests.access.conftest import ELSEWHERE, HOME, House
from tests.support.people import EMAIL, PASSWORD


def give_second_step(house: House) -> tuple[str, list[str]]:
    """Turn the second step on; gives the authenticator's secret and the recovery codes."""
    user_id, secret = house.add(password=PASSWORD), new_totp_secret()
    code = pyotp.TOTP(secret).at(house.now)
    with house.database.writing() as session:
        codes = turn_on(session, get_user(session, user_id), secret, code, house.ways.seal, now=house.now)
    house.later(minutes=2)
    return secret, codes


def wait_of(house: House, client: Client = HOME) -> float:
    """How long the next try has to wait after one with a wrong password."""
    try:
        house.sign_in("not the password", client)
    except TryLater as error:
        return error.after_seconds or 0
    except Denied:
        return 0
    raise AssertionError("a wrong password opened the door")


def test_the_right_password_opens_a_session_in_the_members_organisation(house: House) -> None:
    user_id = house.add(password=PASSWORD)
    member = house.ways.find_member(house.sign_in(email=f" {EMAIL.upper()} ").secret, now=house.now)
    assert member is not None
    assert (member.user_id, member.place.organisation) == (user_id, "Harbour Town")


@pytest.mark.parametrize("email", [EMAIL, "nobody@kivikoski.example", "provider@kivikoski.example"])
def test_a_wrong_password_and_an_unknown_address_are_told_the_same(house: House, email: str) -> None:
    house.add(password=PASSWORD)
    house.add("provider@kivikoski.example")
    with pytest.raises(Denied, match="do not belong together"):
        house.sign_in("not the password", email=email)


@pytest.fixture
def dear_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords cost what they cost in earnest."""
    monkeypatch.setattr(password, "hasher", argon2.PasswordHasher())
    password._of_nobody.cache_clear()
    yield
    password._of_nobody.cache_clear()


@pytest.mark.usefixtures("dear_passwords")
def test_an_unknown_address_takes_as_long_as_a_wrong_password(house: House) -> None:
    house.add(password=PASSWORD)

    def cost(email: str) -> float:
        begun = time.process_time()
        with pytest.raises(Denied):
            house.sign_in("not the password", email=email)
        return time.process_time() - begun

    cost("first@kivikoski.example")  # makes the hash of nobody
    known, unknown = min(cost(EMAIL) for _n in range(2)), min(cost("nobody@kivikoski.example") for _n in range(2))
    assert 0.5 < unknown / known < 2


def test_each_failure_beyond_the_fifth_waits_twice_as_long_up_to_a_quarter_of_an_hour() -> None:
    assert [wait_after(n).total_seconds() for n in (0, 4, 5, 6, 7, 14, 15, 1000)] == [0, 0, 1, 2, 4, 512, 900, 900]


def test_who_fails_waits_even_with_the_right_password_and_comes_in_when_the_time_is_over(house: House) -> None:
    house.add(password=PASSWORD)
    assert [wait_of(house) for _try in range(6)] == [0, 0, 0, 0, 0, 1]
    with pytest.raises(TryLater, match="wait 1 second"):
        house.sign_in()
    house.later(seconds=1)
    assert house.sign_in().secret
    assert wait_of(house) == 0, "a success begins anew"


def test_a_stranger_who_fails_elsewhere_does_not_keep_the_owner_waiting(house: House) -> None:
    house.add(password=PASSWORD)
    for _try in range(8):
        wait_of(house, ELSEWHERE)
    assert wait_of(house, ELSEWHERE) > 0
    assert house.sign_in().secret


def test_an_ipv6_household_is_one_client_and_a_failed_try_tells_nobody_who_made_it(house: House) -> None:
    keys = {key_of_attempt(EMAIL, f"2001:db8::{n}", b"k") for n in range(3)}
    assert len(keys) == 1
    assert key_of_attempt(EMAIL, "2001:db8:0:1::1", b"k") not in keys
    wait_of(house)
    with house.database.reading() as session:
        kept = {row.key for row in session.query(Attempt)}
        assert len(kept) == 2, "of this client, and of the account whoever tries"
        assert kept.isdisjoint(key_of_attempt(EMAIL, HOME.address, key) for key in (b"", b"k"))


def test_who_belongs_nowhere_is_not_let_in_and_who_is_removed_is_out_at_once(house: House) -> None:
    from app.access.membership import list_people, remove_member
    from app.access.token import Role

    house.add(password=PASSWORD)
    house.add("boss@kivikoski.example", Role.ADMINISTRATOR)
    signed_in = house.sign_in()
    with house.database.writing(house.ours) as session:
        (member,) = (one for one in list_people(session) if one.email == EMAIL)
        remove_member(session, member.membership_id)
    assert house.ways.find_member(signed_in.secret, now=house.now) is None
    with pytest.raises(Denied, match="no organisation"):
        house.sign_in()


def test_a_session_ends_after_half_a_day_without_use_and_after_two_weeks_in_any_case(house: House) -> None:
    house.add(password=PASSWORD)
    signed_in = house.sign_in()
    idle = house.sign_in(client=ELSEWHERE)
    for _visit in range(33):
        house.later(hours=10)
        assert house.ways.find_member(signed_in.secret, now=house.now) is not None
    assert house.ways.find_member(idle.secret, now=house.now) is None
    house.later(hours=10)
    assert house.ways.find_member(signed_in.secret, now=house.now) is None


def test_sessions_can_be_seen_and_ended_one_or_all_but_this_and_only_ones_own(house: House) -> None:
    mine, other = house.add(password=PASSWORD), house.add("other@kivikoski.example", password=PASSWORD)
    first, second, third = house.sign_in(), house.sign_in(client=ELSEWHERE), house.sign_in(client=ELSEWHERE)
    with house.database.writing() as session:
        seen = list_sessions(session, mine, now=house.now)
        assert sorted(one.browser for one in seen) == ["Chrome, Android", "Chrome, Android", "Firefox, Linux"]
        here = find_session(session, first.secret, now=house.now)
        there = find_session(session, second.secret, now=house.now)
        assert here is not None
        assert there is not None
        end_session(session, other, here.id)
        end_session(session, mine, there.id)
        here_id = here.id
    open_ = [house.ways.find_member(one.secret, now=house.now) is not None for one in (first, second, third)]
    assert open_ == [True, False, True]
    with house.database.writing() as session:
        end_sessions(session, mine, but=here_id)
    open_ = [house.ways.find_member(one.secret, now=house.now) is not None for one in (first, third)]
    assert open_ == [True, False]


def test_no_secret_of_a_session_is_kept(house: House) -> None:
    house.add(password=PASSWORD)
    secret = house.sign_in().secret
    with house.database.reading() as session:
        found = find_session(session, secret, now=house.now)
        assert found is not None
        assert secret not in {str(getattr(found, column.name)) for column in found.__table__.columns}


def test_a_password_alone_comes_only_halfway_when_a_second_step_is_on(house: House) -> None:
    secret, _codes = give_second_step(house)
    halfway = house.sign_in()
    assert halfway.halfway
    assert house.ways.find_member(halfway.secret, now=house.now) is None
    whole = house.ways.by_code(halfway.secret, pyotp.TOTP(secret).at(house.now), HOME, now=house.now)
    assert whole.secret != halfway.secret
    assert house.ways.find_member(whole.secret, now=house.now) is not None
    with pytest.raises(Denied, match="sign in again"):
        house.ways.by_code(halfway.secret, pyotp.TOTP(secret).at(house.now), HOME, now=house.now)


def test_a_code_opens_once_and_the_one_before_it_not_any_more(house: House) -> None:
    secret, _codes = give_second_step(house)
    code, before = pyotp.TOTP(secret).at(house.now), pyotp.TOTP(secret).at(house.now - dt.timedelta(seconds=30))
    house.ways.by_code(house.sign_in().secret, code, HOME, now=house.now)
    for used in (code, before, "000000", "ä\ud800"):
        with pytest.raises(Denied, match="take a fresh one"):
            house.ways.by_code(house.sign_in().secret, used, HOME, now=house.now)


def test_a_recovery_code_opens_once_however_it_is_typed(house: House) -> None:
    _secret, codes = give_second_step(house)
    assert len(set(codes)) == 10
    typed = codes[0].upper().replace("-", " ")
    assert not house.ways.by_code(house.sign_in().secret, typed, HOME, now=house.now).halfway
    with pytest.raises(Denied):
        house.ways.by_code(house.sign_in().secret, codes[0], HOME, now=house.now)
    with house.database.reading() as session:
        member = house.ways.find_member(
            house.ways.by_code(house.sign_in().secret, codes[1], HOME, now=house.now).secret, now=house.now
        )
        assert member is not None
        assert count_recovery_codes(session, get_user(session, member.user_id)) == 8


def test_codes_cannot_be_tried_out_from_many_places(house: House) -> None:
    give_second_step(house)
    halfway = house.sign_in().secret
    for place in range(5):
        with pytest.raises(Denied):
            house.ways.by_code(halfway, "000000", Client(f"192.0.2.{place}", ""), now=house.now)
    with pytest.raises(TryLater):
        house.ways.by_code(halfway, "000000", Client("192.0.2.99", ""), now=house.now)


def test_the_second_step_must_be_taken_within_ten_minutes(house: House) -> None:
    secret, _codes = give_second_step(house)
    halfway = house.sign_in()
    house.later(minutes=10)
    with pytest.raises(Denied, match="took too long"):
        house.ways.by_code(halfway.secret, pyotp.TOTP(secret).at(house.now), HOME, now=house.now)


def test_a_second_step_is_not_turned_on_by_a_code_that_does_not_fit(house: House) -> None:
    user_id = house.add(password=PASSWORD)
    with pytest.raises(Invalid, match="does not fit"), house.database.writing() as session:
        turn_on(session, get_user(session, user_id), new_totp_secret(), "123", house.ways.seal, now=house.now)


def test_who_is_signed_in_is_asked_for_the_password_again_and_has_to_wait_after_failures(house: House) -> None:
    user_id = house.add(password=PASSWORD)
    house.ways.confirm(user_id, PASSWORD, HOME, now=house.now)
    for _try in range(5):
        with pytest.raises(Invalid, match="not your password"):
            house.ways.confirm(user_id, "not the password", HOME, now=house.now)
    with pytest.raises(TryLater):
        house.ways.confirm(user_id, PASSWORD, HOME, now=house.now)
    house.ways.confirm(house.add("provider@kivikoski.example"), "", HOME, now=house.now)


def test_a_link_signs_in_once_and_for_an_hour_and_a_newer_one_takes_its_place(house: House) -> None:
    user_id = house.add()

    def link(purpose: Purpose = Purpose.SIGN_IN) -> str:
        with house.database.writing() as session:
            return make_link(session, get_user(session, user_id), purpose, now=house.now)

    older, newer = link(), link()
    with pytest.raises(Missing):
        house.ways.by_link(older, HOME, now=house.now)
    assert house.ways.find_member(house.ways.by_link(newer, HOME, now=house.now).secret, now=house.now) is not None
    for used in (newer, link(Purpose.RESET)):
        with pytest.raises(Missing):
            house.ways.by_link(used, HOME, now=house.now)
    late = link()
    house.later(hours=1)
    with pytest.raises(Missing), house.database.writing() as session:
        use_link(session, late, Purpose.SIGN_IN, now=house.now)


def test_a_new_password_is_the_one_that_counts(house: House) -> None:
    user_id = house.add(password=PASSWORD)
    with house.database.writing() as session:
        set_password(get_user(session, user_id), "sininen-kottikärry-91")
    with pytest.raises(Denied):
        house.sign_in()
    assert house.sign_in("sininen-kottikärry-91").secret


def refusals(house: House, organisation: uuid.UUID) -> list[AuditEntry]:
    with house.database.reading(organisation) as session:
        found = list(all_entries(session, AuditFilter(action=Action.REFUSED)))
        session.expunge_all()
        return found


def test_failed_sign_ins_are_told_when_waiting_begins_and_at_each_doubling(house: House) -> None:
    house.add(password=PASSWORD)
    house.add(at=house.theirs)
    for n in range(21):
        with pytest.raises(Denied):
            house.sign_in("not the password", Client(f"198.51.100.{n}", "Chrome"))
    for organisation in (house.ours, house.theirs):
        told = refusals(house, organisation)
        assert [one.fields for one in told] == [["failures:5"], ["failures:10"], ["failures:20"]]
        assert {(one.noun, one.actor_kind) for one in told} == {("sign_in", "system")}
        (key,) = {one.noun_id for one in told}
        assert key is not None
        assert len(key) == 32
        assert EMAIL not in str([vars(one) for one in told])


def test_addresses_without_an_account_fill_no_chain_however_many_and_are_counted_by_the_hour(house: House) -> None:
    house.add(password=PASSWORD)
    for n in range(12):
        with pytest.raises(Denied):
            house.sign_in("not the password", Client(f"198.51.100.{n}", "Chrome"), email="nobody@kivikoski.example")
        with pytest.raises(Denied):
            house.sign_in("not the password", Client(f"198.51.100.{n}", "Chrome"))
    assert [one.fields for one in refusals(house, house.ours)] == [["failures:5"], ["failures:10"]]
    with house.database.reading() as session:
        assert [(one.kind, one.count, one.hour) for one in list_refusals(session, 9)] == [
            ("sign_in", 12, hour_of(house.now))
        ]


def test_failed_codes_are_told_as_failed_passwords_are(house: House) -> None:
    give_second_step(house)
    halfway = house.sign_in().secret
    for _n in range(5):
        with pytest.raises(Denied, match="does not fit"):
            house.ways.by_code(halfway, "000000", HOME, now=house.now)
    assert [one.fields for one in refusals(house, house.ours)] == [["failures:5"]]


@pytest.mark.parametrize(("failures", "told"), [(1, False), (4, False), (5, True), (6, False), (15, False), (40, True)])
def test_a_flood_of_attempts_is_no_flood_of_entries(failures: int, told: bool) -> None:
    assert is_worth_telling(failures) is told
