"""Two masks of a leg X-ray and their combination: the leg without the bones."""

from _show import show

from skmask import ThresholdMasker
from skmask.datasets import load_leg_xray

X = load_leg_xray().images
a, b = ThresholdMasker(32), ThresholdMasker(150)
show(
    {
        "X-ray": X[0],
        "a": a.transform(X)[0],
        "b": b.transform(X)[0],
        "a - b": (a - b).transform(X)[0],
    }
)
