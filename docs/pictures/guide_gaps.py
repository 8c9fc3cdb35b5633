"""Histogram with a wide gap between background and foreground. All thresholds in the gap split the training
pixels alike; skmask takes the middle of the gap, other libraries its lower end."""

import matplotlib.pyplot as plt
import numpy as np
from _show import BLUE, GRAY, ORANGE

from skmask import HistogramThresholdMasker

rng = np.random.default_rng(0)
values = (
    np.concatenate([rng.normal(50, 6, 3000), rng.normal(160, 9, 1200)]).round().astype(np.uint8)
)
masker = HistogramThresholdMasker().fit(values[np.newaxis, np.newaxis])
low, high = masker.threshold_interval_
figure, ax = plt.subplots(figsize=(7, 2.6), layout="constrained")
ax.hist(values, bins=np.arange(25, 200) - 0.5, color=GRAY)
ax.axvspan(low, high, color=ORANGE, alpha=0.15)
for x, color, label, height in (
    (low, BLUE, "other libraries", 0.9),
    (masker.threshold_, ORANGE, "skmask", 0.7),
):
    ax.axvline(x, color=color, lw=2.5)
    ax.annotate(
        f"{label}: {x}",
        (x, height),
        (5, 0),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
    )
ax.annotate(
    "threshold_interval_",
    ((low + high) / 2, 0.1),
    xycoords=("data", "axes fraction"),
    ha="center",
    fontsize=9,
    bbox={"fc": "#fdf4e0", "ec": "none"},
)
ax.set(xlabel="intensity", ylabel="pixels")
ax.spines[["top", "right"]].set_visible(False)
