"""The mask above 32, the mask up to 150, and both together: the soft tissue of the leg without the
bones."""

from _show import show

from skmask.datasets import load_leg_xray

image = load_leg_xray().images[0]
above, below = image > 32, image <= 150
show({"image > 32": above, "image <= 150": below, "both": above & below})
