"""Files of assets over the API: sent as they are, kept clean, handed out so that no browser runs them."""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.access.token import Role
from app.files.store import FileStore
from app.web.edge import AROUND_A_FILE
from tests.files.samples import CAPTIONS, PLACE, a_film, a_pdf, a_picture, a_sound
from tests.support.asgi import Asked, Unread, ask
from tests.support.client import TestClient
from tests.support.plan import UNKNOWN_ID, an_asset
from tests.web.conftest import Door

MEGABYTE = 1024 * 1024


@pytest.fixture
def place(door: Door) -> str:
    """Where files of a draft are."""
    asset = door.make(lambda session: an_asset(session, status="draft", format="video"))
    return f"/api/v1/assets/{asset}/files"


def added(client: TestClient, place: str, whole: bytes, name: str, **said: str) -> str:
    answer = client.post(place, params={"name": name, **said}, content=whole)
    assert answer.status_code == 201, answer.text
    where: str = answer.headers["location"]
    return where


def on_disk(door: Door) -> list[Path]:
    assert door.files is not None
    assert door.files.folder is not None
    return [one for one in door.files.folder.rglob("*") if one.is_file()]


def test_a_file_comes_back_byte_for_byte_as_it_is_said_to_be_kept(client: TestClient, place: str) -> None:
    where = added(client, place, a_picture("JPEG"), "Tänään.jpg", language="fi")
    shown = client.get(where).json()
    assert client.get(place).json() == [shown]
    assert (shown["purpose"], shown["media_type"], shown["width"], shown["height"]) == ("main", "image/jpeg", 16, 24)
    taken = client.get(f"{where}/content")
    assert hashlib.sha256(taken.content).hexdigest() == shown["sha256"]
    assert (len(taken.content), PLACE in taken.content) == (shown["size"], False)
    assert taken.headers["content-type"] == "image/jpeg"
    assert taken.headers["content-disposition"] == "inline; filename*=utf-8''T%C3%A4n%C3%A4%C3%A4n.jpg"
    assert taken.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert taken.headers["x-content-type-options"] == "nosniff"
    assert taken.headers["cache-control"].startswith("private")


