"""Somebody else holds the lock of the store: what comes meanwhile waits or is told to come again, and nothing
acknowledged is lost."""

import asyncio
import hashlib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.group_commit.writer import ANSWERED_SECONDS
from app.intake.inbox import InboxRow
from tests.intake.hook_process import Served, serving_apart
from tests.intake.hooking import Sender, application, encode, locked
from tests.intake.signing import WHSEC, sign_standard
from tests.support.flood import Answered, flood, request
from tests.support.proofs import Proof

RECOVERED_SECONDS = 5.0


def deliver(served: Served, sender: Sender, series: str, count: int, rate: float, secret: str = WHSEC) -> Answered:
    """Deliveries, good ones unless the secret is another, named after their series and number, over sixteen
    connections."""
    wires = []
    for number in range(count):
        body = encode(application(f"{series}-{number}", f"{series}-{number}"))
        signed = dict(sign_standard(body, secret, id=f"{series}-{number}"))
        wires.append((number, request(sender.path, body, signed)))
    return asyncio.run(flood(served.port, wires, connections=16, rate=rate))


class Behind:
    """What came of deliveries that were sent while the store was locked for so many seconds, and after it."""

    def __init__(self, sender: Sender, url: str, seconds: float) -> None:
        with serving_apart(url) as served:
            assert deliver(served, sender, "before", 40, 100).statuses == dict.fromkeys(range(40), 202)
            with locked(sender, seconds):
                self.meanwhile = deliver(served, sender, "meanwhile", 40 + int(4 * seconds), 40)
            begun, number = time.perf_counter(), 0
            while deliver(served, sender, f"first-{number}", 1, 100).statuses != {0: 202}:
                assert time.perf_counter() - begun < 10 * RECOVERED_SECONDS
                number += 1
            after = deliver(served, sender, "after", 100, 100)
            self.recovered = time.perf_counter() - begun
        self.slowest_after = after.percentile(0.99)
        acknowledged = [f"meanwhile-{number}" for number, status in self.meanwhile.statuses.items() if status == 202]
        acknowledged += [f"after-{number}" for number, status in after.statuses.items() if status == 202]
        there = {row.delivery_key for row in sender.rows(InboxRow)}
        self.acknowledged = len(acknowledged)
        self.lost = sum(hashlib.sha256(id.encode()).digest() not in there for id in acknowledged)
        self.statuses = set(self.meanwhile.statuses.values())


def test_who_comes_while_the_store_is_locked_for_a_moment_waits_and_is_stored(
    sender: Sender, database_url: str
) -> None:
    behind = Behind(sender, database_url, 1.0)
    assert (behind.statuses, behind.lost) == ({202}, 0)
    assert behind.acknowledged == 144
    assert max(behind.meanwhile.seconds.values()) > 0.3, "the lock was felt"
    assert behind.slowest_after < RECOVERED_SECONDS


def test_what_nobody_signed_is_refused_while_the_store_is_locked_and_what_is_signed_waits(
    sender: Sender, database_url: str
) -> None:
    with serving_apart(database_url) as served:
        assert deliver(served, sender, "before", 40, 100).statuses == dict.fromkeys(range(40), 202)
        with ThreadPoolExecutor() as pool, locked(sender):
            waits = pool.submit(deliver, served, sender, "signed", 16, 1000)
            forged = deliver(served, sender, "forged", 80, 100, secret="whsec_" + "A" * 32)
            assert not waits.done()
        assert waits.result().statuses == dict.fromkeys(range(16), 202)
    assert forged.statuses == dict.fromkeys(range(80), 401)


@pytest.mark.prove
@pytest.mark.parametrize("seconds", [1, 10, 60])
def test_who_comes_while_the_store_is_locked_for_long_is_sent_away_in_time(
    sender: Sender, database_url: str, seconds: int, proof: Proof
) -> None:
    behind = Behind(sender, database_url, seconds)
    where = f"{'SQLite' if sender.database.is_sqlite else 'PostgreSQL'} locked for {seconds} s"
    answers = {202} if seconds < ANSWERED_SECONDS else {202, 503}
    slowest = max(behind.meanwhile.seconds.values())
    proof(f"{where}: answered", " or ".join(map(str, sorted(answers))), sorted(behind.statuses))
    if 503 in answers:
        refused = behind.meanwhile.percentile(1.0, 503)
        proof(f"{where}: slowest 503, in s", f"<= {ANSWERED_SECONDS:g}", round(refused, 2))
    proof(f"{where}: slowest answer, in s", f"<= {ANSWERED_SECONDS:g}", round(slowest, 2))
    proof(f"{where}: acknowledged and lost", "0", f"{behind.lost} of {behind.acknowledged}")
    figure = f"{where}: slowest hundredth in the first seconds after it, in s"
    proof(figure, f"< {RECOVERED_SECONDS:g}", round(behind.slowest_after, 2))
    assert behind.lost == 0
    assert behind.statuses == answers
    assert slowest <= ANSWERED_SECONDS
    assert max(behind.slowest_after, behind.recovered) < RECOVERED_SECONDS
