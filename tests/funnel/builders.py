"""Facts in one line each. Days count from a Thursday noon in Helsinki; keys and references come from short names."""

import hashlib
from typing import Any

from app.database import Micros
from app.funnel.fact import Fact, FactKind, Origin, content_digest
from app.intake.observations import SEQUENCE_ON_A_TIE

NOON = 1_767_261_600_000_000  # 2026-01-01 12:00 in Helsinki
HOUR = 3_600_000_000
DAY = 24 * HOUR
SYSTEM = "system:hr"


def on(day: float) -> Micros:
    """Noon of the day with this number, or some part of a day after it."""
    return NOON + round(day * DAY)


def ref(name: str) -> bytes:
    """The keyed hash that stands for somebody or something."""
    return hashlib.blake2b(name.encode(), digest_size=16).digest()


def fact(kind: FactKind, day: float, *, id: str | None = None, seen: float | None = None, **said: Any) -> Fact:
    """A fact of this kind. It was seen when it happened, by the API, unless it is said otherwise."""
    payload = said.pop("payload", {})
    origin = said.pop("origin", Origin.API)
    digest = content_digest(kind, [repr(sorted(said.items())), on(day), payload])
    said.setdefault("sequence", SEQUENCE_ON_A_TIE.get(said.get("stage_ref") or kind, 0))
    return Fact(
        key=ref(f"key {id}") if id else digest, digest=digest, kind=kind, system=SYSTEM, occurred_at=on(day),
        observed_at=on(day if seen is None else seen), origin=origin, payload=payload, **said,
    )  # fmt: skip


def applied(day: float, app: str = "x1", person: str = "p1", **rest: Any) -> Fact:
    """An application; `code`, `label` and `specialty` may be given."""
    payload: dict[str, Any] = {name: rest.pop(name) for name in ("code", "label", "job_title") if name in rest}
    if "specialty" in rest:
        payload["attributes"] = {"specialty": rest.pop("specialty")}
    job = rest.pop("job", None)
    return fact(
        FactKind.APPLICATION, day, application=ref(app), person=ref(person), job=job and ref(job), payload=payload,
        **rest,
    )  # fmt: skip


def entered(day: float, stage: str, app: str = "x1", **rest: Any) -> Fact:
    """That an application entered a stage."""
    return fact(FactKind.STAGE_CHANGE, day, application=ref(app), stage_ref=stage, **rest)


def rejected(day: float, app: str = "x1", **rest: Any) -> Fact:
    """That the employer said no."""
    return fact(FactKind.OUTCOME, day, application=ref(app), payload={"outcome": "rejected"}, **rest)


def withdrawn(day: float, app: str = "x1", **rest: Any) -> Fact:
    """That the applicant said no."""
    return fact(FactKind.OUTCOME, day, application=ref(app), payload={"outcome": "withdrawn"}, **rest)


def reopened(day: float, app: str = "x1", **rest: Any) -> Fact:
    """That a rejection or withdrawal was undone."""
    return fact(FactKind.REOPENED, day, application=ref(app), **rest)


def unhired(day: float, app: str = "x1", **rest: Any) -> Fact:
    """That a hire was undone."""
    return fact(FactKind.UNHIRED, day, application=ref(app), **rest)


def transferred(day: float, job: str, app: str = "x1", **rest: Any) -> Fact:
    """That an application was moved to another job."""
    title = rest.pop("job_title", None)
    payload = {"job_title": title} if title else {}
    return fact(FactKind.TRANSFERRED, day, application=ref(app), job=ref(job), payload=payload, **rest)


def snapshot(
    day: float,
    stage: str | None,
    app: str = "x1",
    person: str | None = "p1",
    *,
    applied: float = 0,
    entered: float | None = None,
    out: tuple[str, float] | None = None,
    **rest: Any,
) -> Fact:
    """How a poll saw an application that the vendor changed on this day."""
    payload = {
        "applied_at": on(applied),
        "entered_at": None if entered is None else on(entered),
        "out_at": out and on(out[1]),
        "outcome": out and out[0],
        "email": rest.pop("email", None) and ref("email").hex(),
    }
    payload |= {name: rest.pop(name) for name in ("code", "label", "job_title") if name in rest}
    job = rest.pop("job", None)
    return fact(
        FactKind.SNAPSHOT, day, application=ref(app), person=person and ref(person), job=job and ref(job),
        stage_ref=stage, payload=payload, **{"origin": Origin.POLL, **rest},
    )  # fmt: skip


def touched(day: float, person: str | None = "p1", *, code: str | None = "h7k2mq", **rest: Any) -> Fact:
    """That somebody met an ad; `email` names an address that is the person's too."""
    payload = {"type": "attendance", "code": code, "label": rest.pop("label", None)}
    email = rest.pop("email", None)
    if email:
        payload["email"] = ref(email).hex()
    return fact(
        FactKind.TOUCHPOINT, day, person=ref(person or email) if person or email else None, payload=payload, **rest
    )


def lead(day: float, person: str = "p1", **rest: Any) -> Fact:
    """That somebody joined the talent pool."""
    return fact(FactKind.LEAD, day, person=ref(person), payload={"label": "fair"}, **rest)


def merged(day: float, person: str, into: str, **rest: Any) -> Fact:
    """That two references are one person's."""
    return fact(FactKind.PERSON_MERGE, day, person=ref(person), payload={"into": ref(into).hex()}, **rest)


def void(day: float, of: Fact, **rest: Any) -> Fact:
    """That a fact is taken back."""
    return fact(FactKind.VOID, day, voids=of.key, **rest)
