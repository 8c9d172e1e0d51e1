"""Naming presets: the patterns that placements are named by, each with a name it makes, and which of them rules."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlalchemy import select

from app.i18n import _
from app.planning.naming import (
    PARTS,
    NamingPreset,
    NamingPresetIn,
    create_naming_preset,
    describe_naming_preset,
    find_locked_preset,
    get_naming_preset,
    replace_naming_preset,
    state_words,
)
from app.planning.placing import show_example
from app.planning.problem import read_as
from app.planning.removal import delete_naming_preset
from app.reports.names import quotable
from app.web.pages.form_texts import Fields
from app.web.pages.row_form import RowForm, Texts
from app.web.pages.row_list import RowLine, list_view
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)
FIELDS = Fields(("name", "pattern"), ticked=("locked",))
USUAL = "{campaign} {format} {channel} {year}-{month}"


@router.get("/naming-presets")
def naming_presets(request: Request) -> Response:
    """All naming presets, those shared from above among them."""
    return answer(request, lambda visit: visit.page("row_list.html", naming_view(visit)))


def naming_view(visit: Visit) -> dict[str, Any]:
    """All that the list shows."""
    found = visit.session.scalars(select(NamingPreset).order_by(NamingPreset.name, NamingPreset.id)).all()
    ruling = find_locked_preset(visit.session)
    columns = [_("Naming preset"), _("Pattern"), _("A name that it makes"), _("Which names it makes")]
    lines = [
        RowLine(
            one,
            one.name,
            [one.pattern, show_example(visit.session, one.pattern), state_words(one, ruling)],
            _("Change %(name)s", name=one.name),
        )
        for one in found
    ]
    finding = _finding(ruling, some=bool(found))
    add = _("Add a naming preset")
    view = list_view(visit, "/naming-presets", _("Naming presets"), finding, columns, lines, add)
    return view | {"counts": False}


def _finding(ruling: NamingPreset | None, *, some: bool) -> str:
    if ruling is not None:
        return _("Placements must have the names that “%(name)s” makes.", name=ruling.name)
    if some:
        return _("No pattern is locked: patterns are proposals, and placements may have any name.")
    return _(
        "There is no pattern yet, so placements may have any name. A locked pattern names them all in the same way."
    )


def write_preset(_visit: Visit, preset: NamingPreset) -> dict[str, str]:
    """A naming preset in the texts of its form."""
    shown = describe_naming_preset(preset)
    return {"name": shown.name, "pattern": shown.pattern, "locked": "yes" if shown.locked else ""}


def read_preset(_visit: Visit, texts: Texts, _before: NamingPreset | None) -> NamingPresetIn:
    """The naming preset that the texts say. Raises Invalid."""
    said = {name: texts[name] for name in FIELDS.single if texts[name]}
    return read_as(NamingPresetIn, {**said, "locked": bool(texts["locked"])})


def _more(visit: Visit, _preset: NamingPreset | None, texts: Texts) -> dict[str, Any]:
    try:
        pattern = NamingPresetIn(name="-", pattern=texts["pattern"]).pattern
    except ValidationError:
        pattern = ""
    return {
        "parts": " ".join(f"{{{part}}}" for part in PARTS),
        "example": quotable(show_example(visit.session, pattern)) if pattern else "",
    }


FORM = RowForm(
    path="/naming-presets",
    template="naming_form.html",
    fields=FIELDS,
    get=get_naming_preset,
    empty=lambda _visit: FIELDS.empty() | {"pattern": USUAL},
    write=write_preset,
    read=read_preset,
    create=create_naming_preset,
    replace=replace_naming_preset,
    title=lambda one: _("Change %(name)s", name=one.name) if one is not None else _("A new naming preset"),
    more=_more,
    delete=delete_naming_preset,
)
router.routes += FORM.router().routes
