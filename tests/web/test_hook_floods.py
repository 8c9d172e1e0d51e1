"""The door for webhooks when much comes to it at once: the same again and again, too long, too slow, too many."""

import asyncio
import datetime as dt
import multiprocessing
import random
import select
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

from app.database import Database
from app.web.hooks import RETRY_SECONDS, HookDoor
from tests.intake.hook_process import Served, serving_apart
from tests.intake.hooking import Sender, application, encode, open_sender
from tests.intake.signing import WHSEC, sign_standard
from tests.intake.town import SEALER
from tests.support.asgi import Answer, Asked, ask
from tests.support.databases import copy_sqlite
from tests.support.flood import Answered, flood, request
from tests.support.proofs import Proof
from tests.support.server import serving

MEBIBYTE = 1024 * 1024
PIECE = 64 * 1024
ON_LINUX = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is read as Linux tells it")


@pytest.fixture(scope="module")
def apart(_migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Sender]]:
    """A server in a process of its own, and who sends to it."""
    url = copy_sqlite(_migrated_file, tmp_path_factory.mktemp("apart") / "kutsu.db")
    database = Database(url)
    sender = open_sender(database)
    with serving_apart(url) as served:
        yield served, sender
    database.close()


# The same again and again


def send_thrice(sender: Sender, events: int) -> Answered:
    """Each event three times over sixteen connections, in any order."""
    wires = []
    for number in range(events):
        body = encode(application(f"a{number}", number))
        wires.append(request(sender.path, body, sender.sign(body, id=f"m{number}")))
    thrice = list(enumerate(wires * 3))
    random.Random(23).shuffle(thrice)  # noqa: S311
    with serving(sender.app) as base:
        return asyncio.run(flood(int(base.rpartition(":")[2]), thrice, connections=16))


def test_events_sent_thrice_at_once_are_acknowledged_each_time_and_stored_once(sender: Sender) -> None:
    answered = send_thrice(sender, 200)
    assert list(answered.statuses.values()) == [202] * 600
    assert len({row.delivery_key for row in sender.rows()}) == len(sender.rows()) == 200
    assert sender.day() == {"received": 600, "duplicate": 400}


@pytest.mark.prove
def test_ten_thousand_events_sent_thrice_are_ten_thousand_rows(sender: Sender, proof: Proof) -> None:
    answered = send_thrice(sender, 10_000)
    acknowledged = sum(status == 202 for status in answered.statuses.values())
    keys = [row.delivery_key for row in sender.rows()]
    kind = "SQLite" if sender.database.is_sqlite else "PostgreSQL"
    proof(f"10,000 events sent thrice over 16 connections: acknowledged ({kind})", "30,000", acknowledged)
    proof(f"10,000 events sent thrice over 16 connections: rows ({kind})", "10,000", len(keys))
    proof(f"10,000 events sent thrice over 16 connections: doubled ({kind})", "0", len(keys) - len(set(keys)))
    assert (acknowledged, len(keys), len(set(keys))) == (30_000, 10_000, 10_000)


# Too long


