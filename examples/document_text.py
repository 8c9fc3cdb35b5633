"""
Documents: text on a page in uneven light
=========================================

The window and the offset of local thresholds are learned from pages whose text is known.
"""

# %%
# Pages with known text
# ---------------------
# Clean text, printed on a page whose brightness falls from one corner to the other, with noise. The
# clean text is the true mask.

import matplotlib.pyplot as plt
import numpy as np
from skimage import data
from sklearn.model_selection import GridSearchCV

from skmask import HistogramThresholdMasker, LocalThresholdMasker
from skmask.display import MaskDisplay
from skmask.metrics import dice_score, dice_scorer

rng = np.random.default_rng(0)
clean = data.page()[40:180, 120:360] < 90  # the dark letters of a scanned page
y = np.stack([clean, clean[::-1], clean[:, ::-1], clean[::-1, ::-1]])
rows, columns = np.mgrid[0:1:140j, 0:1:240j]
light = 230 - 150 * (rows + columns) / 2
X = np.clip(light * np.where(y, 0.55, 1) + rng.normal(0, 6, y.shape), 0, 255).astype(np.uint8)
X_new, y_new = X[2:], y[2:]
X, y = X[:2], y[:2]

# %%
# One threshold for all pixels
# ----------------------------
# Even the best of all thresholds takes the dark corner for text.

one = HistogramThresholdMasker("dice", foreground="dark").fit(X, y)
print(f"best threshold {one.threshold_}: Dice {dice_score(y_new, one.transform(X_new)):.2f}")

# %%
# Local thresholds
# ----------------
# A grid search chooses the method, the window, and the sensitivity ``k`` of the methods that have one.

grid = [
    {"method": ["sauvola", "niblack"], "window": [11, 25, 51], "k": [0.05, 0.1, 0.2, 0.4]},
    {"method": ["mean"], "window": [11, 25, 51]},
]
search = GridSearchCV(LocalThresholdMasker(foreground="dark"), grid, scoring=dice_scorer, cv=2)
search.fit(X, y)
print(search.best_params_)
print(f"Dice on new pages: {dice_score(y_new, search.transform(X_new)):.2f}")

MaskDisplay.from_predictions(
    [X_new[0]] * 2,
    [one.transform(X_new)[0], search.transform(X_new)[0]],
    [y_new[0]] * 2,
    titles=["best single threshold", "local thresholds"],
)
plt.show()

# %%
# A real page
# -----------

page = data.page()[np.newaxis]
MaskDisplay.from_predictions(
    [page[0]] * 2,
    [one.transform(page)[0], search.transform(page)[0]],
    titles=["best single threshold", "local thresholds"],
)
plt.show()
