"""How large a row's credit could be, were all its own that cannot be traced."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.measurement.credit import Carried, Floats, Paths, Rule, part_by_person_and_row


@dataclass(frozen=True, slots=True, eq=False)
class Untraced:
    """Which rows the steps may be of which no ad is known.

    rows      (rows,) those of the report that stand for such steps
    kind      (paths,) what is known of each path's untraced step, in codes from 0; any where it has none
    possible  (kinds, rows) whether a step of this kind may be this row's
    """

    rows: NDArray[np.bool_]
    kind: NDArray[np.integer]
    possible: NDArray[np.bool_]


def bound_credit(paths: Paths, rule: Rule, untraced: Untraced, carried: Carried | None = None) -> Floats:
    """How large could each row's credit be under this way of sharing? The least is the credit itself.

    What the untraced steps of a path get is given to the row, where they may be its own, and the row never gets more
    than the whole of a path. Arguments as `credit.share_credit`; shape (rows,), each row's answer by itself: they
    cannot all be as large at once. Exact, but for Shapley on paths of three rows and more, where it may be too large.
    No limits of chance, which the interval has. Source: the worst case of what is missing, Horowitz and Manski 1995.
    """
    path, row, part = part_by_person_and_row(paths, rule, carried)
    lost = untraced.rows[row]
    free = np.minimum(np.bincount(path[lost], weights=part[lost], minlength=len(paths.ending)), 1.0)
    by_kind = np.bincount(untraced.kind, weights=free, minlength=len(untraced.possible))
    share = np.bincount(row, weights=part, minlength=len(untraced.rows))
    kept = np.minimum(free[path], np.maximum(1 - part, 0.0))
    beyond = np.where(untraced.possible[untraced.kind[path], row], free[path] - kept, 0.0)
    too_much = np.bincount(row, weights=beyond, minlength=len(untraced.rows))
    return np.asarray(share + by_kind @ untraced.possible - too_much)
