"""Connecting a system: which one, its key, and what it says when it is tried. Nothing is stored before it can be
read, unless somebody wants it all the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.database import lock, organisation_of
from app.errors import Conflict, Invalid
from app.i18n import _, join, number
from app.intake.connection import Connection, keep_company
from app.intake.hook_settings import HookSettings
from app.intake.schemes import SENDERS, SIGNED, STANDARD
from app.intake.stage_proposal import store_proposals
from app.intake.trial import Aspect, Trial, account_words, region_name, try_account
from app.intake.vendors import VENDORS, check_account, check_name, check_name_is_free, connect, list_connections
from app.planning.problem import refuse
from app.tasks.task import Asker, enqueue
from app.web.pages import observations
from app.web.pages.administering import Form, changing, only, read_form, require_administrator
from app.web.pages.connection import secret_name
from app.web.pages.data_in import vendor_name
from app.web.pages.door import go_to, require_own_form
from app.web.pages.sealed_draft import open_draft, seal_draft
from app.web.pages.signing_form import name_fields, read_signing, signing_fields
from app.web.pages.visit import Visit, answer, problems_of
from app.worker.due import SOON
from app.worker.handlers import SYNC

router = APIRouter(include_in_schema=False)

OTHER = "other"
DRAFT = "draft"
"""The field of a form that holds secrets which were tried already."""
PULLED = tuple(vendor for vendor in VENDORS if VENDORS[vendor].secrets)
"""The systems that Kutsu asks by itself."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in."""

    name: str
    label: str
    hint: str


@router.get("/data/connect")
def choose(request: Request) -> Response:
    """Which system; and once that is said, what it needs."""

    def make(visit: Visit) -> Response:
        require_administrator(visit)
        vendor = visit.asked.get("vendor", "")
        if vendor == OTHER:
            return visit.page("connect_other.html", other_view(visit))
        if vendor == SIGNED:
            return visit.page("connect_signed.html", signed_view(visit, {}))
        if vendor in PULLED:
            return visit.page("connect_system.html", system_view(visit, vendor, {}))
        return visit.page("connect.html", choice_view(visit))

    return answer(request, make)


def choice_view(visit: Visit) -> dict[str, Any]:
    """All that the choice of a system shows."""
    return {
        "title": _("Connect a system"),
        "finding": _("Which system do your applicants apply in?"),
        "choices": [
            *((vendor_name(one), _("Kutsu asks it every hour, with a key that only reads."),
               visit.address("/data/connect", vendor=one)) for one in PULLED),
            (_("Any other system"), _("It sends what happens, with a token; or files are read in."),
             visit.address("/data/connect", vendor=OTHER)),
        ],
    }  # fmt: skip


def other_view(visit: Visit, problems: Sequence[str] = ()) -> dict[str, Any]:
    """All that is shown to who connects a system that Kutsu does not ask by itself."""
    return {
        "title": _("Connect any other system"),
        "finding": _("Your system sends what happens, and Kutsu keeps nobody's name."),
        "tokens": visit.address("/tokens"),
        "example": observations.EXAMPLE,
        "files": visit.address(observations.HERE),
        "standard": STANDARD,
        "signed": visit.address("/data/connect", vendor=SIGNED),
        "action": visit.address("/data/connect"),
        "name": _free_name(visit, STANDARD, _("Own system")),
        "problems": problems,
        "endpoint": str(visit.request.url.replace(path="/api/v1/observations", query="", fragment="")),
    }


def signed_view(visit: Visit, form: Mapping[str, Sequence[str]], problems: Sequence[str] = ()) -> dict[str, Any]:
    """All that is shown to who says how a system signs."""
    typed = {name: values[0] for name, values in form.items() if values}
    return {
        "title": _("Connect webhooks with a signature of their own"),
        "finding": _("Say how your system signs what it sends; Kutsu then takes nothing else."),
        "steps": [
            _("Look in your system's documentation for the name of the header that holds the signature."),
            _("The signature has to be an HMAC with SHA-256 over the body, or over a text that holds the body."),
            _("Afterwards you make the secret here and give it to your system."),
        ],
        "vendor": SIGNED,
        "name": typed.get("name") or _free_name(visit, SIGNED, _("Own system")),
        "fields": signing_fields(SIGNED, {"signed_text": "{body}"} | typed),
        "problems": problems,
        "action": visit.address("/data/connect"),
        "back": visit.address("/data/connect", vendor=OTHER),
    }


def system_view(
    visit: Visit,
    vendor: str,
    form: Mapping[str, Sequence[str]],
    problems: Sequence[str] = (),
    trial: Trial | None = None,
) -> dict[str, Any]:
    """All that the form of one vendor shows; secrets that were typed are not shown again."""
    known = VENDORS[vendor]
    typed = {name: values[0] for name, values in form.items() if values}
    region = trial.region if trial is not None and trial.region else typed.get("region", next(iter(known.regions)))
    return {
        "title": _("Connect %(vendor)s", vendor=vendor_name(vendor)),
        "finding": _("Two things are needed: a key that may read, and the region of your account.")
        if len(known.regions) > 1
        else _("One thing is needed: credentials that may read."),
        "vendor": vendor,
        "steps": key_steps(vendor),
        "name": typed.get("name") or _free_name(visit, vendor),
        "regions": [(one, region_name(one), one == region) for one in known.regions],
        "fields": [Field(name, secret_name(name), secret_hint(name)) for name in known.secrets],
        "problems": problems,
        "trial": trial,
        "action": visit.address("/data/connect"),
        "back": visit.address("/data/connect"),
    }


