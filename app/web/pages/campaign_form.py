"""The form of a campaign: made, changed, copied, brought to its next status, and its expectation reckoned back from
the hires that are wanted."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from app.errors import Invalid, Problem
from app.funnel.stage import STAGES, Stage
from app.i18n import _, number, pick, typed_number
from app.planning.aim import Rates, Reckoning, check_rates
from app.planning.campaign import (
    Campaign,
    CampaignIn,
    CampaignKind,
    campaign_as_given,
    campaign_at,
    create_campaign,
    describe_campaign,
    get_campaign,
)
from app.planning.claim import Claim
from app.planning.copying import CampaignCopyIn, copy_campaign
from app.planning.going_live import take_due_live
from app.planning.job import Job, JobStatus
from app.planning.lines import read_amount, read_rate
from app.planning.neighbours import get_currency
from app.planning.persona import newest_personas
from app.planning.problem import read_as
from app.planning.removal import delete_campaign
from app.planning.replacing import replace_campaign
from app.reports.names import stage_name
from app.reports.reckoning import Reckoned, reckon
from app.web.pages.administering import only
from app.web.pages.campaign import show_campaign
from app.web.pages.campaign_steps import copied_said
from app.web.pages.door import go_to, read_id
from app.web.pages.form_texts import Fields, list_lines
from app.web.pages.placement_link import PLANNERS
from app.web.pages.reckoned import history_for, reckoned_view
from app.web.pages.row_form import RowForm, Sent, Texts
from app.web.pages.visit import Visit, change

router = APIRouter(include_in_schema=False)

RATES = tuple(f"rate_{name}" for name in Rates.model_fields)
SINGLE = (
    "name", "kind", "concept", "objective", "starts_on", "ends_on", "budget", "currency", "leads_wanted",
    "hires_wanted", *RATES, "cost_per_application",
)  # fmt: skip
SEVERAL = ("personas", "claims", "jobs")
FIELDS = Fields(SINGLE, SEVERAL, ("talent_pool", "template"))


@router.post("/campaigns/{campaign_id}/status")
def step(request: Request, sent: Sent) -> Response:
    """Bring it to its next status."""

    def read(visit: Visit, campaign: Campaign) -> CampaignIn:
        return campaign_at(campaign, only(sent, "status"), visit.today)

    return FORM.change_row(request, read, shows=show_campaign)


@router.post("/campaigns/{campaign_id}/placements/live")
def go_live(request: Request, campaign_id: str) -> Response:
    """Bring all live that should run today."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        campaign = get_campaign(visit.session, read_id(campaign_id))
        taken = take_due_live(visit.session, campaign, visit.today, visit.now)
        return go_to(visit.address(f"/campaigns/{campaign.id}", live=taken))

    return change(request, do, lambda visit, problems: show_campaign(visit, campaign_id, problems))


