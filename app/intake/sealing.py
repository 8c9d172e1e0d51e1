"""Credentials at rest: sealed with a key that never lies in the database."""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.errors import NotReady
from app.i18n import _


class Sealer:
    """Seals with the first of its keys (32 bytes each) and opens with any, so that keys can be changed."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])

    def seal(self, text: str) -> bytes:
        """The text, sealed."""
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """The text that was sealed with one of the keys."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise NotReady(
                _("The stored credentials were sealed with another secret key; restore it or connect anew.")
            ) from error

    def reseal(self, sealed: bytes) -> bytes:
        """The same text, sealed with the first key."""
        return self.seal(self.open(sealed))
