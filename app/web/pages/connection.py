"""One connection: how it is, what its runs brought, and what may be done to it."""

import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.access.organisation import list_descendants
from app.access.token import Role
from app.errors import Invalid, KutsuError, NotReady, Stale
from app.funnel.pseudonym import Pseudonyms
from app.i18n import _, moment, ngettext, number
from app.intake.connection import Connection, ConnectionState, SyncRun
from app.intake.connection_changes import (
    ConnectionChange,
    change_connection,
    disconnect,
    require_active,
    require_key,
)
from app.intake.deliveries import Deliveries, read_deliveries
from app.intake.familiar import Familiar, load_familiar
from app.intake.health import Condition, Health, read_health
from app.intake.hook_secrets import open_hook_secrets
from app.intake.left_out import skip_words
from app.intake.made_source import list_sources
from app.intake.reconcile import list_count_checks
from app.intake.signed_day import change_sentence
from app.intake.trial import Trial, region_name, try_account
from app.intake.unit_rule import list_departments
from app.intake.vendors import VENDORS, check_account, get_connection, open_secrets
from app.planning.problem import refuse
from app.tasks.task import Asker, cancel, enqueue, find_open
from app.web.pages.administering import Form as SentForm
from app.web.pages.administering import changing, only, read_pairs
from app.web.pages.count_words import compare_words
from app.web.pages.data_in import find_running, last_sentence, vendor_name
from app.web.pages.delivery_words import webhooks_line
from app.web.pages.door import go_to, read_id, require_own_form
from app.web.pages.health_words import (
    ahead_sentence,
    codes_sentence,
    condition_word,
    health_sentence,
    waiting_sentence,
)
from app.web.pages.made_sources import sources_lines
from app.web.pages.meanwhile import merge_field, require_agreed
from app.web.pages.task_words import duration
from app.web.pages.units import list_choices, list_rules, place_departments
from app.web.pages.visit import Visit, answer, change, problems_of
from app.worker.due import SOON
from app.worker.handlers import RECONCILE, SYNC

router = APIRouter(include_in_schema=False)

