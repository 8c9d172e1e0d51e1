"""The accessibility statement, and the form by which anybody, signed in or not, tells of a barrier."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.access.barrier_report import LONGEST_TEXT, get_only_employer, list_barriers, settle_barrier, tell_barrier
from app.errors import Conflict, Denied, Invalid
from app.i18n import _, date, moment, speaking
from app.web.pages.administering import require_administrator
from app.web.pages.door import go_to, read_id, require_own_form
from app.web.pages.visit import (
    Visit,
    address_of,
    answer,
    change,
    find_member,
    guarded,
    language_of,
    outer_page,
    problems_of,
)
from app.web.problems import status_of

router = APIRouter(include_in_schema=False)

MADE_ON = dt.date(2026, 11, 27)
PATH = "/accessibility"
Text = Annotated[str, Form()]


@router.get(PATH)
def accessibility(request: Request) -> Response:
    """The statement, open to everybody."""
    return guarded(request, lambda: answer(request, _page) if find_member(request) else _stranger_page(request))


def _page(visit: Visit, problems: Sequence[str] = ()) -> Response:
    said = {**statement_view(visit.request, problems), "waiting": _waiting(visit)}
    return visit.page("accessibility.html", said, 422 if problems else 200)


def _waiting(visit: Visit) -> list[dict[str, str]]:
    """What was told and waits, for administrators."""
    if not visit.administers:
        return []
    return [
        {"id": str(one.id), "text": one.text, "page": one.page, "told": moment(one.told_at, visit.organisation.zone)}
        for one in list_barriers(visit.session)
    ]


def _stranger_page(request: Request, problems: Sequence[str] = (), status: int = 200) -> Response:
    return outer_page(
        request, "accessibility.html", lambda: {**statement_view(request, problems), "waiting": []}, status
    )


def statement_view(request: Request, problems: Sequence[str] = ()) -> dict[str, Any]:
    """What the statement says, and whether something was told just now."""
    return {
        "title": _("Accessibility statement"),
        "problems": problems,
        "action": address_of(request, PATH),
        "told": "told" in request.query_params and not problems,
        "most": LONGEST_TEXT,
        "holds": list_what_holds(),
        "lacks": list_what_lacks(),
        "day": date(MADE_ON),
    }


def list_what_holds() -> list[str]:
    """What every release is tested for."""
    return [
        _("Every screen is checked by axe for the rules of WCAG 2.2 A and AA, in its states and in each language, in "
          "light and in dark."),
        _("The main tasks are walked with keys alone: to question a verdict, to find where a persona stops, to mend a "
          "connection. The focus is seen at each step, and the first link leads past the menu."),
        _("The same tasks are walked without JavaScript, and nothing moves for people who want no motion."),
        _("When a part of a page changes by itself, the focus stays on what is still there. Screen readers are told "
          "what is new."),
        _("Nothing is lost in a window 320 pixels wide or with text twice as large."),
        _("Every chart has a title that says what it shows, a sentence for screen readers and a table of its values."),
        _("In a drawn chart the arrow keys go from value to value, and each value is said as it is reached."),
        _("No meaning is carried by colour alone; contrast is 4.5:1 or more for text."),
    ]  # fmt: skip


def list_what_lacks() -> list[str]:
    """What is known not to hold yet."""
    return [
        _("The other tasks are made of the same links, fields and buttons, but nobody has walked each of them with "
          "keys alone or without JavaScript."),
        _("The pages have not been tried by people who use screen readers every day."),
        _("Texts that your organisation or a system writes, such as names of stages, are in one language only."),
    ]  # fmt: skip


@router.post(PATH)
def tell(request: Request, text: Text = "", page: Text = "") -> Response:
    """Keep what was told, without asking who tells it."""
    if not find_member(request):
        return guarded(request, lambda: _tell_as_stranger(request, text, page))

    def do(visit: Visit) -> Response:
        tell_barrier(visit.session, text, page, now=visit.now)
        return go_to(visit.address(PATH, told=1))

    return change(request, do, _page)


def _tell_as_stranger(request: Request, text: str, page: str) -> Response:
    state = request.app.state
    with speaking(language_of(request, "en")):
        try:
            require_own_form(request)
            with state.database.reading() as session:
                employer = get_only_employer(session)
            with state.database.writing(employer) as session:
                tell_barrier(session, text, page, now=state.clock())
        except (Denied, Invalid, Conflict) as error:
            return _stranger_page(request, problems_of(error), status_of(error))
    return go_to(address_of(request, PATH, told=1))


@router.post(f"{PATH}/{{report_id}}/settled")
def settled(request: Request, report_id: str) -> Response:
    """Forget what has been seen to."""

    def do(visit: Visit) -> Response:
        require_administrator(visit)
        settle_barrier(visit.session, read_id(report_id))
        return go_to(visit.address(PATH))

    return change(request, do, _page)
