"""Random histories of a few people and applications: small pools of names and days, so that facts meet."""

import itertools
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from app.funnel.fact import Fact, Origin
from tests.funnel.builders import (
    applied,
    entered,
    lead,
    merged,
    on,
    rejected,
    reopened,
    snapshot,
    touched,
    transferred,
    unhired,
    void,
    withdrawn,
)

DAYS = st.integers(0, 8).map(lambda half: half / 2)
APPS = st.sampled_from(["x1", "x2", "x3"])
PEOPLE = st.sampled_from(["p1", "p2", "p3", "p4"])
STAGES = st.sampled_from(["screened", "interview", "offer", "hired", "started", "of the vendor"])
EMAILS = st.sampled_from([None, "e1", "e2"])
IDS = st.sampled_from([None, "1", "2", "3"])
EXITS = st.none() | st.tuples(st.sampled_from(["rejected", "withdrawn"]), DAYS)
TITLES = st.sampled_from(["Doctor", "Health centre doctor"])

FACTS = st.one_of(
    st.builds(
        applied, DAYS, APPS, PEOPLE, code=st.sampled_from([None, "h7k2mq"]), job=st.just("j1"), job_title=TITLES, id=IDS
    ),
    st.builds(entered, DAYS, STAGES, APPS, id=IDS),
    st.builds(rejected, DAYS, APPS, id=IDS),
    st.builds(withdrawn, DAYS, APPS),
    st.builds(reopened, DAYS, APPS, id=IDS),
    st.builds(unhired, DAYS, APPS),
    st.builds(transferred, DAYS, st.sampled_from(["j1", "j2"]), APPS, job_title=TITLES),
    st.builds(
        snapshot, DAYS, st.none() | STAGES, APPS, PEOPLE, applied=DAYS, entered=st.none() | DAYS, out=EXITS,
        email=EMAILS, job=st.just("j1"), job_title=TITLES,
    ),
    st.builds(touched, DAYS, st.none() | PEOPLE, email=EMAILS, id=IDS),
    st.builds(lead, DAYS, PEOPLE),
    st.builds(merged, DAYS, PEOPLE, PEOPLE, id=IDS),
)  # fmt: skip


@dataclass(frozen=True)
class History:
    """The same deliveries twice: in order and at once, and in another order, repeated, in batches."""

    told: list[Fact]
    batches: list[list[Fact]]


@st.composite
def facts(draw: st.DrawFn) -> list[Fact]:
    """Facts of one small world, some of them taken back; those of one id say the same."""
    said = draw(st.lists(FACTS, min_size=1, max_size=14))
    said = list({fact.key: fact for fact in said}.values())
    taken_back = draw(st.lists(st.sampled_from(said), max_size=3))
    return said + [void(9, of=fact, id=f"void {place}") for place, fact in enumerate(taken_back)]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Each fact delivered once or more, at several times and by several ways in."""
    ways = st.lists(st.tuples(st.sampled_from(list(Origin)), DAYS), min_size=1, max_size=3)
    told = [replace(fact, origin=origin, observed_at=on(day)) for fact in draw(facts()) for origin, day in draw(ways)]
    again = told + draw(st.lists(st.sampled_from(told), max_size=5))
    shuffled = draw(st.permutations(again))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(shuffled) - 1)), max_size=6)))
    edges = [0, *cuts, len(shuffled)]
    return History(told, [shuffled[start:end] for start, end in itertools.pairwise(edges)])
