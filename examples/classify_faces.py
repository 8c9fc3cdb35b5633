"""
Masked pixels as features: where does a classifier look?
========================================================

A classifier of faces on all pixels, and on the pixels under a mask.

A mask does not improve the accuracy here. It halves the number of features and shows which part
of the image the classifier uses.
"""

# %%
# Four selections of pixels
# -------------------------
# 200 patches of 25 x 25 pixels: 100 faces, then 100 patches without a face. ``MaskedPixelSelector``
# learns one mask from the training images of each fold and makes a column of every pixel in it.

import matplotlib.pyplot as plt
import numpy as np
import skimage.data
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmask import FixedMasker, HistogramThresholdMasker, ImageFlattener, MaskedPixelSelector

X = skimage.data.lfw_subset()
y = np.repeat([1, 0], 100)
rows, columns = np.mgrid[-1:1:25j, -1:1:25j]
oval = FixedMasker((columns / 0.75) ** 2 + (rows / 0.95) ** 2 <= 1)
selectors = {
    "all pixels": ImageFlattener(),
    "bright in most images": MaskedPixelSelector(HistogramThresholdMasker(), combine="majority"),
    "an oval": MaskedPixelSelector(oval),
    "around the oval": MaskedPixelSelector(~oval),
}
models = {
    name: make_pipeline(selector, StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    for name, selector in selectors.items()
}

# %%
# Accuracy
# --------
# The pixels *around* the faces should contain no information, and yet they classify nearly as well.
# This is a warning about these images, which a classifier of whole patches would have hidden.

folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=1, random_state=0)
for name, model in models.items():
    scores = cross_val_score(model, X, y, cv=folds)
    n_features = model.fit(X, y)[-1].n_features_in_
    print(f"{name:22} {n_features:4} pixels, accuracy {scores.mean():.3f} +- {scores.std():.3f}")

# %%
# Coefficients as images
# ----------------------
# ``inverse_transform`` puts the coefficients of the classifier back into an image.

figure, axes = plt.subplots(1, 5, figsize=(10, 2.4), layout="constrained")
axes[0].imshow(X[y == 1].mean(axis=0), cmap="gray")
axes[0].set_title("mean face")
for ax, (name, model) in zip(axes[1:], models.items(), strict=True):
    coefficients = model[0].inverse_transform(model[-1].coef_)[0]
    limit = np.abs(coefficients).max()
    ax.imshow(coefficients, cmap="PuOr_r", vmin=-limit, vmax=limit)
    ax.set_title(name, fontsize=9)
for ax in axes:
    ax.set_axis_off()
plt.show()
