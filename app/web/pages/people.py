"""The people of the organisation, for its administrators: who is in, in which role, who is invited."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from app.access.invitation import (
    Invitation,
    get_invitation,
    invite,
    list_invitations,
    renew_invitation,
    withdraw_invitation,
)
from app.access.membership import Person, change_role, get_member, list_people, read_role, remove_member
from app.access.secret import digest_of
from app.access.token import Role
from app.i18n import _, moment, ngettext
from app.reports.saved_view import leave_views
from app.web.pages.administering import Form as SentForm
from app.web.pages.administering import only, read_pairs
from app.web.pages.door import go_to, read_id
from app.web.pages.meanwhile import Merged, merge, merge_field, require_agreed
from app.web.pages.roles import role_meaning, role_name, role_options
from app.web.pages.visit import Make, Visit, answer, change

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
Texts = Annotated[Sequence[str], Form()]
ADMINISTRATORS = (Role.ADMINISTRATOR,)
_CHOICES = {"yes": True, "no": False}


@router.get("/people")
def people(request: Request) -> Response:
    """Who is in, and who is invited."""
    return answer(request, _page)


def _page(
    visit: Visit, problems: Sequence[str] = (), made: Sequence[str] = (), sent: SentForm | None = None
) -> Response:
    visit.require(ADMINISTRATORS)
    return visit.page("people.html", people_view(visit, problems, made, sent or {}), 422 if problems else 200)


def people_view(visit: Visit, problems: Sequence[str], made: Sequence[str], sent: SentForm) -> dict[str, Any]:
    """All that the page shows; the links of invitations that were just made are shown until the page is left, and what
    was said in a form that was refused is kept."""
    found = list_people(visit.session)
    return {
        "title": _("People"),
        "finding": ngettext("%(n)s person works here.", "%(n)s people work here.", len(found)),
        "problems": problems,
        "made": [_made(visit, one) for one in made],
        "said": _said(visit) if not problems else "",
        "people": [_person(visit, one, sent) for one in found],
        "roles": role_options(),
        "meanings": [(role_name(Role(role)), role_meaning(Role(role))) for role, _name in role_options()],
        "invitations": [_invitation(visit, one) for one in list_invitations(visit.session, now=visit.now)],
    }


def _said(visit: Visit) -> str:
    """What was done, and how it is undone."""
    if visit.asked.get("kept") == "removed":
        return _("Removed. From now on they cannot open this organisation; what they did stays. To let "
                 "them in again, invite them below.")  # fmt: skip
    return _("Kept.") if visit.asked.get("kept") == "role" else ""


def _closed_words(one: Person) -> str:
    """What stays closed to who plans and may not see small counts."""
    if one.sees_small_counts or one.role is Role.VIEWER:
        return ""
    return _("Does not see small counts: reports and Today are closed to them, and the pages of ads say "
             "nothing about applicants. Tick it to open these.")  # fmt: skip


def _person(visit: Visit, one: Person, sent: SentForm) -> dict[str, Any]:
    zone = visit.organisation.zone
    seen = moment(one.last_seen_at, zone) if one.last_seen_at else ""
    merged = _merge(one.role, sent if only(sent, "member") == str(one.membership_id) else {})
    return {
        "id": one.membership_id,
        "name": one.name,
        "email": one.email,
        "now": one.role.value,
        "role": merged.changes.get("role", one.role.value),
        "theirs": role_name(one.role) if merged.clashes else "",
        "sees": "small_counts" in sent if merged.clashes else one.sees_small_counts,
        "saw": one.sees_small_counts,
        "closed": _closed_words(one),
        "second_step": _("with a second step") if one.second_step else _("without a second step"),
        "seen": _("last seen %(moment)s", moment=seen) if seen else _("not seen yet"),
    }


def _merge(role: Role, sent: SentForm) -> Merged[str, str]:
    return merge_field(role.value, sent, "role")


def _made(visit: Visit, secret: str) -> dict[str, str]:
    """An invitation with the link that takes it up."""
    found = get_invitation(visit.session, secret, now=visit.now)
    link = visit.request.url.replace(path=f"/invitation/{secret}", query="", fragment="")
    return {**_invitation(visit, found), "secret": secret, "link": str(link)}


def _still_open(visit: Visit, secrets: Sequence[str]) -> Iterator[str]:
    """Those of the secrets, as a page holds them, by which an invitation of this organisation can still be taken
    up."""
    open_ = {one.digest for one in list_invitations(visit.session, now=visit.now)}
    yield from (secret for secret in dict.fromkeys(secrets) if digest_of(secret) in open_)


def _invitation(visit: Visit, one: Invitation) -> dict[str, Any]:
    until = moment(one.expires_at, visit.organisation.zone)
    return {
        "id": one.id,
        "whom": one.email or _("Whoever holds the link"),
        "what": _("%(role)s, open until %(moment)s", role=role_name(Role(one.role)), moment=until),
    }


@router.post("/people/invite")
def invite_person(
    request: Request, email: Text = "", role: Text = "", small_counts: Text = "", made: Texts = ()
) -> Response:
    """Make an invitation and show its link, below those that the page showed already."""

    def do(visit: Visit) -> Response:
        secret = invite(
            visit.session, email, read_role(role), now=visit.now, by=visit.member.user_id,
            sees_small_counts=_CHOICES.get(small_counts),
        )  # fmt: skip
        return _page(visit, made=[secret, *_still_open(visit, made)])

    return _administer(request, do, made=made)


@router.post("/people/role")
def give_role(request: Request, sent: Annotated[SentForm, Depends(read_pairs)]) -> Response:
    """Give a member another role, and the right to see small counts or not."""

    def do(visit: Visit) -> Response:
        member = get_member(visit.session, read_id(only(sent, "member")))
        read_role(only(sent, "role"))
        chosen = require_agreed(_merge(Role(member.role), sent)).get("role", member.role)
        saw = {"sees": only(sent, "saw") == "yes"} if "saw" in sent else {}
        sees = {"sees": member.sees_small_counts}
        sees |= merge(saw, sees, {"sees": only(sent, "small_counts") == "yes"}).changes
        change_role(visit.session, member.id, Role(chosen), sees_small_counts=sees["sees"])
        return go_to(visit.address("/people", kept="role"))

    return _administer(request, do, sent)


@router.post("/people/remove")
def remove(request: Request, member: Text = "") -> Response:
    """Take a member out of the organisation, and with them the views that nobody else sees."""

    def do(visit: Visit) -> Response:
        leaver = get_member(visit.session, read_id(member)).user_id
        remove_member(visit.session, read_id(member))
        visit.session.flush()
        heirs = [one.user_id for one in list_people(visit.session) if one.role is Role.ADMINISTRATOR]
        leave_views(visit.session, leaver, visit.member.user_id if visit.member.user_id in heirs else heirs[0])
        return go_to(visit.address("/people", kept="removed"))

    return _administer(request, do)


@router.post("/people/withdraw")
def withdraw(request: Request, invitation: Text = "") -> Response:
    """Take an invitation back."""

    def do(visit: Visit) -> Response:
        withdraw_invitation(visit.session, read_id(invitation))
        return go_to(visit.address("/people"))

    return _administer(request, do)


@router.post("/people/renew")
def renew(request: Request, invitation: Text = "", made: Texts = ()) -> Response:
    """Make a new link for an invitation whose link is lost; the one before opens nothing any more."""

    def do(visit: Visit) -> Response:
        secret = renew_invitation(visit.session, read_id(invitation), now=visit.now, by=visit.member.user_id)
        return _page(visit, made=[secret, *_still_open(visit, made)])

    return _administer(request, do, made=made)


def _administer(request: Request, do: Make, sent: SentForm | None = None, made: Sequence[str] = ()) -> Response:
    def as_administrator(visit: Visit) -> Response:
        visit.require(ADMINISTRATORS)
        return do(visit)

    return change(
        request, as_administrator,
        lambda visit, problems: _page(visit, problems, list(_still_open(visit, made)), sent),
    )  # fmt: skip
