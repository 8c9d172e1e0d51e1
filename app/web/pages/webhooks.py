"""The webhooks of a connection: where they are sent, by which secret they are known, and what became of them."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from app.access.token import Role
from app.errors import Invalid
from app.i18n import _, moment, ngettext, number, unhyphenated
from app.intake.connection import Connection
from app.intake.connection_changes import ConnectionChange, change_connection, require_key
from app.intake.deliveries import Deliveries, read_deliveries
from app.intake.hook_secrets import Which, add_hook_secret, close_hook, drop_hook_secret, open_hook_secrets
from app.intake.inbox import PROJECT, InboxRow
from app.intake.inbox_projection import retry_in_vain
from app.intake.schemes import SENDERS, SIGNED
from app.intake.signed_day import change_sentence, reading_word, secret_word
from app.intake.vendors import get_connection
from app.tasks.task import Asker, enqueue
from app.web.pages.administering import Form as SentForm
from app.web.pages.administering import read_form
from app.web.pages.door import go_to, read_id
from app.web.pages.signing_form import leaves_open, name_fields, read_signing, signing_fields
from app.web.pages.visit import Visit, answer, change
from app.worker.due import SOON

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
Sent = Annotated[SentForm, Depends(read_form)]
MAKES_ITS_OWN = frozenset({"teamtailor"})
"""The vendors that make the secret themselves: it is copied from there, not from here."""


@router.get("/data/{connection_id}/webhooks")
def webhooks(request: Request, connection_id: str) -> Response:
    """Where deliveries are sent, and what became of them."""
    return answer(request, lambda visit: _page(visit, read_id(connection_id)))


def _page(visit: Visit, connection_id: uuid.UUID, problems: Any = (), secret: str = "") -> Response:
    connection = get_connection(visit.session, connection_id)
    view = webhooks_view(visit, connection, problems, secret)
    return visit.page("webhooks.html", view, 422 if problems else 200)


def webhooks_view(visit: Visit, connection: Connection, problems: Any, secret: str) -> dict[str, Any]:
    """All that the page shows; a secret is shown once, when it is made."""
    found = read_deliveries(visit.session, connection.id, visit.now)
    live = open_hook_secrets(connection, visit.request.app.state.sealer)
    zone = visit.organisation.zone
    return {
        "title": _("Webhooks of %(name)s", name=unhyphenated(connection.name)),
        "name": connection.name,
        "back": visit.address(f"/data/{connection.id}"),
        "here": f"/data/{connection.id}/webhooks",
        "finding": webhooks_finding(found, len(live), zone, sends=connection.vendor in SENDERS),
        "problems": problems,
        "secret": secret,
        "live": len(live),
        "change": change_sentence(live, found.signed, visit.now, zone),
        "signed": [
            (secret_word(one, live), reading_word(one.reading), number(one.deliveries), moment(one.last_at, zone))
            for one in found.signed
        ],
        "address": str(visit.request.url.replace(path=f"/hooks/{connection.id}", query="", fragment="")),
        "steps": hook_steps(connection.vendor),
        "signing": signing_fields(connection.vendor, connection.hook_settings or {})
        if leaves_open(connection.vendor)
        else [],
        "makes_its_own": connection.vendor in MAKES_ITS_OWN,
        "tallies": _tallies(found, zone),
        "in_vain": [(one.id, moment(one.received_at, zone), one.reason, one.retriable) for one in found.vain_rows],
        "unlisted": found.in_vain - len(found.vain_rows),
    }


def webhooks_finding(found: Deliveries, live: int, zone: dt.tzinfo, *, sends: bool) -> str:
    """What became of the deliveries, in a sentence. A system that sends is not asked for anything."""
    if found.in_vain:
        return ngettext("%(n)s delivery waits for you to look at its reason.",
                        "%(n)s deliveries wait for you to look at their reasons.", found.in_vain)  # fmt: skip
    if not live and sends:
        return _("No webhook is taken yet: make the secret first.")
    if not live:
        return _("No webhook is taken yet; news comes with the hourly synchronisation.")
    if found.counts["refused"] and not found.counts["received"]:
        return _("Every delivery was refused because its signature did not fit. Compare the secret here and there.")
    if found.waiting and found.oldest_waiting_at is not None:
        waiting = ngettext("%(n)s delivery waits, the oldest since %(since)s.",
                           "%(n)s deliveries wait, the oldest since %(since)s.", found.waiting,
                           since=moment(found.oldest_waiting_at, zone))  # fmt: skip
        return waiting if found.waits_for is None else f"{waiting} {found.waits_for}"
    if not found.counts["received"]:
        return _("Ready; no delivery has come in the last seven days.")
    return ngettext("%(n)s delivery came in the last seven days, and none waits.",
                    "%(n)s deliveries came in the last seven days, and none waits.",
                    found.counts["received"])  # fmt: skip


def _tallies(found: Deliveries, zone: dt.tzinfo) -> list[tuple[str, str]]:
    """The counts of the last days, those apart that stand for something."""
    refused = number(found.counts["refused"])
    if found.last_refused_at is not None:
        refused = _("%(n)s, the last on %(when)s", n=refused, when=moment(found.last_refused_at, zone))
    return [
        (_("Came"), number(found.counts["received"])),
        (_("Came again, and changed nothing"), number(found.counts["duplicate"])),
        (_("Contradicted an earlier one"), number(found.counts["conflict"])),
        (_("Came too late to be trusted without a check"), number(found.counts["late"])),
        (_("Refused because the signature did not fit"), refused),
        (_("Too large"), number(found.counts["oversize"])),
        (_("Waits for the meaning of a stage"), number(found.needs_mapping)),
    ]


def hook_steps(vendor: str) -> list[str]:
    """How the webhook is set up at the vendor, step by step."""
    if vendor == "teamtailor":
        return [
            _("In Teamtailor open Settings, then Integrations, then Webhooks; if it is not there, ask their support "
              "to switch it on."),
            _("Make a webhook with the address above, signature version 2, and the events of candidates and job "
              "applications: create, update, destroy."),
            _("Copy its signature key and paste it here."),
        ]  # fmt: skip
    if vendor == "greenhouse":
        return [
            _("Make a secret here first: Greenhouse tries the address as soon as it is saved there."),
            _("In Greenhouse open Configure, then Dev Center, then Webhooks, and make one for each event: candidate or "
              "prospect submitted application, application updated or deleted, candidate changed stage, hired, "
              "unhired, rejected, unrejected, deleted, merged, anonymized; offer created, approved, updated, deleted."),
            _("Give each the address above and the secret as its secret key."),
        ]  # fmt: skip
    return [
        _("Make a secret here and give it to your system."),
        _("Let it send observations, one or an array of them, to the address above, signed as said below.")
        if vendor == SIGNED
        else _("Let it send observations, one or an array of them, to the address above, signed as Standard Webhooks."),
    ]


@router.post("/data/{connection_id}/webhooks/secret")
def add_secret(request: Request, connection_id: str, secret: Text = "") -> Response:
    """Let a secret vouch for deliveries: the one given, or one made here and shown this once."""
    pasted = secret.strip()

    def do(visit: Visit) -> Response:
        found = _to_change(visit, connection_id)
        require_key(found)
        sealer = visit.request.app.state.sealer
        made = add_hook_secret(visit.session, found, sealer=sealer, now=visit.now, secret=pasted or None)
        visit.request.app.state.hooks.forget(found.id)
        return go_to(visit.address(f"/data/{found.id}/webhooks")) if pasted else _page(visit, found.id, secret=made)

    return _change(request, connection_id, do)


@router.post("/data/{connection_id}/webhooks/drop")
def drop_secret(request: Request, connection_id: str) -> Response:
    """End a change of secrets: only the newer one vouches."""
    return _drop(request, connection_id, "older")


@router.post("/data/{connection_id}/webhooks/drop-newer")
def drop_newer_secret(request: Request, connection_id: str) -> Response:
    """Take a change of secrets back: only the older one vouches."""
    return _drop(request, connection_id, "newer")


def _drop(request: Request, connection_id: str, which: Which) -> Response:
    def do(visit: Visit, found: Connection) -> None:
        drop_hook_secret(visit.session, found, which, sealer=visit.request.app.state.sealer, now=visit.now)

    return _do(request, connection_id, do)


@router.post("/data/{connection_id}/webhooks/settings")
def set_signing(request: Request, connection_id: str, sent: Sent) -> Response:
    """Say how its deliveries are signed, where that is open."""

    def do(visit: Visit, found: Connection) -> None:
        sealer = visit.request.app.state.sealer
        try:
            change = ConnectionChange(webhooks=read_signing(sent))
            change_connection(visit.session, found.id, change, revision=None, sealer=sealer, now=visit.now)
        except Invalid as error:
            raise name_fields(error) from None

    return _do(request, connection_id, do)


@router.post("/data/{connection_id}/webhooks/close")
def close(request: Request, connection_id: str) -> Response:
    """Take no deliveries any more."""
    return _do(request, connection_id, lambda visit, found: close_hook(visit.session, found, now=visit.now))


@router.post("/data/{connection_id}/webhooks/retry")
def retry(request: Request, connection_id: str, delivery: Text = "") -> Response:
    """Take one delivery up again that was read in vain, or all of this connection's."""

    def do(visit: Visit, found: Connection) -> None:
        chosen = [InboxRow.id == read_id(delivery)] if delivery else []
        retry_in_vain(visit.session, visit.now, InboxRow.connection_id == found.id, *chosen)
        asked = (Asker.USER, str(visit.member.user_id))
        enqueue(visit.session, PROJECT, now=visit.now, priority=SOON, asked=asked)

    return _do(request, connection_id, do)


def _do(request: Request, connection_id: str, do: Callable[[Visit, Connection], None]) -> Response:
    def then_back(visit: Visit) -> Response:
        found = _to_change(visit, connection_id)
        do(visit, found)
        visit.request.app.state.hooks.forget(found.id)
        return go_to(visit.address(f"/data/{found.id}/webhooks"))

    return _change(request, connection_id, then_back)


def _change(request: Request, connection_id: str, do: Callable[[Visit], Response]) -> Response:
    return change(request, do, lambda visit, problems: _page(visit, read_id(connection_id), problems))


def _to_change(visit: Visit, connection_id: str) -> Connection:
    visit.require((Role.ADMINISTRATOR,))
    return get_connection(visit.session, read_id(connection_id))
