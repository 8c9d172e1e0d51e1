"""What names of sources and codes of nobody mean: each that leads nowhere yet, and the channel or placement that it is
said to be."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import select

from app.access.organisation import list_link_hosts
from app.access.token import SCOPES_OF, Role
from app.access.token import Scope as Right
from app.errors import Invalid, Problem
from app.i18n import _, ngettext, number, period
from app.planning.alias import SourceAliasIn, create_source_alias, delete_source_alias
from app.planning.channel import Channel
from app.planning.placement import Placement
from app.planning.tracking import AliasKind, SourceAlias
from app.reports.answers import UnmatchedSource
from app.reports.likely import Likely, load_likely
from app.reports.listing import Odd, OddCell
from app.reports.unmatched import report_unmatched
from app.web.pages.administering import Form, only, read_pairs
from app.web.pages.counted import Counted, count_cell
from app.web.pages.door import go_to, read_id
from app.web.pages.meant import MeantList
from app.web.pages.meanwhile import require_whole
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)

SAY = tuple(role for role in Role if Right.PLAN_WRITE in SCOPES_OF[role])
"""The roles that may say what a source means: those that may change the plan."""
FIELDS = ("kind", "observed", "means")
"""What the form sends of each row."""
Sent = Annotated[Form, Depends(read_pairs)]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A name that stands for nothing yet: how often it came, and when."""

    kind: str
    observed: str
    what: str
    applications: Counted
    touchpoints: str
    seen: str
    likely: str
    """What it probably means, as a field takes it; nothing where nobody can tell."""
    said: str | None
    """What was said of it in a form that was refused."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A name, and where it leads by somebody's word."""

    id: uuid.UUID
    observed: str
    what: str
    means: str
    address: str


@router.get("/data/sources")
def sources(request: Request) -> Response:
    """The names, and for whoever plans the form that says what they mean."""
    return answer(request, _page)


@router.post("/data/sources")
def say(request: Request, sent: Sent) -> Response:
    """Keep what was said; whatever came under these names is counted anew by itself."""

    def do(visit: Visit) -> Response:
        visit.require(SAY)
        require_whole(sent, "observed", "kind")
        require_whole(sent, "observed", "means")
        rows = zip(*(sent.get(name, []) for name in FIELDS), strict=True)
        meant = MeantList(visit.session)
        given = [_read(kind, observed, means, meant) for kind, observed, means in rows if means]
        for one in given:
            create_source_alias(visit.session, one, now=visit.now)
        if only(sent, "from") == "checks":
            return go_to(visit.address("/checks"))
        return go_to(visit.address("/data/sources", kept=len(given)))

    return change(request, do, lambda visit, problems: _page(visit, problems, sent))


@router.post("/data/sources/{source_alias_id}/forget")
def forget(request: Request, source_alias_id: str) -> Response:
    """Let a name stand for nothing again."""

    def do(visit: Visit) -> Response:
        visit.require(SAY)
        delete_source_alias(visit.session, read_id(source_alias_id), revision=None)
        return go_to(visit.address("/data/sources"))

    return change(request, do, _page)


def _read(kind: str, observed: str, means: str, meant: MeantList) -> SourceAliasIn:
    noun, key = meant.read(means)
    try:
        return SourceAliasIn(kind=AliasKind(kind), observed=observed, **{f"{noun}_id": key})
    except ValueError:
        raise Invalid([Problem("means", _("Part of the form is missing; open the page and send it again."))]) from None


def _page(visit: Visit, problems: Sequence[str] = (), sent: Form | None = None) -> Response:
    return visit.page("sources.html", sources_view(visit, problems, sent), 422 if problems else 200)


def sources_view(visit: Visit, problems: Sequence[str] = (), sent: Form | None = None) -> dict[str, Any]:
    """All that the page shows, the names that most came under first; what was said in a form that was refused stays
    said."""
    meant = MeantList(visit.session)
    said = dict(zip(*((sent or {}).get(name, []) for name in FIELDS[1:]), strict=False))
    found, likely = report_unmatched(visit.session, visit.scope()).sources, load_likely(visit.session)
    meanings = list_meanings(visit, (AliasKind.LABEL, AliasKind.HOST, AliasKind.CODE))
    return {
        "title": _("What sources are called"),
        "finding": _finding(found, meanings),
        "said": _said(visit.asked.get("kept", "")),
        "problems": problems,
        "may_say": visit.member.place.role in SAY,
        "lines": [_line(visit, one, likely, meant, said) for one in found],
        "meant": meant.texts,
        "meanings": meanings,
        "own": ", ".join(list_link_hosts(visit.session, visit.organisation.id)),
    }


def _finding(found: Sequence[UnmatchedSource], meanings: Sequence[Meaning]) -> str:
    if not found and not meanings:
        return _(
            "No source was named yet. Each name that comes with an application waits here until you say what it means."
        )
    codes = sum(one.kind == "code" for one in found)
    names = len(found) - codes
    said = ngettext("%(n)s source has no meaning yet.", "%(n)s sources have no meaning yet.", names)
    if not names:
        said = _("Every source that was named means a channel or a placement.")
    seen = ngettext("%(n)s code was seen that no placement has", "%(n)s codes were seen that no placement has", codes)
    return f"{said} {seen}." if codes else said


def _said(kept: str) -> str:
    if not (kept.isascii() and kept.isdecimal() and len(kept) < 6):
        return ""
    n = int(kept)
    return ngettext("Kept: %(n)s source is counted anew.", "Kept: %(n)s sources are counted anew.", n) if n else ""


def _line(visit: Visit, one: UnmatchedSource, likely: Likely, meant: MeantList, said: Mapping[str, str]) -> SourceLine:
    seen = period(one.first, one.last)
    cell = OddCell(Odd(one.kind), one.observed)
    applications = count_cell(visit, one.applications, cell, seen="sources")
    proposed = likely.propose(one.kind, one.observed)
    return SourceLine(
        one.kind, one.observed, kind_name(one.kind), applications, number(one.touchpoints), seen,
        meant.write(proposed.noun, proposed.key) if proposed else "", said.get(one.observed),
    )  # fmt: skip


def kind_name(kind: str) -> str:
    """What kind of name a source was observed by."""
    return {"label": _("Label"), "host": _("Host"), "ad": _("Ad or campaign"), "code": _("Tracking code")}[kind]


def list_meanings(visit: Visit, kinds: Sequence[AliasKind]) -> list[Meaning]:
    """What was said before of names of these kinds, by name."""
    rows = visit.session.execute(
        select(SourceAlias, Channel.name, Placement.name)
        .outerjoin(Channel, Channel.id == SourceAlias.channel_id)
        .outerjoin(Placement, Placement.id == SourceAlias.placement_id)
        .where(SourceAlias.kind.in_(kinds))
        .order_by(SourceAlias.observed)
    )
    return [
        Meaning(
            alias.id, alias.observed, kind_name(alias.kind), channel or placement,
            visit.address(f"/channels/{alias.channel_id}" if alias.channel_id else f"/placements/{alias.placement_id}"),
        )
        for alias, channel, placement in rows
    ]  # fmt: skip
