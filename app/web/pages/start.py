"""The first hour: from nothing to a campaign with links, codes to print and a calendar, and on to the first funnel.
Each step is done when what it makes is there, so it can be left and taken up again at any time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import exists, func, literal, select
from sqlalchemy.orm import selectinload

from app.access.membership import list_people
from app.access.organisation import list_link_hosts
from app.access.token import Role
from app.errors import Invalid, Problem
from app.funnel.application import Application
from app.i18n import _, date, ngettext, pick, weekday_name
from app.intake.connection import Connection
from app.migration import shipped
from app.planning.asset import list_undescribed
from app.planning.campaign import Campaign, CampaignStatus
from app.planning.library import load_persona_files, read_persona
from app.planning.persona import FactorKind, Persona, newest_personas
from app.planning.placement import Placement, PlacementStatus
from app.planning.print_kit import list_posters
from app.planning.problem import read_as
from app.planning.starting import (
    Pattern,
    StartIn,
    check_start,
    choose_evenings,
    find_started,
    has_evening,
    name_holidays,
    pieces_of,
    start_campaign,
)
from app.reports.attention import placements_unapproved
from app.web.pages.administering import Form, only, read_form
from app.web.pages.approving import find_approvers
from app.web.pages.door import go_to
from app.web.pages.form_texts import complete_address
from app.web.pages.leading import hosts_address
from app.web.pages.placement_link import PLANNERS
from app.web.pages.visit import Visit, answer, change, mark_fields

router = APIRouter(include_in_schema=False)
MOST_NAMED = 3
MOST_PERSONAS = 4
"""For how many the form plans at once."""
MOST_EVENINGS = 2
NUMBERED = (
    *(f"promises[{at}]" for at in range(MOST_PERSONAS)), *(f"evenings_on[{at}]" for at in range(MOST_EVENINGS)),
)  # fmt: skip
"""Fields of which a form has several, as what is wrong names them: what was left empty between is closed up."""
Sent = Annotated[Form, Depends(read_form)]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: what, why, whether it is done, and the pages that do it."""

    id: str
    what: str
    why: str
    done: bool
    ways: Sequence[tuple[str, str]]
    left: str = ""
    """What of it still waits, though it was done once."""
    who: str = ""
    """Who does it, where the visitor cannot."""


@router.get("/start")
def start(request: Request) -> Response:
    """The steps, with the forms of those that are next."""
    return answer(request, _page)


@router.post("/start/personas")
def take_personas(request: Request, sent: Sent) -> Response:
    """Store those of the shipped personas that were chosen."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        known = shipped_personas()
        chosen = [slug for slug in sent.get("persona", []) if slug in known]
        if not chosen:
            raise Invalid([Problem("persona", _("Choose at least one persona."))])
        load_persona_files(visit.session, {f"{slug}.toml": known[slug] for slug in chosen}, visit.now)
        return go_to(visit.address("/start") + "#campaign")

    return change(request, do, _page)


@router.post("/start/campaign")
def plan_campaign(request: Request, sent: Sent) -> Response:
    """Plan the first campaign by a pattern."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        given = read_start(sent)
        check_start(visit.session, given)
        evenings, told = tell_evenings(visit, given, only(sent, "evenings_seen").split())
        if told:
            return _page(visit, (), {**sent, "evening": evenings, "evenings_seen": [" ".join(evenings)]}, told)
        campaign = start_campaign(visit.session, given, now=visit.now)
        return go_to(visit.address(f"/campaigns/{campaign.id}/placements", planned="yes"))

    return change(request, do, lambda visit, problems: _page(visit, problems, sent))


def read_start(sent: Form) -> StartIn:
    """What the form says: a persona and what it is promised are chosen together."""
    chosen = [said.partition("|") for said in sent.get("promise", []) if said]
    if not chosen:
        raise Invalid([Problem("promise", _("Choose for whom it is and what it promises."))])
    given = {name: only(sent, name) for name in ("pattern", "name", "starts_on", "target_url")}
    given["target_url"] = complete_address(given["target_url"])
    promises = [{"persona_id": persona, "factor": factor} for persona, _bar, factor in chosen]
    evenings = [day for day in sent.get("evening", []) if day]
    return read_as(StartIn, {**given, "promises": promises, "weeks": only(sent, "weeks") or 8, "evenings_on": evenings})


def tell_evenings(visit: Visit, given: StartIn, seen: Sequence[str]) -> tuple[list[str], list[str]]:
    """The days of its evenings, and what is to be said before they are planned: a day that nobody chose, and one on
    which people may be away. What was `seen` is not said again."""
    days = choose_evenings(visit.session, given) if has_evening(given.pattern) else []
    told = []
    for day in days:
        named = {"day": f"{weekday_name(day.weekday())} {date(day)}"}
        away = ", ".join(name_holidays(visit.session, day))
        if day.isoformat() in seen:
            continue
        if not given.evenings_on:
            told.append(_("The virtual evening would be on %(day)s. Plan it, or choose another day.", **named))
        if away:
            told.append(_("%(day)s: %(holidays)s. Choose another day, or plan it all the same.", **named,
                          holidays=away))  # fmt: skip
    return [day.isoformat() for day in days], told


