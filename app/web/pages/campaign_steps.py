"""Who brought a campaign to what it is and when, and what it may become next."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.access.membership import list_people
from app.access.token import list_tokens
from app.i18n import _, date, ngettext, pick
from app.planning.campaign import Campaign, CampaignStatus, Step, describe_campaign, read_aim
from app.planning.claim import Claim
from app.planning.copying import CampaignCopy, left_out_words
from app.planning.going_live import list_due_live
from app.planning.job import Job
from app.planning.persona import newest_personas
from app.planning.placement import Placement
from app.reports.names import quote_few
from app.web.before_step import asks_first
from app.web.pages.placement_link import PLANNERS
from app.web.pages.visit import Visit

NAMED = 5
"""So many placements that stayed behind are named."""


@dataclass(frozen=True, slots=True)
class AimLine:
    """One thing that the campaign says of itself: what it is, and each that is named with where it opens."""

    name: str
    parts: Sequence[tuple[str, str]]


def status_name(status: CampaignStatus) -> str:
    """What a person calls a step of a campaign."""
    return {
        CampaignStatus.DRAFT: _("draft"),
        CampaignStatus.APPROVED: _("approved"),
        CampaignStatus.LIVE: _("live"),
        CampaignStatus.ENDED: _("ended"),
    }[status]


def steps_view(visit: Visit, campaign: Campaign) -> dict[str, Any]:
    """Its steps, its next one with the form that takes it there, and what it aims at."""
    own = campaign.organisation_id == visit.organisation.id
    may_plan = visit.member.place.role in PLANNERS
    here = f"/campaigns/{campaign.id}"
    step = find_next(campaign) if may_plan and own else None
    due = list_due_live(visit.session, campaign, visit.today) if step else ()
    return {
        "kept": _("Kept.") if visit.asked.get("kept") == "yes" else live_words(visit) or copied_words(visit, campaign),
        "steps": [step_words(visit, one) for one in describe_campaign(campaign).steps],
        "next": step,
        "asks_first": step is not None and asks_first(step[0]),
        "due": ngettext("Take %(n)s placement live", "Take %(n)s placements live", len(due)) if due else "",
        "due_says": _(
            "Their days have come, and their assets are approved: %(names)s.",
            names=quote_few([one.name for one in due]),
        ),
        "due_at": visit.address(f"{here}/placements/live"),
        "lasts": campaign.status == CampaignStatus.LIVE
        and (campaign.ends_on is None or campaign.ends_on >= visit.today),
        "status_at": visit.address(f"{here}/status"),
        "edit": visit.address(f"{here}/edit") if may_plan and own else "",
        "copy_at": visit.address(f"{here}/copy") if may_plan else "",
        "copied": {"name": _("%(name)s, again", name=campaign.name)[:200], "starts_on": str(visit.today)},
        "template": campaign.template,
        "aim": list_aim(visit, campaign),
    }


def live_words(visit: Visit) -> str:
    """How many placements have just gone live together."""
    live = visit.asked.get("live", "")[:6]
    if not (live.isascii() and live.isdecimal()):
        return ""
    return ngettext("%(n)s placement is live now.", "%(n)s placements are live now.", int(live))


def copied_said(copy: CampaignCopy) -> dict[str, str]:
    """What the address of a copy says of how it came about: how many placements came along and stayed behind, and the
    keys of some of these."""
    left = ",".join(str(one.id) for one in copy.left_out[:NAMED])
    return {"came": str(len(copy.placements)), "stayed": str(len(copy.left_out)), "left": left}


def copied_words(visit: Visit, campaign: Campaign) -> str:
    """The same in words, if the page is that of a copy that was just made."""
    counts = [visit.asked.get(name, "")[:6] for name in ("came", "stayed")]
    if not all(count.isascii() and count.isdecimal() for count in counts):
        return ""
    came, stayed = map(int, counts)
    keys = [uuid.UUID(key) for key in visit.asked.get("left", "").split(",") if _is_key(key)][:NAMED]
    named = select(Placement.name).where(Placement.id.in_(keys)).order_by(Placement.starts_on, Placement.name)
    made = (
        ngettext("Copied, with %(n)s placement.", "Copied, with %(n)s placements.", came)
        if came
        else _("Copied, without placements.")
    )
    return f"{made} {left_out_words(campaign, visit.session.scalars(named).all(), stayed)}".strip()


def find_next(campaign: Campaign) -> tuple[str, str] | None:
    """The status that comes next, and the button that takes it there."""
    if campaign.template:
        return None
    return {
        CampaignStatus.DRAFT: (CampaignStatus.APPROVED, _("Approve it")),
        CampaignStatus.APPROVED: (CampaignStatus.LIVE, _("Take it live")),
        CampaignStatus.LIVE: (CampaignStatus.ENDED, _("End the campaign")),
    }.get(CampaignStatus(campaign.status))


def step_words(visit: Visit, step: Step) -> str:
    """`approved on 3 Mar 2026, by Anna Aalto`: with its year, since campaigns outlast it."""
    day = date(step.at.astimezone(visit.organisation.zone).date())
    return _("%(status)s on %(moment)s, by %(who)s", status=status_name(step.status), moment=day,
             who=hand_name(visit, step.by))  # fmt: skip


def hand_name(visit: Visit, key: str) -> str:
    """Whose hand it was, by the key that is kept of it: a member's name, a system's, or the command."""
    names = {str(one.user_id): one.name for one in list_people(visit.session)}
    names |= {str(one.id): one.system for one in list_tokens(visit.session)}
    return names.get(key) or (_("somebody who has left") if _is_key(key) else key)


def _is_key(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def list_aim(visit: Visit, campaign: Campaign) -> list[AimLine]:
    """Whom it speaks to, what it promises and what for; what is gone since is passed over."""
    aim, session = read_aim(campaign), visit.session
    personas = [(pick(one.name), visit.address(f"/personas/{one.slug}")) for one in newest_personas(session)
                if one.slug in aim.personas]  # fmt: skip
    claims = [(_("“%(name)s”", name=pick(one.text)), "") for one in
              session.scalars(select(Claim).where(Claim.slug.in_(aim.claims)).order_by(Claim.slug))]  # fmt: skip
    jobs = [
        (one.title, visit.address(f"/jobs/{one.id}"))
        for one in session.scalars(select(Job).where(Job.id.in_(aim.jobs)).order_by(Job.title))
    ]
    if aim.talent_pool:
        jobs.append((_("the talent pool"), ""))
    lines = [AimLine(_("Speaks to"), personas), AimLine(_("Promises that"), claims), AimLine(_("Is for"), jobs)]
    return [line for line in lines if line.parts]
