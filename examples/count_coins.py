"""
Count and measure objects: coins in uneven light
================================================

From a photograph to a table with one row of measurements: masks, cleaning, counting.
"""

# %%
# The photograph
# --------------
# Greek coins from Pompeii, lit from one side. The histogram has no clear valley.

import matplotlib.pyplot as plt
import numpy as np
from skimage import data
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryOpener,
    HistogramThresholdMasker,
    HoleFiller,
    LocalThresholdMasker,
    RegionStatistics,
    SmallRegionRemover,
)
from skmask.display import MaskDisplay

X = data.coins()[np.newaxis]

# %%
# One threshold or a threshold for each pixel
# -------------------------------------------
# Otsu's threshold joins the coins at the top with the bright background. A threshold from the
# surroundings of each pixel does not. The steps after it fill holes, cut thin bridges and remove
# specks.

cleaning = HoleFiller(), BinaryOpener("disk", radius=4), SmallRegionRemover(300)
one = make_pipeline(HistogramThresholdMasker(), *cleaning)
local = make_pipeline(LocalThresholdMasker(window=101, offset=-8), *cleaning)
masks = [masker.fit_transform(X)[0] for masker in (one, local)]
MaskDisplay.from_predictions([X[0]] * 2, masks, titles=["one threshold", "local thresholds"])
plt.show()

# %%
# Count
# -----
# There are 24 coins. Local thresholds find all of them.

for name, masker in {"one threshold": one, "local thresholds": local}.items():
    row = RegionStatistics(masker, statistics=("n_regions", "area", "mean")).fit_transform(X)[0]
    print(f"{name:17} {row[0]:.0f} regions, {row[1]:.0f} pixels, mean intensity {row[2]:.0f}")
