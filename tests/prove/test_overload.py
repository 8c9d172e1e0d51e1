"""More senders come to `kutsu serve` than it can answer at once: it takes what it can, says no at once where too much
waits, and neither grows nor loses what it acknowledged.

Senders that wait for each answer send no faster than they get one, whatever they are paced for: ten times the usual
wait all the time, and are fewer than the inbox lets wait. It says no where more come than may wait, behind a store that
is stuck."""

import asyncio
import datetime as dt
import hashlib
import itertools
import re
import socket
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from app.database import Database
from app.group_commit.writer import MOST_WAITING
from app.intake.inbox import InboxRow
from tests.intake.hook_process import INSTALLED_SEALER, Served, serving_installed
from tests.intake.hooking import Sender, application, encode, locked, open_sender
from tests.intake.signing import WHSEC, sign_standard
from tests.support.flood import Answered, flood, request
from tests.support.proofs import Proof

MEGABYTE = 1_000_000
ADDRESSES = [f"127.0.0.{number}" for number in range(1, 21)]
"""Senders at so many addresses: what one address may send is limited besides."""
USUAL, TIMES = 64, 10
"""Connections over which the rate is measured, and how many times both are sent."""
SLOW = 500
CROWD = 2_500
"""Senders who are more than may wait, when none is answered."""
STUCK, STUCK_SECONDS, FREE_SECONDS = 3, 3.0, 10.0
"""How often the store is stuck, how long each time, which is less than anybody waits for it, and how long it is free
between."""


@pytest.fixture
def sender(database_url: str) -> Iterator[Sender]:
    database = Database(database_url)
    yield open_sender(database, sealer=INSTALLED_SEALER)
    database.close()


def make_wires(path: str, series: str, seconds: float = 60.0) -> Iterator[tuple[int, bytes]]:
    """Good deliveries without end, signed as they are sent, for so many seconds."""
    over = time.perf_counter() + seconds
    for number in itertools.count():
        if time.perf_counter() > over:
            return
        yield number, make_wire(path, f"{series}-{number}")


def make_wire(path: str, id: str) -> bytes:
    body = encode(application(id, id))
    return request(path, body, dict(sign_standard(body, WHSEC, at=dt.datetime.now(dt.UTC), id=id)))


class Overload:
    """What a server did under it: the rate it takes of the usual senders, and what was answered to ten times as many,
    paced for ten times that rate, beside some that only begin a request."""

    def __init__(self, sender: Sender, url: str, seconds: float, measured: float, slow: int) -> None:
        self.sender = sender
        with serving_installed(url) as served, ExitStack() as stack:
            ask(served, "/readyz")
            warm = asyncio.run(flood(served.port, make_wires(sender.path, "warm", 1.0), connections=4))
            usual = asyncio.run(
                flood(served.port, make_wires(sender.path, "usual", measured), connections=USUAL, addresses=ADDRESSES)
            )
            self.rate = usual.rate
            begin_slowly(stack, served, slow)
            wires = make_wires(sender.path, "more", seconds)
            self.answered = asyncio.run(
                flood(served.port, wires, connections=TIMES * USUAL, rate=TIMES * self.rate, addresses=ADDRESSES)
            )
            self.memory = served.memory("VmHWM")
        series = {"warm": warm, "usual": usual, "more": self.answered}
        self.acknowledged = [id for name, answered in series.items() for id in acknowledged(name, answered)]

    def lost(self) -> int:
        return count_lost(self.sender, self.acknowledged)

    def refused_without_a_time(self) -> int:
        return sum(not is_told_when_to_come_again(head) for head in self.answered.refusals.values())


def acknowledged(series: str, answered: Answered) -> list[str]:
    return [f"{series}-{number}" for number, status in answered.statuses.items() if status == 202]


def count_lost(sender: Sender, ids: list[str]) -> int:
    there = {row.delivery_key for row in sender.rows(InboxRow)}
    return sum(hashlib.sha256(id.encode()).digest() not in there for id in ids)


def is_told_when_to_come_again(head: bytes) -> bool:
    return head.startswith(b"http/1.1 503") and re.search(rb"\r\nretry-after: \d+", head) is not None


