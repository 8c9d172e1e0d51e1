"""Checks in words: what is the case, the remedy, and who can do it."""

from collections.abc import Sequence

from app.access.token import Role
from app.funnel.daily_ad_total import Platform
from app.i18n import _, date, ngettext, period
from app.reports.checks import Check, Found, Item

PLANNERS = (Role.MARKETER, Role.CONSULTANT, Role.ADMINISTRATOR)


def check_name(check: Check) -> str:
    """What is looked at, in a word or two."""
    return {
        Check.WEBHOOKS: _("webhooks"), Check.LINKS: _("links that are live"), Check.CODES: _("codes"),
        Check.SOURCES: _("names of sources"), Check.ADS: _("ad platforms' campaigns"), Check.COSTS: _("costs"),
        Check.AD_TOTALS: _("days of ad platforms' files"), Check.RECEIVING: _("what is over"),
        Check.BEFORE: _("who came before an ad"),
        Check.PERSONAS: _("assets and their personas"), Check.CONSENTS: _("consents"),
    }[check]  # fmt: skip


def finding_words(found: Found) -> str:
    """What is not in order, with its number."""
    n = len(found.items)
    return {
        Check.WEBHOOKS: ngettext("Webhooks of %(n)s connection fail", "Webhooks of %(n)s connections fail", n),
        Check.LINKS: ngettext("%(n)s placement is not live, although its dates say it should run",
                              "%(n)s placements are not live, although their dates say they should run", n),
        Check.CODES: ngettext("%(n)s code was seen that no placement has",
                              "%(n)s codes were seen that no placement has", n),
        Check.SOURCES: ngettext("%(n)s source has no meaning yet", "%(n)s sources have no meaning yet", n),
        Check.ADS: ngettext("%(n)s campaign of an ad platform leads to no placement",
                            "%(n)s campaigns of ad platforms lead to no placement", n),
        Check.COSTS: ngettext("%(n)s placement has run without a cost", "%(n)s placements have run without a cost", n),
        Check.AD_TOTALS: ngettext("Days are missing in the files of %(n)s account or placement",
                                  "Days are missing in the files of %(n)s accounts and placements", n),
        Check.RECEIVING: ngettext("%(n)s placement is over, and its code still comes",
                                  "%(n)s placements are over, and their codes still come", n),
        Check.BEFORE: ngettext("Somebody applied by the code of %(n)s placement before it ran",
                               "Somebody applied by the codes of %(n)s placements before these ran", n),
        Check.PERSONAS: ngettext("%(n)s approved asset is placed for no persona",
                                 "%(n)s approved assets are placed for no persona", n),
        Check.CONSENTS: ngettext("Consent ends within a month for %(n)s asset in use",
                                 "Consent ends within a month for %(n)s assets in use", n),
    }[found.check]  # fmt: skip


def remedy_words(check: Check) -> str:
    """What to do about it."""
    return {
        Check.WEBHOOKS: _("Look at the reason, and mend it in the system that sends. What could be read is kept."),
        Check.LINKS: _("Take it live, or move its dates. Until it is live, the target of its link can still change."),
        Check.CODES: _("Say which placement it is if it is a misprint of its code; else look for a placement that was "
                       "never planned."),
        Check.SOURCES: _("Say which channel or placement each label means."),
        Check.ADS: _("Say which placement each is; put it aside if it is not part of this plan."),
        Check.COSTS: _("Enter what was invoiced, or booked, so that the cost of an interview can be told."),
        Check.AD_TOTALS: _("Export these days from the platform, and let the file be read."),
        Check.RECEIVING: _("Take the ad down or the poster away, or move its last day."),
        Check.BEFORE: _("Was it published earlier? Set it live, or correct its days. Else its code is used elsewhere: "
                        "find out where, and give that a placement of its own."),
        Check.PERSONAS: _("Place it for the persona it speaks to, or retire it."),
        Check.CONSENTS: _("Ask for a new consent, or take the asset out before that day."),
    }[check]  # fmt: skip


def who_can(check: Check) -> Sequence[Role]:
    """The roles that can do it."""
    return (Role.ADMINISTRATOR,) if check is Check.WEBHOOKS else PLANNERS


def item_name(item: Item) -> str:
    """What a finding is called."""
    if item.noun not in set(Platform):
        return item.name
    platform = {"google": "Google Ads", "meta": "Meta", "linkedin": "LinkedIn"}.get(item.noun, _("another platform"))
    return f"{platform} · {item.name}" if item.name else platform


def item_note(check: Check, item: Item) -> str:
    """How often it was met, and on which days."""
    days = period(item.first, item.last) if item.first else _("until %(day)s", day=date(item.last)) if item.last else ""
    if item.n is None:
        return days
    often = often_words(check, item.n)
    return f"{often}, {days}" if days else often


def often_words(check: Check, n: int) -> str:
    """What the number of a finding counts."""
    if check is Check.AD_TOTALS:
        return ngettext("%(n)s day", "%(n)s days", n)
    if check is Check.WEBHOOKS:
        return ngettext("%(n)s delivery", "%(n)s deliveries", n)
    return ngettext("met %(n)s time", "met %(n)s times", n)
