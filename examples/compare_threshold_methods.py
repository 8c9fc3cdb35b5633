"""
All threshold methods on the same images
========================================

21 methods choose a threshold from the same histogram. Scores on labeled images show which one
fits.
"""

# %%
# The images
# ----------

import matplotlib.pyplot as plt

from skmask.datasets import make_masked_images
from skmask.display import MaskDisplay, compare_methods

data = make_masked_images(20, noise=15.0, random_state=0)
MaskDisplay.from_predictions(data.images[:4], data.masks[:4])

# %%
# The comparison
# --------------
# Each dot is the threshold of a method, with its Dice score. ``print`` shows the same as a table.

comparison = compare_methods(data.images, data.masks)
comparison.figure_.set_size_inches(8, 6)
print(comparison)
plt.show()
