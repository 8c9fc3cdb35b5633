"""
Tune a mask of white matter in brain images
===========================================

The main job: learn a mask rule on labeled images, tune it by cross-validation, save it, and apply
it to new images.

White matter is bright in T1-weighted magnetic resonance images, but so is most of the brain.
Otsu's threshold therefore finds the whole brain. A pipeline that learns from labeled slices finds
the white matter.
"""

# %%
# Images and true masks
# ---------------------
# 18 slices of an average brain, with masks of the white matter. Six slices are kept apart; no fit
# sees them. All slices are of one brain, so they are more alike than slices of different people.

import matplotlib.pyplot as plt
from sklearn.model_selection import train_test_split

from skmask.datasets import load_brain_slices
from skmask.display import MaskDisplay

brain = load_brain_slices(target="white_matter")
X, X_new, y, y_new = train_test_split(brain.images, brain.masks, test_size=6, random_state=0)
print(f"{len(X)} training slices and {len(X_new)} new slices of {X.shape[1:]} pixels")

display = MaskDisplay.from_predictions(X[:6], y[:6], n_columns=6)
display.figure_.suptitle("training slices and true masks")

# %%
# Search over thresholds and morphology
# -------------------------------------
# Every candidate is scored on slices that it was not fitted on. The method ``"dice"`` learns from
# the masks, the other methods use the histogram alone. Zero iterations leave a mask as it is.

from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skmask import BinaryDilator, BinaryEroder, HistogramThresholdMasker
from skmask.metrics import dice_scorer

pipeline = make_pipeline(HistogramThresholdMasker(), BinaryDilator(), BinaryEroder())
grid = {
    "histogramthresholdmasker__method": ["otsu", "li", "triangle", "dice"],
    "binarydilator__iterations": [0, 1, 2],
    "binaryeroder__iterations": [0, 1, 2],
}
search = GridSearchCV(pipeline, grid, scoring=dice_scorer, cv=5).fit(X, y)
for name, value in search.best_params_.items():
    print(f"{name} = {value}")
print(f"cross-validated Dice score: {search.best_score_:.3f}")

# %%
# Save it, load it, apply it
# --------------------------
# The saved file contains what was learned. It gives the same masks later and on other machines.

import tempfile
from pathlib import Path

import joblib

file = Path(tempfile.mkdtemp()) / "white_matter.joblib"
joblib.dump(search.best_estimator_, file)
tuned = joblib.load(file).transform(X_new)
print(f"the file has {file.stat().st_size / 1000:.0f} kB")

# %%
# Compare on new slices
# ---------------------
# Otsu's threshold scores 0.514 on the new slices, the tuned pipeline 0.941.

from skmask.metrics import dice_score

otsu = HistogramThresholdMasker("otsu").fit(X).transform(X_new)
results = {"Otsu's threshold": otsu, "learned and tuned": tuned}
print(f"Dice score on {len(X_new)} new slices   mean   worst")
for name, masks in results.items():
    scores = dice_score(y_new, masks, average=None)
    print(f"{name:30} {scores.mean():.3f}   {scores.min():.3f}")

titles = [
    f"{name}\nDice {dice_score(true[None], mask[None]):.2f}"
    for name, masks in results.items()
    for true, mask in zip(y_new, masks, strict=True)
]
MaskDisplay.from_predictions(
    [*X_new, *X_new], [*otsu, *tuned], [*y_new, *y_new], n_columns=6, titles=titles
)
plt.show()

# %%
# Say what was done
# -----------------
# `skmask.describe` returns sentences for the methods section of a paper.

from skmask import describe

print(describe(search))
