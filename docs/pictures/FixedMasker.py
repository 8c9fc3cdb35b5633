"""Two slices of a brain with the same ellipse drawn on both: a known region of interest."""

import numpy as np
from _show import overlay, show

from skmask import FixedMasker
from skmask.datasets import load_brain_slices

X = load_brain_slices().images[[6, 10]]
rows, columns = np.ogrid[:233, :197]
ellipse = ((rows - 116) / 60) ** 2 + ((columns - 98) / 45) ** 2 < 1
masks = FixedMasker(ellipse).transform(X)
show({f"image {i}, known mask": overlay(X[i], masks[i]) for i in range(2)}, columns=3, width=5)
