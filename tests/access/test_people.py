"""Accounts, memberships and invitations: who may come in, in which role, and what is asked of a password."""

import datetime as dt
import subprocess
import sys
import uuid

import pytest

from app.access.invitation import (
    find_invitation_for,
    get_invitation,
    invite,
    list_invitations,
    take_up,
    withdraw_invitation,
)  # fmt: skip
from app.access.membership import change_role, has_administrator, list_people, list_places, read_role, remove_member
from app.access.oidc import Identity
from app.access.password import check_password, hash_password, is_password
from app.access.session import choose_place, find_session
from app.access.token import Role
from app.access.user import create_user, find_user, get_user, rename_user, set_password
from app.errors import Conflict, Denied, Invalid, Missing
from tests.access.conftest import HOME, House
from tests.support.people import EMAIL, PASSWORD
from tests.support.plan import NOW

KNOWN = [
    "password1234", "qwertyuiop12", "123456789012", "aaaaaaaaaaaa", "passwordpassword", "letmein12345",
    "iloveyou1234", "1q2w3e4r5t6y", "Password2026", "kutsukutsukutsu", "annaannaanna",
]  # fmt: skip


def person(house: House, name: str) -> uuid.UUID:
    with house.database.writing() as session:
        return create_user(session, f"{name}@kivikoski.example", name, None, now=NOW).id


@pytest.mark.parametrize("password", KNOWN)
def test_a_password_that_is_tried_first_is_refused(password: str) -> None:
    assert "tried first" in check_password(password, (EMAIL, "Anna Aalto"))[0].message


@pytest.mark.parametrize(
    "password", ["oikea hevonen paristo niitti", "xkqzvbnwprtl", "a" * 20 + "kelluva-harava-lyhty" * 4]
)
def test_a_password_needs_length_and_nothing_else(password: str) -> None:
    assert check_password(password) == []


@pytest.mark.parametrize(
    ("password", "said"), [("kort-7-Hjælm", ""), ("kort-7-Hjæl", "at least 12"), ("ä" * 129, "at most 128")]
)
def test_a_password_has_12_to_128_characters(password: str, said: str) -> None:
    assert said in "".join(problem.message for problem in check_password(password))
    assert bool(said) == bool(check_password(password))


def test_to_try_a_password_costs_what_the_rfc_advises_where_memory_is_short() -> None:
    code = "from app.access.password import hasher; print(hasher.hash('x'))"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_what_is_kept_of_a_password_is_salted_and_says_yes_to_it_alone() -> None:
    kept, again = hash_password(PASSWORD), hash_password(PASSWORD)
    assert kept.startswith("$argon2id$")
    assert kept != again
    assert is_password(PASSWORD, kept)
    assert not is_password(PASSWORD + " ", kept)
    assert not is_password(PASSWORD, None)
    assert not is_password("\ud800" * 12, kept)
    assert not is_password(PASSWORD, "not a hash")


@pytest.mark.parametrize(
    "email",
    [
        "",
        "anna",
        "@kivikoski.example",
        "anna@kivikoski",
        "a nna@x.example",
        "a\0@x.example",
        "a@x.",
        "x" * 250 + "@x.fi",
    ],
)
def test_an_account_needs_an_address_that_mail_could_go_to(house: House, email: str) -> None:
    with pytest.raises(Invalid, match="e-mail"), house.database.writing() as session:
        create_user(session, email, "Anna", None, now=NOW)


def test_every_rule_that_an_account_breaks_is_named_at_once(house: House) -> None:
    with pytest.raises(Invalid) as refused, house.database.writing() as session:
        create_user(session, "anna", " ", "short", now=NOW)
    assert [problem.field for problem in refused.value.problems] == ["email", "name", "password"]


def test_an_address_has_one_account_however_it_is_spelt(house: House) -> None:
    house.add()
    with pytest.raises(Conflict, match="already"), house.database.writing() as session:
        create_user(session, EMAIL.upper(), "Anna", None, now=NOW)


def test_an_account_can_be_renamed_but_not_to_nothing(house: House) -> None:
    user_id = house.add()
    with house.database.writing() as session:
        rename_user(get_user(session, user_id), " Anna Berg ")
    with pytest.raises(Invalid, match="name"), house.database.writing() as session:
        rename_user(get_user(session, user_id), "Anna\0")
    with pytest.raises(Invalid, match="password"), house.database.writing() as session:
        set_password(get_user(session, user_id), "short")
    with house.database.reading(house.ours) as session:
        assert [one.name for one in list_people(session)] == ["Anna Berg"]
    with pytest.raises(Missing), house.database.reading() as session:
        get_user(session, house.ours)


def test_a_consultant_belongs_to_several_and_sees_the_people_of_one_at_a_time(house: House) -> None:
    user_id = house.add(role=Role.CONSULTANT, password=PASSWORD)
    house.add(role=Role.VIEWER, at=house.theirs)
    house.add("other@inland.example", Role.ADMINISTRATOR, at=house.theirs)
    with house.database.reading() as session:
        places = [(one.organisation, one.role) for one in list_places(session, user_id)]
    assert places == [("Harbour Town", Role.CONSULTANT), ("Inland", Role.VIEWER)]
    with house.database.reading(house.ours) as session:
        assert [one.email for one in list_people(session)] == [EMAIL]
        assert not has_administrator(session)


