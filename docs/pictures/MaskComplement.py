"""Mask of the background of a leg X-ray, and its complement, the leg."""

from _show import show

from skmask import ThresholdMasker
from skmask.datasets import load_leg_xray

X = load_leg_xray().images
background = ThresholdMasker(32, foreground="dark")
show(
    {
        "X-ray": X[0],
        "background": background.transform(X)[0],
        "~background": (~background).transform(X)[0],
    }
)
