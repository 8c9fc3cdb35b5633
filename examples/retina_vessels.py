"""
Blood vessels of a retina: thin dark lines
==========================================

Local thresholds and the size of regions mask the vessels inside the round field of view.
"""

# %%
# Field of view and green channel
# -------------------------------
# Vessels have the highest contrast in the green channel. The field of view is a mask of its own,
# eroded to leave out its rim.

import matplotlib.pyplot as plt
import numpy as np
from skimage import data
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryEroder,
    HistogramThresholdMasker,
    LocalThresholdMasker,
    SmallRegionRemover,
)

green = data.retina()[::2, ::2, 1]
X = green[np.newaxis]
field = make_pipeline(HistogramThresholdMasker("triangle"), BinaryEroder("disk", radius=12))

# %%
# Vessels
# -------
# A vessel is darker than its surroundings. The operator ``&`` keeps what is inside the field of
# view.

dark_lines = LocalThresholdMasker("gaussian", window=25, offset=-7, foreground="dark")
dark_lines.set_params(offset=7)
vessels = make_pipeline(dark_lines & field, SmallRegionRemover(80, connectivity=2))
masks = vessels.fit_transform(X)
inside = field.fit_transform(X)
print(f"vessels cover {masks.sum() / inside.sum():.1%} of the field of view")

figure, axes = plt.subplots(1, 3, figsize=(10, 3.6), layout="constrained")
panels = {"green channel": green, "field of view": inside[0], "vessels": masks[0]}
for ax, (title, panel) in zip(axes, panels.items(), strict=True):
    ax.imshow(panel, cmap="gray")
    ax.set_title(title)
    ax.set_axis_off()
plt.show()
