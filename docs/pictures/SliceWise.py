"""Three classes of a label image as a mask with one channel each, before and after SliceWise(HoleFiller())
has filled the holes of each class by itself; added pixels are blue."""

import numpy as np
from _show import changes, show

from skmask import HoleFiller, SliceWise

rng = np.random.default_rng(0)
rows, columns = np.indices((90, 90))
centers = [(30, 30), (30, 62), (62, 45)]
classes = np.stack([np.hypot(rows - row, columns - column) < 22 for row, column in centers])
classes &= rng.random(classes.shape) < 0.97
filled = SliceWise(HoleFiller(), axis=1).transform(classes[np.newaxis])[0]
panels = {f"class {i}": one for i, one in enumerate(classes)}
panels |= {
    f"class {i}, filled": changes(*pair) for i, pair in enumerate(zip(classes, filled, strict=True))
}
show(panels, columns=3, width=7.0)
