"""Templates: Jinja2 with autoescape, texts in the reader's language, and the addresses of static files."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app import i18n
from app.web.pages.static import static_address

TEMPLATES = Path(__file__).parents[1] / "templates"


@cache
def environment() -> Environment:
    """The one environment that all templates are rendered in."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    made.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals["static"] = static_address
    made.filters["percent"] = i18n.percent
    made.filters["language_name"] = language_name
    return made


def render(template: str, **context: Any) -> str:
    """The template filled in, in the language spoken at this moment."""
    return environment().get_template(template).render(**context)


def _gettext(message: str) -> str:
    return i18n.translations(i18n.current_language()).gettext(message)


def _ngettext(one: str, many: str, n: int) -> str:
    return i18n.translations(i18n.current_language()).ngettext(one, many, n)


def language_name(code: str) -> str:
    """What a language calls itself; one that we do not speak stands as its code."""
    return {"en": "English", "fi": "Suomi", "sv": "Svenska", "nb": "Norsk"}.get(code, code)
