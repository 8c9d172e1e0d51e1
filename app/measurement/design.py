"""Which kinds of applicants have which covariates and met which ads, as sums over kinds that fits are made of."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.measurement.cells import Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Sparse sums over the rows, each a kind of applicant of one family: by what makes a row's predictor.

    by_column  to (families · width,): over the rows that have a column;  by_row  back: over the columns of a row
    by_family  to (families,)
    by_pair    to (families · width²,): over the rows that have both columns, upper triangles alone
    apart      whether no row has two columns from `levels` on, which are the ads: then their block is diagonal
    """

    families: int
    width: int
    by_column: "csr_array"
    by_row: "csr_array"
    by_family: "csr_array"
    by_pair: "csr_array"
    apart: bool

    @classmethod
    def of(cls, family: Ints, columns: Ints, *, families: int, width: int, levels: int) -> "Design":
        """columns (rows, k) are the columns that are 1, filled up with `width`."""
        rows, filled = len(family), columns < width
        row, slot = np.nonzero(filled)
        by_column = sums(family[row] * width + columns[row, slot], row, families * width, rows)
        first, second = np.triu_indices(columns.shape[1])
        left, right = columns[:, first], columns[:, second]
        both, slot = np.nonzero((left < width) & (right < width))
        place = (family[both] * width + left[both, slot]) * width + right[both, slot]
        return cls(
            families,
            width,
            by_column,
            by_column.T.tocsr(),
            sums(family, np.arange(rows), families, rows),
            sums(place, both, families * width**2, rows),
            bool(((columns >= levels) & filled).sum(axis=1).max(initial=0) <= 1),
        )

    def sum_by_column(self, values: Floats) -> Floats:
        """Over the rows that have each column, shape (families, width)."""
        return np.asarray(self.by_column @ values).reshape(self.families, self.width)

    def sum_by_pair(self, values: Floats) -> Floats:
        """Over the rows that have each two columns, shape (families, width, width): upper triangles."""
        return np.asarray(self.by_pair @ values).reshape(self.families, self.width, self.width)


def sums(into: Ints, of: Ints, size: int, parts: int) -> "csr_array":
    """The matrix that adds up parts `of` a vector into the places `into`."""
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(of)), (into, of)), shape=(size, parts))


def mirror(upper: Floats) -> Floats:
    """The symmetric matrices whose upper triangles these are."""
    return np.asarray(upper + np.swapaxes(np.triu(upper, 1), 1, 2))
