"""How many applications can be traced to an ad, in words, and what that means where only some ads are asked about."""

from app.i18n import _, ngettext, number, percent
from app.reports.answers import Effectiveness

ON_PLACEMENTS = ("campaign", "persona", "format", "placement", "place")


def traced_finding(answer: Effectiveness) -> str:
    """`158 of 431 applications (37 %) cannot be traced to an ad.` Where ads are chosen, what cannot be traced is no
    share of theirs: `172 applications are known to have come by the ads chosen. Beside them stand 447 that cannot be
    traced to any ad.`"""
    totals = answer.totals
    if totals.traced_share is None or not totals.applications:
        return ""
    if _chosen(answer):
        return _beside_chosen(answer)
    if not totals.untraced:
        return _("Every application can be traced to an ad.")
    return _("%(n)s of %(all)s applications (%(share)s) cannot be traced to an ad.",
             n=number(totals.untraced), all=number(totals.applications),
             share=percent(1 - totals.traced_share))  # fmt: skip


def untraced_among_chosen(answer: Effectiveness) -> str:
    """That what cannot be traced is counted whole beside a choice of ads; empty where none are chosen."""
    if not _chosen(answer) or not _count_beside(answer):
        return ""
    return _("Whatever is chosen, all applications that cannot be traced are counted here: any of them may have come "
             "by these ads. The funnel counts only those that are known to have.")  # fmt: skip


def _chosen(answer: Effectiveness) -> bool:
    asked = answer.scope.get("filters", {})
    return any(name in asked for name in (*ON_PLACEMENTS, "channel"))


def _count_beside(answer: Effectiveness) -> int:
    """How many are not known to be what was asked for: of a channel it may be known that they came by it, and by which
    of its ads not."""
    asked = answer.scope.get("filters", {})
    vague = {"unknown", "unmatched"} | ({"partly_traced"} if any(name in asked for name in ON_PLACEMENTS) else set())
    return sum(row.applications for row in answer.rows if row.row in vague)


def _beside_chosen(answer: Effectiveness) -> str:
    beside = _count_beside(answer)
    known = answer.totals.applications - beside
    said = ngettext("%(n)s application is known to have come by what is chosen.",
                    "%(n)s applications are known to have come by what is chosen.", known)  # fmt: skip
    if not beside:
        return said
    more = ngettext("Beside them stands %(n)s that cannot be traced, whatever is chosen.",
                    "Beside them stand %(n)s that cannot be traced, whatever is chosen.", beside)  # fmt: skip
    return f"{said} {more}"
