"""One organisation of the chain, for administrators: its name and country, what it shares downwards, the hosts of
its links, and what may be recorded of people who meet an ad."""

import uuid
import zoneinfo
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.access.organisation import (
    Organisation,
    TrackingMode,
    get_organisation_within,
    list_ancestors,
    list_descendants,
)
from app.errors import Invalid, Problem
from app.i18n import _, ngettext
from app.planning.money import currency_of
from app.planning.public_holidays import find_country
from app.planning.row import begin_change
from app.planning.sharing import change_above_units
from app.web.pages.administering import Form, only, require_administrator
from app.web.pages.door import go_to, read_id
from app.web.pages.meanwhile import merge, merge_field, require_agreed
from app.web.pages.start import list_steps_left
from app.web.pages.units import Sent, administer, sharing_words
from app.web.pages.visit import Visit, answer

KEPT = ("name", "shares", "hosts", "tracking", "zone")
"""The forms of the page, as the address says which was kept."""
router = APIRouter(include_in_schema=False)


@router.get("/units/{organisation_id}")
def unit(request: Request, organisation_id: str) -> Response:
    """What it is called, shares and links to, with the forms to change that."""
    return answer(request, lambda visit: _page(visit, read_id(organisation_id)))


@router.post("/units/{organisation_id}/name")
def rename(request: Request, organisation_id: str, sent: Sent) -> Response:
    """Give it another name."""
    return _change(request, organisation_id, sent, "name", _read_name)


@router.post("/units/{organisation_id}/shares")
def share(request: Request, organisation_id: str, sent: Sent) -> Response:
    """Choose what the units below it may read and use."""
    return _change(request, organisation_id, sent, "shares", _read_shares)


@router.post("/units/{organisation_id}/hosts")
def name_hosts(request: Request, organisation_id: str, sent: Sent) -> Response:
    """Name the hosts that its tracking links may lead to, one a line."""
    return _change(request, organisation_id, sent, "hosts", _read_hosts)


@router.post("/units/{organisation_id}/tracking")
def choose_tracking(request: Request, organisation_id: str, sent: Sent) -> Response:
    """Say what may be recorded of people who meet an ad."""
    return _change(request, organisation_id, sent, "tracking", _read_tracking)


@router.post("/units/{organisation_id}/zone")
def choose_zone(request: Request, organisation_id: str, sent: Sent) -> Response:
    """Say where its days begin, which says its country."""
    return _change(request, organisation_id, sent, "zone", _read_zone)


def _read_tracking(unit: Organisation, sent: Form) -> dict[str, Any]:
    require_agreed(merge_field(unit.tracking_mode, sent, "tracking"))
    mode = only(sent, "tracking")
    if mode not in set(TrackingMode):
        raise Invalid([Problem("tracking", _("Part of the form is missing; open the page and send it again."))])
    if mode == TrackingMode.CONSENTED and unit.tracking_mode != mode and "agreed" not in sent:
        raise Invalid([Problem("agreed", _("Confirm that what the law asks is so, or choose another way."))])
    return {"tracking_mode": TrackingMode(mode)}


def _read_zone(unit: Organisation, sent: Form) -> dict[str, Any]:
    require_agreed(merge_field(unit.time_zone, sent, "zone"))
    return {"time_zone": only(sent, "zone")}


def tracking_words() -> list[tuple[str, str, str]]:
    """The ways of recording: the value, what it is called, and what it means."""
    return [
        (TrackingMode.OFF, _("Nothing"), _("The code still travels in the link and comes back with the application.")),
        (TrackingMode.AGGREGATE, _("Clicks, counted by code and day"),
         _("Nothing tells who followed a link, or when.")),
        (TrackingMode.CONSENTED, _("What visitors have consented to"),
         _("Your careers site may send which ads a visitor met, under a key: paths with several ads can be told.")),
    ]  # fmt: skip


def law_words() -> list[str]:
    """What must be so by law before visitors are followed."""
    return [
        _("Your careers site asks first, and follows nobody who says no or says nothing (ePrivacy Directive, "
          "article 5(3))."),
        _("The consent is free, for this purpose by itself, and as easy to take back as to give; you can show that it "
          "was given (GDPR, article 7)."),
        _("Your privacy notice says what is kept, why, and for how long (GDPR, article 13)."),
    ]  # fmt: skip


