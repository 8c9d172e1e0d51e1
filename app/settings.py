"""The only reader of the environment. The edges build it once and hand on values, never this object."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.errors import NotReady
from app.files.store import LARGEST, LARGEST_RECORDING, FileStore, beside
from app.i18n import _

if TYPE_CHECKING:
    from app.access.oidc import Provider

DEFAULT_DATABASE_URL = "sqlite:///kutsu.db"
DEFAULT_PUBLIC_URL = "http://127.0.0.1:8600"
SHORTEST_SECRET = 32
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Settings(BaseSettings):
    """What an installation is told from outside; each field is read from `KUTSU_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="KUTSU_", extra="ignore")

    database_url: str = DEFAULT_DATABASE_URL
    secret_key: SecretStr | None = Field(default=None, description="keys pseudonyms and seals credentials")
    public_url: str = Field(default=DEFAULT_PUBLIC_URL, description="where people open the pages; for printed links")
    oidc_issuer: str | None = Field(default=None, description="the OpenID provider that people may sign in through")
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_name: str = Field(default="OpenID", description="what the provider is called on the page")

    files: Path | None = Field(
        default=None, description="folder for files of assets; beside an SQLite database if unset"
    )
    largest_file: int = Field(default=LARGEST, ge=1, le=1000, description="megabytes of a picture or PDF")
    largest_recording: int = Field(default=LARGEST_RECORDING, ge=1, le=4000, description="megabytes of a film or sound")

    @field_validator("database_url")
    @classmethod
    def _can_be_read(cls, given: str) -> str:
        """Refuses what is no address, a path above all; of one with a password nothing is repeated."""
        try:
            make_url(given)
        except (ArgumentError, ValueError):
            if "@" in given or ":" in given:
                raise NotReady(_("The database's address cannot be read. Write sqlite:////path/own.db or "
                                 "postgresql://user:password@host/name.")) from None  # fmt: skip
            raise NotReady(_("“%(given)s” is a path and no address of a database: write %(address)s.", given=given,
                             address=f"sqlite:///{given}")) from None  # fmt: skip
        return given

    @property
    def chosen_public_url(self) -> str | None:
        """Where people open the pages, if anybody has said so."""
        return self.public_url if "public_url" in self.model_fields_set else None

    def file_store(self) -> FileStore:
        """Where files of assets are kept, and how large they may be."""
        return FileStore(self.files or beside(make_url(self.database_url)), self.largest_file, self.largest_recording)

    def secret(self) -> bytes:
        """The installation's secret: from the environment, else a file beside an SQLite database, made at first use.

        It never lies in the database, so a copied database alone gives away neither people nor credentials.
        """
        if self.secret_key is not None:
            given = self.secret_key.get_secret_value()
            if len(given) < SHORTEST_SECRET:
                raise NotReady(_("KUTSU_SECRET_KEY must have at least %(n)s characters.", n=SHORTEST_SECRET))
            return given.encode()
        return _read_or_make(self.secret_path())

    def provider(self) -> "Provider | None":
        """The OpenID provider, if one is named; its answers are not to be had on the way, so it speaks TLS."""
        if self.oidc_issuer is None:
            return None
        issuer = urlsplit(self.oidc_issuer)
        if issuer.scheme != "https" and issuer.hostname not in LOOPBACK:
            raise NotReady(_("KUTSU_OIDC_ISSUER must begin with https://."))
        if not self.oidc_client_id:
            raise NotReady(_("Set KUTSU_OIDC_CLIENT_ID to what the provider calls Kutsu."))
        from app.access.oidc import Provider

        return Provider(
            self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret.get_secret_value(), self.oidc_name
        )

    def secret_path(self) -> Path:
        """The file that holds the secret when the environment does not."""
        url = make_url(self.database_url)
        if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
            raise NotReady(_("Set KUTSU_SECRET_KEY to at least 32 random characters and keep it outside the database."))
        return Path(url.database).with_suffix(".key")


def _read_or_make(path: Path) -> bytes:
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text().strip().encode()


def derive_key(secret: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose, so that no key serves two ends."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret)
