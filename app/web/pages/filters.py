"""The bar of filters that asks a page's question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.funnel.stage import Stage
from app.i18n import _, pick
from app.planning.asset import Asset
from app.planning.campaign import Campaign
from app.planning.channel import Channel
from app.planning.persona import Persona
from app.planning.placement import Placement
from app.reports.names import format_name, stage_name
from app.reports.scope import Scope
from app.web.pages.visit import Visit

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
    campaigns = session.execute(
        select(Campaign.id, Campaign.name).where(~Campaign.template).order_by(Campaign.name)
    ).all()
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