def test_who_belongs_to_several_chooses_where_to_look_among_them_alone(house: House) -> None:
    house.add(password=PASSWORD)
    signed_in = house.sign_in()

    def choose() -> None:
        with house.database.writing() as session:
            found = find_session(session, signed_in.secret, now=NOW)
            assert found is not None
            choose_place(session, found.id, house.theirs)

    with pytest.raises(Missing):
        choose()
    house.add(at=house.theirs)
    choose()
    member = house.ways.find_member(signed_in.secret, now=NOW)
    assert member is not None
    assert member.place.organisation == "Inland"
    assert len(member.places) == 2


def test_the_last_administrator_can_neither_leave_nor_step_down(house: House) -> None:
    house.add(role=Role.ADMINISTRATOR)
    with house.database.reading(house.ours) as session:
        (only,) = list_people(session)
    with pytest.raises(Conflict, match="last administrator"), house.database.writing(house.ours) as session:
        remove_member(session, only.membership_id)
    with pytest.raises(Conflict, match="last administrator"), house.database.writing(house.ours) as session:
        change_role(session, only.membership_id, Role.VIEWER, sees_small_counts=True)
    house.add("second@kivikoski.example", Role.ADMINISTRATOR)
    with house.database.writing(house.ours) as session:
        change_role(session, only.membership_id, Role.VIEWER, sees_small_counts=True)
        remove_member(session, only.membership_id)
    with house.database.reading(house.ours) as session:
        assert [one.email for one in list_people(session)] == ["second@kivikoski.example"]


def test_members_of_another_organisation_cannot_be_changed(house: House) -> None:
    house.add(at=house.theirs)
    with house.database.reading(house.theirs) as session:
        (foreign,) = list_people(session)
    with pytest.raises(Missing), house.database.writing(house.ours) as session:
        remove_member(session, foreign.membership_id)


def test_a_machines_role_is_not_for_people() -> None:
    assert read_role("marketer") is Role.MARKETER
    for wrong in ("service", "king", ""):
        with pytest.raises(Invalid, match="viewer, marketer, consultant, administrator"):
            read_role(wrong)


def test_an_invitation_lets_one_in_once_in_the_role_it_carries(house: House) -> None:
    with house.database.writing(house.ours) as session:
        secret = invite(session, "New@kivikoski.example", Role.MARKETER, now=NOW)
    new, other = person(house, "new"), person(house, "other")
    with house.database.writing(house.ours) as session:
        found = get_invitation(session, secret, now=NOW).id
    with pytest.raises(Conflict, match="for new@"), house.database.writing(house.ours) as session:
        take_up(session, found, get_user(session, other), now=NOW)
    with house.database.writing(house.ours) as session:
        take_up(session, found, get_user(session, new), now=NOW)
    with house.database.reading(house.ours) as session:
        assert [(one.email, one.role) for one in list_people(session)] == [("new@kivikoski.example", Role.MARKETER)]
        assert list_invitations(session, now=NOW) == []
        with pytest.raises(Missing):
            get_invitation(session, secret, now=NOW)
    with pytest.raises(Missing), house.database.writing(house.ours) as session:
        take_up(session, found, get_user(session, new), now=NOW)


def test_an_invitation_raises_the_role_of_who_is_in_already(house: House) -> None:
    house.add()
    house.add("boss@kivikoski.example", Role.ADMINISTRATOR)
    with house.database.writing(house.ours) as session:
        found = get_invitation(session, invite(session, None, Role.CONSULTANT, now=NOW), now=NOW)
        user = find_user(session, EMAIL)
        assert user is not None
        take_up(session, found.id, user, now=NOW)
        assert {one.email: one.role for one in list_people(session)}[EMAIL] is Role.CONSULTANT


def test_an_invitation_expires_and_can_be_withdrawn(house: House) -> None:
    with house.database.writing(house.ours) as session:
        expiring = invite(session, "a@kivikoski.example", Role.VIEWER, now=NOW)
        withdrawn = invite(session, "b@kivikoski.example", Role.VIEWER, now=NOW)
        withdraw_invitation(session, get_invitation(session, withdrawn, now=NOW).id)
        withdraw_invitation(session, house.ours)
        assert [one.email for one in list_invitations(session, now=NOW)] == ["a@kivikoski.example"]
    with house.database.reading() as session:
        with pytest.raises(Missing):
            get_invitation(session, withdrawn, now=NOW)
        get_invitation(session, expiring, now=NOW + dt.timedelta(days=6))
        with pytest.raises(Missing):
            get_invitation(session, expiring, now=NOW + dt.timedelta(days=7))
        assert find_invitation_for(session, "A@kivikoski.example", now=NOW) is not None
        assert find_invitation_for(session, "A@kivikoski.example", now=NOW + dt.timedelta(days=7)) is None


def test_an_invitation_goes_to_an_address(house: House) -> None:
    with pytest.raises(Invalid, match="e-mail"), house.database.writing(house.ours) as session:
        invite(session, "nobody", Role.VIEWER, now=NOW)


def test_whom_a_provider_vouches_for_comes_in_with_an_account_or_an_invitation_and_not_without(house: House) -> None:
    with pytest.raises(Denied, match="invited"):
        house.ways.by_identity(Identity("new@kivikoski.example", "New"), HOME, now=NOW)
    with house.database.writing(house.ours) as session:
        invite(session, "new@kivikoski.example", Role.MARKETER, now=NOW)
    for _again in range(2):
        signed_in = house.ways.by_identity(Identity("New@kivikoski.example", "New"), HOME, now=NOW)
        member = house.ways.find_member(signed_in.secret, now=NOW)
        assert member is not None
        assert (member.name, member.place.role) == ("New", Role.MARKETER)
