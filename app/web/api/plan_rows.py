"""The routes that kinds of rows of the plan have in common: listed, made, read, replaced, changed and deleted."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.orm import Session

from app.planning.field import Given, Shown
from app.planning.listing import Stretch, Window
from app.web.etag import IfMatch, show, show_created
from app.web.paging import Page, PageQuery, to_page
from app.web.patch import change as change_row
from app.web.problems import CREATES, READS, REMOVES, REPLACES
from app.web.session import ApiCaller, Caller, Now, PlanSession, ReadSession


@dataclass(frozen=True, slots=True)
class PlanRows:
    """A kind of rows: what it is called, one (`an asset`) and many, its forms, and what is done with it."""

    one: str
    many: str
    given: type[Given]
    shown: type[Shown]
    query: type[PageQuery]
    filter: type[Any]
    list: Callable[[Session, Any, Window], Stretch[Any]]
    get: Callable[[Session, uuid.UUID], Any]
    describe: Callable[[Any], Any]
    create: Callable[..., Any]
    replace: Callable[..., Any]
    delete: Callable[..., None]
    changed: type[Shown] | None = None
    describe_change: Callable[[Session, ApiCaller, Any, dt.datetime], Any] | None = None
    """What a change answers with, where that is more than the row."""

    def router(self, *, lists: str, creates: str, replaces: str, deletes: str) -> APIRouter:
        """Its routes, each with what it says of itself."""
        collection = self.many.replace(" ", "-")
        router = APIRouter(prefix=f"/{collection}", tags=[self.many])
        noun = self.one.partition(" ")[2]
        key = f"/{{{noun.replace(' ', '_')}_id}}"
        key_type = Annotated[uuid.UUID, Path(alias=key.strip("/{}"))]

        def list_all(query: Any, session: ReadSession) -> Any:
            return to_page(self.list(session, query.wanted(self.filter), query.window()), query, self.describe)

        def create(given: Any, session: PlanSession, now: Now) -> Response:
            return show_created(self.describe(self.create(session, given, now=now)), collection)

        def read(id: Any, session: ReadSession, request: Request) -> Response:
            return show(self.describe(self.get(session, id)), request)

        def replace(
            id: Any, given: Any, revision: IfMatch, session: PlanSession, caller: Caller, now: Now, request: Request
        ) -> Response:
            row = self.replace(session, id, given, revision=revision, now=now)
            return show(self._tell(session, caller, row, now), request)

        def change(
            id: Any, patch: dict[str, Any], revision: IfMatch, session: PlanSession, caller: Caller, now: Now,
            request: Request,
        ) -> Response:  # fmt: skip
            row = self._change(session, id, patch, revision, now)
            return show(self._tell(session, caller, row, now), request)

        def delete(id: Any, revision: IfMatch, session: PlanSession) -> None:
            self.delete(session, id, revision=revision)

        for route in (read, replace, change, delete):
            route.__annotations__["id"] = key_type
        for taking in (create, replace):
            taking.__annotations__["given"] = self.given
        list_all.__annotations__ |= {"query": Annotated[self.query, Query()], "return": Page[self.shown]}  # type: ignore[name-defined]

        answer: dict[str, Any] = {"response_model": self.shown}
        change_answer: dict[str, Any] = {"response_model": self.changed or self.shown}
        router.get("", summary=f"List {self.many}", description=lists, responses=READS)(list_all)
        router.post(
            "", summary=f"Create {self.one}", description=creates, status_code=201, responses=CREATES, **answer
        )(create)
        router.get(
            key, summary=f"Read {self.one}", responses=READS, **answer,
            description=f"One {noun}, under the ETag that a change of it must name.",
        )(read)  # fmt: skip
        router.put(key, summary=f"Replace {self.one}", description=replaces, responses=REPLACES, **change_answer)(
            replace
        )
        router.patch(
            key, summary=f"Change {self.one}", responses=REPLACES, **change_answer,
            description="A JSON merge patch: what it names is changed, null takes a value away, the rest stays.",
        )(change)  # fmt: skip
        router.delete(key, summary=f"Delete {self.one}", description=deletes, status_code=204, responses=REMOVES)(
            delete
        )
        return router

    def _change(
        self, session: Session, id: uuid.UUID, patch: Mapping[str, Any], revision: int | None, now: dt.datetime
    ) -> Any:
        def store(given: Any) -> Any:
            return self.replace(session, id, given, revision=revision, now=now)

        return change_row(session, self.given, self.describe(self.get(session, id)), patch, store)

    def _tell(self, session: Session, caller: ApiCaller, row: Any, now: dt.datetime) -> Any:
        return self.describe_change(session, caller, row, now) if self.describe_change else self.describe(row)
