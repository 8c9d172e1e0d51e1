"""Signing in: from a password, a code, a link or a provider's word to a session, without telling who has an account."""

import datetime as dt
import uuid
from dataclasses import dataclass

from app.access.account_link import Purpose, use_link
from app.access.attempt import (
    ANYWHERE,
    begin_attempt,
    count_failure,
    forget_attempts,
    is_worth_telling,
    key_of_attempt,
)
from app.access.audit import OURSELVES, Action, act_as, record
from app.access.invitation import find_invitation_for, take_up
from app.access.membership import Place, list_places
from app.access.oidc import Identity
from app.access.password import is_password
from app.access.refusal import Refused, count_refusals, hour_of
from app.access.second_step import Seal, is_second_step
from app.access.session import NOTED_EVERY, end_session, find_session, note_seen, start_session
from app.access.user import User, create_user, find_user, get_user
from app.database import Database, lock
from app.errors import Denied, Invalid, Problem, TryLater
from app.i18n import _, ngettext


@dataclass(frozen=True, slots=True)
class Member:
    """Who is signed in, where they look now, and where else they belong."""

    user_id: uuid.UUID
    session_id: uuid.UUID
    name: str
    place: Place
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Client:
    """From where somebody comes: the address, which is never stored, and the kind of browser."""

    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The secret of a fresh session; `halfway` when a code is asked for next."""

    secret: str
    halfway: bool


class SigningIn:
    """The ways in, on one database; `key` hides who tried from where, `seal` keeps the authenticators' secrets."""

    def __init__(self, database: Database, key: bytes, seal: Seal) -> None:
        self._database, self._key, self.seal = database, key, seal

    def by_password(self, email: str, password: str, client: Client, *, now: dt.datetime) -> SignedIn:
        """Sign in with a password. An unknown address is answered as a wrong password is, and takes as long."""
        attempt = key_of_attempt(email, client.address, self._key)
        self._begin(attempt, now)
        with self._database.reading() as session:
            user = find_user(session, email)
            user_id, kept = (user.id, user.password_hash) if user else (None, None)
        if not is_password(password, kept) or user_id is None:
            self._tell_failure(email, user_id, now)
            raise Denied(_("This e-mail address and this password do not belong together."))
        return self._open(user_id, client, now, attempt)

    def confirm(self, user_id: uuid.UUID, password: str, client: Client, *, now: dt.datetime) -> None:
        """Ask who is signed in for the password once more; whoever has none is not asked."""
        attempt = key_of_attempt(str(user_id), client.address, self._key)
        with self._database.reading() as session:
            kept = get_user(session, user_id).password_hash
        if kept is None:
            return
        self._begin(attempt, now)
        if not is_password(password, kept):
            self._tell_failure(str(user_id), user_id, now)
            raise Invalid([Problem("current", _("This is not your password."))])
        with self._database.writing() as session:
            forget_attempts(session, attempt)

    def by_code(self, secret: str, code: str, client: Client, *, now: dt.datetime) -> SignedIn:
        """Take the second step of a session that is halfway. The secret changes, so none from before opens it.

        Who is here knows the password already, so the waits are the account's, wherever the tries come from.
        """
        with self._database.reading() as session:
            found = find_session(session, secret, now=now)
            if found is None or not found.halfway:
                raise Denied(_("It took too long; sign in again."))
            session_id, user_id = found.id, found.user_id
        attempt = key_of_attempt(str(user_id), "second step", self._key)
        self._begin(attempt, now)
        with self._database.writing() as session:
            lock(session, f"second step {user_id}")  # the same code twice at once is still the same code twice
            user = get_user(session, user_id)
            if is_second_step(session, user, code, self.seal, now=now):
                forget_attempts(session, attempt)
                end_session(session, user_id, session_id)
                return SignedIn(start_session(session, user, browser=client.browser, now=now), False)
        self._tell_failure(str(user_id), user_id, now)
        raise Denied(_("The code does not fit; take a fresh one."))

    def by_link(self, secret: str, client: Client, *, now: dt.datetime) -> SignedIn:
        """Sign in with a link that was printed for this account."""
        with self._database.writing() as session:
            user = use_link(session, secret, Purpose.SIGN_IN, now=now)
            return SignedIn(start_session(session, user, browser=client.browser, now=now), False)

    def by_identity(self, identity: Identity, client: Client, *, now: dt.datetime) -> SignedIn:
        """Sign in whom a provider vouches for, if they have an account or an invitation."""
        with self._database.reading() as session:
            user = find_user(session, identity.email)
            user_id = user.id if user else None
            invitation = find_invitation_for(session, identity.email, now=now)
            invited = (invitation.id, invitation.organisation_id) if invitation else None
        if invited is not None:
            with self._database.writing(invited[1]) as session:
                user = find_user(session, identity.email) or create_user(
                    session, identity.email, identity.name, None, now=now
                )
                take_up(session, invited[0], user, now=now)
                user_id = user.id
        if user_id is None:
            self._tell_failure(identity.email, None, now)
            raise Denied(_("Nobody has invited %(email)s; ask an administrator.", email=identity.email))
        return self._open(user_id, client, now)

    def find_member(self, secret: str, *, now: dt.datetime) -> Member | None:
        """Who holds this secret and belongs somewhere."""
        with self._database.reading() as session:
            found = find_session(session, secret, now=now)
            if found is None or found.halfway:
                return None
            places = tuple(list_places(session, found.user_id))
            if not places:
                return None
            place = next((one for one in places if one.organisation_id == found.chosen_id), places[0])
            name = get_user(session, found.user_id).name
            member = Member(found.user_id, found.id, name, place, places)
            late = now - found.last_seen_at >= NOTED_EVERY
        if late:
            with self._database.writing() as session:
                note_seen(session, member.session_id, now=now)
        return member

    def _begin(self, attempt: bytes, now: dt.datetime) -> None:
        with self._database.writing() as session:
            wait = begin_attempt(session, attempt, now=now)
        if wait is not None:
            seconds = -(-wait // dt.timedelta(seconds=1))
            said = ngettext("Too many tries; wait %(n)s second.", "Too many tries; wait %(n)s seconds.", seconds)
            raise TryLater(said, seconds)

    def _tell_failure(self, account: str, user_id: uuid.UUID | None, now: dt.datetime) -> None:
        """Count a failure, and tell the organisations of whoever has the account now and then. What was typed is
        nowhere but in a keyed hash; an address without an account is counted too, beside those of all others that
        have none, and takes as long."""
        key = key_of_attempt(account, ANYWHERE, self._key)
        with self._database.writing() as session:
            failures = count_failure(session, key, now=now)
            count_refusals(session, Refused.SIGN_IN, hour_of(now), int(user_id is None))
            places = list_places(session, user_id) if user_id and is_worth_telling(failures) else []
        for place in places:
            with self._database.writing(place.organisation_id) as session:
                act_as(session, OURSELVES, now)
                record(session, Action.REFUSED, "sign_in", key.hex(), [f"failures:{failures}"])

    def _open(self, user_id: uuid.UUID, client: Client, now: dt.datetime, attempt: bytes | None = None) -> SignedIn:
        with self._database.writing() as session:
            user: User = get_user(session, user_id)
            if not list_places(session, user_id):
                raise Denied(_("You belong to no organisation; ask an administrator for an invitation."))
            if attempt is not None:
                forget_attempts(session, attempt)
            halfway = user.totp_secret is not None
            return SignedIn(start_session(session, user, browser=client.browser, now=now, halfway=halfway), halfway)
