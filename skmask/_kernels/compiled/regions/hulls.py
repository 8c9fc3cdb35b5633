"""Twin of `skmask._kernels.regions.hulls`: rows are read from both ends until there is foreground."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import BoolArray, IntArray
from skmask._kernels.compiled.jit import jit


def row_ends(masks: BoolArray) -> tuple[IntArray, IntArray]:
    """Return the first and the last pixel of foreground in every row: 0 and -1 of a row without any."""
    rows = np.ascontiguousarray(masks).view(np.uint8).reshape(-1, masks.shape[-1])
    lows, highs = np.zeros(len(rows), np.intp), np.full(len(rows), -1, np.intp)
    _find_ends(rows, lows, highs)
    return lows.reshape(masks.shape[:-1]), highs.reshape(masks.shape[:-1])


@jit
def _find_ends(rows: Any, lows: Any, highs: Any) -> None:
    n_rows, width = rows.shape
    for row in range(n_rows):
        pixels = rows[row]
        low = 0
        while low < width and not pixels[low]:
            low += 1
        if low < width:
            lows[row] = low
            high = width - 1
            while not pixels[high]:
                high -= 1
            highs[row] = high
