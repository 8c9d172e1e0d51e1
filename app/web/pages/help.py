"""Help: what the words on the pages mean, and the keys."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.i18n import _, percent
from app.measurement import THRESHOLDS
from app.web.pages.visit import answer

router = APIRouter(include_in_schema=False)


@router.get("/help")
def help_page(request: Request) -> Response:
    """The words and the keys."""
    return answer(request, lambda visit: visit.page("help.html", help_view()))


def help_view() -> dict[str, Any]:
    """All that the page shows."""
    return {"title": _("What the words mean"), "words": list_words(), "by_key": list_keys()}


def list_words() -> list[tuple[str, str]]:
    """Each word beside its meaning, in the order in which a reader meets them."""
    lift = percent(THRESHOLDS.notable_lift)
    return [
        (_("Applied"), _("Applications, not people: whoever applies for two jobs counts twice.")),
        (_("Interview, offer, hired …"), _("How many have come to the stage so far. Whoever came back keeps the "
                                           "furthest stage.")),
        (_("Pending"), _("Neither came to the next stage nor went out: may still do either.")),
        (_("In the end"), _("How many of those who applied until now will have come to the stage: between the two "
                            "numbers in nine cases of ten.")),
        (_("Of all who applied"), _("The share that comes to a stage in the end, estimated so that nobody who still "
                                    "waits counts as lost. Whoever comes to a stage has come to those before it; where "
                                    "the estimates of stages contradict that, these share their mean.")),
        (_("Against comparable"), _("How much further applicants went who met the ad, beside applicants of the same "
                                    "specialty and job who did not. The bar holds the truth in nine cases of ten.")),
        (_("moved"), _("Very probably its applicants went further than comparable ones, and by %(lift)s or more. That "
                       "asks about one side alone, so the bar beside it may reach no difference.", lift=lift)),
        (_("did not move"), _("Very probably they went no further than comparable ones, or less far.")),
        (_("cannot tell yet"), _("Too few applicants, or too early, for either. How many more it takes stands beside "
                                 "it.")),
        (_("Traced"), _("A tracking code, a link or a source label leads to the placement.")),
        (_("Partly traced"), _("The channel is known, which of its placements is not.")),
        (_("Unmatched codes"), _("A code came along that no placement has: a misprint, or a placement never planned.")),
        (_("Unknown source"), _("Nothing leads to an ad. They are counted and shown, and never shared out by guess.")),
        (_("Not known"), _("What nobody can tell yet, each thing with its count, why it is so, and what would tell it. "
                           "It is never counted as nothing.")),
        (_("Attributed"), _("Shared out among ads by a rule. It says where people were met, not what brought them.")),
        (_("Caused"), _("What would not have happened without the ad. Only an experiment shows it: places or weeks "
                        "with and without it, chosen by lot.")),
        (_("Data through"), _("Up to when every system was read. What happened since is not in the numbers yet.")),
    ]  # fmt: skip


def list_keys() -> list[tuple[str, str]]:
    """Each key beside what it does, for who has JavaScript; links and buttons do the same."""
    return [
        ("/", _("Search for a placement, campaign, persona, channel or tracking code")),
        ("?", _("Open this page")),
        ("Tab", _("On to the next link or field; the first one leads past the menu")),
    ]
