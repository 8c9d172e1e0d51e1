"""Whatever comes to a door where machines send to, signed or not, in one piece or in many: it is no error of ours."""

import asyncio
import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.access.token import Role, create_token
from app.database import Database
from app.intake.hook_secrets import add_hook_secret
from app.intake.hook_settings import HookSettings
from app.intake.inbox_projection import project_inbox
from app.intake.vendors import connect
from app.web.limits import Rate, Rates
from tests.intake.hooking import Sender, application, encode, open_sender
from tests.intake.signing import NOW, OWN_SIGNATURE, TIMED_SIGNATURE, WHSEC, sign_own, sign_standard, sign_timed
from tests.intake.town import SEALER, SECRET
from tests.support.asgi import Asked, Header, ask
from tests.support.databases import copy_sqlite
from tests.support.proofs import Proof

AT_ONCE = 32
NO_LIMIT = Rate(1e9, 1e9)
DEPTH = 10_000
TYPES = (b"application/json", b"application/x-ndjson", b"application/json; charset=utf-16", b"text/plain", b"\xff", b"")
VALUES = (
    b"NaN", b"-Infinity", b"1e999", b"1" * 5000, b'"\\ud800"', b'"\\u0000"', b'"a\x00b"', b"\xed\xa0\x80", b'"\xff"',
    b"null", b"[]", b"{}", b"true", b'""', b"[" * DEPTH, b'{"a":' * DEPTH, b"[" * DEPTH + b"]" * DEPTH,
)  # fmt: skip


def make_body(chance: random.Random) -> bytes:
    """A body that is wrong in one way or several, or in none."""
    good = encode(*(application(f"a{chance.random()}", number) for number in range(chance.randint(1, 3))))
    body = chance.choice([_as_it_is, _with_value, _with_key_twice, _changed, _cut, _wrapped, _noise])(good, chance)
    return gzip.compress(body, 1) if chance.random() < 0.1 else body


def _as_it_is(good: bytes, chance: random.Random) -> bytes:
    return good if chance.random() < 0.5 else good.decode().encode(chance.choice(["utf-16", "utf-32", "utf-8-sig"]))


def _with_value(good: bytes, chance: random.Random) -> bytes:
    """One of its values is another."""
    said = json.loads(good)
    first = said[0] if isinstance(said, list) else said
    first[chance.choice([*first, "more"])] = "§"
    return json.dumps(said, ensure_ascii=False).encode().replace('"§"'.encode(), chance.choice(VALUES))


def _with_key_twice(good: bytes, chance: random.Random) -> bytes:
    return good.replace(b'"id":', chance.choice([b'"id": "x", "id":', b'"kind": 1, "id":']), 1)


