"""An asset's files on a page of their own: looked at, added, removed, and put back."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from app.access.signing_in import Member
from app.errors import Denied, Invalid, Problem
from app.files.kinds import ENDINGS
from app.files.receiving import Received
from app.files.store import FileStore
from app.i18n import _, ngettext, number, speaking
from app.planning.asset import AssetStatus, get_asset
from app.planning.asset_file import AssetFileIn, Purpose, get_file
from app.planning.filing import add_file, put_back, remove_file
from app.planning.problem import read_as
from app.web.file_content import hand_out
from app.web.pages.door import go_to, read_id
from app.web.pages.placement_link import PLANNERS
from app.web.pages.rendering import language_name
from app.web.pages.shown_files import purpose_name, show_files, show_removed
from app.web.pages.visit import Visit, answer, change, find_member, language_of
from app.web.sent_file import Incoming, SentFile, read_into_store

router = APIRouter(include_in_schema=False)

HERE = "/assets/{asset_id}/files"


async def read_sent(request: Request) -> AsyncIterator[SentFile | None]:
    """The file that a form sends. Nothing is read for whom it is not open to: whoever may not add a file fills no
    disk."""
    member = await run_in_threadpool(find_member, request)
    if member is None or member.place.role not in PLANNERS:
        yield None
        return
    incoming = Incoming(request.app.state.files, member.place.organisation_id)
    try:
        with speaking(language_of(request, "en")):
            sent = await read_into_store(request, incoming)
        yield sent
    finally:
        await run_in_threadpool(incoming.close)


@router.get(HERE)
def files(request: Request, asset_id: str) -> Response:
    """What the asset has, and the form that takes more."""
    return answer(request, lambda visit: _page(visit, asset_id))


@router.post(HERE)
def add(request: Request, asset_id: str, sent: Annotated[SentFile | None, Depends(read_sent)]) -> Response:
    """Add a file."""
    store: FileStore = request.app.state.files
    received: list[Received] = []

    def first(member: Member) -> None:
        if member.place.role not in PLANNERS:
            raise Denied(_("Your role here does not open this page; ask an administrator."))
        if sent is None or sent.incoming is None:
            raise Invalid([Problem("file", _("Choose a file."))])
        received.append(sent.incoming.finish())

    def do(visit: Visit) -> Response:
        given = read_as(AssetFileIn, {"name": received[0].name, **(sent.texts if sent else {})})
        add_file(visit.session, store, read_id(asset_id), received[0], given, now=visit.now)
        return go_to(visit.address(f"/assets/{asset_id}/files", kept="yes"))

    return change(request, do, lambda visit, problems: _page(visit, asset_id, problems), first=first)


@router.get(f"{HERE}/{{file_id}}")
def take(request: Request, asset_id: str, file_id: str) -> Response:
    """The bytes of a file."""

    def make(visit: Visit) -> Response:
        file = get_file(visit.session, read_id(asset_id), read_id(file_id))
        return hand_out(request, request.app.state.files, file)

    return answer(request, make)


@router.post(f"{HERE}/{{file_id}}/remove")
def remove(request: Request, asset_id: str, file_id: str) -> Response:
    """Take a file from the asset."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        remove_file(visit.session, read_id(asset_id), read_id(file_id), revision=None, now=visit.now)
        return go_to(visit.address(f"/assets/{asset_id}/files", kept="removed"))

    return change(request, do, lambda visit, problems: _page(visit, asset_id, problems))


@router.post(f"{HERE}/{{file_id}}/put-back")
def restore(request: Request, asset_id: str, file_id: str) -> Response:
    """Give the asset a file again."""

    def do(visit: Visit) -> Response:
        visit.require(PLANNERS)
        put_back(visit.session, read_id(asset_id), read_id(file_id), now=visit.now)
        return go_to(visit.address(f"/assets/{asset_id}/files", kept="yes"))

    return change(request, do, lambda visit, problems: _page(visit, asset_id, problems))


def _page(visit: Visit, asset_id: str, problems: Sequence[str] = ()) -> Response:
    return visit.page("asset_files.html", files_view(visit, asset_id, problems), 422 if problems else 200)


def files_view(visit: Visit, asset_id: str, problems: Sequence[str]) -> dict[str, Any]:
    """All that the page shows."""
    asset = get_asset(visit.session, read_id(asset_id))
    store: FileStore = visit.request.app.state.files
    shown = show_files(visit, asset)
    may_plan = visit.member.place.role in PLANNERS
    approved = asset.status == AssetStatus.APPROVED
    said = {"yes": _("Kept."), "removed": _("The file is removed. For 30 days it can be put back.")}
    return {
        "title": _("Files of %(name)s", name=asset.name),
        "name": asset.name,
        "back": visit.address(f"/assets/{asset.id}"),
        "finding": ngettext("%(n)s file.", "%(n)s files.", len(shown)) if shown else _("No file is here yet."),
        "said": said.get(visit.asked.get("kept", ""), "") if not problems else "",
        "problems": problems,
        "files": shown,
        "removed": show_removed(visit, asset) if may_plan and not approved else [],
        "approved": approved,
        "variant": visit.address("/assets/new", variant_of=asset.id) if approved and may_plan else "",
        "changes": may_plan and not approved,
        "action": visit.address(f"/assets/{asset.id}/files"),
        "accept": ",".join(ENDINGS),
        "limits": limit_words(store),
        "most": store.longest_body,
        "purposes": [(one.value, purpose_name(one)) for one in Purpose],
        "languages": [(code, language_name(code)) for code in asset.languages],
    }


def limit_words(store: FileStore) -> str:
    """What is taken, and how large it may be."""
    return _(
        "PNG, JPEG, WebP, GIF or PDF of at most %(file)s MB; MP4, WebM or MP3 of at most %(recording)s MB; captions as "
        "WebVTT.",
        file=number(store.largest), recording=number(store.largest_recording),
    )  # fmt: skip
