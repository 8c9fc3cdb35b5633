"""Photographs of coins by two cameras, one of them dark: one threshold for all misses coins, a threshold
for each camera finds those of both."""

import numpy as np
from _show import show
from skimage import data

from skmask import GroupedMasker, HistogramThresholdMasker

coins = data.coins()[:, :240]
X = np.stack([coins[4:124], coins[170:290] // 2])
grouped = GroupedMasker(HistogramThresholdMasker())
masks = grouped.fit_transform(X, groups=["bright", "dark"])
show(
    {
        "two cameras": np.concatenate(X),
        "one threshold": np.concatenate(grouped.masker_.transform(X)),
        "GroupedMasker": np.concatenate(masks),
    },
    columns=3,
)
