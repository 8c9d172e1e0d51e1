"""The list of one kind of row of the plan, from which its form is opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.web.pages.carried import way_back
from app.web.pages.placement_link import PLANNERS
from app.web.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row as its list shows it: what it is called, what else there is to say of it, what its change is
    called, and where it is shown by itself, if it is."""

    row: Any
    name: str
    cells: Sequence[str]
    change: str
    address: str = ""


def list_view(
    visit: Visit, path: str, title: str, finding: str, columns: Sequence[str], lines: Sequence[RowLine], add: str,
    told: str = "",
) -> dict[str, Any]:  # fmt: skip
    """All that the list shows; `add` is what whoever may plan asks for a new row with, `told` where it is shown who is
    told what; `counts` says that the last column is one of numbers."""
    may_plan = visit.member.place.role in PLANNERS

    def edit(line: RowLine) -> str:
        ours = line.row.organisation_id == visit.organisation.id
        return visit.address(f"{path}/{line.row.id}/edit") if may_plan and ours else ""

    return {
        "title": title,
        "finding": finding,
        "kept": visit.asked.get("kept") == "yes",
        "problems": (),
        "way_back": way_back(visit) if may_plan else None,
        "new": visit.address(f"{path}/new") if may_plan else "",
        "add": add,
        "told": told,
        "key": path.strip("/"),
        "columns": columns,
        "counts": True,
        "rows": [(line, edit(line)) for line in lines],
    }