class Crowd:
    """The store is stuck: as many deliveries as may wait do, over a connection each, and others come."""

    def __init__(self, sender: Sender, url: str, others: int) -> None:
        self.seconds: list[float] = []
        self.heads: list[bytes] = []
        with serving_installed(url) as served, ExitStack() as stack:
            ask(served, "/readyz")
            few = itertools.islice(make_wires(sender.path, "warm"), 20)
            asyncio.run(flood(served.port, few, connections=4))
            clients = [
                stack.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=30))
                for _one in range(MOST_WAITING + others)
            ]
            wires = [make_wire(sender.path, f"m-{number}") for number in range(len(clients))]
            with locked(sender):
                for client, wire in zip(clients[:MOST_WAITING], wires, strict=False):
                    client.sendall(wire)
                while count_waiting(served) < MOST_WAITING:
                    pass
                for client, wire in zip(clients[MOST_WAITING:], wires[MOST_WAITING:], strict=True):
                    begun = time.perf_counter()
                    client.sendall(wire)
                    self.heads.append(client.recv(4096).lower())
                    self.seconds.append(time.perf_counter() - begun)
            statuses = [int(client.recv(4096)[9:12]) for client in clients[:MOST_WAITING]]
        taken = [f"m-{number}" for number, status in enumerate(statuses) if status == 202]
        self.waited, self.lost = len(taken), count_lost(sender, taken)
        self.refused = sum(map(is_told_when_to_come_again, self.heads))


class Shedding:
    """More senders come than may wait, beside some that only begin a request, and whoever is refused comes again at
    once. Again and again somebody else holds the lock of the store for some seconds. When they are gone the usual
    senders come."""

    def __init__(self, sender: Sender, url: str, seconds: float) -> None:
        def send(series: str, connections: int, during: float, opened: threading.Event | None = None) -> Answered:
            wires = make_wires(sender.path, series, during)
            return asyncio.run(flood(served.port, wires, connections=connections, addresses=ADDRESSES, opened=opened))

        all_there = threading.Event()
        with serving_installed(url) as served, ExitStack() as stack:
            ask(served, "/readyz")
            self.before = send("before", USUAL, 5.0)
            begin_slowly(stack, served, SLOW)
            with ThreadPoolExecutor() as pool:
                sending = pool.submit(send, "crowd", CROWD, seconds, all_there)
                assert all_there.wait(seconds)
                for _time in range(STUCK):
                    with locked(sender, STUCK_SECONDS):
                        pass
                    threading.Event().wait(FREE_SECONDS)
                self.crowd = sending.result()
            self.after = send("after", USUAL, 5.0)
            self.memory = served.memory("VmHWM")
        series = {"before": self.before, "crowd": self.crowd, "after": self.after}
        self.lost = count_lost(sender, [id for name, answered in series.items() for id in acknowledged(name, answered)])
        self.without_a_time = sum(not is_told_when_to_come_again(head) for head in self.crowd.refusals.values())


def begin_slowly(stack: ExitStack, served: Served, clients: int) -> None:
    """Connections that begin a request and go no further."""
    for _client in range(clients):
        client = stack.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=30))
        client.sendall(b"POST /hooks/x HTTP/1.1\r\nHost: kutsu\r\nWebhook-Id: ")


def ask(served: Served, path: str) -> bytes:
    """What a page says; none is answered before all of the server is loaded."""
    with urllib.request.urlopen(f"http://127.0.0.1:{served.port}{path}", timeout=60) as answer:
        said: bytes = answer.read()
        return said


def count_waiting(served: Served) -> int:
    """How many deliveries the server says are not on disk yet."""
    said = re.search(rb"^kutsu_hooks_waiting ([\d.e+]+)", ask(served, "/metrics"), re.MULTILINE)
    assert said is not None
    return int(float(said[1]))


def test_what_is_acknowledged_under_too_much_load_is_stored(sender: Sender, database_url: str) -> None:
    overload = Overload(sender, database_url, seconds=2.0, measured=1.0, slow=20)
    assert len(overload.acknowledged) > 100
    assert overload.lost() == overload.refused_without_a_time() == 0
    assert set(overload.answered.statuses.values()) <= {202, 503}


