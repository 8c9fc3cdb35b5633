"""
Cut the probability maps of a neural network
============================================

A network returns probabilities. The best cut and the smallest region to keep are learned on
validation images.
"""

# %%
# A small network
# ---------------
# It classifies each pixel from the gray values around it, and stands for any network that returns a
# map of probabilities. As is common, it is trained on as many foreground as background pixels. Its
# probabilities of foreground are then too high.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline

from skmask import HistogramThresholdMasker, SmallRegionRemover, ThresholdMasker
from skmask.datasets import make_masked_images
from skmask.display import MaskDisplay
from skmask.metrics import dice_score, dice_scorer

data = make_masked_images(24, (48, 48), noise=60.0, random_state=0)


def patches(images):
    """Return the 5 x 5 gray values around each pixel, one row for each."""
    padded = np.pad(images / 255, [(0, 0), (2, 2), (2, 2)], mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, (5, 5), axis=(1, 2)).reshape(-1, 25)


network = MLPClassifier((16,), max_iter=40, early_stopping=True, random_state=0)
rows, labels = patches(data.images[:8]), data.masks[:8].ravel()
balanced = np.r_[np.flatnonzero(labels), np.flatnonzero(~labels)[: labels.sum()]]
network.fit(rows[balanced], labels[balanced])
probabilities = network.predict_proba(patches(data.images))[:, 1].reshape(data.masks.shape)
valid, new = slice(8, 16), slice(16, 24)

# %%
# Learn the cut on validation images
# ----------------------------------

pipeline = make_pipeline(HistogramThresholdMasker("dice"), SmallRegionRemover())
grid = {"smallregionremover__min_size": [1, 4, 16, 64]}
search = GridSearchCV(pipeline, grid, scoring=dice_scorer, cv=4)
search.fit(probabilities[valid], data.masks[valid])
print(f"cut at {search.best_estimator_[0].threshold_:.2f}, {search.best_params_}")

# %%
# Compare on new images
# ---------------------

half = ThresholdMasker(0.5)
for name, masker in {"cut at 0.5": half, "learned cut and size": search}.items():
    score = dice_score(data.masks[new], masker.transform(probabilities[new]))
    print(f"{name}: Dice {score:.3f}")

shown = probabilities[new][:4]
MaskDisplay.from_predictions(shown, half.transform(shown), data.masks[new][:4])
MaskDisplay.from_predictions(shown, search.transform(shown), data.masks[new][:4])
plt.show()
