"""The form of one kind of row of the plan: made, changed by several at once without loss, and deleted while nothing
stands on it."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.planning.field import Given
from app.planning.row import begin_change
from app.web.pages.administering import Form, read_pairs
from app.web.pages.carried import still_carried
from app.web.pages.door import go_to, read_id
from app.web.pages.form_texts import Fields
from app.web.pages.placement_link import PLANNERS
from app.web.pages.visit import Visit, answer, change, mark_fields

Sent = Annotated[Form, Depends(read_pairs)]
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowForm:
    """A kind of row: where its list is, what its form is made of, and how it is stored. `write` gives a row as the
    texts of the form's fields, `empty` those of a new one; `read` says what such texts mean, given the row as it is or
    None, or raises Invalid. `more` is what the page shows beside them."""

    path: str
    template: str
    fields: Fields
    get: Callable[[Session, uuid.UUID], Any]
    empty: Callable[[Visit], dict[str, str]]
    write: Callable[[Visit, Any], dict[str, str]]
    read: Callable[[Visit, Texts, Any | None], Given]
    create: Callable[..., Any]
    replace: Callable[..., Any]
    title: Callable[[Any | None], str]
    more: Callable[[Visit, Any | None, Texts], Mapping[str, Any]]
    delete: Callable[..., None] | None = None
    key: str = "id"
    """What its addresses call the key of a row."""
    opens: bool = False
    """Whether one goes on to the page of the row that was kept, and not to the list."""

    def router(self) -> APIRouter:
        """Its routes: a new one, a change, and an end where it can have one."""
        router = APIRouter(include_in_schema=False)
        one = f"{self.path}/{{{self.key}}}"

        @router.get(f"{self.path}/new")
        def new(request: Request) -> Response:
            return answer(request, self.page)

        @router.post(f"{self.path}/new")
        def create(request: Request, sent: Sent) -> Response:
            def do(visit: Visit) -> Response:
                visit.require(PLANNERS)
                given = self.read(visit, self.fields.read(sent), None)
                return self._go_on(visit, self.create(visit.session, given, now=visit.now))

            return change(request, do, lambda visit, problems: self.page(visit, None, problems, sent))

        @router.get(f"{one}/edit")
        def edit(request: Request) -> Response:
            return answer(request, lambda visit: self.page(visit, self._id(request)))

        @router.post(f"{one}/edit")
        def keep(request: Request, sent: Sent) -> Response:
            def read(visit: Visit, row: Any) -> Given:
                return self.read(visit, self.fields.agree(self.write(visit, row), sent), row)

            return self.change_row(request, read, sent)

        if self.delete is not None:
            self._add_end(router, f"{one}/delete", self.delete)
        return router

    def change_row(
        self, request: Request, read: Callable[[Visit, Any], Given], sent: Form | None = None,
        shows: Callable[[Visit, str, Sequence[str]], Response] | None = None,
    ) -> Response:  # fmt: skip
        """Store what `read` makes of the row that the address names, as it is now; refused, the form comes again, or
        the row's own page where `shows` makes it."""
        id = self._id(request)

        def do(visit: Visit) -> Response:
            visit.require(PLANNERS)
            begin_change(visit.session)
            row = self.get(visit.session, read_id(id))
            self.replace(visit.session, row.id, read(visit, row), revision=None, now=visit.now)
            return self._go_on(visit, row)

        def again(visit: Visit, problems: Sequence[str]) -> Response:
            if shows is not None:
                return shows(visit, id, problems)
            return self.page(visit, id, problems, sent)

        return change(request, do, again)

    def page(
        self, visit: Visit, id: str | None = None, problems: Sequence[str] = (), sent: Form | None = None
    ) -> Response:
        """The form; what was written into one that was refused stays written, beside what somebody else has said
        meanwhile."""
        visit.require(PLANNERS)
        row = self.get(visit.session, read_id(id)) if id is not None else None
        shown = self.fields.show(self.write(visit, row) if row is not None else self.empty(visit), sent or {})
        here = f"{self.path}/{row.id}" if row is not None else self.path
        view = {
            "title": self.title(row),
            "is_new": row is None,
            "called": getattr(row, "name", ""),
            "problems": problems,
            "wrong": mark_fields(problems, self.fields.names),
            **shown,
            "action": visit.address(f"{here}/edit" if row is not None else f"{here}/new", **still_carried(visit)),
            "deletes": here if row is not None and self.delete is not None else "",
            "back": visit.address(here if self.opens else self.path),
            "instead": "",
            **self.more(visit, row, shown["texts"]),
        }
        return visit.page(self.template, view, 422 if problems else 200)

    def _add_end(self, router: APIRouter, path: str, delete: Callable[..., None]) -> None:
        @router.post(path)
        def end(request: Request) -> Response:
            id = self._id(request)

            def do(visit: Visit) -> Response:
                visit.require(PLANNERS)
                delete(visit.session, read_id(id), revision=None)
                return go_to(visit.address(self.path, kept="yes"))

            return change(request, do, lambda visit, problems: self.page(visit, id, problems))

    def _id(self, request: Request) -> str:
        return str(request.path_params[self.key])

    def _go_on(self, visit: Visit, row: Any) -> Response:
        where = f"{self.path}/{row.id}" if self.opens else self.path
        return go_to(visit.address(where, kept="yes", **still_carried(visit)))