def shipped_personas() -> dict[str, bytes]:
    """The personas that come with Kutsu, by slug."""
    return {file.stem: file.read_bytes() for file in sorted(shipped("personas").glob("*.toml"))}


def _page(visit: Visit, problems: Sequence[str] = (), sent: Form | None = None, told: Sequence[str] = ()) -> Response:
    view = start_view(visit, problems, sent or {}) | {"told": told}
    return visit.page("start.html", view, 422 if problems else 200)


def start_view(visit: Visit, problems: Sequence[str], sent: Form) -> dict[str, Any]:
    """All that the page shows; what was typed into a form that was refused is kept."""
    personas = newest_personas(visit.session, selectinload(Persona.factors))
    steps = list_steps(visit, find_done(visit))
    next_ = next((step for step in steps if not step.done and not step.who), None)
    return {
        "title": _("The first hour"),
        "finding": finding(steps),
        "problems": problems,
        "steps": steps,
        "next": next_.id if next_ else "",
        "may_plan": visit.member.place.role in PLANNERS,
        "offered": [] if personas else offered(),
        "patterns": [(one.value, pattern_name(one), ", ".join(pieces_of(one))) for one in Pattern],
        "promises": [
            (pick(one.name), [
                (f"{one.id}|{factor.slug}", pick(factor.statement))
                for factor in sorted(one.factors, key=lambda each: each.kind != FactorKind.ATTRACTION)
            ])
            for one in personas
        ],
        "sent": bool(sent),
        "wrong": mark_fields(problems, ["target_url", *NUMBERED]),
        "given": {
            name: only(sent, name)
            for name in ("pattern", "name", "starts_on", "weeks", "target_url", "evenings_seen")
        } | ({} if sent else {"target_url": own_site(visit)}),
        "hosts_named": bool(list_link_hosts(visit.session, visit.organisation.id)),
        "evenings": [*filter(None, sent.get("evening", [])), "", ""][:MOST_EVENINGS],
        "chosen": [*filter(None, sent.get("promise", [])), "", "", "", ""][:MOST_PERSONAS],
        "today": visit.today.isoformat(),
    }  # fmt: skip


def own_site(visit: Visit) -> str:
    """Where links may lead, to begin with; nothing where no single host is named."""
    hosts = list_link_hosts(visit.session, visit.organisation.id)
    return next((f"https://{host}/" for host in hosts if not host.startswith(".")), "")


def offered() -> list[tuple[str, str, str]]:
    """The shipped personas: slug, name and a sentence."""
    read = [read_persona(f"{slug}.toml", content).model_dump() for slug, content in shipped_personas().items()]
    return [(one["slug"], pick(one["name"]), pick(one["summary"])) for one in read]


def finding(steps: Sequence[Step]) -> str:
    """How far it has come."""
    left = sum(not step.done for step in steps)
    waiting = next((step.left for step in steps if step.left), "")
    if not left and waiting:
        return _("Every step was done once. Still open: %(left)s", left=waiting)
    if not left:
        return _("All is done. From here on Today says what needs you.")
    return ngettext(
        "%(n)s step is left. Leave whenever you like: what is done stays done.",
        "%(n)s steps are left. Leave whenever you like: what is done stays done.", left,
    )  # fmt: skip


def pattern_name(pattern: Pattern) -> str:
    """What a pattern is for."""
    return {
        Pattern.BROAD: _("A broad campaign for some weeks"),
        Pattern.EVERYDAY: _("Everyday marketing without an end"),
        Pattern.EVENINGS: _("Virtual evenings with marketing around them"),
    }[pattern]


@dataclass(frozen=True, slots=True)
class Left:
    """What of going live still waits, and the pages that bring it on."""

    text: str
    ways: Sequence[tuple[str, str]]


def find_left(visit: Visit) -> Left:
    """The placements that are not live yet, the assets among them that wait for approval, and who can approve."""
    still = (Placement.ends_on.is_(None) | (Placement.ends_on >= visit.today),
             Placement.status == PlacementStatus.PLANNED)  # fmt: skip
    planned = visit.session.scalar(select(func.count()).select_from(Placement).where(*still)) or 0
    drafts = {one.asset_id: one.asset for one in placements_unapproved(visit.session, visit.today)}
    if not planned:
        return Left("", [])
    said = [ngettext("%(n)s placement is not live yet.", "%(n)s placements are not live yet.", planned)]
    waits = exists().where(Placement.campaign_id == Campaign.id, *still)
    theirs = list(visit.session.scalars(select(Campaign).where(waits).order_by(Campaign.starts_on, Campaign.id)))
    ways = [(one.name, visit.address(f"/campaigns/{one.id}")) for one in theirs[:MOST_NAMED]]
    if not drafts:
        return Left(said[0], [*ways, *_to_be_live(visit, theirs)])
    of = {"campaign": str(theirs[0].id)} if len(theirs) == 1 else {}
    waiting = ngettext("%(n)s asset waits for approval by somebody who did not write it.",
                       "%(n)s assets wait for approval by somebody who did not write them.", len(drafts))  # fmt: skip
    said.append(waiting)
    bare = sum(bool(list_undescribed(one)) for one in drafts.values())
    if bare:
        said.append(ngettext("%(n)s of them lacks the description that approval needs.",
                             "%(n)s of them lack the descriptions that approval needs.", bare))  # fmt: skip
        ways.append((_("Describe them, all on one page"), visit.address("/assets/describe", **of)))
    ways.append((_("Assets that wait for approval"), visit.address("/assets", status="draft", **of)))
    me = str(visit.member.user_id)
    if any(one.written_by == me for one in drafts.values()):
        approvers = find_approvers(visit, me)
        said.append(approvers.text)
        ways += [(_("Invite somebody"), approvers.address)] if approvers.address else []
    return Left(" ".join(said), ways)


