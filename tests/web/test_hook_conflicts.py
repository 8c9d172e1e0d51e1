"""One id and several bodies, in any order and mix: the first one that came stands, and each other is kept beside it."""

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.database import to_micros
from app.funnel.application import Application
from app.intake.hook_source import open_body, open_key
from app.intake.inbox import HookDay, InboxRow
from tests.intake.hooking import Sender, application, encode
from tests.intake.town import SEALER
from tests.support.client import TestClient
from tests.support.proofs import Proof

MICROSECOND = dt.timedelta(microseconds=1)
PROJECT = None
"""What waits is read now, amid what comes."""
BODIES = 4


def mixes(ids: int, least: int, most: int) -> st.SearchStrategy[list[tuple[int, int] | None]]:
    """So many deliveries, each the number of its id and that of its body, with readings of the inbox among them."""
    deliveries = st.tuples(st.integers(0, ids - 1), st.integers(0, BODIES - 1))
    return st.lists(st.one_of(*[deliveries] * 9, st.just(PROJECT)), min_size=least, max_size=most)


def body_of(name: str, number: int) -> bytes:
    """A body that no other has: of an application, of the same one in another spelling, of another one, of none."""
    body = encode(application(f"{name}-0", f"{name}-{number // 2}"))
    return (body, body + b" ", encode(application(f"{name}-1", f"{name}-{number // 2}")), f"{{{name}".encode())[number]


class Mixed:
    """What a door made of a mix; names are new in each, so that any number of them can share one inbox."""

    def __init__(self, sender: Sender, client: TestClient, series: int, mix: Sequence[tuple[int, int] | None]) -> None:
        self.sender, self.series = sender, series
        self.sent: dict[str, list[bytes]] = {}
        self.statuses: Counter[int] = Counter()
        before, self.begun = self._counted(), to_micros(sender.now)
        for one in mix:
            if one is PROJECT:
                sender.project()
                continue
            name = f"m{series}-{one[0]}"
            body = body_of(name, one[1])
            sender.now += MICROSECOND
            self.statuses[client.post(sender.path, content=body, headers=sender.sign(body, id=name)).status_code] += 1
            self.sent.setdefault(name, []).append(body)
        sender.project()
        after = self._counted()
        self.conflicts, self.applications = after[0] - before[0], after[1] - before[1]
        self.rows = self._read_rows()

    def _counted(self) -> tuple[int, int]:
        with self.sender.database.reading(self.sender.organisation_id) as session:
            applications = session.scalar(select(func.count()).select_from(Application)) or 0
        return sum(day.conflict for day in self.sender.rows(HookDay)), applications

    def _read_rows(self) -> dict[bytes, InboxRow]:
        """The rows of the ids that were sent, by what they hold."""
        found: dict[bytes, InboxRow] = {}
        known = {body for bodies in self.sent.values() for body in bodies}
        with self.sender.database.reading(self.sender.organisation_id) as session:
            for row in session.scalars(select(InboxRow).where(InboxRow.received_at > self.begun)):
                cipher = open_key(session, row.connection_id, row.day, SEALER)
                assert cipher is not None
                body = open_body(cipher, row)
                assert body in known, "nothing else came"
                assert body not in found, "the same body again is the same row"
                found[body] = row
        return found

    def check(self) -> int:
        """That the first body of each id stands and that each other is a conflict with both hashes; how many of the
        first were overwritten."""
        assert self.rows.keys() == {body for bodies in self.sent.values() for body in bodies}, "all are kept"
        overwritten = conflicts = applications = 0
        for bodies in self.sent.values():
            first, *others = dict.fromkeys(bodies)
            overwritten += (self.rows[first].reason or "").startswith("It contradicts")
            assert self.rows[first].state == ("dead" if b'"' not in first else "done")
            applications += self.rows[first].state == "done"
            for other in others:
                row = self.rows[other]
                said = f"({self.rows[first].body_digest.hex()} came first, this is {row.body_digest.hex()})."
                assert (row.state, (row.reason or "").endswith(said)) == ("dead", True)
            conflicts += len(others)
        assert (self.conflicts, self.applications) == (conflicts, applications)
        assert set(self.statuses) <= {202}
        return overwritten


def try_mixes(sender: Sender, decide: Callable[..., Callable[..., None]]) -> Counter[str]:
    """Send mixes as `decide` has them, to one door; how much was sent, acknowledged, kept beside a first body, and
    overwritten."""
    series, counted = itertools.count(), Counter[str]()

    with sender.open() as client:

        @decide
        def run(mix: list[tuple[int, int] | None]) -> None:
            mixed = Mixed(sender, client, next(series), mix)
            counted["overwritten"] += mixed.check()
            counted["acknowledged"] += mixed.statuses[202]
            counted["conflicts"] += mixed.conflicts
            counted["sent"] += sum(mixed.statuses.values())

        run()
    return counted


def test_of_several_bodies_with_one_id_the_first_stands_and_each_other_is_kept_as_a_conflict(sender: Sender) -> None:
    few = settings(max_examples=6)
    counted = try_mixes(sender, lambda run: few(given(mix=mixes(2, 8, 16))(run)))
    assert counted["conflicts"] > 5
    assert counted["overwritten"] == 0


@pytest.mark.prove
def test_no_body_is_overwritten_by_another_with_its_id(sender: Sender, proof: Proof) -> None:
    many = settings(max_examples=80, suppress_health_check=list(HealthCheck))
    counted = try_mixes(sender, lambda run: many(given(mix=mixes(12, 40, 100))(run)))
    kind = "SQLite" if sender.database.is_sqlite else "PostgreSQL"
    sent = counted["sent"]
    proof(f"bodies sent in any mix under ids that others have too: acknowledged ({kind})", "all",
          f"{counted['acknowledged']:,} of {sent:,}")  # fmt: skip
    proof(f"  not the first of their id, kept as conflicts with both hashes ({kind})", "said",
          f"{counted['conflicts']:,}")  # fmt: skip
    proof(f"  overwritten ({kind})", "0", counted["overwritten"])
    assert counted["acknowledged"] == sent > 2_000
    assert counted["overwritten"] == 0