@router.post("/campaigns/{campaign_id}/copy")
def copy(request: Request, campaign_id: str, sent: Sent) -> Response:
    """Make a draft of it under another name, on other days."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        given = {name: only(sent, name) for name in ("name", "starts_on")}
        flags = {name: name in sent for name in ("template", "with_placements")}
        copied = copy_campaign(
            visit.session, read_id(campaign_id), read_as(CampaignCopyIn, given | flags), now=visit.now
        )
        return go_to(visit.address(f"/campaigns/{copied.campaign.id}", **copied_said(copied)))

    return change(request, do, lambda visit, problems: FORM.page(visit, campaign_id, problems))


def write_texts(visit: Visit, campaign: Campaign) -> dict[str, str]:
    """A campaign in the texts of the form."""
    shown = describe_campaign(campaign)
    reckoning = shown.reckoning
    rates = reckoning.rates.model_dump() if reckoning else {}
    each = reckoning.cost_per_application if reckoning else None
    money = shown.budget or each
    return {
        **{name: str(getattr(shown, name) or "") for name in ("name", "kind", "concept", "objective", "starts_on",
                                                              "ends_on")},
        "budget": typed_number(shown.budget.amount) if shown.budget else "",
        "currency": money.currency if money else get_currency(visit.session, campaign),
        "hires_wanted": str(reckoning.hires_wanted) if reckoning else "",
        **{name: typed_number(rates.get(name.removeprefix("rate_")) or "") for name in RATES},
        "cost_per_application": typed_number(each.amount) if each else "",
        **{name: "\n".join(sorted(map(str, getattr(shown.aim, name)))) for name in SEVERAL},
        "leads_wanted": str(shown.aim.leads_wanted or ""),
        "talent_pool": "yes" if shown.aim.talent_pool else "",
        "template": "yes" if shown.template else "",
    }  # fmt: skip


def read_campaign(visit: Visit, texts: Mapping[str, str], before: Campaign | None) -> CampaignIn:
    """The campaign that the texts say; its expectation is what is reckoned, where it can be, and gone with the
    hires that it was reckoned from. Raises Invalid."""
    problems: list[Problem] = []
    currency = texts["currency"].strip().upper() or get_currency(visit.session)
    given: dict[str, Any] = campaign_as_given(before) if before is not None else {}
    given |= {name: texts[name] for name in ("name", "kind", "concept", "objective", "starts_on")}
    given |= {"ends_on": texts["ends_on"] or None, "template": bool(texts["template"])}
    given["budget"] = _amount(texts, "budget", currency, problems)
    given["aim"] = {name: list_lines(texts[name]) for name in SEVERAL} | {"talent_pool": bool(texts["talent_pool"])}
    given["aim"]["leads_wanted"] = _whole(texts, "leads_wanted", problems)
    reckoning = _read_reckoning(texts, currency, problems)
    if problems:
        raise Invalid(problems)
    reckoned = reckon(history_for(visit, visit.scope()), reckoning) if reckoning else None
    if reckoned is not None and reckoned.why is None:
        given["expected_funnel"] = reckoned.expected()
    elif before is not None and before.reckoning:  # which made it
        given["expected_funnel"] = None
    return read_as(CampaignIn, given | {"reckoning": reckoning})


def _read_reckoning(texts: Mapping[str, str], currency: str, problems: list[Problem]) -> Reckoning | None:
    hires = _whole(texts, "hires_wanted", problems)
    if hires is None:
        return None
    rates = {}
    for name in RATES:
        try:
            rates[name.removeprefix("rate_")] = read_rate(texts[name]) if texts[name] else None
        except ValueError as error:
            problems.append(Problem(name, str(error)))
    each = _amount(texts, "cost_per_application", currency, problems)
    reckoning = read_as(Reckoning, {"hires_wanted": hires, "rates": rates, "cost_per_application": each})
    problems.extend(check_rates(reckoning))
    return reckoning


def _whole(texts: Mapping[str, str], name: str, problems: list[Problem]) -> int | None:
    given = texts[name]
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 6 and 0 < int(given) <= 10_000):
        problems.append(Problem(name, _("Give a whole number from 1 to 10,000.")))
        return None
    return int(given)


def _amount(texts: Mapping[str, str], name: str, currency: str, problems: list[Problem]) -> dict[str, str] | None:
    try:
        return read_amount(texts[name], currency) if texts[name] else None
    except ValueError as error:
        problems.append(Problem(name, str(error)))
        return None


def _empty(visit: Visit) -> dict[str, str]:
    return FIELDS.empty() | {
        "kind": CampaignKind.BURST, "currency": get_currency(visit.session), "starts_on": str(visit.today)
    }  # fmt: skip


def _more(visit: Visit, _campaign: Campaign | None, texts: Texts) -> dict[str, Any]:
    return {
        "instead": _("A campaign that has run is ended instead."),
        "kinds": [(CampaignKind.BURST, _("a burst")), (CampaignKind.CONTINUOUS, _("continuous"))],
        "several": list_several(visit, texts),
        "lacking": {
            "personas": (_("No persona is described yet."), "/personas/new", _("Describe the first one")),
            "claims": (_("No promise is written yet."), "/claims/new", _("Write the first one")),
            "jobs": (_("No vacancy is open."), "/jobs/new", _("Add the first one")),
        },
        "rates": [(f"rate_{name}", rate_name(name)) for name in Rates.model_fields],
        "history": _history_words(visit),
        "reckoned": reckoned_view(_reckoned(visit, texts)),
    }


def rate_name(name: str) -> str:
    """What a rate of one's own says."""
    if name == Stage.APPLIED.slug:
        return _("Of 100 people who follow a link, how many apply")
    return _("Of 100 people who apply, to %(stage)s", stage=stage_name(STAGES[name]).lower())


def list_several(visit: Visit, texts: Mapping[str, str]) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """What may be chosen several of: its name, what it is called, and each with whether it is chosen."""
    session = visit.session
    jobs = session.scalars(select(Job).where(Job.status == JobStatus.OPEN).order_by(Job.title, Job.id))
    there: dict[str, list[tuple[str, str]]] = {
        "personas": [(one.slug, pick(one.name)) for one in newest_personas(session)],
        "claims": [(one.slug, pick(one.text)) for one in session.scalars(select(Claim).order_by(Claim.slug))],
        "jobs": [(str(one.id), f"{one.title}, {one.unit}" if one.unit else one.title) for one in jobs],
    }
    chosen = {name: set(list_lines(texts[name])) for name in SEVERAL}
    for name in SEVERAL:  # what was chosen once stays, though it may be filled or gone by now
        there[name] += [(one, one) for one in sorted(chosen[name] - {key for key, _text in there[name]})]
    titles = {"personas": _("Whom it speaks to"), "claims": _("What it promises"), "jobs": _("Vacancies it is for")}
    return [(name, titles[name], [(key, text, key in chosen[name]) for key, text in there[name]]) for name in SEVERAL]


def _history_words(visit: Visit) -> str:
    history = history_for(visit, visit.scope())
    if not visit.sees_small_counts:
        return _("Type the rates that you expect: your membership does not show those of the record.")
    hired = history.shares.get(Stage.HIRED.slug)
    if hired is None or not hired.estimate:
        return _("Your own record has too few hires for a calculation yet: type the rates that you expect.")
    return _("Calculated from your own record of %(n)s applications. A rate typed here is used instead.",
             n=number(history.applications))  # fmt: skip


def _reckoned(visit: Visit, texts: Mapping[str, str]) -> Reckoned | None:
    problems: list[Problem] = []
    try:
        reckoning = _read_reckoning(texts, texts["currency"] or get_currency(visit.session), problems)
    except Invalid:
        return None
    return reckon(history_for(visit, visit.scope()), reckoning) if reckoning and not problems else None


FORM = RowForm(
    path="/campaigns",
    template="campaign_form.html",
    fields=FIELDS,
    get=get_campaign,
    empty=_empty,
    write=write_texts,
    read=read_campaign,
    create=create_campaign,
    replace=replace_campaign,
    title=lambda one: _("Change %(name)s", name=one.name) if one is not None else _("A new campaign"),
    more=_more,
    key="campaign_id",
    delete=delete_campaign,
    opens=True,
)
router.routes += FORM.router().routes
