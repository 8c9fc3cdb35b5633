"""Pictures of scores, which share one true mask and four predictions."""

import numpy as np
from _show import BLUE, GREEN, ORANGE, show
from matplotlib.colors import to_rgb

from skmask import metrics


def _disk(row, column, radius):
    rows, columns = np.ogrid[:80, :120]
    return np.hypot(rows - row, columns - column) < radius


def draw_score(name):
    """Draw four predictions for one true mask, with the score of each."""
    score = getattr(metrics, name)
    options = {"tolerance": 2} if name == "surface_dice" else {}
    truth = _disk(35, 30, 17) | _disk(42, 84, 24)
    predictions = {
        "shifted": np.roll(truth, (4, 4), axis=(0, 1)),
        "too large": _disk(35, 30, 20) | _disk(42, 84, 27),
        "one missing": _disk(42, 84, 24),
        "stray region": truth | _disk(73, 8, 4),
    }
    panels = {}
    for title, mask in predictions.items():
        rgb = np.ones((*truth.shape, 3))
        rgb[mask & truth] = to_rgb(GREEN)
        rgb[mask & ~truth] = to_rgb(ORANGE)
        rgb[truth & ~mask] = to_rgb(BLUE)
        panels[f"{title}: {score(truth[None], mask[None], **options):.3g}"] = rgb
    show(panels, note="green: right, orange: too much, blue: missing")