def test_who_has_a_file_is_not_sent_it_again_and_who_wants_a_part_gets_that(client: TestClient, place: str) -> None:
    content = f"{added(client, place, a_film(), 'a.mp4')}/content"
    whole = client.get(content)
    tag = whole.headers["etag"]
    assert client.get(content, headers={"If-None-Match": tag}).status_code == 304
    part = client.get(content, headers={"Range": "bytes=8-11"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (
        206, whole.content[8:12], f"bytes 8-11/{len(whole.content)}",
    )  # fmt: skip
    other = client.get(content, headers={"Range": "bytes=8-11", "If-Range": '"another"'})
    assert (other.status_code, other.content) == (200, whole.content)
    for wrong in ("bytes=999999-", "bytes=x"):
        none = client.get(content, headers={"Range": wrong})
        assert (none.status_code, none.headers["content-range"]) == (416, f"bytes */{len(whole.content)}")
        assert "ask for a part of them" in none.json()["detail"]


@pytest.mark.parametrize(
    ("whole", "name", "said", "disposition", "type_"),
    [
        (a_film(), "a.mp4", {}, "inline", "video/mp4"),
        (a_sound(), "a.mp3", {}, "inline", "audio/mpeg"),
        (a_pdf(), "a.pdf", {}, "attachment", "application/pdf"),
        (CAPTIONS, "a.vtt", {"language": "fi"}, "attachment", "text/vtt; charset=utf-8"),
    ],
    ids=["film", "sound", "page", "captions"],
)
def test_what_is_not_looked_at_in_place_is_handed_out_to_be_kept(
    client: TestClient, place: str, whole: bytes, name: str, said: dict[str, str], disposition: str, type_: str
) -> None:
    taken = client.get(f"{added(client, place, whole, name, **said)}/content")
    assert taken.headers["content-disposition"] == f'{disposition}; filename="{name}"'
    assert taken.headers["content-type"] == type_
    assert taken.headers["content-security-policy"].startswith("default-src 'none'; sandbox")


@pytest.mark.parametrize(
    ("whole", "said", "field", "says"),
    [
        (b"<svg onload='alert(1)'/>", {"name": "a.svg"}, "file", "can run scripts"),
        (a_picture(), {"name": "a.jpg"}, "name", "The content of this file is PNG"),
        (a_picture(), {"name": "a.png", "language": "sv"}, "language", "The asset is not in this language"),
        (a_picture(), {"name": "a.png", "purpose": "poster"}, "purpose", "Choose one of"),
        (a_picture(), {"name": "a.png", "path": "../../etc"}, "path", "There is no such field"),
        (a_picture() + bytes(MEGABYTE), {"name": "a.png"}, "file", "at most 1 MB"),
        (b"", {"name": "a.png"}, "file", "The file is empty"),
        (a_picture(), {}, "name", "Use a name that ends in .png"),
    ],
)
def test_what_is_refused_is_named_with_its_field_and_leaves_nothing(
    door: Door, client: TestClient, place: str, whole: bytes, said: dict[str, str], field: str, says: str
) -> None:
    answer = client.post(place, params=said, content=whole)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert says in answer.json()["errors"][0]["message"]
    assert on_disk(door) == []
    assert client.get(place).json() == []


def test_a_body_longer_than_any_file_is_refused_whether_or_not_it_says_so(door: Door, place: str) -> None:
    def drip() -> Iterator[bytes]:
        yield a_film()
        for _part in range(2 * MEGABYTE // AROUND_A_FILE + 4):
            yield bytes(AROUND_A_FILE)

    client = door.client()
    for body in (bytes(2 * MEGABYTE + AROUND_A_FILE + 1), drip()):
        answer = client.post(place, params={"name": "a.mp4"}, content=body)
        assert answer.status_code in (413, 422)
    assert on_disk(door) == []


def test_nothing_is_read_of_who_may_not_write_or_for_an_asset_that_is_not_there(door: Door, place: str) -> None:
    tokens = {404: door.token(Role.MARKETER), 403: door.token(Role.VIEWER)}
    foreign = door.token(Role.MARKETER, door.theirs)
    nowhere = f"/api/v1/assets/{UNKNOWN_ID}/files"
    for token, where, status in (
        (tokens[404], nowhere, 404), (foreign, place, 404), (tokens[403], place, 403), ("none", place, 401),
    ):  # fmt: skip
        headers = ((b"authorization", f"Bearer {token}".encode()),)
        assert asyncio.run(ask(door.app, Asked(where, headers, Unread()))).status == status
    assert on_disk(door) == []


def test_a_file_is_removed_under_the_assets_etag_and_put_back(client: TestClient, place: str) -> None:
    where = added(client, place, a_picture(), "a.png")
    asset = place.removesuffix("/files")
    assert client.delete(where).status_code == 428
    assert client.delete(where, headers={"If-Match": '"1"'}).status_code == 412
    tag = client.get(asset).headers["etag"]
    assert client.delete(where, headers={"If-Match": tag}).status_code == 204
    assert client.get(place).json() == []
    assert client.get(f"{where}/content").status_code == 404
    assert [one["name"] for one in client.get(place, params={"removed": True}).json()] == ["a.png"]
    assert client.post(f"{where}/put-back").json()["removed_at"] is None
    assert client.get(f"{where}/content").status_code == 200


def test_a_file_whose_bytes_are_gone_says_so_and_how_to_mend_it(door: Door, client: TestClient, place: str) -> None:
    where = added(client, place, a_picture(), "a.png")
    for one in on_disk(door):
        one.unlink()
    answer = client.get(f"{where}/content")
    assert (answer.status_code, "kutsu files check" in answer.json()["detail"]) == (503, True)


def test_a_folder_that_takes_nothing_is_told_and_nothing_is_acknowledged(
    door: Door, place: str, tmp_path: Path
) -> None:
    client = door.client()
    (tmp_path / "file").write_text("no folder")
    for store, says in (
        (FileStore(tmp_path / "file"), "takes nothing"), (FileStore(None), "Set KUTSU_FILES"),
    ):  # fmt: skip
        door.app.state.files = store
        answer = client.post(place, params={"name": "a.png"}, content=a_picture())
        assert (answer.status_code, says in answer.json()["detail"]) == (503, True)
    assert client.get(place).json() == []


def test_no_name_leads_out_of_the_folder(door: Door, client: TestClient, place: str) -> None:
    where = added(client, place, a_picture(), "../../../etc/passwd.png")
    assert client.get(where).json()["name"] == "passwd.png"
    for wrong in ("..%2f..%2fkutsu.db", "%2e%2e/%2e%2e/kutsu.db", client.get(where).json()["sha256"]):
        assert client.get(f"{place}/{wrong}/content").status_code in (404, 422)
    assert [one.name for one in on_disk(door)] == [client.get(where).json()["sha256"]]
