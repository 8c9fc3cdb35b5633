"""Silhouette of a horse and its convex hull; the filled dents between the legs and around the neck
are blue."""

from _show import changes, show
from skimage import data

from skmask import ConvexHuller

X = ~data.horse()[None]
after = ConvexHuller().transform(X)
show({"mask": X[0], "ConvexHuller()": changes(X[0], after[0])}, columns=3, width=6)
