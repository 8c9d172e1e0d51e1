"""Files of assets: whose they are, what an approval is of, how they go and come back, and what the folder holds."""

import datetime as dt
import uuid
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.audit import Actor, ActorKind, act_as
from app.access.audit_reading import AuditFilter, all_entries
from app.database import Database
from app.errors import Conflict, Invalid, Missing, NotReady, Stale
from app.files.store import Fault, FileStore, beside
from app.planning.asset import Asset, AssetIn, AssetStatus, describe_asset, list_undescribed
from app.planning.asset_file import AssetFile, Purpose, get_file, list_files
from app.planning.filing import count_named, find_faulty, put_back, remove_file, sweep_files
from app.planning.removal import delete_asset
from app.planning.replacing import replace_asset
from tests.files.holding import bring
from tests.files.samples import CAPTIONS, a_film, a_pdf, a_picture
from tests.planning.conftest import organisation_named
from tests.support.plan import NOW, UNKNOWN_ID, a_placement, an_asset

DAY = dt.timedelta(days=1)
ANNA, BO = (Actor(ActorKind.USER, str(uuid.UUID(int=n)), uuid.UUID(int=n)) for n in (1, 2))


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files", largest=1, largest_recording=2)


def kept(store: FileStore) -> set[str]:
    """The digests of all that lies in the folder."""
    assert store.folder is not None
    return {one.name for one in store.folder.glob("*/??/*") if not one.suffix}


def draft(session: Session, **changes: object) -> Asset:
    return an_asset(session, status="draft", **changes)


def test_a_file_is_kept_with_what_it_is(session: Session, store: FileStore) -> None:
    asset = draft(session)
    file = bring(session, store, asset, a_picture(), "Tänään.png", language="fi")
    assert (file.purpose, file.media_type, file.width, file.height) == ("main", "image/png", 16, 24)
    assert (file.name, file.language, file.added_at, file.added_by) == ("Tänään.png", "fi", NOW, "kutsu")
    assert kept(store) == {file.sha256}
    assert store.path(file.organisation_id, file.sha256).stat().st_size == file.size
    assert list_files(session, asset.id) == [file]


def test_the_ad_itself_stands_before_its_picture_and_its_captions(session: Session, store: FileStore) -> None:
    asset = draft(session, format="video")
    for whole, name, said in (
        (CAPTIONS, "a.vtt", {"language": "fi"}), (a_picture(), "a.png", {"purpose": "preview"}),
        (a_film(), "a.mp4", {}),
    ):  # fmt: skip
        bring(session, store, asset, whole, name, **said)
    assert [one.purpose for one in list_files(session, asset.id)] == ["main", "preview", "captions"]


def test_an_ad_of_words_is_described_once_a_file_shows_more_or_people_are_shown(
    session: Session, store: FileStore
) -> None:
    def lacks(asset: Asset) -> list[str]:
        session.flush()
        session.expire(asset)
        return list_undescribed(asset)

    asset = draft(session, format="job_ad", languages=["fi"], alt_text={})
    bring(session, store, asset, CAPTIONS, "a.vtt", language="fi")
    assert lacks(asset) == []
    picture = bring(session, store, asset, a_picture(), "a.png")
    assert lacks(asset) == ["fi"]
    with pytest.raises(Invalid, match="needs its alternative text"):
        approve(session, asset)
    remove_file(session, asset.id, picture.id, revision=None, now=NOW)
    assert lacks(asset) == []
    asset.shows_people = True
    assert lacks(asset) == ["fi"]
    asset.shows_people = False
    approve(session, asset)
    assert asset.status == "approved"
    assert lacks(draft(session, format="poster", languages=["fi"], alt_text={})) == ["fi"]


def approve(session: Session, asset: Asset) -> None:
    session.flush()
    session.expire(asset)
    given = AssetIn.model_validate(describe_asset(asset).model_dump(include=set(AssetIn.model_fields)))
    replace_asset(session, asset.id, given.model_copy(update={"status": AssetStatus.APPROVED}), revision=None, now=NOW)


