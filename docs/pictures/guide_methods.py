"""Four typical histograms, and below each of them a dot for the threshold that every method
chooses: two equal peaks, a small bright foreground, one peak with a tail, and a wide and a narrow
peak. Methods agree on the first only."""

import math

import matplotlib.pyplot as plt
import numpy as np
from _show import BLUE, GRAY

from skmask.thresholds import compare_thresholds, count_pixels

rng = np.random.default_rng(0)


def peaks(*parts):
    values = [rng.normal(center, width, size) for center, width, size in parts]
    return np.clip(np.concatenate(values), 0, 255).astype(np.uint8)[None]


tail = np.clip(40 + rng.exponential(35, 20_000), 0, 255)
images = {
    "two equal peaks": peaks((80, 14, 30_000), (170, 14, 30_000)),
    "small bright foreground": peaks((70, 12, 60_000), (170, 20, 1_500)),
    "one peak with a tail": np.concatenate([peaks((40, 8, 50_000))[0], tail])[None].astype(
        np.uint8
    ),
    "wide and narrow peak": peaks((90, 32, 40_000), (200, 7, 20_000)),
}
figure, axes = plt.subplots(
    2, 4, figsize=(10, 5.4), height_ratios=[1, 3], sharex=True, layout="constrained"
)
names = None
for (title, X), (top, below) in zip(images.items(), axes.T, strict=True):
    counts, centers = count_pixels(X)
    found = compare_thresholds(counts, centers)
    names = names or sorted(found, reverse=True)
    top.fill_between(centers, counts, step="mid", color=GRAY, alpha=0.7)
    top.set_title(title, fontsize=10)
    top.set(yticks=[])
    for i, name in enumerate(names):
        if math.isfinite(found[name]):
            below.plot(found[name], i, "o", color=BLUE, ms=5)
    below.set(yticks=range(len(names)), yticklabels=[], xlim=(0, 255), xlabel="threshold")
    below.grid(alpha=0.3)
axes[1, 0].set_yticklabels(names, fontsize=8)