def _read_name(unit: Organisation, sent: Form) -> dict[str, Any]:
    require_agreed(merge_field(unit.name, sent, "name"))
    return {"name": only(sent, "name")}


def _read_shares(unit: Organisation, sent: Form) -> dict[str, Any]:
    """Each choice by itself: of two that were made at once, both hold."""
    chosen, was = sent.get("shares", []), sent.get("was")
    now = {name: bool(getattr(unit, name)) for name, _words in sharing_words()}
    shown = now if was is None else {name: name in was for name in now}
    return dict(merge(shown, now, {name: name in chosen for name in now}).changes)


def _read_hosts(unit: Organisation, sent: Form) -> dict[str, Any]:
    """Each host by itself: of two that were named at once, both are there."""
    now, said = unit.link_hosts, only(sent, "hosts").split()
    was = only(sent, "was").split() if "was" in sent else now
    added = [host for host in now if host not in was and host not in said]
    return {"link_hosts": [host for host in said if host in now or host not in was] + added}


def _change(
    request: Request, organisation_id: str, sent: Form, what: str, read: Callable[[Organisation, Form], dict[str, Any]]
) -> Response:
    def do(visit: Visit) -> Response:
        begin_change(visit.session)
        organisation = get_organisation_within(visit.session, visit.organisation.id, read_id(organisation_id))
        visit.session.refresh(organisation)
        change_above_units(visit.session, organisation, read(organisation, sent))
        return go_to(visit.address(f"/units/{organisation.id}", kept=what))

    return administer(
        request, do, lambda visit, problems: _page(visit, read_id(organisation_id), problems, sent, wrong=what)
    )


def _page(
    visit: Visit, organisation_id: uuid.UUID, problems: Sequence[str] = (), sent: Form | None = None, wrong: str = ""
) -> Response:
    require_administrator(visit)
    organisation = get_organisation_within(visit.session, visit.organisation.id, organisation_id)
    view = unit_view(visit, organisation, problems, sent or {}, wrong)
    return visit.page("unit.html", view, 422 if problems else 200)


def unit_view(
    visit: Visit, organisation: Organisation, problems: Sequence[str], sent: Form, wrong: str
) -> dict[str, Any]:
    """All that the page shows; `wrong` names the form that was refused, whose entries are kept."""
    chosen = sent.get("shares", []) if wrong == "shares" else None
    below = list_descendants(visit.session, organisation.id)
    above = list_ancestors(visit.session, organisation.id)
    zone = organisation.time_zone
    return {
        "title": organisation.name,
        "finding": _finding(below),
        "said": _("Kept.") if visit.asked.get("kept") in KEPT and not problems else "",
        "first_hour": visit.address("/start") if visit.asked.get("kept") == "hosts" and list_steps_left(visit) else "",
        "problems": problems,
        "wrong": wrong,
        "here": f"/units/{organisation.id}",
        "name": only(sent, "name") if wrong == "name" else organisation.name,
        "theirs": organisation.name if merge_field(organisation.name, sent, "name").clashes else "",
        "shares": [
            (name, words, getattr(organisation, name) if chosen is None else name in chosen)
            for name, words in sharing_words()
        ],
        "shared": [name for name, _words in sharing_words() if getattr(organisation, name)],
        "tracking_now": organisation.tracking_mode,
        "tracking": only(sent, "tracking") if wrong == "tracking" else organisation.tracking_mode,
        "ways": tracking_words(),
        "law": law_words(),
        "zone_now": zone,
        "zone": only(sent, "zone") if wrong == "zone" else zone,
        "zone_theirs": zone if merge_field(zone, sent, "zone").clashes else "",
        "zones": sorted(one for one in zoneinfo.available_timezones() if one.startswith("Europe/")),
        "currency": currency_of(find_country(zone)),
        "hosts_now": " ".join(organisation.link_hosts),
        "hosts": only(sent, "hosts") if wrong == "hosts" else "\n".join(organisation.link_hosts),
        "hosts_above": [(host, one.name) for one in above for host in one.link_hosts],
        "units": [(visit.address(f"/units/{one.id}"), one.name) for one in below if one.parent_id == organisation.id],
        "back": visit.address("/units"),
    }


def _finding(below: Sequence[Organisation]) -> str:
    if not below:
        return _("No unit is below it.")
    return ngettext("%(n)s unit is below it, and reads and uses what is shared here.",
                    "%(n)s units are below it, and read and use what is shared here.", len(below))  # fmt: skip
