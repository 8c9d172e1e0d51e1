"""The catalogue of channels: what each is, what is paid for, until when it is booked, and with whom."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import func, select

from app.i18n import _, ngettext, number, weekday_name
from app.planning.channel import (
    Channel,
    ChannelIn,
    ChannelKind,
    CostModel,
    Weekday,
    create_channel,
    describe_channel,
    get_channel,
)
from app.planning.placement import Placement
from app.planning.problem import read_as
from app.planning.removal import delete_channel
from app.planning.replacing import replace_channel
from app.reports.names import channel_kind_name, cost_model_name
from app.web.pages.channel import channel_words
from app.web.pages.form_texts import Fields
from app.web.pages.row_form import RowForm, Texts
from app.web.pages.row_list import RowLine, list_view
from app.web.pages.visit import Visit, answer

router = APIRouter(include_in_schema=False)
FIELDS = Fields((
    "name", "kind", "cost_model", "lead_time_days", "booking_closes_days", "booking_closes_on", "booking_closes_at",
    "contact",
))  # fmt: skip
NUMBERS = ("lead_time_days", "booking_closes_days")


@router.get("/channels")
def channels(request: Request) -> Response:
    """All channels."""
    return answer(request, lambda visit: visit.page("row_list.html", channels_view(visit)))


def channels_view(visit: Visit) -> dict[str, Any]:
    """All that the catalogue shows."""
    counted = visit.session.execute(select(Placement.channel_id, func.count()).group_by(Placement.channel_id))
    placed = dict(iter(counted))
    found = visit.session.scalars(select(Channel).order_by(Channel.name)).all()
    columns = [_("Channel"), _("Kind and booking"), _("Contact"), _("Placements")]
    lines = [
        RowLine(
            one,
            one.name,
            [" · ".join(channel_words(one)), one.contact, number(placed.get(one.id, 0))],
            _("Change %(name)s", name=one.name),
            visit.address(f"/channels/{one.id}"),
        )
        for one in found
    ]
    return list_view(visit, "/channels", _("Channels"), _finding(len(found)), columns, lines, _("Add a channel"))


def _finding(n: int) -> str:
    if not n:
        return _("There is no channel yet. A channel says where ads run, what you pay for, and with whom you book.")
    return ngettext("Ads run in %(n)s channel.", "Ads run in %(n)s channels.", n)


def write_channel(_visit: Visit, channel: Channel) -> dict[str, str]:
    """A channel in the texts of its form."""
    shown = describe_channel(channel)
    return {name: "" if (value := getattr(shown, name)) is None else str(value) for name in FIELDS.names}


def read_channel(_visit: Visit, texts: Texts, _before: Channel | None) -> ChannelIn:
    """The channel that the texts say. Raises Invalid."""
    given: dict[str, Any] = {name: texts[name] for name in FIELDS.names if texts[name]}
    return read_as(ChannelIn, given | {name: _read_number(texts[name]) for name in NUMBERS if name in given})


def _read_number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else text


def _choices(_visit: Visit, _channel: Channel | None, _texts: Texts) -> dict[str, Any]:
    return {
        "kinds": [(one.value, channel_kind_name(one)) for one in ChannelKind],
        "weekdays": [(one.value, weekday_name(n)) for n, one in enumerate(Weekday)],
        "cost_models": [(one.value, cost_model_name(one)) for one in CostModel],
    }


FORM = RowForm(
    path="/channels",
    template="channel_form.html",
    fields=FIELDS,
    get=get_channel,
    empty=lambda visit: FIELDS.empty() | {"lead_time_days": "0", "name": visit.asked.get("name", "")},
    write=write_channel,
    read=read_channel,
    create=create_channel,
    replace=replace_channel,
    title=lambda one: _("Change %(name)s", name=one.name) if one is not None else _("A new channel"),
    more=_choices,
    delete=delete_channel,
)
router.routes += FORM.router().routes
