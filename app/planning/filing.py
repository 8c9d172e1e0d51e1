"""Files of assets: added, removed and put back, under the rules of what an approval is of; and the folder they lie in,
held against what the database names."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.access.audit import actor_of
from app.database import organisation_of
from app.errors import Conflict, Problem
from app.files.kinds import MediaType
from app.files.receiving import Received
from app.files.store import Fault, FileStore, Swept
from app.i18n import _
from app.planning.asset import Asset, AssetStatus, actor_key, approved_as_it_is
from app.planning.asset_file import AssetFile, AssetFileIn, Purpose, get_file, list_files
from app.planning.problem import refuse
from app.planning.row import Revision, begin_change, get_row_to_change

MOST_FILES = 50
REMOVED_ARE_KEPT = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Faulty:
    """A file that the database names and the folder does not have as it was."""

    asset: str
    file: str
    sha256: str
    fault: Fault


def require_open(session: Session, asset_id: uuid.UUID, revision: Revision = None) -> Asset:
    """The asset, held for a change of its files, if it takes any. Raises Missing, Stale, Invalid."""
    asset = get_row_to_change(session, Asset, asset_id, revision)
    refuse(list(approved_as_it_is(session, asset)))
    return asset


def add_file(
    session: Session, store: FileStore, asset_id: uuid.UUID, received: Received, given: AssetFileIn, *, now: dt.datetime
) -> AssetFile:
    """Keep a file that was received: its bytes are where they stay before the row that names them is stored."""
    asset = require_open(session, asset_id)
    purpose = given.purpose or _purpose_of(received.kind)
    refuse(list(_check_purpose(asset, received.kind, purpose, given.language)))
    there = list_files(session, asset.id)
    if any(one.sha256 == received.sha256 for one in there):
        raise Conflict(_("This file is here already; nothing was to be added."))
    if len(there) >= MOST_FILES:
        raise Conflict(_("An asset has at most %(n)s files; remove one, or make a variant.", n=MOST_FILES))
    store.place(organisation_of(session), received.path, received.sha256)
    file = AssetFile(
        asset_id=asset.id, purpose=purpose, language=given.language, name=received.name, media_type=received.kind,
        size=received.size, sha256=received.sha256, width=received.extent and received.extent.width,
        height=received.extent and received.extent.height, added_at=now, added_by=actor_key(actor_of(session)),
    )  # fmt: skip
    session.add(file)
    _note_change(session, asset, purpose, now)
    return file


def _purpose_of(kind: MediaType) -> Purpose:
    return Purpose.CAPTIONS if kind is MediaType.VTT else Purpose.MAIN


def _check_purpose(asset: Asset, kind: MediaType, purpose: Purpose, language: str | None) -> Iterator[Problem]:
    if (purpose is Purpose.CAPTIONS) is not (kind is MediaType.VTT):
        yield Problem("purpose", _("Captions must be a WebVTT file, and a WebVTT file can only be captions."))
    if purpose is Purpose.PREVIEW and not kind.is_picture:
        yield Problem("purpose", _("A preview is a picture; send a PNG, JPEG, WebP or GIF."))
    if purpose is Purpose.CAPTIONS and language is None:
        yield Problem("language", _("Say in which language the captions are."))
    yield from _check_language(asset, language)


def _check_language(asset: Asset, language: str | None) -> Iterator[Problem]:
    if language is not None and language not in asset.languages:
        yield Problem("language", _("The asset is not in this language; add it to languages."))


def remove_file(
    session: Session, asset_id: uuid.UUID, file_id: uuid.UUID, *, revision: Revision, now: dt.datetime
) -> AssetFile:
    """Take a file from its asset; it can be put back for a while. One that is removed stays so."""
    asset = require_open(session, asset_id, revision)
    file = get_file(session, asset.id, file_id)
    if file.removed_at is None:
        file.removed_at = now
        _note_change(session, asset, file.purpose, now)
    return file


def put_back(session: Session, asset_id: uuid.UUID, file_id: uuid.UUID, *, now: dt.datetime) -> AssetFile:
    """Give an asset a file again that was removed; one that is there stays as it is."""
    asset = require_open(session, asset_id)
    file = get_file(session, asset.id, file_id)
    if file.removed_at is not None:
        refuse(list(_check_language(asset, file.language)))
        if any(one.sha256 == file.sha256 for one in list_files(session, asset.id)):
            raise Conflict(_("This file is here already; nothing was to be added."))
        file.removed_at = None
        _note_change(session, asset, file.purpose, now)
    return file


def _note_change(session: Session, asset: Asset, purpose: str, now: dt.datetime) -> None:
    """Whoever changes what an asset shows has written it as it is; captions only say what it shows."""
    if asset.status != AssetStatus.APPROVED and purpose != Purpose.CAPTIONS:
        asset.written_by = actor_key(actor_of(session))
    asset.revision += 1
    asset.updated_at = now
    session.flush()


def sweep_files(session: Session, store: FileStore, now: dt.datetime) -> Swept:
    """Forget what was removed long ago, and take away bytes that nothing has named for long."""
    begin_change(session)  # so that nothing is placed meanwhile that no row names yet
    session.execute(delete(AssetFile).where(AssetFile.removed_at < now - REMOVED_ARE_KEPT))
    named = set(session.scalars(select(AssetFile.sha256)))
    return store.sweep(organisation_of(session), named, now)


def count_named(session: Session) -> int:
    """How many files the session's organisation has, those that can be put back among them."""
    return session.scalar(select(func.count()).select_from(AssetFile)) or 0


def find_faulty(session: Session, store: FileStore, *, thorough: bool = True) -> Iterator[Faulty]:
    """The files of the session's organisation that are missing or altered: by their digest, or only by their size."""
    rows = session.execute(
        select(AssetFile, Asset.name).join(Asset, Asset.id == AssetFile.asset_id).order_by(Asset.name, AssetFile.name)
    )
    for file, asset in rows:
        fault = store.find_fault(file.organisation_id, file.sha256, file.size, thorough=thorough)
        if fault is not None:
            yield Faulty(asset, file.name, file.sha256, fault)
