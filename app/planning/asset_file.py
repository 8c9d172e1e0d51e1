"""A file of an asset as the database knows it: what it is, for what, and under which digest its bytes are kept."""

import datetime as dt
import enum
import uuid
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import BigInteger, ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.access.audit import audited
from app.database import Base, OfOrganisation, new_id
from app.errors import Missing
from app.files.kinds import MediaType
from app.files.receiving import LONGEST_NAME
from app.i18n import _
from app.planning.field import Given, Language


class Purpose(enum.StrEnum):
    """What a file of an asset is for."""

    MAIN = "main"
    PREVIEW = "preview"
    CAPTIONS = "captions"


class AssetFile(OfOrganisation, Base):
    """One file; removed, it can be put back for a while."""

    __tablename__ = "asset_file"
    counts_as_data: ClassVar[bool] = False

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    asset_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("asset.id"), index=True)
    purpose: Mapped[Purpose] = mapped_column(String(12))
    language: Mapped[str | None] = mapped_column(String(2))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    media_type: Mapped[MediaType] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int | None]
    height: Mapped[int | None]
    added_at: Mapped[dt.datetime]
    added_by: Mapped[str] = mapped_column(String(120))
    removed_at: Mapped[dt.datetime | None]

    @property
    def kind(self) -> MediaType:
        return MediaType(self.media_type)


audited(AssetFile)


class AssetFileIn(Given):
    """What is said of a file that is sent; what it is, it says itself."""

    name: str = Field(default="", max_length=1000, description="What it is called; the ending says what it is.")
    purpose: Purpose | None = Field(
        default=None, description="The ad itself, a picture of it, or captions; without a word, what its kind is for."
    )
    language: Language | None = Field(default=None, description="Of the asset's languages; captions need one.")


class AssetFileOut(BaseModel):
    """A file of an asset. Its bytes are at `…/content`."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    asset_id: uuid.UUID
    purpose: Purpose
    language: Language | None
    name: str
    media_type: MediaType
    size: int = Field(description="Bytes.")
    sha256: str = Field(description="Of the bytes that are kept, which lack what cameras and programs noted.")
    width: int | None = Field(description="Pixels.")
    height: int | None
    added_at: dt.datetime
    added_by: str = Field(description="The user or token, by key, or a command.")
    removed_at: dt.datetime | None = Field(description="It can be put back for 30 days.")


def list_files(session: Session, asset_id: uuid.UUID, *, removed: bool = False) -> list[AssetFile]:
    """The files of an asset, the ad itself first; or those that can be put back."""
    state = AssetFile.removed_at.is_not(None) if removed else AssetFile.removed_at.is_(None)
    found = session.scalars(
        select(AssetFile).where(AssetFile.asset_id == asset_id, state).order_by(AssetFile.added_at, AssetFile.id)
    )
    return sorted(found, key=lambda one: list(Purpose).index(one.purpose))


def get_file(session: Session, asset_id: uuid.UUID, file_id: uuid.UUID) -> AssetFile:
    """One file of an asset, removed or not. Raises Missing."""
    found = session.scalar(select(AssetFile).where(AssetFile.asset_id == asset_id, AssetFile.id == file_id))
    if found is None:
        raise Missing(_("There is no such file."))
    return found


def list_spoken(session: Session, asset_id: uuid.UUID) -> set[str]:
    """The languages that files of an asset are in."""
    here = (AssetFile.asset_id == asset_id, AssetFile.removed_at.is_(None))
    return set(filter(None, session.scalars(select(AssetFile.language).where(*here))))


def count_files(session: Session) -> int:
    """How many files the organisation's assets have."""
    here = select(func.count()).select_from(AssetFile).where(AssetFile.removed_at.is_(None))
    return session.scalar(here) or 0
