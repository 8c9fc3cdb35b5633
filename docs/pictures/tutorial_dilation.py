"""Mask of the bones at the ankle. Dilation adds pixels around the mask; the more iterations, the
wider the blue rim."""

from _show import changes, show
from scipy import ndimage

from skmask.datasets import load_leg_xray

bone = load_leg_xray().images[0, 1150:1550, 150:550] > 150
panels = {"bone": bone}
for iterations in (2, 6):
    after = ndimage.binary_dilation(bone, iterations=iterations)
    panels[f"dilation, {iterations} iterations"] = changes(bone, after)
show(panels, columns=3)
