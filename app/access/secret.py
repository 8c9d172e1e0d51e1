"""Secrets that are given to one holder and kept as a digest only: of sessions, invitations, links and codes."""

import hashlib
import secrets

RANDOM_BYTES = 32


def new_secret() -> str:
    """A secret of 256 random bits that can stand in an address."""
    return secrets.token_urlsafe(RANDOM_BYTES)


def digest_of(secret: str) -> str:
    """What is kept of a secret. It is random, so a plain hash cannot be searched backwards."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