def stream(port: int, path: str, size: int) -> int:
    """The status that a body without a length is answered with; it is sent on until its end or until the server
    hangs up, and 0 is for one who hung up unheard."""
    piece = b"%x\r\n" % PIECE + b"x" * PIECE + b"\r\n"
    head = f"POST {path} HTTP/1.1\r\nHost: kutsu\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        with suppress(ConnectionResetError, BrokenPipeError):
            client.sendall(head)
            for _piece in range(size // PIECE):
                client.sendall(piece)
                if not received and select.select([client], [], [], 0)[0]:
                    received = client.recv(4096)
            client.sendall(b"0\r\n\r\n")
        with suppress(ConnectionResetError):
            received = received or client.recv(4096)
    return int(received[9:12] or 0)


def stream_to(served: Served, path: str, size: int) -> tuple[int, int]:
    """The status, and by how many bytes the server's memory grew at most."""
    stream(served.port, path, 2 * MEBIBYTE)
    before = served.memory("VmRSS")
    served.forget_peak()
    status = stream(served.port, path, size)
    return status, served.memory("VmHWM") - before


@ON_LINUX
def test_a_body_without_a_length_is_refused_and_never_held_as_a_whole(apart: tuple[Served, Sender]) -> None:
    served, sender = apart
    status, grown = stream_to(served, sender.path, 8 * MEBIBYTE)
    assert status == 413
    assert grown < 6 * MEBIBYTE


@ON_LINUX
@pytest.mark.prove
def test_a_hundred_megabytes_are_refused_in_little_memory(apart: tuple[Served, Sender], proof: Proof) -> None:
    served, sender = apart
    status, grown = stream_to(served, sender.path, 100 * MEBIBYTE)
    proof("a body of 100 MiB without a length is answered", "413", status)
    proof("memory that the server took for it, in MiB", "< 16", round(grown / MEBIBYTE, 1))
    assert status == 413
    assert grown < 16 * MEBIBYTE


def stream_again(port: int, path: str, size: int, begun: Event, over: Event, counted: Connection) -> None:
    """Two bodies a second, in a process of its own: as fast as they go they would take one of two cores from all. Tells
    at the end how many were answered as too long."""
    refused = 0
    while not over.wait(0.5):
        refused += stream(port, path, size) == 413
        begun.set()
    counted.send(refused)


@contextmanager
def streams(port: int, path: str, size: int) -> Iterator[list[int]]:
    """Bodies of this size that come all through the block; afterwards, how many were answered as too long."""
    spawn = multiprocessing.get_context("spawn")
    begun, over = spawn.Event(), spawn.Event()
    counting, counted = spawn.Pipe(duplex=False)
    process = spawn.Process(target=stream_again, args=(port, path, size, begun, over, counted))
    process.start()
    refused: list[int] = []
    try:
        assert begun.wait(60)
        yield refused
    finally:
        over.set()
        refused.append(counting.recv())
        process.join()


def compare_beside_streams(served: Served, sender: Sender, size: int, turns: int, count: int) -> tuple[float, int]:
    """How many times as long the slowest hundredth of deliveries takes beside bodies of this size as without, in the
    middle of so many turns, and how many bodies were refused meanwhile."""
    deliver(served.port, sender, "before", 200)
    ratios, refused = [], 0
    for turn in range(turns):
        alone = deliver(served.port, sender, f"alone{turn}-", count, rate=200)
        with streams(served.port, sender.path, size) as bodies:
            beside = deliver(served.port, sender, f"beside{turn}-", count, rate=200)
        assert list(beside.statuses.values()) == [202] * count
        ratios.append(beside.percentile(0.99) / alone.percentile(0.99))
        refused += bodies[0]
    return statistics.median(ratios), refused


def test_who_sends_on_and_on_is_heard_out_no_longer_than_it_takes_to_say_so(apart: tuple[Served, Sender]) -> None:
    served, _sender = apart
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as client:
        client.sendall(b"POST /healthz HTTP/1.1\r\nHost: kutsu\r\nContent-Length: 1000000000\r\n\r\n")
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            client.sendall(b"x" * 64 * MEBIBYTE)


def test_bodies_that_are_too_long_keep_no_good_delivery_waiting(apart: tuple[Served, Sender]) -> None:
    served, sender = apart
    _ratio, refused = compare_beside_streams(served, sender, 8 * MEBIBYTE, turns=1, count=40)
    assert refused > 0


@pytest.mark.prove
def test_bodies_of_a_hundred_megabytes_cost_the_others_little(apart: tuple[Served, Sender], proof: Proof) -> None:
    served, sender = apart
    ratio, refused = compare_beside_streams(served, sender, 100 * MEBIBYTE, turns=7, count=600)
    proof("bodies of 100 MiB refused, two a second, beside 4,200 deliveries", "said", refused)
    proof("  slowest hundredth of these against without such bodies, middle of 7 turns", "< 2", round(ratio, 2))
    assert ratio < 2
    assert refused > 0


# Too slow


@contextmanager
def half_heads(port: int, count: int) -> Iterator[list[socket.socket]]:
    """Connections that begin a request and do not go on."""
    with ExitStack() as stack:
        clients = []
        for _client in range(count):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            client.sendall(b"POST /hooks/x HTTP/1.1\r\nHost: kutsu\r\nWebhook-Id: ")
            clients.append(client)
        yield clients


def deliver(port: int, sender: Sender, series: str, count: int, rate: float | None = None) -> Answered:
    """Good deliveries over four connections."""
    now = dt.datetime.now(dt.UTC)
    wires = []
    for number in range(count):
        body = encode(application(f"{series}{number}", number))
        wires.append(
            (number, request(sender.path, body, dict(sign_standard(body, WHSEC, at=now, id=f"{series}{number}"))))
        )
    return asyncio.run(flood(port, wires, connections=4, rate=rate))


def test_connections_that_send_half_a_head_keep_no_good_delivery_waiting(apart: tuple[Served, Sender]) -> None:
    served, sender = apart
    before = len(sender.rows())
    with half_heads(served.port, 50):
        answered = deliver(served.port, sender, "a", 20)
    assert list(answered.statuses.values()) == [202] * 20
    assert len(sender.rows()) == before + 20


@pytest.mark.prove
def test_five_hundred_slow_connections_cost_the_others_little(apart: tuple[Served, Sender], proof: Proof) -> None:
    served, sender = apart
    deliver(served.port, sender, "warm", 200)
    alone = deliver(served.port, sender, "alone", 600, rate=200)
    with half_heads(served.port, 500) as clients:
        beside = deliver(served.port, sender, "beside", 600, rate=200)
        hung_up = sum(client.recv(1) == b"" for client in clients)
    ratio = beside.percentile(0.99) / alone.percentile(0.99)
    proof("deliveries acknowledged beside 500 connections that send half a head", "600", len(beside.statuses))
    proof("their slowest hundredth against without such connections", "< 2", round(ratio, 2))
    proof("of the 500, hung up on by the server", "500", hung_up)
    assert list(beside.statuses.values()) == [202] * 600
    assert hung_up == 500


# Too many


async def crowd(sender: Sender, most: int, too_many: int) -> tuple[list[Answer], list[Answer], list[float]]:
    """Send to a store that is stuck as many as may wait, and some more, one after another: the answers of those who
    waited and of those who were refused, and how many seconds each refusal took."""
    door = HookDoor(sender.database, SEALER, lambda: sender.now, CollectorRegistry(), most_waiting=most)
    app = Starlette(routes=[door.route])

    def asked(number: int) -> Asked:
        body = encode(application(f"a{number}", number))
        signed = sender.sign(body, id=f"m{number}").items()
        return Asked(sender.path, tuple((name.encode(), value.encode()) for name, value in signed), [body])

    assert (await ask(app, asked(0))).status == 202
    refused, seconds = [], []
    with sender.database.writing(sender.organisation_id) as session:
        session.connection()  # from here on nobody else can write
        waiting = [asyncio.create_task(ask(app, asked(1 + number))) for number in range(most)]
        while door.writer.waiting < most:  # noqa: ASYNC110 (nothing tells when they wait)
            await asyncio.sleep(0)
        for number in range(too_many):
            more, begun = asked(1 + most + number), time.perf_counter()
            refused.append(await ask(app, more))
            seconds.append(time.perf_counter() - begun)
    waited = await asyncio.gather(*waiting)
    await asyncio.to_thread(door.close)
    return waited, refused, seconds


def test_who_comes_when_too_many_wait_is_told_when_to_come_again_and_the_others_are_stored(lite: Sender) -> None:
    waited, refused, _seconds = asyncio.run(crowd(lite, 20, 10))
    assert [answer.status for answer in waited] == [202] * 20
    assert [answer.status for answer in refused] == [503] * 10
    least, most = RETRY_SECONDS
    assert all(least <= int(answer.headers["retry-after"]) <= most for answer in refused)
    assert len(lite.rows()) == 21


@pytest.mark.prove
def test_a_refusal_for_want_of_room_comes_at_once(lite: Sender, proof: Proof) -> None:
    waited, refused, seconds = asyncio.run(crowd(lite, 500, 500))
    proof("waiting deliveries stored in the end, behind a store that was stuck", "500", len(waited))
    proof("refused for want of room, of 500 more", "500", sum(answer.status == 503 for answer in refused))
    proof("slowest of these refusals, in ms", "< 50", round(max(seconds) * 1000, 1))
    assert {answer.status for answer in waited} == {202}
    assert {answer.status for answer in refused} == {503}
    assert len(lite.rows()) == 501
