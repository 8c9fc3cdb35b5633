"""A stained tissue section with a few scribbles on brown cells and on the rest, the gray value learned from
them, and the mask of what it makes positive: the brown cells."""

import numpy as np
from _show import show
from skimage import data

from skmask import ColorProjector, ThresholdMasker

X = data.immunohistochemistry()[None, 100:300, 100:400]
scribbles = np.zeros((2, 1, 200, 300), bool)
brown = (X[..., 0] > X[..., 2] + 55) & (X[..., 2] < 130)
scribbles[0, :, 60:64] = brown[:, 60:64]
scribbles[1, :, 60:64] = ~brown[:, 60:64]
projector = ColorProjector(channel_axis=-1).fit(X, scribbles[0], roi=scribbles.any(axis=0))
gray = projector.transform(X)
drawn = X[0].copy()
drawn[scribbles[0, 0]], drawn[scribbles[1, 0]] = (255, 0, 0), (0, 0, 255)
show(
    {
        "scribbles: brown (red), rest (blue)": drawn,
        "ColorProjector": gray[0],
        "positive": ThresholdMasker(0).transform(gray)[0],
    },
    columns=3,
)
