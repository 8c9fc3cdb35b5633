"""Two squares that touch at a corner are two regions with connectivity 1 and one region with
connectivity 2. A ring whose pixels touch at corners encloses a hole with connectivity 2 only."""

import matplotlib.pyplot as plt
import numpy as np
from _show import pixels

from skmask import HoleFiller, LargestRegionKeeper

corner = np.zeros((6, 6), bool)
corner[1:3, 1:3] = corner[3:5, 3:5] = True
ring = np.zeros((7, 7), bool)
for row, column in ((1, 3), (2, 2), (3, 1), (4, 2), (5, 3), (4, 4), (3, 5), (2, 4)):
    ring[row, column] = True
_, axes = plt.subplots(1, 4, figsize=(9, 2.6), layout="constrained")
for ax, connectivity in zip(axes, (1, 2, 1, 2), strict=True):
    is_corner = ax in axes[:2]
    mask = corner if is_corner else ring
    cleaner = (LargestRegionKeeper if is_corner else HoleFiller)(connectivity=connectivity)
    after = cleaner.transform(mask[None])[0]
    pixels(ax, after, before=mask, title=f"{type(cleaner).__name__}\nconnectivity={connectivity}")
