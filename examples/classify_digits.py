"""
A mask inside a classifier's pipeline
=====================================

The threshold of a mask is tuned for the accuracy of the classifier that follows it.

These digits are clean, so no gain is expected. The example shows how a mask is built in and
tuned, and how to test whether it helps.
"""

# %%
# The pipeline
# ------------
# ``MaskApplier`` sets the pixels outside the mask to 0, ``ImageFlattener`` makes rows for the
# classifier. All parameters have nested names.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from skmask import ImageFlattener, MaskApplier, ThresholdMasker

digits = load_digits()
X, X_new, y, y_new = train_test_split(
    digits.images, digits.target, test_size=0.5, stratify=digits.target, random_state=0
)
steps = [("mask", MaskApplier(ThresholdMasker())), ("flatten", ImageFlattener()), ("svc", SVC())]
pipeline = Pipeline(steps)

# %%
# The same search with and without a mask
# ---------------------------------------

thresholds = list(range(0, 15, 2))
masked = GridSearchCV(pipeline, {"mask__masker__threshold": thresholds}, cv=5).fit(X, y)
without = GridSearchCV(pipeline, {"mask": ["passthrough"]}, cv=5).fit(X, y)

means = masked.cv_results_["mean_test_score"]
spreads = masked.cv_results_["std_test_score"]
figure, ax = plt.subplots(layout="constrained")
ax.errorbar(thresholds, means, spreads, marker="o", capsize=3, label="masked")
ax.axhline(without.best_score_, color="0.4", ls="--", label="no mask")
ax.set(xlabel="threshold, of 16", ylabel="cross-validated accuracy")
ax.legend()
plt.show()

# %%
# On new digits
# -------------
# The difference is within the standard error: the mask does not help here. Strong masks lose what
# the classifier needs.

for name, model in {"no mask": without, "best mask": masked}.items():
    accuracy = model.score(X_new, y_new)
    error = np.sqrt(accuracy * (1 - accuracy) / len(y_new))
    print(f"{name:10} accuracy {accuracy:.3f}, standard error {error:.3f}")
