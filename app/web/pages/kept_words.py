"""What a kept view holds, in words: its question, what it is set beside, and how its table is looked at."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qsl

from app.funnel.stage import STAGES
from app.i18n import _, date
from app.reports.funnel_split import Split
from app.reports.names import by_name, to_stage, view_name
from app.reports.question import read_scope
from app.reports.saved_view import SavedView
from app.reports.scope import By, Scope, View
from app.web.pages.beside import beside_select
from app.web.pages.columns import SEPARATOR, Choosable
from app.web.pages.filters import limit_selects, limit_words
from app.web.pages.funnel_split import split_columns, split_names
from app.web.pages.paths import model_columns
from app.web.pages.verdict_columns import kinds
from app.web.pages.visit import Visit


def describe_view(visit: Visit, view: SavedView) -> str:
    """The page, what it asks, what that is limited to and set beside, in which order and with which columns."""
    asked = dict(parse_qsl(view.question))
    scope = read_scope(visit.organisation.id, visit.now, asked)
    page = {"/funnel": _("Funnel"), "/verdicts": _("Verdicts"), "/paths": _("Paths"), "/unknown": _("Not known")}
    said = [page[view.path], *_question_words(asked), *_limits_words(visit, asked), *_look_words(visit, view, scope)]
    return " · ".join(said)


def _question_words(asked: Mapping[str, str]) -> Iterator[str]:
    if asked.get("by") in set(By):
        yield by_name(By(asked["by"]))
    if asked.get("split") in set(Split):
        yield split_names()[Split(asked["split"])]
    if asked.get("view") in set(View):
        yield view_name(View(asked["view"]))
    if asked.get("stage") in STAGES:
        yield to_stage(STAGES[asked["stage"]])


def _limits_words(visit: Visit, asked: Mapping[str, str]) -> Iterator[str]:
    for one in limit_selects(visit, asked):
        if name := limit_words(one):
            yield _("%(name)s: %(said)s", name=one.label, said=name)
    days = {name: date(dt.date.fromisoformat(asked[name])) for name in ("from", "to") if name in asked}
    if "from" in days:
        yield _("from %(day)s", day=days["from"])
    if "to" in days:
        yield _("until %(day)s", day=days["to"])


def _look_words(visit: Visit, view: SavedView, scope: Scope) -> Iterator[str]:
    """What it is set beside, the order of the table and its columns, as far as they are chosen."""
    asked, (label, columns) = dict(parse_qsl(view.question)), _columns(visit, view, scope)
    if "beside" in asked:
        others = dict(beside_select(visit).options)
        yield _("compared with %(name)s", name=others.get(asked["beside"], asked["beside"]))
    titles = {"label": label, **{_order_name(one): one.title for one in columns}}
    order = asked.get("sort", "")
    if (title := titles.get(order.removeprefix("-"))) is not None:
        falling = order.startswith("-")
        yield _("sorted by %(column)s, falling", column=title) if falling else _("sorted by %(column)s", column=title)
    chosen = asked.get("columns", "").split(SEPARATOR)
    if shown := [one.title for one in columns if one.name in chosen]:
        yield _("columns: %(columns)s", columns=", ".join(shown))


def _columns(visit: Visit, view: SavedView, scope: Scope) -> tuple[str, Sequence[Choosable]]:
    """What the rows of the page's table stand for, and its columns."""
    match view.path:
        case "/verdicts":
            return by_name(scope.by), kinds(scope)
        case "/funnel":
            split = dict(parse_qsl(view.question)).get("split", Split.PERSONA.value)
            return split_names().get(Split(split), ""), split_columns(visit)
        case "/paths":
            return by_name(scope.by), model_columns()
        case _:
            return "", ()


def _order_name(column: Choosable) -> str:
    """What an address calls the order by this column."""
    return (getattr(column, "sort", None) or column.name).removeprefix("-")
