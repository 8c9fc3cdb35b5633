"""Two masks of a leg X-ray and their combination: brighter than the background and darker than
bone."""

from _show import show

from skmask import ThresholdMasker
from skmask.datasets import load_leg_xray

X = load_leg_xray().images
a, b = ThresholdMasker(32), ThresholdMasker(150, foreground="dark")
show(
    {
        "X-ray": X[0],
        "a": a.transform(X)[0],
        "b": b.transform(X)[0],
        "a & b": (a & b).transform(X)[0],
    }
)