def _free_name(visit: Visit, vendor: str, called: str = "") -> str:
    """A name for the connection that none has yet."""
    taken = {one.name for one in list_connections(visit.session)}
    first = name = called or vendor_name(vendor)
    number = 1
    while name in taken:
        number += 1
        name = f"{first} {number}"
    return name


def key_steps(vendor: str) -> list[str]:
    """How the key is made at the vendor, step by step."""
    if vendor == "teamtailor":
        return [
            _("In Teamtailor open Settings, then Integrations, then API keys."),
            _("Choose New API key; give it the scope Admin and the right Read, and nothing else."),
            _("Copy the key and paste it here. Kutsu seals it and never shows it again."),
        ]
    if vendor == "greenhouse":
        rights = VENDORS[vendor].rights
        return [
            _("In Greenhouse open Configure, then Dev Center, then API credentials."),
            _("Make credentials of the kind Harvest V3 (OAuth). Grant them these %(n)s rights, each of which "
              "Greenhouse calls by such a name as %(example)s: %(names)s.",
              n=number(len(rights)), example=rights[0], names=", ".join(one.split(":")[1] for one in rights)),
            _("Copy the client ID and the client secret and paste them here. Kutsu seals them and never shows them "
              "again."),
        ]  # fmt: skip
    return []


def secret_hint(name: str) -> str:
    """What helps to find a secret."""
    return {
        "key": _("As the vendor shows it: letters, digits and signs, no spaces."),
        "client_id": _("It begins with letters and digits and is no secret."),
        "client_secret": _("It is shown once, when the credentials are made."),
    }.get(name, "")


@router.post("/data/connect")
def connect_system(request: Request, form: Form = Depends(read_form)) -> Response:
    """Try the account; once it can be read ask whose it is, then connect it and begin to read it."""

    def make(visit: Visit) -> Response:
        require_administrator(visit)
        require_own_form(request)
        vendor = only(form, "vendor")
        if vendor in SENDERS:
            return _connect_sender(visit, vendor, form)
        if vendor not in PULLED:
            return visit.page("connect.html", choice_view(visit), 422)
        try:
            return _connect(visit, vendor, form)
        except (Invalid, Conflict) as error:
            return visit.page("connect_system.html", system_view(visit, vendor, form, problems_of(error)), 422)

    return answer(request, make)


def _connect_sender(visit: Visit, vendor: str, form: Form) -> Response:
    """A system that sends by itself: there is nothing to try, and its webhooks are what comes next."""
    try:
        webhooks = read_signing(form) if vendor == SIGNED else HookSettings()
        with changing(visit) as session:
            sealer, region = visit.request.app.state.sealer, next(iter(VENDORS[vendor].regions))
            name = only(form, "name")
            id = connect(session, vendor, name, region, {}, sealer=sealer, now=visit.now, webhooks=webhooks).id
    except (Invalid, Conflict) as error:
        told = problems_of(name_fields(error) if isinstance(error, Invalid) else error)
        if vendor == SIGNED:
            return visit.page("connect_signed.html", signed_view(visit, form, told), 422)
        return visit.page("connect_other.html", other_view(visit, told), 422)
    return go_to(visit.address(f"/data/{id}/webhooks"))


def _read_secrets(visit: Visit, vendor: str, form: Form) -> Mapping[str, str]:
    """The secrets that were typed, now or before it was asked whose account they open."""
    if DRAFT in form:
        return open_draft(visit.request.app.state.sealer, only(form, DRAFT), visit.member.user_id, visit.now)
    return {one: only(form, one) for one in VENDORS[vendor].secrets}


def whose_view(visit: Visit, draft: Connection, secrets: Mapping[str, str], trial: Trial) -> dict[str, Any]:
    """All that is shown to who is asked whether an account that can be read is theirs."""
    sealed = seal_draft(visit.request.app.state.sealer, secrets, visit.member.user_id, visit.now)
    said = join(" ", account_words(trial.company, trial.titles, trial.jobs))
    return {
        "title": _("Is this your account?"),
        "finding": said or _("It does not say whose it is, and it holds no jobs."),
        "trial": replace(trial, checks=tuple(one for one in trial.checks if one.aspect is not Aspect.ACCOUNT)),
        "vendor_name": vendor_name(draft.vendor),
        "kept": [("vendor", draft.vendor), ("region", draft.region), ("name", draft.name), (DRAFT, sealed)],
        "action": visit.address("/data/connect"),
        "back": visit.address("/data/connect", vendor=draft.vendor),
    }


def _connect(visit: Visit, vendor: str, form: Form) -> Response:
    name, region = only(form, "name"), only(form, "region")
    secrets = _read_secrets(visit, vendor, form)
    refuse([*check_account(vendor, region, secrets), *check_name(name)])
    check_name_is_free(visit.session, name)
    draft = Connection(vendor=vendor, name=name, region=region, base_url=None, credentials=b"")
    trial = try_account(draft, secrets, visit.request.app.state.client_for)
    if not trial.ok and "anyway" not in form:
        return visit.page("connect_system.html", system_view(visit, vendor, form, trial=trial), 422)
    if trial.ok and DRAFT not in form:
        return visit.page("connect_whose.html", whose_view(visit, draft, secrets, trial))
    with changing(visit) as session:
        sealer = visit.request.app.state.sealer
        made = connect(session, vendor, name, region, secrets, sealer=sealer, now=visit.now)
        keep_company(session, made, trial.company)
        lock(session, f"intake:{organisation_of(session)}")
        store_proposals(session, made.system, trial.seen)
        enqueue(
            session, SYNC, str(made.id), now=visit.now, priority=SOON, asked=(Asker.USER, str(visit.member.user_id))
        )
        id = made.id
    return go_to(visit.address(f"/data/{id}/stages" if trial.seen else f"/data/{id}"))
