"""Mask of the bones at the ankle. Erosion removes pixels at the edge of the mask; the more
iterations, the wider the orange rim."""

from _show import changes, show
from scipy import ndimage

from skmask.datasets import load_leg_xray

bone = load_leg_xray().images[0, 1150:1550, 150:550] > 150
panels = {"bone": bone}
for iterations in (2, 6):
    after = ndimage.binary_erosion(bone, iterations=iterations, border_value=1)
    panels[f"erosion, {iterations} iterations"] = changes(bone, after)
show(panels, columns=3)