@pytest.mark.parametrize(
    ("whole", "name", "said", "field"),
    [
        (CAPTIONS, "a.vtt", {}, "language"),
        (CAPTIONS, "a.vtt", {"language": "sv"}, "language"),
        (CAPTIONS, "a.vtt", {"language": "fi", "purpose": "main"}, "purpose"),
        (a_picture(), "a.png", {"purpose": "captions", "language": "fi"}, "purpose"),
        (a_pdf(), "a.pdf", {"purpose": "preview"}, "purpose"),
    ],
)
def test_what_a_file_is_for_fits_what_it_is(
    session: Session, store: FileStore, whole: bytes, name: str, said: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        bring(session, store, draft(session), whole, name, **said)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert kept(store) == set()


def test_the_same_file_is_not_added_twice_to_one_asset(session: Session, store: FileStore) -> None:
    asset, other = draft(session), draft(session)
    bring(session, store, asset, a_picture(), "a.png")
    with pytest.raises(Conflict, match="here already"):
        bring(session, store, asset, a_picture(), "b.png")
    bring(session, store, other, a_picture(), "b.png")
    assert len(kept(store)) == 1


def test_one_organisation_never_meets_the_bytes_of_another(
    organisation: uuid.UUID, database: Database, store: FileStore
) -> None:
    with database.writing(organisation) as session:
        asset = draft(session)
        ours = bring(session, store, asset, a_picture(), "a.png")
        session.flush()
        session.expunge_all()
    other = organisation_named(database, "Inland")
    with database.writing(other) as theirs:
        with pytest.raises(Missing):
            get_file(theirs, ours.asset_id, ours.id)
        with pytest.raises(Missing):
            bring(theirs, store, asset, a_picture(), "a.png")
        file = bring(theirs, store, draft(theirs), a_picture(), "a.png")
        assert file.sha256 == ours.sha256
        assert store.path(other, file.sha256) != store.path(organisation, ours.sha256)
        assert store.path(other, file.sha256).is_file()
        sweep_files(theirs, store, NOW + 400 * DAY)
    assert store.path(organisation, ours.sha256).is_file()


def test_what_was_approved_keeps_its_files_and_who_adds_one_to_a_draft_has_written_it(
    session: Session, store: FileStore
) -> None:
    asset = draft(session)
    act_as(session, ANNA, NOW)
    file = bring(session, store, asset, a_picture(), "a.png")
    assert (asset.written_by, file.added_by) == (str(ANNA.id), str(ANNA.id))
    approved = AssetIn.model_validate(
        describe_asset(asset).model_dump(include=set(AssetIn.model_fields)) | {"status": "approved"}
    )
    with pytest.raises(Invalid, match="Somebody else approves"):
        replace_asset(session, asset.id, approved, revision=None, now=NOW)
    act_as(session, BO, NOW)
    captions = bring(session, store, asset, CAPTIONS, "a.vtt", language="fi")
    assert asset.written_by == str(ANNA.id), "captions only say what it shows"
    replace_asset(session, asset.id, approved, revision=None, now=NOW)
    with pytest.raises(Invalid, match="It was approved as it is"):
        bring(session, store, asset, a_pdf(), "a.pdf")
    with pytest.raises(Invalid, match="It was approved as it is"):
        remove_file(session, asset.id, file.id, revision=None, now=NOW)
    with pytest.raises(Invalid, match="It was approved as it is"):
        put_back(session, asset.id, file.id, now=NOW)
    assert list_files(session, asset.id) == [file, captions]


def test_who_saw_it_before_a_file_came_approves_it_no_more(session: Session, store: FileStore) -> None:
    asset = draft(session)
    seen, given = asset.revision, AssetIn.model_validate(
        describe_asset(asset).model_dump(include=set(AssetIn.model_fields)) | {"status": "approved"}
    )  # fmt: skip
    file = bring(session, store, asset, a_picture(), "a.png")
    with pytest.raises(Stale):
        replace_asset(session, asset.id, given, revision=seen, now=NOW)
    with pytest.raises(Stale):
        remove_file(session, asset.id, file.id, revision=seen, now=NOW)


def test_a_language_that_a_file_is_in_stays_the_assets(session: Session, store: FileStore) -> None:
    asset = draft(session, format="video")
    file = bring(session, store, asset, CAPTIONS, "a.vtt", language="fi")
    given = AssetIn.model_validate(describe_asset(asset).model_dump(include=set(AssetIn.model_fields)))
    english = given.model_copy(update={"languages": ["en"], "alt_text": {"en": "A film"}})
    with pytest.raises(Invalid, match="A file of the asset is in the language “fi”"):
        replace_asset(session, asset.id, english, revision=None, now=NOW)
    remove_file(session, asset.id, file.id, revision=None, now=NOW)
    assert replace_asset(session, asset.id, english, revision=None, now=NOW).languages == ["en"]
    with pytest.raises(Invalid, match="The asset is not in this language"):
        put_back(session, asset.id, file.id, now=NOW)


def test_a_removed_file_is_put_back_and_goes_for_good_after_thirty_days(session: Session, store: FileStore) -> None:
    asset = draft(session)
    file = bring(session, store, asset, a_picture(), "a.png")
    digest = file.sha256
    remove_file(session, asset.id, file.id, revision=None, now=NOW)
    assert (list_files(session, asset.id), list_files(session, asset.id, removed=True)) == ([], [file])
    sweep_files(session, store, NOW + 30 * DAY)
    put_back(session, asset.id, file.id, now=NOW + 30 * DAY)
    put_back(session, asset.id, file.id, now=NOW + 30 * DAY)
    assert list_files(session, asset.id) == [file]
    remove_file(session, asset.id, file.id, revision=None, now=NOW)
    remove_file(session, asset.id, file.id, revision=None, now=NOW + DAY)
    sweep_files(session, store, NOW + 31 * DAY)
    assert session.scalars(select(AssetFile)).all() == []
    assert kept(store) == {digest}, "a database that is restored from yesterday still names it"
    assert sweep_files(session, store, NOW + 60 * DAY).unnamed == 0
    assert sweep_files(session, store, NOW + 62 * DAY).unnamed == 1
    assert kept(store) == set()


def test_what_is_there_again_in_the_meantime_is_not_put_back_beside_it(session: Session, store: FileStore) -> None:
    asset = draft(session)
    file = bring(session, store, asset, a_picture(), "a.png")
    remove_file(session, asset.id, file.id, revision=None, now=NOW)
    bring(session, store, asset, a_picture(), "b.png")
    with pytest.raises(Conflict, match="here already"):
        put_back(session, asset.id, file.id, now=NOW)


def test_bytes_that_are_named_again_stay(session: Session, store: FileStore) -> None:
    digest = bring(session, store, asset := draft(session), a_picture(), "a.png").sha256
    delete_asset(session, asset.id, revision=None)
    sweep_files(session, store, NOW)
    bring(session, store, draft(session), a_picture(), "a.png")
    for days in (31, 32, 99):
        sweep_files(session, store, NOW + days * DAY)
    assert kept(store) == {digest}


def test_with_an_asset_its_files_go_unless_it_is_placed(session: Session, store: FileStore) -> None:
    asset = draft(session)
    bring(session, store, asset, a_picture(), "a.png")
    placement = a_placement(session, asset_id=asset.id)
    with pytest.raises(Conflict), session.begin_nested():
        delete_asset(session, asset.id, revision=None)
    assert count_named(session) == 1
    session.delete(placement)
    delete_asset(session, asset.id, revision=None)
    assert count_named(session) == 0


def test_missing_and_altered_files_are_named_and_bringing_one_again_mends_it(
    session: Session, store: FileStore
) -> None:
    asset = draft(session, name="Home by five")
    whole, gone = bring(session, store, asset, a_picture(), "a.png"), bring(session, store, asset, a_pdf(), "b.pdf")
    assert list(find_faulty(session, store)) == []
    store.path(gone.organisation_id, gone.sha256).unlink()
    place = store.path(whole.organisation_id, whole.sha256)
    place.write_bytes(place.read_bytes()[::-1])
    found = [(one.asset, one.file, one.fault) for one in find_faulty(session, store)]
    assert found == [("Home by five", "a.png", Fault.ALTERED), ("Home by five", "b.pdf", Fault.MISSING)]
    assert [one.file for one in find_faulty(session, store, thorough=False)] == ["b.pdf"], "of the same length"
    bring(session, store, draft(session), a_picture(), "again.png")
    bring(session, store, draft(session), a_pdf(), "again.pdf")
    assert list(find_faulty(session, store)) == []


def test_what_is_done_with_files_is_told(database: Database, organisation: uuid.UUID, store: FileStore) -> None:
    with database.writing(organisation) as session:
        file = bring(session, store, draft(session, name="Poster"), a_picture(), "Anna.png")
        asset_id, key = file.asset_id, file.id
    with database.writing(organisation) as session:
        remove_file(session, asset_id, key, revision=None, now=NOW)
    with database.reading(organisation) as session:
        told = [one for one in all_entries(session, AuditFilter()) if one.noun == "asset_file"]
        assert [(str(one.action), one.noun_id, one.fields) for one in told] == [
            ("created", str(key), []), ("changed", str(key), ["removed_at"]),
        ]  # fmt: skip
        assert "Anna.png" not in str([vars(one) for one in told])


def test_an_asset_has_so_many_files_and_no_more(session: Session, store: FileStore) -> None:
    asset = draft(session)
    for n in range(50):
        bring(session, store, asset, CAPTIONS + str(n).encode(), "a.vtt", language="fi")
    with pytest.raises(Conflict, match="at most 50 files"):
        bring(session, store, asset, CAPTIONS, "a.vtt", language="fi")


def test_without_a_folder_nothing_is_taken_and_the_remedy_is_named(session: Session) -> None:
    with pytest.raises(NotReady, match="Set KUTSU_FILES"):
        bring(session, FileStore(None), draft(session), a_picture(), "a.png")
    assert sweep_files(session, FileStore(None), NOW).unnamed == 0


def test_the_folder_is_beside_a_sqlite_file_and_nowhere_by_itself_otherwise() -> None:
    assert beside(Database("sqlite:////srv/kutsu.db").url) == Path("/srv/kutsu.files")
    assert beside(Database("sqlite:///:memory:").url) is None
    assert beside(Database("postgresql+psycopg://localhost/kutsu").url) is None


def test_an_unknown_file_is_missing(session: Session) -> None:
    with pytest.raises(Missing):
        get_file(session, draft(session).id, UNKNOWN_ID)
    assert Purpose("main") == "main"
