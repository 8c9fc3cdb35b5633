"""
A new scanner: notice that images have changed
==============================================

A learned threshold fits images like those of training. A guard warns when images are different.
"""

# %%
# Training
# --------
# The guard learns the range of the pixels, and the range of the share of foreground.

import warnings

import matplotlib.pyplot as plt
import numpy as np

from skmask import DriftGuard, HistogramThresholdMasker
from skmask.datasets import load_brain_slices
from skmask.display import MaskDisplay
from skmask.metrics import dice_score

brain = load_brain_slices()
X, y = brain.images[::2], brain.masks[::2]
X_new, y_new = brain.images[1::2], brain.masks[1::2]
guard = DriftGuard(HistogramThresholdMasker("dice"), max_factor=1.5).fit(X, y)
masks = guard.transform(X_new)
print(f"same scanner: Dice {dice_score(y_new, masks):.2f}")

# %%
# The same slices, brighter
# -------------------------
# The threshold now marks most of the brain. The guard notices it.

brighter = np.where(X_new > 0, 70 + X_new * 0.8, 0).astype(np.uint8)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    wrong = guard.transform(brighter)
print(f"brighter scanner: Dice {dice_score(y_new, wrong):.2f}")
print("warning:", caught[0].message)

MaskDisplay.from_predictions(
    [X_new[4], brighter[4]],
    [masks[4], wrong[4]],
    [y_new[4]] * 2,
    titles=["same scanner", "brighter scanner"],
)
plt.show()

# %%
# Which images?
# -------------
# ``measure`` tells how far each image is from the training images.

measures = guard.measure(brighter)
print("share of foreground:", measures.foreground.round(2))
