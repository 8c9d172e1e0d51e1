"""The bar of filters that asks a page's question, and what it is set to, as words that can be taken away."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.funnel.application import Application
from app.funnel.stage import Stage, stated_stages, unheard_stages
from app.i18n import _, date, period, pick
from app.planning.asset import Asset
from app.planning.campaign import Campaign
from app.planning.channel import Channel
from app.planning.job import Job
from app.planning.persona import Persona
from app.planning.placement import Placement
from app.reports.cache import cached
from app.reports.names import by_name, days_name, format_name, specialty_name, stage_name
from app.reports.saved_view import PATHS, find_view, spell_question
from app.reports.scope import By, Scope, View
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
class Limit:
    """What one filter is set to, and the address that asks the same without it."""

    name: str
    said: str
    without: str


@dataclass(frozen=True, slots=True)
class FilterBar:
    """The bar: a form whose state lives in the address, and the limits that are set."""

    action: str
    selects: Sequence[Select]
    days: str
    """What the two days are the first and last of."""
    from_: str
    to: str
    last: Sequence[Select]
    kept: Mapping[str, str]
    limits: Sequence[Limit]
    cleared: str | None
    question: str
    keeps: bool
    """Whether the page's questions can be kept under a name."""
    kept_as: tuple[str, str] | None
    """The name under which this question is kept already, and its address."""


@dataclass(frozen=True, slots=True)
class _Choices:
    """What the record and the plan can be limited by: for each filter its values with their names, by name."""

    campaign: Sequence[Option]
    templates: Sequence[Option]
    """Campaigns that are patterns: nobody came by one, but an address may name it."""
    persona: Sequence[Option]
    specialty: Sequence[Option]
    vacancy: Sequence[Option]
    channel: Sequence[Option]
    format: Sequence[Option]
    place: Sequence[Option]


def filter_bar(
    visit: Visit, scope: Scope, *own: Select, last: Sequence[Select] = (), keep: Iterable[str] = ()
) -> FilterBar:
    """The bar for a page: the selects that are the page's own, those that all have, and those that come `last`.

    keep  what else of the address stays as it is when the bar is used
    """
    asked, path = visit.asked, visit.request.url.path
    limits = limit_selects(visit, asked)
    kept = {name: asked[name] for name in (*keep, "lang") if name in asked}
    set_ = [*_limits(visit, limits), *_period_limit(visit, scope), *_limits(visit, last)]
    dropped = dict.fromkeys([*(select.name for select in (*limits, *last)), "placement", "from", "to"])
    view = find_view(visit.session, visit.member.user_id, path, asked) if path in PATHS else None
    return FilterBar(
        action=path,
        selects=[*own, *limits],
        days=days_name(scope.view),
        from_=scope.from_.isoformat() if scope.from_ else "",
        to=scope.to.isoformat() if scope.to else "",
        last=last,
        kept=kept,
        limits=set_,
        cleared=visit.same_address(**dropped) if set_ else None,
        question=spell_question(asked),
        keeps=path in PATHS,
        kept_as=(view.name, visit.address(f"/views/{view.word}")) if view else None,
    )


def limit_selects(visit: Visit, asked: Mapping[str, str]) -> list[Select]:
    """What a question can be limited by, with what it asks."""
    scope = visit.scope(include_units=False)
    choices = cached(visit.session, scope, "choices of the filters", lambda: _read_choices(visit.session))
    patterns = [one for one in choices.templates if one[0] == asked.get("campaign")]
    return [
        _select("campaign", _("Campaign"), _("All campaigns"), [*choices.campaign, *patterns], asked),
        _select("persona", _("Ads for persona"), _("All personas"), choices.persona, asked),
        _select("specialty", _("Specialty"), _("All specialties"), choices.specialty, asked),
        *(
            [_select("vacancy", _("Vacancy"), _("All vacancies"), choices.vacancy, asked)]
            if choices.vacancy or "vacancy" in asked
            else []
        ),
        _select("channel", _("Channel"), _("All channels"), choices.channel, asked),
        _select("format", _("Format"), _("All formats"), choices.format, asked),
        _select("place", _("Place"), _("All places"), choices.place, asked),
    ]


