"""A file brought to an asset in one step, as the doors do it in several."""

from sqlalchemy.orm import Session

from app.database import organisation_of
from app.files.receiving import Receiving
from app.files.store import FileStore
from app.planning.asset import Asset
from app.planning.asset_file import AssetFile, AssetFileIn
from app.planning.filing import add_file
from tests.support.plan import NOW


def bring(session: Session, store: FileStore, asset: Asset, whole: bytes, name: str, **said: object) -> AssetFile:
    """Add a file to an asset."""
    with Receiving(store, organisation_of(session), name) as receiving:
        receiving.write(whole)
        given = AssetFileIn.model_validate({"name": name, **said})
        return add_file(session, store, asset.id, receiving.finish(), given, now=NOW)
