"""The whole plan as a file: taken along, and read back, first as a rehearsal if one likes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from app.errors import Invalid, Problem
from app.i18n import _, ngettext, number
from app.planning.asset_file import count_files
from app.planning.nouns import NOUNS
from app.planning.plan_file import PlanResult, export_plan, import_plan
from app.planning.plan_problems import by_cause
from app.planning.plan_sheets import FORMATS, read_plan_file, write_plan
from app.web.pages.files import download
from app.web.pages.placement_link import PLANNERS
from app.web.pages.visit import Visit, answer, change

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """A file with its name, and whether it is only to be tried."""

    name: str
    content: bytes
    rehearse: bool


@dataclass(frozen=True, slots=True)
class Line:
    """What reading a file did, or would do, to one table."""

    table: str
    added: str
    changed: str
    unchanged: str


async def read_sent(request: Request) -> Sent:
    """The file that a form sends; without one its name is empty."""
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if isinstance(file, UploadFile):
            return Sent(file.filename or "", await file.read(), form.get("do") == "rehearse")
        return Sent("", b"", rehearse=True)


@router.get("/plan/file")
def plan_file(request: Request) -> Response:
    """Where the plan is taken along and read back."""
    return answer(request, lambda visit: visit.page("plan_file.html", plan_file_view(visit)))


@router.get("/plan/file.{format}")
def take(request: Request, format: str) -> Response:
    """The whole plan as a file of this format."""

    def make(visit: Visit) -> Response:
        if format not in FORMATS:
            known = ", ".join(FORMATS)
            raise Invalid([Problem("format", _("“%(text)s” is none of %(known)s.", text=format, known=known))])
        content = write_plan(export_plan(visit.session), format)
        return download(visit, f"plan.{format}", FORMATS[format], content)

    return answer(request, make)


@router.post("/plan/file")
def read_in(request: Request, sent: Annotated[Sent, Depends(read_sent)]) -> Response:
    """Store every row of a file, or say what storing it would do."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        if not sent.name:
            raise Invalid([Problem("file", _("Choose the file first."))])
        with by_cause():
            tables = read_plan_file(sent.name, sent.content)
            found = import_plan(visit.session, tables, now=visit.now, rehearse=sent.rehearse)
        return visit.page("plan_file.html", plan_file_view(visit, found=found, rehearsed=sent.rehearse))

    def again(visit: Visit, problems: Sequence[str]) -> Response:
        return visit.page("plan_file.html", plan_file_view(visit, problems), 422)

    return change(request, do, again)


def plan_file_view(
    visit: Visit, problems: Sequence[str] = (), *, found: PlanResult | None = None, rehearsed: bool = False
) -> dict[str, Any]:
    """All that the page shows."""
    return {
        "title": _("The plan as a file"),
        "problems": problems,
        "files": [
            (_("Workbook (XLSX)"), visit.address("/plan/file.xlsx")),
            (_("Comma-separated files (ZIP)"), visit.address("/plan/file.zip")),
            ("JSON", visit.address("/plan/file.json")),
        ],
        "left_out": left_out_words(count_files(visit.session)),
        "may_write": visit.member.place.role in PLANNERS,
        "said": result_words(found, rehearsed=rehearsed) if found else "",
        "lines": list_lines(found) if found else [],
        "waiting": [*waiting_words(found), *filter(None, [recoded_words(found.recoded)])] if found else [],
    }


def left_out_words(files: int) -> str:
    """What a plan's file does not carry."""
    if not files:
        return ""
    return ngettext(
        "%(n)s file of an asset is not in it; it is taken from the page of that asset.",
        "%(n)s files of assets are not in it; they are taken from the pages of these assets.",
        files,
    )


def result_words(found: PlanResult, *, rehearsed: bool) -> str:
    """What became of a file, in a sentence."""
    added, changed = sum(found.added.values()), sum(found.changed.values())
    if not added + changed:
        return _("Everything in the file is stored already, so nothing was changed.")
    counts = {"added": number(added), "changed": number(changed)}
    if rehearsed:
        return _("Nothing was stored. Reading the file in would add %(added)s and change %(changed)s.", **counts)
    return _("%(added)s added, %(changed)s changed.", **counts)


def waiting_words(found: PlanResult) -> list[str]:
    """What of a file waits until somebody approves it here, by name."""
    assets, placements = found.waiting.get("assets", ()), found.waiting.get("placements", ())
    said = []
    if assets:
        said.append(ngettext("%(n)s asset that is approved in the file is a draft here until somebody else than who "
                             "reads it in approves it: %(names)s.",
                             "%(n)s assets that are approved in the file are drafts here until somebody else than who "
                             "reads them in approves them: %(names)s.",
                             len(assets), names=_quoted(assets)))  # fmt: skip
    if placements:
        said.append(ngettext("%(n)s placement is planned and not live, since its asset is a draft: %(names)s.",
                             "%(n)s placements are planned and not live, since their assets are drafts: %(names)s.",
                             len(placements), names=_quoted(placements)))  # fmt: skip
    return said


def recoded_words(names: Sequence[str]) -> str:
    """Which placements got a fresh code, and what that asks for; nothing where none did."""
    return ngettext(
        "%(n)s placement has a fresh code and link here, since its code in the file is another organisation's: "
        "%(names)s. Print and publish the new one.",
        "%(n)s placements have fresh codes and links here, since their codes in the file are another organisation's: "
        "%(names)s. Print and publish the new ones.",
        len(names), names=_quoted(names),
    ) if names else ""  # fmt: skip


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(_("“%(name)s”", name=name) for name in names)


def list_lines(found: PlanResult) -> list[Line]:
    """The tables that the file has rows of."""
    names = table_names()
    counts = [(name, found.added.get(name, 0), found.changed.get(name, 0), found.unchanged.get(name, 0))
              for name in NOUNS]  # fmt: skip
    return [Line(names[name], *(number(count) for count in of_each)) for name, *of_each in counts if any(of_each)]


def table_names() -> Mapping[str, str]:
    """What the tables of a plan are called."""
    return {
        "personas": _("Personas"),
        "claims": _("Claims"),
        "channels": _("Channels"),
        "campaigns": _("Campaigns"),
        "assets": _("Assets"),
        "jobs": _("Jobs"),
        "placements": _("Placements"),
        "invoices": _("Invoices"),
        "source_aliases": _("Names of sources"),
        "naming_presets": _("Naming presets"),
    }