Sent = Annotated[SentForm, Depends(read_pairs)]
ADMINISTRATORS = (Role.ADMINISTRATOR,)


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the list shows it."""

    began: str
    took: str
    read: str
    stored: str
    skipped: str
    how: str


@router.get("/data/{connection_id}")
def connection(request: Request, connection_id: str) -> Response:
    """How it is, what its runs brought, and what may be done."""
    return answer(request, lambda visit: _page(visit, read_id(connection_id)))


def _page(
    visit: Visit,
    connection_id: uuid.UUID,
    problems: Sequence[str] = (),
    trial: Trial | None = None,
    sent: SentForm | None = None,
    refused: bool = False,
) -> Response:
    """One connection; `refused` says that a key was tried that cannot read it."""
    found = get_connection(visit.session, connection_id)
    view = connection_view(visit, found, problems, trial, sent or {}) | {"refused": refused}
    return visit.page("connection.html", view, 422 if problems or refused else 200)


def connection_view(
    visit: Visit, connection: Connection, problems: Sequence[str], trial: Trial | None, sent: SentForm
) -> dict[str, Any]:
    """All that the page shows; what was typed into a form that was refused is kept, but for keys."""
    health, zone = read_health(visit.session, connection, visit.now), visit.organisation.zone
    running, vendor = find_running(visit, connection), VENDORS[connection.vendor]
    said = health_sentence(health, zone, is_read=running is not None)
    region = (trial.region if trial is not None else None) or only(sent, "region") or connection.region
    deliveries = read_deliveries(visit.session, connection.id, visit.now)
    return {
        "title": connection.name,
        "vendor": vendor_name(connection.vendor),
        "finding": said.text,
        "remedy": said.remedy,
        "problems": problems,
        "said": _said(visit) if not problems else "",
        "trial": trial,
        "running": running,
        "state": connection.state.value,
        "condition": condition_word(health.condition),
        "last": last_sentence(visit, health),
        "codes": codes_sentence(health),
        "codes_remedy": _codes_remedy(health),
        "waiting": waiting_sentence(health),
        "facts": ngettext(
            "%(n)s piece of information is known from it.",
            "%(n)s pieces of information are known from it.",
            health.facts,
        ),
        "ahead": ahead_sentence(health),
        "runs": [_run(visit, run) for run in health.runs],
        "here": f"/data/{connection.id}",
        "region": region_name(connection.region) if len(vendor.regions) > 1 else "",
        "company": connection.company_name or "",
        "regions": [(one, region_name(one), one == region) for one in vendor.regions],
        "secrets": [(name, secret_name(name)) for name in vendor.secrets],
        "pulled": bool(vendor.secrets),
        "webhooks": webhooks_line(deliveries, connection, zone),
        "secrets_change": _secrets_change(visit, connection, deliveries),
        "comparison": compare_words(
            list_count_checks(visit.session, connection.id), connection.name, zone, visit.today
        ),
        "comparing": find_running(visit, connection, RECONCILE),
        "wants_key": health.condition is Condition.BROKEN and not _is_uncallable(connection, health),
        "typed": only(sent, "name"),
        "theirs": connection.name if merge_field(connection.name, sent, "name").clashes else "",
        "key_was": _mark_of_key(connection),
        "sources": sources_lines(visit, list_sources(visit.session, connection_id=connection.id)),
        **_departments(visit, connection, sent),
    }


def _is_uncallable(connection: Connection, health: Health) -> bool:
    """Whether it broke by its address, so that no other key mends it."""
    return connection.base_url is not None and connection.base_url in (health.error or "")


def _secrets_change(visit: Visit, connection: Connection, deliveries: Deliveries) -> str:
    """Whether an older of two webhook secrets can be dropped; nothing where they cannot be opened at present."""
    try:
        live = open_hook_secrets(connection, visit.request.app.state.sealer)
    except NotReady:
        return ""
    return change_sentence(live, deliveries.signed, visit.now, visit.organisation.zone)


def _said(visit: Visit) -> str:
    """What the change did that the visitor comes from, where the page would not show it by itself."""
    if visit.asked.get("kept") != "key":
        return ""
    return _("The key was replaced.")


def _mark_of_key(connection: Connection) -> str:
    """What tells one sealed key from another and nothing of what is in it; empty where there is none."""
    return hashlib.sha256(connection.credentials).hexdigest()[:16] if connection.credentials else ""


def _departments(visit: Visit, connection: Connection, sent: SentForm) -> dict[str, Any]:
    """Which of its departments is which unit, for who may say so, once there are units and departments."""
    below = list_descendants(visit.session, visit.organisation.id) if visit.administers else []
    spoken_of = [one for one in list_departments(visit.session) if one.system == connection.system] if below else []
    rules = list_rules(visit, spoken_of, sent)
    return {"rule": rules[0] if rules else None, "units": list_choices(below), "own": visit.organisation.name}


def _codes_remedy(health: Health) -> str:
    if health.codes and set(health.codes) == {"none"}:
        return _("No code came back: look whether the system keeps the link's parameters, or make a source for each "
                 "placement there.")  # fmt: skip
    return ""


def secret_name(name: str) -> str:
    """What a vendor calls one of the secrets of an account."""
    return {
        "key": _("API key"),
        "client_id": _("Client ID"),
        "client_secret": _("Client secret"),
    }.get(name, name)


def _run(visit: Visit, run: SyncRun) -> RunRow:
    skipped = ", ".join(f"{skip_words(why)} {number(count)}" for why, count in sorted(run.skipped.items()))
    return RunRow(
        began=moment(run.started_at, visit.organisation.zone),
        took=duration(run.finished_at - run.started_at) if run.finished_at else "–",
        read=number(run.read),
        stored=number(run.stored),
        skipped=skipped or "–",
        how=run.error or {"done": _("went well"), "running": _("runs")}.get(run.state, run.state),
    )


@router.post("/data/{connection_id}/sync")
def synchronise(request: Request, connection_id: str) -> Response:
    """Ask for a pull as soon as a worker is free."""
    return _administer(request, connection_id, lambda visit, found: _ask_for(visit, found, SYNC))


@router.post("/data/{connection_id}/compare")
def compare(request: Request, connection_id: str) -> Response:
    """Ask for a comparison with what the system counts, as soon as a worker is free."""
    return _administer(request, connection_id, lambda visit, found: _ask_for(visit, found, RECONCILE))


def _ask_for(visit: Visit, found: Connection, kind: str) -> None:
    require_active(found)
    enqueue(visit.session, kind, str(found.id), now=visit.now, priority=SOON, asked=_asker(visit))


def _asker(visit: Visit) -> tuple[Asker, str]:
    return Asker.USER, str(visit.member.user_id)


@router.post("/data/{connection_id}/stop")
def stop(request: Request, connection_id: str) -> Response:
    """Stop the pull that waits or runs; what it has stored stays."""

    def do(visit: Visit, found: Connection) -> None:
        task = find_open(visit.session, SYNC, str(found.id))
        if task is not None:
            cancel(visit.session, task.id, now=visit.now)

    return _administer(request, connection_id, do)


@router.post("/data/{connection_id}/pause")
def pause(request: Request, connection_id: str) -> Response:
    """Read it no more until it is resumed."""
    return _administer(
        request, connection_id, lambda visit, found: _change(visit, found, ConnectionChange(paused=True))
    )


@router.post("/data/{connection_id}/resume")
def resume(request: Request, connection_id: str) -> Response:
    """Read it again."""
    return _change_it(request, connection_id, ConnectionChange(paused=False))


@router.post("/data/{connection_id}/name")
def rename(request: Request, connection_id: str, sent: Sent) -> Response:
    """Call it something else."""

    def do(visit: Visit, found: Connection) -> None:
        require_agreed(merge_field(found.name, sent, "name"))
        _change(visit, found, ConnectionChange(name=only(sent, "name")[:200]))

    return _administer(request, connection_id, do, sent)


@router.post("/data/{connection_id}/key")
def replace_key(request: Request, connection_id: str, sent: Sent) -> Response:
    """Give it another key once that has been tried, or all the same; one that was disconnected is read again."""

    def make(visit: Visit) -> Response:
        visit.require(ADMINISTRATORS)
        require_own_form(request)
        found = get_connection(visit.session, read_id(connection_id))
        secrets = {name: only(sent, name)[:2000] for name in VENDORS[found.vendor].secrets}
        region = only(sent, "region")[:20] or found.region
        try:
            _require_same_key(found, sent)
            refuse(check_account(found.vendor, region, secrets))
        except (Invalid, Stale) as error:
            return _page(visit, found.id, problems_of(error))
        trial = _try_key(visit, found, region, secrets)
        if trial is not None and not trial.ok and "anyway" not in sent:
            return _page(visit, found.id, trial=trial, sent={"region": [region]}, refused=True)
        with changing(visit) as session:
            _require_same_key(get_connection(session, found.id), sent)
            given = ConnectionChange(region=region, credentials=secrets)
            now = change_connection(
                session, found.id, given, revision=None, sealer=request.app.state.sealer, now=visit.now,
                company=None if trial is None else trial.company,
            )  # fmt: skip
            if secrets and now.state is ConnectionState.ACTIVE:
                enqueue(session, SYNC, str(found.id), now=visit.now, priority=SOON, asked=_asker(visit))
        return go_to(visit.address(f"/data/{found.id}", kept="key" if secrets else None))

    return answer(request, make)


def _try_key(visit: Visit, found: Connection, region: str, secrets: Mapping[str, str]) -> Trial | None:
    """What the account says to another key; None of a system that only sends, which has none."""
    if not secrets:
        return None
    draft = Connection(vendor=found.vendor, name=found.name, region=region, base_url=found.base_url, credentials=b"")
    return try_account(draft, secrets, visit.request.app.state.client_for, _load_familiar(visit, found))


def _load_familiar(visit: Visit, found: Connection) -> Familiar | None:
    pseudonyms = Pseudonyms(visit.request.app.state.pseudonym_key, visit.organisation.id)
    return load_familiar(visit.session, found, pseudonyms)


def _require_same_key(found: Connection, sent: SentForm) -> None:
    """Refuse to put away a key that somebody else has given since the form was opened."""
    if "was" in sent and only(sent, "was") != _mark_of_key(found):
        raise Stale(
            _("Somebody else gave “%(name)s” another key, or took the key away, while you had this open. "
              "Look at it as it is now. If you want to use your key, send it again.", name=found.name)
        )  # fmt: skip


@router.post("/data/{connection_id}/units")
def place(request: Request, connection_id: str, sent: Sent) -> Response:
    """Say which unit its departments are, and place its applications anew."""
    return _administer(request, connection_id, lambda visit, found: _place(visit, found, sent), sent)


def _place(visit: Visit, found: Connection, sent: SentForm) -> None:
    place_departments(visit, found.system, sent)


@router.post("/data/{connection_id}/disconnect")
def end(request: Request, connection_id: str, sent: Sent) -> Response:
    """Forget its key for good; what was read stays."""

    def do(visit: Visit, found: Connection) -> None:
        _require_same_key(found, sent)
        disconnect(visit.session, found.id, revision=None, now=visit.now)
        task = find_open(visit.session, SYNC, str(found.id))
        if task is not None:
            cancel(visit.session, task.id, now=visit.now)

    return _administer(request, connection_id, do)


@router.post("/data/{connection_id}/test")
def test(request: Request, connection_id: str) -> Response:
    """Ask the account whether it can be read, and show what it says."""

    def make(visit: Visit) -> Response:
        visit.require(ADMINISTRATORS)
        require_own_form(request)
        found = get_connection(visit.session, read_id(connection_id))
        try:
            require_key(found)
        except KutsuError as error:
            return _page(visit, found.id, [str(error)])
        secrets = open_secrets(found, request.app.state.sealer)
        trial = try_account(found, secrets, request.app.state.client_for, _load_familiar(visit, found))
        return _page(visit, found.id, trial=trial)

    return answer(request, make)


def _change(visit: Visit, found: Connection, given: ConnectionChange) -> None:
    sealer = visit.request.app.state.sealer
    change_connection(visit.session, found.id, given, revision=None, sealer=sealer, now=visit.now)


def _change_it(request: Request, connection_id: str, given: ConnectionChange) -> Response:
    return _administer(request, connection_id, lambda visit, found: _change(visit, found, given))


def _administer(
    request: Request,
    connection_id: str,
    do: Callable[[Visit, Connection], None],
    sent: SentForm | None = None,
) -> Response:
    def as_administrator(visit: Visit) -> Response:
        visit.require(ADMINISTRATORS)
        found = get_connection(visit.session, read_id(connection_id))
        do(visit, found)
        return go_to(visit.address(f"/data/{found.id}"))

    def again(visit: Visit, problems: Sequence[str]) -> Response:
        return _page(visit, read_id(connection_id), problems, sent=sent)

    return change(request, as_administrator, again)
