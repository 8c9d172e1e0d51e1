"""What is taken along from a page: files, each told in the audit."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi.responses import Response

from app.i18n import _
from app.reports.export import sheet_csv
from app.reports.workbook import Sheet, write_workbook
from app.spreadsheets import marks_for
from app.web.pages.administering import tell_export
from app.web.pages.filters import Limit
from app.web.pages.visit import Visit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class FileLinks:
    """Where the files of a page are."""

    csv: str
    xlsx: str


def text_file(visit: Visit, name: str, text: str, told_as: str | None = None) -> Response:
    """A table as a text under this name; the audit tells of it by that, or as it is told."""
    return download(visit, name, "text/csv", text, told_as)


def sheet_file(visit: Visit, name: str, sheet: Sheet, told_as: str | None = None) -> Response:
    """A table under this name, as its ending says: a spreadsheet, or the bare table as a text."""
    if name.endswith(".csv"):
        return text_file(visit, name, sheet_csv(sheet, marks_for(visit.language)), told_as)
    return download(visit, name, XLSX, write_workbook(sheet), told_as)


def download(visit: Visit, name: str, kind: str, content: str | bytes, told_as: str | None = None) -> Response:
    """A file of this kind under this name; the audit tells of it by that, or as it is told."""
    tell_export(visit, told_as or name)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=kind, headers=headers)


def file_links(visit: Visit, path: str) -> FileLinks:
    """Where what a page shows is taken along, with the page's own question."""
    asked = {name: said for name, said in visit.asked.items() if name != "lang"}
    return FileLinks(visit.address(f"{path}.csv", **asked), visit.address(f"{path}.xlsx", **asked))


def sheet_notes(findings: Sequence[str], data: str, limits: Sequence[Limit] = ()) -> list[str]:
    """What stands above a table that is taken along: what it says, from which data, limited by what."""
    said = [_("%(name)s: %(said)s", name=one.name, said=one.said) for one in limits]
    cause = _("Kutsu shows what goes together. Only an experiment shows what caused it.")
    return [*(finding for finding in findings if finding), data, *said, cause]
