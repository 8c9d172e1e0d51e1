"""The form of one kind of row of the plan: made, changed by several at once without loss, and deleted while nothing
stands on it."""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.planning.field import Given
from app.planning.row import begin_change
from app.web.pages.administering import Form, only, read_pairs
from app.web.pages.door import go_to, read_id
from app.web.pages.meanwhile import merge_texts, require_agreed
from app.web.pages.placement_link import PLANNERS
from app.web.pages.visit import Visit, answer, change

Sent = Annotated[Form, Depends(read_pairs)]
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowForm:
    """A kind of row: where its list is, what its form is made of, and how it is stored. `write` gives a row, or None
    for a new one, as the texts of the form's fields; `read` says what such texts mean, or raises Invalid."""

    path: str
    template: str
    fields: Sequence[str]
    get: Callable[[Session, uuid.UUID], Any]
    write: Callable[[Any | None], dict[str, str]]
    read: Callable[[Texts], Given]
    create: Callable[..., Any]
    replace: Callable[..., Any]
    delete: Callable[..., None]
    title: Callable[[Any | None], str]
    choices: Callable[[Visit], dict[str, Any]]

    def router(self) -> APIRouter:
        """Its routes: a new one, a change, and an end."""
        router = APIRouter(include_in_schema=False)

        @router.get(f"{self.path}/new")
        def new(request: Request) -> Response:
            return answer(request, lambda visit: self._page(visit, None))

        @router.post(f"{self.path}/new")
        def create(request: Request, sent: Sent) -> Response:
            def do(visit: Visit) -> Response:
                visit.require(PLANNERS)
                self.create(visit.session, self.read(self._texts(sent)), now=visit.now)
                return go_to(visit.address(self.path, kept="yes"))

            return change(request, do, lambda visit, problems: self._page(visit, None, problems, sent))

        @router.get(f"{self.path}/{{id}}/edit")
        def edit(request: Request, id: str) -> Response:
            return answer(request, lambda visit: self._page(visit, id))

        @router.post(f"{self.path}/{{id}}/edit")
        def keep(request: Request, id: str, sent: Sent) -> Response:
            def do(visit: Visit) -> Response:
                visit.require(PLANNERS)
                begin_change(visit.session)
                row = self.get(visit.session, read_id(id))
                now = self.write(row)
                given = self.read(now | dict(require_agreed(merge_texts(now, sent, self._texts(sent)))))
                self.replace(visit.session, row.id, given, revision=None, now=visit.now)
                return go_to(visit.address(self.path, kept="yes"))

            return change(request, do, lambda visit, problems: self._page(visit, id, problems, sent))

        @router.post(f"{self.path}/{{id}}/delete")
        def delete(request: Request, id: str) -> Response:
            def do(visit: Visit) -> Response:
                visit.require(PLANNERS)
                self.delete(visit.session, read_id(id), revision=None)
                return go_to(visit.address(self.path, kept="yes"))

            return change(request, do, lambda visit, problems: self._page(visit, id, problems))

        return router

    def _texts(self, sent: Form) -> dict[str, str]:
        return {name: only(sent, name).replace("\r\n", "\n") for name in self.fields}

    def _page(self, visit: Visit, id: str | None, problems: Sequence[str] = (), sent: Form | None = None) -> Response:
        visit.require(PLANNERS)
        row = self.get(visit.session, read_id(id)) if id is not None else None
        now = self.write(row)
        merged = merge_texts(now, sent, self._texts(sent)) if sent else None
        texts, clashes = (now | dict(merged.changes), merged.clashes) if merged else (now, frozenset())
        here = f"{self.path}/{row.id}" if row is not None else self.path
        view = {
            "title": self.title(row),
            "problems": problems,
            "texts": texts,
            "theirs": dict.fromkeys(now, "") | {name: now[name] or "–" for name in clashes},
            "was": json.dumps(now, ensure_ascii=False),
            "action": visit.address(f"{here}/edit" if row is not None else f"{here}/new"),
            "deletes": here if row is not None else "",
            "back": visit.address(self.path),
            **self.choices(visit),
        }
        return visit.page(self.template, view, 422 if problems else 200)
