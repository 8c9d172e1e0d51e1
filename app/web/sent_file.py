"""A large file of a form, written part by part into the folder where files are kept: nothing of it passes through the
system's own folder for what is temporary, which may be small, in memory, or read by others."""

import uuid
from dataclasses import dataclass
from typing import BinaryIO, cast

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from app.errors import KutsuError
from app.files.receiving import Received, Receiving
from app.files.store import FileStore
from app.i18n import _
from app.web.problems import BadRequest

MOST_FIELDS = 10


class Incoming:
    """Takes the bytes of one file. What is wrong with it is kept until it is asked for, and nothing more is written:
    the form is read to its end, for a browser that is not heard out shows no answer."""

    def __init__(self, store: FileStore, organisation: uuid.UUID) -> None:
        self._store, self._organisation = store, organisation
        self._receiving: Receiving | None = None
        self._refusal: KutsuError | None = None
        self.name = ""

    def write(self, part: bytes) -> int:
        """Take the next bytes."""
        if self._refusal is None:
            try:
                self._open().write(part)
            except KutsuError as error:
                self._refusal = error
        return len(part)

    def seek(self, _place: int) -> int:
        """Asked once all has come, by what reads forms: there is nothing to go back to."""
        return 0

    def finish(self) -> Received:
        """The file as it is kept. Raises whatever is wrong with it."""
        if self._refusal is not None:
            raise self._refusal
        return self._open().finish()

    def close(self) -> None:
        """Leave nothing that was not placed."""
        if self._receiving is not None:
            self._receiving.__exit__(None, None, None)

    def _open(self) -> Receiving:
        if self._receiving is None:
            self._receiving = Receiving(self._store, self._organisation, self.name)
        return self._receiving


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a form, if one was chosen, and what the form says of it."""

    incoming: Incoming | None
    texts: dict[str, str]


class _Reader(MultiPartParser):
    """Reads a form whose one file goes elsewhere than where Starlette would put it."""

    def __init__(self, request: Request, incoming: Incoming) -> None:
        super().__init__(request.headers, request.stream(), max_files=1, max_fields=MOST_FIELDS)
        self._incoming = incoming

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        part = self._current_part
        if part.file is not None:
            part.file.file.close()
            self._incoming.name = part.file.filename or ""
            part.file = UploadFile(cast(BinaryIO, self._incoming), size=0, filename=self._incoming.name)


async def read_into_store(request: Request, incoming: Incoming) -> SentFile:
    """Read a form to its end. Raises BadRequest where it is none, or broke off."""
    form = await _read(request, incoming)
    texts = {name: said.strip() for name, said in form.items() if isinstance(said, str) and said.strip()}
    return SentFile(incoming if incoming.name else None, texts)


async def _read(request: Request, incoming: Incoming) -> FormData:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return FormData()
    try:
        return await _Reader(request, incoming).parse()
    except MultiPartException as error:
        raise BadRequest(error.message) from None
    except ClientDisconnect:
        raise BadRequest(_("The file broke off on its way; send it again.")) from None
