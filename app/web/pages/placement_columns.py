"""The columns of the table of placements: what is read together stands below each other in one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.i18n import _
from app.planning.placement import FLIGHT_COSTS
from app.planning.sheet import column_title


@dataclass(frozen=True, slots=True)
class Group:
    """A column of the table: the fields in it, from above, and how each is called; `says` whether it does so beside the
    field, or in the head alone."""

    name: str
    title: str
    fields: Mapping[str, str]
    says: bool = False
    usual: bool = True


def list_groups() -> list[Group]:
    """Every column, in the order of the table; each field of a placement is in one."""
    costs = dict(zip(FLIGHT_COSTS, (_("Planned"), _("Booked"), _("Invoiced")), strict=True))
    costs |= {field: column_title(field) for field in ("production_cost", "vat_percent")}
    return [
        _group("ad", "asset", "name", "target_url"),
        _group("where", "channel", "place"),
        _group("when", "starts_on", "ends_on", "status"),
        _group("whom", "persona", "audience"),
        Group("cost", _("Cost"), costs, says=True),
    ]


def _group(name: str, *fields: str) -> Group:
    titles = {field: column_title(field) for field in fields}
    return Group(name, " · ".join(titles.values()), titles)


def with_pointed_at(chosen: Sequence[Group], pointed_at: Collection[str]) -> list[Group]:
    """The columns that are chosen, and those with fields of which something is said: what is wrong is never hidden."""
    return [one for one in list_groups() if one in chosen or not one.fields.keys().isdisjoint(pointed_at)]