def _to_be_live(visit: Visit, campaigns: Sequence[Campaign]) -> list[tuple[str, str]]:
    """Where the placements of campaigns that are live are taken live themselves."""
    return [
        (_("Take placements of “%(name)s” live", name=one.name), visit.address(f"/campaigns/{one.id}/placements"))
        for one in campaigns[:MOST_NAMED] if one.status == CampaignStatus.LIVE
    ]  # fmt: skip


def _administrators(visit: Visit) -> str:
    """Who does what only an administrator may."""
    names = [one.name for one in list_people(visit.session) if one.role == Role.ADMINISTRATOR]
    return _(
        "An administrator does this: %(names)s. Go on with the next step meanwhile.", names=", ".join(names) or "–"
    )


def _ways_of_planned(visit: Visit, campaign: Campaign) -> list[tuple[str, str]]:
    """What there is of a campaign; codes to print only where something of it is printed."""
    here = f"/campaigns/{campaign.id}"
    codes = (
        [(_("Codes to print"), visit.address(f"{here}/print-kit"))] if list_posters(visit.session, campaign.id) else []
    )
    return [
        (campaign.name, visit.address(here)), (_("Its placements and links"), visit.address(f"{here}/placements")),
        *codes, (_("The calendar"), visit.address("/calendar")),
    ]  # fmt: skip


def find_done(visit: Visit) -> dict[str, bool]:
    """Which steps are done, each by its key, in order."""
    placed = Placement.status != PlacementStatus.PLANNED
    there = [
        select(literal(1)).select_from(row).where(*which).exists()
        for row, which in ((Persona, ()), (Placement, ()), (Placement, (placed,)), (Connection, ()), (Application, ()))
    ]
    persona, placement, live, connection, application = map(bool, visit.session.execute(select(*there)).one())
    hosts = bool(list_link_hosts(visit.session, visit.organisation.id))
    return {"employer": hosts, "personas": persona, "campaign": placement, "live": live,
            "data": connection or application, "funnel": application}  # fmt: skip


def list_steps_left(visit: Visit) -> list[Step]:
    """The steps, as long as one of them is left."""
    done = find_done(visit)
    return [] if all(done.values()) else list_steps(visit, done)


def list_steps(visit: Visit, done: Mapping[str, bool]) -> list[Step]:
    """What a new organisation does, in order, and what of it is done."""
    own, link = visit.organisation, visit.address
    campaign = find_started(visit.session)
    planned = _ways_of_planned(visit, campaign) if campaign else []
    admin, to_approve = visit.administers, find_left(visit)
    others = "" if admin else _administrators(visit)
    return [
        Step("employer", _("Say where your links may lead"),
             _("A tracking link leads to your own careers site and nowhere else. No ad can go live until you name "
               "the host of that site."),
             done["employer"], [(_("Name and hosts of %(name)s", name=own.name), hosts_address(visit))]
             if admin else [], who=others),
        Step("personas", _("Say whom you want to reach"),
             _("Each group of doctors: what moves it, what it fears, and what sets you apart."),
             done["personas"], [(_("Personas"), link("/personas"))]),
        Step("campaign", _("Plan the first campaign"),
             _("From a pattern, with every ad in it; change whatever does not fit."),
             done["campaign"], planned),
        Step("live", _("Go live"),
             _("Approve the ads and the campaign, then set each placement live on its day: from then on its link stays "
               "as it is."),
             done["live"],
             to_approve.ways, to_approve.text),
        Step("data", _("Let applications arrive"),
             _("Connect the applicant tracking system, or send what you have by file or API."),
             done["data"],
             [(_("Connect a system"), link("/data/connect")),
              (_("A sheet of applications"), link("/data/observations")),
              (_("A token for the API"), link("/tokens"))]
             if admin else [], who=others),
        Step("funnel", _("Read the first funnel"),
             _("With few applicants the ranges are wide."),
             done["funnel"], [(_("Funnel"), link("/funnel"))] if visit.sees_small_counts else []),
    ]  # fmt: skip
