"""Personas as files: taken along one by one or all together, and loaded back, all of them or none."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import selectinload
from starlette.datastructures import UploadFile

from app.errors import Invalid, Problem
from app.i18n import _
from app.planning.library import LoadResult, load_persona_files, persona_toml
from app.planning.persona import Persona, newest_personas, persona_as_given
from app.web.pages.door import go_to
from app.web.pages.files import download
from app.web.pages.personas import get_persona, personas_view
from app.web.pages.placement_link import PLANNERS
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)
MOST_FILES = 100


async def read_files(request: Request) -> Mapping[str, bytes]:
    """The files that a form sends, by their names; a field that was left empty is none."""
    async with request.form(max_files=MOST_FILES, max_fields=10) as form:
        files = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
        return {file.filename or "": await file.read() for file in files}


@router.get("/personas/{slug}.toml")
def one_file(request: Request, slug: str) -> Response:
    """The newest version of a persona as its file."""

    def make(visit: Visit) -> Response:
        persona = get_persona(visit.session, slug)
        return download(visit, f"{slug}.toml", "application/toml", _toml(persona))

    return answer(request, make)


@router.get("/personas.zip")
def every_file(request: Request) -> Response:
    """All personas, a file each."""

    def make(visit: Visit) -> Response:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
            for persona in newest_personas(visit.session, selectinload(Persona.factors)):
                files.writestr(f"{persona.slug}.toml", _toml(persona))
        return download(visit, "personas.zip", "application/zip", packed.getvalue())

    return answer(request, make)


@router.post("/personas")
def load(request: Request, files: Annotated[Mapping[str, bytes], Depends(read_files)]) -> Response:
    """Store the personas of files: all of them, or none when one is wrong."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        if not files:
            raise Invalid([Problem("files", _("Choose at least one persona file (.toml)."))])
        found = load_persona_files(visit.session, files, visit.now)
        return go_to(visit.address("/personas", loaded=spell_result(found)))

    return change(request, do, _again)


def spell_result(found: LoadResult) -> str:
    """How many were added, changed and left, as an address carries it."""
    return "-".join(str(len(one)) for one in (found.added, found.changed, found.unchanged))


def _again(visit: Visit, problems: Sequence[str]) -> Response:
    return visit.page("personas.html", personas_view(visit, problems), 422)


def _toml(persona: Persona) -> str:
    return persona_toml(persona_as_given(persona))
