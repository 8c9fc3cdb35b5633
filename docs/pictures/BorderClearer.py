"""Mask of coins cut out so that the frame crosses some of them; the regions at the frame, in
orange, are removed. With a margin those that come near it go, too, and with a round field of view
those that touch its end."""

import numpy as np
from _show import changes, show
from skimage import data
from sklearn.pipeline import make_pipeline

from skmask import BinaryCloser, BorderClearer, SmallRegionRemover, ThresholdMasker

X = data.coins()[None, 20:250, 40:330]
before = make_pipeline(ThresholdMasker(120), BinaryCloser(), SmallRegionRemover(60)).fit_transform(
    X
)
rows, columns = np.indices(X.shape[1:])
field = (rows - 115) ** 2 + (columns - 145) ** 2 < 112**2


def cleared(**options):
    return changes(before[0], BorderClearer(**options).transform(before)[0])


show(
    {
        "mask": before[0],
        "BorderClearer()": cleared(),
        "margin=20": cleared(margin=20),
        "field of view": np.where(field, X[0], 0),
        "field=field": cleared(field=field),
    },
    columns=3,
)
