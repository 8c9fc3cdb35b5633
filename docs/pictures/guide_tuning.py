"""Table of the mean Dice scores of a grid search, over iterations of an opening and the smallest size of
regions. The best cell, framed, has no opening and regions of at least 4 pixels."""

import matplotlib.pyplot as plt
import numpy as np
from _show import ORANGE
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skmask import BinaryOpener, HistogramThresholdMasker, SmallRegionRemover
from skmask.datasets import make_masked_images

data = make_masked_images(24, (48, 48), noise=30.0, random_state=0)
iterations, sizes = [0, 1, 2, 3], [1, 4, 16, 64, 256]
grid = {"binaryopener__iterations": iterations, "smallregionremover__min_size": sizes}
pipeline = make_pipeline(HistogramThresholdMasker("dice"), BinaryOpener(), SmallRegionRemover())
search = GridSearchCV(pipeline, grid, cv=3).fit(data.images, data.masks)
scores = search.cv_results_["mean_test_score"].reshape(len(iterations), len(sizes))
figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.imshow(scores, cmap="cividis", aspect="auto")
best = np.unravel_index(scores.argmax(), scores.shape)
for (i, j), score in np.ndenumerate(scores):
    dark = score < scores.min() + 0.6 * np.ptp(scores)
    ax.text(j, i, f"{score:.2f}", ha="center", va="center", color="white" if dark else "black")
ax.add_patch(
    plt.Rectangle((best[1] - 0.48, best[0] - 0.46), 0.96, 0.92, fill=False, ec=ORANGE, lw=3)
)
ax.set(xlabel="smallregionremover__min_size", ylabel="binaryopener__iterations")
ax.set_xticks(range(len(sizes)), sizes)
ax.set_yticks(range(len(iterations)), iterations)
ax.set_title("mean Dice score of 3 folds", fontsize=10)
