"""Mask of blobs that touch, and the same mask cut apart by RegionSplitter along lines of one pixel,
which are drawn in orange; below, the numbers of regions before and after."""

import numpy as np
from _show import changes, show

from skmask import RegionSplitter, label_regions

rng = np.random.default_rng(3)
rows, columns = np.indices((160, 240))
before = np.zeros((1, 160, 240), bool)
for row, column, radius in rng.integers((20, 20, 10), (140, 220, 17), (24, 3)):
    before[0] |= (rows - row) ** 2 + (columns - column) ** 2 < radius**2
after = RegionSplitter().transform(before)
counts = [label_regions(masks).max() for masks in (before, after)]
show(
    {
        f"mask, {counts[0]} regions": before[0],
        f"RegionSplitter(), {counts[1]} regions": changes(before[0], after[0]),
    },
    columns=2,
)
