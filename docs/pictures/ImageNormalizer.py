"""Two photographs of coins, one of them dark. One threshold misses the coins of the dark one;
relative to each image's own threshold, one number fits both."""

import numpy as np
from _show import show
from skimage import data

from skmask import HistogramThresholdMasker, ImageNormalizer, ThresholdMasker

coins = data.coins()[:, :240]
X = np.stack([coins[4:124], coins[170:290] // 2])
plain = HistogramThresholdMasker().fit_transform(X)
relative = ThresholdMasker(1).transform(ImageNormalizer("otsu").fit_transform(X))
show(
    {
        "images": np.concatenate(X),
        "one threshold": np.concatenate(plain),
        "one relative threshold": np.concatenate(relative),
    },
    columns=3,
)
