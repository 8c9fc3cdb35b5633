"""A photograph of coins with white and black specks, and the same after a median filter: the specks
are gone, the edges of the coins are kept."""

import numpy as np
from _show import show
from skimage import data

from skmask import MedianSmoother

X = data.coins()[None, :120, :180].copy()
specks = np.random.default_rng(0).random(X.shape)
X[specks < 0.05], X[specks > 0.95] = 0, 255
show({"specks": X[0], "MedianSmoother(2)": MedianSmoother(2).transform(X)[0]})