@pytest.mark.prove
def test_ten_times_as_many_senders_for_a_minute_are_borne(sender: Sender, database_url: str, proof: Proof) -> None:
    overload = Overload(sender, database_url, seconds=60.0, measured=5.0, slow=SLOW)
    answered, where = overload.answered, "SQLite" if sender.database.is_sqlite else "PostgreSQL"
    taken = sum(status == 202 for status in answered.statuses.values())
    slowest, lost = answered.percentile(0.99, 202), overload.lost()
    came, refused = len(answered.statuses) / answered.took, len(answered.refusals)
    load = f"{TIMES * USUAL} senders for 60 s beside {SLOW} slow ones, each with one delivery under way, on {where}"
    proof(f"{load}: taken and refused", "said", f"{taken:,} and {refused:,}")
    proof(f"  came a second, of what they were paced for, {TIMES} times what {USUAL} got answered before ({where})",
          "said", f"{came:,.0f} of {TIMES * overload.rate:,.0f}")  # fmt: skip
    proof(f"  slowest hundredth of those taken, in s ({where})", "< 1", round(slowest, 2))
    proof(f"  memory of the server's processes at most, in MB ({where})", "< 300", overload.memory // MEGABYTE)
    proof(f"  acknowledged under it and lost ({where})", "0", lost)
    proof(f"  refused without a time to come again ({where})", "0", overload.refused_without_a_time())
    assert lost == overload.refused_without_a_time() == 0
    assert set(answered.statuses.values()) <= {202, 503}
    assert slowest < 1
    assert overload.memory < 300 * MEGABYTE


@pytest.mark.prove
def test_more_senders_than_may_wait_are_refused_and_none_that_is_taken_is_lost(
    sender: Sender, database_url: str, proof: Proof
) -> None:
    shed, where = Shedding(sender, database_url, 60.0), "SQLite" if sender.database.is_sqlite else "PostgreSQL"
    statuses = Counter(shed.crowd.statuses.values())
    stuck = f"the store stuck {STUCK} times for {STUCK_SECONDS:g} s"
    load = f"{CROWD:,} senders for 60 s, {stuck}, beside {SLOW} slow ones, on {where}"
    proof(f"{load}: taken and refused", "said", f"{statuses[202]:,} and {statuses[503]:,}")
    proof(f"  refused without a time to come again, of these ({where})", "0", shed.without_a_time)
    proof(f"  acknowledged before, under and after it and lost ({where})", "0", shed.lost)
    proof(f"  memory of the server's processes at most, with so many connections, in MB ({where})",
          f"said, < 300 being for {TIMES * USUAL}", shed.memory // MEGABYTE)  # fmt: skip
    proof(f"  half of those taken within, and 99 of 100, in s ({where})", "said",
          f"{shed.crowd.percentile(0.5, 202):.2f} and {shed.crowd.percentile(0.99, 202):.2f}")  # fmt: skip
    proof(f"  taken of {USUAL} usual senders' after it ({where})", "all",
          f"{list(shed.after.statuses.values()).count(202):,} of {len(shed.after.statuses):,}")  # fmt: skip
    slowest, before = shed.after.percentile(0.99, 202), shed.before.percentile(0.99, 202)
    proof(f"  their slowest hundredth, in s, and that before it ({where})", "< 1", f"{slowest:.2f} and {before:.2f}")
    assert statuses.keys() == {202, 503}
    assert (shed.without_a_time, shed.lost) == (0, 0)
    assert set(shed.after.statuses.values()) == {202}
    assert slowest < 1


@pytest.mark.prove
def test_who_finds_no_room_is_told_so_at_once(sender: Sender, database_url: str, proof: Proof) -> None:
    crowd = Crowd(sender, database_url, 100)
    where = "SQLite" if sender.database.is_sqlite else "PostgreSQL"
    proof(f"sent away with a time to come again, of 100 who come while {MOST_WAITING:,} wait ({where})", "100",
          crowd.refused)  # fmt: skip
    proof(f"  slowest of these answers, over a socket each, in ms ({where})", "< 50", round(max(crowd.seconds) * 1000))
    proof(f"  of those who waited, acknowledged and lost ({where})", "0", f"{crowd.lost} of {crowd.waited:,}")
    assert (crowd.refused, crowd.lost) == (100, 0)
    assert crowd.waited > 0
    assert max(crowd.seconds) < 0.05
