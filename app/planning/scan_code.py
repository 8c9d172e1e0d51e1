"""The QR code of an address: its squares, and how wide it must be printed to be read from where people stand."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

QUIET_MODULES = 4
"""White squares around the code that a reader needs to find it (ISO/IEC 18004, 5.3.8)."""
ERROR_LEVEL = "Q"
"""A quarter of the code may be dirty or torn: what hangs outdoors will be."""
DISTANCE_PER_WIDTH = 10
MODULES_OF_RULE = 25
LEAST_MODULE_MM = 0.4


@dataclass(frozen=True, slots=True)
class ScanCode:
    """A code as its dark runs, each `(column, row, length)` in modules from the upper left corner, without the quiet
    zone; `error_level` is the least that a reader can mend: M 15 %, Q 25 %, H 30 % of the code."""

    modules: int
    runs: Sequence[tuple[int, int, int]]
    error_level: str


def make_scan_code(address: str) -> ScanCode:
    """The code that leads to an address; where it costs no size, it mends more than asked."""
    import segno

    code = segno.make_qr(address, error=ERROR_LEVEL, boost_error=True)
    rows = [list(row) for row in code.matrix]
    runs = [run for y, row in enumerate(rows) for run in _dark_runs(row, y)]
    return ScanCode(len(rows), runs, str(code.error))


def _dark_runs(row: Sequence[int], y: int) -> list[tuple[int, int, int]]:
    runs: list[tuple[int, int, int]] = []
    for x, dark in enumerate(row):
        if not dark:
            continue
        if runs and runs[-1][0] + runs[-1][2] == x:
            first, _, length = runs.pop()
            runs.append((first, y, length + 1))
        else:
            runs.append((x, y, 1))
    return runs


def least_width_mm(modules: int, distance_cm: int) -> int:
    """How wide a code is to be printed, in whole mm with its quiet zone, to be read from this distance.

    A tenth of the distance for a code of 25 modules, and in the same proportion for one of more: the rule of thumb for
    black on white, well lit and met from the front (qrstuff.com, "What size should a printed QR code be?"). No module
    is smaller than 0.4 mm, five dots of a printer with 300 dots to the inch (Denso Wave, qrcode.com, "Point for
    setting the module size", which advises four dots or more).
    """
    by_distance = distance_cm * 10 / DISTANCE_PER_WIDTH / MODULES_OF_RULE
    module = max(by_distance, LEAST_MODULE_MM)
    return math.ceil(module * (modules + 2 * QUIET_MODULES))
