"""Four uses of np.where with the mask of the bones: the bones on black, the image with white bones,
two colors only, and the bones on a blurred image."""

import numpy as np
from _show import show
from scipy.ndimage import gaussian_filter

from skmask.datasets import load_leg_xray

image = load_leg_xray().images[0]
bone = image > 150
show(
    {
        "bone, image, 0": np.where(bone, image, 0),
        "bone, 255, image": np.where(bone, 255, image).astype(np.uint8),
        "bone, 255, 60": np.where(bone, 255, 60).astype(np.uint8),
        "bone, image, blurred": np.where(bone, image, gaussian_filter(image, 20)),
    }
)
