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
        (_("Interview, offer, hired …"), _("How many have come to the stage so far. Whoever was moved back keeps "
                                           "their furthest stage.")),
        (_("Cost"), _("What is invoiced, else spent, booked or planned. Where a period is asked about, the cost of its "
                      "days only, each cost spread over the days that its placement runs. Whoever applied in it "
                      "may have met an ad that ran before.")),
        (_("Persona"), _("Whom an ad was made for. A persona's row counts the applicants of such ads, whoever they "
                         "are: nobody asks applicants which persona they are. Who came through an ad for several "
                         "personas is counted in the row of each, and verdicts by persona leave them out.")),
        (_("Pending"), _("Has neither come to the next stage nor gone out; both can still happen.")),
        (_("In the end"), _("How many of those who have applied so far will come to the stage in the end: between "
                            "the two numbers in nine cases of ten.")),
        (_("Of all who applied"), _("The share that comes to a stage in the end. It is estimated so that nobody "
                                    "who still waits counts as lost. Whoever comes to a stage has also come to the "
                                    "stages before it. If the estimates of some stages contradict that, these "
                                    "stages get their common mean.")),
        (_("Against comparable applicants"),
         _("How much further applicants who met the ad went, compared with applicants of the same specialty and job "
           "who did not meet it. The bar holds the truth in nine cases of ten.")),
        (_("moved"), _("Very probably its applicants went further than comparable applicants, and by %(lift)s "
                       "or more. The verdict looks at one direction only, so the bar beside it may still "
                       "reach “no difference”.", lift=lift)),
        (_("did not move"), _("Very probably they went no further than comparable applicants.")),
        (_("cannot tell yet"), _("There are too few applicants, or it is too early, to say either. How many more "
                                 "are needed is shown beside it.")),
        (_("Traced"), _("A tracking code, a link or a source label leads to the placement.")),
        (_("Partly traced"), _("The channel is known, which of its placements is not.")),
        (_("Unmatched codes"), _("A code came along that no placement has: a misprint, or a placement never planned.")),
        (_("Unknown source"), _("Nothing leads to an ad, or a name does that nobody has explained yet. These "
                                "applications are counted and shown, and never shared out by guessing.")),
        (_("Not known"), _("What nobody can tell yet: each thing with its count, the reason, and what would tell "
                           "it. Unknown is never counted as 0.")),
        (_("Attributed"), _("Shared out among ads by a rule. It says where people met an ad, not what made them "
                            "come.")),
        (_("Caused"), _("What happened only because of the ad. Only an experiment shows it: places or weeks with "
                        "and without it, chosen by lot.")),
        (_("Data through"), _("The moment up to which every system has been read. Whatever happened since is not "
                              "in the numbers yet.")),
    ]  # fmt: skip


def list_keys() -> list[tuple[str, str]]:
    """Each key beside what it does, for who has JavaScript; links and buttons do the same."""
    return [
        ("/", _("Search for a placement, campaign, persona, channel or tracking code")),
        ("?", _("Open this page")),
        ("Tab", _("On to the next link or field; the first one leads past the menu")),
    ]