def _read_choices(session: Session) -> _Choices:
    campaigns = session.execute(select(Campaign.id, Campaign.name, Campaign.template).order_by(Campaign.name)).all()
    channels = session.execute(select(Channel.id, Channel.name).order_by(Channel.name)).all()
    matched = select(Job.id, Job.title).where(Job.observed_jobs.is_not(None))
    vacancies = session.execute(matched.order_by(Job.title, Job.opens_on, Job.id)).all()
    formats = session.scalars(select(Asset.format).join(Placement, Placement.asset_id == Asset.id).distinct())
    places = session.scalars(select(Placement.place).where(Placement.place != "").distinct())
    specialties = session.scalars(select(Application.specialty).where(Application.specialty.is_not(None)).distinct())
    personas = session.execute(select(Persona.slug, Persona.name).order_by(Persona.slug, Persona.version)).all()
    return _Choices(
        campaign=[(str(id), name) for id, name, template in campaigns if not template],
        templates=[(str(id), name) for id, name, template in campaigns if template],
        persona=_by_name({slug: pick(name) for slug, name in personas}),
        specialty=_by_name({one: specialty_name(one) for one in specialties if one}),
        vacancy=[(str(id), title) for id, title in vacancies],
        channel=[(str(id), name) for id, name in channels],
        format=_by_name({one: format_name(one) for one in formats}),
        place=_by_name({one: one for one in places}),
    )


def _by_name(named: Mapping[str, str]) -> list[Option]:
    return sorted(named.items(), key=lambda one: one[1].casefold())


def _select(name: str, label: str, all_: str, options: Sequence[Option], asked: Mapping[str, str]) -> Select:
    return Select(name, label, [("", all_), *options], asked.get(name, ""))


def _limits(visit: Visit, selects: Sequence[Select]) -> list[Limit]:
    """The selects that are set to anything; a value that is none of the choices stands for itself."""
    return [Limit(one.label, limit_words(one), visit.same_address(**{one.name: None})) for one in selects if one.chosen]


def limit_words(one: Select) -> str:
    """What the select is set to, in words; empty when it is not."""
    return dict(one.options).get(one.chosen, one.chosen) if one.chosen else ""


def list_limits(visit: Visit, scope: Scope) -> list[Limit]:
    """What a page without a bar is limited by: the plan's filters, and the period of applying."""
    return [*_limits(visit, limit_selects(visit, visit.asked)), *_period_limit(visit, scope)]


def _period_limit(visit: Visit, scope: Scope) -> list[Limit]:
    if scope.from_ and scope.to:
        said = period(scope.from_, scope.to)
    elif scope.from_:
        said = _("from %(day)s", day=date(scope.from_))
    elif scope.to:
        said = _("until %(day)s", day=date(scope.to))
    else:
        return []
    named = _("Happened") if scope.view is View.ACTIVITY else _("Applied")
    return [Limit(named, said, visit.same_address(**{"from": None, "to": None}))]


def stage_select(visit: Visit, scope: Scope) -> Select:
    """Which stage the page is about; of one that no system records it says so."""
    unheard = find_unheard(visit)
    options = [
        (stage.slug, _("%(stage)s (not recorded)", stage=stage_name(stage)) if stage in unheard else stage_name(stage))
        for stage in Stage if stage > Stage.APPLIED
    ]  # fmt: skip
    return Select("stage", _("Stage"), options, scope.stage.slug)


def find_unheard(visit: Visit) -> frozenset[Stage]:
    """The stages that no system speaks of."""
    scope, session = visit.scope(include_units=False), visit.session
    return cached(session, scope, "stages unheard of", lambda: unheard_stages(session, stated_stages(session)))


def by_select(scope: Scope) -> Select:
    """What the rows stand for."""
    return Select("by", _("A row for each"), [(by.value, by_name(by)) for by in By], scope.by.value)
