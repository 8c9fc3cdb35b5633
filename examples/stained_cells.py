"""
Color cells: a stain in a microscope image (RGB)
================================================

A color image is converted to the amount of two stains; the brown stain is masked and measured.
"""

# %%
# The image
# ---------
# Tissue of a colon, stained with hematoxylin (blue nuclei) and DAB (brown, marks a protein). The
# channels are the last axis.

import matplotlib.pyplot as plt
import numpy as np
from skimage import data
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryOpener,
    ColorConverter,
    HistogramThresholdMasker,
    MaskApplier,
    RegionStatistics,
    SmallRegionRemover,
)

X = data.immunohistochemistry()[np.newaxis]
print(X.shape, X.dtype)


# %%
# From RGB to one stain
# ---------------------
# Color deconvolution returns the amounts of hematoxylin, eosin and DAB. The second `ColorConverter`
# takes the channel of DAB. As steps of the Pipeline, both are searched and saved with it.

brown = make_pipeline(ColorConverter("hed", channel_axis=-1), ColorConverter(2, channel_axis=-1))
masker = make_pipeline(
    *brown,
    HistogramThresholdMasker("otsu"),
    BinaryOpener("disk", radius=2),
    SmallRegionRemover(50),
)
masks = masker.fit_transform(X)

# %%
# Look at it
# ----------
# ``MaskApplier`` shows the masker the color image and masks all channels.

applier = MaskApplier(masker, fill_value=255, channel_axis=-1).fit(X)
figure, axes = plt.subplots(1, 4, figsize=(10, 2.8), layout="constrained")
panels = {
    "image": X[0],
    "amount of DAB": brown.fit_transform(X)[0],
    "mask": masks[0],
    "stained tissue": applier.transform(X)[0],
}
for ax, (title, panel) in zip(axes, panels.items(), strict=True):
    ax.imshow(panel, cmap="gray")
    ax.set_title(title)
    ax.set_axis_off()
plt.show()

# %%
# Measure
# -------

statistics = RegionStatistics(masker, statistics=("fraction", "n_regions", "mean"), channel_axis=-1)
row = dict(zip(statistics.fit(X).get_feature_names_out(), statistics.transform(X)[0], strict=True))
print(f"{row['fraction']:.1%} of the image is stained, in {row['n_regions']:.0f} regions")
