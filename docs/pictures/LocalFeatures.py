"""A page of text under uneven light and four of its local features: the mean of the surroundings,
edges, and the largest and the least curvature, which show dark strokes as bright and the shadow
hardly at all."""

from _show import show
from skimage import data

from skmask import LocalFeatures

X = data.page()[None, :, :256]
features = LocalFeatures(scales=(2,))
images = dict(zip(features.fit(X).feature_names_, features.transform(X)[0].T, strict=True))
names = ["intensity_2", "edges_2", "hessian_2_max", "hessian_2_min"]
show({"page": X[0]} | {name: images[name].T for name in names}, columns=3)
