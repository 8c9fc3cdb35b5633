"""A photograph of coins, and the strength of its edges by the Sobel filter of scikit-image."""

from _show import show
from skimage import data, filters

from skmask import ImageFunction

X = data.coins()[None, :120, :180]
show({"coins": X[0], "ImageFunction(filters.sobel)": ImageFunction(filters.sobel).transform(X)[0]})
