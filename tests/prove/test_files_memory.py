"""A film goes through a real server in parts: its memory does not grow with what is sent."""

import http.client
import struct
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app.access.organisation import create_organisation
from app.access.token import Role, create_token
from app.database import Database
from app.planning.asset_file import AssetFile
from tests.files.samples import a_film
from tests.intake.hook_process import serving_installed
from tests.support.plan import NOW, an_asset
from tests.support.proofs import Proof

MEGABYTE = 1024 * 1024
GROWTH = 16


def a_long_film(megabytes: int) -> Iterator[bytes]:
    """A film of so many megabytes, part by part."""
    yield a_film() + struct.pack(">I4s", 8 + megabytes * MEGABYTE, b"mdat")
    for _part in range(megabytes):
        yield bytes(MEGABYTE)


def send(port: int, path: str, token: str, megabytes: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
    connection.request("POST", path, a_long_film(megabytes), headers, encode_chunked=True)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def take(port: int, path: str, token: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer, size = connection.getresponse(), 0
    while part := answer.read(MEGABYTE):
        size += len(part)
    connection.close()
    return size


def weigh(url: str, megabytes: int) -> float:
    """By how many megabytes the peak of a server's memory grows while a film comes in and goes out."""
    database = Database(url)
    with database.writing() as session:
        town: uuid.UUID = create_organisation(session, f"Town {megabytes}", now=NOW).id
    with database.writing(town) as session:
        place = f"/api/v1/assets/{an_asset(session, status='draft', format='video').id}/files"
        token = create_token(session, "tests", Role.MARKETER, now=NOW)
    with serving_installed(url) as served:
        assert send(served.port, f"{place}?name=short.mp4", token, 1) == 201
        served.forget_peak()
        before = served.memory("VmRSS")
        assert send(served.port, f"{place}?name=long.mp4", token, megabytes) == 201
        with database.reading(town) as session:
            key = session.scalars(select(AssetFile.id).order_by(AssetFile.size.desc()).limit(1)).one()
        database.close()
        assert take(served.port, f"{place}/{key}/content", token) > megabytes * MEGABYTE
        return (served.memory("VmHWM") - before) / MEGABYTE


@pytest.mark.prove
def test_the_longest_film_takes_no_more_memory_than_a_short_one(sqlite_file_url: str, proof: Proof) -> None:
    grown = weigh(sqlite_file_url, 199)
    proof("memory that a film of 199 MB takes in a server, in and out, in MB", f"< {GROWTH}", round(grown, 1))
    assert grown < GROWTH
