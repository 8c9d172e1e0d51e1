"""Deliveries that somebody has changed on their way: whatever was changed, nobody vouches for them any more."""

import json
import random
import string
from collections.abc import Callable, Mapping

import pytest

from app.intake.connectors.greenhouse.hooks import GreenhouseHooks
from app.intake.connectors.hook import HookScheme
from app.intake.connectors.signed import SignedHooks
from app.intake.connectors.standard import StandardHooks
from app.intake.connectors.teamtailor.hooks import TeamtailorHooks
from tests.intake.signing import (
    NOW,
    OWN_SIGNATURE,
    TIMED_SIGNATURE,
    TT_KEY,
    WHSEC,
    sign_greenhouse,
    sign_own,
    sign_standard,
    sign_teamtailor,
    sign_timed,
)
from tests.support.proofs import Proof

SECRET_OF_GREENHOUSE = "what the customer typed in"
SCHEMES: list[tuple[HookScheme, Callable[..., Mapping[str, str]], str]] = [
    (StandardHooks(), sign_standard, WHSEC),
    (TeamtailorHooks(), sign_teamtailor, TT_KEY),
    (GreenhouseHooks(), sign_greenhouse, SECRET_OF_GREENHOUSE),
    (SignedHooks(**OWN_SIGNATURE), sign_own, TT_KEY),
    (SignedHooks(**TIMED_SIGNATURE), sign_timed, TT_KEY),
]
ALL = pytest.mark.parametrize(
    ("scheme", "sign", "secret"), SCHEMES, ids=["standard", "teamtailor", "greenhouse", "signed", "timed"]
)
LETTERS = string.ascii_letters + string.digits + "+/=,._-"
"""No space: between the signatures of Standard Webhooks it says nothing."""


def mutate(text: str, chance: random.Random) -> str:
    """The text with one to three characters changed, put in, taken out or swapped, or cut short."""
    found = text
    while found == text:
        for _change in range(chance.randint(1, 3)):
            place = chance.randrange(len(found) + 1)
            letter, rest = chance.choice(LETTERS), found[place + 1 :]
            found = chance.choice([
                found[:place] + letter + rest,
                found[:place] + letter + found[place:],
                found[:place] + rest,
                found[:place] + rest[:1] + found[place : place + 1] + rest[1:],
                found[:place],
            ])  # fmt: skip
    return found


def forge(headers: Mapping[str, str], body: str, chance: random.Random) -> tuple[dict[str, str], bytes]:
    """A delivery with its body, the value of a header or the name of one changed: one of them, or several."""
    parts: list[str | None] = [None, *headers]
    forged = dict(headers)
    for part in chance.sample(parts, chance.choice([1, 1, 1, len(parts)])):
        if part is None:
            body = mutate(body, chance)
        elif chance.random() < 0.1:
            forged[mutate(part, chance)] = forged.pop(part)
        else:
            forged[part] = mutate(forged[part], chance)
    return forged, body.encode()


def count_accepted(
    scheme: HookScheme, sign: Callable[..., Mapping[str, str]], secret: str, times: int, chance: random.Random
) -> int:
    """How many of so many changed deliveries are taken for signed; as they were sent, all are."""
    accepted = 0
    for number in range(times):
        data = {"event_name": "job_application.update", "data": {"id": str(number)}}
        body = json.dumps({"payload": data, "id": f"a{number}"})
        signed = sign(body.encode(), secret)
        assert scheme.verify(body.encode(), signed, [secret], NOW) is not None
        headers, forged = forge(signed, body, chance)
        accepted += scheme.verify(forged, headers, [secret], NOW) is not None
    return accepted


@ALL
def test_nothing_that_was_changed_on_its_way_is_taken_for_signed(
    scheme: HookScheme, sign: Callable[..., Mapping[str, str]], secret: str
) -> None:
    assert count_accepted(scheme, sign, secret, 300, random.Random(5)) == 0  # noqa: S311


@pytest.mark.prove
@ALL
def test_none_of_ten_thousand_changed_deliveries_is_accepted(
    scheme: HookScheme, sign: Callable[..., Mapping[str, str]], secret: str, proof: Proof
) -> None:
    accepted = count_accepted(scheme, sign, secret, 10_000, random.Random(13))  # noqa: S311
    named = type(scheme).__name__ + (", its time in the header" if sign is sign_timed else "")
    proof(f"changed deliveries that were accepted ({named})", "0 of 10,000", f"{accepted} of 10,000")
    assert accepted == 0
