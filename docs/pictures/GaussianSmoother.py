"""A noisy photograph of coins, the same smoothed by a Gaussian filter, and the masks by Otsu's
threshold before and after: the specks are gone."""

import numpy as np
from _show import show
from skimage import data

from skmask import GaussianSmoother, HistogramThresholdMasker

coins = data.coins()[None, :120, :180]
X = coins + np.random.default_rng(0).normal(0, 40, coins.shape)
smooth = GaussianSmoother(2).transform(X)
otsu = HistogramThresholdMasker()
show(
    {
        "noisy": X[0],
        "GaussianSmoother(2)": smooth[0],
        "Otsu on noisy": otsu.fit_transform(X)[0],
        "Otsu on smoothed": otsu.fit_transform(smooth)[0],
    },
    columns=2,
)