def _changed(good: bytes, chance: random.Random) -> bytes:
    changed = bytearray(good)
    for _change in range(chance.randint(1, 5)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut(good: bytes, chance: random.Random) -> bytes:
    return good[: chance.randrange(len(good))]


def _wrapped(good: bytes, chance: random.Random) -> bytes:
    return chance.choice([b"[%s]", b"%s\n%s", b"\xef\xbb\xbf%s", b'{"a": %s}']).replace(b"%s", good)


def _noise(_good: bytes, chance: random.Random) -> bytes:
    return chance.choice([chance.randbytes(chance.randrange(300)), chance.choice(VALUES)])


class Stranger:
    """Sends to the door for deliveries and to the one for observations, signed, wrongly signed and unsigned."""

    def __init__(self, database: Database) -> None:
        rates = Rates(hooks=NO_LIMIT, address=NO_LIMIT, token=NO_LIMIT)
        self.failed: list[str] = []
        """Where and with what those came that were answered as an error of ours, and the answer."""
        self.sender = open_sender(database)
        self.sender = Sender(database, self.sender.organisation_id, self.sender.connection_id, rates=rates)
        with database.writing(self.sender.organisation_id) as session:
            self._described = {}
            for said, sign in ((OWN_SIGNATURE, sign_own), (TIMED_SIGNATURE, sign_timed)):
                webhooks, name = HookSettings(**said), sign.__name__
                made = connect(session, "signed", name, "any", {}, sealer=SEALER, now=NOW, webhooks=webhooks)
                add_hook_secret(session, made, sealer=SEALER, now=NOW, secret=WHSEC)
                self._described[f"/hooks/{made.id}"] = sign
            self._token = create_token(session, "tests", Role.SERVICE, now=NOW).encode()

    def make(self, chance: random.Random) -> Asked:
        """A request."""
        body = make_body(chance)
        to_hooks = chance.random() < 0.7
        path = self._hook_path(chance) if to_hooks else "/api/v1/observations"
        headers = self._signature(path, body, chance) if to_hooks else self._bearer(chance)
        if chance.random() < 0.9:
            headers.append((b"content-type", TYPES[0] if chance.random() < 0.7 else chance.choice(TYPES)))
        if chance.random() < 0.1:
            headers.append((b"content-encoding", b"gzip"))
        return Asked(path, tuple(headers), _parts(body, chance))

    def _hook_path(self, chance: random.Random) -> str:
        odd = ["/hooks/", "/hooks/\x00", "/hooks/ä", f"{self.sender.path}/", f"/hooks/{'9' * 500}"]
        good = self.sender.path if chance.random() < 0.6 else chance.choice([*self._described])
        return good if chance.random() < 0.95 else chance.choice(odd)

    def _signature(self, path: str, body: bytes, chance: random.Random) -> list[Header]:
        sign = self._described.get(path, sign_standard)
        signed = sign(body, WHSEC, at=NOW, id=f"m{chance.random()}".replace(".", "-"))
        headers = [(name.encode(), value.encode()) for name, value in signed.items()]
        if chance.random() < 0.5:
            return headers
        place = chance.randrange(len(headers))
        headers[place] = (headers[place][0], chance.randbytes(chance.randrange(40)))
        return headers if chance.random() < 0.5 else headers[:place]

    def _bearer(self, chance: random.Random) -> list[Header]:
        wrong = [b"", b"Bearer", b"Bearer " + chance.randbytes(20)]
        return [(b"authorization", b"Bearer " + self._token if chance.random() < 0.9 else chance.choice(wrong))]

    def send(self, times: int, chance: random.Random) -> Counter[int]:
        """Send so many, and count the answers by their status."""
        return asyncio.run(self._send(times, chance))

    async def _send(self, times: int, chance: random.Random) -> Counter[int]:
        statuses: Counter[int] = Counter()
        requests = (self.make(chance) for _request in range(times))

        async def work() -> None:
            for asked in requests:
                answer = await ask(self.sender.app, asked)
                statuses[answer.status] += 1
                if answer.status >= 500:
                    self.failed.append(f"{answer} to {asked!r:.1000}")

        async with self.sender.app.router.lifespan_context(self.sender.app):
            await asyncio.gather(*(work() for _worker in range(AT_ONCE)))
        return statuses


def _parts(body: bytes, chance: random.Random) -> list[bytes]:
    """The body as it may come over the wire without a length: in pieces, some of them empty."""
    if chance.random() < 0.6:
        return [body]
    edges = sorted(chance.randrange(len(body) + 1) for _edge in range(chance.randint(1, 5)))
    return [body[begin:end] for begin, end in zip([0, *edges], [*edges, len(body)], strict=True)]


@pytest.fixture
def stranger(_migrated_file: Path, tmp_path: Path) -> Iterator[Stranger]:
    database = Database(copy_sqlite(_migrated_file, tmp_path / "kutsu.db"))
    yield Stranger(database)
    database.close()


def test_no_malformed_request_is_answered_as_an_error_of_ours_and_none_stops_the_projection(stranger: Stranger) -> None:
    statuses = stranger.send(300, random.Random(3))  # noqa: S311
    assert stranger.failed == []
    assert statuses.keys() >= {202, 401, 404, 415, 422}, "each way to end was taken"
    sender = stranger.sender
    projected = project_inbox(sender.database, sender.organisation_id, SECRET, sealer=SEALER, clock=lambda: sender.now)
    assert projected.ended.keys() == {"done", "dead", "needs_mapping"}
    assert sum(projected.ended.values()) == len(sender.rows())


@pytest.mark.prove
def test_none_of_a_hundred_thousand_malformed_requests_is_answered_as_an_error_of_ours(
    stranger: Stranger, proof: Proof
) -> None:
    times = 100_000
    statuses = stranger.send(times, random.Random(17))  # noqa: S311
    failed = len(stranger.failed)
    proof("malformed requests to webhooks and observations that were answered 5xx", "0 of 100,000", f"{failed}")
    proof(
        "how they were answered",
        "202, 401, 404, 415 or 422",
        {int(status): count for status, count in sorted(statuses.items())},
    )
    assert stranger.failed == []
    assert sum(statuses.values()) == times
