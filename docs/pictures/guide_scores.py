"""One true mask and two predictions with the same Dice score: one is slightly too large everywhere,
one has a stray blob far away, and its Hausdorff distance is several times larger."""

import numpy as np
from _show import GREEN, ORANGE, show
from matplotlib.colors import to_rgb

from skmask.metrics import dice_score, hausdorff_distance

rows, columns = np.ogrid[:100, :130]
truth = (rows - 50) ** 2 + (columns - 45) ** 2 < 30**2
wide = (rows - 50) ** 2 + (columns - 45) ** 2 < 33.3**2
n_extra = (wide & ~truth).sum()
distance = (rows - 22) ** 2 + (columns - 108) ** 2
stray = truth | (distance <= np.sort(distance, axis=None)[n_extra - 1])
panels = {}
for name, mask in {"slightly too large": wide, "stray region": stray}.items():
    rgb = np.ones((*truth.shape, 3))
    rgb[mask & truth] = to_rgb(GREEN)
    rgb[mask & ~truth] = to_rgb(ORANGE)
    pair = truth[None], mask[None]
    scores = f"Dice {dice_score(*pair):.2f}, Hausdorff distance {hausdorff_distance(*pair):.0f}"
    panels[f"{name}\n{scores}"] = rgb
show(panels, width=7.5, note="green: true and predicted, orange: predicted only")
