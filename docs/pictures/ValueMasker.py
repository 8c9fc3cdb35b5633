"""Label image of nine numbered blobs in shades of gray, and the mask of the pixels that have one of the
values 2, 5 and 8."""

import numpy as np
from _show import show

from skmask import ValueMasker

rows, columns = np.indices((120, 120))
labels = np.zeros((120, 120), int)
for i in range(9):
    inside = np.hypot(rows - 20 - 40 * (i // 3), columns - 20 - 40 * (i % 3)) < 15
    labels[inside] = i + 1
mask = ValueMasker([2, 5, 8]).transform(labels[np.newaxis])[0]
show({"labels 1 to 9": labels, "ValueMasker([2, 5, 8])": mask}, columns=2, width=6.0)
