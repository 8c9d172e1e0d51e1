"""A file that somebody sends from a form, with what else the form says."""

from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile

from app.errors import Invalid, Problem
from app.i18n import _

MOST_FIELDS = 40


@dataclass(frozen=True, slots=True)
class Upload:
    """The file as it came, by the name that its sender gives it, and the texts of the form."""

    name: str
    data: bytes
    texts: dict[str, str]


async def read_upload(request: Request) -> Upload | None:
    """The one file of a form; nothing where none was chosen."""
    async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
        texts = {name: said.strip() for name, said in form.items() if isinstance(said, str) and said.strip()}
        file = next((one for one in form.values() if isinstance(one, UploadFile) and one.filename), None)
        return None if file is None else Upload(file.filename or "", await file.read(), texts)


def require_file(upload: Upload | None) -> Upload:
    """The file. Raises Invalid where none was chosen."""
    if upload is None:
        raise Invalid([Problem("file", _("Choose a file."))])
    return upload
