"""The question that a page's address asks, and the bar of filters that asks it."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid, Problem
from app.funnel.stage import STAGES, Stage
from app.i18n import _, pick
from app.planning.asset import Asset
from app.planning.campaign import Campaign
from app.planning.channel import Channel
from app.planning.persona import Persona
from app.planning.placement import Placement
from app.reports.names import format_name, stage_name
from app.reports.scope import By, Filters, Scope, View
from app.web.pages.visit import Visit

T = TypeVar("T")
Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Select:
    """A field of the bar with its choices; the first choice is to ask for no limit."""

    name: str
    label: str
    options: Sequence[Option]
    chosen: str


@dataclass(frozen=True, slots=True)
class FilterBar:
    """The bar: a form whose state lives in the address."""

    action: str
    selects: Sequence[Select]
    from_: str
    to: str
    kept: Mapping[str, str]
    cleared: str | None


def read_scope(visit: Visit) -> Scope:
    """The scope that the address asks for; each part that does not work out is named."""
    asked, problems = visit.asked, list[Problem]()
    parts = {
        "stage": _choose("stage", asked, STAGES, Stage.INTERVIEW, problems),
        "by": _choose("by", asked, {by.value: by for by in By}, By.PLACEMENT, problems),
        "view": _choose("view", asked, {view.value: view for view in View}, View.COHORT, problems),
        "from_": _day("from", asked, problems),
        "to": _day("to", asked, problems),
    }
    filters = Filters(
        campaign=_key("campaign", asked, problems),
        channel=_key("channel", asked, problems),
        persona=asked.get("persona"),
        format=asked.get("format"),
    )
    if problems:
        raise Invalid(problems)
    return visit.scope(**parts, filters=filters)


def _choose(name: str, asked: Mapping[str, str], choices: Mapping[str, T], otherwise: T, problems: list[Problem]) -> T:
    given = asked.get(name)
    if given is None:
        return otherwise
    if given not in choices:
        problems.append(Problem(name, _("“%(given)s” is none of %(known)s.", given=given, known=", ".join(choices))))
    return choices.get(given, otherwise)


def _day(name: str, asked: Mapping[str, str], problems: list[Problem]) -> dt.date | None:
    try:
        return dt.date.fromisoformat(asked[name]) if name in asked else None
    except ValueError:
        problems.append(Problem(name, _("“%(given)s” is no date; write 2026-03-31.", given=asked[name])))
        return None


def _key(name: str, asked: Mapping[str, str], problems: list[Problem]) -> uuid.UUID | None:
    try:
        return uuid.UUID(asked[name]) if name in asked else None
    except ValueError:
        problems.append(Problem(name, _("“%(given)s” names nothing of ours.", given=asked[name])))
        return None


def filter_bar(visit: Visit, scope: Scope, *first: Select, keep: Iterable[str] = ()) -> FilterBar:
    """The bar for a page: the selects that are the page's own, then those that all have."""
    asked, path = visit.asked, visit.request.url.path
    selects = [*first, *plan_selects(visit.session, asked)]
    kept = {name: asked[name] for name in (*keep, "lang") if name in asked}
    limits = {select.name for select in selects} | {"from", "to"}
    cleared = visit.address(path, **kept) if limits & asked.keys() else None
    return FilterBar(
        path, selects, scope.from_.isoformat() if scope.from_ else "", scope.to.isoformat() if scope.to else "",
        kept, cleared,
    )  # fmt: skip


def plan_selects(session: Session, asked: Mapping[str, str]) -> list[Select]:
    """What the plan can be limited by: campaigns, personas, channels, and the formats there are."""
    campaigns = session.execute(select(Campaign.id, Campaign.name).order_by(Campaign.name)).all()
    channels = session.execute(select(Channel.id, Channel.name).order_by(Channel.name)).all()
    formats = session.scalars(select(Asset.format).join(Placement, Placement.asset_id == Asset.id).distinct())
    personas = session.execute(select(Persona.slug, Persona.name).order_by(Persona.slug, Persona.version)).all()
    named = {slug: pick(name) for slug, name in personas}
    return [
        _select("campaign", _("Campaign"), _("All campaigns"), [(str(id), name) for id, name in campaigns], asked),
        _select("persona", _("Persona"), _("All personas"), sorted(named.items(), key=lambda one: one[1]), asked),
        _select("channel", _("Channel"), _("All channels"), [(str(id), name) for id, name in channels], asked),
        _select(
            "format", _("Format"), _("All formats"),
            sorted(((one, format_name(one)) for one in formats), key=lambda one: one[1]), asked,
        ),
    ]  # fmt: skip


def _select(name: str, label: str, all_: str, options: Sequence[Option], asked: Mapping[str, str]) -> Select:
    return Select(name, label, [("", all_), *options], asked.get(name, ""))


def stage_select(scope: Scope) -> Select:
    """Which stage the page is about."""
    options = [(stage.slug, stage_name(stage)) for stage in Stage if stage > Stage.APPLIED]
    return Select("stage", _("Stage"), options, scope.stage.slug)
