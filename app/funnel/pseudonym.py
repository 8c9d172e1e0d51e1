"""Keyed hashes that stand for people, applications and jobs, so that no outside key or address is ever stored."""

import hashlib
import unicodedata
import uuid

KEY_VERSION = 1


class Pseudonyms:
    """Makes references for one organisation. Without the installation's secret nobody can make or search them."""

    __slots__ = ("_hasher",)

    def __init__(self, secret: bytes, organisation: uuid.UUID) -> None:
        self._hasher = hashlib.blake2b(organisation.bytes, key=secret[:64], digest_size=16)

    def reference(self, namespace: str, key: str) -> bytes:
        """The reference of one key in one namespace, such as `system:hr/person` or `email`."""
        hasher = self._hasher.copy()
        hasher.update(f"{len(namespace)}:{namespace}{key}".encode())
        return hasher.digest()

    def email(self, address: str) -> bytes:
        """The reference of an e-mail address, whatever its case; the address itself is dropped here."""
        return self.reference("email", unicodedata.normalize("NFC", address.strip()).casefold())
