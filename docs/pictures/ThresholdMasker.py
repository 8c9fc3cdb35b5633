"""An X-ray of a leg; the mask of pixels above 32 covers the leg, the mask of pixels above 150 the
bones."""

from _show import show

from skmask import ThresholdMasker
from skmask.datasets import load_leg_xray

X = load_leg_xray().images
panels = {"X-ray": X[0]}
for threshold in (32, 150):
    panels[f"ThresholdMasker({threshold})"] = ThresholdMasker(threshold).transform(X)[0]
show(panels)
