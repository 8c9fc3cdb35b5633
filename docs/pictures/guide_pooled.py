"""An image with objects and an empty image, each masked in two ways: a threshold computed for each
image splits the noise of the empty image in two halves, a threshold learned from all training
images leaves it empty."""

import numpy as np
from _show import show

from skmask import HistogramThresholdMasker
from skmask.datasets import make_masked_images

train = make_masked_images(20, random_state=0)
empty = make_masked_images(1, n_objects=0, random_state=1)
X = np.concatenate([train.images[4:5], empty.images])
alone = HistogramThresholdMasker("otsu", strategy="per_image").fit(X).transform(X)
pooled = HistogramThresholdMasker("otsu").fit(train.images).transform(X)
panels = {}
for i, name in enumerate(("with objects", "empty")):
    panels |= {name: X[i], f"{name}: per image": alone[i], f"{name}: learned": pooled[i]}
show(panels, columns=6, width=10)
