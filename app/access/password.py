"""Passwords: what is asked of them, how they are kept, and how one is compared without telling who exists."""

import functools
import secrets
import threading
from collections.abc import Sequence

import argon2
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from app.errors import Problem
from app.i18n import _

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128
LONGEST_GUESSED = 72
"""As much of a password is looked up in the lists of known ones; what is longer is too long to be guessed."""
EASILY_GUESSED = 3
"""What zxcvbn rates below this (of 0 to 4) takes fewer than 10^8 guesses: known passwords, words, keyboard rows."""

hasher = argon2.PasswordHasher()
"""What makes trying a password dear: the library's present choice, RFC 9106 with 64 MiB."""
# A crowd at the door must not fill the memory.
_places = threading.BoundedSemaphore(4)


def check_password(password: str, about: Sequence[str] = ()) -> list[Problem]:
    """The rules that a new password breaks: its length, and that it can be guessed, also from what we know of
    its owner. Which kinds of characters it is made of is nobody's business."""
    if len(password) < SHORTEST_PASSWORD:
        return [Problem("password", _("Choose a password of at least %(n)s characters.", n=SHORTEST_PASSWORD))]
    if len(password) > LONGEST_PASSWORD:
        return [Problem("password", _("Choose a password of at most %(n)s characters.", n=LONGEST_PASSWORD))]
    if _is_known(password, about):
        return [Problem("password", _("This password is among those tried first; choose another, such as four words."))]
    return []


def _is_known(password: str, about: Sequence[str]) -> bool:
    from zxcvbn import zxcvbn

    words = [word for text in about for word in (text, *text.replace("@", " ").replace(".", " ").split())]
    found = zxcvbn(password[:LONGEST_GUESSED], user_inputs=["kutsu", *words])
    return bool(found["score"] < EASILY_GUESSED)


def hash_password(password: str) -> str:
    """What is kept of a password."""
    with _places:
        return hasher.hash(_encode(password))


def is_password(password: str, kept: str | None) -> bool:
    """Whether this is the password. Where there is none to compare with, it takes as long and says no."""
    with _places:
        try:
            hasher.verify(kept or _of_nobody(), _encode(password))
        except (VerifyMismatchError, InvalidHashError):
            return False
    return kept is not None


@functools.cache
def _of_nobody() -> str:
    return hasher.hash(secrets.token_bytes(32))


def _encode(password: str) -> bytes:
    return password.encode(errors="surrogatepass")
